#include "ops/telemetry/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>

namespace vigie::telemetry {
namespace {

constexpr std::size_t value_bytes_max = 512;
constexpr std::array<std::string_view, 5> level_names = {"debug", "info", "warning", "error",
                                                         "off"};

std::atomic<LogLevel> enabled_from{LogLevel::info};

std::string& site_name() {
  static std::string name;
  return name;
}

spdlog::logger& sink() {
  static const std::unique_ptr<spdlog::logger> logger = [] {
    auto made = std::make_unique<spdlog::logger>("vigie",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_level(spdlog::level::trace);  // log() has already decided
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        "%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc));
    return made;
  }();
  return *logger;
}

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return spdlog::level::debug;
    case LogLevel::info:
      return spdlog::level::info;
    case LogLevel::warning:
      return spdlog::level::warn;
    case LogLevel::error:
    case LogLevel::off:
      break;
  }
  return spdlog::level::err;
}

bool is_plain(char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\' && c != '='; }

void append_escaped(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '"':
    case '\\':
      out += '\\';
      out += c;
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      if (c >= ' ' && c <= '~') {
        out += c;
      } else {
        out += "\\x";
        out += hex[byte >> 4];
        out += hex[byte & 15];
      }
  }
}

void append_value(std::string& out, std::string_view value) {
  const bool cut = value.size() > value_bytes_max;
  value = value.substr(0, value_bytes_max);
  if (!cut && !value.empty() && std::all_of(value.begin(), value.end(), is_plain)) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) append_escaped(out, c);
  out += '"';
  if (cut) out += "...";
}

}  // namespace

bool log_level_of(std::string_view name, LogLevel& out) {
  const auto at = std::find(level_names.begin(), level_names.end(), name);
  if (at == level_names.end()) return false;
  out = static_cast<LogLevel>(at - level_names.begin());
  return true;
}

void Field::append_to(std::string& line) const {
  line += ' ';
  line += key_;
  line += '=';
  switch (kind_) {
    case Kind::text:
      append_value(line, text_);
      break;
    case Kind::signed_number:
      line += std::to_string(static_cast<std::int64_t>(number_));
      break;
    case Kind::unsigned_number:
      line += std::to_string(number_);
      break;
  }
}

void start_log(LogLevel level, std::string site) {
  site_name() = std::move(site);
  enabled_from.store(level, std::memory_order_relaxed);
}

bool log_enabled(LogLevel level) {
  return level >= enabled_from.load(std::memory_order_relaxed) && level != LogLevel::off;
}

void log(LogLevel level, std::string_view name, std::initializer_list<Field> fields) {
  if (!log_enabled(level)) return;
  const std::string line = log_line(name, site_name(), fields);
  sink().log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

std::string log_value(std::string_view value) {
  std::string out;
  append_value(out, value);
  return out;
}

std::string log_line(std::string_view name, std::string_view site,
                     std::initializer_list<Field> fields) {
  std::string line(name);
  if (!site.empty()) Field("site", site).append_to(line);
  for (const Field& field : fields) field.append_to(line);
  return line;
}

}  // namespace vigie::telemetry
