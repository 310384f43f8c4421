// Private to the codec: single fields, in both directions. What comes in is bounded here, by the
// limits that the schema states; what goes out is taken as it is.
#pragma once

#include <capnp/blob.h>
#include <capnp/list.h>

#include <cstddef>
#include <string>
#include <vector>

#include "messages/codec/frame_view.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/limits.hpp"
#include "messages/types/result.hpp"

namespace vigie::codec {

// Bounds of the schema that only the codec knows.
inline constexpr std::size_t details_bytes = 1024;       ///< texts for people, procedure codes
inline constexpr std::size_t messages_per_frame = 4096;  ///< of a batch, of any kind
inline constexpr std::size_t events_per_message = 4096;
inline constexpr std::size_t entries_per_append = 65'536;
inline constexpr std::size_t sites_count = 64;
inline constexpr std::size_t agreements_count = 1024;
inline constexpr std::size_t directory_items_count = 8192;
inline constexpr std::size_t areas_count = 1024;
inline constexpr std::size_t recipients_count = 16;
inline constexpr std::size_t recourses_count = 16;
inline constexpr std::size_t posts_count = 1024;
inline constexpr std::size_t privileges_count = 16;  ///< of a person, and qualifications

/// True for well-formed UTF-8 (RFC 3629: no overlong form, no surrogate).
bool is_utf8(const char* text, std::size_t size);

// Out.

inline capnp::Text::Reader text(const std::string& s) { return {s.c_str(), s.size()}; }
inline capnp::Data::Reader data(const std::string& s) {
  return {reinterpret_cast<const capnp::byte*>(s.data()), s.size()};
}
inline capnp::Data::Reader data(const PublicKey& key) { return {key.data(), key.size()}; }
template <class Items>
unsigned count(const Items& items) {
  return static_cast<unsigned>(items.size());
}
/// An enumerator as the schema's: numbers are the same, which the tests check one by one.
template <class SchemaEnum, class Enum>
SchemaEnum number(Enum value) {
  return static_cast<SchemaEnum>(static_cast<std::uint16_t>(value));
}
inline void write_texts(const std::vector<std::string>& from,
                        capnp::List<capnp::Text>::Builder to) {
  for (unsigned i = 0; i < to.size(); ++i) to.set(i, text(from[i]));
}
template <class Id, class List>
void write_ids(const std::vector<Id>& from, List to) {
  for (unsigned i = 0; i < to.size(); ++i) to.set(i, from[i].value);
}
template <class T, class List, class Write>
void write_list(const std::vector<T>& from, List to, Write write_item) {
  for (unsigned i = 0; i < to.size(); ++i) write_item(from[i], to[i]);
}
template <class Group>
void write_epoch(const Epoch& from, Group to) {
  to.setOrigin(from.origin);
  to.setIndex(from.index);
}
template <class Group>
void write_bits(const Bits128& from, Group to) {
  to.setHigh(from.high);
  to.setLow(from.low);
}

// In. `field` is its name in the schema, for the Error.

/// @throws Refused too_large beyond `max` bytes, bad_value when it is not UTF-8.
std::string take_text(capnp::Text::Reader from, std::size_t max, const char* field);
inline std::string take_name(capnp::Text::Reader from, const char* field) {
  return take_text(from, limits::name_bytes, field);
}
/// @throws Refused too_large beyond `max` bytes.
std::string take_data(capnp::Data::Reader from, std::size_t max, const char* field);
/// @throws Refused bad_value unless it has 32 bytes.
PublicKey take_key(capnp::Data::Reader from, const char* field);

/// An enumerator; one beyond `last` is `otherwise`.
template <class Enum, class SchemaEnum>
Enum take_enum(SchemaEnum from, Enum last, Enum otherwise) {
  const auto value = static_cast<std::uint16_t>(from);
  return value <= static_cast<std::uint16_t>(last) ? static_cast<Enum>(value) : otherwise;
}
/// An enumerator that has no "unknown". @throws Refused bad_value beyond `last`.
template <class Enum, class SchemaEnum>
Enum need_enum(SchemaEnum from, Enum last, const char* field) {
  const auto value = static_cast<std::uint16_t>(from);
  if (value > static_cast<std::uint16_t>(last)) throw Refused{Errc::bad_value, field};
  return static_cast<Enum>(value);
}

/// Its size. @throws Refused too_large beyond `max` items.
template <class List>
unsigned bounded(const List& list, std::size_t max, const char* field) {
  if (list.size() > max) throw Refused{Errc::too_large, field};
  return list.size();
}
inline void read_texts(capnp::List<capnp::Text>::Reader from, std::size_t max, const char* field,
                       std::vector<std::string>& to) {
  to.reserve(bounded(from, max, field));
  for (auto item : from) to.push_back(take_name(item, field));
}
template <class List, class Id>
void read_ids(List from, std::size_t max, const char* field, std::vector<Id>& to) {
  to.reserve(bounded(from, max, field));
  for (auto item : from) to.push_back(Id{item});
}
/// Grows as it reads, so that a list which lies about its size costs what its frame weighs.
template <class List, class T, class Read>
void read_list(List from, std::size_t max, const char* field, std::vector<T>& to, Read read_item) {
  bounded(from, max, field);
  for (auto item : from) read_item(item, to.emplace_back());
}
template <class Group>
Epoch take_epoch(Group from) {
  return {from.getOrigin(), from.getIndex()};
}
template <class Group>
Bits128 take_bits(Group from) {
  return {from.getHigh(), from.getLow()};
}

}  // namespace vigie::codec
