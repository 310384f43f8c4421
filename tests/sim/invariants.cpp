#include "tests/sim/invariants.hpp"

#include <xxhash.h>

#include <algorithm>

#include "actors/core/room/invariants.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "messages/types/limits.hpp"

namespace vigie::sim {
namespace {

constexpr Time archived_within = 10 * second;

}  // namespace

Invariants::Invariants(World& world, Findings& findings, Records& records, int sites)
    : world_(world),
      findings_(findings),
      records_(records),
      nodes_(static_cast<std::size_t>(sites + 1)),
      exams_(findings, records) {}

Invariants::Mark Invariants::mark_of(const LogEntry& entry) {
  const std::string& bytes = entry.payload.bytes();
  return {entry.term,
          XXH3_64bits_withSeed(bytes.data(), bytes.size(), static_cast<std::uint64_t>(entry.kind))};
}

// Disks.

/// I4, I6: what was synced and committed is there after any crash; so is a vote.
void Invariants::started(SiteId site, const replica::Start& found) {
  Node& node = nodes_[site.value];
  const LogIndex last = found.entries.empty() ? found.snapshot.index : found.entries.back().index;
  const LogIndex must{std::min<std::uint64_t>(node.last().value, log_.size())};
  if (!node.damaged && last < must) {
    findings_.add("I6",
                  "synced and committed up to " + std::to_string(must.value) +
                      ", found after a crash: up to " + std::to_string(last.value),
                  must, {}, site);
  }
  const HardState& was = node.hard;
  const bool kept = found.hard.term > was.term ||
                    (found.hard.term == was.term && (!was.vote || found.hard.vote == was.vote));
  if (!node.damaged && !kept) {
    findings_.add("I4", "a synced vote of term " + std::to_string(was.term.value) + " is gone", {},
                  {}, site);
  }
  node.hard = found.hard;
  node.base = found.snapshot.index;
  node.durable.clear();
  for (const LogEntry& entry : found.entries) {
    if (entry.index.value != node.last().value + 1) continue;
    node.durable.push_back(mark_of(entry));
    const bool known = entry.index.value <= log_.size() && entry.index <= found.commit_seen;
    if (known && log_[entry.index.value - 1] != node.durable.back()) {
      findings_.add("I1", "a committed entry came back as another one", entry.index, {}, site);
    }
  }
  node.leads = false;
}

void Invariants::synced(SiteId site, const WriteMark& write) {
  Node& node = nodes_[site.value];
  if (write.hard) node.hard = *write.hard;
  if (write.installed && write.installed->index > node.base) {
    const std::uint64_t drop = write.installed->index.value - node.base.value;
    const auto size = static_cast<std::uint64_t>(node.durable.size());
    node.durable.erase(node.durable.begin(),
                       node.durable.begin() + static_cast<std::ptrdiff_t>(std::min(drop, size)));
    node.base = write.installed->index;
  }
  for (const LogEntry& entry : write.entries) {
    if (entry.index <= node.base) continue;
    const std::uint64_t position = entry.index.value - node.base.value - 1;
    if (position < node.durable.size()) node.durable.resize(position);
    if (position == node.durable.size()) node.durable.push_back(mark_of(entry));
  }
}

// The log.

void Invariants::commit(SiteId site, const LogEntry& entry) {
  log_.push_back(mark_of(entry));
  check_majority(entry.index, site);
  const auto payload = entry.kind == EntryKind::command
                           ? codec::split_entry_payload(entry.payload.bytes())
                           : Result<codec::EntryPayload>(Error{Errc::not_found, {}});
  if (!payload) return records_.committed(entry.index, {}, nullptr);
  const auto proposal = codec::decode_proposal(payload->proposal);
  records_.committed(entry.index, payload->at, proposal ? &*proposal : nullptr);
}

/// I6: at the moment that an entry is first applied, it is on the disks of a majority.
void Invariants::check_majority(LogIndex index, SiteId site) {
  std::size_t have = 0;
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    const Node& node = nodes_[i];
    if (index <= node.base) {
      ++have;
    } else if (index <= node.last()) {
      have += node.durable[index.value - node.base.value - 1] == log_[index.value - 1];
    }
  }
  if (2 * have > nodes_.size() - 1) return;
  findings_.add("I6",
                "applied while on " + std::to_string(have) + " of " +
                    std::to_string(nodes_.size() - 1) + " disks",
                index, {}, site);
}

