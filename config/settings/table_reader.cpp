#include "config/settings/table_reader.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace vigie::settings {
namespace {

constexpr std::size_t shown_bytes_max = 80;

unsigned line_number(const toml::node& node) {
  return std::max(1u, static_cast<unsigned>(node.source().begin.line));
}

std::string shown_text(std::string_view text) {
  if (text.size() <= shown_bytes_max) return in_quotes(text);
  return in_quotes(text.substr(0, shown_bytes_max)) + "...";
}

std::string shown_node(const toml::node& node) {
  if (const auto text = node.value_exact<std::string>()) return shown_text(*text);
  if (node.is_table()) return "a table";
  if (node.is_array_of_tables()) return "an array of tables";
  if (const auto* array = node.as_array()) return "a list of " + std::to_string(array->size());
  std::ostringstream out;
  node.visit([&](const auto& value) {
    if constexpr (toml::is_value<decltype(value)>) out << value.get();
  });
  if (node.is_boolean()) return *node.value<bool>() ? "true" : "false";
  return out.str();
}

bool is_text(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

const toml::node* TableReader::find(Key key, std::string_view allowed) {
  asked_.emplace_back(key.name);
  const toml::node* node = table_.get(key.name);
  if (!node && key.required) problem(key.name, "nothing", allowed);
  return node;
}

bool TableReader::refuse(std::string_view key, const toml::node& node,
                         std::string_view allowed) const {
  problems_.add(line_number(node), full(key), shown_node(node), allowed);
  return false;
}

std::string TableReader::full(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + '.' + std::string(key);
}

unsigned TableReader::line_of(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return line_number(node ? *node : table_);
}

std::map<std::string, unsigned, std::less<>> TableReader::lines() const {
  std::map<std::string, unsigned, std::less<>> all;
  for (const std::string& key : asked_) all.emplace(key, line_of(key));
  return all;
}

void TableReader::problem(std::string_view key, std::string_view got,
                          std::string_view allowed) const {
  problems_.add(line_of(key), full(key), got, allowed);
}

std::string TableReader::shown(std::string_view key) const {
  const toml::node* node = table_.get(key);
  return node ? shown_node(*node) : "nothing";
}

void TableReader::finish() const {
  std::vector<std::string> allowed = asked_;
  std::sort(allowed.begin(), allowed.end());
  std::string list;
  for (const std::string& key : allowed) list += (list.empty() ? "" : ", ") + key;
  for (const auto& [key, node] : table_) {
    if (std::binary_search(allowed.begin(), allowed.end(), std::string(key.str()))) continue;
    const auto line = std::max(1u, static_cast<unsigned>(key.source().begin.line));
    problems_.add(line, full(key.str()), "an unknown key", list);
  }
}

bool TableReader::integer64(Key key, std::int64_t& out, std::int64_t min, std::int64_t max,
                            std::string_view unit) {
  std::string allowed = "a whole number, " + std::to_string(min) + " to " + std::to_string(max);
  if (!unit.empty()) allowed += ' ' + std::string(unit);
  const toml::node* node = find(key, allowed);
  if (!node) return false;
  const auto value = node->value_exact<std::int64_t>();
  if (!value || *value < min || *value > max) return refuse(key.name, *node, allowed);
  out = *value;
  return true;
}

bool TableReader::boolean(Key key, bool& out) {
  constexpr std::string_view allowed = "true, false";
  const toml::node* node = find(key, allowed);
  if (!node) return false;
  const auto value = node->value_exact<bool>();
  if (!value) return refuse(key.name, *node, allowed);
  out = *value;
  return true;
}

bool TableReader::text(Key key, std::string& out, std::size_t min, std::size_t max) {
  const std::string allowed = "a text of " + std::to_string(min) + " to " + std::to_string(max) +
                              " bytes without control signs";
  return parsed(key, out, allowed, [=](std::string_view text) -> std::optional<std::string> {
    if (text.size() < min || text.size() > max || !is_text(text)) return std::nullopt;
    return std::string(text);
  });
}

bool TableReader::name(Key key, std::string& out) {
  return parsed(key, out, "1 to 32 of a-z, 0-9 and -",
                [](std::string_view text) -> std::optional<std::string> {
                  return is_name(text) ? std::optional<std::string>(text) : std::nullopt;
                });
}

bool TableReader::duration(Key key, Millis& out, Millis min, Millis max) {
  const std::string allowed = in_quotes(duration_text(min)) + " to " +
                              in_quotes(duration_text(max)) +
                              " (a whole number of ms, s, min or h)";
  return parsed(key, out, allowed, [=](std::string_view text) {
    const auto value = parse_duration(text);
    return value && *value >= min && *value <= max ? value : std::nullopt;
  });
}

bool TableReader::date(Key key, UtcTime& out) {
  constexpr std::string_view allowed = "a day of 1970 to 9999, without quotes: 2026-11-22";
  const toml::node* node = find(key, allowed);
  if (!node) return false;
  const auto day = node->value_exact<toml::date>();
  const auto midnight = day ? utc_midnight(day->year, day->month, day->day) : std::nullopt;
  if (!midnight) return refuse(key.name, *node, allowed);
  out = *midnight;
  return true;
}

bool TableReader::moment(Key key, UtcTime& out) {
  constexpr std::string_view allowed =
      "a minute with its offset from UTC, without quotes: 2026-11-22T18:00:00+01:00";
  const toml::node* node = find(key, allowed);
  if (!node) return false;
  const auto said = node->value_exact<toml::date_time>();
  const auto midnight =
      said ? utc_midnight(said->date.year, said->date.month, said->date.day) : std::nullopt;
  const bool is_whole =
      midnight && said->offset && said->time.second == 0 && said->time.nanosecond == 0;
  if (!is_whole) return refuse(key.name, *node, allowed);
  out = *midnight + 1_h * said->time.hour + 1_min * (said->time.minute - said->offset->minutes);
  return true;
}

bool TableReader::size(Key key, std::uint64_t& out, std::uint64_t min, std::uint64_t max) {
  const std::string allowed = in_quotes(size_text(min)) + " to " + in_quotes(size_text(max)) +
                              " (a whole number of KiB, MiB or GiB)";
  return parsed(key, out, allowed, [=](std::string_view text) {
    const auto value = parse_size(text);
    return value && *value >= min && *value <= max ? value : std::nullopt;
  });
}

bool TableReader::connect(Key key, Endpoint& out) {
  return parsed(key, out, "\"HOST:PORT\", HOST a name or an IPv4 address, PORT 1 to 65535",
                [](std::string_view text) { return parse_connect(text); });
}

bool TableReader::listen(Key key, Endpoint& out, bool any_port) {
  return parsed(
      key, out,
      any_port ? "\"IPV4:PORT\", PORT 0 (any free one) to 65535" : "\"IPV4:PORT\", PORT 1 to 65535",
      [=](std::string_view text) { return parse_listen(text, any_port); });
}

bool TableReader::public_key(Key key, PublicKey& out) {
  return parsed(
      key, out,
      "a public key as `vigie key new` prints it (40 signs Z85), or 64 hexadecimal digits",
      [](std::string_view text) { return parse_public_key(text); });
}

bool TableReader::path(Key key, std::filesystem::path& out) {
  return parsed(key, out, "a path of 1 to 1024 bytes",
                [&](std::string_view text) -> std::optional<std::filesystem::path> {
                  if (text.empty() || text.size() > 1024 || !is_text(text)) return std::nullopt;
                  return (folder_ / std::filesystem::path(text)).lexically_normal();
                });
}

bool TableReader::file(Key key, std::filesystem::path& out, FileKind kind) {
  const std::string allowed = kind == FileKind::secret
                                  ? "a file that is there, open to its owner only (mode 0600)"
                                  : "a file that is there and can be read";
  std::filesystem::path found;
  if (!path(key, found)) return false;
  struct stat status {};
  std::string wrong;
  if (stat(found.c_str(), &status) != 0) {
    wrong = std::strerror(errno);
  } else if (!S_ISREG(status.st_mode)) {
    wrong = "not a file";
  } else if (access(found.c_str(), R_OK) != 0) {
    wrong = std::strerror(errno);
  } else if (kind == FileKind::secret && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    wrong = "open to group or others";
  }
  if (!wrong.empty()) {
    problem(key.name, shown(key.name) + " (" + found.string() + ": " + wrong + ")", allowed);
    return false;
  }
  out = found;
  return true;
}

void TableReader::tables(Key key, std::size_t count_max,
                         const std::function<void(TableReader&)>& read) {
  const std::string name(key.name);
  const std::string allowed = "up to " + std::to_string(count_max) + " tables [[" + name + "]]";
  const toml::node* node = find(key, allowed);
  if (!node) return;
  const toml::array* array = node->as_array();
  if (!array || (!array->empty() && !array->is_homogeneous(toml::node_type::table)) ||
      array->size() > count_max) {
    refuse(key.name, *node, allowed);
    return;
  }
  std::size_t number = 0;
  for (const toml::node& item : *array) {
    TableReader reader(*item.as_table(), full(key.name) + '[' + std::to_string(++number) + ']',
                       folder_, problems_);
    read(reader);
    reader.finish();
  }
}

void TableReader::table(Key key, const std::function<void(TableReader&)>& read) {
  const std::string allowed = "a table [" + std::string(key.name) + ']';
  const toml::node* node = find(key, allowed);
  if (!node) return;
  const toml::table* table = node->as_table();
  if (!table) {
    refuse(key.name, *node, allowed);
    return;
  }
  TableReader reader(*table, full(key.name), folder_, problems_);
  read(reader);
  reader.finish();
}

std::vector<std::string> TableReader::keys() {
  std::vector<std::pair<toml::source_position, std::string>> found;
  for (const auto& [key, node] : table_) {
    found.emplace_back(key.source().begin, std::string(key.str()));
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  for (auto& [at, name] : found) names.push_back(std::move(name));
  return names;
}

Result<void> read_toml(Problems& problems, const std::function<void(TableReader&)>& read) {
  std::error_code failed;
  const bool is_folder = std::filesystem::is_directory(problems.file(), failed);
  std::ifstream file(problems.file());
  if (!file || is_folder) {
    return Error{Errc::not_found, problems.file() + ": cannot be read: " +
                                      (is_folder ? "it is a folder" : std::strerror(errno))};
  }
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  try {
    const toml::table root = toml::parse(text, problems.file());
    TableReader reader(root, "", std::filesystem::path(problems.file()).parent_path(), problems);
    read(reader);
    reader.finish();
  } catch (const toml::parse_error& error) {
    problems.add(std::max(1u, static_cast<unsigned>(error.source().begin.line)), "syntax",
                 error.description(), "TOML 1.0");
  }
  if (problems.any()) return problems.error();
  return {};
}

}  // namespace vigie::settings
