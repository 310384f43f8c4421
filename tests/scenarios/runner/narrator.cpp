#include "tests/scenarios/runner/narrator.hpp"

#include <algorithm>

#include "messages/types/exam_number.hpp"
#include "tests/scenarios/runner/cast.hpp"

namespace vigie::scenarios {
namespace {

/// Whose session it is.
std::string owner_of(const Event& event, const actors::Host& host) {
  const room::Session* session = host.room().state().sessions().find(event.session);
  return session ? name_of(host.directory(), session->person) : "nobody";
}

std::string why_withdrawn(const std::string& text) {
  if (text == "site") return "the centre is out of reach";
  if (text == "session") return "the session ended";
  return text == "signed" ? "the exam is signed" : text;
}

}  // namespace

// Labels.

ExamId Labels::named(const std::string& label) const {
  const auto at = exams_.find(label);
  return at == exams_.end() ? ExamId{} : at->second;
}

std::string Labels::of(ExamId exam) const {
  const auto at = labels_.find(exam);
  return at == labels_.end() ? "an exam" : at->second;
}

void Labels::give(ExamId exam, const std::string& order) {
  if (labels_.contains(exam)) return;
  if (const ExamId older = named(order)) labels_[older] = "the old " + order;
  labels_[exam] = order;
  exams_[order] = exam;
}

// Watching.

void Narrator::applied(SiteId site, const actors::Host& host, const AppliedBatch& batch) {
  invariants_.applied(site, host, batch);
  for (const Event& event : batch.events) {
    if (event.index <= told_) continue;
    const Exam* exam = event.exam ? host.room().state().exams().find(event.exam) : nullptr;
    if (exam) labels_.give(exam->id, exam->request.key.number);
    const bool given =
        event.kind == EventKind::read_offered || event.kind == EventKind::read_accepted;
    if (given) {
      auto& epochs = epochs_[event.exam];
      if (epochs.empty() || epochs.back() != event.epoch) epochs.push_back(event.epoch);
    }
    const std::string told = words(event, host);
    if (!told.empty()) trace_.say(told);
  }
  if (batch.to <= told_) return;
  told_ = batch.to;
  ahead_ = Millis{batch.at.value - trace_.true_utc().value};
}

void Narrator::acted(SiteId site, const actors::Host& host) {
  invariants_.acted(site, host);
  bool& led = leads_[site];
  const bool leads = host.replica().is_settled_leader();
  if (leads != led) trace_.say(name_of(cast_, site) + (leads ? " leads" : " leads no more"));
  led = leads;
}

void Narrator::ended(SiteId site) {
  invariants_.ended(site);
  leads_[site] = false;
}

void Narrator::delivered(SiteId door, const DeliveryJob& job) {
  invariants_.delivered(door, job);
  trace_.say(capital(job.feed) + " receives the report of " + labels_.of(job.exam) + ", version " +
             std::to_string(job.version.value) + ", from " + name_of(cast_, door));
}

std::size_t Narrator::assignments(ExamId exam) const {
  const auto at = epochs_.find(exam);
  return at == epochs_.end() ? 0 : at->second.size();
}

// Words.

std::string Narrator::words(const Event& event, const actors::Host& host) const {
  const auto number = static_cast<int>(event.kind);
  const Directory& d = host.directory();
  if (number <= 5) return words_of_intake(event, host);
  if (number <= 13) return words_of_regulation(event, d);
  if (number <= 21) return words_of_images(event);
  if (number <= 28) return words_of_reading(event, host);
  if (number <= 37) return words_of_reports(event, host);
  if (number <= 47) return words_of_sessions(event, host);
  return words_of_guard(event, d);
}

std::string Narrator::words_of_intake(const Event& event, const actors::Host& host) const {
  const std::string x = labels_.of(event.exam);
  const Exam* exam = host.room().state().exams().find(event.exam);
  const Directory& d = host.directory();
  switch (event.kind) {
    case EventKind::request_submitted:
      if (!exam) return {};
      return x + " enters the waiting room by the door of " + name_of(d, exam->origin_site) +
             ", as " + exam_number(d, exam->id) + ": " +
             std::string(name_of(exam->request.modality)) + " " +
             std::string(name_of(exam->request.region)) + " for " +
             name_of(d, exam->request.establishment) + ", " + std::string(name_of(exam->urgency)) +
             (has(exam->flags, ExamFlag::no_agreement) ? ", no agreement covers it" : "");
    case EventKind::request_amended:
      return x + " is amended by its hospital: " + std::string(name_of(event.urgency));
    case EventKind::request_refused_by_rule:
      return x + " is ultrasound, refused by rule: " + event.text + "; the regulators see it";
    case EventKind::exam_cancelled:
      return x + " is cancelled: " + event.text;
    default:
      return {};
  }
}

std::string Narrator::words_of_regulation(const Event& event, const Directory& d) const {
  const std::string x = labels_.of(event.exam), by = name_of(d, event.by);
  switch (event.kind) {
    case EventKind::regulation_claimed:
      return by + " regulates " + x;
    case EventKind::regulation_released:
      return x + " rings at the regulators' again" + (event.text.empty() ? "" : ": " + event.text);
    case EventKind::regulation_overdue:
      return "nobody regulates " + x + ": reminder " + event.text;
    case EventKind::info_requested:
      return by + " asks about " + x + ": " + event.text;
    case EventKind::info_provided:
      return x + " is answered, and rings at the regulators' again";
    case EventKind::info_overdue:
      return "nobody answers about " + x + ": reminder " + event.text;
    case EventKind::protocol_assigned:
      return (event.by ? by + " gives " + x : x + " gets") + " the protocol " + event.text + ", " +
             std::string(name_of(event.urgency));
    case EventKind::exam_refused:
      return by + " refuses " + x + ": " + event.text;
    default:
      return {};
  }
}

std::string Narrator::words_of_images(const Event& event) const {
  const std::string x = labels_.of(event.exam);
  switch (event.kind) {
    case EventKind::acquisition_started:
      return x + " is being imaged";
    case EventKind::images_progress:
      return x + " has " + event.text + " images so far";
    case EventKind::images_missing:
      return x + " has no images: somebody must ask";
    case EventKind::images_stalled:
      return x + " lacks images" + (event.text == "declined" ? ", says its reader" : "");
    case EventKind::images_added:
      return x + " has more images: " + event.text;
    case EventKind::exam_ready:
      return x + " is ready to be read";
    case EventKind::exam_relaxed:
      return x + " still waits: more readers may take it (step " + event.text + ")";
    case EventKind::exam_without_reader:
      return x + " has no reader: the duty head is told";
    default:
      return {};
  }
}

std::string Narrator::words_of_reading(const Event& event, const actors::Host& host) const {
  const std::string x = labels_.of(event.exam), whose = owner_of(event, host);
  switch (event.kind) {
    case EventKind::read_offered:
      return x + " is offered to " + whose + ", " + name_of(host.directory(), event.site);
    case EventKind::read_accepted:
      return whose + " reads " + x;
    case EventKind::read_declined:
      return whose + " declines " + x + ": " + event.text;
    case EventKind::offer_expired:
      return whose + " does not answer: the offer of " + x + " ends, and " + whose + " is away";
    case EventKind::offer_withdrawn:
      return "the offer of " + x + " to " + whose + " is withdrawn: " + why_withdrawn(event.text);
    case EventKind::read_released:
      return whose + " gives " + x + " back: " + why_withdrawn(event.text);
    case EventKind::lease_expired:
      return x + " is taken from " + whose + ", who gave no sign of life for a whole lease";
    default:
      return {};
  }
}

std::string Narrator::words_of_reports(const Event& event, const actors::Host& host) const {
  const Directory& d = host.directory();
  const Exam* exam = host.room().state().exams().find(event.exam);
  const std::string x = labels_.of(event.exam), by = name_of(d, event.by);
  const std::string author = exam ? name_of(d, exam->reader) : by;
  switch (event.kind) {
    case EventKind::report_preliminary:
      return by + " gives a preliminary report of " + x;
    case EventKind::report_validated:
      return author + " has signed " + x + ", version " + event.text;
    case EventKind::report_late:
      return "a late report of " + x + " by " + by + " is kept beside it";
    case EventKind::late_settled:
      return by + " settles the late report of " + x + ": " + event.text;
    case EventKind::delivery_owed:
      return name_of(d, event.site) + " is to deliver the report of " + x + " to " +
             capital(event.text);
    case EventKind::delivery_failed:
      return "the report of " + x + " was refused: " + event.text + "; support is told";
    case EventKind::exam_delivered:
      return x + " is delivered";
    case EventKind::exam_closed:
      return x + " is closed";
    default:
      return {};
  }
}

std::string Narrator::words_of_sessions(const Event& event, const actors::Host& host) const {
  const Directory& d = host.directory();
  const room::Session* session = host.room().state().sessions().find(event.session);
  switch (event.kind) {
    case EventKind::session_attached: {
      if (!session || session->role == Role::gateway) return {};
      const std::string at = session->site ? " at " + name_of(d, session->site) : "";
      const bool through = session->door != session->site;
      return name_of(d, event.by) + " is logged in" + at +
             (through ? " through " + name_of(d, session->door) : "");
    }
    case EventKind::session_ended:
      return owner_of(event, host) + "'s session ends";
    case EventKind::site_unreachable:
      return name_of(d, event.site) + " is out of reach: nothing is offered there";
    case EventKind::site_reachable:
      return name_of(d, event.site) + " is in reach again";
    case EventKind::directory_applied:
      return "version " + std::to_string(d.version) + " of the directory is in force";
    case EventKind::clock_corrected:
      return "federation time is corrected";
    default:
      return {};
  }
}

std::string Narrator::words_of_guard(const Event& event, const Directory& d) const {
  const std::string x = labels_.of(event.exam), by = name_of(d, event.by);
  switch (event.kind) {
    case EventKind::urgency_set:
      return x + " is " + std::string(name_of(event.urgency)) + " now";
    case EventKind::task_opened:
      return event.text == name_of(TaskKind::hand_over)
                 ? "the guard is over for " + x + ": it is to be kept or left to the day"
                 : "";
    case EventKind::duty_taken:
      return by + (event.text == "deputy" ? " names a deputy" : " has the duty: " + event.text);
    case EventKind::duty_offered:
      return by + " offers the duty";
    case EventKind::duty_lost:
      return by + ", who has the duty, is out of reach";
    case EventKind::exam_handed_over:
      return by + " hands " + x + " over: " + event.text;
    case EventKind::ai_received:
      return "of " + x + ", " + event.text;
    default:
      return {};
  }
}

std::string words_of(const Answer& answer) {
  const auto info = errc_info(answer.code);
  if (answer.code == Errc::ok) return answer.duplicate ? "known already" : "";
  std::string words = std::string(info.name) + ", " + std::string(info.text);
  if (!answer.text.empty()) words += " (" + answer.text + ")";
  return words;
}

}  // namespace vigie::scenarios
