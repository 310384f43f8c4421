// vigie-verify: the independent checker. Called by ops/verify, which lays the journals open first.
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/verify/evidence.hpp"

namespace {

constexpr std::string_view usage =
    "usage: vigie-verify [--json] [--found KIND=WHAT]... EVIDENCE_DIR DUMPS_DIR\n"
    "Compares clients' histories, hospitals' reports and all centres' journals. Exit 0: they "
    "agree; "
    "1: they do not; 64: wrong arguments.\n"
    "JSON: ok, lost, double_assignments, digests_equal, exams, reports_delivered, answers, "
    "answers_by_entry, answers_by_record, answers_unchecked, entries, linearizable, operations, "
    "operations_swept, operations_searched, operations_unknown, operations_unchecked, "
    "violations [{kind, what}], notes.\n";

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  bool json = false;
  std::vector<std::string> folders;
  vigie::verify::Evidence evidence;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (args[i] == "--json") {
      json = true;
    } else if (args[i] == "--help") {
      std::cout << usage;
      return 0;
    } else if (args[i] == "--found" && i + 1 < args.size()) {
      const std::string& found = args[++i];
      const std::size_t equals = found.find('=');
      if (equals == std::string::npos) return std::cerr << usage, 64;
      evidence.found.push_back({found.substr(0, equals), found.substr(equals + 1)});
    } else if (args[i].starts_with("--")) {
      return std::cerr << usage, 64;
    } else {
      folders.push_back(args[i]);
    }
  }
  if (folders.size() != 2) return std::cerr << usage, 64;
  evidence.dir = folders[0];
  evidence.dumps = folders[1];
  const auto verdict = vigie::verify::verify(evidence);
  std::cout << (json ? to_json(verdict) : to_text(verdict));
  return verdict.ok() ? 0 : 1;
}
