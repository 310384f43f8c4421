#include "actors/room/queries.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "messages/codec/directory_codec.hpp"
#include "messages/types/exam_number.hpp"

namespace vigie::actors {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t exams_per_reply_max = 1000;
constexpr std::size_t piece_bytes = 48 * 1024;
constexpr std::size_t directory_part_bytes = 32 * 1024;  // a piece, once it is Base64

struct View {
  const Host& host;
  const room::State& state;
  const Directory& directory;

  std::string when(FedTime at) const {
    return at ? iso_utc(UtcTime{(at + state.scalars().utc_offset).value}) : std::string{};
  }
  std::string site(SiteId id) const {
    const Site* found = directory.site(id);
    return found ? found->name : std::string{};
  }
  std::string person(PersonId id) const {
    const Person* found = directory.person(id);
    return found ? found->name : std::string{};
  }
  std::string establishment(EstablishmentId id) const {
    const Establishment* found = directory.establishment(id);
    return found ? found->name : std::string{};
  }
  FedTime now() const { return state.scalars().at; }
};

Json urgencies(const auto& value_of) {
  Json row;
  for (int u = 0; u < urgency_count; ++u) {
    row[std::string(name_of(static_cast<Urgency>(u)))] = value_of(static_cast<Urgency>(u));
  }
  return row;
}

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
      {ExamFlag::unauthorised_modality, "unauthorised_modality"}};
  Json list = Json::array();
  for (const auto& [flag, name] : names) {
    if (has(flags, flag)) list.push_back(name);
  }
  return list;
}

