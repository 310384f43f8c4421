// vigie journal replay DIR: a node's room built again from its data folder, by the same code that
// built it there, and held against every digest that the federation wrote into its log. With --kpi
// it also counts the figures of the guard, as the node does that applies the same entries. Nothing
// is changed.
#include <iostream>
#include <map>

#include "actors/core/kpi/measures.hpp"
#include "actors/core/replica/members.hpp"
#include "actors/core/room/invariants.hpp"
#include "actors/core/room/load_room.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "messages/types/exam_number.hpp"
#include "nodes/vigie/cli.hpp"
#include "nodes/vigie/journal_folder.hpp"
#include "nodes/vigie/kpi_table.hpp"

namespace vigie::cli {
namespace {

constexpr std::size_t bytes_per_read = 4 * 1024 * 1024;
constexpr std::size_t digests_kept = 4096;  ///< a Checkpoint speaks of an index not long before it
constexpr int differs = 1;

struct Wish {
  std::string dir;
  std::uint64_t to = 0;  ///< 0: to the end
  std::string exam;      ///< number or id; empty: none
  bool with_figures = false;
  bool is_silent = false;
};

Result<room::Room> load_snapshot(const storage::Journal& journal) {
  if (!journal.snapshot()) return room::Room{};
  return room::load_room([&](auto number) { return journal.read_snapshot_chunk(number); });
}

Error at_entry(LogIndex index, const std::string& what) {
  return {Errc::corrupt, "entry " + std::to_string(index.value) + ": " + what};
}

class Replay {
 public:
  Replay(const Globals& globals, const Wish& wish, room::Room room)
      : globals_(globals), wish_(wish), room_(std::move(room)), ends_{room_.archive_end()} {
    if (wish_.with_figures) measures_.begin(room_.state());
    period_ = {next(room_.applied()), room_.applied(), room_.now(), room_.now()};
  }

  /// @errors Errc::wrong_version: of a newer vigied. Errc::corrupt: what the room must never be.
  Result<void> apply(const LogEntry& entry) {
    room::Effects effects;
    if (auto applied = apply_one(entry, effects); !applied) return applied;
    ++entries_;
    if (wish_.with_figures) measure(effects);
    digests_[room_.applied()] = room_.digest();
    if (digests_.size() > digests_kept) digests_.erase(digests_.begin());
    if (ends_.back() != room_.archive_end()) ends_.push_back(room_.archive_end());
    if (wish_.is_silent) return {};
    for (const Event& event : effects.events) show(event);
    const auto broken = room::violations(room_);
    return broken.empty() ? Result<void>{} : at_entry(entry.index, broken.front());
  }
  bool agrees() const { return differing_ == 0; }
  Replayed result() const {
    return {entries_, compared_, differing_, ends_, room::violations(room_)};
  }

  void sum_up(const std::string& site) const {
    Json states = Json::object();
    std::string text;
    for (const auto& [id, slot] : room_.state().exams().slots()) {
      Json& count = states[std::string(name_of(slot.record.state))];
      count = count.is_null() ? 1 : count.get<int>() + 1;
    }
    for (const auto& [state, count] : states.items()) text += ", " + count.dump() + " " + state;
    Json sum = {{"ok", agrees()},
                {"site", site},
                {"entries", entries_},
                {"index", room_.applied().value},
                {"digest", to_hex(room_.digest())},
                {"archived", room_.archive_end().count},
                {"exams", states},
                {"checkpoints", compared_},
                {"differing", differing_}};
    const kpi::Figures figures = measures_.figures(room_.now());
    if (wish_.with_figures) sum["kpi"] = kpi_json(figures, room_.directory(), period_);
    tell(globals_, sum,
         site + ": " + std::to_string(entries_) + " entries applied to index " +
             std::to_string(room_.applied().value) + ", digest " + to_hex(room_.digest()) + "; " +
             std::to_string(compared_) + " checkpoints compared, " + std::to_string(differing_) +
             " differ" + text);
    if (wish_.with_figures && !globals_.json) print_kpi(figures, room_.directory(), period_);
  }

 private:
  Result<void> apply_one(const LogEntry& entry, room::Effects& effects) {
    if (entry.kind == EntryKind::noop) return room_.skip(entry.index), Result<void>{};
    if (entry.kind == EntryKind::configuration) {
      auto members = replica::decode_members(entry.payload.bytes());
      if (!members) return at_entry(entry.index, members.error().what);
      return room_.apply_members(entry.index, std::move(*members)), Result<void>{};
    }
    const auto payload = codec::split_entry_payload(entry.payload.bytes());
    if (!payload && payload.error().code == Errc::wrong_version) return payload.error();
    const auto proposal =
        payload ? codec::decode_proposal(payload->proposal) : Result<Proposal>(payload.error());
    if (!proposal) {
      room_.apply_undecodable(entry.index, payload ? payload->at : FedTime{}, effects);
      return {};
    }
    if (const auto* said = std::get_if<Checkpoint>(&proposal->command)) {
      const bool by_node =
          !proposal->session && room::authorise(room_.state(), *proposal, nullptr) == Errc::ok;
      if (by_node) compare(entry.index, *said);
    }
    (void)room_.apply(entry.index, payload->at, *proposal, effects);
    return {};
  }

