// The checker, checked: a sound night passes, and each way of touching it is refused for its
// reason.
#include <gtest/gtest.h>

#include "tests/verify/reports.hpp"
#include "tests/verify/test/night.hpp"

namespace vigie::verify {
namespace {

using Touch = void (*)(Night&);

struct Mutation {
  const char* name;
  const char* kind;  ///< of the violation it must bring
  Touch touch;
};
void PrintTo(const Mutation& m, std::ostream* out) { *out << m.name; }

LogEntry& entry(Night& night, std::size_t centre, std::size_t index) {
  return night.centres[centre].log[index - 1];
}

void replace_everywhere(Night& night, std::size_t index, const LogEntry& with) {
  for (Centre& c : night.centres) c.log[index - 1] = with;
}

Sign sign_of(const std::string& text, std::uint64_t report = Night::report) {
  return {Night::exam, {0, 8}, {report}, text};
}

/// Bob's client shows the exam as his while Ana's does, with a lease of his own.
void give_to_bob(Night& night, std::int64_t t, std::uint64_t index, std::uint64_t epoch) {
  json given = night.find("ana.jsonl", "event", "ReadAccepted");
  given.update({{"t", t},
                {"client", "bob"},
                {"session", hex16(Night::bob)},
                {"whose", hex16(Night::bob)},
                {"index", index},
                {"epoch", {0, epoch}},
                {"at", Night::stamp(index).value}});
  auto& lines = night.histories["bob.jsonl"];
  lines.insert(lines.end() - 1, given);
}

const Mutation mutations[] = {
    {"an entry of one node has another payload", "entries_differ",
     [](Night& n) { entry(n, 1, 11) = Night::entry(11, Night::ana, 4, sign_of("autre")); }},
    {"an entry of one node has another kind", "entries_differ",
     [](Night& n) { entry(n, 2, 1).kind = EntryKind::configuration; }},
    {"one node has another end", "entries_differ",
     [](Night& n) { entry(n, 0, 13) = Night::entry(13, 0, 0, Tick{}); }},
    {"a node wrote down another digest", "digests_differ",
     [](Night& n) {
       n.centres[1].values["checkpoint"] = "12 " + to_hex({0x1234, 0x5679});
     }},
    {"a node wrote down a digest that nobody logged", "digests_differ",
     [](Night& n) { n.centres[1].values["checkpoint"] = "11 " + to_hex(Night::digest); }},
    {"a checkpoint is no digest", "journal",
     [](Night& n) { n.centres[0].values["checkpoint"] = "12 xyz"; }},
    {"two snapshots of one index differ", "snapshots_differ",
     [](Night& n) {
       n.centres[0].snapshot_index = n.centres[1].snapshot_index = 10;
       n.centres[1].snapshot = "rooM";
     }},
    {"an archived exam differs", "archives_differ",
     [](Night& n) {
       for (Centre& c : n.centres) c.archive = {{{9, 1}, "exam"}, {{10, 2}, "exam"}};
       n.centres[1].archive[{9, 1}] = "exaM";
     }},
    {"an archived exam is missing", "archives_differ",
     [](Night& n) {
       for (Centre& c : n.centres) c.archive = {{{9, 1}, "exam"}, {{10, 2}, "exam"}};
       n.centres[2].archive.erase({9, 1});
     }},
    {"a dump is cut short", "journal",
     [](Night& n) {
       n.touched["lyon"] = [](std::string d) { return d.substr(0, d.size() - 20); };
     }},
    {"a byte of a dump is flipped", "journal",
     [](Night& n) { n.touched["lyon"] = [](std::string d) { return d[600] ^= 1, d; }; }},
    {"the term goes back", "journal",
     [](Night& n) {
       for (Centre& c : n.centres) c.log[4].term = {3};
     }},
    {"an index is left out", "journal",
     [](Night& n) { n.centres[0].log.erase(n.centres[0].log.begin() + 5); }},
    {"two journals are of one centre", "journal",
     [](Night& n) { n.centres[1].site = "lyon", n.centres[1].values.clear(); }},
    {"no journal is there", "missing", [](Night& n) { n.centres.clear(); }},
    {"no history is there", "missing", [](Night& n) { n.histories.clear(); }},
    {"an acknowledged submit is in no journal", "lost",
     [](Night& n) { replace_everywhere(n, 7, Night::entry(7, 0, 0, Tick{})); }},
    {"an acknowledged submit is of another order", "lost",
     [](Night& n) {
       replace_everywhere(n, 7, Night::entry(7, Night::hospital, 2, Night::submit("ORD-9", "M2")));
     }},
    {"an acknowledged end is on one node only", "lost",
     [](Night& n) {
       for (int i : {0, 1}) n.centres[static_cast<std::size_t>(i)].log.resize(10);
       n.centres[0].values.clear(), n.centres[1].values.clear();
     }},
    {"an acknowledged sign has another text", "lost",
     [](Night& n) {
       replace_everywhere(n, 11, Night::entry(11, Night::ana, 4, sign_of("autre")));
     }},
    {"an acknowledged accept has another epoch", "lost",
     [](Night& n) {
       replace_everywhere(n, 9, Night::entry(9, Night::ana, 2, AcceptOffer{Night::exam, {0, 7}}));
     }},
    {"an answer names another index", "lost",
     [](Night& n) { n.find("ana.jsonl", "answer", "sign")["index"] = 10; }},
    {"an answer names an index beyond the log", "lost",
     [](Night& n) { n.find("ana.jsonl", "answer", "sign")["index"] = 99; }},
    {"a refusal names another entry", "answer_differs",
     [](Night& n) {
       n.find("ana.jsonl", "answer", "preliminary")["code"] = "stale";
       n.find("ana.jsonl", "answer", "preliminary")["index"] = 8;
     }},
    {"an answer without an index", "no_index",
     [](Night& n) { n.find("ana.jsonl", "answer", "sign")["index"] = 0; }},
    {"a request is answered in two ways", "answers_differ",
     [](Night& n) {
       json again = n.find("ana.jsonl", "answer", "sign");
       again["code"] = "stale";
       n.append("ana.jsonl", again);
     }},
    {"one exam for two orders", "exam_of_two_orders",
     [](Night& n) { n.find("ch.jsonl", "answer", "submit", 2)["exam"] = Night::exam.value; }},
    {"two exams for one order", "order_of_two_exams",
     [](Night& n) {
       n.push_entry(Night::entry(14, Night::hospital, 3, Night::submit("ORD-1", "M3")));
       json invoke = n.find("ch.jsonl", "invoke", "submit"),
            answer = n.find("ch.jsonl", "answer", "submit");
       invoke.update({{"request", 3}, {"message", "M3"}});
       answer.update({{"request", 3}, {"index", 14}, {"exam", make_exam_id({3}, 3).value}});
       n.append("ch.jsonl", invoke);
       n.append("ch.jsonl", answer);
     }},
    {"two final reports of one exam", "two_finals",
     [](Night& n) {
       n.push_entry(Night::entry(14, Night::ana, 5, sign_of("encore", 0x78)));
       json invoke = n.find("ana.jsonl", "invoke", "sign"),
            answer = n.find("ana.jsonl", "answer", "sign");
       invoke.update({{"request", 5}, {"report", hex16(0x78)}, {"text", hex16(fnv("encore"))}});
       answer.update({{"request", 5}, {"index", 14}});
       n.append("ana.jsonl", invoke);
       n.append("ana.jsonl", answer);
     }},
    {"two sessions under one epoch", "double_assignment",
     [](Night& n) { n.find("bob.jsonl", "event", "ReadOffered")["whose"] = hex16(Night::bob); }},
    {"two clients hold one exam at once", "double_assignment",
     [](Night& n) { give_to_bob(n, 500, 10, 10); }},
    {"one signs what another has in hand", "double_assignment",
     [](Night& n) { give_to_bob(n, 1005, 10, 10); }},
    {"an epoch goes back", "epoch",
     [](Night& n) {
       n.find("ana.jsonl", "event", "ReadAccepted")["epoch"] = {0, 7};
     }},
    {"an epoch of later", "epoch",
     [](Night& n) {
       n.find("ana.jsonl", "event", "ReadOffered")["epoch"] = {0, 12};
     }},
    {"an event has another time than the log", "event_differs",
     [](Night& n) { n.find("bob.jsonl", "event", "ReadOffered")["at"] = 1'000'801; }},
    {"an event comes of another command", "event_differs",
     [](Night& n) {
       json& e = n.find("bob.jsonl", "event", "ReportValidated");
       e["index"] = 12, e["at"] = Night::stamp(12).value;
     }},
    {"an event is beyond every journal", "event_differs",
     [](Night& n) { n.find("bob.jsonl", "event", "ReadOffered")["index"] = 99; }},
    {"two clients are told otherwise", "events_differ",
     [](Night& n) { n.find("bob.jsonl", "event", "ReportValidated")["state"] = "READING"; }},
    {"a history line is no JSON", "history",
     [](Night& n) { n.histories["ana.jsonl"][3] = "{\"t\":1,"; }},
    {"a history line lacks a key", "history",
     [](Night& n) { n.find("ana.jsonl", "answer", "sign").erase("index"); }},
    {"a history line has a key too many", "history",
     [](Night& n) { n.find("ana.jsonl", "answer", "sign")["indey"] = 1; }},
    {"a session is not hexadecimal", "history",
     [](Night& n) { n.find("ana.jsonl", "answer", "sign")["session"] = "00000000000000ag"; }},
    {"an unknown code", "history",
     [](Night& n) { n.find("ana.jsonl", "answer", "sign")["code"] = "oj"; }},
    {"an unknown op", "history", [](Night& n) { n.line("ana.jsonl", 1)["op"] = "connectee"; }},
    {"a client's clock goes back", "history",
     [](Night& n) { n.find("ana.jsonl", "answer", "sign")["t"] = 1; }},
    {"an answer to what was never asked", "history",
     [](Night& n) {
       auto& lines = n.histories["ana.jsonl"];
       lines.erase(std::find(lines.begin(), lines.end(), n.find("ana.jsonl", "invoke", "sign")));
     }},
    {"a report has another text", "report_text",
     [](Night& n) { n.reports["0001.hl7"] = n.hl7("F", "ID-1", "TDM du crane."); }},
    {"a preliminary report has another text", "report_text",
     [](Night& n) { n.reports["0002.hl7"] = n.hl7("P", "ID-0", "hémorragie : oui"); }},
    {"a report is of another order", "report_order",
     [](Night& n) { n.reports["0001.hl7"] = n.hl7("F", "ID-1", Night::text, "ORD-2"); }},
    {"a report is of an unknown exam", "report_order",
     [](Night& n) {
       std::string& r = n.reports["0001.hl7"];
       for (std::size_t at; (at = r.find("MRS-")) != std::string::npos;) r.replace(at, 4, "LYS-");
     }},
    {"a report was never signed", "report_unsigned",
     [](Night& n) {
       n.reports["0003.hl7"] = n.hl7("F", "ID-3", "x", "ORD-2");
       std::string& r = n.reports["0003.hl7"];
       const std::string from = exam_number(Night::directory(), Night::exam),
                         to = exam_number(Night::directory(), Night::other);
       for (std::size_t at; (at = r.find(from)) != std::string::npos;)
         r.replace(at, from.size(), to);
     }},
    {"a report did not arrive", "undelivered", [](Night& n) { n.reports.erase("0001.hl7"); }},
    {"a report is sent again with other bytes", "report_retry",
     [](Night& n) {
       n.reports["0003.hl7"] = n.reports["0001.hl7"];
       n.reports["0003.hl7"].replace(n.reports["0003.hl7"].find("20260101"), 8, "20260102");
     }},
    {"a report is sent again under another id", "report_retry",
     [](Night& n) { n.reports["0003.hl7"] = n.hl7("F", "ID-2", Night::text); }},
    {"a report is no HL7", "report", [](Night& n) { n.reports["0001.hl7"] = "NSH|^~\\&|"; }},
};

class Touched : public testing::TestWithParam<Mutation> {};

TEST_P(Touched, EvidenceIsRefusedForItsReason) {
  Night night;
  GetParam().touch(night);
  const Verdict verdict = night.check();
  EXPECT_FALSE(verdict.ok());
  EXPECT_TRUE(verdict.has(GetParam().kind)) << to_text(verdict);
}

INSTANTIATE_TEST_SUITE_P(EachKind, Touched, testing::ValuesIn(mutations), [](const auto& of) {
  std::string name = of.param.name;
  for (char& c : name) c = c == ' ' || c == '\'' ? '_' : c;
  return name;
});

TEST(Evidence, OfASoundNightAgrees) {
  const Verdict verdict = Night{}.check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
  EXPECT_TRUE(verdict.digests_equal);
  EXPECT_EQ(verdict.exams, 2u);
  EXPECT_EQ(verdict.reports_delivered, 1u);
  EXPECT_EQ(verdict.lost, 0u);
  EXPECT_EQ(verdict.double_assignments, 0u);
}

TEST(Evidence, CountsWhatIsLostAndHeldTwice) {
  Night lost;
  replace_everywhere(lost, 7, Night::entry(7, 0, 0, Tick{}));
  EXPECT_EQ(lost.check().lost, 1u);
  Night doubled;
  give_to_bob(doubled, 500, 10, 10);
  EXPECT_EQ(doubled.check().double_assignments, 1u);
}

TEST(Evidence, SaysWhichMutationsMakeTheCentresDiffer) {
  Night night;
  entry(night, 1, 11) = Night::entry(11, Night::ana, 4, sign_of("autre"));
  EXPECT_FALSE(night.check().digests_equal);
}

TEST(Evidence, OfANodeThatLagsBehindAgrees) {
  Night night;
  night.centres[0].log.resize(9);
  night.centres[0].values.clear();
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
}

TEST(Evidence, OfANodeWithAnEndThatNeverCommittedAgrees) {
  Night night;
  night.centres[0].log.resize(9);
  night.centres[0].values.clear();
  night.centres[0].log.push_back({{10}, {1}, EntryKind::noop, {}});
  for (std::size_t i : {1u, 2u}) {
    for (std::size_t k = 9; k < night.centres[i].log.size(); ++k)
      night.centres[i].log[k].term = {2};
  }
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
  EXPECT_FALSE(verdict.notes().empty());
}

TEST(Evidence, IsJudgedForLinearizability) {
  const Verdict verdict = Night{}.check();
  EXPECT_TRUE(verdict.linearizable) << to_text(verdict);
  EXPECT_EQ(verdict.operations, 9u);
  EXPECT_EQ(verdict.operations_swept, 9u);
  EXPECT_EQ(verdict.operations_searched, 5u);
  EXPECT_EQ(verdict.operations_unchecked, 0u);
  EXPECT_NE(to_json(verdict).find("\"linearizable\":true"), std::string::npos);
}

TEST(Evidence, ThatIsNotLinearizableIsRefused) {
  Night night;
  // Bob's attach, which is entry 5, was asked at 500: entries up to 10 had been answered by then.
  for (json& line : night.histories["bob.jsonl"]) {
    if (line["t"] < 500) line["t"] = line["op"] == "connected" ? 499 : 500;
  }
  const Verdict verdict = night.check();
  EXPECT_FALSE(verdict.linearizable);
  EXPECT_EQ(verdict.count("linear_reorder"), 1u) << to_text(verdict);
}

TEST(Evidence, OfAnOrderUsedAgainAfterACancelAgrees) {
  Night night;
  night.push_entry(Night::entry(14, Night::hospital, 3, Cancel{{Night::other, {}}, "undone"}));
  night.push_entry(Night::entry(15, Night::hospital, 4, Night::submit("ORD-2", "M4")));
  json invoke = night.find("ch.jsonl", "invoke", "submit", 2);
  json answer = night.find("ch.jsonl", "answer", "submit", 2);
  invoke.update({{"request", 4}, {"message", "M4"}});
  answer.update({{"request", 4}, {"index", 15}, {"exam", make_exam_id({3}, 3).value}});
  night.append("ch.jsonl", invoke);
  night.append("ch.jsonl", answer);
  night.histories["ch.jsonl"].end()[-2]["t"] = 2000;  // after all that was answered before
  night.histories["ch.jsonl"].back()["t"] = 2001;
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
}

TEST(Evidence, OfAReaderWhoseLeaseRanOutBeforeTheNextHeldItAgrees) {
  Night night;
  // Ana signs nothing: her lease ends at 50120; Bob is given the exam after that.
  auto& lines = night.histories["ana.jsonl"];
  while (lines.back()["t"] >= 1000) lines.pop_back();
  json& last = night.histories["bob.jsonl"].back();
  last["t"] = 60'001;
  give_to_bob(night, 60'000, 10, 10);
  json lease = night.histories["bob.jsonl"][3];
  lease.update({{"t", 59'000}, {"until", 90'000}});
  auto& bobs = night.histories["bob.jsonl"];
  bobs.insert(bobs.end() - 2, lease);
  EXPECT_EQ(night.check().double_assignments, 0u) << to_text(night.check());
  lease["t"] = 40'000;
  bobs[bobs.size() - 3] = lease;
  bobs[bobs.size() - 2]["t"] = 45'000;
  EXPECT_EQ(night.check().double_assignments, 1u);
  // Unless hers said before that it holds nothing any more, as for an exam given since.
  lease = night.find("ana.jsonl", "lease", "");
  lease["until"] = 0;
  night.append("ana.jsonl", lease);
  lines.back()["t"] = 44'000;
  EXPECT_EQ(night.check().double_assignments, 0u) << to_text(night.check());
}

TEST(Evidence, OfAnAcceptAnsweredAfterItsReleaseWasShownAgrees) {
  Night night;
  // Ana's client is shown that 10 took the exam back before it is told that 9 gave it.
  auto& lines = night.histories["ana.jsonl"];
  json answer = night.find("ana.jsonl", "answer", "accept_offer");
  lines.erase(std::find(lines.begin(), lines.end(), answer));
  while (lines.back()["t"] >= 400) lines.pop_back();
  json released = lines.back();
  released.update({{"t", 340},
                   {"kind", "ReadReleased"},
                   {"index", 10},
                   {"state", "READY"},
                   {"at", Night::stamp(10).value}});
  answer["t"] = 340;
  lines.push_back(released);
  lines.push_back(answer);
  night.histories["bob.jsonl"].pop_back();
  night.histories["bob.jsonl"].push_back(released);
  night.histories["bob.jsonl"].back().update({{"client", "bob"}, {"session", hex16(Night::bob)}});
  give_to_bob(night, 345, 12, 12);
  auto& bobs = night.histories["bob.jsonl"];
  std::swap(bobs[bobs.size() - 1], bobs[bobs.size() - 2]);
  EXPECT_EQ(night.check().double_assignments, 0u) << to_text(night.check());
}

// Logs that begin after their snapshot.

Night compacted() {
  Night night;
  night.compact();
  night.reports.erase("0002.hl7");  // the preliminary text went with the log
  return night;
}

TEST(CompactedEvidence, IsCheckedAgainstTheExamsRecords) {
  const Verdict verdict = compacted().check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
  EXPECT_EQ(verdict.answers_by_entry, 0u);
  EXPECT_EQ(verdict.answers_by_record, 5u);  // 2 submits, accept, preliminary, sign
  EXPECT_EQ(verdict.answers_unchecked, 4u);  // 3 attaches, set_reader
  EXPECT_EQ(verdict.answers, 9u);
  EXPECT_EQ(verdict.exams, 2u);
  EXPECT_EQ(verdict.reports_delivered, 1u);
  EXPECT_EQ(Night{}.check().answers_by_entry, 9u);
}

TEST(CompactedEvidence, WithoutAnAcknowledgedExamInAMajorityIsRefused) {
  Night night = compacted();
  night.centres[0].records.pop_back();
  EXPECT_EQ(night.check().lost, 0u);
  night.centres[2].records.pop_back();
  const Verdict verdict = night.check();
  EXPECT_EQ(verdict.lost, 1u) << to_text(verdict);
  EXPECT_FALSE(verdict.ok());
}

TEST(CompactedEvidence, WhoseRecordDoesNotShowWhatWasDoneIsRefused) {
  const auto lost_after = [](const auto& change) {
    Night night = compacted();
    for (Centre& c : night.centres) change(c.records[0]);
    return night.check().lost;
  };
  EXPECT_EQ(lost_after([](json&) {}), 0u);
  EXPECT_EQ(lost_after([](json& r) { r["order"][2] = "ORD-9"; }), 1u);
  EXPECT_EQ(lost_after([](json& r) { r["timeline"] = {6, 8, 10, 11}; }), 1u);
  EXPECT_EQ(lost_after([](json& r) { r["reports"][0]["text"] = "autre"; }), 1u);
  EXPECT_EQ(lost_after([](json& r) { r["reports"].clear(); }), 1u);
}

TEST(CompactedEvidence, StillWantsTheReportsThatItsRecordsOwe) {
  Night night = compacted();
  for (Centre& c : night.centres) c.log.erase(c.log.begin());  // also the acknowledgement
  for (Centre& c : night.centres) c.snapshot_index = 12;
  night.reports = {{"0001.hl7", night.hl7("F", "ID-1", "autre chose")}};
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.has("report_text")) << to_text(verdict);
  EXPECT_TRUE(verdict.has("undelivered")) << to_text(verdict);
}

TEST(CompactedEvidence, OfAnArchiveWithAHoleBehindItsSnapshotIsRefused) {
  Night night = compacted();
  for (Centre& c : night.centres) c.archive = {{{5, 50}, "exam"}, {{6, 51}, "exam"}};
  EXPECT_TRUE(night.check().ok());
  night.centres[1].archive.clear();
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.has("archives_differ")) << to_text(verdict);
  EXPECT_FALSE(verdict.digests_equal);
}

// Hospitals' side.

TEST(Listener, WhereNobodyIsToReceiveReportsNoneIsMissed) {
  Night night = compacted();
  for (Centre& c : night.centres) c.recipients = 0;
  for (Centre& c : night.centres) c.log.erase(c.log.begin());  // the delivery
  for (Centre& c : night.centres) c.snapshot_index = 12;
  night.reports = {};
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
  EXPECT_NE(to_text(verdict).find("no listener: 0 signed exams"), std::string::npos);
}

TEST(Listener, ThatIsMissingWhereReportsWereOwedIsNotPassedOver) {
  for (Night night : {Night{}, compacted()}) {
    night.reports = {};
    const Verdict verdict = night.check();
    EXPECT_TRUE(verdict.has("no_listener")) << to_text(verdict);
    EXPECT_EQ(verdict.count("undelivered"), 0u);
    EXPECT_EQ(verdict.lost, 0u) << "the rest is checked";
  }
}

// domain T19, T27

TEST(Versions, EachArrivesAsItsHospitalTakesIt) {
  for (const std::string& words :
       {std::string("plus tard"), "ADDENDUM\nplus tard\n\n" + Night::text}) {
    Night night;
    night.revise(14, 5, 0x78, ReportKind::addendum, "plus tard");
    night.revise(15, 6, 0x79, ReportKind::addendum, "plus tard");  // said twice: two versions
    night.revise(16, 7, 0x7a, ReportKind::withdrawal, "erreur");
    EXPECT_EQ(night.check().count("undelivered"), 3u);
    night.reports["0003.hl7"] = night.hl7("C", "ID-3", words);
    EXPECT_EQ(night.check().count("undelivered"), 1u);
    night.reports["0004.hl7"] = night.hl7("C", "ID-4", words);
    night.reports["0005.hl7"] = night.hl7("C", "ID-5", "COMPTE RENDU RETIRÉ : erreur");
    EXPECT_TRUE(night.check().ok()) << to_text(night.check());
    night.reports["0006.hl7"] = night.hl7("C", "ID-6", words);
    EXPECT_TRUE(night.check().has("report_retry")) << "a third one";
    night.reports.erase("0006.hl7");
    night.reports["0005.hl7"] = night.hl7("C", "ID-5", "COMPTE RENDU RETIRE");
    EXPECT_TRUE(night.check().has("report_text"));
  }
}

// domain §5.2

TEST(Children, AreReadForTheirParentsAndNoHospitalGetsTheirReports) {
  Night night;
  night.read_once_more("de même");
  EXPECT_TRUE(night.check().ok()) << to_text(night.check());
  night.reports["0003.hl7"] = night.hl7("F", "ID-3", "de même");
  std::string& r = night.reports["0003.hl7"];
  const std::string from = exam_number(Night::directory(), Night::exam),
                    to = exam_number(Night::directory(), Night::child);
  for (std::size_t at; (at = r.find(from)) != std::string::npos;) r.replace(at, from.size(), to);
  EXPECT_TRUE(night.check().has("report_of_child")) << to_text(night.check());
}

TEST(Evidence, LeavesOutALineThatWasBeingWritten) {
  Night night;
  night.tails["ana.jsonl"] = "{\"t\":2000,\"client\":\"an";
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.ok());
}

TEST(ReportText, InLatin1IsComparedWithWhatTheSetHas) {
  HospitalReport report;
  report.utf8 = false;
  report.text = "TDM du cr\xe2ne, c\x9cur";
  EXPECT_TRUE(is_text_of(report, "TDM du crâne, cœur"));
  report.text = "TDM du cr\xe2ne, coeur";
  EXPECT_TRUE(is_text_of(report, "TDM du crâne, cœur"));
  report.text = "TDM du cr\xe3ne, coeur";
  EXPECT_FALSE(is_text_of(report, "TDM du crâne, cœur"));
  report.text = "TDM du cr\xe2ne, coeus";
  EXPECT_FALSE(is_text_of(report, "TDM du crâne, cœur"));
}

}  // namespace
}  // namespace vigie::verify
