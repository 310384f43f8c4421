// write_directory(): ids become names again.
#include "config/settings/directory_file.hpp"
#include "config/settings/toml_writer.hpp"

namespace vigie::settings {
namespace {

template <class Enum>
std::vector<std::string> names_of(Set<Enum> set) {
  std::vector<std::string> names;
  for (unsigned bit = 0; bit < 16; ++bit) {
    if (set.contains(static_cast<Enum>(bit))) names.emplace_back(name_of(static_cast<Enum>(bit)));
  }
  return names;
}

template <class Item>
std::string name_or_empty(const Item* item) {
  return item ? item->name : std::string();
}

template <class Id, class Find>
std::vector<std::string> names_in(const Directory& d, const std::vector<Id>& ids, Find find) {
  std::vector<std::string> names;
  for (const Id id : ids) names.push_back(name_or_empty((d.*find)(id)));
  return names;
}

void write_areas(TomlWriter& out, const Directory& d) {
  for (const AreaKind kind : {AreaKind::region, AreaKind::territory, AreaKind::ght}) {
    for (const Area& area : d.areas) {
      if (area.kind != kind) continue;
      out.item("area").number("id", area.id.value).text("name", area.name);
      out.text("kind", name_of(kind)).text_if("within", name_or_empty(d.area(area.within)));
    }
  }
  for (const LegalEntity& entity : d.entities) {
    out.item("entity").number("id", entity.id.value).text("name", entity.name);
    out.text_if("kind", name_of(entity.kind));
  }
}

void write_groups(TomlWriter& out, const Directory& d) {
  for (const ProviderGroup& group : d.groups) {
    out.item("group").number("id", group.id.value).text("name", group.name);
    out.list_if("sites", names_in(d, group.sites, &Directory::site));
    out.list_if("establishments", names_in(d, group.establishments, &Directory::establishment));
  }
}

void write_sites(TomlWriter& out, const Directory& d) {
  for (const Site& site : d.sites) {
    out.item("site");
    if (site.membership == Membership::removed) out.comment("removed; its id stays its own");
    out.number("id", site.id.value).text("name", site.name).text("code", site.code);
    out.text_if("area", name_or_empty(d.area(site.area))).number("posts", site.posts);
    std::vector<std::string> enrolled;
    for (const Post& post : site.enrolled) {
      const bool is_centre = post.kind == PostKind::centre;
      enrolled.push_back("name = " + in_quotes(post.name) +
                         (is_centre ? "" : ", kind = " + in_quotes(name_of(post.kind))));
    }
    out.tables_if("post", enrolled).text_if("phone", site.phone);
    if (site.node_key != PublicKey{}) out.text("node_key", text_of(site.node_key));
    if (site.draining) out.boolean("draining", true);
  }
  for (const Calendar& calendar : d.calendars) {
    out.item("calendar").number("id", calendar.id.value).text("name", calendar.name);
    out.text("zone", calendar.zone).list("holidays", calendar.holidays);
    out.text("guard_begin", duration_text(calendar.guard_begin));
    out.text("guard_end", duration_text(calendar.guard_end));
  }
}

void write_establishments(TomlWriter& out, const Directory& d) {
  for (const Establishment& place : d.establishments) {
    out.item("establishment").number("id", place.id.value).text("name", place.name);
    out.text("legal_entity", name_or_empty(d.entity(place.legal_entity)));
    out.text_if("finess", place.finess).text_if("area", name_or_empty(d.area(place.area)));
    out.text_if("calendar", name_or_empty(d.calendar(place.calendar)));
    out.list("doors", names_in(d, place.doors, &Directory::site)).text_if("phone", place.phone);
    out.list_if("authorised", names_of(place.authorised)).list_if("recipients", place.recipients);
    if (place.protocol_ack) out.boolean("protocol_ack", true);
    for (const Recourse& recourse : place.recourses) {
      out.item("establishment.recourse").text("name", recourse.name);
      out.text_if("phone", recourse.phone).number("minutes", recourse.minutes);
      if (recourse.paediatric) out.boolean("paediatric", true);
    }
  }
}

void write_signature(TomlWriter& out, std::string_view side, const Signature& signature) {
  if (signature.by.empty()) return;
  std::string content = "by = " + in_quotes(signature.by) + ", on = " + date_text(signature.on);
  if (!signature.document.empty()) content += ", document = " + in_quotes(signature.document);
  out.table(side, content);
}

void write_agreements(TomlWriter& out, const Directory& d) {
  constexpr const char* regulations[] = {"required", "after", "none"};
  for (const Agreement& agreement : d.agreements) {
    out.item("agreement").text("name", agreement.name).text_if("kind", name_of(agreement.kind));
    out.text_if("legal_basis", agreement.legal_basis);
    out.list_if("establishments", names_in(d, agreement.establishments, &Directory::establishment));
    out.list_if("entities", names_in(d, agreement.entities, &Directory::entity));
    out.list_if("areas", names_in(d, agreement.areas, &Directory::area));
    out.list("modalities", names_of(agreement.modalities));
    out.text("group", name_or_empty(d.group(agreement.group)));
    out.text_if("overflow", name_or_empty(d.group(agreement.overflow)));
    out.text("regulation", regulations[static_cast<std::size_t>(agreement.regulation)]);
    if (agreement.pool_min) out.number("pool_min", agreement.pool_min);
    if (agreement.quota) out.number("quota", agreement.quota);
    if (agreement.readers_min) out.number("readers_min", agreement.readers_min);
    constexpr const char* targets[] = {"target_p0", "target_p1", "target_p2", "target_p3"};
    for (std::size_t u = 0; u < agreement.targets.size(); ++u) {
      if (agreement.targets[u] > 0_ms) out.text(targets[u], duration_text(agreement.targets[u]));
    }
    out.list_if("after", agreement.after).list_if("bands", names_of(agreement.bands));
    if (agreement.from) out.date("from", agreement.from);
    if (agreement.until) out.date("until", agreement.until);
    write_signature(out, "requester", agreement.requester);
    write_signature(out, "provider", agreement.provider);
  }
}

void write_privileges(TomlWriter& out, const Person& person) {
  std::vector<std::string> privileges, qualifications;
  for (const Privilege& p : person.privileges) {
    std::string text = "modalities = " + TomlWriter::list_text(names_of(p.modalities));
    if (p.regions != Set<Region>{})
      text += ", regions = " + TomlWriter::list_text(names_of(p.regions));
    if (p.ages != Set<AgeClass>{}) text += ", ages = " + TomlWriter::list_text(names_of(p.ages));
    if (p.status != PrivilegeStatus::autonomous)
      text += ", status = " + in_quotes(name_of(p.status));
    if (p.until) text += ", until = " + date_text(p.until);
    privileges.push_back(text);
  }
  for (const Qualification& q : person.qualifications) {
    std::string text = "role = " + in_quotes(name_of(q.role)) + ", from = " + date_text(q.from) +
                       ", until = " + date_text(q.until);
    if (!q.by.empty()) text += ", by = " + in_quotes(q.by);
    qualifications.push_back(text);
  }
  out.tables_if("privilege", privileges).tables_if("qualification", qualifications);
}

void write_people(TomlWriter& out, const Directory& d) {
  for (const Person& person : d.people) {
    out.item("person").number("id", person.id.value).text("name", person.name);
    out.text_if("rpps", person.rpps).list("roles", names_of(person.roles));
    out.text_if("site", name_or_empty(d.site(person.site)));
    out.text_if("establishment", name_or_empty(d.establishment(person.establishment)));
    out.text_if("institution", name_or_empty(d.establishment(person.institution)));
    if (person.home_hours) out.number("home_hours", person.home_hours);
    out.text_if("area", name_or_empty(d.area(person.area)));
    out.list_if("skills", names_of(person.skills));
    write_privileges(out, person);
  }
  for (const Key& key : d.keys) {
    out.item("key").number("id", key.id.value).text("key", text_of(key.key));
    out.text_if("person", name_or_empty(d.person(key.person)));
    out.text_if("node", name_or_empty(d.site(key.node)));
    if (key.concentrator) out.boolean("concentrator", true);
    if (key.revoked) out.boolean("revoked", true);
  }
}

void write_protocols(TomlWriter& out, const Directory& d) {
  for (const Protocol& protocol : d.protocols) {
    out.item("protocol").text("code", protocol.code).text("name", protocol.name);
    out.text("modality", name_of(protocol.modality)).text_if("region", name_of(protocol.region));
    out.text("skill", name_of(protocol.skill));
    out.number("expected_minutes", protocol.expected_minutes);
    if (protocol.vital) out.boolean("vital", true);
    if (protocol.quiet > 0_ms) out.text("quiet", duration_text(protocol.quiet));
    if (protocol.collegial) out.boolean("collegial", true);
  }
}

void write_engines(TomlWriter& out, const Directory& d) {
  for (const Engine& engine : d.engines) {
    out.item("engine").text("name", engine.name);
    out.number("raises_per_hour", engine.raises_per_hour);
    std::vector<std::string> findings;
    for (const Ceiling& c : engine.ceilings) {
      findings.push_back("code = " + in_quotes(c.finding) +
                         ", ceiling = " + in_quotes(name_of(c.urgency)));
    }
    out.tables_if("finding", findings);
  }
}

void write_roster(TomlWriter& out, const Directory& d) {
  for (const Shift& shift : d.roster) {
    out.item("shift").text("person", name_or_empty(d.person(shift.person)));
    out.text("site", name_or_empty(d.site(shift.site)));
    out.moment("from", shift.from).moment("until", shift.until);
  }
}

void write_rules(TomlWriter& out, const Rules& rules) {
  const auto time = [&](std::string_view key, Millis value) {
    out.text(key, duration_text(value));
  };
  out.header("rules");
  time("offer_timeout", rules.offer_timeout);
  time("offer_timeout_p0", rules.offer_timeout_p0);
  time("claim_lease", rules.claim_lease);
  time("relax_any", rules.relax_any);
  time("relax_overflow", rules.relax_overflow);
  time("target_p0", rules.target_p0);
  time("target_p1", rules.target_p1);
  time("target_p2", rules.target_p2);
  time("target_p3", rules.target_p3);
  time("info_reminder", rules.info_reminder);
  time("no_images", rules.no_images);
  time("images_stalled", rules.images_stalled);
  time("delivery_owner_timeout", rules.delivery_owner_timeout);
  time("close_after", rules.close_after);
  time("bundle", rules.bundle);
  time("agreement_grace", rules.agreement_grace);
  time("protocol_ack", rules.protocol_ack);
  time("cancel_answer", rules.cancel_answer);
  time("hold_reminder", rules.hold_reminder);
  time("reserve", rules.reserve);
  time("preliminary_reminder", rules.preliminary_reminder);
  time("critical_ack", rules.critical_ack);
  time("undelivered", rules.undelivered);
  time("undelivered_call", rules.undelivered_call);
  time("task", rules.task);
  time("duty_succession", rules.duty_succession);
  time("no_show", rules.no_show);
  time("overflow_open", rules.overflow_open);
  time("overflow_close", rules.overflow_close);
}

}  // namespace

std::string write_directory(const Directory& directory) {
  TomlWriter out;
  out.comment(
      "Who exists, who may do what, who reads for whom. A change is a new version, applied");
  out.comment("with `vigie directory apply`; ids are never reused.");
  out.number("version", directory.version).text("federation", directory.federation);
  write_areas(out, directory);
  write_sites(out, directory);
  write_establishments(out, directory);
  write_groups(out, directory);
  write_agreements(out, directory);
  write_people(out, directory);
  write_protocols(out, directory);
  write_engines(out, directory);
  write_roster(out, directory);
  write_rules(out, directory.rules);
  return out.str();
}

}  // namespace vigie::settings
