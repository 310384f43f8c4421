#include "storage/rocks/rocks_journal.hpp"

#include <fcntl.h>
#include <rocksdb/convenience.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <filesystem>

#include "messages/types/failpoint.hpp"
#include "messages/types/planted.hpp"
#include "storage/journal/store.hpp"
#include "storage/rocks/rocks_options.hpp"

namespace vigie::storage {
namespace {

namespace fs = std::filesystem;

Error to_error(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  if (status.IsNoSpace()) return {Errc::disk_full, text};
  if (status.IsCorruption()) return {Errc::corrupt, text};
  return {Errc::io_error, text};
}

Result<void> to_result(const rocksdb::Status& status) {
  return status.ok() ? Result<void>{} : Result<void>{to_error(status)};
}

/// Asked before each write: Debian's RocksDB has its assertions on, and aborts in one of them when
/// its log's file could not grow, before it can say that the disk is full (seen with 7.8.3).
Result<void> has_space(const std::string& path) {
  constexpr std::uint64_t least_bytes = 1024 * 1024;
  struct statvfs space {};
  if (::statvfs(path.c_str(), &space) != 0) return Error{Errc::io_error, path + ": statvfs"};
  const std::uint64_t free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
  if (free_bytes >= least_bytes) return {};
  return Error{Errc::disk_full, path + ": " + std::to_string(free_bytes) + " bytes left"};
}

Error open_error(const std::string& path, const rocksdb::Status& status) {
  Error error = to_error(status);
  // RocksDB has no code for these two.
  const bool locked = error.what.find("While lock file") != std::string::npos ||
                      error.what.find("lock hold by") != std::string::npos;
  if (status.IsIOError() && locked) error.code = Errc::locked;
  const bool missing = error.what.find("does not exist") != std::string::npos;
  if (status.IsInvalidArgument() && missing) error.code = Errc::corrupt;
  error.what = path + ": " + error.what;
  return error;
}

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }
std::string_view view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

class RocksStore final : public Store {
 public:
  RocksStore(std::string path, std::unique_ptr<rocksdb::DB> db,
             std::vector<rocksdb::ColumnFamilyHandle*> families)
      : path_(std::move(path)), db_(std::move(db)), families_(std::move(families)) {}
  ~RocksStore() override {
    for (auto* family : families_) db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    db_->Close().PermitUncheckedError();  // all that was promised is synced already
  }
  RocksStore(const RocksStore&) = delete;
  RocksStore& operator=(const RocksStore&) = delete;

  Result<void> write(std::vector<Change> changes) override;
  Result<void> write_later(Column column, std::string name, std::string value) override;
  Result<void> settle(Column column) override;
  Result<void> scan(Column column, std::string_view name, From from,
                    const Visit& visit) const override;
  Result<std::optional<std::string>> get(Column column, std::string_view name) const override;
  void reclaim(Column column, std::string_view end) override;
  Result<void> verify() const override { return to_result(db_->VerifyChecksum()); }
  Usage usage() const override;

 private:
  rocksdb::ColumnFamilyHandle* family(Column column) const {
    return families_[static_cast<std::size_t>(column) + 1];
  }

  std::string path_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  rocksdb::WriteBatch batch_;  ///< kept for its memory
};

Result<void> RocksStore::write(std::vector<Change> changes) {
  if (const auto space = has_space(path_); !space) return space;
  batch_.Clear();
  for (const Change& change : changes) {
    auto* const into = family(change.column);
    const auto status = change.kind == Change::Kind::put
                            ? batch_.Put(into, change.key, change.value_or_end)
                            : batch_.DeleteRange(into, change.key, change.value_or_end);
    if (!status.ok()) return to_error(status);
  }
  rocksdb::WriteOptions options;
  options.sync = !is_planted(Bug::write_not_synced);
  failpoint(Failpoint::store_before_sync);
  const auto status = db_->Write(options, &batch_);
  failpoint(Failpoint::store_after_sync);
  return to_result(status);
}

/// Past the write-ahead log: the bytes are written once, and become durable by settle()'s flush.
Result<void> RocksStore::write_later(Column column, std::string name, std::string value) {
  if (const auto space = has_space(path_); !space) return space;
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return to_result(db_->Put(options, family(column), name, value));
}

Result<void> RocksStore::settle(Column column) {
  return to_result(db_->Flush(rocksdb::FlushOptions{}, family(column)));
}

Result<void> RocksStore::scan(Column column, std::string_view name, From from,
                              const Visit& visit) const {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it{db_->NewIterator(options, family(column))};
  if (from == From::at_or_before) {
    it->SeekForPrev(slice(name));
    if (!it->Valid() && it->status().ok()) it->SeekToFirst();
  } else {
    it->Seek(slice(name));
  }
  while (it->Valid() && visit(view(it->key()), view(it->value()))) it->Next();
  return to_result(it->status());
}

Result<std::optional<std::string>> RocksStore::get(Column column, std::string_view name) const {
  std::string value;
  const auto status = db_->Get(rocksdb::ReadOptions{}, family(column), slice(name), &value);
  if (status.IsNotFound()) return std::optional<std::string>{};
  if (!status.ok()) return to_error(status);
  return std::optional{std::move(value)};
}

/// Whole files first, which costs nothing; what is left goes with the next compactions. A failure
/// only leaves bytes behind.
void RocksStore::reclaim(Column column, std::string_view end) {
  const rocksdb::Slice limit = slice(end);
  rocksdb::DeleteFilesInRange(db_.get(), family(column), nullptr, &limit, false)
      .PermitUncheckedError();
}

Usage RocksStore::usage() const {
  Usage usage;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator{path_, ignored}) {
    struct stat info {};
    if (::stat(file.path().c_str(), &info) == 0) {
      usage.bytes += static_cast<std::uint64_t>(info.st_blocks) * 512;
    }
  }
  const fs::space_info space = fs::space(path_, ignored);
  if (!ignored) usage.free_bytes = space.available;
  return usage;
}

