#include "actors/core/hl7/identity.hpp"

#include <algorithm>
#include <array>

#include "actors/core/hl7/codes.hpp"

namespace vigie::hl7 {
namespace {

constexpr std::string_view ins_root = "1.2.250.1.213.1.4.";
constexpr std::string_view rpps_root = "1.2.250.1.71.4.2.1";

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

int number(std::string_view digits) {
  int out = 0;
  for (const char c : digits) {
    out = out * 10 + (c - '0');
  }
  return out;
}

/// .8 NIR and .9 NIA; .10 (test) and .11 (demonstration) only in a training federation.
bool is_ins(std::string_view authority, Federation federation) {
  if (authority.substr(0, ins_root.size()) != ins_root) {
    return false;
  }
  const std::string_view kind = authority.substr(ins_root.size());
  const bool training = federation == Federation::training && (kind == "10" || kind == "11");
  return kind == "8" || kind == "9" || training;
}

/// PID-32 repeats: VALI, PROV, VIDE, DOUT, FICT...
bool is_validated(const Group& group) {
  bool validated = false;
  for (const std::string_view status : group.message->repetitions(group.pid, 32)) {
    const std::string code = group.message->part(status, 1);
    if (code == "DOUT" || code == "FICT") {
      return false;
    }
    validated = validated || code == "VALI";
  }
  return validated;
}

std::string qualified_ins(const Group& group) {
  for (const std::string_view id : group.message->repetitions(group.pid, 3)) {
    if (is_ins(group.message->part(id, 4, 2), group.feed->federation)) {
      return group.message->part(id, 1);
    }
  }
  return {};
}

/// PID-5 by XPN-7: L is the birth name, D the one in use; without a type, the one in use.
void read_names(const Group& group, Identity& out) {
  const Message& message = *group.message;
  for (const std::string_view name : message.repetitions(group.pid, 5)) {
    const std::string type = message.part(name, 7);
    std::string& family = type == "L" ? out.birth_name : out.usual_name;
    if (family.empty()) {
      family = message.part(name, 1);
    }
    if (out.given.empty() || type == "L") {
      const std::string given = message.part(name, 2);
      out.given = given.empty() ? out.given : given;
    }
  }
}

std::string joined(const Message& message, const std::vector<std::string_view>& repetitions) {
  std::string out;
  for (const std::string_view repetition : repetitions) {
    const std::string code = message.part(repetition, 1);
    if (!code.empty()) {
      out += (out.empty() ? "" : " ") + code;
    }
  }
  return out;
}

}  // namespace

Found patient_number(const Group& group, const Segment* segment, int field) {
  if (segment == nullptr) {
    return {};
  }
  const std::string source = std::string(segment->name) + "-" + std::to_string(field) + ".1";
  std::string untyped;
  for (const std::string_view id : group.message->repetitions(segment, field)) {
    const std::string type = group.message->part(id, 5);
    std::string value = group.message->part(id, 1);
    if (type == "PI" && !value.empty()) {
      return {std::move(value), source};
    }
    const bool ins = group.message->part(id, 4, 2).substr(0, ins_root.size()) == ins_root;
    if (type.empty() && !ins && untyped.empty()) {
      untyped = std::move(value);
    }
  }
  return {std::move(untyped), source};
}

Identity identity_of(const Group& group) {
  Identity out;
  if (group.pid != nullptr) {
    read_names(group, out);
    out.birth_date = group.text(group.pid, 7);
    out.sex = group.text(group.pid, 8);
    out.ipp = patient_number(group, group.pid, 3).value;
    out.status = joined(*group.message, group.message->repetitions(group.pid, 32));
    out.validated = is_validated(group);
    out.ins = out.validated ? qualified_ins(group) : std::string{};
  }
  out.visit = first_of({group.at(group.pv1, 19), group.at(group.pid, 18)}).value;
  return out;
}

int age_years(std::string_view birth_date, Day today) {
  const std::size_t digits =
      std::min(birth_date.find_first_not_of("0123456789"), birth_date.size());
  if (digits < 4) {
    return -1;
  }
  const int year = number(birth_date.substr(0, 4));
  const int month = digits >= 6 ? number(birth_date.substr(4, 2)) : 0;
  const int day = digits >= 8 ? number(birth_date.substr(6, 2)) : 0;
  int years = today.year - year;
  if (month > today.month || (month == today.month && day > today.day)) {
    --years;
  }
  return years < 0 || years > 130 || month > 12 || day > 31 ? -1 : years;
}

AgeClass age_class(int years) {
  if (years < 0) {
    return AgeClass::unknown;
  }
  if (years < infant_below_years) {
    return AgeClass::infant;
  }
  return years < adult_from_years ? AgeClass::child : AgeClass::adult;
}

Clinician clinician_of(const Group& group, const Segment* segment, int field) {
  Clinician out;
  out.family = group.text(segment, field, 2);
  out.given = group.text(segment, field, 3);
  const std::string id = group.text(segment, field, 1);
  const std::string type = group.text(segment, field, 13);
  const bool national = group.text(segment, field, 9, 2) == rpps_root;
  if (!all_digits(id)) {
    return out;
  }
  if (id.size() == 11 && (type == "RPPS" || (type.empty() && national))) {
    out.rpps = id;
  } else if (id.size() == 12 && id[0] == '8' && (type == "IDNPS" || (type.empty() && national))) {
    out.rpps = id.substr(1);
  }
  return out;
}

Clinician requester_of(const Group& group, std::string& source) {
  const std::array<std::pair<const Segment*, int>, 3> places = {
      {{group.orc, 12}, {group.obr, 16}, {group.pv1, 7}}};
  for (const auto& [segment, field] : places) {
    if (segment != nullptr && !segment->field(field).empty()) {
      Clinician found = clinician_of(group, segment, field);
      if (found != Clinician{} || !group.text(segment, field, 1).empty()) {
        source = std::string(segment->name) + "-" + std::to_string(field);
        return found;
      }
    }
  }
  return {};
}

Found callback_phone(const Group& group) {
  for (const auto& [segment, field] : {std::pair{group.orc, 14}, std::pair{group.obr, 17}}) {
    const std::string place = segment == nullptr ? "" : std::string(segment->name);
    for (const std::string_view phone : group.message->repetitions(segment, field)) {
      for (const int component : {12, 1}) {
        std::string value = group.message->part(phone, component);
        if (!value.empty()) {
          return {std::move(value),
                  place + "-" + std::to_string(field) + "." + std::to_string(component)};
        }
      }
    }
  }
  return {group.feed->callback_phone, "feed"};
}

}  // namespace vigie::hl7
