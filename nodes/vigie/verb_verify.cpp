// vigie journal verify DIR: is everything in a node's data folder what was written there? Nothing
// is changed. Each part is checked for itself, so that damage of one does not hide that of another.
#include <algorithm>
#include <iostream>

#include "nodes/vigie/cli.hpp"
#include "nodes/vigie/journal_folder.hpp"

namespace vigie::cli {
namespace {

using Part = storage::ScrubPlace::Part;

struct Item {
  std::string name;
  std::string of;  ///< what was checked, in words
  std::uint64_t checked = 0;
  std::vector<std::string> wrong;
  bool is_skipped = false;
};

class Verification {
 public:
  explicit Verification(const storage::Journal& journal) : journal_(journal) {}

  void run() {
    read_part(Part::log, "log", "entries: sums, hash chain, order");
    read_part(Part::snapshot, "snapshot", "chunks: sums");
    read_part(Part::node, "node", "records: sums");
    const bool has_room = is_sound();
    read_part(Part::archive, "archive", "exams: sums, found by exam");
    const bool has_archive = is_sound();
    build_room(has_room, has_archive);
    Item& store = items_.emplace_back(
        Item{"store", "pass over everything, by the store's own sums", 1, {}, !is_sound()});
    if (store.is_skipped) return;
    if (const auto fine = journal_.verify(); !fine) store.wrong.push_back(fine.error().what);
  }
  bool is_sound() const {
    return std::ranges::all_of(items_, [](const Item& i) { return i.wrong.empty(); });
  }
  const std::vector<Item>& items() const { return items_; }
  std::uint64_t archived() const { return end_.count; }
  /// Digests of the log that were compared with the room's, and those that differ: `replay` says
  /// more.
  std::uint64_t compared() const { return compared_; }
  std::uint64_t differing() const { return differing_; }

 private:
  /// What the node's own scrub reads, all at once.
  void read_part(Part part, const char* name, const char* of) {
    Item& item = items_.emplace_back(Item{name, of, 0, {}, false});
    storage::ScrubPlace place;
    place.part = part;
    constexpr std::size_t slice = 4 * 1024 * 1024;
    while (place.part == part) {
      const auto damage = journal_.scrub(place, slice);
      item.checked = place.records;
      if (!damage) return item.wrong.push_back(damage.error().what);
      if (*damage) item.wrong.push_back(text_of(**damage));
    }
  }
  static std::string text_of(const storage::ArchiveDamage& damage) {
    if (!damage.index) return "archive: " + damage.what;
    return "archive record " + std::to_string(damage.index.value) + " of exam " +
           std::to_string(damage.exam.value) + ": " + damage.what;
  }

  void build_room(bool has_room, bool has_archive) {
    const std::size_t room = items_.size();
    items_.push_back({"room", "entries applied: the room's invariants", 0, {}, !has_room});
    items_.push_back(
        {"archive_end", "exams: the rolling hash of snapshot and log", 0, {}, !has_archive});
    if (!has_room) return;
    const auto replayed = replay_silently(journal_);
    if (!replayed) {
      items_[room].wrong.push_back(replayed.error().what);
      items_[room + 1].is_skipped = true;
      return;
    }
    items_[room].checked = replayed->entries;
    items_[room].wrong = replayed->violations;
    differing_ = replayed->differing;
    compared_ = replayed->compared;
    if (has_archive) compare_archive(*replayed, items_[room + 1]);
  }

  /// Records may come a second after their exams closed, and before a snapshot that waits for them:
  /// up to the log's end, they end where the room's archive did at some entry.
  void compare_archive(const Replayed& replayed, Item& item) {
    const auto scanned = journal_.scan_archive({}, [&](const storage::ArchiveRecord& r) {
      if (r.index <= journal_.last_index()) end_.add(r.index, r.exam, r.bytes);
      return true;
    });
    if (!scanned) return item.wrong.push_back(scanned.error().what);
    item.checked = end_.count;
    if (std::ranges::find(replayed.ends, end_) != replayed.ends.end()) return;
    item.wrong.push_back("archive: " + std::to_string(end_.count) +
                         " exams are not those that snapshot and log say were closed (" +
                         std::to_string(replayed.ends.front().count) + " to " +
                         std::to_string(replayed.ends.back().count) + ")");
  }

