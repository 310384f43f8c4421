// From committed entries to answers and events.
#include <algorithm>
#include <span>

#include "actors/room/host.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "messages/types/exam_number.hpp"
#include "messages/types/failpoint.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {

void Host::apply(Now now, const std::vector<LogEntry>& entries) {
  failpoint(Failpoint::apply_before);
  const LogIndex from = room_.applied();
  room::Effects effects;
  for (const LogEntry& entry : entries) {
    if (stops_before(entry)) break;
    begin_entry(box_, entry.index);
    failpoint(Failpoint::apply_entry);
    const std::size_t before = effects.events.size();
    apply_one(now, entry, effects);
    measures_.take(room_.state(), std::span(effects.events).subspan(before));
  }
  applied_all();
  if (room_.applied() == from) return;
  check_members();
  note_leases(now, effects);
  for (const Event& event : effects.events) {
    if (!leading_) break;
    if (event.kind == EventKind::session_attached) {
      const room::Session* s = room_.state().sessions().find(event.session);
      if (s) leases_.put(s->id, s->incarnation, lease_of(s->id), now.boot);
    } else if (event.kind == EventKind::session_ended) {
      leases_.remove(event.session);
    }
  }
  for (room::ArchivedExam& a : effects.archive) to_archive_.push_back(std::move(a));
  if (effects.directory_changed) {
    ports_.directory_changed(std::make_shared<const Directory>(directory()));
    ports_.members_changed();
    order_members(now);
    resend_pending(now, true);  // who waited for the first directory
    end_blind_followers();
  }
  failpoint(Failpoint::apply_after);
  count(effects);
  publish(from, effects);
  if (!deferred_.empty()) serve_deferred(now);
}

/// Who is a member is in two places, in the replica's log and among the room's records: the one
/// counts votes, the other goes into snapshots. They must say the same of the same index.
void Host::check_members() const {
  const std::vector<Member>& ours = room_.state().scalars().members;
  const std::vector<Member>* logged = replica_.members_at(room_.applied());
  if (!logged || ours.empty()) return;  // not known any more; founded, and never changed
  VIGIE_ASSERT(*logged == ours && "room and log name the same members");
}

void Host::apply_one(Now now, const LogEntry& entry, room::Effects& effects) {
  log_bytes_ += entry.payload.size() + 64;
  if (entry.kind == EntryKind::noop) return room_.skip(entry.index);
  if (entry.kind == EntryKind::configuration) {
    auto members = replica::decode_members(entry.payload.bytes());
    VIGIE_ASSERT(members && "the replica takes no other");
    room_.apply_members(entry.index, std::move(*members));
    return follow_members(now);
  }
  if (entry.kind != EntryKind::command) return leave_to_newer(entry, "kind of entry");
  const auto payload = codec::split_entry_payload(entry.payload.bytes());
  if (!payload && payload.error().code == Errc::wrong_version) {
    return leave_to_newer(entry, payload.error().what);
  }
  auto proposal =
      payload ? codec::decode_proposal(payload->proposal) : Result<Proposal>(payload.error());
  if (!proposal) {  // every node decides so: it depends on the bytes alone
    telemetry::log_error("entry_undecodable",
                         {{"index", entry.index}, {"what", proposal.error().what}});
    return room_.apply_undecodable(entry.index, payload ? payload->at : FedTime{}, effects);
  }
  const auto* level = std::get_if<SetLevel>(&proposal->command);
  if (level && level->level > level_max) return leave_to_newer(entry, "level");
  const auto* checkpoint = std::get_if<Checkpoint>(&proposal->command);
  const bool by_node = checkpoint && !proposal->session &&
                       room::authorise(room_.state(), *proposal, nullptr) == Errc::ok;
  if (by_node) {  // anybody may have sent one
    check_digest(now, entry, room_.directory().key(proposal->key)->node, *checkpoint);
  }
  const Answer answer = room_.apply(entry.index, payload->at, *proposal, effects);
  metrics_.room.commands.at(proposal->command.index()).add();
  if (answer.code != Errc::ok) metrics_.room.commands_refused.of(errc_name(answer.code)).add();
  if (answer.duplicate) metrics_.room.duplicates.add();
  if (effects.directory_changed || !own_key_) {
    for (const Key& key : room_.directory().keys) {
      if (key.node == settings_.self && !key.revoked) own_key_ = key.id;
    }
  }
  if (std::holds_alternative<Tick>(proposal->command)) tick_proposed_ = false;
  if (entry.index.value % checkpoint_interval == 0) {
    keep_checkpoint(entry.index);
    if (leading_) propose_own(now, Checkpoint{entry.index, room_.digest()});
  }
  if (proposal->door == settings_.self) answer_pending(proposal->correlation, answer);
}

/// What a newer version put into the log, this one can neither apply nor pass over: it would be
/// another room from here on. Nothing is lost: the entry stays, and a newer vigied applies it.
void Host::leave_to_newer(const LogEntry& entry, const std::string& what) {
  telemetry::log_error("entry_of_newer_version", {{"index", entry.index},
                                                  {"what", what},
                                                  {"ours", settings_.version},
                                                  {"advice", "install the newer vigied here"}});
  leave(exit_unusable_data);
}

