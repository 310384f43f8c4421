// Joins what a node tells of its directory, part by part, until there is all of one version
// (messages/README.md, Queries). Asks nobody: its owner does, and hands in what he hears.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/types/result.hpp"

namespace vigie::client {

/// A reply to QueryKind::directory.
struct DirectoryPart {
  std::uint32_t version = 0;
  std::size_t bytes = 0;   ///< of the whole
  std::size_t offset = 0;  ///< where this part begins
  std::string_view part;   ///< Base64
};

class DirectoryParts {
 public:
  /// What to ask for next.
  std::string argument() const { return bytes_.empty() ? "" : std::to_string(bytes_.size()); }
  /// Takes the reply to argument(). One of another version than those before: begin_anew().
  /// @errors Errc::malformed: it is no such part; ask another node. As begin_anew().
  Result<void> take(const DirectoryPart& part);
  /// Forgets what there is: the directory has changed.
  /// @errors Errc::busy: for the third time; try again later.
  Result<void> begin_anew();

  bool is_whole() const { return is_whole_; }
  /// Once is_whole(): for codec::decode_directory().
  const std::string& bytes() const { return bytes_; }

  static constexpr int tries_max = 3;

 private:
  std::string bytes_;
  std::uint32_t version_ = 0;
  int tries_ = 1;
  bool is_whole_ = false;
};

}  // namespace vigie::client
