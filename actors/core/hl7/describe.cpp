#include "actors/core/hl7/charset.hpp"
#include "actors/core/hl7/context.hpp"
#include "actors/core/hl7/fields.hpp"
#include "actors/core/hl7/identity.hpp"
#include "actors/core/hl7/map.hpp"

namespace vigie::hl7 {
namespace {

class Table {
 public:
  void add(std::string field, const Found& found) {
    rows_.push_back({std::move(field), found ? found.source : "-", found.value});
  }
  void add(std::string field, const std::vector<Found>& found) {
    if (found.empty()) {
      add(std::move(field), Found{});
    }
    for (const Found& one : found) {
      add(field, one);
    }
  }
  void add(std::string field, std::string value, std::string source) {
    add(std::move(field), Found{std::move(value), std::move(source)});
  }
  std::vector<Described> take() { return std::move(rows_); }

 private:
  std::vector<Described> rows_;
};

std::string_view name_of_side(Side side) {
  constexpr std::string_view names[] = {"", "left", "right", "both"};
  return names[static_cast<std::size_t>(side)];
}

std::string_view name_of_age(AgeClass age) {
  constexpr std::string_view names[] = {"", "adult", "child", "infant"};
  return names[static_cast<std::size_t>(age)];
}

/// "ct (CT)": the meaning, and what said it.
Found meaning(std::string_view value, const Found& found) {
  return {value.empty() ? std::string{} : std::string(value) + " (" + found.value + ")",
          found.source};
}

std::string text_of(const Clinician& clinician) {
  std::string out = clinician.family + " " + clinician.given;
  return out + (clinician.rpps.empty() ? "" : " RPPS " + clinician.rpps);
}

void describe_exam(const Group& group, Table& table) {
  const Found number = order_number(group);
  table.add("key.number", number);
  table.add("key.authority", order_authority(group, number));
  table.add("accession", accessions_of(group));
  table.add("study", studies_of(group));
  const FoundModality modality = modality_of_order(group);
  table.add("modality", meaning(name_of(modality.modality), modality.found));
  table.add("procedure", procedure_of(group));
  const FoundRegion region = region_of_order(group);
  table.add("region", meaning(name_of(region.region), region.region_found));
  table.add("side", meaning(name_of_side(region.side), region.side_found));
  Found priority = priority_of(group);
  const AskedUrgency urgency = urgency_of_code(priority.value, group.text(group.pv1, 2));
  priority.source = priority ? priority.source : "PV1-2";
  table.add("urgency", meaning(name_of(urgency.urgency), priority));
  std::string source;
  const Clinician requester = requester_of(group, source);
  table.add("requester", source.empty() ? "" : text_of(requester), source);
  table.add("callback_phone", callback_phone(group));
  table.add("reason", reason_of(group));
  table.add("exam_time", exam_time_of(group));
}

void describe_patient(const Group& group, Day today, Table& table) {
  const Identity identity = identity_of(group);
  table.add("patient_number", patient_number(group, group.pid, 3));
  table.add("prior_patient_number", patient_number(group, group.mrg, 1));
  table.add("ins", identity.ins, "PID-3");
  table.add("identity_status", identity.status, "PID-32");
  const int years = age_years(identity.birth_date, today);
  table.add("age_class", std::string(name_of_age(age_class(years))), "PID-7");
  table.add("visit", first_of({group.at(group.pv1, 19), group.at(group.pid, 18)}));
}

void describe_group(const Group& group, Day today, Table& table) {
  const auto claimed = establishment_of(group);
  if (claimed) {
    table.add("establishment", claimed->claim);
  } else {
    table.add("establishment", "refused: " + claimed.refusal().text,
              claimed.refusal().place.text());
  }
  if (group.orc != nullptr) {
    describe_exam(group, table);
  }
  describe_patient(group, today, table);
  for (const ContextItem& item : context_of(group)) {
    table.add("context." + item.code, item.text, "sealed");
  }
  for (const Attachment& item : attachments_of(group)) {
    table.add("attachment", item.type + " " + std::to_string(item.size_bytes) + " " + item.sha256,
              "OBX(ED)");
  }
}

}  // namespace

std::vector<Described> describe(const Message& message, const Feed& feed, Day today) {
  Table table;
  const std::string_view bad = message.bad_charset() ? ", bad bytes" : "";
  const auto of_message = [&](int field) { return message.text(&message.msh(), field, 0); };
  table.add("charset", std::string(name_of(message.charset())) + std::string(bad), "MSH-18");
  table.add("message_id", of_message(10), "MSH-10");
  table.add("type", of_message(9), "MSH-9");
  const auto orders = map_message(message, feed, today);
  if (!orders) {
    const Refusal& refusal = orders.refusal();
    table.add("refused", std::to_string(static_cast<int>(refusal.code)) + " " + refusal.text,
              refusal.place.text());
  } else {
    for (const Order& order : *orders) {
      table.add("action", std::string(name_of(order.action)), "ORC-1, ORC-5, OBR-4.1");
    }
  }
  const bool adt = message.get("MSH", 9) == "ADT";
  for (const Group& group : adt ? patient_groups(message, feed) : order_groups(message, feed)) {
    describe_group(group, today, table);
  }
  return table.take();
}

}  // namespace vigie::hl7
