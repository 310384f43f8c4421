// A scenario as text: a story in comments, then blocks of sentences with the trace that they must
// bring forth.
#pragma once

#include <string>
#include <vector>

namespace vigie::scenarios {

/// Sentences that are said in the same moment, and what comes of them.
struct Block {
  std::vector<std::string> before;               ///< comments and empty lines above it
  std::vector<std::pair<int, std::string>> say;  ///< with their line numbers
  std::vector<std::string> expected;
};

struct Script {
  std::string path;
  int centres = 3;
  std::vector<std::string> head;  ///< up to the line with the centres, and that line
  std::vector<Block> blocks;
  std::vector<std::string> tail;  ///< comments below the last block
};

/// @throws std::runtime_error: cannot be read, or is no scenario; with file and line.
Script read_script(const std::string& path);
/// As text; `actual` instead of what was expected, block by block.
std::string text_of(const Script& script, const std::vector<std::vector<std::string>>& actual);

/// Plays it. @return what each block brought forth. Appends what is wrong (invariants, the end) to
/// `wrong`. @throws std::runtime_error for a sentence that nobody understands; with file and line.
std::vector<std::vector<std::string>> play(const Script& script, std::vector<std::string>& wrong);

/// The differences of a block, one line each, with - and +; empty: none.
std::vector<std::string> difference(const std::vector<std::string>& expected,
                                    const std::vector<std::string>& actual);

}  // namespace vigie::scenarios
