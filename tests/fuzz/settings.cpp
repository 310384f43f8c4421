// What an operator writes: a node's file, a client's, the directory, a key file. Any text ends in
// values or in problems; values that loaded are written so that they load as the same.
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/settings/client_file.hpp"
#include "config/settings/directory_check.hpp"
#include "config/settings/directory_diff.hpp"
#include "config/settings/directory_file.hpp"
#include "config/settings/settings.hpp"
#include "nodes/link/curve.hpp"
#include "tests/fuzz/input.hpp"

namespace vigie::fuzz {
namespace {

/// A file in memory that only its owner may read, by a path of its own.
class File {
 public:
  explicit File(std::string_view text) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    check(fd_ >= 0 && ::fchmod(fd_, 0600) == 0, "a file in memory");
    check(::write(fd_, text.data(), text.size()) == static_cast<ssize_t>(text.size()), "written");
  }
  ~File() { ::close(fd_); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

template <class Load, class Write>
void load_and_back(std::string_view text, Load load, Write write) {
  const File file(text);
  const auto loaded = load(file.path());
  if (!loaded) return check(!loaded.error().what.empty(), "a refusal says why");
  const std::string written = write(*loaded);
  const File copy(written);
  const auto again = load(copy.path());
  if (!again) check(false, "what is written loads: " + again.error().what + "\n" + written);
  check(*again == *loaded, "a file round-trips");
}

/// What people do with such a file: the same one is read, judged and compared.
void directory(std::string_view text) {
  load_and_back(text, settings::load_directory, settings::write_directory);
  const File file(text);
  const auto loaded = settings::load_directory(file.path());
  const auto checked = settings::check_directory(file.path());
  check(static_cast<bool>(checked), "a file that is there is judged");
  if (!loaded) return check(checked->problems.any(), "what does not load has a problem");
  if (!checked->problems.any()) check(checked->directory == *loaded, "judged is what loads");
  if (const auto diff = settings::diff_directory(*loaded, *loaded); !diff) {
    check(diff.error().code == Errc::bad_value, "every directory that loads can be compared");
  }
}

void keys(std::string_view text) {
  const File file(text);
  const auto pair = link::read_key_file(file.path());
  const auto half = link::read_public_key_file(file.path());
  if (pair) check(half && *half == pair->public_key, "both readers see the same key");
  if (const auto key = link::from_z85(text)) check(link::to_z85(*key) == text, "Z85 round-trips");
}

}  // namespace
}  // namespace vigie::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  using namespace vigie::settings;
  fuzz::Input input(data, size);
  // A letter, so that corpus files are texts.
  const std::size_t kind = input.byte() % 4;
  const std::string_view text = input.rest();
  if (kind == 0) fuzz::load_and_back(text, load_site, write_site);
  if (kind == 1) fuzz::directory(text);
  if (kind == 2) fuzz::load_and_back(text, load_client, write_client);
  if (kind == 3) fuzz::keys(text);
  return 0;
}
