#include "tests/contract/faults/faulty_files.hpp"

#include <fstream>
#include <iterator>

namespace vigie::storage::faults {

namespace fs = std::filesystem;
using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

namespace {

std::string contents(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

void replace(const fs::path& file, const std::string& bytes) {
  std::ofstream{file, std::ios::binary | std::ios::trunc} << bytes;
}

/// What people read, and nobody depends on.
bool is_for_people(const std::string& name) {
  return fs::path(name).filename().string().starts_with("LOG");
}

}  // namespace

// Files.

class FaultyWritable final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultyWritable(FaultyFiles& disk, std::string name, std::unique_ptr<rocksdb::FSWritableFile> file)
      : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk), name_(std::move(name)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard hold(disk_.mutex_);
    if (IOStatus s = disk_.admit(name_, true); !s.ok()) return s;
    disk_.grew(name_, data.size());
    return FSWritableFileOwnerWrapper::Append(data, options, debug);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(std::uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard hold(disk_.mutex_);
    if (IOStatus s = disk_.admit(name_, true); !s.ok()) return s;
    disk_.cut(name_, size);
    return FSWritableFileOwnerWrapper::Truncate(size, options, debug);
  }
  // Nothing is given to the real disk: a picture says what would be on it.
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    const std::lock_guard hold(disk_.mutex_);
    if (IOStatus s = disk_.admit(name_, true); !s.ok()) return s;
    disk_.synced(name_);
    return IOStatus::OK();
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Sync(options, debug);
  }
  IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const std::lock_guard hold(disk_.mutex_);
    if (IOStatus s = disk_.admit(name_, true); !s.ok()) return s;
    return FSWritableFileOwnerWrapper::Close(options, debug);
  }

 private:
  FaultyFiles& disk_;
  std::string name_;
};

class FaultySequential final : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  FaultySequential(FaultyFiles& disk, std::string name,
                   std::unique_ptr<rocksdb::FSSequentialFile> file)
      : FSSequentialFileOwnerWrapper(std::move(file)), disk_(disk), name_(std::move(name)) {}
  IOStatus Read(std::size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* debug) override {
    if (IOStatus s = disk_.admit(name_, false); !s.ok()) return s;
    return FSSequentialFileOwnerWrapper::Read(n, options, result, scratch, debug);
  }

 private:
  FaultyFiles& disk_;
  std::string name_;
};

class FaultyRandomAccess final : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  FaultyRandomAccess(FaultyFiles& disk, std::string name,
                     std::unique_ptr<rocksdb::FSRandomAccessFile> file)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), disk_(disk), name_(std::move(name)) {}
  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions& options, Slice* result,
                char* scratch, IODebugContext* debug) const override {
    if (IOStatus s = disk_.admit(name_, false); !s.ok()) return s;
    return FSRandomAccessFileOwnerWrapper::Read(offset, n, options, result, scratch, debug);
  }

 private:
  FaultyFiles& disk_;
  std::string name_;
};

class FaultyDirectory final : public rocksdb::FSDirectoryWrapper {
 public:
  FaultyDirectory(FaultyFiles& disk, std::string name, std::unique_ptr<rocksdb::FSDirectory> folder)
      : FSDirectoryWrapper(std::move(folder)), disk_(disk), name_(std::move(name)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    const std::lock_guard hold(disk_.mutex_);
    if (IOStatus s = disk_.admit(name_, true); !s.ok()) return s;
    disk_.names_synced();
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultyFiles& disk_;
  std::string name_;
};

// The disk.

FaultyFiles::FaultyFiles(std::uint64_t seed)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), random_(seed) {}

IOStatus FaultyFiles::admit(const std::string& name, bool changes) {
  if (is_for_people(name)) return IOStatus::OK();
  const std::lock_guard lock(mutex_);
  if (changes && before_change_) before_change_();
  if (++calls_ != fail_at_) return IOStatus::OK();
  failed_ = true;
  return for_space_ && changes ? IOStatus::NoSpace(name, "told to be full")
                               : IOStatus::IOError(name, "told to fail");
}

void FaultyFiles::grew(const std::string& name, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  files_[name].size += bytes;
}

void FaultyFiles::cut(const std::string& name, std::uint64_t size) {
  const std::lock_guard lock(mutex_);
  files_[name].size = size;
}

void FaultyFiles::synced(const std::string& name) {
  const std::lock_guard lock(mutex_);
  files_[name].synced = files_[name].size;
  if (!is_for_people(name)) ++syncs_;
}

void FaultyFiles::names_synced() {
  const std::lock_guard lock(mutex_);
  changes_.clear();
}

