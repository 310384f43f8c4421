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
      nodes_(static_cast<std::size_t>(sites + 2)),
      exams_(findings, records),
      guard_(findings, exams_.board()) {
  for (std::uint16_t i = 1; i <= sites; ++i) members_.push_back({{i}, true, 0, 0});
}

Invariants::Mark Invariants::mark_of(const LogEntry& entry) {
  const std::string& bytes = entry.payload.bytes();
  return {entry.term,
          XXH3_64bits_withSeed(bytes.data(), bytes.size(), static_cast<std::uint64_t>(entry.kind))};
}

// Disks.

/// I4, I6: what was synced and committed is there after any crash; so is a vote.
void Invariants::started(SiteId site, const replica::Start& found) {
  Node& node = nodes_[site.value];
  node.leads = false;
  if (node.damaged) return;
  const LogIndex last = found.entries.empty() ? found.snapshot.index : found.entries.back().index;
  const LogIndex must{std::min<std::uint64_t>(node.last().value, log_.size())};
  if (last < must) {
    findings_.add("I6",
                  "synced and committed up to " + std::to_string(must.value) +
                      ", found after a crash: up to " + std::to_string(last.value),
                  must, {}, site);
  }
  const HardState& was = node.hard;
  const bool kept = found.hard.term > was.term ||
                    (found.hard.term == was.term && (!was.vote || found.hard.vote == was.vote));
  if (!kept) {
    findings_.add("I4", "a synced vote of term " + std::to_string(was.term.value) + " is gone", {},
                  {}, site);
  }
  node.hard = found.hard;
  if (found.hard.vote) votes_[{found.hard.term, found.hard.vote}].insert(site);
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
}

void Invariants::data_lost(SiteId site) { nodes_[site.value] = {}; }

