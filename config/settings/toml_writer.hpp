// Writes `key = value` lines, one kind of value a function. What it writes, TableReader reads.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings/values.hpp"

namespace vigie::settings {

class TomlWriter {
 public:
  /// `# text`.
  TomlWriter& comment(std::string_view text) { return line("# " + std::string(text)); }
  TomlWriter& blank() { return line(""); }
  TomlWriter& header(std::string_view name) { return blank().line("[" + std::string(name) + "]"); }
  TomlWriter& item(std::string_view name) { return blank().line("[[" + std::string(name) + "]]"); }
  TomlWriter& text(std::string_view key, std::string_view value, std::string_view why = "") {
    return pair(key, in_quotes(value), why);
  }
  /// Nothing when `value` is empty.
  TomlWriter& text_if(std::string_view key, std::string_view value) {
    return value.empty() ? *this : text(key, value);
  }
  TomlWriter& number(std::string_view key, std::integral auto value, std::string_view why = "") {
    return pair(key, std::to_string(value), why);
  }
  TomlWriter& boolean(std::string_view key, bool value) {
    return pair(key, value ? "true" : "false", "");
  }
  /// `key = { content }`.
  TomlWriter& table(std::string_view key, const std::string& content) {
    return pair(key, "{ " + content + " }", "");
  }
  /// `key = [{ content }, ...]`; nothing when there are none.
  TomlWriter& tables_if(std::string_view key, const std::vector<std::string>& contents) {
    std::string all;
    for (const std::string& one : contents) all += (all.empty() ? "{ " : ", { ") + one + " }";
    return contents.empty() ? *this : pair(key, '[' + all + ']', "");
  }
  static std::string list_text(const std::vector<std::string>& values) {
    std::string all;
    for (const std::string& value : values) all += (all.empty() ? "" : ", ") + in_quotes(value);
    return '[' + all + ']';
  }
  TomlWriter& list(std::string_view key, const std::vector<std::string>& values) {
    return pair(key, list_text(values), "");
  }
  TomlWriter& list_if(std::string_view key, const std::vector<std::string>& values) {
    return values.empty() ? *this : list(key, values);
  }
  TomlWriter& date(std::string_view key, UtcTime value) { return pair(key, date_text(value), ""); }
  TomlWriter& moment(std::string_view key, UtcTime value) {
    return pair(key, moment_text(value), "");
  }
  const std::string& str() const { return out_; }

 private:
  TomlWriter& line(const std::string& text) {
    out_ += text + '\n';
    return *this;
  }
  TomlWriter& pair(std::string_view key, const std::string& value, std::string_view why) {
    const std::string note = why.empty() ? "" : "  # " + std::string(why);
    return line(std::string(key) + " = " + value + note);
  }
  std::string out_;
};

}  // namespace vigie::settings
