#include "actors/core/room/invariants.hpp"

#include <algorithm>
#include <map>

namespace vigie::room {
namespace {

struct Check {
  const Room& room;
  std::vector<std::string> found;

  void expect(bool holds, const char* what, const Exam& exam) {
    if (holds) return;
    found.push_back(std::string(what) + " exam=" + exam_number(room.directory(), exam.id) +
                    " state=" + std::string(name_of(exam.state)) +
                    " index=" + std::to_string(room.applied().value));
  }
};

void check_exam(Check& check, const Exam& e) {
  const State& state = check.room.state();
  const bool given = is_held(e.state) || e.state == ExamState::offered;
  const Session* holder = state.sessions().find(e.reader_session);
  if (given) {
    check.expect(holder && holder->live && holder->exam == e.id,
                 "I9 an assigned exam is in its reader's hand", e);
    check.expect(e.epoch.index != 0 && e.epoch.index <= check.room.applied().value,
                 "I10 an assignment has an epoch", e);
    check.expect(!e.decisions.empty(), "D4 an assignment has a decision", e);
  }
  check.expect(e.state != ExamState::offered || static_cast<bool>(e.offered_until),
               "an offer has a deadline", e);
  const ExamState stage = stage_of(e);
  const bool needs_protocol = stage >= ExamState::protocolled && stage < ExamState::refused;
  check.expect(!needs_protocol || !e.protocol.empty() || has(e.flags, ExamFlag::bypassed),
               "F3 nothing is read before it has a protocol", e);
  check.expect(
      e.state != ExamState::suspended || (holder && holder->live && holder->suspended == e.id),
      "T24 what is set aside is its reader's", e);
  check.expect((e.state == ExamState::held) == (e.held_from != ExamState::none),
               "T22 what is on hold knows where it goes on", e);
  check.expect(e.request.modality != Modality::us || e.state == ExamState::refused,
               "O5 ultrasound never enters the waiting room", e);
  const auto finals = std::count_if(e.reports.begin(), e.reports.end(),
                                    [](const Report& r) { return r.kind == ReportKind::final_; });
  check.expect(!is_final(e.state) || finals >= 1, "I8 a validated exam has its report", e);
  check.expect(is_final(e.state) || finals == 0, "I11 no final report before validation", e);
  if (e.parent) {
    check.expect(e.purpose != Purpose::none, "a child has a purpose", e);
    return;  // it came by no order
  }
  const OrderRecord* order = state.order_of(order_hash(e.request.key));
  check.expect(order != nullptr, "I8 an exam has its order key", e);
  check.expect(!order || order->exam == e.id || order->generation > e.generation,
               "I8 one open exam per order key", e);
}

}  // namespace

std::vector<std::string> violations(const Room& room) {
  Check check{room, {}};
  const State& state = room.state();
  for (const auto& [id, slot] : state.exams().slots()) check_exam(check, slot.record);
  std::map<ExamId, int> hands;
  for (const auto& [id, slot] : state.sessions().slots()) {
    const Session& s = slot.record;
    if (const Exam* aside = state.exams().find(s.suspended); s.suspended) {
      if (!aside || aside->reader_session != s.id || aside->state != ExamState::suspended) {
        check.found.push_back("T24 a reader has set aside what is not his, session=" +
                              std::to_string(id.value));
      }
    }
    if (!s.exam) continue;
    const Exam* exam = state.exams().find(s.exam);
    if (!exam || exam->reader_session != s.id) {
      check.found.push_back("I9 a reader holds what is not his, session=" +
                            std::to_string(id.value));
    } else if (++hands[s.exam] > 1) {
      check.expect(false, "I9 two readers hold one exam", *exam);
    }
  }
  const std::uint64_t accounted = state.exams().size() + state.scalars().archived;
  if (accounted != state.scalars().submitted + state.scalars().reopened)
    check.found.push_back("I8 an exam is unaccounted for");
  if (state.digest() != state.recomputed_digest()) {
    check.found.push_back("I5 the digest is not that of the records");
  }
  return check.found;
}

}  // namespace vigie::room
