// Runs a fuzz target over files and folders of inputs, without libFuzzer: how the corpus is
// replayed in every build, by every compiler.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/fuzz/input.hpp"

namespace {

using Path = std::filesystem::path;

bool run(const Path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
    return false;
  }
  const std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  std::fprintf(stderr, "%s\n",
               path.filename().c_str());  // the last one said is the one that failed
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
    return 64;
  }
  std::set<Path> inputs;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::is_directory(argv[i])) {
      inputs.insert(argv[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(argv[i])) {
      inputs.insert(entry.path());
    }
  }
  bool fine = !inputs.empty();
  LLVMFuzzerTestOneInput(nullptr, 0);
  for (const Path& path : inputs) fine = run(path) && fine;
  std::fprintf(stderr, "%zu inputs\n", inputs.size());
  return fine ? 0 : 1;
}
