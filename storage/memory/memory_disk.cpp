#include "storage/memory/memory_disk.hpp"

#include <algorithm>

#include "messages/types/failpoint.hpp"
#include "storage/journal/node_record.hpp"

namespace vigie::storage {
namespace {

std::size_t at(Column column) { return static_cast<std::size_t>(column); }

}  // namespace

// The disk

void MemoryDisk::Picture::apply(const Write& write) {
  for (const Step& step : write) {
    auto& column = columns[at(step.column)];
    auto begin = column.lower_bound(step.key);
    auto end = begin;
    if (!step.value) {
      end = column.lower_bound(step.end);
    } else if (begin != column.end() && begin->first == step.key) {
      ++end;
    }
    for (auto it = begin; it != end; ++it) bytes -= it->first.size() + it->second->size();
    column.erase(begin, end);
    if (!step.value) continue;
    column.emplace(step.key, step.value);
    bytes += step.key.size() + step.value->size();
  }
}

std::uint64_t MemoryDisk::size(const Write& write) {
  std::uint64_t bytes = 0;
  for (const Step& step : write) {
    bytes += step.key.size() + step.end.size() + (step.value ? step.value->size() : 0);
  }
  return bytes;
}

/// Null when the disk is full.
std::optional<MemoryDisk::Write> MemoryDisk::admit(std::vector<Change> changes) {
  Write write;
  write.reserve(changes.size());
  for (Change& change : changes) {
    Step step{change.column, std::move(change.key), {}, nullptr};
    if (change.kind == Change::Kind::put) {
      step.value = std::make_shared<const std::string>(std::move(change.value_or_end));
    } else {
      step.end = std::move(change.value_or_end);
    }
    write.push_back(std::move(step));
  }
  if (capacity_ && seen_.bytes + size(write) > *capacity_) return std::nullopt;
  return write;
}

Result<void> MemoryDisk::write(std::vector<Change> changes, Durable durable) {
  if (fail_after_ && (*fail_after_)-- == 0) {
    fail_after_.reset();
    return Error{Errc::io_error, "memory disk: told to fail"};
  }
  auto write = admit(std::move(changes));
  if (!write) return Error{Errc::disk_full, "memory disk: full"};
  seen_.apply(*write);
  if (durable == Durable::when_settled) {
    for (Step& step : *write) unsettled_.push_back(std::move(step));
    return {};
  }
  for (const Step& erased : *write) {
    if (erased.value) continue;
    std::erase_if(unsettled_, [&](const Step& later) {
      return later.column == erased.column && later.key >= erased.key && later.key < erased.end;
    });
  }
  staged_.push_back(std::move(*write));
  failpoint(Failpoint::store_before_sync);
  if (!held_) sync();
  failpoint(Failpoint::store_after_sync);
  return {};
}

void MemoryDisk::settle(Column column) {
  Write settled;
  for (const Step& step : unsettled_) {
    if (step.column == column) settled.push_back(step);
  }
  std::erase_if(unsettled_, [&](const Step& step) { return step.column == column; });
  staged_.push_back(std::move(settled));
  if (!held_) sync();
}

/// Drops the keys < `end`, once what was written before is durable.
void MemoryDisk::forget(Column column, std::string end) {
  const auto& values = seen_.columns[at(column)];
  if (values.empty() || values.begin()->first >= end) return;
  Write write;
  write.push_back({column, {}, std::move(end), nullptr});
  seen_.apply(write);
  staged_.push_back(std::move(write));
  if (!held_) sync();
}

void MemoryDisk::hold_sync(bool held) {
  held_ = held;
  if (!held_) sync();
}

void MemoryDisk::sync(std::size_t writes) {
  for (; writes > 0 && !staged_.empty(); --writes) {
    durable_.apply(staged_.front());
    staged_.pop_front();
  }
}

std::uint64_t MemoryDisk::staged_bytes() const {
  std::uint64_t bytes = 0;
  for (const Write& write : staged_) bytes += size(write);
  return bytes;
}

void MemoryDisk::crash(std::uint64_t bytes_kept, std::size_t unsettled_kept) {
  while (!staged_.empty() && size(staged_.front()) <= bytes_kept) {
    bytes_kept -= size(staged_.front());
    sync(1);
  }
  staged_.clear();
  unsettled_.resize(std::min(unsettled_kept, unsettled_.size()));
  durable_.apply(unsettled_);
  unsettled_.clear();
  seen_ = durable_;
  owner_ = 0;
}

/// Applies `change` to the value of the last key <= `key` in both pictures; null removes it.
bool MemoryDisk::alter(Column column, const std::string& key,
                       const std::function<Value(const std::string& key, const Value&)>& change) {
  bool found = false;
  for (Picture* picture : {&seen_, &durable_}) {
    auto& values = picture->columns[at(column)];
    auto it = values.upper_bound(key);
    if (it == values.begin()) continue;
    --it;
    found = true;
    picture->bytes -= it->second->size();
    it->second = change(it->first, it->second);
    if (it->second) {
      picture->bytes += it->second->size();
    } else {
      picture->bytes -= it->first.size();
      values.erase(it);
    }
  }
  return found;
}

bool MemoryDisk::rot(Column column, const std::string& key, std::size_t where) {
  return alter(column, key, [&](const std::string&, const Value& value) {
    std::string bytes = *value;
    if (bytes.empty()) return value;
    char& byte = bytes[where % bytes.size()];
    byte = static_cast<char>(byte ^ 0x5a);
    return std::make_shared<const std::string>(std::move(bytes));
  });
}

bool MemoryDisk::exchange_log(const MemoryDisk& other, LogIndex index) {
  const auto& theirs = other.durable_.columns[at(Column::log)];
  return alter(Column::log, key::batch(index), [&](const std::string& name, const Value& value) {
    const auto it = theirs.find(name);
    return it == theirs.end() ? value : it->second;
  });
}

bool MemoryDisk::lose_log(LogIndex index) {
  return alter(Column::log, key::batch(index),
               [](const std::string&, const Value&) { return Value{}; });
}

bool MemoryDisk::rot_log(LogIndex index, std::size_t where) {
  return rot(Column::log, key::batch(index), where);
}

bool MemoryDisk::rot_snapshot(std::uint32_t chunk, std::size_t where) {
  const auto& values = seen_.columns[at(Column::snapshot)];
  if (values.empty()) return false;
  const std::string generation = values.begin()->first.substr(0, 8);
  return rot(Column::snapshot, generation + key::chunk(0, chunk).substr(8), where);
}

MemoryDisk MemoryDisk::image() const {
  MemoryDisk copy;
  copy.durable_ = durable_;
  copy.seen_ = durable_;
  return copy;
}

// The store on it

class MemoryStore final : public Store {
 public:
  MemoryStore(MemoryDisk& disk, OpenMode mode) : disk_(disk), id_(++disk.opened_) {
    if (mode == OpenMode::write) disk_.owner_ = id_;
  }
  ~MemoryStore() override {
    if (disk_.owner_ == id_) disk_.owner_ = 0;
  }
  MemoryStore(const MemoryStore&) = delete;
  MemoryStore& operator=(const MemoryStore&) = delete;