void Invariants::synced(SiteId site, const WriteMark& write) {
  Node& node = nodes_[site.value];
  if (node.damaged) return;
  if (write.hard) node.hard = *write.hard;
  if (write.hard && write.hard->vote) votes_[{write.hard->term, write.hard->vote}].insert(site);
  if (votes_.size() > 1000) votes_.erase(votes_.begin());
  installs_ += write.installed.has_value();
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

void Invariants::commit(SiteId site, const actors::Host& host, const LogEntry& entry) {
  log_.push_back(mark_of(entry));
  committed_in_.push_back(host.replica().term());
  if (entry.kind == EntryKind::configuration) {
    if (auto members = replica::decode_members(entry.payload.bytes())) members_ = *members;
  }
  check_majority(entry.index, site, host);
  const auto payload = entry.kind == EntryKind::command
                           ? codec::split_entry_payload(entry.payload.bytes())
                           : Result<codec::EntryPayload>(Error{Errc::not_found, {}});
  if (!payload) return records_.committed(entry.index, {}, nullptr);
  const auto proposal = codec::decode_proposal(payload->proposal);
  if (proposal) {
    ++commands_.at(proposal->command.index());
    if (const auto* expire = std::get_if<ExpireSession>(&proposal->command)) {
      exams_.expiry(entry.index, *expire);
    }
    if (const auto* attach = std::get_if<Attach>(&proposal->command)) {
      exams_.login(entry.index, *attach);
    }
  }
  records_.committed(entry.index, payload->at, proposal ? &*proposal : nullptr);
}

bool Invariants::has(const Node& node, LogIndex index) const {
  if (index <= node.base) return true;
  return index <= node.last() &&
         node.durable[index.value - node.base.value - 1] == log_[index.value - 1];
}

/// I6: at the moment that an entry is first applied, it is on the disks of a majority: of who votes
/// by the log up to there, or by what the node that applies it has behind that.
void Invariants::check_majority(LogIndex index, SiteId site, const actors::Host& host) {
  std::string found;
  const std::vector<Member>* const lists[] = {&members_, &host.replica().members()};
  for (const std::vector<Member>* members : lists) {
    std::size_t have = 0;
    for (const Member& m : *members) have += m.voter && has(nodes_[m.site.value], index);
    const std::size_t all = replica::voters(*members);
    if (2 * have > all) return;
    found = std::to_string(have) + " of " + std::to_string(all);
  }
  findings_.add("I6", "applied while on " + found + " disks", index, {}, site);
}

/// I4: a leader has the votes of a majority, each on the disk of who gave it and forgot nothing.
void Invariants::check_votes(SiteId site, const replica::Replica& replica) {
  const auto& given = votes_[{replica.term(), site}];
  std::string found;
  const std::vector<Member>* const lists[] = {&members_, &replica.members()};
  for (const std::vector<Member>* members : lists) {
    std::size_t votes = 0;
    for (const Member& m : *members) votes += m.voter && given.contains(m.site);
    const std::size_t all = replica::voters(*members);
    if (2 * votes > all) return;
    found = std::to_string(votes) + " of " + std::to_string(all);
  }
  findings_.add(
      "I4", "leads term " + std::to_string(replica.term().value) + " by " + found + " synced votes",
      {}, {}, site);
}

void Invariants::applied(SiteId site, const actors::Host& host, const AppliedBatch& batch) {
  const LogIndex before{log_.size()};
  const replica::Log& log = host.replica().log();
  for (LogIndex i = next(batch.from); i <= batch.to; i = next(i)) {
    if (i <= log.base()) continue;
    const LogEntry& entry = log.at(i);
    if (i.value == log_.size() + 1) {
      commit(site, host, entry);
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
    if (event.kind == EventKind::exam_cancelled) cancelled_.insert(event.exam);
    guard_.take(event, host.room().directory());
    exams_.take(event);
  }
  const bool ahead = host.room().applied().value == log_.size();
  std::erase_if(cancelled_, [&](ExamId exam) {
    const bool gone = ahead && !host.room().state().exams().find(exam);
    if (gone) closed_at_[exam] = world_.now();
    return gone;
  });
  guard_.look(site, host.room().state());
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
  const room::Scalars& count = state.scalars();
  if (state.exams().size() + count.archived != count.submitted + count.reopened) {
    findings_.add("I8", "submitted + reopened - archived - open is not 0", host.room().applied(),
                  {}, site);
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
  check_votes(site, replica);
  // I2: what was committed before its term. One who was paused may have won its votes long ago.
  LogIndex last{log_.size()};
  while (last && committed_in_[last.value - 1] >= term) last = previous(last);
  if (!last || last <= replica.log().base()) return;
  if (replica.log().term(last) != log_[last.value - 1].term) {
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

void Invariants::second_passed(SiteId site, const actors::Host& host, BootTime) {
  if (host.replica().absurd_messages() == 0) return;
  findings_.add("I3", "a peer said what no honest peer says", host.room().applied(), {}, site);
}

void Invariants::not_sent(SiteId door, ExamId exam) {
  findings_.add("I11", "a report was owed when its door started, and is not sent", {}, exam, door);
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

/// In the archive (with `report`, if there is one), or on its way there: what was closed a moment
/// ago may still be written.
bool Invariants::is_archived(ExamId exam, const storage::Journal& journal, ReportId report) const {
  const auto closed = closed_at_.find(exam);
  if (closed != closed_at_.end() && world_.now() - closed->second < archived_within) return true;
  const auto archived = journal.archived(exam);
  if (!archived || !*archived) return false;
  std::string name;
  for (int i = 0; i < 8; ++i) name += static_cast<char>(report.value >> (8 * i));
  return !report || (*archived)->bytes.find(name) != std::string::npos;
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
  check_reports(site, host, journal);
}

/// I11, I8: what somebody was told is kept, is there; and hospitals have what they are owed.
void Invariants::check_reports(SiteId site, const actors::Host& host,
                               const storage::Journal& journal) {
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
      const Report& kept = open->reports[i];
      found = found || (kept.id == report && kept.kind != ReportKind::preliminary);
    }
    if (!found && !open) found = is_archived(exam, journal, report);
    if (!found && !is_just_closed(exam))
      findings_.add("I11", "a report that was said to be kept is gone", index, exam, site);
  }
  for (const auto& [exam, index] : records_.kept_exams()) {  // I8
    if (index > host.room().applied() || state.exams().find(exam)) continue;
    if (!is_archived(exam, journal, {}) && !is_just_closed(exam)) {
      findings_.add("I8", "a submitted exam is gone", index, exam, site);
    }
  }
  guard_.check_end(site, state);
  if (!host.replica().is_settled_leader()) return;
  for (const auto& [door, id] : state.owed()) {
    const Exam* exam = state.exams().find(id);
    const bool revised = exam && !exam->reports.empty();
    if (exam && (revised ? exam->reports.back().at : exam->signed_at) + 60_s < state.scalars().at) {
      findings_.add("I11", "a report is owed since a minute", host.room().applied(), id, door);
    }
  }
}

}  // namespace vigie::sim
