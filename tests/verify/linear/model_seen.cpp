// What was observed beside the answers: who was given which exam, was that right, and what clients
// were shown.
#include <algorithm>

#include "tests/verify/linear/model.hpp"

namespace vigie::linear {
namespace {

using S = ExamState;

std::string names_of(States states) {
  std::string out;
  for (int i = 0; i < exam_state_count; ++i) {
    const auto state = static_cast<S>(i);
    if ((states & bit(state)) != 0) out += (out.empty() ? "" : "|") + std::string{name_of(state)};
  }
  return out;
}
/// Events after which their exam stays as they show it, unless it is given to somebody at once.
bool is_last_word(EventKind kind) {
  switch (kind) {
    case EventKind::exam_ready:
    case EventKind::exam_cancelled:
    case EventKind::exam_refused:
    case EventKind::info_requested:
    case EventKind::info_provided:
    case EventKind::read_declined:
    case EventKind::offer_expired:
    case EventKind::offer_withdrawn:
    case EventKind::read_released:
    case EventKind::lease_expired:
    case EventKind::exam_delivered:
    case EventKind::exam_closed:
    case EventKind::exam_held:
    case EventKind::images_wanted:
    case EventKind::read_taken_over:
      return true;
    default:
      return false;
  }
}

/// How many exams that wait are looked at for each that is given (I13).
constexpr int looked_at = 64;

}  // namespace

/// T11 as it was seen to happen; was it allowed?
/// @param all what the same entry gave
void Model::take_given(const Given& given, const std::vector<Given>& all) {
  Exam* found = find(given.exam);
  if (!found) {
    if (given.certain) fault("wrong_event", "an exam that does not exist was given", given.exam);
    return;
  }
  Exam& exam = *found;
  ++assignments_;
  if (given.back && !exam.blurred) return take_back(given, exam);
  const States possible = bits(S::ready, S::offered, S::reading, S::suspended);
  const bool free = (exam.trail & bit(S::ready)) != 0 || (!sharp_ && (exam.trail & possible) != 0);
  if (!free) {
    const bool his = (exam.may & (his_to_read | bit(S::offered))) != 0 && exam.holder &&
                     exam.holder != given.session;
    if (given.certain) {
      fault(his ? "two_holders" : "bad_assignment",
            "given while it is " + names_of(exam.may) +
                (his ? " in the hand of session " + to_hex({0, exam.holder.value}).substr(16)
                     : std::string{}),
            given.exam);
    }
    return;
  }
  const auto reader = sessions_.find(given.session);
  if (reader != sessions_.end()) {
    check_reader(given, exam, reader->second);
    if (sharp_ && !reader->second.blurred) check_order(given, all, exam, reader->second);
    reader->second.hand.insert(given.exam);
    exam.held_by.insert(reader->second.person);
  } else if (given.session) {
    fault("bad_assignment", "given to a session that does not exist", given.exam);
  }
  exam.holder = given.session;
  exam.reserved = exam.offer_unsure = false;
  exam.epoch = {0, index_.value};
  exam.offered_at = at_;
  const bool automatic =
      given.at_once || (!sharp_ && reader != sessions_.end() && reader->second.automatic);
  exam.trail = static_cast<States>(exam.trail | bit(S::offered));
  go(given.exam, exam, automatic ? bit(S::reading) : bit(S::offered));
  for (const Millis limit : {directory_.rules.offer_timeout_p0, directory_.rules.offer_timeout}) {
    due_.emplace(at_ + limit, given.exam);
  }
}

/// T24: what he had set aside is his again, and nobody else's.
void Model::take_back(const Given& given, Exam& exam) {
  const bool was_his = (exam.trail & bit(S::suspended)) != 0 && exam.holder == given.session;
  if (!was_his) {
    return fault("bad_assignment",
                 "resumed by who had not set it aside, or while it is " + names_of(exam.may),
                 given.exam);
  }
  for (const ExamId other : sessions_[given.session].hand) {
    const Exam& had = exams_[other];
    const bool in_hand = had.holder == given.session && (had.may & ~(held | bit(S::offered))) == 0;
    if (other == given.exam || !in_hand) continue;
    fault("bad_assignment", "resumed by a reader who has another exam in hand", given.exam);
  }
  exam.epoch = {0, index_.value};
  exam.trail |= bit(S::suspended);
  go(given.exam, exam, bit(S::reading));
}

/// What time had given before the command of the same entry took it away again.
void Model::take_before(const Proposal& p, const std::vector<Given>& given) {
  const bool takes = std::holds_alternative<Hold>(p.command) ||
                     std::holds_alternative<TakeOver>(p.command) ||
                     std::holds_alternative<AnswerCancel>(p.command) ||
                     std::holds_alternative<HandOver>(p.command);
  const auto* away = std::get_if<SetAway>(&p.command);
  const auto* contact = std::get_if<SiteContact>(&p.command);
  const bool is_lost = contact && !contact->reachable;
  if ((!takes && !away && !is_lost) || !sharp_) return;
  const Said said = said_by(p.command);
  ExamId named = said.exam;
  if (!said.orders.empty()) {
    const auto order = orders_.find(said.orders.front());
    if (order != orders_.end()) named = order->second.exam;
  }
  for (const Given& one : given) {
    const Exam* waiting = exam(one.exam);
    const auto reader = sessions_.find(one.session);
    const bool is_known = reader != sessions_.end();
    const bool from_him = is_known && ((away && reader->second.person == away->reader) ||
                                       (is_lost && reader->second.door == contact->site));
    if ((from_him || (takes && one.exam == named)) && waiting && waiting->is(S::ready)) {
      take_given(one, given);
      taken_before_.insert(one.exam);
    }
  }
}

/// The hard filters (domain §5.5), as far as the words say them.
void Model::check_reader(const Given& given, const Exam& exam, const Session& reader) {
  const auto bad = [&](const std::string& why) { fault("bad_assignment", why, given.exam); };
  if (reader.blurred && reader.role == Role::none) return;  // of an Attach that nobody answered
  if (reader.role != Role::reader) return bad("given to who is no reader here");
  if (reader.blurred) return;
  if (!reader.alive) return bad("given to who is no reader here");
  for (const ExamId other : reader.hand) {
    const Exam& had = exams_[other];
    if (other == given.exam || had.holder != given.session) continue;
    const bool vital = exam.urgency == Urgency::p0 || !exam.urgency_known;
    if (had.is(S::suspended) && !vital)
      bad("no P0, and given to a reader who set one aside for one");
    if ((had.may & ~bits(S::offered, S::reading, S::preliminary)) == 0) {
      bad("given to a reader who has exam " + std::to_string(other.value) + " in hand");
    }
  }
  if (given.back) return;  // his own, wherever he is
  if (reader.mode_known && reader.mode != ReaderMode::free)
    bad("given to a reader who is not free");
  if (unreachable_.contains(reader.door)) bad("given to a reader at a centre out of reach");
  const Person* person = directory_.person(reader.person);
  if (!person) return;
  const bool known = !exam.blurred && exam.request.modality != Modality::unknown;
  if (known && has_privilege(reader.person, exam.request.modality) == Sure::no) {
    bad("given to a reader who does not read this modality");
  }
  const auto reads_for = [&](GroupId id) {
    const ProviderGroup* group = directory_.group(id);
    if (!group) return false;
    const auto& hospitals = group->establishments;
    return std::find(group->sites.begin(), group->sites.end(), reader.site) != group->sites.end() ||
           (person->institution &&
            std::find(hospitals.begin(), hospitals.end(), person->institution) != hospitals.end());
  };
  if (exam.group && !exam.blurred && !reads_for(exam.group) &&
      !(exam.overflow && reads_for(exam.overflow))) {
    bad("given to a reader outside the agreement");
  }
  if (!exam.blurred && !exam.reserved) check_roster(given, exam, reader.person);
}

/// O21: while anybody is on guard, to nobody else; nor what he would not have read when his shift
/// ends, until at the last step whoever is there reads it.
void Model::check_roster(const Given& given, const Exam& exam, PersonId reader) {
  if (is_on_guard(reader) == Sure::no) {
    fault("bad_assignment", "given to a reader who is not on the roster", given.exam);
  }
  const auto reading = reading_time(exam);
  if (!reading || is_relaxed(exam) || ends_in_time(reader, *reading) != Sure::no) return;
  fault("bad_assignment", "given to a reader whose shift ends before he will have read it",
        given.exam);
}

/// True if the patient has, or may have, other exams: one reader may be given them all.
bool Model::has_others(const Exam& exam) const {
  if (exam.blurred) return true;
  if (exam.parent || !exam.children.empty() || exam.children_maybe) return true;
  const auto orders = patients_.find(exam.request.patient_key);
  return exam.request.patient_key && orders != patients_.end() && orders->second.size() > 1;
}

/// What time did in this entry was over, and given, before its command did anything.
bool Model::came_by_command(ExamId id) const {
  return std::find(touched_.begin() + static_cast<std::ptrdiff_t>(by_command_), touched_.end(),
                   id) != touched_.end();
}

bool Model::surely_eligible(const Exam& exam, const Session& reader) const {
  const Person* person = directory_.person(reader.person);
  const ProviderGroup* group = directory_.group(exam.group);
  if (!person || !group || !exam.protocol || !exam.is(S::ready)) return false;
  const bool here =
      std::find(group->sites.begin(), group->sites.end(), reader.site) != group->sites.end();
  const bool age =
      exam.request.age_class == AgeClass::adult || person->skills.contains(Skill::paediatric);
  const Skill skill = exam.protocol->skill;
  const bool may = has_privilege(person->id, exam.request) == Sure::yes;
  // All that waits fits into what is left of his shift: the room looks past a few only.
  const bool on_guard = is_on_guard(person->id) == Sure::yes &&
                        ends_in_time(person->id, longest_reading) == Sure::yes;
  return on_guard && here && age && may &&
         (skill == Skill::general || person->skills.contains(skill)) &&
         !exam.shunned.contains(person->id) && exam.urgency_known && !exam.reserved;
}

/// Between which times the deadline of a P2 or P3 must lie (domain §5.5): the class's target after
/// the first image, where that is known.
std::pair<FedTime, FedTime> Model::deadline_of(const Exam& exam) const {
  const Rules& rules = directory_.rules;
  const Millis target = exam.urgency == Urgency::p2 ? rules.target_p2 : rules.target_p3;
  if (exam.imaged && !exam.images_maybe) return {exam.imaged + target, exam.imaged + target};
  return {exam.received + target, std::max(exam.ready, exam.imaged) + target};
}

/// P0 before what the duty head pinned, before P1, before the others, which go by deadline; and
/// within a class nobody overtakes who came later in every way.
bool Model::surely_first(const Exam& exam, const Exam& than) const {
  const bool vital = exam.urgency == Urgency::p0;
  if (!vital && (!exam.pinned_known || (than.urgency != Urgency::p0 && !than.pinned_known))) {
    return false;
  }
  if (!vital && than.urgency != Urgency::p0 && exam.pinned != than.pinned) return exam.pinned;
  if (exam.pinned && than.pinned && exam.urgency != than.urgency && !vital) return false;
  if (exam.urgency > Urgency::p1 && than.urgency > Urgency::p1 &&
      deadline_of(exam).second < deadline_of(than).first) {
    return true;
  }
  if (exam.urgency != than.urgency) {
    return exam.urgency < than.urgency && exam.urgency <= Urgency::p1;
  }
  return exam.received < than.received && exam.imaged < than.imaged && exam.ready < than.ready;
}

/// I13: nobody is passed over by who goes after them. So I14: a P2 or P3 is passed only by P0, P1
/// and those that came less than the difference of the targets after it.
void Model::check_order(const Given& given, const std::vector<Given>& all, const Exam& exam,
                        const Session& reader) {
  if (exam.reserved) return;  // to that reader, whatever else waits for him
  if (!exam.urgency_known || has_others(exam)) return;
  const bool by_command = came_by_command(given.exam);
  int looked = 0;
  bool in_order = false, by_deadline = false;
  for (const auto& [urgency, received, id] : waiting_) {
    if (++looked > looked_at) break;
    const Exam& other = exams_[id];
    const bool given_too =
        std::any_of(all.begin(), all.end(), [id = id](const Given& g) { return g.exam == id; });
    if (given_too || has_others(other) || !surely_eligible(other, reader)) continue;
    if (!by_command && came_by_command(id)) continue;
    const bool goes_first = surely_first(exam, other);
    in_order |= goes_first;
    by_deadline |= goes_first && exam.urgency != other.urgency && exam.urgency > Urgency::p1;
    if (!surely_first(other, exam)) continue;
    fault("bad_assignment", "given before exam " + std::to_string(id.value) + ", which goes first",
          given.exam);
    break;
  }
  in_order_ += in_order;
  by_deadline_ += by_deadline;
}

/// What clients were shown of this entry must be a state that the exam was in; and narrows it.
void Model::take_shown(const std::vector<const Shown*>& shown, const std::vector<Given>& given) {
  std::map<ExamId, States> states;
  for (const Shown* one : shown) {
    const Event& e = one->event;
    if (!e.exam) continue;
    const Exam* found = find(e.exam);
    if (!found) {
      fault("wrong_event", std::string{name_of(e.kind)} + " of an exam that does not exist",
            e.exam);
      faults_.back().where = one->where;
      continue;
    }
    const Exam& exam = *found;
    if (e.state != S::none && (exam.trail & bit(e.state)) == 0) {
      fault(one->view ? "stale_read" : "wrong_event",
            std::string{name_of(e.kind)} + " shows " + std::string{name_of(e.state)} +
                ", and it is " + names_of(exam.trail),
            e.exam);
      faults_.back().where = one->where;
    } else if (!one->view && is_last_word(e.kind)) {
      states[e.exam] = static_cast<States>(states[e.exam] | bit(e.state));
    }
  }
  for (const auto& [id, seen] : states) {
    const bool assigned =
        std::any_of(given.begin(), given.end(), [id = id](const Given& g) { return g.exam == id; });
    const States both = static_cast<States>(exams_[id].may & seen);
    const bool queued = (both & bit(S::ready)) != 0;
    if (!assigned && both != 0 && (!queued || sharp_)) go(id, exams_[id], both);
  }
}

}  // namespace vigie::linear
