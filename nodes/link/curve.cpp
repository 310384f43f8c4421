// Key files are written with O_EXCL and synced; read through one descriptor, so that what was
// checked is what is read.
#include "nodes/link/curve.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

#include <cerrno>
#include <cstring>
#include <optional>

namespace vigie::link {
namespace {

constexpr std::size_t z85_signs = 40;
constexpr std::size_t key_file_bytes_max = 4096;
constexpr std::string_view z85_alphabet =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

class File {
 public:
  explicit File(int fd) : fd_(fd) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

Error system_error(Errc code, const std::string& path, const char* doing) {
  return {code, path + ": " + doing + ": " + std::strerror(errno)};
}

std::string line_of(std::string_view name, const PublicKey& key) {
  return std::string(name) + " = \"" + to_z85(key) + "\"\n";
}

Result<void> write_new_file(const std::string& path, const std::string& text, mode_t mode) {
  File file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file) {
    return system_error(errno == EEXIST ? Errc::locked : Errc::io_error, path, "create");
  }
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t n = ::write(file.fd(), text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(Errc::io_error, path, "write");
    done += static_cast<std::size_t>(n);
  }
  if (::fsync(file.fd()) != 0) return system_error(Errc::io_error, path, "sync");
  return {};
}

enum class Privacy { any, owner_only };

Result<std::string> read_small_file(const std::string& path, Privacy privacy) {
  File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(errno == ENOENT ? Errc::not_found : Errc::io_error, path, "open");
  struct stat status {};
  if (::fstat(file.fd(), &status) != 0) return system_error(Errc::io_error, path, "stat");
  if (!S_ISREG(status.st_mode)) return Error{Errc::bad_configuration, path + ": not a plain file"};
  if (privacy == Privacy::owner_only && (status.st_mode & 077) != 0) {
    return Error{Errc::bad_configuration,
                 path + ": secret key open to group or others; run: chmod 600 " + path};
  }
  std::string text(key_file_bytes_max, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t n = ::read(file.fd(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(Errc::io_error, path, "read");
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size == text.size())
    return Error{Errc::bad_configuration, path + ": too long for a key file"};
  text.resize(size);
  return text;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

struct KeyLines {
  std::optional<PublicKey> public_key;
  std::optional<SecretKey> secret_key;
};

/// Takes one `name = "value"` line. An empty string is success, else what was wrong.
std::string take_line(std::string_view line, KeyLines& into) {
  const auto equals = line.find('=');
  if (equals == std::string_view::npos) return "expected name = \"key\"";
  const auto name = trimmed(line.substr(0, equals));
  const auto quoted = trimmed(line.substr(equals + 1));
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') {
    return "the key must stand in double quotes";
  }
  if (name != "public" && name != "secret") return "expected public or secret";
  auto& place = name == "public" ? into.public_key : into.secret_key;
  if (place) return std::string(name) + " is given twice";
  auto key = from_z85(quoted.substr(1, quoted.size() - 2));
  if (!key) return std::string(name) + ": " + key.error().what;
  place = *key;
  return {};
}

Result<KeyLines> read_key_lines(const std::string& path, Privacy privacy) {
  auto text = read_small_file(path, privacy);
  if (!text) return text.error();
  KeyLines lines;
  std::string_view rest = *text;
  for (int number = 1; !rest.empty(); ++number) {
    const auto end = rest.find('\n');
    const auto line = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    const auto wrong = take_line(line, lines);
    if (!wrong.empty()) {
      sodium_memzero(text->data(), text->size());
      return Error{Errc::bad_configuration, path + ":" + std::to_string(number) + ": " + wrong};
    }
  }
  sodium_memzero(text->data(), text->size());
  return lines;
}

}  // namespace

KeyPair make_key_pair() {
  char public_text[z85_signs + 1];
  char secret_text[z85_signs + 1];
  VIGIE_ASSERT(zmq_curve_keypair(public_text, secret_text) == 0);
  KeyPair keys{*from_z85(public_text), *from_z85(secret_text)};
  sodium_memzero(secret_text, sizeof secret_text);
  return keys;
}

PublicKey public_key_of(const SecretKey& secret) {
  auto text = to_z85(secret);
  char public_text[z85_signs + 1];
  VIGIE_ASSERT(zmq_curve_public(public_text, text.c_str()) == 0);
  sodium_memzero(text.data(), text.size());
  return *from_z85(public_text);
}

std::string to_z85(const PublicKey& key) {
  std::string text(z85_signs + 1, '\0');
  VIGIE_ASSERT(zmq_z85_encode(text.data(), key.data(), key.size()) != nullptr);
  text.resize(z85_signs);
  return text;
}

Result<PublicKey> from_z85(std::string_view text) {
  if (text.size() != z85_signs) return Error{Errc::bad_value, "a key has 40 signs of Z85"};
  if (text.find_first_not_of(z85_alphabet) != std::string_view::npos) {
    return Error{Errc::bad_value, "a sign that Z85 does not have"};
  }
  char copy[z85_signs + 1];
  text.copy(copy, z85_signs);
  copy[z85_signs] = '\0';
  PublicKey key{};
  const bool decoded = zmq_z85_decode(key.data(), copy) != nullptr;
  sodium_memzero(copy, sizeof copy);
  if (!decoded) return Error{Errc::bad_value, "not Z85: a group is out of range"};
  return key;
}

Result<void> write_key_file(const std::string& path, const KeyPair& keys) {
  auto text = line_of("public", keys.public_key) + line_of("secret", keys.secret_key);
  auto written = write_new_file(path, text, 0600);
  sodium_memzero(text.data(), text.size());
  return written;
}

Result<void> write_public_key_file(const std::string& path, const PublicKey& key) {
  return write_new_file(path, line_of("public", key), 0644);
}

Result<KeyPair> read_key_file(const std::string& path) {
  auto lines = read_key_lines(path, Privacy::owner_only);
  if (!lines) return lines.error();
  if (!lines->public_key || !lines->secret_key) {
    return Error{Errc::bad_configuration, path + ": needs both a public and a secret line"};
  }
  KeyPair keys{*lines->public_key, *lines->secret_key};
  if (public_key_of(keys.secret_key) != keys.public_key) {
    return Error{Errc::bad_configuration, path + ": the public key is not that of the secret key"};
  }
  return keys;
}

Result<PublicKey> read_public_key_file(const std::string& path) {
  auto lines = read_key_lines(path, Privacy::any);
  if (!lines) return lines.error();
  if (!lines->public_key) return Error{Errc::bad_configuration, path + ": no public line"};
  return *lines->public_key;
}

}  // namespace vigie::link
