// What of a reply is evidence.
#include <gtest/gtest.h>

#include "nodes/client/sight.hpp"

namespace vigie::client {
namespace {

using Exams = std::vector<std::pair<ExamId, ExamState>>;

Sight seen(QueryKind kind, std::string json, std::string argument = {}, Errc code = Errc::ok) {
  return sight_of({1, kind, std::move(argument), {}, true}, {1, code, {9}, true, std::move(json)});
}

TEST(Sight, IsTheExamsAndTheirStates) {
  const std::string rows = R"([{"id":"7","state":"READY"},{"id":"8","state":"CLOSED"}])";
  const Exams both = {{{7}, ExamState::ready}, {{8}, ExamState::closed}};
  EXPECT_EQ(seen(QueryKind::exams, R"({"exams":)" + rows + "}").exams, both);
  EXPECT_EQ(seen(QueryKind::exam, R"({"id":"7","state":"READY"})").exams.size(), 1u);
}

TEST(Sight, IsOfAllWhenTheNodeSaysSoAndNothingWasFiltered) {
  const std::string all = R"({"complete":true,"exams":[{"id":"7","state":"READY"}]})";
  EXPECT_TRUE(seen(QueryKind::exams, all).all);
  EXPECT_FALSE(seen(QueryKind::exams, all, "READY").all);
  EXPECT_FALSE(seen(QueryKind::exams, R"({"complete":false,"exams":[]})").all);
  EXPECT_FALSE(seen(QueryKind::exams, R"({"exams":[]})").all) << "an older node";
  EXPECT_FALSE(seen(QueryKind::exams, R"({"complete":true,"exams":[{"exam":"MRS-7K2Q"}]})").all);
}

TEST(Sight, OfARefusedReplyOrAnotherKindIsEmpty) {
  const std::string row = R"({"id":"7","state":"READY"})";
  EXPECT_TRUE(seen(QueryKind::exam, row, "x", Errc::unknown_exam).exams.empty());
  EXPECT_TRUE(seen(QueryKind::why, row).exams.empty());
}

TEST(Sight, OfWhatANodeShouldNotHaveSentIsEmpty) {
  for (const char* json : {"", "[", "7", R"({"id":7,"state":"READY"})", R"({"id":"x"})",
                           R"({"id":"7","state":"LOST"})", R"({"id":"7","state":[]})"}) {
    EXPECT_TRUE(seen(QueryKind::exam, json).exams.empty()) << json;
  }
  for (const char* json : {R"({"exams":7})", R"({"exams":[7,[],"x"],"complete":1})"}) {
    const Sight sight = seen(QueryKind::exams, json);
    EXPECT_TRUE(sight.exams.empty() && !sight.all) << json;
  }
}

}  // namespace
}  // namespace vigie::client