// Opening

bool is_store_file(const fs::path& file) {
  return file.extension() == ".sst" || file.extension() == ".log";
}

/// Whether the folder has a database. @errors when it has something else, or half of one.
Result<bool> has_database(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    if (error) return Error{Errc::io_error, path.string() + ": " + error.message()};
    return false;
  }
  if (fs::exists(path / "CURRENT", error)) return true;
  bool damaged = false;
  bool foreign = false;
  for (const auto& file : fs::directory_iterator{path, error}) {
    const std::string name = file.path().filename();
    damaged = damaged || is_store_file(file.path());
    // What RocksDB makes before CURRENT, when a first start was cut short.
    const bool unfinished = name == "LOCK" || name == "IDENTITY" || name.starts_with("LOG") ||
                            name.starts_with("MANIFEST-") || file.path().extension() == ".dbtmp";
    foreign = foreign || !unfinished;
  }
  if (error) return Error{Errc::io_error, path.string() + ": " + error.message()};
  if (damaged) return Error{Errc::corrupt, path.string() + ": CURRENT is missing"};
  if (foreign) return Error{Errc::foreign_folder, path.string() + ": not empty, not a journal"};
  return false;
}

/// Makes the folder's own name durable: RocksDB syncs what is in it only.
Result<void> sync_folder(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced) return Error{Errc::io_error, path.string() + ": cannot be synced"};
  return {};
}

Result<void> make_folder(const fs::path& path) {
  const fs::path whole = fs::absolute(path).lexically_normal();
  std::error_code error;
  fs::create_directories(whole, error);
  if (!error) fs::permissions(whole, fs::perms::owner_all, error);
  if (error) return Error{Errc::io_error, whole.string() + ": " + error.message()};
  return sync_folder(whole.has_filename() ? whole.parent_path() : whole);
}

Result<std::unique_ptr<Store>> open_store(const std::string& path, OpenMode mode,
                                          rocksdb::Env* disk) {
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* db = nullptr;
  auto options = rocks_options(mode);
  if (disk) options.env = disk;
  const auto status =
      mode == OpenMode::write
          ? rocksdb::DB::Open(options, path, rocks_families(), &families, &db)
          : rocksdb::DB::OpenForReadOnly(options, path, rocks_families(), &families, &db);
  if (!status.ok()) return open_error(path, status);
  std::unique_ptr<rocksdb::DB> owned{db};
  return std::unique_ptr<Store>{
      std::make_unique<RocksStore>(path, std::move(owned), std::move(families))};
}

}  // namespace

Result<std::unique_ptr<Journal>> open_rocks(const std::string& path, OpenMode mode,
                                            const Identity& wanted, rocksdb::Env* disk) {
  auto present = has_database(path);
  if (!present) return present.error();
  if (!*present && mode == OpenMode::read) {
    return Error{Errc::not_found, path + ": no journal here"};
  }
  if (!*present) {
    if (auto made = make_folder(path); !made) return made.error();
  }
  auto store = open_store(path, mode, disk);
  if (!store) return store.error();
  auto journal = open_journal(std::move(*store), mode, wanted);
  if (!journal) return Error{journal.error().code, path + ": " + journal.error().what};
  return journal;
}

}  // namespace vigie::storage
