// load_directory(): sites first, then what refers to them, by name.
#include <algorithm>
#include <map>
#include <set>

#include "actors/core/calendar/holidays.hpp"
#include "config/settings/directory_file.hpp"
#include "config/settings/directory_source.hpp"
#include "config/settings/directory_tables.hpp"
#include "config/settings/table_reader.hpp"
#include "messages/types/limits.hpp"

namespace vigie::settings {
namespace {

constexpr std::int64_t id16_max = 0xffff;

// Names of one kind and what they stand for; each name and each id once.
template <class Id>
class Names {
 public:
  explicit Names(std::string kind) : kind_(std::move(kind)) {}

  void add(const TableReader& reader, const std::string& name, Id id) {
    if (!name.empty() && !ids_.try_emplace(name, id).second) {
      reader.problem("name", in_quotes(name) + " again", "each name of a " + kind_ + " once");
    }
    if (id && !used_.insert(id).second) {
      reader.problem("id", std::to_string(id.value) + " again", "each id of a " + kind_ + " once");
    }
  }
  std::optional<Id> find(std::string_view name) const {
    const auto at = ids_.find(name);
    return at == ids_.end() ? std::nullopt : std::optional<Id>(at->second);
  }
  std::string allowed() const { return "the name of a " + kind_; }

  bool reference(TableReader& reader, Key key, Id& out) const {
    return reader.parsed(key, out, allowed(), [&](std::string_view name) { return find(name); });
  }
  bool references(TableReader& reader, Key key, std::vector<Id>& out, std::size_t least) const {
    return reader.list<Id>(key, out, least, 4096, allowed(),
                           [&](std::string_view name) { return find(name); });
  }

 private:
  std::string kind_;
  std::map<std::string, Id, std::less<>> ids_;
  std::set<Id> used_;
};

// A text that may stand once in the file: a code, a FINESS number.
class Once {
 public:
  void add(const TableReader& reader, std::string_view key, const std::string& value) {
    if (!value.empty() && !seen_.insert(value).second) {
      reader.problem(key, in_quotes(value) + " again", "each once");
    }
  }

 private:
  std::set<std::string> seen_;
};

class DirectoryReader {
 public:
  DirectoryReader(DirectorySource& source, const Problems& problems)
      : s_(source), d_(source.directory), problems_(problems) {}

  void read(TableReader& root) {
    using Reader = DirectoryReader;
    root.integer<std::uint32_t>(required("version"), d_.version, 1, 0x7fffffff);
    root.name(required("federation"), d_.federation);
    read_all(root, "area", 1024, s_.areas, &Reader::read_area);
    read_all(root, "entity", 4096, s_.entities, &Reader::read_entity);
    read_all(root, required("site"), 64, s_.sites, &Reader::read_site);
    read_all(root, "calendar", 64, s_.calendars, &Reader::read_calendar);
    read_all(root, "establishment", 4096, s_.establishments, &Reader::read_establishment);
    read_all(root, "group", 64, s_.groups, &Reader::read_group);
    read_all(root, "agreement", 1024, s_.agreements, &Reader::read_agreement);
    read_all(root, "person", 65536, s_.people, &Reader::read_person);
    read_all(root, "key", 65536, s_.keys, &Reader::read_key);
    read_all(root, "protocol", 1024, s_.protocols, &Reader::read_protocol);
    read_all(root, "engine", limits::engines_count, s_.engines, &Reader::read_engine);
    read_all(root, "shift", limits::roster_count, s_.shifts, &Reader::read_shift);
    root.table("rules", [&](TableReader& r) { read_rules(r); });
  }

 private:
  void read_all(TableReader& root, Key key, std::size_t count_max, SourceTables& tables,
                void (DirectoryReader::*read_one)(TableReader&)) {
    const std::size_t before = problems_.count();
    root.tables(key, count_max, [&](TableReader& r) {
      (this->*read_one)(r);
      tables.lines.push_back(r.lines());
    });
    tables.is_sound = problems_.count() == before;
  }

  void read_area(TableReader& r) {
    Area& area = d_.areas.emplace_back();
    r.id(required("id"), area.id, id16_max);
    r.text(required("name"), area.name, 1, limits::name_bytes);
    r.choice<AreaKind>(
        required("kind"), area.kind,
        {{"ght", AreaKind::ght}, {"territory", AreaKind::territory}, {"region", AreaKind::region}});
    if (areas_.reference(r, "within", area.within)) {
      const auto larger = std::ranges::find(d_.areas, area.within, &Area::id);
      if (larger->kind <= area.kind) {
        r.problem("within", r.shown("within") + ", a " + std::string(name_of(larger->kind)),
                  "an area of a larger kind than a " + std::string(name_of(area.kind)));
      }
    }
    areas_.add(r, area.name, area.id);
  }

