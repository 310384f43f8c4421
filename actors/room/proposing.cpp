// From a command to the log: stamped by the leader, sent on by everyone else, asked again when the
// leader changes. Asking twice is harmless: every command is idempotent (design D6).
#include <algorithm>

#include "actors/room/host.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "messages/types/failpoint.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {
namespace {

bool fits_entry(const std::string& proposal) {
  constexpr std::size_t stamp_bytes = 16;
  return proposal.size() + stamp_bytes <= limits::entry_bytes;
}

}  // namespace

FedTime newest_stamp(const std::vector<LogEntry>& entries) {
  for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry) {
    if (entry->kind != EntryKind::command) continue;
    if (const auto payload = codec::split_entry_payload(entry->payload.bytes())) return payload->at;
  }
  return {};
}

void Host::note_entries(Now now, const std::vector<LogEntry>& entries) {
  if (const FedTime newest = newest_stamp(entries)) clock_.heard(newest, now);
}

/// New requests stop before the disk is full; votes, reports and everything else go on (D17). The
/// level rises only to what everyone can apply (D12).
Errc Host::refused_now(const Command& command) const {
  if (is_quarantined()) return Errc::quarantined;
  if (is_halted()) return Errc::apply_halted;
  if (std::holds_alternative<Submit>(command) && !ports_.intake_open()) return Errc::disk_full;
  const auto* level = std::get_if<SetLevel>(&command);
  return level && level->level > common_level() ? Errc::level_too_low : Errc::ok;
}

/// An entry that is too large would take its whole batch with it, and one that nobody can decode
/// would be answered by nobody. What clients sent was decoded already; feeds and hospitals bring
/// bytes of their own.
Errc Host::unfit(const Pending& pending) const {
  if (!fits_entry(pending.proposal)) return Errc::too_large;
  if (!pending.done) return Errc::ok;
  const auto readable = codec::decode_proposal(pending.proposal);
  return readable ? Errc::ok : readable.error().code;
}

std::uint64_t Host::propose(Now now, Proposal proposal, Pending pending) {
  const std::uint64_t correlation = next_correlation_++;
  proposal.door = settings_.self;
  proposal.correlation = correlation;
  pending.founding =
      pending.connection == 0 && std::holds_alternative<ApplyDirectory>(proposal.command);
  pending.proposal = codec::encode_proposal(proposal);
  pending.since = now.boot;
  if (const Errc bad = unfit(pending); bad != Errc::ok) {
    Answer refused;
    refused.code = bad;
    pending_.emplace(correlation, std::move(pending));
    answer_pending(correlation, refused);
    return correlation;
  }
  if (room_.directory().version > 0 || pending.founding) to_send_.push_back(correlation);
  pending_.emplace(correlation, std::move(pending));
  return correlation;
}

void Host::propose_own(Now now, Command command) {
  Proposal proposal;
  proposal.key = own_key_;
  proposal.command = std::move(command);
  Pending pending;
  pending.of_leader = !std::holds_alternative<ApplyDirectory>(proposal.command);
  pending.is_promised = std::holds_alternative<ExpireSession>(proposal.command);
  propose(now, std::move(proposal), std::move(pending));
}

/// Goes before whatever waits: nobody is to lose an offer that he could not accept (design D8).
void Host::restart_offers(Now now) {
  std::vector<std::uint64_t> waiting = std::move(to_send_);
  to_send_.clear();
  propose_own(now, Tick{true});
  to_send_.insert(to_send_.end(), waiting.begin(), waiting.end());
}

void Host::resend_pending(Now now, bool all) {
  constexpr Millis patience = 1_s;
  const bool founded = room_.directory().version > 0;
  std::vector<std::uint64_t> again;
  for (const auto& [correlation, pending] : pending_) {
    if (!founded && !pending.founding) continue;               // nobody is known yet: it waits
    const bool in_log = replica_.is_leader() && pending.sent;  // commits, or the term changes
    if (!all && in_log) continue;
    if (all || now.boot - pending.sent >= patience) again.push_back(correlation);
  }
  to_send_ = std::move(again);
}

void Host::send_pending(Now now) {
  const SiteId leader = replica_.leader();
  if (leader != sent_to_leader_ || replica_.term() != sent_in_term_) {
    sent_to_leader_ = leader;
    sent_in_term_ = replica_.term();
    resend_pending(now, true);
  }
  if (!leader || (to_send_.empty() && forwarded_.empty())) return;
  if (replica_.is_leader()) {
    if (!leading_) return;  // the term's Tick goes first: it restarts the offers (design D8)
    std::vector<std::pair<EntryKind, Payload>> batch;
    const FedTime at = stamp(now);
    const std::vector<std::uint64_t> mine = to_send_;
    for (std::uint64_t correlation : to_send_) {
      const auto pending = pending_.find(correlation);
      if (pending == pending_.end()) continue;
      pending->second.sent = now.boot;
      batch.emplace_back(EntryKind::command,
                         Payload(codec::make_entry_payload(at, pending->second.proposal)));
    }
    to_send_.clear();
    for (const std::string& proposal : forwarded_) {
      if (!fits_entry(proposal)) continue;
      batch.emplace_back(EntryKind::command, Payload(codec::make_entry_payload(at, proposal)));
    }
    forwarded_.clear();
    if (batch.empty()) return;
    const auto first = replica_.propose(now.boot, std::move(batch));
    if (first) return;
    metrics_.raft.proposals_failed.of(errc_name(first.error().code)).add();
    for (std::uint64_t correlation : mine) {  // asked again within a second
      const auto pending = pending_.find(correlation);
      if (pending != pending_.end()) pending->second.sent = {};
    }
    return;
  }
  forwarded_.clear();  // their doors ask whoever leads now
  for (std::uint64_t correlation : to_send_) {
    const auto pending = pending_.find(correlation);
    if (pending == pending_.end()) continue;
    pending->second.sent = now.boot;
    add_to_frame(leader, codec::peer_bytes(pending->second.proposal));
    outgoing(leader).proposals.push_back(pending->second.proposal);
  }
  to_send_.clear();
}

void Host::answer_pending(std::uint64_t correlation, const Answer& answer) {
  const auto at = pending_.find(correlation);
  if (at == pending_.end()) return;
  failpoint(Failpoint::answer_before);
  Pending pending = std::move(at->second);
  pending_.erase(at);
  if (pending.founding && answer.code != Errc::ok) {
    telemetry::log_error("directory_refused",
                         {{"code", errc_name(answer.code)}, {"why", answer.text}});
  }
  if (pending.barrier) {
    answer_barrier(pending, answer);
  } else if (pending.connection != 0) {
    ClientAnswer out{pending.session, pending.incarnation, answer};
    out.answer.request = pending.request;
    tell(pending.connection, std::move(out));
  } else if (pending.done) {
    pending.done(answer);
  }
}

void Host::expire_pending(Now now) {
  std::vector<std::uint64_t> late;
  for (const auto& [correlation, pending] : pending_) {
    const bool is_late = now.boot - pending.since >= settings_.pending_max;
    if (is_late && !pending.is_promised) late.push_back(correlation);
  }
  Answer unknown;
  unknown.code = replica_.leader() ? Errc::timeout : Errc::no_leader;
  for (std::uint64_t correlation : late) answer_pending(correlation, unknown);
}

}  // namespace vigie::actors
