#include "actors/core/hl7/map.hpp"

#include <algorithm>
#include <optional>

#include "actors/core/hl7/action.hpp"
#include "actors/core/hl7/charset.hpp"
#include "actors/core/hl7/context.hpp"
#include "actors/core/hl7/fields.hpp"
#include "actors/core/hl7/identity.hpp"
#include "messages/types/limits.hpp"

namespace vigie::hl7 {
namespace {

bool is_version(std::string_view version) {
  return version.size() >= 3 && version.substr(0, 2) == "2." && version[2] >= '1' &&
         version[2] <= '8' && (version.size() == 3 || version[3] == '.');
}

/// What concerns the whole message; nullopt: go on.
std::optional<Refusal> check_header(const Message& message, const Feed& feed) {
  const Segment* msh = &message.msh();
  const std::string id = message.text(msh, 10, 0);
  if (id.empty()) {
    return refuse(ErrorCode::required_field, {"MSH", 1, 10}, "Identifiant de message absent");
  }
  if (id.size() > limits::name_bytes) {
    return refuse(ErrorCode::data_type, {"MSH", 1, 10}, "Identifiant de message trop long");
  }
  const std::string processing = message.text(msh, 11);
  const bool training = feed.federation == Federation::training;
  const bool drill = processing == "T" || processing == "D";
  if (!processing.empty() && processing != "P" && !(training && drill)) {
    return refuse(ErrorCode::processing_id, {"MSH", 1, 11},
                  drill ? "Message de test refusé : cette fédération est en production"
                        : "Mode de traitement inconnu (MSH-11)");
  }
  const std::string version = message.text(msh, 12);
  if (!version.empty() && !is_version(version)) {
    return refuse(ErrorCode::version_id, {"MSH", 1, 12}, "Version HL7 non prise en charge");
  }
  return std::nullopt;
}

void seal_header(const Message& message, Sealed& out) {
  const auto field = [&](int n) { return standard(message.msh().field(n), message.separators()); };
  out.sending_application = field(3);
  out.sending_facility = field(4);
  out.receiving_application = field(5);
  out.receiving_facility = field(6);
  out.processing_id = field(11);
  out.profile = field(21);
}

void seal_patient(const Group& group, Sealed& out) {
  const Separators& separators = group.message->separators();
  out.pid = group.pid == nullptr ? "" : standard(group.pid->raw, separators);
  out.pv1 = group.pv1 == nullptr ? "" : standard(group.pv1->raw, separators);
  out.identity = identity_of(group);
}

void seal_order(const Group& group, Sealed& out) {
  const auto field = [&](const Segment* segment, int n) {
    return segment == nullptr ? std::string{}
                              : standard(segment->field(n), group.message->separators());
  };
  out.orc2 = field(group.orc, 2);
  out.orc3 = field(group.orc, 3);
  out.orc12 = field(group.orc, 12);
  out.orc17 = field(group.orc, 17);
  out.orc21 = field(group.orc, 21);
  out.obr2 = field(group.obr, 2);
  // "Cancel" and "examination done" say what the message is, not what was asked.
  out.obr4 = by_procedure(group.text(group.obr, 4)) ? std::string{} : field(group.obr, 4);
  out.obr16 = field(group.obr, 16);
  out.obr18 = field(group.obr, 18);
  out.obr19 = field(group.obr, 19);
  out.obr24 = field(group.obr, 24);
  out.obr31 = field(group.obr, 31);
}

Bits128 content_hash(const Group& group, Action action) {
  std::vector<std::string_view> parts = {name_of(action)};
  for (const auto* list : {&group.shared, &group.own}) {
    for (const Segment* segment : *list) {
      parts.push_back(segment->raw);
    }
  }
  const std::string digest = sha256(parts);
  const auto word = [&digest](std::size_t from) {
    std::uint64_t out = 0;
    for (std::size_t i = from; i < from + 8; ++i) {
      out = (out << 8) | static_cast<unsigned char>(digest[i]);
    }
    return out;
  };
  return {word(0), word(8)};
}

std::vector<std::string> values_of(const std::vector<Found>& found) {
  std::vector<std::string> out;
  for (const Found& one : found) {
    out.push_back(one.value);
  }
  return out;
}

std::string bounded(std::string_view text) {
  return std::string(truncate(text, limits::name_bytes));
}

/// The rows about the patient, shared by orders and ADT.
void fill_patient(const Group& group, Day today, const Identity& identity, Order& out) {
  out.patient_number = identity.ipp;
  out.ins = identity.ins;
  out.visit = identity.visit;
  out.age_years = age_years(identity.birth_date, today);
  out.request.age_class = age_class(out.age_years);
  if (!identity.validated) {
    out.request.flags = out.request.flags | ExamFlag::identity_provisional;
  }
  if (group.message->bad_charset()) {
    out.request.flags = out.request.flags | ExamFlag::bad_charset;
  }
}

void fill_exam(const Group& group, Order& out) {
  Request& request = out.request;
  const FoundModality modality = modality_of_order(group);
  const FoundRegion region = region_of_order(group);
  const AskedUrgency urgency = urgency_of_code(priority_of(group).value, group.text(group.pv1, 2));
  request.modality = modality.modality;
  request.region = region.region;
  request.side = region.side;
  request.asked = urgency.urgency;
  request.procedure = procedure_of(group).value;
  request.accessions = values_of(accessions_of(group));
  request.studies = values_of(studies_of(group));
  request.callback_phone = bounded(callback_phone(group).value);
  if (urgency.rings_as_p0) request.flags = request.flags | ExamFlag::asked_stat;
  if (urgency.mapped) request.flags = request.flags | ExamFlag::urgency_mapped;
  out.ultrasound = modality.modality == Modality::us;
  if (modality.modality == Modality::unknown) {
    request.flags = request.flags | ExamFlag::modality_unknown;
  }
  std::string source;
  out.requester = requester_of(group, source);
  out.reason = reason_of(group).value;
  out.exam_time = bounded(exam_time_of(group).value);
  const ProcedureRule* rule = rule_of(group);
  out.pathway = rule == nullptr ? std::string{} : rule->pathway;
}

/// Key and establishment. @return a refusal, or nullopt when they are set.
std::optional<Refusal> fill_key(const Group& group, Order& out) {
  auto claimed = establishment_of(group);
  if (!claimed) {
    return claimed.refusal();
  }
  out.request.establishment = claimed->establishment->id;
  out.request.key.legal_entity = claimed->establishment->legal_entity;
  if (group.orc == nullptr) {
    return std::nullopt;  // ADT: about a patient, not about an order
  }
  const Found number = order_number(group);
  const Found authority = order_authority(group, number);
  if (!number) {
    return refuse(ErrorCode::required_field, orc_place(group, 2), "Numéro de demande absent");
  }
  if (number.value.size() > limits::name_bytes || authority.value.size() > limits::name_bytes) {
    return refuse(ErrorCode::data_type, orc_place(group, 2), "Numéro de demande trop long");
  }
  out.request.key.authority = authority.value;
  out.request.key.number = number.value;
  return std::nullopt;
}

std::optional<Refusal> require_segments(const Group& group, Action action) {
  if (action == Action::submit && group.pid == nullptr) {
    return refuse(ErrorCode::segment_sequence, {"PID", 1}, "Segment PID absent");
  }
  if (action == Action::submit && group.obr == nullptr) {
    return refuse(ErrorCode::segment_sequence, {"OBR", group.orc->occurrence},
                  "Segment OBR absent");
  }
  return std::nullopt;
}

/// `sealed` into the order. @return a refusal when the identity is longer than can be kept.
std::optional<Refusal> put_seal(Sealed sealed, Order& out) {
  auto bytes = seal(std::move(sealed));
  if (!bytes) {
    return refuse(ErrorCode::data_type, {"PID", 1}, "Identité trop longue");
  }
  out.request.sealed = std::move(bytes).value();
  return std::nullopt;
}

Checked<Order> map_group(const Group& group, const Kind& kind, Day today) {
  Order out;
  const auto action = action_of(group, kind);
  if (!action) {
    return action.refusal();
  }
  out.action = *action;
  out.message_id = group.message->text(&group.message->msh(), 10, 0);
  if (auto refusal = fill_key(group, out)) {
    return *std::move(refusal);
  }
  if (auto refusal = require_segments(group, out.action)) {
    return *std::move(refusal);
  }
  Sealed sealed;
  seal_header(*group.message, sealed);
  seal_patient(group, sealed);
  seal_order(group, sealed);
  fill_patient(group, today, sealed.identity, out);
  fill_exam(group, out);
  sealed.requester = out.requester;
  sealed.callback_phone = out.request.callback_phone;
  sealed.procedure = out.request.procedure;
  sealed.context = context_of(group);
  sealed.attachments = attachments_of(group);
  out.content_hash = content_hash(group, out.action);
  if (auto refusal = put_seal(std::move(sealed), out)) {
    return *std::move(refusal);
  }
  return out;
}

Checked<Order> map_patient(const Group& group, Day today) {
  Order out;
  out.action = Action::amend_identity;
  out.message_id = group.message->text(&group.message->msh(), 10, 0);
  if (auto refusal = fill_key(group, out)) {
    return *std::move(refusal);
  }
  Sealed sealed;
  seal_patient(group, sealed);
  fill_patient(group, today, sealed.identity, out);
  if (out.patient_number.empty()) {
    return refuse(ErrorCode::required_field, {"PID", group.pid->occurrence, 3},
                  "Identifiant patient (IPP) absent");
  }
  out.prior_patient_number = patient_number(group, group.mrg, 1).value;
  out.content_hash = content_hash(group, out.action);
  if (auto refusal = put_seal(std::move(sealed), out)) {
    return *std::move(refusal);
  }
  return out;
}

void add_missing(std::vector<std::string>& into, const std::vector<std::string>& from,
                 std::size_t count_max) {
  for (const std::string& one : from) {
    if (into.size() < count_max && std::find(into.begin(), into.end(), one) == into.end()) {
      into.push_back(one);
    }
  }
}

/// One order may own several studies, each in its own group: then it is one exam.
bool join(std::vector<Order>& orders, const Order& next) {
  for (Order& order : orders) {
    if (order.action == next.action && order.request.key == next.request.key &&
        order.action != Action::amend_identity) {
      add_missing(order.request.accessions, next.request.accessions, limits::accessions_count);
      add_missing(order.request.studies, next.request.studies, limits::studies_count);
      order.content_hash.high ^= next.content_hash.high * 3;
      order.content_hash.low ^= next.content_hash.low * 3;
      return true;
    }
  }
  return false;
}

}  // namespace

Checked<std::vector<Order>> map_message(const Message& message, const Feed& feed, Day today) {
  if (auto refusal = check_header(message, feed)) {
    return *std::move(refusal);
  }
  const auto kind = kind_of(message);
  if (!kind) {
    return kind.refusal();
  }
  const bool adt = kind->type == "ADT";
  const auto groups = adt ? patient_groups(message, feed) : order_groups(message, feed);
  if (groups.empty() || groups.size() > limits::orders_per_message) {
    const std::string_view name = adt ? "PID" : "ORC";
    return refuse(ErrorCode::segment_sequence, {std::string(name), 1},
                  groups.empty() ? "Segment " + std::string(name) + " absent"
                                 : "Trop de demandes dans un message");
  }
  std::vector<Order> out;
  for (const Group& group : groups) {
    auto order = adt ? map_patient(group, today) : map_group(group, *kind, today);
    if (!order) {
      return order.refusal();
    }
    if (!join(out, *order)) {
      out.push_back(*std::move(order));
    }
  }
  return out;
}

}  // namespace vigie::hl7
