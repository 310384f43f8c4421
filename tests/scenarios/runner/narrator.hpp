// Tells what the committed log made true, in the words of the guard, each event once; who leads;
// what hospitals receive. It watches beside the invariants, which see all that it sees.
#pragma once

#include <map>
#include <string>

#include "tests/scenarios/runner/trace.hpp"
#include "tests/sim/invariants.hpp"

namespace vigie::scenarios {

/// How the script calls its exams: by their hospitals' order numbers.
class Labels {
 public:
  /// The exam that bears `label` now; 0: none.
  ExamId named(const std::string& label) const;
  std::string of(ExamId exam) const;
  /// A new exam: it takes its order number from any older one that had it.
  void give(ExamId exam, const std::string& order);

 private:
  std::map<ExamId, std::string> labels_;
  std::map<std::string, ExamId> exams_;
};

class Narrator final : public sim::Watch {
 public:
  /// @param cast For the names of centres.
  Narrator(sim::Invariants& invariants, Trace& trace, Labels& labels, const Directory& cast)
      : invariants_(invariants), trace_(trace), labels_(labels), cast_(cast) {}

  void started(SiteId site, const replica::Start& found) override {
    invariants_.started(site, found);
  }
  void synced(SiteId site, const sim::WriteMark& write) override {
    invariants_.synced(site, write);
  }
  void applied(SiteId site, const actors::Host& host, const AppliedBatch& batch) override;
  void acted(SiteId site, const actors::Host& host) override;
  void peer_frame(SiteId from, SiteId to, const codec::PeerFrame& frame,
                  const sim::Promise& promise) override {
    invariants_.peer_frame(from, to, frame, promise);
  }
  void ended(SiteId site) override;
  void second_passed(SiteId site, const actors::Host& host, BootTime now) override {
    invariants_.second_passed(site, host, now);
  }
  void data_lost(SiteId site) override { invariants_.data_lost(site); }
  void not_sent(SiteId site, ExamId exam) override { invariants_.not_sent(site, exam); }
  void delivered(SiteId door, const DeliveryJob& job) override;

  /// Federation time at the last entry, less the true time at which it was applied.
  Millis ahead() const { return ahead_; }
  /// How many assignments an exam has had: 1 is the first.
  std::size_t assignments(ExamId exam) const;

 private:
  /// One event in plain words; empty: nothing that a guard would speak of.
  std::string words(const Event& event, const actors::Host& host) const;
  std::string words_of_intake(const Event& event, const actors::Host& host) const;
  std::string words_of_regulation(const Event& event, const Directory& d) const;
  std::string words_of_images(const Event& event) const;
  std::string words_of_reading(const Event& event, const actors::Host& host) const;
  std::string words_of_reports(const Event& event, const actors::Host& host) const;
  std::string words_of_guard(const Event& event, const Directory& d) const;
  std::string words_of_sessions(const Event& event, const actors::Host& host) const;

  sim::Invariants& invariants_;
  Trace& trace_;
  Labels& labels_;
  const Directory& cast_;
  LogIndex told_;
  Millis ahead_;
  std::map<SiteId, bool> leads_;
  std::map<ExamId, std::vector<Epoch>> epochs_;
};

/// What an answer means to whoever asked; empty: it was done, and needs no word.
std::string words_of(const Answer& answer);

}  // namespace vigie::scenarios
