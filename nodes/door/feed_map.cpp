#include "nodes/door/feed_map.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "actors/core/delivery/report_message.hpp"

namespace vigie::door {
namespace {

const Establishment* establishment_named(const Directory& directory, std::string_view name) {
  const auto at = std::find_if(directory.establishments.begin(), directory.establishments.end(),
                               [&](const Establishment& e) { return e.name == name; });
  return at == directory.establishments.end() ? nullptr : &*at;
}

hl7::FeedEstablishment map_establishment(const Establishment& known,
                                         const settings::FeedSettings& feed) {
  hl7::FeedEstablishment out{known.id, known.legal_entity, {}, {known.name}};
  if (!known.finess.empty()) out.finess.push_back(known.finess);
  for (const settings::FeedIdentifiers& ids : feed.identifiers) {
    if (ids.establishment != known.name) continue;
    out.finess.insert(out.finess.end(), ids.finess.begin(), ids.finess.end());
    out.aliases.insert(out.aliases.end(), ids.aliases.begin(), ids.aliases.end());
  }
  return out;
}

hl7::Profile map_profile(settings::FeedProfile profile) {
  switch (profile) {
    case settings::FeedProfile::swf:
      return hl7::Profile::swf;
    case settings::FeedProfile::tlr:
      return hl7::Profile::tlr;
    case settings::FeedProfile::custom:
      return hl7::Profile::custom;
  }
  return hl7::Profile::swf;
}

std::vector<std::string> doors_of(const settings::FeedSettings& feed, const Directory& directory) {
  if (!feed.doors.empty()) return feed.doors;
  std::vector<std::string> out;
  for (const std::string& name : feed.establishments) {
    const Establishment* known = establishment_named(directory, name);
    if (known == nullptr) continue;
    for (const SiteId id : known->doors) {
      const Site* site = directory.site(id);
      if (site != nullptr && std::find(out.begin(), out.end(), site->name) == out.end()) {
        out.push_back(site->name);
      }
    }
  }
  return out;
}

void map_styles(const settings::FeedSettings& feed, hl7::Feed& out) {
  const bool tx = feed.text == settings::FeedText::tx;
  const bool append = feed.addendum == settings::FeedAddendum::append;
  const bool ae = feed.refusal == settings::FeedRefusal::ae;
  const bool accession = feed.key == settings::FeedKey::accession;
  const bool commit = feed.ack == settings::FeedAck::ca;
  out.text = tx ? hl7::TextStyle::tx : hl7::TextStyle::ft;
  out.addendum = append ? hl7::AddendumStyle::append : hl7::AddendumStyle::whole;
  out.refusal = ae ? hl7::RefusalStyle::ae : hl7::RefusalStyle::message;
  out.key = accession ? hl7::KeySource::accession : hl7::KeySource::placer;
  out.ack = commit ? hl7::ExpectedAck::ca : hl7::ExpectedAck::aa;
}

}  // namespace

bool may_listen(const settings::FeedSettings& feed, std::string_view site) {
  return feed.doors.empty() ||
         std::find(feed.doors.begin(), feed.doors.end(), site) != feed.doors.end();
}

bool is_door(const settings::FeedSettings& feed, const Directory& directory,
             std::string_view site) {
  const auto doors = doors_of(feed, directory);
  return std::find(doors.begin(), doors.end(), site) != doors.end();
}

hl7::Feed map_feed(const settings::FeedSettings& feed, const Directory& directory,
                   settings::FederationMode mode) {
  hl7::Feed out;
  out.name = feed.name;
  for (const std::string& name : feed.establishments) {
    const Establishment* known = establishment_named(directory, name);
    if (known != nullptr) out.establishments.push_back(map_establishment(*known, feed));
  }
  out.authority = feed.authority.empty() ? feed.name : feed.authority;
  out.profile = map_profile(feed.profile);
  out.accession_in_obr3 = feed.accession_in_obr3;
  out.charset = hl7::charset_of(feed.charset);
  out.version = feed.version;
  map_styles(feed, out);
  out.federation = mode == settings::FederationMode::training ? hl7::Federation::training
                                                              : hl7::Federation::production;
  out.preliminary = feed.preliminary;
  out.sections = feed.sections;
  out.cda = feed.cda;
  out.callback_phone = feed.callback_phone;
  out.platform = feed.platform;
  for (const settings::FeedProcedure& p : feed.procedures) {
    out.procedures.push_back({p.code, p.modality, p.region, p.side, p.pathway});
  }
  out.doors = doors_of(feed, directory);
  return out;
}

PatientKey patient_key(std::string_view federation, LegalEntityId legal_entity,
                       std::string_view patient_number) {
  if (patient_number.empty()) return {};
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  const std::string scope =
      "vigie patient\n" + std::string(federation) + "\n" + std::to_string(legal_entity.value);
  std::array<unsigned char, crypto_generichash_KEYBYTES> key{};
  crypto_generichash(key.data(), key.size(), bytes(scope), scope.size(), nullptr, 0);
  std::array<unsigned char, crypto_generichash_BYTES_MIN> hash{};
  crypto_generichash(hash.data(), hash.size(), bytes(patient_number), patient_number.size(),
                     key.data(), key.size());
  const auto word = [&hash](std::size_t from) {
    std::uint64_t out = 0;
    for (std::size_t i = from; i < from + 8; ++i) out = (out << 8) | hash[i];
    return out;
  };
  return {word(0), word(8)};
}

void complete(hl7::Order& order, std::string_view federation) {
  Request& request = order.request;
  request.patient_key = patient_key(federation, request.key.legal_entity, order.patient_number);
  request.protocol = order.pathway;
}

hl7::Day french_day(UtcTime now) {
  const auto local = std::chrono::milliseconds(
      now.value + std::int64_t{delivery::legal_offset_minutes(now)} * 60'000);
  const std::chrono::year_month_day day{
      std::chrono::sys_days(std::chrono::floor<std::chrono::days>(local))};
  return {int{day.year()}, static_cast<int>(unsigned{day.month()}),
          static_cast<int>(unsigned{day.day()})};
}

}  // namespace vigie::door