  void read_entity(TableReader& r) {
    LegalEntity& entity = d_.entities.emplace_back();
    r.id(required("id"), entity.id);
    r.text(required("name"), entity.name, 1, limits::name_bytes);
    r.choice<EntityKind>("kind", entity.kind,
                         {{"public", EntityKind::public_},
                          {"private", EntityKind::private_},
                          {"mutualist", EntityKind::mutualist}});
    entities_.add(r, entity.name, entity.id);
  }

  void read_site(TableReader& r) {
    Site& site = d_.sites.emplace_back();
    r.id(required("id"), site.id, 64);
    r.name(required("name"), site.name);
    r.parsed(required("code"), site.code, "three capital letters",
             [](std::string_view text) -> std::optional<std::string> {
               const bool capitals =
                   text.size() == 3 && std::all_of(text.begin(), text.end(),
                                                   [](char c) { return c >= 'A' && c <= 'Z'; });
               return capitals ? std::optional<std::string>(text) : std::nullopt;
             });
    areas_.reference(r, "area", site.area);
    r.integer<std::uint16_t>("posts", site.posts, 0, 1000);
    r.tables("post", 1000, [&](TableReader& t) { read_post(t, site); });
    if (!site.enrolled.empty() && site.enrolled.size() != site.posts) {
      r.problem("posts", std::to_string(site.posts),
                "as many as its list of posts has: " + std::to_string(site.enrolled.size()));
    }
    r.text("phone", site.phone, 0, limits::name_bytes);
    r.public_key("node_key", site.node_key);
    r.boolean("draining", site.draining);
    sites_.add(r, site.name, site.id);
    once_.add(r, "code", site.code);
  }

  void read_calendar(TableReader& r) {
    Calendar& calendar = d_.calendars.emplace_back();
    r.id(required("id"), calendar.id, id16_max);
    r.text(required("name"), calendar.name, 1, limits::name_bytes);
    r.text(required("zone"), calendar.zone, 1, limits::name_bytes);
    calendar.holidays = {"france"};
    r.list<std::string>("holidays", calendar.holidays, 0, limits::holidays_count,
                        "\"france\", MM-DD, good-friday, easter+N or the like",
                        [](std::string_view text) -> std::optional<std::string> {
                          const auto known = calendar::parse_holidays({std::string(text)});
                          return known ? std::optional<std::string>(text) : std::nullopt;
                        });
    r.duration("guard_begin", calendar.guard_begin, 12_h, 24_h - 1_min);
    r.duration("guard_end", calendar.guard_end, 0_ms, 12_h - 1_min);
    for (const auto& [key, time] : {std::pair{"guard_begin", calendar.guard_begin},
                                    std::pair{"guard_end", calendar.guard_end}}) {
      if (time.value % (1_min).value != 0) r.problem(key, r.shown(key), "whole minutes");
    }
    calendars_.add(r, calendar.name, calendar.id);
  }

  void read_group(TableReader& r) {
    ProviderGroup& group = d_.groups.emplace_back();
    r.id(required("id"), group.id, id16_max);
    r.text(required("name"), group.name, 1, limits::name_bytes);
    sites_.references(r, "sites", group.sites, 1);
    establishments_.references(r, "establishments", group.establishments, 1);
    if (!r.has("sites") && !r.has("establishments")) {
      r.problem("sites", "nothing", "sites, establishments or both: who reads");
    }
    groups_.add(r, group.name, group.id);
  }

