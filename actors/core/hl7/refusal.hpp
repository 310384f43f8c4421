// What can never be taken: a code of HL7 table 0357, a place for ERR-2, a French sentence for the
// hospital's screen. Everything of this module that reads a message ends in a value or in a
// Refusal.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "messages/types/assert.hpp"

namespace vigie::hl7 {

/// HL7 table 0357, the codes that Vigie uses.
enum class ErrorCode : std::uint16_t {
  segment_sequence = 100,
  required_field = 101,
  data_type = 102,
  table_value = 103,
  message_type = 200,
  event_code = 201,
  processing_id = 202,
  version_id = 203,
  unknown_key = 204,
};

/// A place in a message, numbered from 1; 0 means "the whole".
struct Place {
  std::string segment;
  int occurrence = 1;
  int field = 0;
  int repetition = 0;
  int component = 0;
  /// As ERR-2 (ERL) says it with `separator`: "ORC^1^2"; empty without a segment.
  std::string text(char separator = '^') const;
  bool operator==(const Place&) const = default;
};

/// Answered AE: sending the same message again cannot succeed.
struct Refusal {
  ErrorCode code = ErrorCode::segment_sequence;
  Place place;
  std::string text;  ///< French, never a patient's data
};

/// A value, or why there is none. The twin of Result for what a hospital must be told.
template <class T>
class [[nodiscard]] Checked {
 public:
  Checked(T value) : content_(std::in_place_index<0>, std::move(value)) {}            // NOLINT
  Checked(Refusal refusal) : content_(std::in_place_index<1>, std::move(refusal)) {}  // NOLINT
  explicit operator bool() const { return content_.index() == 0; }
  const T& value() const& { return VIGIE_ASSERT(content_.index() == 0), std::get<0>(content_); }
  T& value() & { return VIGIE_ASSERT(content_.index() == 0), std::get<0>(content_); }
  T&& value() && { return VIGIE_ASSERT(content_.index() == 0), std::get<0>(std::move(content_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const Refusal& refusal() const {
    return VIGIE_ASSERT(content_.index() == 1), std::get<1>(content_);
  }

 private:
  std::variant<T, Refusal> content_;
};

}  // namespace vigie::hl7
