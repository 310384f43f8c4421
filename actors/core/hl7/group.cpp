#include "actors/core/hl7/group.hpp"

#include "messages/types/limits.hpp"

namespace vigie::hl7 {
namespace {

bool is_transport(const Segment& segment) {
  return segment.name == "MSH" || segment.name == "EVN" || segment.name == "SFT";
}

bool has_code(const Message& message, const Segment* obx, std::string_view code) {
  return message.text(obx, 3, 1) == code || message.text(obx, 3, 4) == code;
}

}  // namespace

Found first_of(std::initializer_list<Found> candidates) {
  for (const Found& found : candidates) {
    if (found) {
      return found;
    }
  }
  return {};
}

Found Group::at(const Segment* segment, int field, int component, int sub) const {
  if (segment == nullptr) {
    return {};
  }
  std::string source = std::string(segment->name) + "-" + std::to_string(field);
  if (component > 0) {
    source += "." + std::to_string(component);
  }
  if (sub > 1) {
    source += "." + std::to_string(sub);
  }
  return {message->text(segment, field, component, sub), std::move(source)};
}

std::vector<const Segment*> Group::all(std::string_view name) const {
  std::vector<const Segment*> out;
  for (const Segment* segment : own) {
    if (segment->name == name) {
      out.push_back(segment);
    }
  }
  return out;
}

const Segment* Group::first(std::string_view name) const {
  for (const Segment* segment : own) {
    if (segment->name == name) {
      return segment;
    }
  }
  return nullptr;
}

std::vector<const Segment*> Group::observations(std::string_view code) const {
  std::vector<const Segment*> out;
  for (const auto* list : {&own, &shared}) {
    for (const Segment* segment : *list) {
      if (segment->name == "OBX" && has_code(*message, segment, code)) {
        out.push_back(segment);
      }
    }
  }
  return out;
}

Found Group::observed(std::string_view code, int component) const {
  for (const Segment* obx : observations(code)) {
    std::string value = message->text(obx, 5, component);
    if (!value.empty()) {
      return {std::move(value), "OBX(" + std::string(code) + ")-5." + std::to_string(component)};
    }
  }
  return {};
}

std::vector<Group> order_groups(const Message& message, const Feed& feed) {
  std::vector<Group> out;
  Group shared;
  shared.message = &message;
  shared.feed = &feed;
  shared.pid = message.find("PID");
  shared.pv1 = message.find("PV1");
  for (const Segment& segment : message.segments()) {
    if (segment.name == "ORC") {
      if (out.size() > limits::orders_per_message) {
        break;  // already too many: the mapping refuses
      }
      out.push_back(shared);
      out.back().orc = &segment;
    }
    if (out.empty()) {
      if (!is_transport(segment)) {
        shared.shared.push_back(&segment);
      }
      continue;
    }
    out.back().own.push_back(&segment);
    if (segment.name == "OBR" && out.back().obr == nullptr) {
      out.back().obr = &segment;
    }
  }
  return out;
}

std::vector<Group> patient_groups(const Message& message, const Feed& feed) {
  std::vector<Group> out;
  for (const Segment& segment : message.segments()) {
    if (segment.name == "PID") {
      if (out.size() > limits::orders_per_message) {
        break;
      }
      Group& group = out.emplace_back();
      group.message = &message;
      group.feed = &feed;
      group.pid = &segment;
    }
    if (out.empty()) {
      continue;
    }
    Group& group = out.back();
    group.own.push_back(&segment);
    if (segment.name == "PV1" && group.pv1 == nullptr) {
      group.pv1 = &segment;
    }
    if (segment.name == "MRG" && group.mrg == nullptr) {
      group.mrg = &segment;
    }
  }
  return out;
}

}  // namespace vigie::hl7