void Host::count(const room::Effects& effects) {
  telemetry::RoomMetrics& m = metrics_.room;
  for (const Event& event : effects.events) {
    event_counters_[static_cast<std::size_t>(event.kind)]->add();
    switch (event.kind) {
      case EventKind::report_preliminary:
        m.reports.of("preliminary").add();
        break;
      case EventKind::report_validated:
        m.reports.of("final").add();
        break;
      case EventKind::report_late:
        m.reports.of("late").add();
        break;
      case EventKind::delivery_acked:
        m.deliveries.of("acked").add();
        break;
      case EventKind::delivery_failed:
        m.deliveries.of("failed").add();
        break;
      default:
        break;
    }
    const bool offered = event.kind == EventKind::read_offered ||
                         (event.kind == EventKind::read_accepted && event.text != "resumed");
    if (event.card && offered) {
      const Millis waited = event.at - event.card->ready_at;
      m.wait_seconds.at(static_cast<std::size_t>(event.urgency))
          .observe(static_cast<double>(waited.value) / 1000);
    }
  }
}

std::shared_ptr<const DeliveryJob> Host::job_for(const Exam& exam, const Delivery& delivery) const {
  const Establishment* e = directory().establishment(exam.request.establishment);
  if (!e || delivery.recipient >= e->recipients.size()) return nullptr;
  auto job = std::make_shared<DeliveryJob>();
  job->exam = exam.id;
  job->exam_number = exam_number(directory(), exam.id);
  job->record = exam;
  job->version = delivery.version;
  job->recipient = delivery.recipient;
  job->feed = e->recipients[delivery.recipient];
  const auto version = std::find_if(exam.reports.begin(), exam.reports.end(), [&](const Report& r) {
    return is_version(r.kind) && r.version == delivery.version;
  });
  const PersonId by = version == exam.reports.end() ? exam.reader : version->author;
  if (const Person* author = directory().person(by)) {
    job->author = author->name;
    job->author_rpps = author->rpps;
  }
  job->signed_at = room_.state().utc(exam.signed_at);
  job->index = room_.applied();
  return job;
}

void Host::publish(LogIndex from, room::Effects& effects) {
  auto batch = std::make_shared<AppliedBatch>();
  batch->from = from;
  batch->to = room_.applied();
  batch->at = room_.now();
  batch->utc_offset = room_.state().scalars().utc_offset;
  batch->counts = room_.state().counts();
  batch->live = batch->to > replayed_to_;
  for (const Event& event : effects.events) {
    if (is_halted()) break;  // no answer of a hospital's could be noted
    if (event.kind != EventKind::delivery_owed || event.site != settings_.self) continue;
    const Exam* exam = room_.state().exams().find(event.exam);
    if (!exam) continue;
    for (const Delivery& d : exam->deliveries) {
      if (d.state != DeliveryState::pending || d.owner != settings_.self) continue;
      if (auto job = job_for(*exam, d)) batch->owed.push_back(std::move(job));
    }
  }
  if (effects.directory_changed) batch->directory = std::make_shared<const Directory>(directory());
  batch->events = std::move(effects.events);
  ports_.publish(std::move(batch));
}

std::vector<Event> Host::view() const {
  std::vector<Event> view;
  const auto show = [&](const Exam& exam, EventKind kind) {
    Event event;
    event.kind = kind;
    event.index = room_.applied();
    event.at = room_.now();
    event.exam = exam.id;
    event.state = exam.state;
    event.urgency = exam.urgency;
    event.epoch = exam.epoch;
    event.session = exam.reader_session;
    event.by = exam.reader;
    event.site = exam.reading_site;
    event.card = room::card_of(exam);
    event.hospital = exam.request.establishment;
    view.push_back(std::move(event));
  };
  for (const auto& [id, slot] : room_.state().exams().slots()) {
    const Exam& exam = slot.record;
    if (exam.state == ExamState::offered) show(exam, EventKind::read_offered);
    if (is_held(exam.state)) show(exam, EventKind::read_accepted);
    if (exam.state == ExamState::requested || exam.state == ExamState::in_regulation ||
        exam.state == ExamState::needs_info) {
      show(exam, EventKind::request_submitted);
    }
  }
  return view;
}

void Host::publish_fresh() {
  for (const Key& key : directory().keys) {
    if (key.node == settings_.self && !key.revoked) own_key_ = key.id;
  }
  ports_.publish(fresh_batch());
}

AppliedBatchPtr Host::fresh_batch() const {
  auto batch = std::make_shared<AppliedBatch>();
  batch->fresh = true;
  batch->from = batch->to = room_.applied();
  batch->at = room_.now();
  batch->utc_offset = room_.state().scalars().utc_offset;
  batch->counts = room_.state().counts();
  batch->view = view();
  batch->directory = std::make_shared<const Directory>(directory());
  if (is_halted()) return batch;  // no answer of a hospital's could be noted
  const auto& owed = room_.state().owed();
  for (auto at = owed.lower_bound({settings_.self, ExamId{}});
       at != owed.end() && at->first == settings_.self; ++at) {
    const Exam* exam = room_.state().exams().find(at->second);
    for (const Delivery& d : exam->deliveries) {
      if (d.state != DeliveryState::pending || d.owner != settings_.self) continue;
      if (auto job = job_for(*exam, d)) batch->owed.push_back(std::move(job));
    }
  }
  return batch;
}

}  // namespace vigie::actors
