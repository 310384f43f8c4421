#include "ops/telemetry/node_metrics.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <regex>
#include <set>

#include "messages/types/result.hpp"

namespace vigie::telemetry {
namespace {

// Remembers what was asked for and set.
class Recorder final : public Metrics {
 public:
  struct Cell final : Counter, Gauge, Histogram {
    void add(std::uint64_t n) override { value += static_cast<double>(n); }
    void set(double v) override { value = v; }
    using Gauge::set;
    void observe(double v) override { value += v; }
    void observe_all(const std::vector<double>&, double sum) override { value += sum; }
    double value = 0;
  };
  Counter& counter(const std::string& name, const std::string&, const Labels& l) override {
    counters.insert(name);
    return cell(name, l);
  }
  Gauge& gauge(const std::string& name, const std::string&, const Labels& l) override {
    return cell(name, l);
  }
  Histogram& histogram(const std::string& name, const std::string&, const Buckets& buckets,
                       const Labels& l) override {
    EXPECT_TRUE(std::is_sorted(buckets.begin(), buckets.end()));
    return cell(name, l);
  }
  double value(const std::string& key) { return cells.at(key)->value; }
  bool has(const std::string& key) { return cells.count(key) != 0; }

  std::map<std::string, std::unique_ptr<Cell>> cells;
  std::set<std::string> names, counters;

