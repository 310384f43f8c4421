#include "actors/room/exam_view.hpp"

#include "messages/types/exam_number.hpp"

namespace vigie::actors {
namespace {

Json flags_of(ExamFlag flags) {
  static constexpr std::pair<ExamFlag, const char*> names[] = {
      {ExamFlag::modality_unknown, "modality_unknown"},
      {ExamFlag::identity_provisional, "identity_provisional"},
      {ExamFlag::bad_charset, "bad_charset"},
      {ExamFlag::no_agreement, "no_agreement"},
      {ExamFlag::exceptional, "exceptional"},
      {ExamFlag::partial, "partial"},
      {ExamFlag::reused_number, "reused_number"},
      {ExamFlag::amended, "amended"},
      {ExamFlag::late_report, "late_report"},
      {ExamFlag::undelivered, "undelivered"},
      {ExamFlag::asked_stat, "asked_stat"},
      {ExamFlag::urgency_mapped, "urgency_mapped"},
      {ExamFlag::phoned, "phoned"},
      {ExamFlag::pinned, "pinned"},
      {ExamFlag::critical, "critical"},
      {ExamFlag::cancel_asked, "cancel_asked"},
      {ExamFlag::unauthorised_modality, "unauthorised_modality"},
      {ExamFlag::over_quota, "over_quota"},
      {ExamFlag::overflow, "overflow"},
      {ExamFlag::instead_of_ultrasound, "instead_of_ultrasound"},
      {ExamFlag::bypassed, "bypassed"}};
  Json list = Json::array();
  for (const auto& [flag, name] : names) {
    if (has(flags, flag)) list.push_back(name);
  }
  return list;
}

Json epoch_of(const Epoch& epoch) { return {{"origin", epoch.origin}, {"index", epoch.index}}; }

Json tasks_of(const View& v, const Exam& e) {
  Json tasks = Json::array();
  for (const Task& t : e.tasks) {
    tasks.push_back({{"task", name_of(t.kind)},
                     {"owner", name_of(owner_of(t.kind))},
                     {"due_at", v.when(t.due)},
                     {"overdue", t.is_overdue}});
  }
  return tasks;
}

Json decision_row(const View& v, const Decision& d) {
  Json removed;
  for (std::size_t f = 1; f < d.removed.size(); ++f) {
    if (d.removed[f] > 0) removed[std::string(name_of(static_cast<Filter>(f)))] = d.removed[f];
  }
  Json candidates = Json::array();
  for (const Candidate& c : d.candidates) {
    candidates.push_back({{"reader", v.person(c.reader)},
                          {"site", v.site(c.site)},
                          {"total", c.total()},
                          {"idle", c.idle},
                          {"skill", c.skill},
                          {"territory", c.territory},
                          {"continuity", c.continuity},
                          {"fairness", c.fairness},
                          {"fatigue", c.fatigue},
                          {"balance", c.balance}});
  }
  return {{"index", d.index.value},
          {"reader", v.person(d.reader)},
          {"directory_version", d.directory_version},
          {"relax_step", d.relax_step},
          {"trigger", d.by_reader ? "a reader became free" : "the exam became ready"},
          {"waiting", d.waiting},
          {"removed", removed.is_null() ? Json::object() : removed},
          {"candidates", std::move(candidates)}};
}

/// One sentence that a tired person understands.
std::string because(const View& v, const Exam& e, const Decision& d) {
  std::string text = exam_number(v.directory, e.id) + " went to " + v.person(d.reader);
  if (!d.candidates.empty()) text += " (" + v.site(d.candidates.front().site) + ")";
  if (d.by_reader) {
    return text + ": he became free and it was the first that he may read, of " +
           std::to_string(d.waiting) + " waiting";
  }
  text += ": best of " + std::to_string(d.candidates.size()) + " eligible";
  std::string others;
  for (std::size_t f = 1; f < d.removed.size(); ++f) {
    if (d.removed[f] == 0) continue;
    others += (others.empty() ? "" : ", ") + std::to_string(d.removed[f]) + " " +
              std::string(name_of(static_cast<Filter>(f)));
  }
  if (!others.empty()) text += "; removed: " + others;
  if (!d.candidates.empty()) {
    const Candidate& c = d.candidates.front();
    std::string terms;
    const auto term = [&](const char* name, std::int32_t value) {
      if (value != 0)
        terms += std::string(terms.empty() ? "" : ", ") + name + " " + std::to_string(value);
    };
    term("idle", c.idle);
    term("skill", c.skill);
    term("territory", c.territory);
    term("continuity", c.continuity);
    term("fairness", c.fairness);
    term("fatigue", c.fatigue);
    term("balance", c.balance);
    if (!terms.empty()) text += "; score " + std::to_string(c.total()) + " (" + terms + ")";
  }
  return text;
}

}  // namespace

Json exam_row(const View& v, const Exam& e) {
  const bool waits = e.state == ExamState::ready || e.state == ExamState::offered;
  return {
      {"exam", exam_number(v.directory, e.id)},
      {"id", std::to_string(e.id.value)},
      {"establishment", v.establishment(e.request.establishment)},
      {"placer_order", e.request.key.number},
      {"accession", e.request.accessions.empty() ? std::string{} : e.request.accessions.front()},
      {"modality", name_of(e.request.modality)},
      {"urgency", name_of(e.urgency)},
      {"asked_urgency", name_of(e.request.asked)},
      {"state", name_of(e.state)},
      {"origin_site", v.site(e.origin_site)},
      {"reading_site", v.site(e.reading_site)},
      {"reader", v.person(e.reader)},
      {"epoch", epoch_of(e.epoch)},
      {"received_at", v.when(e.received_at)},
      {"ready_at", v.when(e.ready_at)},
      {"deadline_at", v.when(e.deadline)},
      {"wait_ms", waits ? (v.now() - e.ready_at).value : 0},
      {"parent", e.parent ? exam_number(v.directory, e.parent) : std::string()},
      {"purpose", e.parent ? name_of(e.purpose) : std::string_view()},
      {"tasks", tasks_of(v, e)},
      {"flags", flags_of(e.flags)}};
}

Json exam_detail(const View& v, const Exam& e) {
  Json row = exam_row(v, e);
  row["region"] = name_of(e.request.region);
  row["procedure"] = e.request.procedure;
  row["protocol"] = e.protocol;
  row["agreement"] = e.agreement;
  row["reason"] = e.reason;
  row["generation"] = e.generation;
  row["message_id"] = e.message_id;
  row["images"] = e.images;
  row["studies"] = e.request.studies;
  row["accessions"] = e.request.accessions;
  row["protocol_version"] = e.protocol_version;
  row["protocol_acked"] = e.protocol_acked;
  row["critical"] = e.critical;
  row["reserved_for"] = v.person(e.reserved_for);
  Json children = Json::array();
  for (const ExamId child : e.children) children.push_back(exam_number(v.directory, child));
  row["children"] = std::move(children);
  Json notes = Json::array();
  for (const Note& n : e.notes) {
    notes.push_back({{"at", v.when(n.at)},
                     {"event", name_of(static_cast<EventKind>(n.event))},
                     {"by", v.person(n.by)},
                     {"text", n.text}});
  }
  row["notes"] = std::move(notes);
  Json findings = Json::array();
  for (const Finding& f : e.findings) {
    findings.push_back({{"engine", f.engine},
                        {"version", f.version},
                        {"finding", f.code},
                        {"raised", f.raised},
                        {"at", v.when(f.at)}});
  }
  row["findings"] = std::move(findings);
  row["signed_at"] = v.when(e.signed_at);
  row["delivered_at"] = v.when(e.delivered_at);
  Json reports = Json::array();
  for (const Report& r : e.reports) {
    reports.push_back({{"report", std::to_string(r.id.value)},
                       {"version", r.version.value},
                       {"kind", name_of(r.kind)},
                       {"author", v.person(r.author)},
                       {"site", v.site(r.site)},
                       {"at", v.when(r.at)},
                       {"index", r.index.value},
                       {"critical", r.critical},
                       {"settled", r.settled}});
  }
  row["reports"] = std::move(reports);
  Json deliveries = Json::array();
  static constexpr const char* outcomes[] = {"pending", "acked", "failed"};
  const Establishment* where = v.directory.establishment(e.request.establishment);
  for (const Delivery& d : e.deliveries) {
    const bool known = where && d.recipient < where->recipients.size();
    deliveries.push_back({{"version", d.version.value},
                          {"recipient", known ? where->recipients[d.recipient] : std::string{}},
                          {"owner", v.site(d.owner)},
                          {"state", outcomes[static_cast<std::size_t>(d.state) % 3]},
                          {"detail", d.detail}});
  }
  row["deliveries"] = std::move(deliveries);
  Json timeline = Json::array();
  for (const TimelineItem& t : e.timeline) {
    timeline.push_back({{"index", t.index.value},
                        {"at", v.when(t.at)},
                        {"event", name_of(static_cast<EventKind>(t.event))},
                        {"by", v.person(t.by)},
                        {"site", v.site(t.site)}});
  }
  row["timeline"] = std::move(timeline);
  return row;
}

Json why(const View& v, const Exam& e) {
  Json row = {{"exam", exam_number(v.directory, e.id)},
              {"state", name_of(e.state)},
              {"urgency", name_of(e.urgency)},
              {"origin_site", v.site(e.origin_site)},
              {"reading_site", v.site(e.reading_site)},
              {"reader", v.person(e.reader)},
              {"agreement", e.agreement}};
  Json decisions = Json::array();
  for (const Decision& d : e.decisions) decisions.push_back(decision_row(v, d));
  row["text"] =
      e.decisions.empty() ? std::string("not assigned yet") : because(v, e, e.decisions.back());
  row["decisions"] = std::move(decisions);
  return row;
}

}  // namespace vigie::actors
