// What the room's shell is told at its start, and what it asks for: of the disk, the links, the
// desks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/core/replica/replica.hpp"
#include "actors/room/archive_check.hpp"
#include "actors/room/black_box.hpp"
#include "messages/codec/peer_codec.hpp"
#include "messages/types/applied.hpp"
#include "messages/types/wire.hpp"
#include "storage/journal/journal.hpp"

namespace vigie::actors {

struct HostSettings {
  SiteId self;
  std::string site_name;
  std::string federation;
  std::string version;
  InstanceId instance;
  BootCount boot;
  std::string machine_boot;  ///< identity of this run of the machine; empty: unknown
  std::uint64_t run = 0;     ///< drawn at this start
  std::string peers_mark;    ///< value peers_value of the journal; empty: none
  /// Why this node must not vote, acknowledge nor serve (design D16), in words; empty: it may.
  std::string quarantine;
  std::string clock_mark;  ///< value clock_value of the journal; empty: none
  replica::Config raft;
  Directory founding;  ///< proposed when the federation has no directory yet
  /// Makes a directory's calendars know the year from then on; null: they are left as they are. By
  /// the zones of this machine, so that only what is proposed may go through it.
  std::function<Result<void>(Directory&, UtcTime)> expand_calendars;
  Millis site_unreachable = 2_s;
  std::size_t snapshot_log_bytes = 8 * 1024 * 1024;  ///< log that makes a snapshot due, at least
  std::size_t trailing_bytes = 4 * 1024 * 1024;      ///< log kept behind a snapshot for slow peers
  Millis pending_max = 10_s;      ///< then the sender is told that the outcome is unknown
  Millis scrub_pause = 3'600_s;   ///< between two readings of all that is stored
  BlackBox* black_box = nullptr;  ///< outlives the host, and its process; null: nothing is counted
  std::uint64_t build = 0;        ///< another program has another number
};

/// Name of the journal's value that keeps federation time over a restart of the process.
inline constexpr const char* clock_value = "clock";

/// Name of the journal's value that keeps what this node remembers of the others.
inline constexpr const char* peers_value = "peers";

/// A damaged record of the archive, as a peer has it.
struct ArchiveRepair {
  storage::ArchiveRecord record;
  bool is_agreed = false;  ///< two peers have it alike
  bool is_done = false;
};

/// A slice of a scrub.
struct Scrubbed {
  storage::ScrubPlace place;
  std::optional<storage::ArchiveDamage> damage;
};

/// One write or read for the disk thread. Jobs are done in order; several may share a sync.
struct DiskJob {
  std::uint64_t write_no = 0;  ///< confirmed by Host::on_disk_done; 0: nothing waits for it
  storage::WriteBatch batch;
  std::vector<replica::WriteSnapshotChunk> received_chunks;
  std::optional<SnapshotMeta> install;  ///< the received chunks are complete
  std::optional<std::pair<std::uint32_t, std::string>> own_chunk;
  std::optional<SnapshotMeta> own_finish;  ///< the disk fills in the chain
  LogIndex compact_to;                     ///< 0: no
  std::optional<replica::SendSnapshotChunk> read_chunk;
  bool drop_staged_archive = false;
  std::vector<storage::ArchiveRecord> stage_archive;
  bool promote_archive = false;                                       ///< the next slice
  std::optional<std::pair<SiteId, codec::ArchiveWish>> read_archive;  ///< for that peer
  std::optional<codec::ArchiveWish> read_record;                      ///< for this node
  std::optional<ArchiveCheck> check_archive;                          ///< read on
  std::optional<storage::ScrubPlace> scrub;                           ///< read on
  std::optional<ArchiveRepair> repair;
};

/// What the disk thread did.
struct DiskDone {
  std::uint64_t write_no = 0;
  std::optional<SnapshotMeta> installed;
  std::optional<SnapshotMeta> own_finished;
  std::optional<std::pair<replica::SendSnapshotChunk, Payload>> chunk;
  std::optional<bool> promoted;  ///< true: more is staged
  std::optional<std::pair<SiteId, codec::ArchiveChunk>> archive;
  std::optional<codec::ArchiveChunk> record;
  std::optional<ArchiveCheck> archive_check;
  std::optional<Scrubbed> scrubbed;
  std::optional<ArchiveRepair> repaired;  ///< done, or not to be believed
};

/// Of the last command among `entries`; 0: none.
FedTime newest_stamp(const std::vector<LogEntry>& entries);

class Ports {
 public:
  virtual ~Ports() = default;
  virtual void send_peers(std::vector<std::pair<SiteId, std::string>> frames) = 0;
  virtual void send_clients(std::vector<std::pair<Connection, NodeMessage>> messages) = 0;
  virtual void write(DiskJob job) = 0;
  virtual void publish(AppliedBatchPtr batch) = 0;
  /// Desk::none ends the subscription of that number.
  /// @param hospital Whose exams' events may be shown, no others; 0: all events.
  virtual void subscribe(Connection connection, Subscribe wish, EstablishmentId hospital) = 0;
  virtual void directory_changed(std::shared_ptr<const Directory> directory) = 0;
  /// Host::peers() has other sites than before, or reaches them elsewhere.
  virtual void members_changed() {}
  /// False when the disk has only its reserve left: no new requests then (design D17).
  virtual bool intake_open() = 0;
  /// Once a second.
  virtual void second_passed() = 0;
  /// Ends the process at once: no destructor may touch anything any more. @param code sysexits.h.
  [[noreturn]] virtual void leave(int code) = 0;
};

}  // namespace vigie::actors
