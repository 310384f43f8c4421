#include "config/settings/problems.hpp"

#include <algorithm>

namespace vigie::settings {
namespace {
constexpr std::size_t shown_max = 100;
}

void Problems::add(unsigned line, std::string_view key, std::string_view got,
                   std::string_view allowed) {
  std::string what(key);
  what.append(": got ").append(got).append("; allowed: ").append(allowed);
  found_.push_back({line, std::move(what)});
}

std::vector<Problem> Problems::sorted() const {
  std::vector<Problem> all = found_;
  std::ranges::stable_sort(all, {}, &Problem::line);
  return all;
}

Error Problems::error() const {
  const std::vector<Problem> all = sorted();
  std::string what;
  for (std::size_t i = 0; i < std::min(all.size(), shown_max); ++i) {
    if (i != 0) what += '\n';
    what += file_ + ':' + std::to_string(all[i].line) + ": " + all[i].what;
  }
  if (all.size() > shown_max) what += "\nand " + std::to_string(all.size() - shown_max) + " more";
  return {Errc::bad_configuration, std::move(what)};
}

}  // namespace vigie::settings