  Result<void> write(std::vector<Change> changes) override {
    if (disk_.owner_ != id_) return Error{Errc::io_error, "memory disk: crashed since opened"};
    return disk_.write(std::move(changes), MemoryDisk::Durable::when_synced);
  }
  Result<void> write_later(Column column, std::string name, std::string value) override {
    std::vector<Change> changes;
    changes.push_back(Change::put(column, std::move(name), std::move(value)));
    if (disk_.owner_ != id_) return Error{Errc::io_error, "memory disk: crashed since opened"};
    return disk_.write(std::move(changes), MemoryDisk::Durable::when_settled);
  }
  Result<void> settle(Column column) override {
    if (disk_.owner_ != id_) return Error{Errc::io_error, "memory disk: crashed since opened"};
    disk_.settle(column);
    return {};
  }

  Result<void> scan(Column column, std::string_view name, From from,
                    const Visit& visit) const override {
    const auto& values = disk_.seen_.columns[at(column)];
    auto it = values.lower_bound(name);
    const bool exact = it != values.end() && it->first == name;
    if (from == From::at_or_before && !exact && it != values.begin()) --it;
    for (; it != values.end(); ++it) {
      const MemoryDisk::Value kept = it->second;
      if (!visit(it->first, *kept)) break;
    }
    return {};
  }
  Result<std::optional<std::string>> get(Column column, std::string_view name) const override {
    const auto& values = disk_.seen_.columns[at(column)];
    const auto it = values.find(name);
    if (it == values.end()) return std::optional<std::string>{};
    return std::optional{*it->second};
  }
  void reclaim(Column column, std::string_view end) override {
    if (disk_.owner_ == id_) disk_.forget(column, std::string{end});
  }
  Result<void> verify() const override { return {}; }
  Usage usage() const override {
    const std::uint64_t used = disk_.seen_.bytes;
    const std::uint64_t capacity = disk_.capacity_.value_or(std::uint64_t{1} << 40);
    return {used, capacity > used ? capacity - used : 0};
  }

 private:
  MemoryDisk& disk_;
  std::uint64_t id_;
};

Result<std::unique_ptr<Journal>> open_memory(MemoryDisk& disk, OpenMode mode,
                                             const Identity& wanted) {
  if (mode == OpenMode::write && disk.owner_ != 0) {
    return Error{Errc::locked, "memory disk: a journal is open on it"};
  }
  return open_journal(std::make_unique<MemoryStore>(disk, mode), mode, wanted);
}

}  // namespace vigie::storage
