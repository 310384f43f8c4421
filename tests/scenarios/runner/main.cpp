// vigie-scenarios: plays readable scenarios on the production code and compares what they bring
// forth with what they say. See tests/scenarios/README.md.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

#include "ops/telemetry/log.hpp"
#include "tests/scenarios/runner/command.hpp"
#include "tests/scenarios/runner/script.hpp"

namespace vigie::scenarios {
namespace {

void print_difference(const Script& script, const std::vector<std::vector<std::string>>& actual) {
  for (std::size_t i = 0; i < script.blocks.size(); ++i) {
    const Block& block = script.blocks[i];
    const auto lines = difference(block.expected, actual[i]);
    if (lines.empty()) continue;
    std::printf("%s:%d: %s\n", script.path.c_str(), block.say.front().first,
                block.say.front().second.c_str());
    for (const std::string& line : lines) std::printf("  %s\n", line.c_str());
  }
}

/// @return whether the scenario went as it says; after a rewrite: whether nothing is broken.
bool run(const std::string& path, bool rewrite) {
  const Script script = read_script(path);
  std::vector<std::string> wrong;
  const auto actual = play(script, wrong);
  for (const std::string& what : wrong) std::printf("%s\n", what.c_str());
  if (!wrong.empty()) return print_difference(script, actual), false;
  std::vector<std::vector<std::string>> expected;
  for (const Block& block : script.blocks) expected.push_back(block.expected);
  if (expected == actual) return true;
  if (!rewrite) return print_difference(script, actual), false;
  std::ofstream(path) << text_of(script, actual);
  std::printf("%s: rewritten\n", path.c_str());
  return true;
}

}  // namespace
}  // namespace vigie::scenarios

int main(int count, char** words) {
  CLI::App app{"Plays readable scenarios on the production code, on virtual time."};
  std::vector<std::string> files;
  bool rewrite = false;
  app.add_option("FILE", files, "scenarios (tests/scenarios/*.txt)")->required();
  app.add_flag("--rewrite", rewrite, "writes what happened into the files, as what must happen");
  app.footer(
      "Exit code 0: each went as it says; 1: some did not; 2: a file or a sentence is wrong."
      "\n\nVocabulary:\n\n" +
      vigie::scenarios::vocabulary());
  CLI11_PARSE(app, count, words);
  vigie::telemetry::start_log(vigie::telemetry::LogLevel::error, "scenarios");
  std::size_t failed = 0;
  for (const std::string& file : files) {
    try {
      failed += !vigie::scenarios::run(file, rewrite);
    } catch (const std::runtime_error& what) {
      std::fprintf(stderr, "%s\n", what.what());
      return 2;
    }
  }
  std::printf("%zu scenarios, %zu not as they say\n", files.size(), failed);
  return failed == 0 ? 0 : 1;
}
