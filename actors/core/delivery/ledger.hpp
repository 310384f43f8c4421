// What this centre owes to hospitals and has in hand: the mind of the delivery actor.
//
//   AppliedBatch -> Ledger -> {Send, Withdraw} to the door, {Propose} to the room
//
// Everything here is derived from the room (design D14) and forgotten with the process: after a
// restart the room says again what is owed, and the same bytes are sent again. Within a process a
// report that was acknowledged is never sent twice. Pure: no clock, no socket.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "messages/types/applied.hpp"
#include "messages/types/command.hpp"
#include "messages/types/report_sender.hpp"
#include "messages/types/result.hpp"

namespace vigie::delivery {

/// One line of the room's delivery ledger.
struct DeliveryKey {
  ExamId exam;
  ReportVersion version;
  std::uint8_t recipient = 0;
  auto operator<=>(const DeliveryKey&) const = default;
};

struct Send {
  DeliveryKey key;
  std::shared_ptr<const DeliveryJob> job;
};
struct Withdraw {
  DeliveryKey key;
};
struct Propose {
  DeliveryKey key;
  DeliveryResult result;
  bool later = false;  ///< an earlier try was answered "not now": wait a little first
};
using Effect = std::variant<Send, Withdraw, Propose>;
using Effects = std::vector<Effect>;

/// How many acknowledged reports are remembered: only until their exam is delivered.
inline constexpr std::size_t acknowledged_count_max = 65'536;

class Ledger {
 public:
  explicit Ledger(SiteId self) : self_(self) {}

  /// What the batch makes owed here, what it takes away. A fresh batch is the whole truth; what is
  /// in hand and still owed goes on undisturbed.
  void applied(const AppliedBatch& batch, Effects& out);
  /// The sender is done with `key`.
  void sent(DeliveryKey key, SendOutcome outcome, std::string detail, Effects& out);
  /// The room answered a Propose.
  void answered(DeliveryKey key, Errc code, Effects& out);

  /// Reports in hand: being sent, or being told to the room.
  std::size_t outstanding() const { return entries_.size(); }

 private:
  struct Entry {
    std::shared_ptr<const DeliveryJob> job;
    LogIndex since;          ///< when it became ours, last
    bool withdrawn = false;  ///< no longer ours; the sender has not yet let go of it
    bool proposing = false;
    DeliveryResult result;  ///< once proposing
  };
  using Entries = std::map<DeliveryKey, Entry>;

  void owe(const std::shared_ptr<const DeliveryJob>& job, LogIndex at, Effects& out);
  void take_away(DeliveryKey key, Entry& entry, Effects& out);
  void forget_exam(ExamId exam, Effects& out);
  void remember(DeliveryKey key, const DeliveryResult& result);

  SiteId self_;
  Entries entries_;
  std::map<DeliveryKey, DeliveryResult> acknowledged_;
  std::deque<DeliveryKey> acknowledged_order_;
};

}  // namespace vigie::delivery
