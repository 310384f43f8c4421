// Places where a test may stop a node: each durable step, and each step between two of them.
//
// In production the hook is null and a failpoint costs one load and one branch. A rig sets the hook
// before the node's threads start, and throws from it: what follows is as if the process had died
// there. The names stand in one table, so that a rig can demand that each place was reached.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

// clang-format off
/// name of the enumerator, name for people: <what>.<where>
#define VIGIE_FAILPOINTS(X)                                                                    \
  /* storage/journal: one synced write */                                                      \
  X(append_before, "append.before") X(append_after, "append.after")                            \
  X(overwrite_before, "overwrite.before") X(overwrite_after, "overwrite.after")                \
  X(vote_before, "vote.before") X(vote_after, "vote.after")                                    \
  X(term_before, "term.before") X(term_after, "term.after")                                    \
  X(archive_before, "archive.before") X(archive_after, "archive.after")                        \
  X(values_before, "values.before") X(values_after, "values.after")                            \
  X(store_before_sync, "store.before_sync") X(store_after_sync, "store.after_sync")            \
  /* storage/journal: snapshots and compaction */                                              \
  X(chunk_before, "chunk.before") X(chunk_after, "chunk.after")                                \
  X(abandon_before, "abandon.before") X(abandon_after, "abandon.after")                        \
  X(finish_before, "finish.before") X(finish_settled, "finish.settled")                        \
  X(finish_after, "finish.after") X(finish_reclaimed, "finish.reclaimed")                      \
  X(replace_log_before, "replace_log.before") X(replace_log_after, "replace_log.after")        \
  X(compact_before, "compact.before") X(compact_after, "compact.after")                        \
  X(compact_reclaimed, "compact.reclaimed")                                                    \
  /* storage/journal: the archive of others */                                                 \
  X(stage_before, "stage.before") X(stage_after, "stage.after")                                \
  X(promote_before, "promote.before") X(promote_after, "promote.after")                        \
  X(drop_staged_before, "drop_staged.before") X(drop_staged_after, "drop_staged.after")        \
  /* storage/journal and nodes/site: a start */                                                \
  X(open_begun, "open.begun") X(open_recovered, "open.recovered")                              \
  X(open_boot_before, "open.boot_before") X(open_boot_after, "open.boot_after")                \
  X(recover_room, "recover.room") X(recover_log, "recover.log") X(recover_done, "recover.done")\
  /* actors/room/disk_work: what the disk thread does with its jobs */                         \
  X(jobs_taken, "jobs.taken") X(write_untold, "write.untold") X(write_told, "write.told")      \
  X(clock_mark_before, "clock_mark.before") X(clock_mark_after, "clock_mark.after")            \
  X(commit_seen_before, "commit_seen.before") X(commit_seen_after, "commit_seen.after")        \
  X(checkpoint_before, "checkpoint.before") X(checkpoint_after, "checkpoint.after")            \
  X(received_chunk_before, "received_chunk.before")                                            \
  X(received_chunk_after, "received_chunk.after")                                              \
  X(install_before, "install.before") X(install_after, "install.after")                        \
  X(own_chunk_before, "own_chunk.before") X(own_chunk_after, "own_chunk.after")                \
  X(own_finish_before, "own_finish.before") X(own_finish_after, "own_finish.after")            \
  X(chunk_read, "chunk.read") X(archive_read, "archive.read")                                  \
  /* actors/room/host: between the disk and the others */                                      \
  X(write_posted, "write.posted") X(write_confirmed, "write.confirmed")                        \
  X(promises_sent, "promises.sent") X(apply_before, "apply.before")                            \
  X(apply_entry, "apply.entry") X(apply_after, "apply.after")                                  \
  X(answer_before, "answer.before")                                                            \
  X(snapshot_begun, "snapshot.begun") X(snapshot_walked, "snapshot.walked")                    \
  X(snapshot_known, "snapshot.known") X(room_install_before, "room_install.before")            \
  X(room_install_after, "room_install.after") X(gap_found, "gap.found")                        \
  X(gap_fetched, "gap.fetched") X(gap_closed, "gap.closed")                                    \
  X(leading_begun, "leading.begun")                                                            \
  /* nodes/site/guard_file: the file beside the data folder */                                 \
  X(guard_before, "guard.before") X(guard_opened, "guard.opened")                              \
  X(guard_written, "guard.written") X(guard_synced, "guard.synced")                            \
  X(guard_renamed, "guard.renamed") X(guard_after, "guard.after")
// clang-format on

namespace vigie {

enum class Failpoint : std::uint8_t {
#define VIGIE_FAILPOINT_ENUM(name, text) name,
  VIGIE_FAILPOINTS(VIGIE_FAILPOINT_ENUM)
#undef VIGIE_FAILPOINT_ENUM
};

inline constexpr std::array failpoint_names = {
#define VIGIE_FAILPOINT_NAME(name, text) std::string_view{text},
    VIGIE_FAILPOINTS(VIGIE_FAILPOINT_NAME)
#undef VIGIE_FAILPOINT_NAME
};
inline constexpr std::size_t failpoint_count = failpoint_names.size();

constexpr std::string_view name_of(Failpoint point) {
  return failpoint_names[static_cast<std::size_t>(point)];
}

/// Those of the guard file, which no journal knows: its own test dies at each.
constexpr bool is_of_guard_file(Failpoint point) { return point >= Failpoint::guard_before; }

using FailpointHook = void (*)(Failpoint);
/// Set by tests only, while no thread runs that may reach a failpoint. It may throw.
inline FailpointHook failpoint_hook = nullptr;

/// Stands at the place itself. May throw if a test says so: so never in a destructor.
inline void failpoint(Failpoint point) {
  if (failpoint_hook) [[unlikely]] {
    failpoint_hook(point);
  }
}

}  // namespace vigie
