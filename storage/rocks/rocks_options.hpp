// How RocksDB is set up for a journal. Internal to storage/rocks.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <string>
#include <vector>

#include "storage/journal/journal.hpp"

namespace vigie::storage {

rocksdb::DBOptions rocks_options(OpenMode mode);
/// One per Column, in its order, after the unused "default".
std::vector<rocksdb::ColumnFamilyDescriptor> rocks_families();

}  // namespace vigie::storage
