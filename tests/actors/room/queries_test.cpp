// What replies say, as far as programs rely on it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "messages/codec/directory_codec.hpp"
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

// Base64 has 4 signs for 3 bytes: what follows byte 3 n is what follows sign 4 n.
TEST(Queries, OfTheDirectoryTellAPartFromAnOffsetOn) {
  Cluster c;
  c.elect();
  const Directory& directory = c.host(lyon).room().directory();
  const auto first = nlohmann::json::parse(reply(c, 1, QueryKind::directory, {}));
  EXPECT_EQ(first["version"], directory.version);
  EXPECT_EQ(first["offset"], 0);
  const std::size_t bytes = codec::encode_directory(directory).size();
  EXPECT_EQ(first["bytes"], bytes);
  const std::string whole = first["part"];
  EXPECT_EQ(whole.size(), (bytes + 2) / 3 * 4);
  const auto rest = nlohmann::json::parse(reply(c, 2, QueryKind::directory, "30"));
  EXPECT_EQ(rest["offset"], 30);
  EXPECT_EQ(rest["part"], whole.substr(40));
  EXPECT_EQ(nlohmann::json::parse(reply(c, 3, QueryKind::directory, std::to_string(bytes)))["part"],
            "");
}

TEST(Queries, OfTheDirectoryRefuseWhatIsNoOffset) {
  Cluster c;
  c.elect();
  std::uint64_t number = 0;
  for (const char* argument : {"1000000000", "x", "-1", "1 ", "99999999999999999999999"}) {
    EXPECT_EQ(reply(c, ++number, QueryKind::directory, argument), "");
    EXPECT_EQ(c.heard<QueryReply>(4).back().second.code, Errc::bad_value) << argument;
  }
}

}  // namespace
}  // namespace vigie::actors::test
