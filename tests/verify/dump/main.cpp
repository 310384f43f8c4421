// vigie-journal-dump DIR: a node's journal, opened read-only and checked, to standard output in the
// form of tests/verify/dump_format.hpp. The only part of the checker that knows the store, and how
// the room writes its records down; it only reads them, and decides nothing.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <string>

#include <nlohmann/json.hpp>

#include "actors/core/room/room.hpp"
#include "storage/rocks/rocks_journal.hpp"
#include "tests/verify/dump_format.hpp"

namespace {

using namespace vigie;
using nlohmann::json;

class Dumper {
 public:
  explicit Dumper(const storage::Journal& journal) : journal_(journal) {}

  Result<void> run() {
    std::cout << verify::dump_magic;
    if (const auto done = identity(); !done) return done;
    if (const auto done = entries(); !done) return done;
    if (const auto done = values(); !done) return done;
    if (const auto done = snapshot(); !done) return done;
    if (const auto done = archive(); !done) return done;
    frame('z', number(frames_));
    std::cout.flush();
    if (!std::cout) return Error{Errc::io_error, "standard output: cannot write"};
    return {};
  }

 private:
  static std::string number(std::uint64_t value, int bytes = 8) {
    std::string out;
    for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
    return out;
  }

  void frame(char tag, const std::string& body) {
    std::cout << tag << number(body.size(), 4) << body;
    ++frames_;
  }

  /// The first entry whose predecessor's chain is known. Compaction keeps some entries before the
  /// snapshot, but not always the chain before the first of them: then it is the second.
  LogIndex first_dumped() const {
    const LogIndex first = journal_.first_index();
    return journal_.chain(previous(first)) || !journal_.chain(first) ? first : next(first);
  }

  Result<void> identity() {
    const storage::Identity& who = journal_.recovered().identity;
    const LogIndex first = first_dumped(), last = journal_.last_index();
    const auto before = journal_.chain(previous(first));
    if (!before) return before.error();
    const auto chain = journal_.chain(last);
    if (!chain) return chain.error();
    Term last_term = journal_.snapshot() ? journal_.snapshot()->term : Term{};
    if (first <= last) {
      const auto entry = journal_.read(last, last, 1);
      if (!entry) return entry.error();
      last_term = entry->back().term;
    }
    frame('i', json{{"site", who.site},
                    {"federation", who.federation},
                    {"instance", to_hex(who.instance)},
                    {"first", first.value},
                    {"last", last.value},
                    {"last_term", last_term.value},
                    {"before", to_hex(*before)},
                    {"chain", to_hex(*chain)}}
                   .dump());
    return {};
  }

  Result<void> entries() {
    constexpr std::size_t bytes_per_read = 4 * 1024 * 1024;
    LogIndex from = first_dumped();
    while (from <= journal_.last_index()) {
      const auto read = journal_.read(from, journal_.last_index(), bytes_per_read);
      if (!read) return read.error();
      for (const LogEntry& e : *read) {
        frame('e', number(e.index.value) + number(e.term.value) + static_cast<char>(e.kind) +
                       e.payload.bytes());
      }
      from = next(read->back().index);
    }
    return {};
  }

  Result<void> values() {
    for (const std::string_view name : verify::dumped_values) {
      const auto value = journal_.value(std::string{name});
      if (!value) return value.error();
      if (*value) frame('v', std::string{name} + '\0' + **value);
    }
    return {};
  }

  Result<void> snapshot() {
    const auto meta = journal_.snapshot();
    if (!meta) return {};
    frame('s', json{{"index", meta->index.value},
                    {"term", meta->term.value},
                    {"chain", to_hex(meta->chain)},
                    {"bytes", meta->bytes}}
                   .dump());
    for (std::uint32_t chunk = 0;; ++chunk) {
      const auto bytes = journal_.read_snapshot_chunk(chunk);
      if (!bytes) return bytes.error();
      if (bytes->empty()) break;
      frame('c', *bytes);
      if (const auto fed = loader_.feed(*bytes); !fed) return fed;
    }
    const auto room = loader_.finish();
    if (!room) return room.error();
    room_end_ = {room->applied(), room->archive_end()};
    json establishments = json::array();
    for (const Establishment& e : room->directory().establishments) {
      establishments.push_back({e.id.value, e.recipients.size()});
    }
    frame('d',
          json{{"version", room->directory().version}, {"establishments", establishments}}.dump());
    for (const auto& [id, slot] : room->state().exams().slots()) exam(slot.record, {});
    return {};
  }

  /// The records, and whether they are all that the snapshot's room says to have archived.
  Result<void> archive() {
    room::ArchiveEnd end;
    Result<void> readable;
    const auto scanned = journal_.scan_archive({}, [&](const storage::ArchiveRecord& r) {
      frame('a', number(r.index.value) + number(r.exam.value) + r.bytes);
      if (r.index <= room_end_.index) end.add(r.index, r.exam, r.bytes);
      Exam record;
      if (!room::from_canonical(r.bytes, record) || record.id != r.exam) {
        readable = Error{Errc::corrupt, "archive of exam " + std::to_string(r.exam.value)};
        return false;
      }
      exam(record, r.index);
      return true;
    });
    if (!scanned) return scanned;
    if (!readable) return readable;
    if (end == room_end_.end) return {};
    return Error{Errc::corrupt, "the archive up to " + std::to_string(room_end_.index.value) +
                                    " (" + std::to_string(end.count) +
                                    " exams) is not what the snapshot says was archived (" +
                                    std::to_string(room_end_.end.count) + ")"};
  }

  void exam(const Exam& e, LogIndex closed) {
    json timeline = json::array(), reports = json::array(), acked = json::array();
    for (const TimelineItem& item : e.timeline) timeline.push_back(item.index.value);
    for (const Report& r : e.reports) {
      reports.push_back({{"id", r.id.value},
                         {"kind", static_cast<int>(r.kind)},
                         {"version", r.version.value},
                         {"index", r.index.value},
                         {"text", r.text}});
    }
    for (const Delivery& d : e.deliveries) {
      if (d.state == DeliveryState::acked) acked.push_back(d.version.value);
    }
    const OrderKey& key = e.request.key;
    frame('x', json{{"exam", e.id.value},
                    {"order", {key.legal_entity.value, key.authority, key.number}},
                    {"establishment", e.request.establishment.value},
                    {"state", static_cast<int>(e.state)},
                    {"closed", closed.value},
                    {"timeline", timeline},
                    {"reports", reports},
                    {"acked", acked}}
                   .dump(-1, ' ', false, json::error_handler_t::replace));
  }

  const storage::Journal& journal_;
  std::uint64_t frames_ = 0;
  room::SnapshotLoader loader_;
  room::SnapshotArchive room_end_;  ///< by the snapshot; index 0: there is none
};

int complain(const Error& error) {
  std::cerr << "vigie-journal-dump: " << errc_name(error.code) << ": " << error.what << "\n";
  return 65;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: vigie-journal-dump DATA_FOLDER >FILE\n";
    return 64;
  }
  std::ios::sync_with_stdio(false);
  const auto journal = storage::open_rocks(argv[1], storage::OpenMode::read, {});
  if (!journal) return complain(journal.error());
  if (const auto sound = (*journal)->verify(); !sound) return complain(sound.error());
  const auto done = Dumper(**journal).run();
  return done ? 0 : complain(done.error());
}
