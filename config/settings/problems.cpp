#include "config/settings/problems.hpp"

#include <algorithm>

namespace vigie::settings {
namespace {
constexpr std::size_t shown_max = 100;
}

void Problems::add(unsigned line, std::string_view key, std::string_view got,
                   std::string_view allowed) {
  std::string text = file_ + ':' + std::to_string(line) + ": ";
  text.append(key).append(": got ").append(got).append("; allowed: ").append(allowed);
  found_.push_back({line, std::move(text)});
}

Error Problems::error() const {
  std::vector<Problem> sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  std::string what;
  for (std::size_t i = 0; i < std::min(sorted.size(), shown_max); ++i) {
    if (i != 0) what += '\n';
    what += sorted[i].text;
  }
  if (sorted.size() > shown_max) {
    what += "\nand " + std::to_string(sorted.size() - shown_max) + " more";
  }
  return {Errc::bad_configuration, std::move(what)};
}

}  // namespace vigie::settings
