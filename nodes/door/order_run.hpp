// One HL7 message on its way into the room: orders to commands, commands to answers, answers to
// what the hospital is told.
//
// All or none: the message's submits are one command. A message that mixes submits with other
// orders is checked against the room first (are the exams there?), then proposed submits first; if
// a later order is refused after all, the answer is AE and names it, and what was taken stays:
// sending the message again repeats nothing (design D6).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "actors/core/hl7/ack.hpp"
#include "actors/core/hl7/order.hpp"
#include "actors/core/hl7/report.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/exam_lookup.hpp"
#include "messages/types/intake.hpp"
#include "nodes/door/loop.hpp"

namespace vigie::door {

/// A message that the hospital must get beside its acknowledgement.
struct Notice {
  Exam exam;
  hl7::ReportEvent event;
};

/// What becomes of a message. Errc: it cannot be taken now, so close without an answer.
struct Verdict {
  std::variant<hl7::Answer, Errc> answer;
  std::vector<Notice> notices;
};

/// Is it about this node or this moment, not about the message?
bool is_not_now(Errc code);
/// The room's refusal in a hospital's words. Not for is_not_now() codes.
hl7::Refusal refusal_of(Errc code);

class OrderRun : public std::enable_shared_from_this<OrderRun> {
 public:
  struct Ports {
    Intake& intake;
    ExamLookup& lookup;
    std::shared_ptr<Inbox> inbox;  ///< answers come back through it
  };
  struct Context {
    std::shared_ptr<const Directory> directory;
    std::string federation;
    bool can_tell = false;  ///< the feed takes messages back (results, refusal = "message")
  };

  OrderRun(Ports ports, Context context, std::vector<hl7::Order> orders);

  /// @param done Called once, on the loop's thread, unless the loop ends before.
  void start(std::function<void(Verdict)> done);

 private:
  using Found = std::vector<std::vector<Exam>>;
  struct Step {
    Command command;
    const hl7::Order* order;
  };

  void plan(const Found& found);
  void plan_order(const hl7::Order& order, const std::vector<Exam>& exams);
  void next_step();
  void answered(const Answer& answer);
  void look_back();
  void conclude(const std::vector<Exam>& exams);
  void finish(std::variant<hl7::Answer, Errc> answer);
  void find(std::vector<ExamQuery> queries, void (OrderRun::*then)(const Found&));
  void looked_back(const Found& found);
  std::vector<const hl7::Order*> submits() const;
  bool mixed_with_unknown(const Found& found) const;
  bool untellable_ultrasound() const;
  std::string number_of(ExamId exam) const;

  Ports ports_;
  Context context_;
  std::vector<hl7::Order> orders_;
  std::vector<const hl7::Order*> looked_up_;  ///< one for each query
  std::function<void(Verdict)> done_;
  std::vector<Step> steps_;
  std::size_t step_ = 0;
  std::vector<ExamId> exams_;
  std::vector<ExamId> cancelled_, not_cancelled_;
  bool all_duplicate_ = true;
  bool recourse_ = false;  ///< some exam was refused for its modality
  std::vector<Notice> notices_;
};

}  // namespace vigie::door
