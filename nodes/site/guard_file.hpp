// What a node remembers outside its data folder (design D16): whose folder it is, how often it was
// started and how far it was synced. A folder that holds less than that was rolled back, wiped or
// copied: its node must not vote, since it may have forgotten a promise.
//
// Deciding (judge) is apart from reading and writing, and knows no file.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

namespace vigie::site {

/// What the guard file says.
struct GuardMark {
  InstanceId instance;
  BootCount boot;
  LogIndex kept;  ///< committed and synced up to here
  bool operator==(const GuardMark&) const = default;
};

/// What the data folder says, once opened: `boot` counts this start.
struct FolderMark {
  InstanceId instance;
  BootCount boot;
  LogIndex last;          ///< of the log, or the snapshot
  bool promised = false;  ///< it holds an entry, a term or a vote
};

std::string to_text(const GuardMark& mark);
/// @errors Errc::corrupt: torn, or not a guard file.
Result<GuardMark> parse_guard(std::string_view text);

/// Why a node with this folder and this guard must not serve, in words; empty: it may.
/// @param guard Nothing: there is no guard file. An error: there is one that cannot be read.
std::string judge(const Result<std::optional<GuardMark>>& guard, const FolderMark& folder);

/// @return nothing if there is no such file. @errors Errc::corrupt, Errc::io_error.
Result<std::optional<GuardMark>> read_guard(const std::filesystem::path& file);
/// Atomic and synced: a crash leaves the old file or the new one.
/// @errors Errc::io_error: names the file.
Result<void> write_guard(const std::filesystem::path& file, const GuardMark& mark);

/// Keeps the file up to date from a thread of its own: a sync must not hold up the room.
class GuardKeeper {
 public:
  ~GuardKeeper();
  /// Writes `mark` and begins. @errors as write_guard(): do not serve.
  Result<void> start(std::filesystem::path file, const GuardMark& mark);
  /// What is to be written next; cheap, any thread. What was kept never falls.
  void keep(LogIndex kept);

 private:
  void run();

  std::filesystem::path file_;
  std::mutex mutex_;
  std::condition_variable changed_;
  GuardMark mark_;
  bool is_due_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace vigie::site
