// A journal in a folder, kept by RocksDB (ops/docs/format-journal.md says what is in it).
//
// Column families node, log, snapshot and archive; one synced write per WriteBatch. Tuned to be
// small: a node's write-ahead log stays below 8 MB, its write buffers below 4 MB each, two
// background threads that sleep when nothing happens.
#pragma once

#include <memory>
#include <string>

#include "messages/types/result.hpp"
#include "storage/journal/journal.hpp"

namespace rocksdb {
class Env;
}

namespace vigie::storage {

/// Opens the journal in folder `path`; makes it, and its parents, if `mode` is write and nothing is
/// there. On return with OpenMode::write the start is counted and synced.
/// @param wanted Federation and site that the folder must belong to; in OpenMode::read both may be
/// empty: any. `instance` (random, not 0) is used only when the folder is made; `boot` never.
/// @errors Errc::foreign_folder: belongs to another site or federation, or is not a journal; check
/// the configuration. Errc::locked: another process has it. Errc::corrupt: names the place; leave
/// service and rejoin. Errc::wrong_version: made by a later version. Errc::not_found: nothing to
/// read. Errc::disk_full, Errc::io_error.
///
/// A write-ahead log that ends in the middle of a record was never acknowledged that far: the rest
/// is dropped. Damage before its end is Errc::corrupt.
/// @param disk What RocksDB reads and writes through, for tests that need a bad disk; it must
/// outlive the journal. Null: the machine's.
Result<std::unique_ptr<Journal>> open_rocks(const std::string& path, OpenMode mode,
                                            const Identity& wanted, rocksdb::Env* disk = nullptr);

}  // namespace vigie::storage