  const storage::Journal& journal_;
  std::vector<Item> items_;
  room::ArchiveEnd end_;
  std::uint64_t compared_ = 0, differing_ = 0;
};

Json json_of(const std::vector<Item>& items) {
  Json rows = Json::array();
  for (const Item& item : items) {
    Json row = {{"item", item.name}, {"of", item.of}, {"checked", item.checked}};
    row["ok"] = item.is_skipped ? Json() : Json(item.wrong.empty());
    if (!item.wrong.empty()) row["wrong"] = item.wrong;
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string text_of(const std::vector<Item>& items) {
  std::string text;
  for (const Item& item : items) {
    text += "\n  " + item.name + ": ";
    text += item.is_skipped ? "not checked, for what is wrong above"
                            : std::to_string(item.checked) + " " + item.of;
    if (!item.wrong.empty()) text += ": DAMAGED";
    for (const std::string& wrong : item.wrong) text += "\n    " + wrong;
  }
  return text;
}

int verify(const Globals& globals, const std::string& dir) {
  const auto journal = open_journal_folder(dir);
  if (!journal) return damaged(globals, journal.error());
  const storage::Recovered& found = (*journal)->recovered();
  Verification all(**journal);
  all.run();
  const auto chain = (*journal)->chain(found.last_index);
  const std::uint64_t snapshot = found.snapshot ? found.snapshot->index.value : 0;
  Json json = {{"ok", all.is_sound()},
               {"federation", found.identity.federation},
               {"site", found.identity.site},
               {"instance", to_hex(found.identity.instance)},
               {"boot", found.identity.boot.value},
               {"first_index", found.first_index.value},
               {"last_index", found.last_index.value},
               {"snapshot_index", snapshot},
               {"archived", all.archived()},
               {"term", found.hard.term.value},
               {"chain", chain ? to_hex(*chain) : ""},
               {"checkpoints", all.compared()},
               {"differing", all.differing()},
               {"items", json_of(all.items())}};
  for (const Item& item : all.items()) {
    if (item.wrong.empty() || json.contains("what")) continue;
    json["code"] = errc_name(Errc::corrupt);
    json["what"] = item.wrong.front();
  }
  tell(globals, json,
       found.identity.site + (all.is_sound() ? ": sound" : ": DAMAGED") + "; entries " +
           std::to_string(found.first_index.value) + " to " +
           std::to_string(found.last_index.value) + ", snapshot at " + std::to_string(snapshot) +
           ", " + std::to_string(all.archived()) + " exams archived" + text_of(all.items()));
  if (all.is_sound()) return Exit::ok;
  return complain({Errc::corrupt, json["what"].get<std::string>()});
}

}  // namespace

void add_verify(CLI::App& journal_verb, Globals& globals, int& code) {
  auto* verb = journal_verb.add_subcommand(
      "verify",
      "read everything and check it part by part: log (sums, hash chain, order), snapshot, node's "
      "records, archive (each record, and the rolling hash that snapshot and log give), the room's "
      "invariants after all entries, and the store's own sums; exit 65 and every damaged record by "
      "name. JSON: ok, federation, site, instance, boot, first_index, last_index, snapshot_index, "
      "archived, term, chain, checkpoints, differing, items (item, of, checked, ok or null when "
      "not checked, wrong), and of damage code, what");
  auto dir = std::make_shared<std::string>();
  verb->fallthrough()->add_option("DIR", *dir, "data folder, or the centre's folder")->required();
  verb->callback([&, dir] { code = verify(globals, *dir); });
}

}  // namespace vigie::cli
