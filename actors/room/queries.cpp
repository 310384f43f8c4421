#include "actors/room/queries.hpp"

#include <sodium.h>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "actors/room/exam_view.hpp"
#include "actors/room/guard_view.hpp"
#include "actors/room/roster_view.hpp"
#include "actors/room/why_view.hpp"
#include "messages/codec/directory_codec.hpp"
#include "messages/types/exam_number.hpp"
#include "messages/types/limits.hpp"

namespace vigie::actors {
namespace {

constexpr std::size_t piece_bytes = 48 * 1024;
constexpr std::size_t directory_part_bytes = 32 * 1024;  // a piece, once it is Base64

Json urgencies(const auto& value_of) {
  Json row;
  for (int u = 0; u < urgency_count; ++u) {
    row[std::string(name_of(static_cast<Urgency>(u)))] = value_of(static_cast<Urgency>(u));
  }
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
  return horizon ? std::max<std::int64_t>((*horizon - v.state.utc()).value, 0) / (24_h).value : -1;
}

Json duty_of(const View& v) {
  const room::Duty& duty = v.state.scalars().duty;
  return {{"number", duty.number},
          {"head", v.person(duty.head)},
          {"head_id", duty.head.value},
          {"deputy", v.person(duty.deputy)},
          {"offered_to", v.person(duty.offered_to)},
          {"offered_to_id", duty.offered_to.value},
          {"since", v.when(duty.since)},
          {"lost_since", v.when(duty.lost_since)}};
}

Json overflowing(const View& v) {
  Json names = Json::array();
  for (const GroupId group : v.state.scalars().overflowing) {
    const ProviderGroup* found = v.directory.group(group);
    names.push_back(found ? found->name : std::to_string(group.value));
  }
  return names;
}

Json status(const View& v, Now now) {
  const Host& host = v.host;
  Json rows = Json::array();
  const codec::SiteStatus own = host.own_status();
  const auto tell_member = [&](const Site& site, Json& row) {
    const room::SiteWork work = v.state.work_of(site.id);
    row["closed_posts"] = work.closed_posts;
    row["degraded"] = work.degraded;
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
          {"duty", duty_of(v)},
          {"overflowing", overflowing(v)},
          {"sites", std::move(rows)}};
}

/// `filter`: nothing, a state, an urgency, a hospital, an exam's or an order's number, "tasks":
/// what somebody has to do, or "open": what has no report yet.
bool is_wanted(const View& v, const Exam& e, const std::string& filter) {
  if (filter == "open") return is_open(e);
  if (filter == "tasks") return !e.tasks.empty();
  return filter.empty() || filter == name_of(e.state) || filter == name_of(e.urgency) ||
         filter == e.request.key.number || filter == v.establishment(e.request.establishment) ||
         filter == exam_number(v.directory, e.id);
}

/// May who works at `hospital` see it? 0: he works at none.
bool is_seen(const Exam& exam, EstablishmentId hospital) {
  return !hospital || exam.request.establishment == hospital;
}

Json exams(const View& v, const std::string& filter, EstablishmentId hospital) {
  Json rows = Json::array();
  bool complete = true;
  for (const auto& [id, slot] : v.state.exams().slots()) {
    const Exam& e = slot.record;
    if (!is_seen(e, hospital) || !is_wanted(v, e, filter)) continue;
    complete = rows.size() < limits::hand_over_count;
    if (!complete) break;
    rows.push_back(exam_row(v, e));
  }
  return {
      {"as_of", v.state.scalars().index.value}, {"complete", complete}, {"exams", std::move(rows)}};
}

/// Who sits at a desk: the readers, or in whatever role the person whose id is asked for.
Json readers(const View& v, std::uint32_t person, EstablishmentId hospital) {
  static constexpr const char* modes[] = {"off", "free", "away", "rest"};
  Json rows = Json::array();
  for (const auto& [id, slot] : v.state.sessions().slots()) {
    const room::Session& s = slot.record;
    const bool is_meant = person ? s.person.value == person : s.role == Role::reader;
    if (!s.live || !is_meant) continue;
    const Exam* exam = s.exam ? v.state.exams().find(s.exam) : nullptr;
    rows.push_back({{"reader", v.person(s.person)},
                    {"role", name_of(s.role)},
                    {"site", v.site(s.site)},
                    {"door", v.site(s.door)},
                    {"state", exam ? std::string(name_of(exam->state))
                                   : std::string(modes[static_cast<std::size_t>(s.mode) & 3])},
                    {"exam", exam && is_seen(*exam, hospital) ? exam_number(v.directory, s.exam)
                                                              : std::string{}},
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

/// `argument`, or `otherwise` when it is empty; nothing: it is no number.
std::optional<std::uint32_t> number_in(const std::string& argument, std::uint32_t otherwise) {
  std::uint32_t number = otherwise;
  const char* end = argument.data() + argument.size();
  const auto read = std::from_chars(argument.data(), end, number);
  if (!argument.empty() && (read.ec != std::errc{} || read.ptr != end)) return std::nullopt;
  return number;
}

/// A part of the directory's bytes, from `argument` on; a client asks for the next until it has
/// them all.
Result<Json> directory_part(const Directory& directory, const std::string& argument) {
  if (directory.version == 0) return Error{Errc::not_found, {}};
  const auto offset = number_in(argument, 0);
  const std::string bytes = codec::encode_directory(directory);
  if (!offset || *offset > bytes.size()) return Error{Errc::bad_value, {}};
  return Json{{"version", directory.version},
              {"bytes", bytes.size()},
              {"offset", *offset},
              {"part", base64(std::string_view(bytes).substr(*offset, directory_part_bytes))}};
}

/// The exam that a person names: its number, or the hospital's order number.
const Exam* find_named(const View& v, const std::string& name, EstablishmentId hospital) {
  if (const auto id = parse_exam_number(v.directory, name)) {
    const Exam* exam = v.state.exams().find(*id);
    return exam && is_seen(*exam, hospital) ? exam : nullptr;
  }
  for (const auto& [id, slot] : v.state.exams().slots()) {
    const Exam& exam = slot.record;
    if (exam.request.key.number == name && is_seen(exam, hospital)) return &exam;
  }
  return nullptr;
}

const Person* owner_of(const Directory& directory, const PublicKey& bytes) {
  const Key* key = directory.key_with(bytes);
  return key ? directory.person(key->person) : nullptr;
}

/// What support is told of an exam: where it is and where it goes, nothing that a clinician said or
/// will read (domain R10). What is not named here he does not see.
Json unclinical(const Json& exam) {
  Json row;
  for (const char* key : {"exam",          "id",         "establishment",    "placer_order",
                          "accession",     "accessions", "modality",         "urgency",
                          "asked_urgency", "state",      "origin_site",      "reading_site",
                          "reader",        "epoch",      "received_at",      "ready_at",
                          "deadline_at",   "wait_ms",    "parent",           "purpose",
                          "tasks",         "flags",      "agreement",        "generation",
                          "message_id",    "images",     "protocol_version", "protocol_acked",
                          "reserved_for",  "children",   "signed_at",        "delivered_at",
                          "deliveries",    "timeline"}) {
    if (const auto at = exam.find(key); at != exam.end()) row[key] = *at;
  }
  row["reports"] = Json::array();
  for (const Json& report : exam["reports"]) {
    Json told;
    for (const char* key : {"report", "version", "kind", "author", "site", "at", "settled"}) {
      told[key] = report[key];
    }
    row["reports"].push_back(std::move(told));
  }
  return row;
}

/// The area that is asked for, or the only one that the asker may see.
Result<AreaId> area_of(const Directory& directory, const PublicKey& key, const std::string& name) {
  if (sight_of(directory, key) == Sight::figures) return owner_of(directory, key)->area;
  if (name.empty()) return AreaId{};
  for (const Area& area : directory.areas) {
    if (area.name == name || std::to_string(area.id.value) == name) return area.id;
  }
  return Error{Errc::not_found, {}};
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

bool may_follow(const Directory& directory, const PublicKey& key) {
  const Sight sight = sight_of(directory, key);
  return sight == Sight::all || sight == Sight::own;
}

EstablishmentId hospital_of(const Directory& directory, const PublicKey& key) {
  const bool is_own = sight_of(directory, key) == Sight::own;
  return is_own ? owner_of(directory, key)->establishment : EstablishmentId{};
}

std::vector<QueryReply> answer_query(const Host& host, const Query& query, Now now,
                                     const PublicKey& key) {
  const room::State& state = host.room().state();
  const View v{host, state, host.directory()};
  const LogIndex as_of = state.scalars().index;
  const auto text = [&](const Json& json) {
    return pieces(query.query, as_of,
                  json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  };
  const auto no = [&](Errc code) {
    return std::vector<QueryReply>{{query.query, code, as_of, true, {}}};
  };
  const Sight sight = sight_of(v.directory, key);
  if (sight == Sight::nothing) return no(Errc::unknown_key);
  const EstablishmentId hospital = hospital_of(v.directory, key);
  if (sight == Sight::figures && query.kind != QueryKind::aggregates) return no(Errc::unauthorised);
  switch (query.kind) {
    case QueryKind::status:
      return text(status(v, now));
    case QueryKind::exams:
      return text(exams(v, query.argument, hospital));
    case QueryKind::readers: {
      const auto person = number_in(query.argument, 0);
      return person ? text(readers(v, *person, hospital)) : no(Errc::bad_value);
    }
    case QueryKind::exam:
    case QueryKind::why: {
      const Exam* exam = find_named(v, query.argument, hospital);
      if (!exam) return no(Errc::unknown_exam);
      if (query.kind == QueryKind::why) return text(why(v, *exam, sight != Sight::unclinical));
      const Json all = exam_detail(v, *exam);
      return text(sight == Sight::unclinical ? unclinical(all) : all);
    }
    case QueryKind::directory: {
      const auto part = directory_part(state.directory(), query.argument);
      if (!part) return no(part.error().code);
      return text(*part);
    }
    case QueryKind::roster: {
      const auto days = number_in(query.argument, 1);
      const bool is_near = days && *days <= roster_days_max;
      return is_near ? text(roster(v, 24_h * *days)) : no(Errc::bad_value);
    }
    case QueryKind::incidents:
      return hospital ? no(Errc::unauthorised) : text(incidents(v));
    case QueryKind::aggregates: {
      const auto area = area_of(v.directory, key, query.argument);
      return area ? text(aggregates(v, *area)) : no(area.error().code);
    }
    case QueryKind::none:
      break;
  }
  return no(Errc::unknown_command);
}

}  // namespace vigie::actors
