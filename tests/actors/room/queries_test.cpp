// What replies say, as far as programs rely on it.
#include <gtest/gtest.h>

#include "tests/actors/room/stories.hpp"

namespace vigie::actors::test {
namespace {

std::string reply(Cluster& c, std::uint64_t number, QueryKind kind, const std::string& argument) {
  c.say(lyon, 4, p_anne, Query{number, kind, argument, {}, true});
  c.require([&] { return c.heard<QueryReply>(4).size() == number; });
  return c.heard<QueryReply>(4).back().second.json;
}

TEST(Queries, NameAnExamByItsIdToo) {
  Cluster c;
  c.elect();
  (void)c.local(c.leader(), one("A"));
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  const ExamId exam = requester.ask(one("B")).exam;
  const std::string id = "\"id\":\"" + std::to_string(exam.value) + '"';
  EXPECT_NE(reply(c, 1, QueryKind::exam, "B").find(id), std::string::npos);
  EXPECT_NE(reply(c, 2, QueryKind::exams, {}).find(id), std::string::npos);
}

TEST(Queries, OfAllExamsSayWhetherTheseAreAll) {
  Cluster c;
  c.elect();
  Client requester(c, p_requester, Role::requester);
  ASSERT_TRUE(requester.attach(c.leader()));
  for (int i = 0; i < 3; ++i) requester.ask(one("A" + std::to_string(i)));
  EXPECT_NE(reply(c, 1, QueryKind::exams, {}).find("\"complete\":true"), std::string::npos);
}

}  // namespace
}  // namespace vigie::actors::test
