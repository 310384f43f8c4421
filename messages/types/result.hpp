// Expected failures are values. Errc is the one catalogue: numbers are stable on the wire and never
// reused; a code exists only if whoever receives it can act on it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "messages/types/assert.hpp"

namespace vigie {

/// Why something was refused or failed. What to do about each: errc_info().
enum class Errc : std::uint16_t {
  ok = 0,
  // What was sent (1..19): sending the same again cannot succeed.
  malformed = 1,
  too_large = 2,
  wrong_version = 3,
  unauthorised = 4,
  unknown_key = 5,
  wrong_federation = 6,
  unknown_command = 7,
  level_too_low = 8,
  bad_value = 9,
  duplicate_site = 10,
  // What the room answers (20..49): nothing was changed.
  stale = 20,
  superseded = 21,
  request_reused = 22,
  old_request = 23,
  retry_from = 24,
  no_session = 25,
  unknown_exam = 26,
  wrong_state = 27,
  not_holder = 28,
  not_eligible = 29,
  site_full = 30,
  unknown_establishment = 31,
  modality_excluded = 32,
  limit_reached = 33,
  already_final = 34,
  unknown_protocol = 35,
  acquisition_begun = 36,
  busy_reader = 37,
  unknown_person = 38,
  gap = 39,
  unknown_key_order = 40,
  // Not now (50..69): try again, with the same request number.
  no_leader = 50,
  busy = 51,
  stopping = 52,
  timeout = 53,
  unreachable = 54,
  // This machine (70..89): for the one who runs the site.
  disk_full = 70,
  io_error = 71,
  corrupt = 72,
  foreign_folder = 73,
  locked = 74,
  port_in_use = 75,
  bad_configuration = 76,
  not_found = 77,
  quarantined = 78,
  apply_halted = 79,
};

/// A code's name, text and advice, for logs, the wire's documentation and people.
struct ErrcInfo {
  Errc code;
  std::string_view name;    ///< stable, for logs and JSON
  std::string_view text;    ///< what was wrong
  std::string_view advice;  ///< what the receiver does
};

/// Total: an unknown number gives a generic entry with that number.
ErrcInfo errc_info(Errc code);
inline std::string_view errc_name(Errc code) { return errc_info(code).name; }

/// A code and what it was about (place, value, expectation); never a patient's data.
struct Error {
  Errc code = Errc::ok;
  std::string what;
};

/// A value or an Error. Like std::expected, which g++ 12 lacks.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : content_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: by design
  Result(Error error) : content_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  explicit operator bool() const { return content_.index() == 0; }
  const T& value() const& { return VIGIE_ASSERT(content_.index() == 0), std::get<0>(content_); }
  T& value() & { return VIGIE_ASSERT(content_.index() == 0), std::get<0>(content_); }
  T&& value() && { return VIGIE_ASSERT(content_.index() == 0), std::get<0>(std::move(content_)); }
  const T& operator*() const& { return value(); }
  T& operator*() & { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  const T* operator->() const { return &value(); }
  T* operator->() { return &value(); }
  const Error& error() const { return VIGIE_ASSERT(content_.index() == 1), std::get<1>(content_); }

 private:
  std::variant<T, Error> content_;
};

/// Success, or an Error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: by design
  explicit operator bool() const { return !error_; }
  const Error& error() const { return VIGIE_ASSERT(error_.has_value()), *error_; }

 private:
  std::optional<Error> error_;
};

}  // namespace vigie
