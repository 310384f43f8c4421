// The file system below RocksDB, as a bad disk: it fails a call of one's choice, fills up, and can
// say at any moment what the disk would hold if the power failed just then.
//
// Durable is what the kernel promises and no more: a file's bytes once it was synced, a name once
// its folder was. Of the rest, a picture holds any beginning, or any sectors, as its seed says; of
// the changes of names, any beginning in their order.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace vigie::storage::faults {

class FaultyFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit FaultyFiles(std::uint64_t seed);
  const char* Name() const override { return "FaultyFiles"; }

  /// Calls that change something, or read, so far; the log that RocksDB writes for people apart.
  std::uint64_t calls() const { return calls_; }
  /// The call with this number (from 1) fails, once, with an I/O error or for want of space.
  void fail(std::uint64_t call, bool for_space) { fail_at_ = call, for_space_ = for_space; }
  bool has_failed() const { return failed_; }
  /// Called before each call that changes something, under the lock.
  void before_change(std::function<void()> what) { before_change_ = std::move(what); }
  /// Files that were synced so far.
  std::uint64_t syncs() const { return syncs_; }

  /// Copies what would be left of `folder` after a loss of power now to `to`. Only from within
  /// before_change(). @return true if some file lost sectors before others that it kept: whoever
  /// reads it cannot tell that from damage.
  bool picture(const std::filesystem::path& folder, const std::filesystem::path& to);

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;

 private:
  friend class FaultyWritable;
  friend class FaultySequential;
  friend class FaultyRandomAccess;
  friend class FaultyDirectory;
  /// What a power loss may undo.
  struct NameChange {
    enum class Kind : std::uint8_t { made, renamed, deleted } kind;
    std::string name;
    std::string from;                   ///< of a rename
    std::optional<std::string> before;  ///< what `name` held
  };
  struct File {
    std::uint64_t size = 0;
    std::uint64_t synced = 0;
  };

  /// Counts a call; an error if it is the one to fail.
  rocksdb::IOStatus admit(const std::string& name, bool changes);
  void grew(const std::string& name, std::uint64_t bytes);
  void cut(const std::string& name, std::uint64_t size);
  void synced(const std::string& name);
  void names_synced();
  bool lose_tail(const std::filesystem::path& file, const File& state);
  void undo(const std::filesystem::path& folder, const NameChange& change);

  std::recursive_mutex mutex_;  ///< held over each call that changes something
  std::mt19937_64 random_;
  std::atomic<std::uint64_t> calls_{0};
  std::atomic<std::uint64_t> syncs_{0};
  std::uint64_t fail_at_ = 0;
  bool for_space_ = false;
  std::atomic<bool> failed_{false};
  std::function<void()> before_change_;
  std::map<std::string, File> files_;
  std::vector<NameChange> changes_;
};

}  // namespace vigie::storage::faults
