#include "tests/scenarios/runner/script.hpp"

#include <fstream>
#include <stdexcept>

#include "tests/scenarios/runner/command.hpp"

namespace vigie::scenarios {
namespace {

constexpr std::string_view divider = "----";
/// What each block takes, beside the times that it says.
constexpr sim::Time block_takes = 2 * sim::second;

[[noreturn]] void fail(const std::string& path, int line, const std::string& what) {
  throw std::runtime_error(path + ":" + std::to_string(line) + ": " + what);
}

bool is_comment(const std::string& line) { return line.empty() || line.starts_with('#'); }

/// "centres: 5"
bool take_centres(Script& script, const std::string& line, int number) {
  constexpr std::string_view word = "centres: ";
  if (!line.starts_with(word)) return false;
  const std::string count = line.substr(word.size());
  if (count != "3" && count != "5") fail(script.path, number, "3 or 5 centres");
  script.centres = count == "3" ? 3 : 5;
  return true;
}

void close_block(Script& script, Block& block, int line) {
  if (block.say.empty()) fail(script.path, line, "a trace without a sentence above it");
  script.blocks.push_back(std::move(block));
  block = {};
}

void append(std::string& text, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) text += line + "\n";
}

}  // namespace

Script read_script(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  Script script;
  script.path = path;
  Block block;
  bool in_trace = false;
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (in_trace && !line.empty()) {
      block.expected.push_back(line);
    } else if (in_trace) {
      close_block(script, block, number);
      block.before.push_back(line);
      in_trace = false;
    } else if (line == divider) {
      if (block.say.empty()) fail(path, number, "a trace without a sentence above it");
      in_trace = true;
    } else if (is_comment(line)) {
      if (!block.say.empty()) fail(path, number, "a sentence without ---- below it");
      block.before.push_back(line);
    } else if (script.blocks.empty() && block.say.empty() && take_centres(script, line, number)) {
      block.before.push_back(line);
    } else {
      block.say.emplace_back(number, line);
    }
  }
  if (!in_trace && !block.say.empty()) fail(path, number, "a sentence without ---- below it");
  if (in_trace) close_block(script, block, number);
  script.tail = std::move(block.before);
  if (script.blocks.empty()) fail(path, number, "no sentence at all");
  return script;
}

std::string text_of(const Script& script, const std::vector<std::vector<std::string>>& actual) {
  std::string text;
  for (std::size_t i = 0; i < script.blocks.size(); ++i) {
    append(text, script.blocks[i].before);
    for (const auto& [line, sentence] : script.blocks[i].say) text += sentence + "\n";
    text += std::string(divider) + "\n";
    append(text, actual.at(i));
  }
  append(text, script.tail);
  return text;
}

std::vector<std::vector<std::string>> play(const Script& script, std::vector<std::string>& wrong) {
  const std::unique_ptr<Stage> stage = Stage::open(script.centres);
  if (!stage) throw std::runtime_error(script.path + ": the guard does not begin under Lyon");
  std::vector<std::vector<std::string>> said;
  for (const Block& block : script.blocks) {
    stage->trace().begin();
    for (const auto& [line, sentence] : block.say) {
      try {
        act(*stage, sentence);
      } catch (const Misunderstood& what) {
        fail(script.path, line, what.what());
      }
    }
    stage->run(block_takes);
    said.push_back(stage->trace().lines());
    for (const std::string& what : stage->violations()) {
      wrong.push_back(script.path + ":" + std::to_string(block.say.front().first) + ": " + what);
    }
    if (!wrong.empty()) {  // the rest would only confuse
      said.resize(script.blocks.size());
      return said;
    }
  }
  for (const std::string& what : stage->end()) wrong.push_back(script.path + ": " + what);
  return said;
}

std::vector<std::string> difference(const std::vector<std::string>& expected,
                                    const std::vector<std::string>& actual) {
  // By the longest common subsequence: a line more or less must not blame all that follow.
  const std::size_t n = expected.size(), m = actual.size();
  std::vector<std::vector<std::size_t>> common(n + 1, std::vector<std::size_t>(m + 1));
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t j = m; j-- > 0;) {
      common[i][j] = expected[i] == actual[j] ? common[i + 1][j + 1] + 1
                                              : std::max(common[i + 1][j], common[i][j + 1]);
    }
  }
  std::vector<std::string> lines;
  std::size_t i = 0, j = 0;
  while (i < n || j < m) {
    if (i < n && j < m && expected[i] == actual[j]) {
      ++i, ++j;
    } else if (j == m || (i < n && common[i + 1][j] >= common[i][j + 1])) {
      lines.push_back("- " + expected[i++]);
    } else {
      lines.push_back("+ " + actual[j++]);
    }
  }
  return lines;
}

}  // namespace vigie::scenarios
