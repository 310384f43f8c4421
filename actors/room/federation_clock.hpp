// Federation time at one node (design D3): the newest stamp in its log plus the time that this
// machine has run since. UTC counts only where nothing else is known: for the very first entry, and
// after this machine booted, when its boot clock says nothing about how long it was away.
//
// No clock of its own: the time is given.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "messages/types/time.hpp"

namespace vigie::actors {

struct Now {
  BootTime boot;
  UtcTime utc;
};

/// Which federation time it was at which boot time of which run of this machine. Kept in the
/// journal, so that a process that restarts goes on as if it had not.
struct ClockMark {
  std::string machine_boot;  ///< /proc/sys/kernel/random/boot_id
  BootTime boot;
  FedTime at;

  std::string text() const;
  /// Nothing for what text() did not write.
  static std::optional<ClockMark> parse(std::string_view text);
};

class FederationClock {
 public:
  /// @param machine_boot Identity of this run of the machine; empty: unknown.
  /// @param mark ClockMark::text() as last written; empty: none.
  /// @param newest Newest stamp in the room and the log; 0: none.
  FederationClock(std::string machine_boot, std::string_view mark, FedTime newest, Now now);

  FedTime at(Now now) const;
  /// The log holds an entry stamped so.
  void heard(FedTime stamp, Now now);
  /// To be written with the entries at hand; empty if the last one is less than a second old.
  std::string mark(Now now);

 private:
  std::string machine_boot_;
  FedTime newest_;  ///< stamp in the log
  FedTime base_;    ///< it was this
  BootTime since_;  ///< at this boot time
  BootTime marked_;
};

}  // namespace vigie::actors