  void measure(const room::Effects& effects) {
    measures_.take(room_.state(), effects.events);
    if (!period_.begin) period_.begin = room_.now();
    period_.to = room_.applied();
    period_.end = room_.now();
  }

  void compare(LogIndex index, const Checkpoint& said) {
    const auto ours = digests_.find(said.index);
    if (ours == digests_.end()) return;  // before the snapshot
    ++compared_;
    if (ours->second == said.digest) return;
    ++differing_;
    if (wish_.is_silent) return;
    tell(globals_,
         {{"index", index.value},
          {"of_index", said.index.value},
          {"ours", to_hex(ours->second)},
          {"theirs", to_hex(said.digest)}},
         "index " + std::to_string(index.value) + ": the digest of index " +
             std::to_string(said.index.value) + " is " + to_hex(said.digest) + " there, and " +
             to_hex(ours->second) + " here");
  }

  void show(const Event& event) const {
    if (wish_.exam.empty() || !event.exam) return;
    const std::string number = exam_number(room_.directory(), event.exam);
    if (wish_.exam != number && wish_.exam != std::to_string(event.exam.value)) return;
    tell(globals_,
         {{"index", event.index.value},
          {"at", event.at.value},
          {"exam", number},
          {"event", name_of(event.kind)},
          {"state", name_of(event.state)}},
         std::to_string(event.index.value) + "  " + std::to_string(event.at.value) + "  " + number +
             "  " + std::string(name_of(event.kind)) + "  " + std::string(name_of(event.state)));
  }

  const Globals& globals_;
  const Wish& wish_;
  room::Room room_;
  kpi::Measures measures_;
  KpiPeriod period_;
  std::vector<room::ArchiveEnd> ends_;  ///< different ones, in order
  std::uint64_t entries_ = 0, compared_ = 0, differing_ = 0;
  std::map<LogIndex, Bits128> digests_;
};

Result<void> apply_all(Replay& replay, const storage::Journal& journal, LogIndex index,
                       LogIndex last) {
  while (index <= last) {
    const auto entries = journal.read(index, last, bytes_per_read);
    if (!entries) return entries.error();
    for (const LogEntry& entry : *entries) {
      if (auto applied = replay.apply(entry); !applied) return applied;
      index = next(entry.index);
    }
  }
  return {};
}

int replay(const Globals& globals, const Wish& wish) {
  const auto journal = open_journal_folder(wish.dir);
  if (!journal) return damaged(globals, journal.error());
  auto room = load_snapshot(**journal);
  if (!room) return damaged(globals, room.error());
  const LogIndex index = next(room->applied());
  const LogIndex last = wish.to == 0 ? (*journal)->last_index()
                                     : std::min((*journal)->last_index(), LogIndex{wish.to});
  if (wish.to != 0 && wish.to < room->applied().value) {
    return damaged(globals,
                   {Errc::not_found, "the snapshot is at " + std::to_string(room->applied().value) +
                                         " already; what came before is not there"});
  }
  Replay replay(globals, wish, std::move(*room));
  if (const auto applied = apply_all(replay, **journal, index, last); !applied) {
    return damaged(globals, applied.error());
  }
  replay.sum_up((*journal)->recovered().identity.site);
  return replay.agrees() ? static_cast<int>(Exit::ok) : differs;
}

}  // namespace

Result<Replayed> replay_silently(const storage::Journal& journal) {
  auto room = load_snapshot(journal);
  if (!room) return room.error();
  const Globals globals;
  Wish wish;
  wish.is_silent = true;
  const LogIndex from = next(room->applied());
  Replay replay(globals, wish, std::move(*room));
  if (auto applied = apply_all(replay, journal, from, journal.last_index()); !applied) {
    return applied.error();
  }
  return replay.result();
}

void add_replay(CLI::App& journal_verb, Globals& globals, int& code) {
  auto* verb = journal_verb.add_subcommand(
      "replay",
      "build the room again from snapshot and log, check its invariants after each entry and its "
      "digest at each Checkpoint; exit 1 and the index where one differs, 65 at damage. JSON: ok, "
      "site, entries, index, digest, archived, exams (by state), checkpoints, differing, and with "
      "--kpi: kpi");
  auto wish = std::make_shared<Wish>();
  verb->fallthrough()
      ->add_option("DIR", wish->dir, "data folder, or the centre's folder")
      ->required();
  verb->add_option("--to", wish->to, "last index to apply");
  verb->add_option("--exam", wish->exam,
                   "prints what happened to it: index, federation time (ms), event, state");
  verb->add_flag("--kpi", wish->with_figures,
                 "the figures of the guard, counted from these entries: clocks by class, offers, "
                 "interruptions, where from and where read, by agreement, centre and establishment "
                 "(ops/docs/measures.md); what the snapshot holds already is not counted");
  verb->callback([&, wish] { code = replay(globals, *wish); });
}

}  // namespace vigie::cli
