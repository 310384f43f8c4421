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

std::vector<std::string> site_names(const Directory& d, const std::vector<SiteId>& ids) {
  std::vector<std::string> names;
  for (const SiteId id : ids) names.push_back(name_or_empty(d.site(id)));
  return names;
}

void write_sites(TomlWriter& out, const Directory& d) {
  for (const Site& site : d.sites) {
    out.item("site");
    if (site.membership == Membership::removed) out.comment("removed; its id stays its own");
    out.number("id", site.id.value).text("name", site.name).text("code", site.code);
    out.text_if("territory", site.territory).number("posts", site.posts);
    out.text_if("phone", site.phone);
    if (site.node_key != PublicKey{}) out.text("node_key", text_of(site.node_key));
    if (site.draining) out.boolean("draining", true);
  }
  for (const Calendar& calendar : d.calendars) {
    out.item("calendar").number("id", calendar.id.value).text("name", calendar.name);
    out.text("zone", calendar.zone).list("holidays", calendar.holidays);
    out.text("guard_begin", duration_text(calendar.guard_begin));
    out.text("guard_end", duration_text(calendar.guard_end));
  }
  for (const ProviderGroup& group : d.groups) {
    out.item("group").number("id", group.id.value).text("name", group.name);
    out.list("sites", site_names(d, group.sites));
  }
}

void write_establishments(TomlWriter& out, const Directory& d) {
  for (const Establishment& place : d.establishments) {
    out.item("establishment").number("id", place.id.value).text("name", place.name);
    out.number("legal_entity", place.legal_entity.value).text_if("finess", place.finess);
    out.text_if("territory", place.territory);
    out.text_if("calendar", name_or_empty(d.calendar(place.calendar)));
    out.list("doors", site_names(d, place.doors));
    out.text_if("phone", place.phone).text_if("recourse", place.recourse);
    out.text_if("recourse_child", place.recourse_child).list_if("recipients", place.recipients);
    if (place.protocol_ack) out.boolean("protocol_ack", true);
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
    std::vector<std::string> places;
    for (const EstablishmentId id : agreement.establishments) {
      places.push_back(name_or_empty(d.establishment(id)));
    }
    out.item("agreement").text("name", agreement.name).list_if("establishments", places);
    out.list("modalities", names_of(agreement.modalities));
    out.text("group", name_or_empty(d.group(agreement.group)));
    out.text_if("overflow", name_or_empty(d.group(agreement.overflow)));
    out.text("regulation", regulations[static_cast<std::size_t>(agreement.regulation)]);
    out.list_if("bands", names_of(agreement.bands));
    if (agreement.from) out.date("from", agreement.from);
    if (agreement.until) out.date("until", agreement.until);
    write_signature(out, "requester", agreement.requester);
    write_signature(out, "provider", agreement.provider);
  }
}

void write_people(TomlWriter& out, const Directory& d) {
  for (const Person& person : d.people) {
    out.item("person").number("id", person.id.value).text("name", person.name);
    out.text_if("rpps", person.rpps).list("roles", names_of(person.roles));
    out.text_if("site", name_or_empty(d.site(person.site)));
    out.text_if("establishment", name_or_empty(d.establishment(person.establishment)));
    out.list_if("modalities", names_of(person.modalities))
        .list_if("skills", names_of(person.skills));
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
}

}  // namespace

std::string write_directory(const Directory& directory) {
  TomlWriter out;
  out.comment(
      "Who exists, who may do what, who reads for whom. A change is a new version, applied");
  out.comment("with `vigie directory apply`; ids are never reused.");
  out.number("version", directory.version).text("federation", directory.federation);
  write_sites(out, directory);
  write_establishments(out, directory);
  write_agreements(out, directory);
  write_people(out, directory);
  write_protocols(out, directory);
  write_rules(out, directory.rules);
  return out.str();
}

}  // namespace vigie::settings
