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

Json delivery_row(const View& v, const Exam& e, const Delivery& d) {
  static constexpr const char* outcomes[] = {"pending", "acked", "failed"};
  const Establishment* where = v.directory.establishment(e.request.establishment);
  const bool is_known = where && d.recipient < where->recipients.size();
  return {{"recipient", is_known ? where->recipients[d.recipient] : std::string{}},
          {"version", d.version.value},
          {"owner", v.site(d.owner)},
          {"state", outcomes[static_cast<std::size_t>(d.state) % 3]},
          {"since", v.when(d.since)},
          {"detail", d.detail}};
}

Json exam_detail(const View& v, const Exam& e) {
  Json row = exam_row(v, e);
  row["region"] = name_of(e.request.region);
  row["procedure"] = e.request.procedure;
  row["protocol"] = e.protocol;
  row["agreement"] = e.agreement;
  row["callback_phone"] = e.request.callback_phone;
  row["reason"] = e.reason;
  row["generation"] = e.generation;
  row["message_id"] = e.message_id;
  row["images"] = e.images;
  row["studies"] = e.request.studies;
  row["accessions"] = e.request.accessions;
  row["priors"] = e.request.priors;
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
                       {"settled", r.settled},
                       {"text", r.text}});
  }
  row["reports"] = std::move(reports);
  Json deliveries = Json::array();
  for (const Delivery& d : e.deliveries) deliveries.push_back(delivery_row(v, e, d));
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

}  // namespace vigie::actors