  void read_establishment(TableReader& r) {
    Establishment& place = d_.establishments.emplace_back();
    r.id(required("id"), place.id);
    r.name(required("name"), place.name);
    entities_.reference(r, required("legal_entity"), place.legal_entity);
    r.parsed("finess", place.finess, "9 digits (the second may be A or B)",
             [](std::string_view text) -> std::optional<std::string> {
               return is_finess(text) ? std::optional<std::string>(text) : std::nullopt;
             });
    areas_.reference(r, "area", place.area);
    calendars_.reference(r, "calendar", place.calendar);
    sites_.references(r, required("doors"), place.doors, 1);
    r.text("phone", place.phone, 0, limits::name_bytes);
    r.boolean("protocol_ack", place.protocol_ack);
    read_modalities(r, "authorised", place.authorised);
    r.tables("recourse", 16, [&](TableReader& t) {
      Recourse& recourse = place.recourses.emplace_back();
      t.text(required("name"), recourse.name, 1, limits::name_bytes);
      t.text("phone", recourse.phone, 0, limits::name_bytes);
      t.integer<std::uint16_t>(required("minutes"), recourse.minutes, 1, recourse_minutes_max,
                               "minutes");
      t.boolean("paediatric", recourse.paediatric);
    });
    r.list<std::string>("recipients", place.recipients, 0, 8,
                        "the name of a feed (1 to 32 of a-z, 0-9 and -)",
                        [](std::string_view text) -> std::optional<std::string> {
                          return is_name(text) ? std::optional<std::string>(text) : std::nullopt;
                        });
    establishments_.add(r, place.name, place.id);
    once_.add(r, "finess", place.finess);
  }

  void read_agreement(TableReader& r) {
    Agreement& agreement = d_.agreements.emplace_back();
    r.text(required("name"), agreement.name, 1, limits::name_bytes);
    r.choice<AgreementKind>("kind", agreement.kind,
                            {{"host", AgreementKind::host},
                             {"provider", AgreementKind::provider},
                             {"pool", AgreementKind::pool}});
    r.text("legal_basis", agreement.legal_basis, 0, limits::name_bytes);
    establishments_.references(r, "establishments", agreement.establishments, 0);
    entities_.references(r, "entities", agreement.entities, 0);
    areas_.references(r, "areas", agreement.areas, 0);
    read_modalities(r, required("modalities"), agreement.modalities);
    groups_.reference(r, required("group"), agreement.group);
    groups_.reference(r, "overflow", agreement.overflow);
    r.choice<Regulation>("regulation", agreement.regulation,
                         {{"required", Regulation::required},
                          {"after", Regulation::after},
                          {"none", Regulation::none}});
    r.integer<std::uint16_t>("pool_min", agreement.pool_min, 1, 4096);
    r.list<std::string>("after", agreement.after, 0, 1024, "the name of an [[agreement]] above",
                        [&](std::string_view text) -> std::optional<std::string> {
                          const auto at = std::ranges::find(d_.agreements, text, &Agreement::name);
                          if (&*at == &agreement) return std::nullopt;
                          return std::string(text);
                        });
    r.integer<std::uint16_t>("quota", agreement.quota, 1, 0xffff, "exams of one guard");
    r.integer<std::uint16_t>("readers_min", agreement.readers_min, 1, 1000, "readers");
    constexpr const char* targets[] = {"target_p0", "target_p1", "target_p2", "target_p3"};
    for (std::size_t u = 0; u < agreement.targets.size(); ++u) {
      r.duration(targets[u], agreement.targets[u], 1_min, 24_h);
    }
    read_bands(r, agreement.bands);
    r.date("from", agreement.from);
    r.date("until", agreement.until);
    read_signature(r, "requester", agreement.requester);
    read_signature(r, "provider", agreement.provider);
  }

  void read_person(TableReader& r) {
    Person& person = d_.people.emplace_back();
    r.id(required("id"), person.id);
    r.text(required("name"), person.name, 1, limits::name_bytes);
    r.parsed("rpps", person.rpps, "11 digits",
             [](std::string_view text) -> std::optional<std::string> {
               return is_rpps(text) ? std::optional<std::string>(text) : std::nullopt;
             });
    read_roles(r, person.roles);
    sites_.reference(r, "site", person.site);
    establishments_.reference(r, "establishment", person.establishment);
    establishments_.reference(r, "institution", person.institution);
    areas_.reference(r, "area", person.area);
    r.integer<std::uint16_t>("home_hours", person.home_hours, 1, 168, "hours a week");
    r.tables("privilege", 16, [&](TableReader& t) { read_privilege(t, person); });
    r.tables("qualification", 16, [&](TableReader& t) { read_qualification(t, person); });
    read_skills(r, person.skills);
    people_.add(r, person.name, person.id);
    once_.add(r, "rpps", person.rpps);
    check_reader(r, person);
  }

