// What a journal needs from whatever keeps its bytes: a few ordered columns of keys and values, and
// atomic synced writes. storage/rocks and storage/memory are the two; stored_journal.cpp turns
// either into a Journal, so that both keep exactly the same records.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/result.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::storage {

/// Separate orders of keys. Numbers are not stored.
enum class Column : std::uint8_t { node, log, snapshot, archive };
inline constexpr std::size_t column_count = 4;

/// One step of an atomic write: a value put, or all keys of [key, end) erased.
struct Change {
  enum class Kind : std::uint8_t { put, erase_range };
  Kind kind = Kind::put;
  Column column = Column::node;
  std::string key;
  std::string value_or_end;

  static Change put(Column column, std::string key, std::string value) {
    return {Kind::put, column, std::move(key), std::move(value)};
  }
  static Change erase(Column column, std::string begin, std::string end) {
    return {Kind::erase_range, column, std::move(begin), std::move(end)};
  }
};

/// Where a scan starts.
enum class From : std::uint8_t {
  at_or_after,   ///< the first key >= the given one
  at_or_before,  ///< the last key <= the given one; the first key when there is none
};

/// Ordered columns of bytes. One thread.
class Store {
 public:
  virtual ~Store() = default;

  /// Applies all changes, in order, atomically; returns once they are synced.
  /// @errors Errc::disk_full, Errc::io_error: nothing may be written any more.
  virtual Result<void> write(std::vector<Change> changes) = 0;

  /// Puts a value that need not survive a crash before settle(column) has returned.
  virtual Result<void> write_later(Column column, std::string key, std::string value) = 0;
  virtual Result<void> settle(Column column) = 0;

  /// Visits key and value in key order until `visit` returns false. The views die with the visit.
  using Visit = std::function<bool(std::string_view key, std::string_view value)>;
  virtual Result<void> scan(Column column, std::string_view key, From from,
                            const Visit& visit) const = 0;
  /// The value of `key`, if any.
  virtual Result<std::optional<std::string>> get(Column column, std::string_view key) const = 0;

  /// A hint that keys < `end` mean nothing any more, and that their space should be given back:
  /// they may be gone at once, later, or never.
  virtual void reclaim(Column column, std::string_view end) = 0;

  /// Reads all that is stored and checks the store's own checks. @errors Errc::corrupt.
  virtual Result<void> verify() const = 0;
  virtual Usage usage() const = 0;
};

/// Opens the journal kept in `store`, or makes one there if `mode` is write and the store is empty.
/// See open_rocks() for identity and errors.
Result<std::unique_ptr<Journal>> open_journal(std::unique_ptr<Store> store, OpenMode mode,
                                              const Identity& wanted);

}  // namespace vigie::storage
