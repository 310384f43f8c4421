#include "ops/telemetry/log.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace vigie::telemetry {
namespace {

struct Log : ::testing::Test {
  ~Log() override { start_log(LogLevel::info, ""); }
};

TEST_F(Log, ALineIsStampLevelNameSiteAndFields) {
  start_log(LogLevel::info, "lyon");
  ::testing::internal::CaptureStderr();
  log_info("exam_ready", {{"exam", "MRS-7K2Q"}, {"index", LogIndex{81204}}, {"late", -3}});
  const std::string line = ::testing::internal::GetCapturedStderr();
  const std::regex shape(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info exam_ready site=lyon )"
                         R"(exam=MRS-7K2Q index=81204 late=-3\n)");
  EXPECT_TRUE(std::regex_match(line, shape)) << line;
}

TEST_F(Log, NothingIsWrittenBelowTheLevel) {
  start_log(LogLevel::warning, "lyon");
  EXPECT_FALSE(log_enabled(LogLevel::info));
  EXPECT_TRUE(log_enabled(LogLevel::error));
  ::testing::internal::CaptureStderr();
  log_debug("a");
  log_info("b");
  log_warning("c");
  log_error("d");
  const std::string out = ::testing::internal::GetCapturedStderr();
  EXPECT_EQ(out.find(" info "), std::string::npos);
  EXPECT_NE(out.find(" warning c site=lyon\n"), std::string::npos) << out;
  EXPECT_NE(out.find(" error d site=lyon\n"), std::string::npos) << out;
}

TEST_F(Log, OffWritesNothingAtAll) {
  start_log(LogLevel::off, "");
  ::testing::internal::CaptureStderr();
  log_error("d");
  log(LogLevel::off, "e");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(Log, AHostileValueCannotForgeALineOrAKey) {
  const std::string forged = "x\n2026-01-01T00:00:00.000Z error key_revoked key=1 a=\"b\"\r";
  const std::string line = log_line("order_refused", "lyon", {{"number", forged}});
  EXPECT_EQ(line,
            "order_refused site=lyon number=\"x\\n2026-01-01T00:00:00.000Z error key_revoked key=1 "
            "a=\\\"b\\\"\\r\"");
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST_F(Log, PlainValuesAreNotQuoted) {
  EXPECT_EQ(log_value("MRS-7K2Q"), "MRS-7K2Q");
  EXPECT_EQ(log_value("10.8.0.2:6661"), "10.8.0.2:6661");
  EXPECT_EQ(log_value(""), "\"\"");
  EXPECT_EQ(log_value("a b"), "\"a b\"");
  EXPECT_EQ(log_value("a=b"), "\"a=b\"");
  EXPECT_EQ(log_value("a\\b"), "\"a\\\\b\"");
}

TEST_F(Log, BytesOutsidePrintableAsciiAreShownAsHex) {
  using namespace std::string_view_literals;
  EXPECT_EQ(log_value("\x1b[2J\0\xc3\xa9\t"sv), "\"\\x1b[2J\\x00\\xc3\\xa9\\t\"");
}

TEST_F(Log, ALongValueIsCutAndSaysSo) {
  EXPECT_EQ(log_value(std::string(512, 'a')), std::string(512, 'a'));
  EXPECT_EQ(log_value(std::string(513, 'a')), '"' + std::string(512, 'a') + "\"...");
}

TEST_F(Log, FieldsKnowIdsCodesAndTimes) {
  EXPECT_EQ(log_line("n", "",
                     {{"site_id", SiteId{3}},
                      {"after", 250_ms},
                      {"code", Errc::no_leader},
                      {"ok", true},
                      {"most", std::uint64_t{18446744073709551615ull}}}),
            "n site_id=3 after=250 code=no_leader ok=true most=18446744073709551615");
}

TEST_F(Log, LevelsHaveNames) {
  LogLevel level{};
  EXPECT_TRUE(log_level_of("warning", level));
  EXPECT_EQ(level, LogLevel::warning);
  EXPECT_FALSE(log_level_of("warn", level));
}

}  // namespace
}  // namespace vigie::telemetry
