// The disk's reserve (design D17): new requests stop before the disk is full, so that votes,
// replication and reports go on; and a file is kept beside the journal that can be given up, so
// that a node whose disk did fill can start at all.
//
// It reads and writes that one file and asks the file system for its free space; what follows from
// it is the room's business (Ports::intake_open).
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace vigie::site {

class DiskGuard {
 public:
  /// Of the file system that holds the folder, in bytes.
  struct Space {
    std::uint64_t size = 0;
    std::uint64_t free = 0;
  };

  using Ask = std::function<std::optional<Space>(const std::filesystem::path&)>;
  static std::optional<Space> space_of(const std::filesystem::path& folder);

  /// @param folder The data folder. It need not exist yet.
  /// @param reserve_bytes 0: min(256 MiB, 10 % of the file system).
  DiskGuard(std::filesystem::path folder, std::uint64_t reserve_bytes, Ask ask = space_of);

  /// Before the journal is opened: gives the file up if less than the reserve is free.
  void make_way();
  /// Once the journal is open, then once a second; not by two threads at once. Makes the file again
  /// as soon as there is room for it and for the reserve. Cost: one system call, rarely a file.
  void look();

  /// Any thread. False: below the reserve, or not yet far enough above it again.
  bool intake_open() const { return open_; }
  std::uint64_t reserve_bytes() const { return reserve_; }
  std::uint64_t file_bytes() const { return file_bytes_; }
  /// As last looked at.
  const Space& space() const { return space_; }

 private:
  bool measure();
  bool make_file();
  void set_open(bool open);

  std::filesystem::path folder_, file_;
  std::uint64_t wanted_reserve_;
  Ask ask_;
  std::uint64_t reserve_ = 0;
  std::uint64_t file_bytes_ = 0;
  Space space_;
  bool is_held_ = false;  ///< the file is there, whole
  std::atomic<bool> open_{true};
};

}  // namespace vigie::site
