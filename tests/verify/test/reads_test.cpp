// Replies to queries as clients' histories record them: sound ones are judged and pass, stale ones
// are refused, and lines that cannot be are evidence that was touched.
#include <gtest/gtest.h>

#include "tests/verify/test/night.hpp"

namespace vigie::verify {
namespace {

json shows(ExamId exam, const char* state) {
  return {{"shown", json::array({json::array({exam.value, state})})}};
}
const json local = {{"linearizable", false}};

/// What a night is told after `look`, by Bob, when all of it had been answered.
Verdict after(std::uint64_t as_of, const json& asked, const json& told) {
  Night night;
  night.look("bob", 1100, as_of, asked, told);
  return night.check();
}

TEST(Reads, OfASoundNightAreJudgedAndAgree) {
  Night night;
  night.look("bob", 1100, 11, {},
             {{"shown", {{Night::exam.value, "VALIDATED"}, {Night::other.value, "READY"}}},
              {"all", true}});
  night.look("bob", 1110, 12, {{"kind", "exam"}, {"argument", "ORD-1"}},
             shows(Night::exam, "DELIVERED"));
  night.look("bob", 1120, 12, {{"kind", "status"}});
  night.look("ana", 1100, 9, local, shows(Night::exam, "READING"));
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
  EXPECT_EQ(verdict.reads, 4u);
  EXPECT_NE(to_json(verdict).find("\"reads\":4"), std::string::npos);
  EXPECT_NE(to_text(verdict).find("4 reads judged"), std::string::npos);
}

TEST(Reads, OlderThanWhatHadBeenAnsweredAreRefused) {
  const Verdict verdict = after(10, {}, {});
  EXPECT_EQ(verdict.count("linear_stale_read"), 1u) << to_text(verdict);
  EXPECT_FALSE(verdict.linearizable);
}

TEST(Reads, OlderThanTheirClientHadSeenAreRefused) {
  const json seen = {{"linearizable", false}, {"seen", 11}};
  EXPECT_EQ(after(10, seen, {}).count("linear_stale_read"), 1u);
  EXPECT_TRUE(after(11, seen, {}).ok());
}

TEST(Reads, ThatFindNoSuchExamAreJudgedToo) {
  EXPECT_EQ(after(10, {}, {{"code", "unknown_exam"}}).count("linear_stale_read"), 1u);
}

TEST(Reads, ThatShowAnExamAsItWasNotAreRefused) {
  const Verdict verdict = after(11, {}, shows(Night::exam, "READING"));
  EXPECT_GE(verdict.count("linear_stale_read"), 1u) << to_text(verdict);
  EXPECT_GE(after(11, local, shows(Night::exam, "READING")).count("linear_stale_read"), 1u);
}

TEST(Reads, OfAllThatLeaveOutAnOpenExamAreRefused) {
  json told = shows(Night::exam, "VALIDATED");
  EXPECT_TRUE(after(11, {}, told).ok());
  told["all"] = true;
  EXPECT_EQ(after(11, {}, told).count("linear_stale_read"), 1u);
}

TEST(Reads, OfAnIndexBeyondTheLogAreRefused) {
  EXPECT_EQ(after(99, {}, {}).count("linear_stale_read"), 1u);
}

TEST(Reads, WithoutAReplyOrRefusedSayNothing) {
  Night night;
  night.look("bob", 1100, 3, {}, {{"code", "timeout"}});
  night.look("bob", 1110, 11);
  night.histories["bob.jsonl"].pop_back();  // its reply never came
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
  EXPECT_EQ(verdict.reads, 0u);
}

TEST(Reads, SentAgainElsewhereCountFromTheLastTime) {
  Night night;
  night.look("zoe", 990, 10);  // before Ana had signed
  auto& lines = night.histories["zoe.jsonl"];
  EXPECT_TRUE(night.check().ok());
  lines.back()["t"] = 1105;
  EXPECT_TRUE(night.check().ok()) << "a reply may take its time";
  json again = lines.front();
  again["t"] = 1100;
  lines.insert(lines.begin() + 1, again);
  EXPECT_EQ(night.check().count("linear_stale_read"), 1u);
}

using Pair = std::pair<json, json>;
struct Touch {
  const char* name;
  Pair lines;
};
void PrintTo(const Touch& t, std::ostream* out) { *out << t.name; }

const Touch touches[] = {
    {"a kind that is none", {{{"kind", "everything"}}, {}}},
    {"a flag that is false", {{}, {{"all", false}}}},
    {"no floor", {{{"seen", nullptr}}, {}}},
    {"an unknown state", {{}, shows(Night::exam, "LOST")}},
    {"an exam alone", {{}, {{"shown", {Night::exam.value}}}}},
    {"no list", {{}, {{"shown", 7}}}},
    {"no index", {{}, {{"as_of", "11"}}}},
    {"an unknown code", {{}, {{"code", "perhaps"}}}},
    {"a key more", {{}, {{"text", "x"}}}},
    {"a refused reply that shows", {{}, {{"code", "timeout"}, {"shown", {{1, "READY"}}}}}},
    {"a kind that shows nothing", {{{"kind", "readers"}}, {{"shown", {{1, "READY"}}}}}},
    {"all of a filter", {{{"argument", "READY"}}, {{"all", true}}}},
    {"all of one exam", {{{"kind", "exam"}}, {{"all", true}}}},
    {"another query's reply", {{}, {{"query", 9}}}},
};

class TouchedReads : public testing::TestWithParam<Touch> {};

TEST_P(TouchedReads, AreRefusedByLine) {
  const auto& [asked, told] = GetParam().lines;
  const Verdict verdict = after(11, asked, told);
  ASSERT_TRUE(verdict.has("history")) << to_text(verdict);
  EXPECT_NE(verdict.violations().front().what.find("bob.jsonl:"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(EachKind, TouchedReads, testing::ValuesIn(touches), [](const auto& of) {
  std::string name = of.param.name;
  for (char& c : name) c = c == ' ' || c == '\'' ? '_' : c;
  return name;
});

TEST(Reads, RepliedToTwiceAreRefused) {
  Night night;
  night.look("bob", 1100, 11);
  auto& lines = night.histories["bob.jsonl"];
  lines.push_back(json(lines.back()));
  EXPECT_TRUE(night.check().has("history"));
}

}  // namespace
}  // namespace vigie::verify