  static void check_reader(const TableReader& r, const Person& person) {
    if (person.roles == Set<Role>{}) return;  // already refused
    if (person.roles.contains(Role::agency) != r.has("area")) {
      r.problem("area", r.shown("area"), "the name of an [[area]], for an agency and nobody else");
    }
    const bool reads = person.roles.contains(Role::reader);
    if (person.roles.contains(Role::regulator) && !r.has("qualification")) {
      r.problem("qualification", "nothing", "a regulator's, with its dates");
    }
    if (!reads &&
        (r.has("privilege") || r.has("skills") || r.has("institution") || r.has("home_hours"))) {
      r.problem(
          "roles", r.shown("roles"),
          "\"reader\" among them, for who has privileges, skills, an institution or hours there");
    }
    if (!reads) return;
    for (const char* key : {"rpps", "site", "privilege"}) {
      if (!r.has(key)) r.problem(key, "nothing", "a value: a reader needs it");
    }
  }

  void read_key(TableReader& r) {
    vigie::Key& key = d_.keys.emplace_back();
    r.id(required("id"), key.id);
    r.public_key(required("key"), key.key);
    people_.reference(r, "person", key.person);
    sites_.reference(r, "node", key.node);
    r.boolean("concentrator", key.concentrator);
    r.boolean("revoked", key.revoked);
    if (r.has("person") == r.has("node")) {
      r.problem("person", r.has("person") ? "a person and a node" : "nothing",
                "either person or node");
    }
    keys_.add(r, "", key.id);
    if (key.key != PublicKey{}) once_.add(r, "key", text_of(key.key));
  }

  void read_protocol(TableReader& r) {
    Protocol& protocol = d_.protocols.emplace_back();
    r.text(required("code"), protocol.code, 1, limits::name_bytes);
    r.text(required("name"), protocol.name, 1, limits::name_bytes);
    r.parsed(required("modality"), protocol.modality, modalities_allowed, remote_modality);
    r.parsed("region", protocol.region, regions_allowed, known_region);
    r.parsed("skill", protocol.skill, skills_allowed, known_skill);
    r.integer<std::uint16_t>("expected_minutes", protocol.expected_minutes, 1, 240, "minutes");
    r.boolean("vital", protocol.vital);
    r.duration("quiet", protocol.quiet, 0_ms, 1_h);
    r.boolean("collegial", protocol.collegial);
    once_.add(r, "code", protocol.code);
  }

  void read_engine(TableReader& r) {
    Engine& engine = d_.engines.emplace_back();
    r.text(required("name"), engine.name, 1, limits::name_bytes);
    r.integer<std::uint16_t>(required("raises_per_hour"), engine.raises_per_hour, 0, 1000);
    r.tables("finding", limits::ceilings_count, [&](TableReader& t) {
      Ceiling& ceiling = engine.ceilings.emplace_back();
      t.text(required("code"), ceiling.finding, 1, limits::name_bytes);
      t.choice<Urgency>(required("ceiling"), ceiling.urgency,
                        {{"p1", Urgency::p1}, {"p2", Urgency::p2}});
    });
    once_.add(r, "engine", engine.name);
  }

  void read_shift(TableReader& r) {
    Shift& shift = d_.roster.emplace_back();
    people_.reference(r, required("person"), shift.person);
    sites_.reference(r, required("site"), shift.site);
    const bool begins = r.moment(required("from"), shift.from);
    if (!r.moment(required("until"), shift.until) || !begins) return;
    if (shift.until <= shift.from || shift.until - shift.from > shift_max) {
      r.problem("until", moment_text(shift.until),
                "after from, " + moment_text(shift.from) + ", and at most a day after it");
    }
    const auto other = std::ranges::find_if(d_.roster, [&](const Shift& s) {
      const bool meet = s.from < shift.until && shift.from < s.until;
      return &s != &shift && s.person == shift.person && meet;
    });
    if (other != d_.roster.end()) {
      r.problem("from", moment_text(shift.from),
                "when he is not on guard already, from " + moment_text(other->from));
    }
    const auto reader = std::ranges::find(d_.people, shift.person, &Person::id);
    if (reader != d_.people.end() && !reader->roles.contains(Role::reader)) {
      r.problem("person", r.shown("person"), "a reader");
    }
  }

