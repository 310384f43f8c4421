#include "actors/core/room/state.hpp"

#include <algorithm>

#include "messages/types/limits.hpp"

namespace vigie::room {
namespace {

bool is_waiting(const Exam& exam) {
  if (is_planted(Bug::held_exam_given) && exam.state == ExamState::held) return true;
  if (is_planted(Bug::set_aside_exam_given) && exam.state == ExamState::suspended) return true;
  return exam.state == ExamState::ready;
}

bool is_open_reader(const Session& s) {
  return s.live && s.role == Role::reader && s.mode == ReaderMode::free && !s.exam;
}

}  // namespace

Exam& State::insert_exam(Exam exam) {
  const ExamId id = exam.id;
  if (exam.request.patient_key) by_patient_.insert(exam.request.patient_key, id);
  return exams_.insert(id, std::move(exam));
}

void State::erase_exam(ExamId id) {
  const Exam* exam = exams_.find(id);
  VIGIE_ASSERT(exam != nullptr);
  if (const auto at = indexed_.find(id); at != indexed_.end()) {
    leave_place(id, at->second);
    indexed_.erase(at);
  }
  if (exam->request.patient_key) by_patient_.erase(exam->request.patient_key, id);
  exams_.erase(id);
}

Session& State::insert_session(Session session) {
  const SessionId id = session.id;
  by_person_[{session.person, session.role}] = id;
  return sessions_.insert(id, std::move(session));
}

void State::erase_session(SessionId id) {
  const Session* session = sessions_.find(id);
  VIGIE_ASSERT(session != nullptr);
  const auto at = by_person_.find({session->person, session->role});
  if (at != by_person_.end() && at->second == id) by_person_.erase(at);
  sessions_.erase(id);
  index_session(id);
}

OrderRecord& State::insert_order(OrderRecord record) {
  const ExamId exam = record.exam;
  by_order_.insert(record.key, exam);
  return orders_.insert(exam, std::move(record));  // settle() lists it if it is closed
}

void State::erase_order(ExamId exam) {
  const OrderRecord* record = orders_.find(exam);
  VIGIE_ASSERT(record != nullptr);
  if (record->closed_at) closed_orders_.erase({record->closed_at, exam});
  by_order_.erase(record->key, exam);
  orders_.erase(exam);
}

const OrderRecord* State::order_of(const Bits128& key) const {
  const OrderRecord* found = nullptr;
  by_order_.each(key, [&](ExamId exam) {
    const OrderRecord* record = orders_.find(exam);
    if (record && record->key == key) found = record;
  });
  return found;
}

void State::prune_orders(FedTime now) {
  constexpr Millis retention = 24_h * limits::closed_keys_days;
  for (std::size_t n = 0; n < limits::deadlines_per_entry && !closed_orders_.empty(); ++n) {
    const auto [closed_at, exam] = *closed_orders_.begin();
    if (closed_orders_.size() <= limits::closed_keys_count && closed_at + retention > now) return;
    erase_order(exam);
  }
}

void State::insert_parked(ParkedReport report) {
  const ReportId id = report.id;
  if (!parked_.find(id)) parked_.insert(id, std::move(report));
}

OrderRecord& State::edit_order(ExamId exam) {
  const OrderRecord* record = orders_.find(exam);
  if (record && record->closed_at) closed_orders_.erase({record->closed_at, exam});
  return orders_.edit(exam);  // settle() lists it again if it is still closed
}

void State::set_directory(Directory directory) {
  const bool other_times =
      directory.rules != directory_.rules || directory.protocols != directory_.protocols;
  directory_ = std::move(directory);
  directory_hash_ = hash_of(canonical_bytes(directory_));
  auto& groups = groups_with_overflow_;
  groups.clear();
  for (const Agreement& a : directory_.agreements) {
    if (a.overflow) groups.push_back(a.group);
  }
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  // Views of readers come from the directory, and look into it.
  free_.clear();
  load_.clear();
  indexed_readers_.clear();
  for (const auto& [id, slot] : sessions_.slots()) index_session(id);
  if (!other_times) return;
  for (const auto& [id, slot] : exams_.slots()) index_exam(slot.record);  // deadlines moved
}

void State::set_patient(ExamId id, const PatientKey& patient) {
  Exam& exam = edit_exam(id);
  if (exam.request.patient_key == patient) return;
  if (exam.request.patient_key) by_patient_.erase(exam.request.patient_key, id);
  exam.request.patient_key = patient;
  if (patient) by_patient_.insert(patient, id);
}

void State::settle() {
  for (ExamId id : exams_.dirty()) {
    if (const Exam* exam = exams_.find(id)) index_exam(*exam);
  }
  for (SessionId id : sessions_.dirty()) index_session(id);
  for (ExamId exam : orders_.dirty()) {
    const OrderRecord* record = orders_.find(exam);
    if (record && record->closed_at) closed_orders_.emplace(record->closed_at, exam);
  }
  exams_.settle();
  sessions_.settle();
  orders_.settle();
  parked_.settle();
}

void State::leave_place(ExamId id, const Indexed& place) {
  if (place.waiting) waiting_.erase(place.waiting->first, place.waiting->second);
  if (place.due) due_.erase({place.due, id});
  if (place.age) by_age_.erase({place.urgency, place.age, id});
  if (place.claimed) claimed_.erase({place.claimed, id});
  for (SiteId owner : place.owed) owed_.erase({owner, id});
  --counts_[static_cast<std::size_t>(place.state)][static_cast<std::size_t>(place.urgency)];
}

State::Indexed State::place_of(const Exam& exam) const {
  Indexed place;
  place.state = exam.state;
  place.urgency = exam.urgency;
  if (is_waiting(exam)) place.waiting = {routing::queue_key_of(exam), routing::rank_of(exam)};
  place.due = next_due(exam, directory_);
  if (is_waiting(exam) || exam.state == ExamState::offered) place.age = exam.ready_at;
  if (exam.state == ExamState::in_regulation) place.claimed = exam.regulator_session;
  for (const Delivery& d : exam.deliveries) {
    const auto& owed = place.owed;
    const bool listed = std::find(owed.begin(), owed.end(), d.owner) != owed.end();
    if (d.state == DeliveryState::pending && !listed) place.owed.push_back(d.owner);
  }
  return place;
}

void State::enter_place(ExamId id, const Indexed& place) {
  if (place.waiting) waiting_.insert(place.waiting->first, place.waiting->second);
  if (place.due) due_.emplace(place.due, id);
  if (place.age) by_age_.emplace(place.urgency, place.age, id);
  if (place.claimed) claimed_.emplace(place.claimed, id);
  for (SiteId owner : place.owed) owed_.emplace(owner, id);
  ++counts_[static_cast<std::size_t>(place.state)][static_cast<std::size_t>(place.urgency)];
}

void State::index_exam(const Exam& exam) {
  const auto [at, fresh] = indexed_.try_emplace(exam.id);
  Indexed place = place_of(exam);
  if (!fresh && at->second == place) return;
  if (!fresh) leave_place(exam.id, at->second);
  enter_place(exam.id, place);
  at->second = std::move(place);
}

void State::index_session(SessionId id) {
  const Session* session = sessions_.find(id);
  std::optional<IndexedReader> now;
  if (session && session->live && session->role == Role::reader) {
    now = {indexed_view_of(*session), static_cast<bool>(session->exam)};
  }
  const auto at = indexed_readers_.find(id);
  const bool known = at != indexed_readers_.end();
  if (known ? now == at->second : !now) return;
  if (known) {
    const IndexedReader& was = at->second;
    if (was.view.free) free_.erase({was.view.idle_since, id});
    SiteLoad& load = load_[was.view.site];
    --load.readers;
    if (was.busy) --load.busy;
  }
  if (!now) {
    indexed_readers_.erase(at);
    return;
  }
  const IndexedReader& kept =
      known ? at->second = *now : indexed_readers_.emplace(id, *now).first->second;
  if (kept.view.free) free_.emplace(std::pair{kept.view.idle_since, id}, &kept.view);
  SiteLoad& load = load_[kept.view.site];
  ++load.readers;
  if (kept.busy) ++load.busy;
}

SiteWork State::work_of(SiteId site) const {
  const auto& all = scalars_.site_work;
  const auto at =
      std::find_if(all.begin(), all.end(), [&](const SiteWork& work) { return work.site == site; });
  return at == all.end() ? SiteWork{site} : *at;
}

bool State::is_reachable(SiteId door) const {
  const auto& lost = scalars_.unreachable;
  if (std::find(lost.begin(), lost.end(), door) != lost.end()) return false;
  const Site* site = directory_.site(door);
  return site && !site->draining && site->membership != Membership::removed;
}

routing::ReaderView State::indexed_view_of(const Session& s) const {
  routing::ReaderView view;
  view.person = s.person;
  view.session = s.id;
  view.site = s.site;
  view.door = s.door;
  if (const Site* site = directory_.site(s.site)) view.areas = directory_.path_of(site->area);
  if (const Person* person = directory_.person(s.person)) {
    view.privileges = &person->privileges;
    view.skills = person->skills;
    view.institution = person->institution;
  }
  view.free = is_open_reader(s);
  view.only_vital = static_cast<bool>(s.suspended);
  view.idle_since = s.idle_since;
  view.shift_start = s.shift_start;
  view.units = s.units;
  return view;
}

routing::ReaderView State::current(const routing::ReaderView& indexed) const {
  routing::ReaderView view = indexed;
  view.reachable = is_reachable(view.door);
  view.utc = utc();
  if (const auto at = load_.find(view.site); at != load_.end() && at->second.readers > 0) {
    view.site_busy_percent = static_cast<std::uint16_t>(100 * at->second.busy / at->second.readers);
  }
  view.site_degraded = !scalars_.site_work.empty() && work_of(view.site).degraded;
  const OnRoster roster = on_roster(directory_.roster, view.person, view.utc);
  view.off_roster = roster.anybody && !roster.own;
  view.shift_until = roster.own ? roster.own->until : UtcTime{};
  return view;
}

std::vector<PersonId> State::busy_readers(std::size_t most) const {
  std::vector<PersonId> found;
  found.reserve(most);
  for (const auto& [id, reader] : indexed_readers_) {
    if (found.size() == most) break;
    if (!reader.view.free) found.push_back(reader.view.person);
  }
  return found;
}

std::size_t State::readers_of(GroupId group) const {
  return static_cast<std::size_t>(
      std::count_if(indexed_readers_.begin(), indexed_readers_.end(), [&](const auto& reader) {
        const routing::ReaderView& view = reader.second.view;
        return (view.free || reader.second.busy) && routing::in_group(directory_, group, view);
      }));
}

routing::ReaderView State::view_of(const Session& s) const { return current(indexed_view_of(s)); }

std::vector<ExamId> State::exams_of(const PatientKey& patient) const {
  std::vector<ExamId> found;
  by_patient_.each(patient, [&](ExamId id) {
    const Exam* exam = exams_.find(id);
    if (exam && exam->request.patient_key == patient) found.push_back(id);
  });
  std::sort(found.begin(), found.end());
  return found;
}

const Session* State::session_of(PersonId person, Role role) const {
  const auto at = by_person_.find({person, role});
  return at == by_person_.end() ? nullptr : sessions_.find(at->second);
}

Bits128 State::singles_digest() const { return plus(hash_canonical(scalars_), directory_hash_); }

Bits128 State::digest() const {
  return plus(plus(exams_.digest(), sessions_.digest()),
              plus(plus(orders_.digest(), parked_.digest()), singles_digest()));
}

Bits128 State::recomputed_digest() const {
  return plus(
      plus(exams_.recomputed_digest(), sessions_.recomputed_digest()),
      plus(plus(orders_.recomputed_digest(), parked_.recomputed_digest()), singles_digest()));
}

void State::begin_walk() {
  exams_.begin_walk();
  sessions_.begin_walk();
  orders_.begin_walk();
  parked_.begin_walk();
}

void State::end_walk() {
  exams_.end_walk();
  sessions_.end_walk();
  orders_.end_walk();
  parked_.end_walk();
}

}  // namespace vigie::room
