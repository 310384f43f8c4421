// Equal index, equal digest (invariant I5): Checkpoint entries, and what follows when nodes differ.
//
// The leader states its digest; a node that has another one says so, by a Checkpoint of its own,
// and then everybody does, once per index. All of it is in the log, so each node counts the same
// opinions: one that finds a majority of the voters agreed on another digest than its own stops,
// leader or not. While no majority speaks against it, it goes on by the log, which is the
// authority.
#include <algorithm>

#include "actors/room/host.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::actors {
namespace {

constexpr std::size_t checkpoints_kept = 16;

template <class Map>
void keep_newest(Map& map) {
  while (map.size() > checkpoints_kept) map.erase(map.begin());
}

}  // namespace

void Host::keep_checkpoint(LogIndex index) {
  checkpoints_[index] = room_.digest();
  keep_newest(checkpoints_);
}

/// Before the entry is applied.
void Host::check_digest(Now now, const LogEntry& entry, SiteId by, const Checkpoint& checkpoint) {
  if (checkpoint.index == room_.applied()) keep_checkpoint(checkpoint.index);
  const auto kept = checkpoints_.find(checkpoint.index);
  if (kept == checkpoints_.end()) return;  // not of a multiple, and others came between
  const Bits128 ours = kept->second;
  if (ours != checkpoint.digest) {
    metrics_.room.digest_mismatches.add();
    telemetry::log_error("digest_differs", {{"index", checkpoint.index},
                                            {"peer", by},
                                            {"ours", to_hex(ours)},
                                            {"theirs", to_hex(checkpoint.digest)}});
  }
  auto& opinions = opinions_[checkpoint.index];
  opinions[by] = checkpoint.digest;
  const bool dissent = std::any_of(opinions.begin(), opinions.end(),
                                   [&](const auto& o) { return o.second != checkpoint.digest; });
  const bool spoken = opinions.contains(settings_.self) || spoken_at_ >= checkpoint.index;
  if ((dissent || ours != checkpoint.digest) && !spoken && entry.index > replayed_to_) {
    spoken_at_ = checkpoint.index;
    propose_own(now, Checkpoint{checkpoint.index, ours});
  }
  stop_if_outvoted(checkpoint.index, ours);
  keep_newest(opinions_);
  checkpointed_ = entry.index;
  // On disk for whoever compares the centres from outside (tests/verify).
  DiskJob job;
  job.batch.values.emplace_back("checkpoint",
                                std::to_string(checkpoint.index.value) + " " + to_hex(ours));
  ports_.write(std::move(job));
}

void Host::stop_if_outvoted(LogIndex index, const Bits128& ours) {
  std::map<Bits128, std::size_t> votes;
  std::size_t voters = 0;
  for (const replica::Member& m : replica_.members()) {
    if (!m.voter) continue;
    ++voters;
    const auto opinion = opinions_[index].find(m.site);
    if (opinion != opinions_[index].end()) ++votes[opinion->second];
  }
  for (const auto& [digest, count] : votes) {
    if (digest == ours || count <= voters / 2) continue;
    telemetry::log_error("digest_outvoted", {{"index", index},
                                             {"ours", to_hex(ours)},
                                             {"theirs", to_hex(digest)},
                                             {"advice", "this node's state is wrong: see I5"}});
    leave(exit_unusable_data);
  }
}

void Host::propose_checkpoint(Now now) {
  if (room_.applied() == checkpointed_ || !pending_.empty()) return;
  propose_own(now, Checkpoint{room_.applied(), room_.digest()});
}

}  // namespace vigie::actors
