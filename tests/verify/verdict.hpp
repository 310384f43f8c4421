// What the independent checker found: violations by kind, and the numbers that `ops/run` repeats.
//
// A kind is a stable word for scripts; `what` is for people and names the place. Nothing of a
// patient is ever in it: ids, indexes and hashes only.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vigie::verify {

struct Violation {
  std::string kind;
  std::string what;
};

/// Violations beyond this many are counted, not kept.
inline constexpr std::size_t violations_kept = 200;

class Verdict {
 public:
  void add(std::string_view kind, std::string what);
  /// Something that could not be checked, and why; not a violation.
  void note(std::string what) { notes_.push_back(std::move(what)); }

  bool ok() const { return total_ == 0; }
  std::uint64_t count(std::string_view kind) const;
  bool has(std::string_view kind) const { return count(kind) != 0; }
  const std::vector<Violation>& violations() const { return violations_; }
  const std::vector<std::string>& notes() const { return notes_; }
  const std::map<std::string, std::uint64_t, std::less<>>& counts() const { return counts_; }

  std::uint64_t lost = 0;                ///< acknowledged submits and reports that are nowhere
  std::uint64_t double_assignments = 0;  ///< exams that two people held at once
  bool digests_equal = true;             ///< all centres hold the same entries and states
  std::uint64_t exams = 0;
  std::uint64_t reports_delivered = 0;
  std::uint64_t answers = 0;  ///< last words that clients were given
  /// Of these: compared with the entry at their index; with the exam's record, where every log has
  /// given that entry up; with nothing.
  std::uint64_t answers_by_entry = 0, answers_by_record = 0, answers_unchecked = 0;
  std::uint64_t entries = 0;  ///< log entries read, of the longest log
  bool linearizable = true;   ///< nothing speaks against it (tests/verify/linear)
  /// Requests of clients; of these: predicted by the model of the room; in searches without the
  /// log; never answered for good; answered, or not, and not predicted.
  std::uint64_t operations = 0, operations_swept = 0, operations_searched = 0,
                operations_unknown = 0, operations_unchecked = 0;
  std::uint64_t reads = 0;  ///< replies to queries that were judged against the log

 private:
  std::vector<Violation> violations_;
  std::vector<std::string> notes_;
  std::map<std::string, std::uint64_t, std::less<>> counts_;
  std::uint64_t total_ = 0;
};

/// One JSON object, or lines for people, each ending in a line feed.
std::string to_json(const Verdict& verdict);
std::string to_text(const Verdict& verdict);

}  // namespace vigie::verify
