// What those who organise the guard do, and what engines find.
#include "tests/scenarios/runner/command.hpp"

namespace vigie::scenarios {
namespace {

Screen& head(Stage& stage, const Values& v) { return screen_of(stage, v[0], Role::duty_head); }

/// As who has looked at everything that is open.
void take_duty(Stage& stage, const Values& v) {
  TakeDuty command;
  command.number = room_of(stage).state().scalars().duty.number;
  const std::string deputy = v.after("with");
  if (!deputy.empty()) command.deputy = person_of(stage, deputy, Role::duty_head);
  for (const auto& [id, slot] : room_of(stage).state().exams().slots()) {
    if (is_open(slot.record)) command.seen.push_back(id);
  }
  head(stage, v).send(std::move(command));
}

void offer_duty(Stage& stage, const Values& v) {
  const PersonId to = person_of(stage, v[1], Role::duty_head);
  head(stage, v).send(OfferDuty{room_of(stage).state().scalars().duty.number, to});
}

void hand_over(Stage& stage, const Values& v, bool kept) {
  head(stage, v).send(HandOver{{exam_of(stage, v[1]), {}}, kept, v[2]});
}

void finds(Stage& stage, const Values& v) {
  const Exam& exam = open_exam(stage, v[2]);
  stage.hand_in(exam.origin_site, v[0], AddFinding{{exam.id, {}}, v[0], "1.0", v[1]});
}

}  // namespace

const std::vector<Verb>& guard_verbs() {
  static const std::vector<Verb> verbs = {
      {"HEAD takes the duty [with DEPUTY]", "Having seen all that is open; or names a deputy.",
       take_duty},
      {"HEAD offers the duty to OTHER", "It stays the head's until the other takes it.",
       offer_duty},
      {"HEAD keeps EXAM TEXT", "Its hospital's guard is over: it is read all the same.",
       [](Stage& s, const Values& v) { hand_over(s, v, true); }},
      {"HEAD leaves EXAM to the day TEXT", "The hospital's own day service reads it.",
       [](Stage& s, const Values& v) { hand_over(s, v, false); }},
      {"ENGINE finds TEXT in EXAM", "aidoc: haemorrhage raises to p1, three times an hour.", finds},
  };
  return verbs;
}

}  // namespace vigie::scenarios
