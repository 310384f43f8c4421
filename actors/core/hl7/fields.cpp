#include "actors/core/hl7/fields.hpp"

#include <algorithm>

#include "actors/core/hl7/charset.hpp"
#include "messages/types/limits.hpp"

namespace vigie::hl7 {
namespace {

using Candidates = std::vector<const FeedEstablishment*>;

bool is_finess(std::string_view text) {
  return text.size() == 9 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// 9 digits, or Struct_IdNat: 1 and 9 digits.
std::string_view finess_of(std::string_view text) {
  return text.size() == 10 && text[0] == '1' && is_finess(text.substr(1)) ? text.substr(1) : text;
}

bool answers_to(const FeedEstablishment& establishment, std::string_view claim) {
  const std::string_view finess = finess_of(claim);
  const auto is = [&](std::string_view own) {
    return same_text(own, claim) || same_text(finess_of(own), finess);
  };
  return std::any_of(establishment.finess.begin(), establishment.finess.end(), is) ||
         std::any_of(establishment.aliases.begin(), establishment.aliases.end(), is);
}

/// ORC-21.10 counts only as an identifier of a structure.
Found structure_claim(const Group& group) {
  const std::string type = group.text(group.orc, 21, 7);
  Found found = group.at(group.orc, 21, 10);
  const bool national = type == "FINEG" || type == "FINEJ" || type == "IDNST";
  return national || (type.empty() && is_finess(finess_of(found.value))) ? found : Found{};
}

/// ORC-17 of profile tlr names a kind of organisation, not one.
Found department_claim(const Group& group) {
  return group.text(group.orc, 17, 3) == "TLR_TYPE_ORGANISATION" ? Found{}
                                                                 : group.at(group.orc, 17);
}

Place place_of(const Group& group, const Found& claim) {
  const std::size_t dash = claim.source.find('-');
  const std::string segment = claim.source.substr(0, dash);
  const bool own = segment == "ORC" && group.orc != nullptr;
  const int field =
      segment == "ORC" ? (claim.source[dash + 1] == '2' ? 21 : 17) : (segment == "MSH" ? 4 : 3);
  return {segment, own ? group.orc->occurrence : 1, field};
}

bool is_uid(std::string_view text) {
  return !text.empty() && text.size() <= 64 && text.find('.') != std::string_view::npos &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

void add_distinct(std::vector<Found>& out, Found found, std::size_t count_max) {
  found.value = truncate(found.value, limits::name_bytes);
  const bool known = std::any_of(out.begin(), out.end(),
                                 [&](const Found& other) { return other.value == found.value; });
  if (found && !known && out.size() < count_max) {
    out.push_back(std::move(found));
  }
}

bool is_tlr_procedure(const Group& group) {
  const std::string code = group.text(group.obr, 4);
  return group.text(group.obr, 4, 3) == procedure_scheme || code == cancel_code ||
         code == done_code || code == answer_code;
}

Found coded(const Group& group, const Segment* segment, int field) {
  if (segment == nullptr) {
    return {};
  }
  std::string out = group.text(segment, field, 1);
  const std::string text = group.text(segment, field, 2);
  const std::string scheme = group.text(segment, field, 3);
  if (out.empty() && text.empty()) {
    return {};
  }
  out += text.empty() && scheme.empty() ? "" : "^" + text;
  out += scheme.empty() ? "" : "^" + scheme;
  return {std::move(out), std::string(segment->name) + "-" + std::to_string(field)};
}

/// 1.1 -> region, 1.2 -> side; without a number the code itself says which.
bool is_row(std::string_view sub_id, char kind) {
  const std::size_t dot = sub_id.find('.');
  return dot == std::string_view::npos || sub_id.substr(dot + 1) == std::string_view(&kind, 1);
}

bool is_snomed(std::string_view scheme) {
  return scheme.empty() || scheme == "SCT" || scheme == "SNT";
}

}  // namespace

Checked<Claimed> establishment_of(const Group& group) {
  const auto& all = group.feed->establishments;
  const std::vector<Found> claims = {structure_claim(group), group.at(&group.message->msh(), 4),
                                     group.at(group.pv1, 3, 4), department_claim(group)};
  Candidates left;
  for (const FeedEstablishment& establishment : all) {
    left.push_back(&establishment);
  }
  Found first;
  for (const Found& claim : claims) {
    if (!claim || (first && left.size() == 1)) {
      continue;
    }
    Candidates fitting;
    std::copy_if(left.begin(), left.end(), std::back_inserter(fitting),
                 [&](const FeedEstablishment* e) { return answers_to(*e, claim.value); });
    if (fitting.empty() && !first) {
      return Refusal{ErrorCode::unknown_key, place_of(group, claim),
                     "Établissement inconnu sur cette liaison"};
    }
    left = fitting.empty() ? left : fitting;
    first = first ? first : claim;
  }
  if (left.size() == 1) {
    return Claimed{first ? first : Found{group.feed->name, "feed"}, left.front()};
  }
  if (!first) {
    return Refusal{ErrorCode::required_field, {"MSH", 1, 4}, "Établissement absent"};
  }
  return Refusal{ErrorCode::unknown_key, place_of(group, first),
                 "Plusieurs établissements répondent à cet identifiant"};
}

Found order_number(const Group& group) {
  Found found = first_of({group.at(group.orc, 2), group.at(group.obr, 2), group.at(group.orc, 3),
                          group.at(group.obr, 3)});
  if (!found && group.feed->key == KeySource::accession) {
    const auto accessions = accessions_of(group);
    found = accessions.empty() ? Found{} : accessions.front();
  }
  return found;
}

Found order_authority(const Group& group, const Found& number) {
  const Segment* segment = number.source.substr(0, 3) == "OBR" ? group.obr : group.orc;
  const int field = number.source.find("-3") != std::string::npos ? 3 : 2;
  const bool placed = number.source.substr(0, 3) != "IPC" && number.source != "OBR-18.1";
  const Found own =
      placed ? first_of({group.at(segment, field, 3), group.at(segment, field, 2)}) : Found{};
  return own ? own : Found{group.feed->authority, "feed"};
}

std::vector<Found> accessions_of(const Group& group) {
  std::vector<Found> out;
  for (const Segment* ipc : group.all("IPC")) {
    add_distinct(out, group.at(ipc, 1), limits::accessions_count);
  }
  if (out.empty()) {
    for (const Segment* obr : group.all("OBR")) {
      add_distinct(out, group.at(obr, 18), limits::accessions_count);
    }
  }
  if (out.empty() && group.feed->accession_in_obr3) {
    add_distinct(out, group.at(group.obr, 3), limits::accessions_count);
  }
  return out;
}

std::vector<Found> studies_of(const Group& group) {
  std::vector<Found> out;
  const auto add = [&](Found found) {
    if (is_uid(found.value)) {
      add_distinct(out, std::move(found), limits::studies_count);
    }
  };
  for (const Segment* ipc : group.all("IPC")) {
    add(group.at(ipc, 3));
  }
  if (!out.empty()) {
    return out;
  }
  for (const Segment* zds : group.all("ZDS")) {
    add(group.at(zds, 1));
  }
  if (!out.empty()) {
    return out;
  }
  for (const Segment* obx : group.observations("113014")) {
    const std::string first = group.text(obx, 5, 1);
    add({is_uid(first) ? first : group.text(obx, 5, 2), "OBX(113014)-5"});
  }
  return out;
}

Found procedure_of(const Group& group) {
  Found found = coded(group, group.obr, 44);
  if (!found && !is_tlr_procedure(group)) {
    found = coded(group, group.obr, 4);
  }
  if (!found) {
    for (const Segment* obx : group.observations("CODE_ACTE_IMAGERIE")) {
      found = coded(group, obx, 5);
      found.source = "OBX(CODE_ACTE_IMAGERIE)-5";
      break;
    }
  }
  found.value = truncate(found.value, limits::name_bytes);
  return found;
}

const ProcedureRule* rule_of(const Group& group) {
  const std::string codes[] = {group.text(group.obr, 44), group.text(group.obr, 4),
                               group.text(group.obr, 4, 4),
                               group.observed("CODE_ACTE_IMAGERIE").value};
  for (const std::string& code : codes) {
    for (const ProcedureRule& rule : group.feed->procedures) {
      if (!code.empty() && rule.code == code) {
        return &rule;
      }
    }
  }
  return nullptr;
}

FoundModality modality_of_order(const Group& group) {
  std::vector<Found> places;
  for (const Segment* ipc : group.all("IPC")) {
    places.push_back(group.at(ipc, 5));
  }
  places.push_back(group.observed("MODALITE_IMAGERIE"));
  places.push_back(group.at(group.obr, 24));
  for (Found& found : places) {
    const Modality modality = modality_of_code(found.value);
    if (modality != Modality::unknown) {
      return {modality, std::move(found)};
    }
  }
  const ProcedureRule* rule = rule_of(group);
  if (rule != nullptr && rule->modality != Modality::unknown) {
    return {rule->modality, {std::string(name_of(rule->modality)), "feed"}};
  }
  return {};
}

FoundRegion region_of_order(const Group& group) {
  FoundRegion out;
  for (const Segment* obx : group.observations("REGION_ANATOMIQUE")) {
    const Found code = group.at(obx, 5);
    const std::string sub_id = group.text(obx, 4);
    if (!is_snomed(group.text(obx, 5, 3))) {
      continue;
    }
    if (out.region == Region::unknown && is_row(sub_id, '1')) {
      out.region = region_of_code(code.value);
      out.region_found = {code.value, "OBX(REGION_ANATOMIQUE)-5.1"};
    }
    if (out.side == Side::none && is_row(sub_id, '2')) {
      out.side = side_of_code(code.value);
      out.side_found = {code.value, "OBX(REGION_ANATOMIQUE)-5.1"};
    }
  }
  if (const ProcedureRule* rule = rule_of(group)) {
    if (out.region == Region::unknown && rule->region != Region::unknown) {
      out.region = rule->region;
      out.region_found = {rule->code, "feed"};
    }
    if (out.side == Side::none && rule->side != Side::none) {
      out.side = rule->side;
      out.side_found = {rule->code, "feed"};
    }
  }
  return out;
}

Found priority_of(const Group& group) {
  for (const Segment* tq1 : group.all("TQ1")) {
    if (Found found = group.at(tq1, 9)) {
      return found;
    }
  }
  return first_of({group.at(group.obr, 27, 6), group.at(group.orc, 7, 6), group.at(group.obr, 5)});
}

Found reason_of(const Group& group) {
  Found found = first_of({group.at(group.orc, 16, 2), group.at(group.orc, 16, 1)});
  found.value = truncate(found.value, limits::name_bytes);
  return found;
}

Found exam_time_of(const Group& group) {
  for (const Segment* tq1 : group.all("TQ1")) {
    Found found = group.at(tq1, 7);
    // Some systems put the priority one place early: only a day counts as a time.
    if (found.value.find_first_not_of("0123456789") >= 8 && found.value.size() >= 8) {
      return found;
    }
  }
  return {};
}

}  // namespace vigie::hl7