 private:
  Cell& cell(const std::string& name, const Labels& labels) {
    names.insert(name);
    std::string key = name;
    for (const auto& [label, value] : labels) key += "," + label + "=" + value;
    auto& at = cells[key];
    if (!at) at = std::make_unique<Cell>();
    return *at;
  }
};

struct NodeMetricsTest : ::testing::Test {
  Recorder recorder;
  NodeMetrics node{recorder,
                   {"0.1.0",
                    {"bordeaux", "marseille"},
                    {"ch-gap-ris"},
                    {"bordeaux", "marseille", "lyon"},
                    {600, 1200}}};
};

TEST_F(NodeMetricsTest, EveryNameFollowsTheRule) {
  const std::regex shape("vigie_[a-z0-9_]+");
  for (const std::string& name : recorder.names) {
    EXPECT_TRUE(std::regex_match(name, shape)) << name;
    EXPECT_EQ(recorder.counters.count(name) == 1, name.ends_with("_total")) << name;
  }
  EXPECT_GT(recorder.names.size(), 45u);
}

TEST_F(NodeMetricsTest, EveryReasonOfTheCatalogueExistsFromTheStart) {
  for (const std::string& reason : errc_names()) {
    for (const std::string door : {"client", "peer", "mllp"}) {
      EXPECT_TRUE(recorder.has("vigie_messages_rejected_total,door=" + door + ",reason=" + reason));
    }
  }
  EXPECT_TRUE(recorder.has("vigie_messages_rejected_total,door=client,reason=malformed"));
  EXPECT_TRUE(recorder.has("vigie_messages_rejected_total,door=peer,reason=duplicate_site"));
  EXPECT_TRUE(recorder.has("vigie_messages_rejected_total,door=mllp,reason=hl7_processing_id"));
  EXPECT_TRUE(recorder.has("vigie_messages_rejected_total,door=mllp,reason=other"));
  EXPECT_GE(errc_names().size(), 44u);
}

TEST_F(NodeMetricsTest, ExamsAreCountedByStateAndUrgency) {
  node.room.exams(ExamState::ready, Urgency::p1).set(4);
  EXPECT_EQ(recorder.value("vigie_exams,state=ready,urgency=p1"), 4);
  EXPECT_TRUE(recorder.has("vigie_exams,state=cancelled,urgency=p3"));
  EXPECT_FALSE(recorder.has("vigie_exams,state=none,urgency=p0"));
}

TEST_F(NodeMetricsTest, AStateSetHasExactlyOne) {
  node.set_mode(NodeMode::connected);
  node.set_mode(NodeMode::island);
  EXPECT_EQ(recorder.value("vigie_site_mode,mode=island"), 1);
  EXPECT_EQ(recorder.value("vigie_site_mode,mode=connected"), 0);
  node.raft.set_role(3);
  EXPECT_EQ(recorder.value("vigie_raft_role,role=leader"), 1);
  node.raft.set_role(0);
  EXPECT_EQ(recorder.value("vigie_raft_role,role=leader"), 0);
}

TEST_F(NodeMetricsTest, AnUnknownReasonIsCountedAsOther) {
  node.door.rejected_client.of("made_up").add();
  EXPECT_EQ(recorder.value("vigie_messages_rejected_total,door=client,reason=other"), 1);
}

TEST_F(NodeMetricsTest, AnUnknownPeerMakesNoSeries) {
  node.raft.peer_lag.of("nowhere").set(7);
  EXPECT_FALSE(recorder.has("vigie_raft_peer_lag_entries,peer=other"));
  node.raft.peer_lag.of("marseille").set(7);
  EXPECT_EQ(recorder.value("vigie_raft_peer_lag_entries,peer=marseille"), 7);
}

TEST_F(NodeMetricsTest, TheDigestIsShownExactlyAsItsLow48Bits) {
  node.room.set_digest(LogIndex{9}, {0x1234, 0xabcdffffffffffffull});
  EXPECT_EQ(recorder.value("vigie_state_digest_low48"), 281474976710655.0);
  EXPECT_EQ(recorder.value("vigie_state_digest_index"), 9);
}

TEST_F(NodeMetricsTest, EveryCommandAndEventHasItsSeries) {
  EXPECT_TRUE(recorder.has("vigie_commands_applied_total,command=submit"));
  EXPECT_TRUE(recorder.has("vigie_commands_applied_total,command=apply_directory"));
  EXPECT_EQ(node.room.commands.size(), std::variant_size_v<Command> + 1);
  EXPECT_TRUE(recorder.has("vigie_events_total,event=ReadOffered"));
  EXPECT_TRUE(recorder.has("vigie_events_total,event=ClockCorrected"));
}

// domain F9, F12, Q2, Q3
TEST_F(NodeMetricsTest, TheMeasuresOfTheGuardExistForEveryClassAndCentre) {
  for (const std::string urgency : {"p0", "p1", "p2", "p3"}) {
    for (const std::string name :
         {"vigie_exam_request_to_report_seconds", "vigie_exam_protocol_to_report_seconds",
          "vigie_exam_first_image_to_report_seconds", "vigie_exam_ready_to_report_seconds",
          "vigie_exam_ready_to_signed_seconds", "vigie_regulation_request_to_touch_seconds",
          "vigie_regulation_request_to_protocol_seconds", "vigie_exams_late_total",
          "vigie_establishments_slow"}) {
      EXPECT_TRUE(recorder.has(name + ",urgency=" + urgency)) << name;
    }
  }
  node.guard.reported("marseille", "bordeaux").add(3);
  EXPECT_EQ(recorder.value("vigie_exams_reported_total,origin=marseille,reading=bordeaux"), 3);
  EXPECT_EQ(recorder.value("vigie_exams_reported_total,origin=bordeaux,reading=marseille"), 0);
  node.guard.reported("strasbourg", "lyon").add();  // came after this node began
  EXPECT_EQ(recorder.value("vigie_exams_reported_total,origin=other,reading=lyon"), 1);
  EXPECT_TRUE(recorder.has("vigie_reader_busy_seconds_total,centre=lyon"));
  EXPECT_TRUE(recorder.has("vigie_posts_staffed,centre=lyon"));
}

TEST(Hl7Reasons, CodesOfTable0357HaveNames) {
  EXPECT_EQ(hl7_reason(101), "hl7_required_field");
  EXPECT_EQ(hl7_reason(204), "hl7_unknown_key");
  EXPECT_EQ(hl7_reason(999), "hl7_application_error");
}

TEST(NoMetrics, TakesEverythingAndDoesNothing) {
  NodeMetrics node(no_metrics(), {});
  node.raft.term.set(3);
  node.storage.sync_seconds.observe(0.1);
  node.door.feed_messages.of("none").add();
}

}  // namespace
}  // namespace vigie::telemetry
