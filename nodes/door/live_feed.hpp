// A feed as the door's thread has it: its settings, and what the directory makes of them.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "actors/core/hl7/feed.hpp"
#include "config/settings/feed_settings.hpp"
#include "nodes/door/stream.hpp"

namespace vigie::door {

struct LiveFeed {
  settings::FeedSettings settings;
  std::shared_ptr<TlsContext> tls;  ///< when listening or sending needs it
  /// None until a directory names this centre as one of its doors, and knows its hospitals.
  std::optional<hl7::Feed> feed;
  std::chrono::steady_clock::time_point last_message;  ///< or the door's start
  bool late = false;                                   ///< beyond its silent_after

  /// Can it be told that an exam is refused, or not cancelled?
  bool can_tell() const {
    return settings.results.has_value() && settings.refusal == settings::FeedRefusal::message;
  }
};

}  // namespace vigie::door
