// The log: one event a line, on standard error.
//
//   2026-03-01T21:14:07.123Z info exam_ready site=lyon exam=MRS-7K2Q index=81204
//
// stamp (UTC), level, name of the event, then key=value. Values are ids and codes, never a
// patient's data. A value can neither end its line nor pretend to be another key: see log_value().
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"
#include "messages/types/time.hpp"

namespace vigie::telemetry {

/// debug: for a developer. info: a node's life, rare. warning: look at it in the morning.
/// error: somebody must act.
enum class LogLevel : std::uint8_t { debug, info, warning, error, off };

/// @return true and sets `out` when `name` is debug, info, warning, error or off.
bool log_level_of(std::string_view name, LogLevel& out);

/// One `key=value`. Made without allocation; refers to the text it was given, so use it in the same
/// expression only.
class Field {
 public:
  Field(std::string_view key, std::string_view value) : key_(key), text_(value) {}
  Field(std::string_view key, const char* value) : key_(key), text_(value) {}
  Field(std::string_view key, const std::string& value) : key_(key), text_(value) {}
  Field(std::string_view key, bool value) : key_(key), text_(value ? "true" : "false") {}
  Field(std::string_view key, Errc value) : key_(key), text_(errc_name(value)) {}
  Field(std::string_view key, std::signed_integral auto value)
      : key_(key), number_(static_cast<std::uint64_t>(value)), kind_(Kind::signed_number) {}
  Field(std::string_view key, std::unsigned_integral auto value)
      : key_(key), number_(value), kind_(Kind::unsigned_number) {}
  template <class Tag, class Rep>
  Field(std::string_view key, Strong<Tag, Rep> value)
      : key_(key), number_(value.value), kind_(Kind::unsigned_number) {}
  Field(std::string_view key, Millis value) : Field(key, value.value) {}
  /// Appends ` key=value` to `line`.
  void append_to(std::string& line) const;

 private:
  enum class Kind : std::uint8_t { text, signed_number, unsigned_number };
  std::string_view key_;
  std::string_view text_;
  std::uint64_t number_ = 0;
  Kind kind_ = Kind::text;
};

/// Sets the level and the centre's name, which every later line carries as `site=`. Empty: none.
/// Before it the level is info. Call once, before threads start.
void start_log(LogLevel level, std::string site);

/// Is a line of this level written? One relaxed load: ask before computing something costly.
bool log_enabled(LogLevel level);

/// Writes one line, or does nothing when the level is not enabled. Any thread; lines do not mix.
/// @param name Of the event, past tense or noun: a literal `[a-z_]+`.
void log(LogLevel level, std::string_view name, std::initializer_list<Field> fields = {});

inline void log_debug(std::string_view name, std::initializer_list<Field> fields = {}) {
  log(LogLevel::debug, name, fields);
}
inline void log_info(std::string_view name, std::initializer_list<Field> fields = {}) {
  log(LogLevel::info, name, fields);
}
inline void log_warning(std::string_view name, std::initializer_list<Field> fields = {}) {
  log(LogLevel::warning, name, fields);
}
inline void log_error(std::string_view name, std::initializer_list<Field> fields = {}) {
  log(LogLevel::error, name, fields);
}

/// A value as it stands in a line. Plain when it is 1 to 512 printable ASCII signs without blank,
/// quote, backslash or '='; else in double quotes, where quote and backslash are escaped by a
/// backslash, newline, return and tab are \n \r \t, and every other byte outside printable ASCII is
/// \xHH. Bytes after the 512th are cut; "..." after the closing quote says so.
std::string log_value(std::string_view value);

/// What log() writes after stamp and level: `name site=... key=value ...`.
std::string log_line(std::string_view name, std::string_view site,
                     std::initializer_list<Field> fields);

}  // namespace vigie::telemetry
