// Reads one [[feed]] of a site's file.
#pragma once

#include <string>
#include <vector>

#include "config/settings/feed_settings.hpp"
#include "config/settings/table_reader.hpp"

namespace vigie::settings {

/// Reads into `feed` (holding defaults) and checks what one key says against another.
/// @param sites Names that `doors` may use.
void read_feed(TableReader& reader, const std::vector<std::string>& sites, FeedSettings& feed);

/// `evening: 90 min, night: 6 h`.
std::optional<std::vector<SilenceRule>> parse_silence(std::string_view text);
std::string silence_text(const std::vector<SilenceRule>& rules);
/// `mllp://host:port` or `mllps://host:port`.
std::optional<ResultsAddress> parse_results(std::string_view text);
std::string results_text(const ResultsAddress& results);

}  // namespace vigie::settings