Json epoch_of(const Epoch& epoch) { return {{"origin", epoch.origin}, {"index", epoch.index}}; }

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
  row["signed_at"] = v.when(e.signed_at);
  row["delivered_at"] = v.when(e.delivered_at);
  Json reports = Json::array();
  static constexpr const char* kinds[] = {"none", "preliminary", "final", "late"};
  for (const Report& r : e.reports) {
    reports.push_back({{"report", std::to_string(r.id.value)},
                       {"version", r.version.value},
                       {"kind", kinds[static_cast<std::size_t>(r.kind) & 3]},
                       {"author", v.person(r.author)},
                       {"site", v.site(r.site)},
                       {"at", v.when(r.at)},
                       {"index", r.index.value},
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

const char* raft_name(const replica::Replica& r) {
  static constexpr const char* names[] = {"follower", "pre_candidate", "candidate", "leader"};
  return names[static_cast<std::size_t>(r.role())];
}

Json status_row(const View& v, const codec::SiteStatus& s, SiteId site) {
  const auto& state = v.state;
  Json row = {{"site", v.site(site)}, {"halted_at", s.halted_at.value}, {"disk_slow", s.disk_slow}};
  row["mode"] = s.halted_at ? "HALTED" : "CONNECTED";
  row["raft"] = s.leader ? "leader" : "follower";
  row["voter"] = true;
  row["leader"] = v.site(v.host.replica().leader());
  row["term"] = s.term.value;
  row["commit_index"] = s.commit.value;
  row["applied_index"] = s.applied.value;
  row["digest"] = to_hex(s.digest);
  row["lag"] = 0;
  row["last_contact_ms"] = 0;
  row["readers"] = s.readers;
  row["waiting"] = urgencies([&](Urgency u) {
    const auto at = static_cast<std::size_t>(u);
    return state.counts()[static_cast<std::size_t>(ExamState::ready)][at] +
           state.counts()[static_cast<std::size_t>(ExamState::offered)][at];
  });
  row["oldest_wait_ms"] = urgencies([&](Urgency u) -> std::int64_t {
    const auto at = state.by_age().lower_bound({u, FedTime{}, ExamId{}});
    const bool some = at != state.by_age().end() && std::get<0>(*at) == u;
    return some ? (v.now() - std::get<1>(*at)).value : 0;
  });
  row["local_unreplicated"] = s.unreplicated;
  row["undelivered"] = s.undelivered;
  row["archive_complete"] = s.archive_complete;
  row["intake_stopped"] = s.intake_stopped;
  row["version"] = s.version;
  row["level"] = state.scalars().level.value;
  return row;
}

/// Days that all calendars still know; -1: there are none.
std::int64_t days_left(const View& v) {
  const auto horizon = v.directory.horizon();
  const FedTime utc = v.now() + v.state.scalars().utc_offset;
  return horizon ? std::max<std::int64_t>(horizon->value - utc.value, 0) / (24_h).value : -1;
}

Json status(const View& v, Now now) {
  const Host& host = v.host;
  Json rows = Json::array();
  const codec::SiteStatus own = host.own_status();
  const auto tell_member = [&](const Site& site, Json& row) {
    const Member* is = replica::find_member(host.replica().members(), site.id);
    row["id"] = site.id.value;
    row["voter"] = is && is->voter;
    row["member"] = !is ? "none" : is->voter ? "voter" : "learner";
    row["wanted"] = name_of(site.membership);
  };
  for (const Site& site : v.directory.sites) {
    if (site.id == host.settings().self) {
      Json row = status_row(v, own, site.id);
      row["raft"] = raft_name(host.replica());
      tell_member(site, row);
      if (host.is_halted()) row["halted_hash"] = host.halted_hash();
      if (host.is_quarantined()) row["mode"] = "QUARANTINED";
      row["quarantine"] = host.settings().quarantine;
      rows.push_back(std::move(row));
      continue;
    }
    const auto peer = host.peers().find(site.id);
    if (peer == host.peers().end()) continue;
    const auto& view = peer->second;
    Json row = status_row(v, view.status.value_or(codec::SiteStatus{}), site.id);
    const std::int64_t contact = now.boot ? (now.boot - view.last_heard).value : 0;
    tell_member(site, row);
    const std::string_view quarantine = Host::quarantine_of(view);
    row["mode"] = !quarantine.empty() ? Json("QUARANTINED")
                  : contact > 2000    ? Json("UNREACHABLE")
                                      : row["mode"];
    row["quarantine"] = quarantine;
    row["last_contact_ms"] = contact;
    if (contact > 2000) row["raft"] = "unknown";  // what it was when last heard says nothing
    const std::uint64_t theirs = view.status ? view.status->applied.value : 0;
    row["lag"] = own.commit.value > theirs ? own.commit.value - theirs : 0;
    rows.push_back(std::move(row));
  }
  return {{"as_of", v.state.scalars().index.value},
          {"served_by", host.settings().site_name},
          {"has_leader", static_cast<bool>(host.replica().leader())},
          {"members_wait", host.members_wait()},
          {"calendars_days", days_left(v)},
          {"sites", std::move(rows)}};
}

Json exams(const View& v, const std::string& filter) {
  Json rows = Json::array();
  bool complete = true;
  for (const auto& [id, slot] : v.state.exams().slots()) {
    const Exam& e = slot.record;
    if (!filter.empty() && filter != name_of(e.state) && filter != e.request.key.number) continue;
    complete = rows.size() < exams_per_reply_max;
    if (!complete) break;
    rows.push_back(exam_row(v, e));
  }
  return {
      {"as_of", v.state.scalars().index.value}, {"complete", complete}, {"exams", std::move(rows)}};
}

Json readers(const View& v) {
  static constexpr const char* modes[] = {"off", "free", "away", "rest"};
  Json rows = Json::array();
  for (const auto& [id, slot] : v.state.sessions().slots()) {
    const room::Session& s = slot.record;
    if (!s.live || s.role != Role::reader) continue;
    const Exam* exam = s.exam ? v.state.exams().find(s.exam) : nullptr;
    rows.push_back({{"reader", v.person(s.person)},
                    {"site", v.site(s.site)},
                    {"door", v.site(s.door)},
                    {"state", exam ? std::string(name_of(exam->state))
                                   : std::string(modes[static_cast<std::size_t>(s.mode) & 3])},
                    {"exam", exam ? exam_number(v.directory, s.exam) : std::string{}},
                    {"units", s.units}});
  }
  return {{"as_of", v.state.scalars().index.value}, {"readers", std::move(rows)}};
}

std::string base64(std::string_view bytes) {
  constexpr int variant = sodium_base64_VARIANT_ORIGINAL;
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                    bytes.size(), variant);
  text.pop_back();  // its final zero
  return text;
}

/// Where a part begins: `argument`, or 0 when it is empty.
std::optional<std::size_t> offset_of(const std::string& argument) {
  std::size_t offset = 0;
  const char* end = argument.data() + argument.size();
  const auto read = std::from_chars(argument.data(), end, offset);
  if (!argument.empty() && (read.ec != std::errc{} || read.ptr != end)) return std::nullopt;
  return offset;
}

/// A part of the directory's bytes; a client asks for the next until it has them all.
Result<Json> directory_part(const Directory& directory, const std::string& argument) {
  if (directory.version == 0) return Error{Errc::not_found, {}};
  const auto offset = offset_of(argument);
  const std::string bytes = codec::encode_directory(directory);
  if (!offset || *offset > bytes.size()) return Error{Errc::bad_value, {}};
  return Json{{"version", directory.version},
              {"bytes", bytes.size()},
              {"offset", *offset},
              {"part", base64(std::string_view(bytes).substr(*offset, directory_part_bytes))}};
}

/// The exam that a person names: its number, or the hospital's order number.
const Exam* find_named(const View& v, const std::string& name) {
  if (const auto id = parse_exam_number(v.directory, name)) return v.state.exams().find(*id);
  for (const auto& [id, slot] : v.state.exams().slots()) {
    if (slot.record.request.key.number == name) return &slot.record;
  }
  return nullptr;
}

std::vector<QueryReply> pieces(std::uint64_t query, LogIndex as_of, const std::string& text) {
  std::vector<QueryReply> replies;
  std::size_t at = 0;
  do {
    const std::size_t size = std::min(piece_bytes, text.size() - at);
    replies.push_back({query, Errc::ok, as_of, at + size == text.size(), text.substr(at, size)});
    at += size;
  } while (at < text.size());
  return replies;
}

}  // namespace

std::string iso_utc(UtcTime at) {
  if (!at) return {};
  const std::time_t seconds = static_cast<std::time_t>(at.value / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[40];
  const std::size_t size = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  char ms[8];
  std::snprintf(ms, sizeof ms, ".%03dZ", static_cast<int>(at.value % 1000));
  return std::string(text, size) + ms;
}

std::vector<QueryReply> answer_query(const Host& host, const Query& query, Now now) {
  const room::State& state = host.room().state();
  const View v{host, state, host.directory()};
  const LogIndex as_of = state.scalars().index;
  const auto text = [&](const Json& json) {
    return pieces(query.query, as_of,
                  json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  };
  switch (query.kind) {
    case QueryKind::status:
      return text(status(v, now));
    case QueryKind::exams:
      return text(exams(v, query.argument));
    case QueryKind::readers:
      return text(readers(v));
    case QueryKind::exam:
    case QueryKind::why: {
      const Exam* exam = find_named(v, query.argument);
      if (!exam) return {{query.query, Errc::unknown_exam, as_of, true, {}}};
      return text(query.kind == QueryKind::why ? why(v, *exam) : exam_detail(v, *exam));
    }
    case QueryKind::directory: {
      const auto part = directory_part(state.directory(), query.argument);
      if (!part) return {{query.query, part.error().code, as_of, true, {}}};
      return text(*part);
    }
    case QueryKind::none:
      break;
  }
  return {{query.query, Errc::unknown_command, as_of, true, {}}};
}

}  // namespace vigie::actors
