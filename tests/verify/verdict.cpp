#include "tests/verify/verdict.hpp"

#include <nlohmann/json.hpp>

namespace vigie::verify {

void Verdict::add(std::string_view kind, std::string what) {
  ++total_;
  ++counts_[std::string{kind}];
  if (violations_.size() < violations_kept) violations_.push_back({std::string{kind}, what});
}

std::uint64_t Verdict::count(std::string_view kind) const {
  const auto found = counts_.find(kind);
  return found == counts_.end() ? 0 : found->second;
}

std::string to_json(const Verdict& v) {
  nlohmann::ordered_json out = {{"ok", v.ok()},
                                {"lost", v.lost},
                                {"double_assignments", v.double_assignments},
                                {"digests_equal", v.digests_equal},
                                {"exams", v.exams},
                                {"reports_delivered", v.reports_delivered},
                                {"answers", v.answers},
                                {"answers_by_entry", v.answers_by_entry},
                                {"answers_by_record", v.answers_by_record},
                                {"answers_unchecked", v.answers_unchecked},
                                {"entries", v.entries},
                                {"linearizable", v.linearizable},
                                {"operations", v.operations},
                                {"operations_swept", v.operations_swept},
                                {"operations_searched", v.operations_searched},
                                {"operations_unknown", v.operations_unknown},
                                {"operations_unchecked", v.operations_unchecked},
                                {"reads", v.reads}};
  out["violations"] = nlohmann::ordered_json::array();
  for (const Violation& one : v.violations()) {
    out["violations"].push_back({{"kind", one.kind}, {"what", one.what}});
  }
  out["notes"] = v.notes();
  return out.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string to_text(const Verdict& v) {
  std::string out;
  for (const Violation& one : v.violations())
    out += "VIOLATION " + one.kind + ": " + one.what + "\n";
  for (const auto& [kind, count] : v.counts()) {
    out += std::to_string(count) + " x " + kind + "\n";
  }
  for (const std::string& note : v.notes()) out += "note: " + note + "\n";
  out += std::to_string(v.exams) + " exams, " + std::to_string(v.reports_delivered) +
         " reports delivered, " + std::to_string(v.lost) + " lost, " +
         std::to_string(v.double_assignments) + " held twice, digests " +
         (v.digests_equal ? "equal" : "DIFFER") + "; " + std::to_string(v.answers) +
         " answers: " + std::to_string(v.answers_by_entry) + " checked against " +
         std::to_string(v.entries) + " entries, " + std::to_string(v.answers_by_record) +
         " against exams' records, " + std::to_string(v.answers_unchecked) + " not at all\n";
  out += std::string{v.linearizable ? "linearizable" : "NOT LINEARIZABLE"} + ": " +
         std::to_string(v.operations) + " operations, " + std::to_string(v.operations_swept) +
         " predicted by the model, " + std::to_string(v.operations_searched) + " searched, " +
         std::to_string(v.operations_unknown) + " unknown, " +
         std::to_string(v.operations_unchecked) + " not predicted; " + std::to_string(v.reads) +
         " reads judged\n";
  return out + (v.ok() ? "the evidence agrees\n" : "THE EVIDENCE DISAGREES\n");
}

}  // namespace vigie::verify
