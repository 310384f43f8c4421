#include "tests/verify/evidence.hpp"

#include <algorithm>
#include <filesystem>

#include "tests/verify/checks.hpp"
#include "tests/verify/linearity.hpp"

namespace vigie::verify {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> files_in(const fs::path& dir, std::string_view ending) {
  std::vector<std::string> files;
  if (!fs::is_directory(dir)) return files;
  for (const auto& item : fs::directory_iterator(dir)) {
    if (item.is_regular_file() && item.path().extension() == ending) {
      files.push_back(item.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// What makes it untrue that all centres hold the same.
bool is_of_state(const std::string& kind) { return kind == "journal"; }

}  // namespace

Verdict verify(const Evidence& evidence) {
  Verdict verdict;
  for (const Violation& v : evidence.found) {
    verdict.add(v.kind, v.what);
    if (is_of_state(v.kind)) verdict.digests_equal = false;
  }
  const fs::path dir = evidence.dir;
  Journals journals;
  const auto dumps = files_in(evidence.dumps, ".dump");
  if (dumps.empty()) verdict.add("missing", evidence.dumps + ": no journals");
  journals.read(dumps, verdict);
  History history;
  const auto histories = files_in(dir / "histories", ".jsonl");
  if (histories.empty()) verdict.add("missing", (dir / "histories").string() + ": no histories");
  for (const std::string& path : histories) history.read(path, verdict);
  Reports reports;
  reports.kept = fs::is_directory(dir / "reports");
  for (const std::string& path : files_in(dir / "reports", ".hl7")) reports.read(path, verdict);
  check_answers(journals, history, verdict);
  check_events(journals, history, verdict);
  check_holders(history, verdict);
  check_reports(journals, history, reports, verdict);
  check_linearity(journals, history, verdict);
  verdict.exams = count_exams(journals, history);
  return verdict;
}

}  // namespace vigie::verify
