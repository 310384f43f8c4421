#include "messages/types/exam.hpp"

#include <array>

namespace vigie {
namespace {

constexpr std::array<std::string_view, 11> modalities = {"",   "CT", "MR", "CR", "DX", "US",
                                                         "XA", "NM", "PT", "MG", "OT"};
constexpr std::array<std::string_view, 8> regions = {
    "", "head", "neck", "chest", "abdomen_pelvis", "spine", "limb", "whole_body"};
constexpr std::array<std::string_view, 4> urgencies = {"p0", "p1", "p2", "p3"};
constexpr std::array<std::string_view, 6> skills = {"general", "neuro", "chest",
                                                    "body",    "msk",   "paediatric"};
constexpr std::array<std::string_view, exam_state_count> states = {
    "NONE",   "REQUESTED", "IN_REGULATION", "NEEDS_INFO",  "PROTOCOLLED", "ACQUIRING",
    "READY",  "OFFERED",   "READING",       "PRELIMINARY", "VALIDATED",   "DELIVERED",
    "CLOSED", "REFUSED",   "CANCELLED",     "HELD",        "SUSPENDED"};
constexpr std::array<std::string_view, filter_count> filters = {
    "eligible", "modality", "skill",      "age",      "group",  "site_unreachable",
    "not_free", "excluded", "privileges", "reserved", "roster", "shift_end"};
constexpr std::array<std::string_view, task_kind_count> task_kinds = {
    "none",        "call_technologist", "find_patient",        "call_reader", "critical_result",
    "undelivered", "call_hospital",     "images_after_report", "new_report",  "hand_over"};
constexpr std::array<std::string_view, 6> purposes = {"none",           "opinion",     "recourse",
                                                      "second_opinion", "supervision", "region"};
constexpr std::array<std::string_view, 7> report_kinds = {
    "none", "preliminary", "final", "late", "addendum", "correction", "withdrawal"};

template <class Table, class Enum>
std::string_view name_in(const Table& table, Enum value) {
  const auto at = static_cast<std::size_t>(value);
  return at < table.size() ? table[at] : std::string_view{"?"};
}

template <class Enum, class Table>
bool find_in(const Table& table, std::string_view name, Enum& out) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (table[i] == name) {
      out = static_cast<Enum>(i);
      return true;
    }
  }
  return false;
}

}  // namespace

std::string_view name_of(Modality modality) { return name_in(modalities, modality); }
std::string_view name_of(Region region) { return name_in(regions, region); }
std::string_view name_of(AgeClass age) {
  constexpr std::string_view names[] = {"", "adult", "child", "infant"};
  const auto at = static_cast<std::size_t>(age);
  return at < std::size(names) ? names[at] : "?";
}

std::string_view name_of(Urgency urgency) { return name_in(urgencies, urgency); }
std::string_view name_of(Skill skill) { return name_in(skills, skill); }
std::string_view name_of(ExamState state) { return name_in(states, state); }
std::string_view name_of(Filter filter) { return name_in(filters, filter); }
std::string_view name_of(TaskKind kind) { return name_in(task_kinds, kind); }
std::string_view name_of(Purpose purpose) { return name_in(purposes, purpose); }
std::string_view name_of(ReportKind kind) { return name_in(report_kinds, kind); }

Modality modality_of(std::string_view name) {
  Modality found = Modality::unknown;
  find_in(modalities, name, found);
  return found;
}
Region region_of(std::string_view name) {
  Region found = Region::unknown;
  find_in(regions, name, found);
  return found;
}
bool urgency_of(std::string_view name, Urgency& out) { return find_in(urgencies, name, out); }
bool skill_of(std::string_view name, Skill& out) { return find_in(skills, name, out); }
bool task_kind_of(std::string_view name, TaskKind& out) { return find_in(task_kinds, name, out); }
bool purpose_of(std::string_view name, Purpose& out) { return find_in(purposes, name, out); }

}  // namespace vigie