  void read_rules(TableReader& r) {
    Rules& rules = d_.rules;
    r.duration("offer_timeout", rules.offer_timeout, 100_ms, 10_min);
    r.duration("offer_timeout_p0", rules.offer_timeout_p0, 100_ms, 10_min);
    r.duration("claim_lease", rules.claim_lease, 1_s, 1_h);
    r.duration("relax_any", rules.relax_any, 0_ms, 24_h);
    r.duration("relax_overflow", rules.relax_overflow, 0_ms, 24_h);
    r.duration("target_p0", rules.target_p0, 1_min, 24_h);
    r.duration("target_p1", rules.target_p1, 1_min, 24_h);
    r.duration("target_p2", rules.target_p2, 1_min, 24_h);
    r.duration("target_p3", rules.target_p3, 1_min, 24_h);
    r.duration("info_reminder", rules.info_reminder, 1_s, 24_h);
    r.duration("no_images", rules.no_images, 1_s, 24_h);
    r.duration("images_stalled", rules.images_stalled, 1_s, 24_h);
    r.duration("delivery_owner_timeout", rules.delivery_owner_timeout, 1_s, 1_h);
    r.duration("close_after", rules.close_after, 1_s, 720_h);
    r.duration("bundle", rules.bundle, 0_ms, 24_h);
    r.duration("agreement_grace", rules.agreement_grace, 0_ms, 24_h);
    r.duration("protocol_ack", rules.protocol_ack, 1_s, 24_h);
    r.duration("cancel_answer", rules.cancel_answer, 1_s, 1_h);
    r.duration("hold_reminder", rules.hold_reminder, 1_s, 24_h);
    r.duration("reserve", rules.reserve, 0_ms, 24_h);
    r.duration("preliminary_reminder", rules.preliminary_reminder, 1_s, 24_h);
    r.duration("critical_ack", rules.critical_ack, 1_s, 24_h);
    r.duration("undelivered", rules.undelivered, 1_s, 24_h);
    r.duration("undelivered_call", rules.undelivered_call, 1_s, 24_h);
    r.duration("task", rules.task, 1_s, 24_h);
    r.duration("duty_succession", rules.duty_succession, 1_s, 24_h);
    r.duration("no_show", rules.no_show, 0_ms, 12_h);
    r.duration("overflow_open", rules.overflow_open, 0_ms, 24_h);
    r.duration("overflow_close", rules.overflow_close, 0_ms, 24_h);
    if (rules.overflow_close > rules.overflow_open) {
      r.problem("overflow_close", in_quotes(duration_text(rules.overflow_close)),
                "at most overflow_open, " + in_quotes(duration_text(rules.overflow_open)));
    }
    if (rules.relax_overflow < rules.relax_any) {
      r.problem("relax_overflow", in_quotes(duration_text(rules.relax_overflow)),
                "at least relax_any, " + in_quotes(duration_text(rules.relax_any)));
    }
  }

  DirectorySource& s_;
  Directory& d_;
  const Problems& problems_;
  Names<AreaId> areas_{"[[area]] above"};
  Names<LegalEntityId> entities_{"[[entity]]"};
  Names<SiteId> sites_{"[[site]]"};
  Names<CalendarId> calendars_{"[[calendar]]"};
  Names<GroupId> groups_{"[[group]]"};
  Names<EstablishmentId> establishments_{"[[establishment]]"};
  Names<PersonId> people_{"[[person]]"};
  Names<KeyId> keys_{"[[key]]"};
  Once once_;
};

// The agreement with which the waiting queues become too many (design D5).
void check_queues(const DirectorySource& source, Problems& problems) {
  const auto& agreements = source.directory.agreements;
  Directory so_far;
  so_far.rules = source.directory.rules;
  for (std::size_t i = 0; i < agreements.size(); ++i) {
    so_far.agreements.push_back(agreements[i]);
    if (so_far.queue_keys() <= limits::queue_keys_count) continue;
    return problems.add(source.agreements.line(i, "name"),
                        "agreement[" + std::to_string(i + 1) + ']',
                        std::to_string(so_far.queue_keys()) + " waiting queues with it",
                        "modalities x pairs of group and overflow x 8 up to " +
                            std::to_string(limits::queue_keys_count));
  }
}

}  // namespace

Result<void> read_source(Problems& problems, DirectorySource& source) {
  return read_toml(problems, [&](TableReader& reader) {
    DirectoryReader(source, problems).read(reader);
    if (source.agreements.is_sound) check_queues(source, problems);
    if (problems.any()) return;
    Directory whole = source.directory;
    if (const auto consistent = whole.normalise(); !consistent) {
      problems.add(1, "directory", consistent.error().what, "a consistent directory");
    }
  });
}

Result<Directory> load_directory(const std::filesystem::path& path) {
  DirectorySource source;
  Problems problems(path.string());
  if (const auto read = read_source(problems, source); !read) return read.error();
  if (const auto sorted = source.directory.normalise(); !sorted) return sorted.error();
  return std::move(source.directory);
}

}  // namespace vigie::settings
