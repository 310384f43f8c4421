// One replica among peers that say anything: whatever messages arrive, in whatever order, it keeps
// its invariants and does not end the process. Peers are trusted, so that what they say may cost
// liveness; a message that cannot be is dropped.
#include "actors/core/replica/replica.hpp"
#include "actors/core/replica/invariants.hpp"
#include "tests/fuzz/input.hpp"

namespace vigie::fuzz {
namespace {

using namespace replica;

constexpr std::size_t inputs_max = 400;

Config three_and_a_learner() {
  Config config;
  config.self = {1};
  config.members = {{{1}, true, 0}, {{2}, true, 0}, {{3}, true, 1}, {{4}, false, 0}};
  config.log_bytes_max = 64 * 1024;
  config.append_entries_max = 3;
  return config;
}

class Site {
 public:
  explicit Site(Input& input)
      : in_(input), replica_(three_and_a_learner(), start(input), 7, now_) {}

  void run() {
    for (std::size_t n = 0; n < inputs_max && !in_.at_end(); ++n) {
      one_input();
      judge();
      if (in_.chance(70)) drain();
      judge();
    }
  }

 private:
  /// What a journal held: a log of small terms, perhaps behind a snapshot.
  static Start start(Input& input) {
    Start start;
    if (input.chance(30)) start.snapshot = {{5}, {1}, {}, 1};
    Term term{1};
    for (std::size_t n = input.below(6); n > 0; --n) {
      if (input.chance(30)) term = next(term);
      start.entries.push_back({{start.snapshot.index.value + start.entries.size() + 1},
                               term,
                               EntryKind::command,
                               Payload{"x"}});
    }
    start.hard = {{start.entries.empty() ? 1 : term.value}, {}};
    return start;
  }

  SiteId site() { return {static_cast<std::uint16_t>(in_.chance(97) ? 2 + in_.below(3) : 9)}; }
  LogIndex index() {
    switch (in_.below(5)) {
      case 0:
        return {in_.number(replica_.commit().value)};
      case 1:
        return {in_.number(replica_.log().base().value)};
      default:
        return {in_.number(replica_.last_index().value)};
    }
  }
  Term term() {
    return {in_.chance(75) ? replica_.term().value : in_.number(replica_.term().value)};
  }
  /// The true term at `index`, mostly.
  Term term_at(LogIndex index) {
    const auto known = replica_.log().term(index);
    return known && in_.chance(85) ? *known : term();
  }

  Append append() {
    Append a;
    a.prev_index = index();
    a.prev_term = term_at(a.prev_index);
    a.commit = index();
    LogIndex at = a.prev_index;
    Term last = a.prev_term;
    for (std::size_t n = in_.below(5); n > 0; --n) {
      at = in_.chance(97) ? next(at) : index();
      if (in_.chance(20)) last = term();
      a.entries.push_back({at, last, static_cast<EntryKind>(in_.below(2)), Payload{"y"}});
    }
    return a;
  }
  SnapshotChunk chunk() {
    SnapshotChunk c;
    c.meta.index = index();
    c.meta.term = term_at(c.meta.index);
    c.meta.chain = {0, in_.below(2)};
    c.meta.bytes = in_.chance(70) ? 1 : in_.number(limits::snapshot_chunk_bytes);
    c.number = static_cast<std::uint32_t>(in_.number(0));
    if (in_.chance(30)) c.number = chunk_;
    chunk_ = c.number + 1;
    c.bytes = Payload{std::string(in_.below(3), 's')};
    return c;
  }
  MessageBody body() {
    switch (in_.below(12)) {
      case 0: {
        const LogIndex last = index();
        return VoteRequest{in_.chance(50), in_.chance(20), last, term_at(last)};
      }
      case 1:
      case 2:
        return VoteAnswer{in_.chance(50), in_.chance(80)};
      case 3:
      case 4:
      case 5:
        return append();
      case 6:
        return AppendAnswer{in_.chance(60), index(), index(), term()};
      case 7:
        return Heartbeat{index(), in_.number(replica_.rounds_confirmed())};
      case 8:
        return HeartbeatAnswer{in_.number(replica_.rounds_confirmed())};
      case 9:
        return chunk();
      case 10:
        return SnapshotAnswer{index(), static_cast<std::uint32_t>(in_.number(0))};
      default:
        return TimeoutNow{};
    }
  }
  Message message() {
    const Role role = replica_.role();
    const bool asks = role == Role::pre_candidate;
    return {{1}, asks && in_.chance(60) ? next(replica_.term()) : term(), body()};
  }

  void one_input() {
    switch (in_.below(16)) {
      case 0:
        return replica_.tick(now_ = now_ + Millis{in_.byte() * 8});
      case 1:
        return replica_.tick(now_ = std::max(now_, replica_.next_deadline()));
      case 2:
        return propose();
      case 3:
        return persist();
      case 4:
        return replica_.peer_up(now_, site());
      case 5:
        return replica_.peer_lost(now_, site());
      case 6:
        return (void)replica_.read_index(now_, 1);
      case 7:
        return in_.chance(20) ? (void)replica_.transfer(now_, site())
                              : (void)replica_.begin_round(now_);
      case 8:
        return compact();
      default:
        return replica_.step(now_, site(), message());
    }
  }
  void propose() {
    std::vector<std::pair<EntryKind, Payload>> batch;
    for (std::size_t n = in_.below(4); n > 0; --n) {
      batch.emplace_back(EntryKind::command, Payload{std::string(in_.byte() * 16, 'p')});
    }
    (void)replica_.propose(now_, std::move(batch));
  }
  void persist() {
    if (replica_.has_output()) drain();
    finish_install();
    replica_.persisted(now_, newest_);
  }
  void compact() {
    const LogIndex at = std::min(replica_.applied(), replica_.stable());
    const auto term = replica_.log().term(at);
    if (!term || replica_.is_installing() || !at) return;
    replica_.compacted(now_, {at, *term, {}, 1}, {at.value - in_.below(at.value > 3 ? 3 : 1)});
  }
  void drain() {
    Output out = replica_.take_output();
    check(out.write_no >= newest_, "writes are numbered upwards");
    newest_ = out.write_no;
    for (const LogEntry& entry : out.committed) {
      check(entry.index == next(applied_), "entries are handed out in order, once");
      applied_ = entry.index;
    }
    if (out.finish_snapshot) finished_ = out.finish_snapshot->index;
    if (in_.chance(50)) finish_install();
  }
  /// The shell has loaded what was installed.
  void finish_install() {
    if (!finished_) return;
    applied_ = finished_;
    replica_.snapshot_installed(now_, finished_, {});
    finished_ = {};
  }
  void judge() {
    const std::string broken = find_violation(replica_);
    check(broken.empty(), broken);
    const std::string changed = watch_.observe(replica_);
    check(changed.empty(), changed);
  }

  Input& in_;
  BootTime now_{1'000'000};
  Replica replica_;
  Watch watch_;
  std::uint64_t newest_ = 0;
  std::uint32_t chunk_ = 0;
  LogIndex applied_ = replica_.applied();
  LogIndex finished_;
};

}  // namespace
}  // namespace vigie::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vigie::fuzz::Input input(data, size);
  vigie::fuzz::Site(input).run();
  return 0;
}
