#include "storage/rocks/rocks_options.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/table.h>

#include <memory>

namespace vigie::storage {
namespace {

constexpr std::size_t mebibyte = 1024 * 1024;

/// A tool that only looks leaves no log files in the folder.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

rocksdb::ColumnFamilyOptions family(const std::shared_ptr<rocksdb::Cache>& cache,
                                    std::size_t buffer_bytes,
                                    rocksdb::CompressionType compression) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = 16 * 1024;
  table.format_version = 5;
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.write_buffer_size = buffer_bytes;
  options.arena_block_size = 64 * 1024;
  options.max_write_buffer_number = 3;
  options.compression = compression;
  // Keys mostly grow, so files do not overlap: they sink to level 1 by a rename, and from there
  // DeleteFilesInRange can drop them (it does not look at level 0).
  options.level0_file_num_compaction_trigger = 2;
  options.target_file_size_base = 4 * mebibyte;
  options.max_bytes_for_level_base = 64 * mebibyte;
  return options;
}

/// Records of closed exams are written once, read seldom, and come under two orders of keys, so
/// that their files overlap: merged into levels, each new one would have the whole level written
/// again.
void merge_seldom(rocksdb::ColumnFamilyOptions& options) {
  options.compaction_style = rocksdb::kCompactionStyleUniversal;
  options.level0_file_num_compaction_trigger = 8;
  options.compaction_options_universal.min_merge_width = 4;
  options.compaction_options_universal.max_size_amplification_percent = 1'000'000;
  // Small once it has come to rest, quick while it comes.
  options.compression_per_level.assign(static_cast<std::size_t>(options.num_levels),
                                       rocksdb::kZSTD);
  options.compression_per_level.front() = rocksdb::kLZ4Compression;
}

}  // namespace

rocksdb::DBOptions rocks_options(OpenMode mode) {
  rocksdb::DBOptions options;
  options.create_if_missing = mode == OpenMode::write;
  options.create_missing_column_families = mode == OpenMode::write;
  // Integrity: damage is an error; a torn tail is not. Nothing is retried behind our back.
  options.paranoid_checks = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;
  options.max_bgerror_resume_count = 0;
  // Small on disk.
  options.max_total_wal_size = 8 * mebibyte;
  options.max_manifest_file_size = mebibyte;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = mebibyte;
  options.keep_log_file_num = 3;
  if (mode == OpenMode::read) options.info_log = std::make_shared<NoLog>();
  // Quiet and small in memory: two threads that sleep, no periodic statistics.
  options.max_background_jobs = 2;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.max_open_files = 128;
  options.skip_stats_update_on_db_open = true;
  options.avoid_flush_during_shutdown = true;
  // One thread writes.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> rocks_families() {
  const auto cache = rocksdb::NewLRUCache(2 * mebibyte, 0);
  auto log = family(cache, 4 * mebibyte, rocksdb::kNoCompression);  // gone within minutes
  auto snapshot = family(cache, mebibyte, rocksdb::kZSTD);
  snapshot.compression_opts.level = 1;
  snapshot.max_write_buffer_number = 6;  // a chunk must not wait for a flush
  auto archive = family(cache, 2 * mebibyte, rocksdb::kZSTD);
  merge_seldom(archive);
  const auto small = family(cache, mebibyte, rocksdb::kNoCompression);
  return {{rocksdb::kDefaultColumnFamilyName, small},
          {"node", small},
          {"log", log},
          {"snapshot", snapshot},
          {"archive", archive}};
}

}  // namespace vigie::storage
