// Where reports leave for hospitals: what the delivery actor asks of the door.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "messages/types/applied.hpp"

namespace vigie {

enum class SendOutcome : std::uint8_t {
  delivered,     ///< the hospital acknowledged it
  failed,        ///< it refused it for good, or it cannot be built: no retry helps
  unknown_feed,  ///< no such feed here, or it has no results address: another door's turn
  withdrawn,     ///< taken back before it was sent
};

class ReportSender {
 public:
  virtual ~ReportSender() = default;
  /// Sends the job's report to its feed until the hospital has answered: the same bytes at every
  /// try, for as long as it takes. `done` is called once, on the sender's thread, with the outcome
  /// and what the hospital said (at most limits::name_bytes); never after the sender has stopped.
  /// Any thread.
  virtual void send(std::shared_ptr<const DeliveryJob> job,
                    std::function<void(SendOutcome, std::string)> done) = 0;
  /// Takes a job back, unless its answer is being waited for: then its outcome comes as usual.
  /// Any thread.
  virtual void withdraw(ExamId exam, ReportVersion version, std::uint8_t recipient) = 0;
  /// Tells the hospital of `event` (a protocol, a preliminary report) where its feed wants that and
  /// this is its home door. Best effort: not owed, not in the ledger. Any thread.
  virtual void notify(ExamId exam, EventKind event) = 0;
};

}  // namespace vigie
