// messages/README.md is what somebody writes a client from: it must name every code and command
// that there is. Run from the project's root (ctest does).
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "messages/types/command.hpp"
#include "messages/types/limits.hpp"
#include "tests/messages/codec/samples.hpp"

namespace vigie {
namespace {

std::string reference() {
  std::ifstream file("messages/README.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(MessagesReadme, HasEveryErrorCodeWithItsNumberAndName) {
  const std::string text = reference();
  ASSERT_FALSE(text.empty()) << "run from the project's root";
  int found = 0;
  for (std::uint16_t number = 0; number < 1000; ++number) {
    const ErrcInfo info = errc_info(static_cast<Errc>(number));
    if (info.name == "unknown_code") continue;
    ++found;
    const std::string row = "| " + std::to_string(number) + " | `" + std::string(info.name) + "` |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
  EXPECT_GT(found, 40);
}

TEST(MessagesReadme, HasEveryCommandWithItsNumberAndName) {
  const std::string text = reference();
  const auto commands = samples::commands();
  for (std::size_t number = 1; number < commands.size(); ++number) {
    const std::string row =
        "| " + std::to_string(number) + " | `" + std::string(name_of(commands[number])) + "` |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

TEST(MessagesReadme, StatesTheLimitsThatAreEnforced) {
  const std::string text = reference();
  for (const std::size_t limit : {limits::client_frame_bytes, limits::name_bytes,
                                  limits::sealed_bytes, limits::report_bytes}) {
    EXPECT_NE(text.find(std::to_string(limit)), std::string::npos) << limit;
  }
}

}  // namespace
}  // namespace vigie
