#include "messages/codec/peer_codec.hpp"

#include <xxhash.h>

#include "messages/codec/fields.hpp"
#include "messages/schema/vigie.capnp.h"

namespace vigie::codec {
namespace {

namespace r = replica;
using To = schema::RaftMessage::Body::Builder;
using Body = schema::RaftMessage::Body;

void put(const r::VoteRequest& from, To to) {
  auto out = to.initVoteRequest();
  out.setPre(from.pre);
  out.setTransfer(from.transfer);
  out.setLastIndex(from.last_index.value);
  out.setLastTerm(from.last_term.value);
}

void put(const r::VoteAnswer& from, To to) {
  auto out = to.initVoteAnswer();
  out.setPre(from.pre);
  out.setGranted(from.granted);
}

void put(const r::Append& from, To to) {
  auto out = to.initAppend();
  out.setPrevIndex(from.prev_index.value);
  out.setPrevTerm(from.prev_term.value);
  out.setCommit(from.commit.value);
  if (from.entries.empty()) return;
  write_list(from.entries, out.initEntries(count(from.entries)),
             [](const LogEntry& entry, schema::LogEntry::Builder slot) {
               slot.setIndex(entry.index.value);
               slot.setTerm(entry.term.value);
               slot.setKind(static_cast<std::uint8_t>(entry.kind));
               slot.setPayload(data(entry.payload.bytes()));
             });
}

void put(const r::AppendAnswer& from, To to) {
  auto out = to.initAppendAnswer();
  out.setOk(from.ok);
  out.setIndex(from.index.value);
  out.setHintIndex(from.hint_index.value);
  out.setHintTerm(from.hint_term.value);
}

void put(const r::Heartbeat& from, To to) {
  auto out = to.initHeartbeat();
  out.setCommit(from.commit.value);
  out.setRound(from.round);
}

void put(const r::HeartbeatAnswer& from, To to) { to.initHeartbeatAnswer().setRound(from.round); }

void put(const r::SnapshotChunk& from, To to) {
  auto out = to.initSnapshotChunk();
  out.setIndex(from.meta.index.value);
  out.setLastTerm(from.meta.term.value);
  write_bits(from.meta.chain, out.getChain());
  out.setSize(from.meta.bytes);
  out.setNumber(from.number);
  out.setBytes(data(from.bytes.bytes()));
}

void put(const r::SnapshotAnswer& from, To to) {
  auto out = to.initSnapshotAnswer();
  out.setIndex(from.index.value);
  out.setNext(from.next);
}

void put(const r::TimeoutNow&, To to) { to.setTimeoutNow(); }

void take(Body::VoteRequest::Reader from, r::VoteRequest& to) {
  to.pre = from.getPre();
  to.transfer = from.getTransfer();
  to.last_index = {from.getLastIndex()};
  to.last_term = {from.getLastTerm()};
}

void take(Body::VoteAnswer::Reader from, r::VoteAnswer& to) {
  to.pre = from.getPre();
  to.granted = from.getGranted();
}

void take(schema::LogEntry::Reader from, LogEntry& to) {
  to.index = {from.getIndex()};
  to.term = {from.getTerm()};
  // A kind of a newer version cannot be kept faithfully: refuse it, do not store something else.
  if (from.getKind() > static_cast<std::uint8_t>(EntryKind::configuration)) {
    throw Refused{Errc::bad_value, "entry.kind"};
  }
  to.kind = static_cast<EntryKind>(from.getKind());
  to.payload = Payload(take_data(from.getPayload(), limits::entry_bytes, "entry.payload"));
}

void take(Body::Append::Reader from, r::Append& to) {
  to.prev_index = {from.getPrevIndex()};
  to.prev_term = {from.getPrevTerm()};
  to.commit = {from.getCommit()};
  read_list(from.getEntries(), entries_per_append, "entries", to.entries,
            [](schema::LogEntry::Reader item, LogEntry& entry) { take(item, entry); });
}

void take(Body::AppendAnswer::Reader from, r::AppendAnswer& to) {
  to.ok = from.getOk();
  to.index = {from.getIndex()};
  to.hint_index = {from.getHintIndex()};
  to.hint_term = {from.getHintTerm()};
}

void take(Body::Heartbeat::Reader from, r::Heartbeat& to) {
  to.commit = {from.getCommit()};
  to.round = from.getRound();
}

void take(Body::HeartbeatAnswer::Reader from, r::HeartbeatAnswer& to) {
  to.round = from.getRound();
}

void take(Body::SnapshotChunk::Reader from, r::SnapshotChunk& to) {
  to.meta.index = {from.getIndex()};
  to.meta.term = {from.getLastTerm()};
  to.meta.chain = take_bits(from.getChain());
  to.meta.bytes = from.getSize();
  to.number = from.getNumber();
  to.bytes = Payload(take_data(from.getBytes(), limits::snapshot_chunk_bytes, "bytes"));
}

void take(Body::SnapshotAnswer::Reader from, r::SnapshotAnswer& to) {
  to.index = {from.getIndex()};
  to.next = from.getNext();
}

// False: a kind of a newer version.
bool take(Body::Reader from, r::MessageBody& to) {
  using W = Body::Which;
  const auto as = [&to]<class T>(auto reader, std::type_identity<T>) {
    take(reader, to.emplace<T>());
    return true;
  };
  switch (from.which()) {
    // clang-format off
    case W::NONE: throw Refused{Errc::malformed, "raft: none"};
    case W::VOTE_REQUEST: return as(from.getVoteRequest(), std::type_identity<r::VoteRequest>{});
    case W::VOTE_ANSWER: return as(from.getVoteAnswer(), std::type_identity<r::VoteAnswer>{});
    case W::APPEND: return as(from.getAppend(), std::type_identity<r::Append>{});
    case W::APPEND_ANSWER: return as(from.getAppendAnswer(), std::type_identity<r::AppendAnswer>{});
    case W::HEARTBEAT: return as(from.getHeartbeat(), std::type_identity<r::Heartbeat>{});
    case W::HEARTBEAT_ANSWER:
      return as(from.getHeartbeatAnswer(), std::type_identity<r::HeartbeatAnswer>{});
    case W::SNAPSHOT_CHUNK:
      return as(from.getSnapshotChunk(), std::type_identity<r::SnapshotChunk>{});
    case W::SNAPSHOT_ANSWER:
      return as(from.getSnapshotAnswer(), std::type_identity<r::SnapshotAnswer>{});
    case W::TIMEOUT_NOW: to = r::TimeoutNow{}; return true;
      // clang-format on
  }
  return false;
}

void write_header(const PeerHeader& from, schema::PeerFrame::Builder to) {
  to.setFederation(from.federation);
  write_bits(from.instance, to.getInstance());
  to.setBoot(from.boot.value);
  to.setMode(number<schema::NodeMode>(from.mode));
  to.setVersion(from.version);
  to.setLevel(from.level.value);
  to.setSite(from.site.value);
  to.setRun(from.run);
  to.setHeld(from.held.index.value);
  to.setHeldTerm(from.held.term.value);
  to.setGeneration(from.generation);
}

void read_header(schema::PeerFrame::Reader from, PeerHeader& to) {
  to.federation = from.getFederation();
  to.instance = take_bits(from.getInstance());
  to.boot = {from.getBoot()};
  to.mode = need_enum(from.getMode(), node_mode_last, "mode");
  to.version = from.getVersion();
  to.level = {from.getLevel()};
  to.site = {from.getSite()};
  to.run = from.getRun();
  to.held = {{from.getHeldTerm()}, {from.getHeld()}};
  to.generation = from.getGeneration();
}

void write_raft(const r::Message& from, schema::RaftMessage::Builder to) {
  to.setTo(from.to.value);
  to.setTerm(from.term.value);
  std::visit([&to](const auto& body) { put(body, to.getBody()); }, from.body);
}

void write_renewal(const Renewal& from, schema::Renewal::Builder to) {
  to.setSession(from.session.value);
  to.setIncarnation(from.incarnation.value);
  to.setMark(from.mark);
  to.setSite(from.site.value);
}

void read_renewal(schema::Renewal::Reader from, Renewal& to) {
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  to.mark = from.getMark();
  to.site = {from.getSite()};
}

void write_ack(const RenewAck& from, schema::RenewalAck::Builder to) {
  to.setSession(from.session.value);
  to.setIncarnation(from.incarnation.value);
  to.setMark(from.mark);
  to.setLeaseMs(from.lease.value);
  to.setCode(static_cast<std::uint16_t>(from.code));
}

void read_ack(schema::RenewalAck::Reader from, RenewAck& to) {
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  to.mark = from.getMark();
  to.lease = {from.getLeaseMs()};
  to.code = static_cast<Errc>(from.getCode());
}

void write_status(const SiteStatus& from, schema::SiteStatus::Builder to) {
  to.setSessions(from.sessions);
  to.setReaders(from.readers);
  to.setApplied(from.applied.value);
  to.setCommit(from.commit.value);
  to.setTerm(from.term.value);
  write_bits(from.digest, to.getDigest());
  to.setLeader(from.leader);
  to.setUnreplicated(from.unreplicated);
  to.setUndelivered(from.undelivered);
  to.setVersion(text(from.version));
  to.setArchiveComplete(from.archive_complete);
  to.setIntakeStopped(from.intake_stopped);
  to.setKept(from.kept.index.value);
  to.setKeptTerm(from.kept.term.value);
  to.setArchiveChecked(from.archive_checked);
  to.setHaltedAt(from.halted_at.value);
  to.setDiskSlow(from.disk_slow);
}

SiteStatus read_status(schema::SiteStatus::Reader from) {
  SiteStatus to;
  to.sessions = from.getSessions();
  to.readers = from.getReaders();
  to.applied = {from.getApplied()};
  to.commit = {from.getCommit()};
  to.term = {from.getTerm()};
  to.digest = take_bits(from.getDigest());
  to.leader = from.getLeader();
  to.unreplicated = from.getUnreplicated();
  to.undelivered = from.getUndelivered();
  to.version = take_name(from.getVersion(), "version");
  to.archive_complete = from.getArchiveComplete();
  to.intake_stopped = from.getIntakeStopped();
  to.kept = {{from.getKeptTerm()}, {from.getKept()}};
  to.archive_checked = from.getArchiveChecked();
  to.halted_at = {from.getHaltedAt()};
  to.disk_slow = from.getDiskSlow();
  return to;
}

void write_wish(const ArchiveWish& from, schema::ArchiveWish::Builder to) {
  to.setThrough(from.through.value);
  to.setIndex(from.index.value);
  to.setExam(from.exam.value);
  to.setOffset(from.offset);
}

ArchiveWish read_wish(schema::ArchiveWish::Reader from) {
  return {{from.getThrough()}, {from.getIndex()}, {from.getExam()}, from.getOffset()};
}

void write_piece(const ArchivePiece& from, schema::ArchivePiece::Builder to) {
  to.setIndex(from.index.value);
  to.setExam(from.exam.value);
  to.setSize(from.size);
  to.setBytes(data(from.bytes));
}

void read_piece(schema::ArchivePiece::Reader from, ArchivePiece& to) {
  to.index = {from.getIndex()};
  to.exam = {from.getExam()};
  to.size = from.getSize();
  if (to.size > archive_record_bytes) throw Refused{Errc::too_large, "piece.size"};
  to.bytes = take_data(from.getBytes(), limits::snapshot_chunk_bytes, "piece.bytes");
}

void write_chunk(const ArchiveChunk& from, schema::ArchiveChunk::Builder to) {
  write_wish(from.wish, to.initWish());
  to.setKnown(from.known);
  to.setComplete(from.complete);
  write_list(from.pieces, to.initPieces(count(from.pieces)), write_piece);
}

ArchiveChunk read_chunk(schema::ArchiveChunk::Reader from) {
  ArchiveChunk to;
  to.wish = read_wish(from.getWish());
  to.known = from.getKnown();
  to.complete = from.getComplete();
  read_list(from.getPieces(), archive_pieces_count, "pieces", to.pieces, read_piece);
  return to;
}

void read_frame(schema::PeerFrame::Reader from, PeerFrame& to) {
  read_header(from, to.header);
  const auto raft = from.getRaft();
  bounded(raft, messages_per_frame, "raft");
  for (auto item : raft) {
    r::Message message{{item.getTo()}, {item.getTerm()}, {}};
    if (take(item.getBody(), message.body)) to.raft.push_back(std::move(message));
  }
  const auto proposals = from.getProposals();
  to.proposals.reserve(bounded(proposals, messages_per_frame, "proposals"));
  for (auto item : proposals) {
    to.proposals.push_back(take_data(item, limits::entry_bytes, "proposal"));
  }
  read_list(from.getRenewals(), messages_per_frame, "renewals", to.renewals, read_renewal);
  read_list(from.getRenewalAcks(), messages_per_frame, "renewalAcks", to.renewal_acks, read_ack);
  if (from.hasStatus()) to.status = read_status(from.getStatus());
  if (from.hasArchiveWish()) to.archive_wish = read_wish(from.getArchiveWish());
  if (from.hasArchiveChunk()) to.archive_chunk = read_chunk(from.getArchiveChunk());
}

}  // namespace

std::uint64_t federation_hash(std::string_view federation) {
  return XXH3_64bits(federation.data(), federation.size());
}

std::string encode_peer(const PeerFrame& from) {
  return encode<schema::PeerFrame>([&from](schema::PeerFrame::Builder to) {
    write_header(from.header, to);
    if (!from.raft.empty()) write_list(from.raft, to.initRaft(count(from.raft)), write_raft);
    if (!from.proposals.empty()) {
      auto list = to.initProposals(count(from.proposals));
      for (unsigned i = 0; i < list.size(); ++i) list.set(i, data(from.proposals[i]));
    }
    if (!from.renewals.empty()) {
      write_list(from.renewals, to.initRenewals(count(from.renewals)), write_renewal);
    }
    if (!from.renewal_acks.empty()) {
      write_list(from.renewal_acks, to.initRenewalAcks(count(from.renewal_acks)), write_ack);
    }
    if (from.status) write_status(*from.status, to.initStatus());
    if (from.archive_wish) write_wish(*from.archive_wish, to.initArchiveWish());
    if (from.archive_chunk) write_chunk(*from.archive_chunk, to.initArchiveChunk());
  });
}

Result<PeerFrame> decode_peer(std::string_view frame) {
  return decode<schema::PeerFrame, PeerFrame>(frame, peer_frame, read_frame);
}

std::size_t peer_bytes(const r::Message& message) {
  constexpr std::size_t message_bytes = 80;  // its place in the list
  constexpr std::size_t entry_bytes = 40;    // likewise, and rounding
  std::size_t bytes = message_bytes;
  if (const auto* append = std::get_if<r::Append>(&message.body)) {
    bytes += 8;
    for (const LogEntry& entry : append->entries) bytes += entry_bytes + entry.payload.size();
  }
  if (const auto* chunk = std::get_if<r::SnapshotChunk>(&message.body)) {
    bytes += 8 + chunk->bytes.size();
  }
  return bytes;
}

std::size_t peer_bytes(const ArchiveChunk& chunk) {
  constexpr std::size_t piece_bytes = 48;  // its place in the list, and rounding
  std::size_t bytes = 64 + peer_archive_wish_bytes;
  for (const ArchivePiece& piece : chunk.pieces) bytes += piece_bytes + piece.bytes.size();
  return bytes;
}

}  // namespace vigie::codec
