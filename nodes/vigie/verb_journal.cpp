// vigie journal dump DIR, and what its sisters verify and replay share: offline reading of a node's
// data folder. Nothing is changed.
#include <filesystem>
#include <iostream>

#include "messages/codec/proposal_codec.hpp"
#include "nodes/link/curve.hpp"
#include "nodes/vigie/cli.hpp"
#include "nodes/vigie/journal_folder.hpp"
#include "storage/journal/record.hpp"
#include "storage/rocks/rocks_journal.hpp"

namespace vigie::cli {
namespace fs = std::filesystem;

Result<std::unique_ptr<storage::Journal>> open_journal_folder(const std::string& dir) {
  fs::path folder = dir;
  if (fs::is_directory(folder / "data")) folder /= "data";
  if (!fs::is_directory(folder)) return Error{Errc::not_found, dir + ": no such folder"};
  return storage::open_rocks(folder.string(), storage::OpenMode::read, {});
}

int damaged(const Globals& globals, const Error& error) {
  if (globals.json) {
    tell(globals, {{"ok", false}, {"code", errc_name(error.code)}, {"what", error.what}}, {});
  }
  return complain(error);
}

namespace {

constexpr std::size_t bytes_per_read = 4 * 1024 * 1024;

Json epoch_of(const Epoch& epoch) { return {{"origin", epoch.origin}, {"index", epoch.index}}; }

Json order_of(const OrderKey& key) { return {key.legal_entity.value, key.authority, key.number}; }

std::string hex(std::uint64_t value) { return to_hex(Bits128{0, value}).substr(16); }

/// What of a command names things: the keys of a history's line, and no text.
struct KeyFields {
  Json& row;

  template <class C>
  void operator()(const C& c) const {
    if constexpr (requires { c.exam.value; }) row["exam"] = c.exam.value;
    if constexpr (requires { c.exam.key; }) {
      if (c.exam.id) {
        row["exam"] = c.exam.id.value;
      } else {
        row["order"] = order_of(c.exam.key);
      }
    }
    if constexpr (requires { c.epoch.index; }) row["epoch"] = epoch_of(c.epoch);
    if constexpr (requires { c.report.value; }) row["report"] = hex(c.report.value);
    if constexpr (
        requires { c.report.value; } && requires { c.text; }) {
      row["text"] = hex(client::text_hash(c.text));
    }
    if constexpr (requires { c.urgency; }) row["urgency"] = name_of(c.urgency);
    if constexpr (requires { c.site.value; }) row["site"] = c.site.value;
    if constexpr (requires { c.version.value; }) row["version"] = c.version.value;
    if constexpr (requires { c.recipient; }) row["recipient"] = c.recipient;
    if constexpr (requires { c.session.value; }) row["of"] = hex(c.session.value);
    if constexpr (requires { c.reachable; }) row["reachable"] = c.reachable;
    if constexpr (requires { c.digest; }) row["digest"] = to_hex(c.digest);
  }
  void operator()(const DeliveryResult& c) const {
    row["exam"] = c.exam.value;
    row["version"] = c.version.value;
    row["recipient"] = c.recipient;
    row["acked"] = c.outcome == DeliveryOutcome::acked;
  }
  void operator()(const Checkpoint& c) const {
    row["of_index"] = c.index.value;
    row["digest"] = to_hex(c.digest);
  }
  void operator()(const Submit& c) const {
    row["message"] = c.message_id;
    row["orders"] = Json::array();
    for (const Request& r : c.requests) row["orders"].push_back(order_of(r.key));
  }
  void operator()(const ApplyDirectory& c) const { row["version"] = c.directory.version; }
  void operator()(const ChangeSite& c) const { row["name"] = c.site.name; }
};

Json row_of(const LogEntry& entry, const Bits128& chain) {
  static constexpr const char* kinds[] = {"noop", "command", "configuration"};
  Json row = {{"index", entry.index.value},
              {"term", entry.term.value},
              {"kind", kinds[static_cast<std::size_t>(entry.kind) % 3]},
              {"chain", to_hex(chain)}};
  if (entry.kind != EntryKind::command) return row;
  const auto payload = codec::split_entry_payload(entry.payload.bytes());
  const auto proposal =
      payload ? codec::decode_proposal(payload->proposal) : Result<Proposal>(payload.error());
  if (!proposal) return row["undecodable"] = proposal.error().what, row;
  row["at"] = payload->at.value;
  row["command"] = name_of(proposal->command);
  row["key"] = proposal->key.value;
  row["door"] = proposal->door.value;
  if (proposal->session) {
    row["session"] = hex(proposal->session.value);
    row["incarnation"] = proposal->incarnation.value;
    row["request"] = proposal->request.value;
  }
  std::visit(KeyFields{row}, proposal->command);
  return row;
}

int dump(const std::string& dir, bool raw, std::uint64_t from) {
  const auto journal = open_journal_folder(dir);
  if (!journal) return complain(journal.error());
  const LogIndex last = (*journal)->last_index();
  LogIndex index = std::max((*journal)->first_index(), LogIndex{from});
  Bits128 chain{};
  if (index <= last) {
    auto before = (*journal)->chain(previous(index));
    const auto snapshot = (*journal)->snapshot();
    if (!before && snapshot && index <= snapshot->index) {
      // Compaction keeps some entries before the snapshot, but not the chain before the first.
      index = next(snapshot->index);
      before = (*journal)->chain(snapshot->index);
    }
    if (!before) return complain(before.error());
    chain = *before;
  }
  while (index <= last) {
    const auto entries = (*journal)->read(index, last, bytes_per_read);
    if (!entries) return complain(entries.error());
    std::string out;
    for (const LogEntry& entry : *entries) {
      chain = storage::chain_step(chain, entry);
      if (raw) {
        storage::append_record(out, entry, chain);
      } else {
        out += row_of(entry, chain).dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
      }
      index = next(entry.index);
    }
    if (!std::cout.write(out.data(), static_cast<std::streamsize>(out.size()))) {
      return complain({Errc::io_error, "standard output: cannot write"});
    }
  }
  std::cout.flush();
  return Exit::ok;
}

}  // namespace

void add_journal(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand("journal", "read a node's data folder, offline; changes nothing");
  verb->require_subcommand(1)->fallthrough();
  auto dir = std::make_shared<std::string>();
  add_verify(*verb, globals, code);
  auto* print = verb->add_subcommand(
      "dump",
      "print the log, one JSON object a line: index, term, kind, chain, and of commands: at "
      "(federation ms), command, key, door, session, incarnation, request, and what it names "
      "(exam, order, orders, epoch, report, text: hash as in histories)");
  auto raw = std::make_shared<bool>(false);
  auto from = std::make_shared<std::uint64_t>(0);
  print->fallthrough()->add_option("DIR", *dir, "data folder, or the centre's folder")->required();
  print->add_flag("--raw", *raw, "the records as they lie in the log (format-journal.md)");
  print->add_option("--from", *from, "first index");
  print->callback([&, dir, raw, from] { code = dump(*dir, *raw, *from); });
  add_replay(*verb, globals, code);
}

}  // namespace vigie::cli
