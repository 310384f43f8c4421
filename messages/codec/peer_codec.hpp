// Frames between nodes: one batch each, with the sender's identity in front. Bytes here, values
// there: who may speak for a site, and in which mode or version, is judged by the link.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/raft.hpp"
#include "messages/types/result.hpp"
#include "messages/types/wire.hpp"

namespace vigie::codec {

/// Who sends; in every frame (design D12).
struct PeerHeader {
  std::uint64_t federation = 0;  ///< federation_hash() of its id
  InstanceId instance;
  BootCount boot;
  NodeMode mode = NodeMode::starting;
  std::uint16_t version = protocol_version;
  Level level = level_max;       ///< highest that the sender can apply
  SiteId site;                   ///< must be that of the sender's key
  std::uint64_t run = 0;         ///< drawn at each start: two processes are told apart
  replica::LogPosition held;     ///< end of its log when it started
  std::uint16_t generation = 0;  ///< of its membership, by its own log
  bool operator==(const PeerHeader&) const = default;
};

/// A client's Renew on its way to the leader (design D8).
struct Renewal {
  SessionId session;
  Incarnation incarnation;
  std::uint64_t mark = 0;
  SiteId site;  ///< whose client: where the acknowledgement goes
  bool operator==(const Renewal&) const = default;
};

/// What a node says of itself once a second: for status, never for apply().
struct SiteStatus {
  std::uint32_t sessions = 0;  ///< live ones that it carries
  std::uint32_t readers = 0;   ///< the readers among them
  LogIndex applied, commit;
  Term term;
  Bits128 digest;  ///< of its room at `applied`
  bool leader = false;
  std::uint32_t unreplicated = 0;  ///< commands taken at its door, not yet applied there
  std::uint32_t undelivered = 0;   ///< reports that it owes to hospitals
  std::string version;             ///< of its program
  bool archive_complete = true;    ///< false while it fetches closed exams that it missed
  bool intake_stopped = false;     ///< its disk has only its reserve left (design D17)
  replica::LogPosition kept;       ///< committed and on its disk: it will never say less (D16)
  bool archive_checked = false;    ///< its archive was read since its start, and is right
  LogIndex halted_at;              ///< it applies nothing from here on; 0: it applies everything
  bool disk_slow = false;          ///< it should not lead
  bool operator==(const SiteStatus&) const = default;
};

/// Asks for archive records of indexes up to `through`, from position (index, exam) on (design
/// D13).
struct ArchiveWish {
  LogIndex through;
  LogIndex index;
  ExamId exam;
  std::uint32_t offset = 0;  ///< not 0: bytes known of the record at exactly that position
  bool operator==(const ArchiveWish&) const = default;
};

/// A record, or the part of it that still fitted.
struct ArchivePiece {
  LogIndex index;
  ExamId exam;
  std::uint32_t size = 0;  ///< of the whole record
  std::string bytes;  ///< from the wish's offset on in the first piece, from 0 on in the others
  bool operator==(const ArchivePiece&) const = default;
};

struct ArchiveChunk {
  ArchiveWish wish;       ///< echoed
  bool known = false;     ///< the sender has applied `through`; else ask another
  bool complete = false;  ///< nothing up to `through` follows
  std::vector<ArchivePiece> pieces;
  bool operator==(const ArchiveChunk&) const = default;
};

/// Bounds of archive records and chunks on the wire.
inline constexpr std::size_t archive_record_bytes = 2 * 1024 * 1024;
inline constexpr std::size_t archive_pieces_count = 1024;

struct PeerFrame {
  PeerHeader header;
  std::vector<replica::Message> raft;
  std::vector<std::string> proposals;  ///< encode_proposal()'s bytes, for the leader
  std::vector<Renewal> renewals;       ///< for the leader
  std::vector<RenewAck> renewal_acks;  ///< from the leader, for the door's clients
  std::optional<SiteStatus> status;
  std::optional<ArchiveWish> archive_wish;
  std::optional<ArchiveChunk> archive_chunk;
  bool operator==(const PeerFrame&) const = default;
};

/// XXH3 of a federation's id: stands for it in peer frames.
std::uint64_t federation_hash(std::string_view federation);

/// One frame. The caller keeps it below limits::peer_frame_bytes with the bounds below.
std::string encode_peer(const PeerFrame& frame);
/// Takes any alignment. Raft messages of a kind that this build does not know are left out (they
/// may be lost anyway).
/// @errors malformed, too_large, bad_value: drop the frame and count it.
Result<PeerFrame> decode_peer(std::string_view frame);

/// Bounds of what one item adds to a frame, never too small; O(entries).
std::size_t peer_bytes(const replica::Message& message);
inline std::size_t peer_bytes(std::string_view proposal) { return proposal.size() + 16; }
std::size_t peer_bytes(const ArchiveChunk& chunk);
inline constexpr std::size_t peer_archive_wish_bytes = 48;
inline constexpr std::size_t peer_renewal_bytes = 40;  ///< a Renewal or its acknowledgement
inline constexpr std::size_t peer_status_bytes = 256;
inline constexpr std::size_t peer_fixed_bytes = 256;  ///< header, framing

}  // namespace vigie::codec
