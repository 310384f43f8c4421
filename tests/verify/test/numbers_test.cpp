// Numbers of requests that were refused before the log are used again, by another request.
#include <gtest/gtest.h>

#include "tests/verify/test/night.hpp"

namespace vigie::verify {
namespace {

TEST(RequestNumbers, UsedAgainAfterARefusalAreTwoRequests) {
  Night night;
  night.push_entry(Night::entry(14, Night::hospital, 3, Claim{}));
  const auto line = [&](const char* op, const char* command, std::int64_t t, const json& more) {
    json one = night.find("ch.jsonl", op, "submit", 1);
    for (const char* key : {"orders", "message", "exam"}) one.erase(key);
    one.update({{"request", 3}, {"command", command}});
    one.update(more);
    night.append("ch.jsonl", one);
    night.histories["ch.jsonl"].back()["t"] = t;
  };
  line("invoke", "submit", 2000, {{"message", "M3"}, {"orders", {{7, "AUTH", "ORD-3"}}}});
  line("answer", "submit", 2001, {{"code", "disk_full"}, {"index", 0}});
  line("invoke", "claim", 2002, {{"exam", 0}});
  line("answer", "claim", 2003, {{"code", "unauthorised"}, {"index", 14}});
  const Verdict verdict = night.check();
  EXPECT_TRUE(verdict.ok()) << to_text(verdict);
  EXPECT_EQ(verdict.operations, 11u);
  EXPECT_EQ(verdict.operations_swept, 10u);
}

}  // namespace
}  // namespace vigie::verify
