// Identities: one type for each, so that a site can never be passed for a person.
//
// 0 means "none" everywhere. Ids of the directory (sites, establishments, people, keys) are given
// by the directory and never reused. Nothing here knows what an id stands for.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace vigie {

/// A number with a meaning. `Tag` keeps kinds apart; ordered, so that it can be a map's key.
template <class Tag, class Rep>
struct Strong {
  using rep = Rep;
  Rep value{};
  constexpr auto operator<=>(const Strong&) const = default;
  /// True unless this is the "none" value 0.
  constexpr explicit operator bool() const { return value != Rep{}; }
};

using SiteId = Strong<struct SiteTag, std::uint16_t>;                    ///< A guard centre.
using EstablishmentId = Strong<struct EstablishmentTag, std::uint32_t>;  ///< A hospital.
using LegalEntityId = Strong<struct LegalEntityTag, std::uint32_t>;      ///< Its legal entity.
using PersonId = Strong<struct PersonTag, std::uint32_t>;                ///< Person or system.
using KeyId = Strong<struct KeyTag, std::uint32_t>;            ///< A key of the directory.
using GroupId = Strong<struct GroupTag, std::uint16_t>;        ///< Provider group.
using AreaId = Strong<struct AreaTag, std::uint16_t>;          ///< A part of the country.
using CalendarId = Strong<struct CalendarTag, std::uint16_t>;  ///< Guard calendar.
using SessionId = Strong<struct SessionTag, std::uint64_t>;    ///< Chosen by the client at random.
using Incarnation = Strong<struct IncarnationTag, std::uint32_t>;  ///< 1 at the first Attach.
using RequestNo = Strong<struct RequestNoTag, std::uint64_t>;      ///< 1, 2, ... per incarnation.
using ExamId = Strong<struct ExamTag, std::uint64_t>;              ///< See exam_number.hpp.
using LogIndex = Strong<struct LogIndexTag, std::uint64_t>;        ///< 1 is the first entry.
using Term = Strong<struct TermTag, std::uint64_t>;                ///< Raft term.
using BootCount = Strong<struct BootTag, std::uint32_t>;           ///< Starts of one data folder.
using ReportId = Strong<struct ReportTag, std::uint64_t>;          ///< Made by the reader's client.
using ReportVersion = Strong<struct VersionTag, std::uint16_t>;    ///< 1 is the first signed text.
using Level = Strong<struct LevelTag, std::uint16_t>;              ///< Schema gate of the room.

/// A CURVE public key, as bytes.
using PublicKey = std::array<std::uint8_t, 32>;

/// 128 bits that name something: a keyed hash, a digest, an instance.
struct Bits128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  constexpr auto operator<=>(const Bits128&) const = default;
  constexpr explicit operator bool() const { return high != 0 || low != 0; }
};

/// A node's data folder: drawn once when it is made, never copied.
using InstanceId = Bits128;
/// HMAC(legal entity, patient number): the only patient identity in clear, for bundling and priors.
using PatientKey = Bits128;

/// The fencing epoch of an assignment (design D4). Compared for equality only.
/// origin 0: `index` is the log index of the assignment; else the island's instance.
struct Epoch {
  std::uint64_t origin = 0;
  std::uint64_t index = 0;
  constexpr bool operator==(const Epoch&) const = default;
};

template <class Tag, class Rep>
constexpr Strong<Tag, Rep> next(Strong<Tag, Rep> id) {
  return {static_cast<Rep>(id.value + 1)};
}
template <class Tag, class Rep>
constexpr Strong<Tag, Rep> previous(Strong<Tag, Rep> id) {
  return {static_cast<Rep>(id.value - 1)};
}

/// 32 lower-case hexadecimal signs.
std::string to_hex(const Bits128& bits);

}  // namespace vigie

template <class Tag, class Rep>
struct std::hash<vigie::Strong<Tag, Rep>> {
  std::size_t operator()(vigie::Strong<Tag, Rep> id) const { return std::hash<Rep>{}(id.value); }
};