void Invariants::applied(SiteId site, const actors::Host& host, const AppliedBatch& batch) {
  const LogIndex before{log_.size()};
  const replica::Log& log = host.replica().log();
  for (LogIndex i = next(batch.from); i <= batch.to; i = next(i)) {
    if (i <= log.base()) continue;
    const LogEntry& entry = log.at(i);
    if (i.value == log_.size() + 1) {
      commit(site, entry);
    } else if (i.value > log_.size()) {
      findings_.add("I1", "applied beyond what was committed anywhere", i, {}, site);
    } else if (log_[i.value - 1] != mark_of(entry)) {
      findings_.add("I1", "another entry was applied here than elsewhere", i, {}, site);
    }
  }
  check_digest(site, host, batch.to);
  for (const Event& event : batch.events) {
    if (event.index <= before) continue;
    world_.note(name_of(event.kind), event.exam.value, event.by.value);
    if (event.kind == EventKind::exam_closed) closed_at_[event.exam] = world_.now();
    exams_.take(event);
  }
  check_room(site, host);
}

/// I5: equal index, equal digest.
void Invariants::check_digest(SiteId site, const actors::Host& host, LogIndex at) {
  if (host.room().applied() != at) return;
  const Bits128 digest = host.room().digest();
  const auto [known, fresh] = digests_.try_emplace(at, digest);
  if (!fresh && known->second != digest) {
    findings_.add("I5", "another room than elsewhere at this index", at, {}, site);
  }
  world_.note("applied", (std::uint64_t{site.value} << 48) | at.value, digest.low);
  if (digests_.size() > 20'000) digests_.erase(digests_.begin());
}

/// I8, I19: what can be said of a room without looking through it.
void Invariants::check_room(SiteId site, const actors::Host& host) {
  const room::State& state = host.room().state();
  if (state.exams().size() + state.scalars().archived != state.scalars().submitted) {
    findings_.add("I8", "submitted - archived - open is not 0", host.room().applied(), {}, site);
  }
  const bool bounded = state.sessions().size() <= limits::sessions_count &&
                       state.orders().size() <= limits::closed_keys_count &&
                       host.unreplicated() <= 65'536;
  if (!bounded) {
    findings_.add("I19", "a table is over its bound", host.room().applied(), {}, site);
  }
}

// Leaders and promises.

void Invariants::acted(SiteId site, const actors::Host& host) {
  const replica::Replica& replica = host.replica();
  Node& node = nodes_[site.value];
  const bool leads = replica.is_leader();
  if (leads && node.led != replica.term()) begin_term(site, replica);
  const bool settled = replica.is_settled_leader();
  if (settled && !had_leader_) {
    had_leader_ = true;
    if (led_last_ > 0) gaps_.push_back(world_.now() - led_last_);
  }
  node.leads = leads;
}

void Invariants::ended(SiteId site) {
  Node& node = nodes_[site.value];
  if (node.leads && had_leader_) {
    had_leader_ = false;
    led_last_ = world_.now();
  }
  node.leads = false;
}

void Invariants::begin_term(SiteId site, const replica::Replica& replica) {
  Node& node = nodes_[site.value];
  const Term term = replica.term();
  node.led = term;
  ++failovers_;
  world_.note("leads", site.value, term.value);
  const auto [at, fresh] = leaders_.try_emplace(term, site);
  if (!fresh && at->second != site) {  // I3
    findings_.add("I3", "two leaders of term " + std::to_string(term.value), {}, {}, site);
  }
  if (node.hard != HardState{term, site}) {  // I4
    findings_.add("I4", "leads term " + std::to_string(term.value) + " without a synced vote", {},
                  {}, site);
  }
  const LogIndex last{log_.size()};  // I2
  if (!last || last <= replica.log().base()) return;
  if (replica.log().term(last) != log_.back().term) {
    findings_.add("I2", "a leader without what was committed", last, {}, site);
  }
}

void Invariants::peer_frame(SiteId from, SiteId to, const codec::PeerFrame& frame,
                            const Promise& promise) {
  for (const replica::Message& m : frame.raft) {
    if (const auto* vote = std::get_if<replica::VoteAnswer>(&m.body)) {
      const bool kept = promise.term > m.term || (promise.term == m.term && promise.vote == to);
      if (vote->granted && !vote->pre && !kept) {
        findings_.add(
            "I4", "a vote in term " + std::to_string(m.term.value) + " left before it was synced",
            {}, {}, from);
      }
    } else if (const auto* ack = std::get_if<replica::AppendAnswer>(&m.body)) {
      if (ack->ok && ack->index > promise.last) {
        findings_.add("I4", "acknowledged with " + std::to_string(promise.last.value) + " synced",
                      ack->index, {}, from);
      }
    }
  }
}

void Invariants::delivered(SiteId door, const DeliveryJob& job) {
  delivered_.emplace(job.exam, job.version, job.recipient);
  const bool owed = std::any_of(job.record.reports.begin(), job.record.reports.end(),
                                [&](const Report& r) { return r.version == job.version; });
  if (!owed) {
    findings_.add("I11", "a hospital was sent a report that nobody signed", job.index, job.exam,
                  door);
  }
}

// The end.

/// In the archive, or on its way there: what was closed a moment ago may still be written.
bool Invariants::is_archived(ExamId exam, const storage::Journal& journal) const {
  const auto closed = closed_at_.find(exam);
  if (closed != closed_at_.end() && world_.now() - closed->second < archived_within) return true;
  const auto archived = journal.archived(exam);
  return archived && *archived;
}

void Invariants::check_end(SiteId site, const actors::Host& host, const storage::Journal& journal) {
  for (const std::string& what : room::violations(host.room())) {
    findings_.add(what.substr(0, what.find(' ')), what, host.room().applied(), {}, site);
  }
  const LogIndex last = std::min(journal.last_index(), host.room().applied());
  for (LogIndex i{last.value / 64 * 64}; i >= journal.first_index() && i; i.value -= 64) {
    const auto chain = journal.chain(i);  // I18
    if (!chain) continue;
    const auto [known, fresh] = chains_.try_emplace(i, *chain);
    if (!fresh && known->second != *chain) {
      findings_.add("I18", "another history than elsewhere", i, {}, site);
    }
    if (i.value < 64) break;
  }
  const room::State& state = host.room().state();
  const auto is_just_closed = [&](ExamId exam) {  // then its record may not be written yet
    const room::OrderRecord* order = state.orders().find(exam);
    return order && order->closed_at && state.scalars().at < order->closed_at + 3_s;
  };
  for (const auto& [report, where] : records_.kept_reports()) {  // I11
    const auto& [exam, index] = where;
    if (index > host.room().applied()) continue;
    bool found = state.parked().find(report) != nullptr;
    const Exam* open = state.exams().find(exam);
    for (std::size_t i = 0; open && i < open->reports.size(); ++i) {
      found = found || open->reports[i].id == report;
    }
    if (!found && !open) found = is_archived(exam, journal);
    if (!found && !is_just_closed(exam))
      findings_.add("I11", "a report that was said to be kept is gone", index, exam, site);
  }
  for (const auto& [exam, index] : records_.kept_exams()) {  // I8
    if (index > host.room().applied() || state.exams().find(exam)) continue;
    const auto archived = journal.archived(exam);
    if ((!archived || !*archived) && !is_just_closed(exam)) {
      findings_.add("I8", "a submitted exam is gone", index, exam, site);
    }
  }
}

}  // namespace vigie::sim
