// Reads one TOML table key by key, with bounds, into a struct that already holds the defaults.
//
// Every key has to be asked for: what nobody asked for is an unknown key, and a problem. A value
// that is not allowed is a problem and leaves the default, so that one run finds all problems of a
// file. Only the sources of this module include this header: it shows toml++.
#pragma once

#include <toml++/toml.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/settings/problems.hpp"
#include "config/settings/values.hpp"
#include "messages/types/time.hpp"

namespace vigie::settings {

/// A key, and whether its absence is a problem.
struct Key {
  Key(const char* key) : name(key) {}  // NOLINT: "port" reads best
  std::string_view name;
  bool required = false;
};
inline Key required(const char* name) {
  Key key(name);
  key.required = true;
  return key;
}

/// What a file that a key names has to be.
enum class FileKind : std::uint8_t { readable, secret };

class TableReader {
 public:
  /// @param path Of the table, for problems: "" for the root, "peer[2]" for the second [[peer]].
  TableReader(const toml::table& table, std::string path, std::filesystem::path folder,
              Problems& problems)
      : table_(table), path_(std::move(path)), folder_(std::move(folder)), problems_(problems) {}
  TableReader(const TableReader&) = delete;
  TableReader& operator=(const TableReader&) = delete;

  // Each returns true when the key was there and good; then `out` holds its value.

  /// A string that `parse` (string_view -> optional<T>) accepts. `allowed` is said when it does
  /// not.
  template <class T, class Parse>
  bool parsed(Key key, T& out, std::string_view allowed, Parse parse) {
    const toml::node* node = find(key, allowed);
    if (!node) return false;
    if (const auto text = node->value_exact<std::string>()) {
      if (auto value = parse(std::string_view(*text))) {
        out = std::move(*value);
        return true;
      }
    }
    return refuse(key.name, *node, allowed);
  }
  /// An array of strings, each as in parsed(); `size_min` to `size_max` of them.
  template <class T, class Parse>
  bool list(Key key, std::vector<T>& out, std::size_t size_min, std::size_t size_max,
            std::string_view allowed, Parse parse) {
    const std::string all = "a list of " + std::to_string(size_min) + " to " +
                            std::to_string(size_max) + ", each " + std::string(allowed);
    const toml::node* node = find(key, all);
    if (!node) return false;
    const toml::array* array = node->as_array();
    if (!array || array->size() < size_min || array->size() > size_max) {
      return refuse(key.name, *node, all);
    }
    std::vector<T> values;
    for (const toml::node& item : *array) {
      const auto text = item.value_exact<std::string>();
      auto value = text ? parse(std::string_view(*text)) : decltype(parse(std::string_view{})){};
      if (!value) return refuse(key.name, item, allowed);
      values.push_back(std::move(*value));
    }
    out = std::move(values);
    return true;
  }
  /// One of a few names.
  template <class Enum>
  bool choice(Key key, Enum& out,
              std::initializer_list<std::pair<std::string_view, Enum>> choices) {
    std::string allowed;
    for (const auto& [name, value] : choices) {
      allowed += (allowed.empty() ? "" : ", ") + in_quotes(name);
    }
    return parsed(key, out, allowed, [&](std::string_view text) -> std::optional<Enum> {
      for (const auto& [name, value] : choices) {
        if (name == text) return value;
      }
      return std::nullopt;
    });
  }
  /// A whole number, `min` to `max`; `unit` is only said.
  template <class Int>
  bool integer(Key key, Int& out, Int min, Int max, std::string_view unit = "") {
    std::int64_t value = 0;
    if (!integer64(key, value, static_cast<std::int64_t>(min), static_cast<std::int64_t>(max),
                   unit)) {
      return false;
    }
    out = static_cast<Int>(value);
    return true;
  }
  /// A number that names something, 1 to `max`.
  template <class Id>
  bool id(Key key, Id& out, std::int64_t max = std::numeric_limits<std::int32_t>::max()) {
    return integer<typename Id::rep>(key, out.value, 1, static_cast<typename Id::rep>(max));
  }
  bool boolean(Key key, bool& out);
  /// A text of `min` to `max` bytes without control signs.
  bool text(Key key, std::string& out, std::size_t min, std::size_t max);
  /// A name: values.hpp, is_name().
  bool name(Key key, std::string& out);
  bool duration(Key key, Millis& out, Millis min, Millis max);
  /// A TOML local date, 1970 to 9999: its midnight in UTC.
  bool date(Key key, UtcTime& out);
  /// A TOML offset date-time of these years, to the minute.
  bool moment(Key key, UtcTime& out);
  bool size(Key key, std::uint64_t& out, std::uint64_t min, std::uint64_t max);
  /// Where to connect to.
  bool connect(Key key, Endpoint& out);
  /// What to listen on.
  bool listen(Key key, Endpoint& out, bool any_port = false);
  bool public_key(Key key, PublicKey& out);
  /// A path; relative ones begin at the configuration file's folder.
  bool path(Key key, std::filesystem::path& out);
  /// A path to a file that is there; a secret one must not be open to group or others.
  bool file(Key key, std::filesystem::path& out, FileKind kind);

  /// Calls `read` for each table of `[[key]]`, then reports its unknown keys.
  void tables(Key key, std::size_t count_max, const std::function<void(TableReader&)>& read);
  /// Calls `read` for `[key]` if it is there, then reports its unknown keys.
  void table(Key key, const std::function<void(TableReader&)>& read);
  /// Accepts any key: for tables whose keys are names. All keys, in the file's order.
  std::vector<std::string> keys();

  bool has(std::string_view key) const { return table_.contains(key); }
  /// Where each key that was asked for stands, or the table for those that are absent.
  std::map<std::string, unsigned, std::less<>> lines() const;
  /// Adds a problem at this key (at the table, if it is absent).
  void problem(std::string_view key, std::string_view got, std::string_view allowed) const;
  /// The key's value as problems show it; "nothing" if absent.
  std::string shown(std::string_view key) const;
  /// Adds a problem for each key that was not asked for. Called for the tables that table() and
  /// tables() make, and by read_toml() for the root.
  void finish() const;

 private:
  const toml::node* find(Key key, std::string_view allowed);
  bool refuse(std::string_view key, const toml::node& node, std::string_view allowed) const;
  bool integer64(Key key, std::int64_t& out, std::int64_t min, std::int64_t max,
                 std::string_view unit);
  std::string full(std::string_view key) const;
  unsigned line_of(std::string_view key) const;

  const toml::table& table_;
  std::string path_;
  std::filesystem::path folder_;
  Problems& problems_;
  std::vector<std::string> asked_;
};

/// Parses `problems.file()` and calls `read` with its root; a syntax error is a problem.
/// @errors Errc::not_found: the file cannot be read. Errc::bad_configuration: there are problems,
/// also those that `read` added.
Result<void> read_toml(Problems& problems, const std::function<void(TableReader&)>& read);

}  // namespace vigie::settings