IOStatus FaultyFiles::NewWritableFile(const std::string& name, const FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      IODebugContext* debug) {
  const std::lock_guard hold(mutex_);
  if (IOStatus s = admit(name, true); !s.ok()) return s;
  const IOStatus made = FileSystemWrapper::NewWritableFile(name, options, file, debug);
  if (!made.ok()) return made;
  *file = std::make_unique<FaultyWritable>(*this, name, std::move(*file));
  files_[name] = {};
  changes_.push_back({NameChange::Kind::made, name, {}, {}});
  return made;
}

IOStatus FaultyFiles::NewSequentialFile(const std::string& name, const FileOptions& options,
                                        std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                        IODebugContext* debug) {
  if (IOStatus s = admit(name, false); !s.ok()) return s;
  const IOStatus opened = FileSystemWrapper::NewSequentialFile(name, options, file, debug);
  if (opened.ok()) *file = std::make_unique<FaultySequential>(*this, name, std::move(*file));
  return opened;
}

IOStatus FaultyFiles::NewRandomAccessFile(const std::string& name, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                          IODebugContext* debug) {
  if (IOStatus s = admit(name, false); !s.ok()) return s;
  const IOStatus opened = FileSystemWrapper::NewRandomAccessFile(name, options, file, debug);
  if (opened.ok()) *file = std::make_unique<FaultyRandomAccess>(*this, name, std::move(*file));
  return opened;
}

IOStatus FaultyFiles::NewDirectory(const std::string& name, const IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* folder,
                                   IODebugContext* debug) {
  const IOStatus opened = FileSystemWrapper::NewDirectory(name, options, folder, debug);
  if (opened.ok()) *folder = std::make_unique<FaultyDirectory>(*this, name, std::move(*folder));
  return opened;
}

IOStatus FaultyFiles::RenameFile(const std::string& from, const std::string& to,
                                 const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard hold(mutex_);
  if (IOStatus s = admit(from, true); !s.ok()) return s;
  std::optional<std::string> before;
  if (fs::exists(to)) before = contents(to);
  const IOStatus renamed = FileSystemWrapper::RenameFile(from, to, options, debug);
  if (!renamed.ok()) return renamed;
  files_[to] = files_[from];
  files_.erase(from);
  changes_.push_back({NameChange::Kind::renamed, to, from, std::move(before)});
  return renamed;
}

IOStatus FaultyFiles::DeleteFile(const std::string& name, const IOOptions& options,
                                 IODebugContext* debug) {
  const std::lock_guard hold(mutex_);
  if (IOStatus s = admit(name, true); !s.ok()) return s;
  std::string before = contents(name);
  const IOStatus deleted = FileSystemWrapper::DeleteFile(name, options, debug);
  if (!deleted.ok()) return deleted;
  files_.erase(name);
  changes_.push_back({NameChange::Kind::deleted, name, {}, std::move(before)});
  return deleted;
}

// Pictures.

bool FaultyFiles::picture(const fs::path& folder, const fs::path& to) {
  bool holed = false;
  fs::create_directories(to);
  for (const auto& file : fs::directory_iterator{folder}) {
    if (is_for_people(file.path())) continue;
    const fs::path copy = to / file.path().filename();
    fs::copy_file(file.path(), copy, fs::copy_options::overwrite_existing);
    const auto state = files_.find(file.path().string());
    if (state != files_.end()) holed = lose_tail(copy, state->second) || holed;
  }
  const std::size_t kept = random_() % (changes_.size() + 1);
  for (std::size_t i = changes_.size(); i-- > kept;) undo(to, changes_[i]);
  return holed;
}

/// Of the bytes that were not synced: any beginning, or any sectors.
bool FaultyFiles::lose_tail(const fs::path& file, const File& state) {
  constexpr std::uint64_t sector = 512;
  const std::uint64_t size = fs::file_size(file);
  if (size <= state.synced) return false;
  const std::uint64_t unsynced = size - state.synced;
  const std::uint64_t how = random_() % 4;
  if (how == 0) return false;  // all of it got there
  const std::uint64_t length = state.synced + random_() % (unsynced + 1);
  if (how < 3) {
    fs::resize_file(file, length);
    return false;
  }
  std::string bytes = contents(file);
  for (std::uint64_t at = state.synced; at < size; at = (at / sector + 1) * sector) {
    if (random_() % 2 == 0) continue;
    for (std::uint64_t i = at; i < std::min(size, (at / sector + 1) * sector); ++i) bytes[i] = 0;
  }
  replace(file, bytes);
  return true;
}

void FaultyFiles::undo(const fs::path& folder, const NameChange& change) {
  const fs::path name = folder / fs::path(change.name).filename();
  std::error_code ignored;
  if (change.kind == NameChange::Kind::made) {
    fs::remove(name, ignored);
  } else if (change.kind == NameChange::Kind::renamed) {
    fs::rename(name, folder / fs::path(change.from).filename(), ignored);
  }
  if (change.before) replace(name, *change.before);
}

}  // namespace vigie::storage::faults
