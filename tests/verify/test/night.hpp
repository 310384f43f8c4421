// A small night of evidence, made without any node: three equal journals, two readers' histories, a
// hospital's history and its report. Tests change one thing and want the checker to see it.
#pragma once

#include <sodium.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "messages/codec/proposal_codec.hpp"
#include "messages/types/entry.hpp"
#include "messages/types/exam_number.hpp"
#include "tests/verify/content.hpp"
#include "tests/verify/dump_format.hpp"
#include "tests/verify/dump_reader.hpp"
#include "tests/verify/evidence.hpp"

namespace vigie::verify {

using nlohmann::json;

inline std::string little_bytes(std::uint64_t value, int bytes = 8) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
  return out;
}
inline std::string hex16(std::uint64_t value) { return to_hex({0, value}).substr(16); }

/// One centre's journal, as it will be dumped.
struct Centre {
  std::string site;
  std::vector<LogEntry> log;
  std::map<std::string, std::string> values;
  std::uint64_t snapshot_index = 0;
  std::string snapshot = "room";
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::string> archive;
  std::vector<json> records{};  ///< of exams; with a snapshot only
  std::size_t recipients = 1;   ///< of the one establishment, by the snapshot's directory

  std::string dump() const {
    std::string frames;
    std::uint64_t count = 0;
    const auto frame = [&](char tag, const std::string& body) {
      frames += tag + little_bytes(body.size(), 4) + body;
      ++count;
    };
    const LogIndex first = log.empty() ? LogIndex{1} : log.front().index;
    Bits128 chain, at_snapshot;
    for (const LogEntry& e : log) {
      const auto head =
          little_bytes(e.index.value) + little_bytes(e.term.value) + static_cast<char>(e.kind);
      chain = chain_after(chain, head, e.payload.bytes());
      if (e.index.value == snapshot_index) at_snapshot = chain;
    }
    frame('i', json{{"site", site},
                    {"first", first.value},
                    {"last", log.back().index.value},
                    {"last_term", log.back().term.value},
                    {"before", to_hex(Bits128{})},
                    {"chain", to_hex(chain)}}
                   .dump());
    for (const LogEntry& e : log) {
      frame('e', little_bytes(e.index.value) + little_bytes(e.term.value) +
                     static_cast<char>(e.kind) + e.payload.bytes());
    }
    for (const auto& [name, value] : values) frame('v', name + '\0' + value);
    if (snapshot_index != 0) {
      frame('s', json{{"index", snapshot_index},
                      {"term", 1},
                      {"chain", to_hex(at_snapshot)},
                      {"bytes", snapshot.size()}}
                     .dump());
      frame('c', snapshot);
      frame('d', json{{"version", 1}, {"establishments", {{70, recipients}}}}.dump());
      for (const json& record : records) frame('x', record.dump());
    }
    for (const auto& [place, bytes] : archive) {
      frame('a', little_bytes(place.first) + little_bytes(place.second) + bytes);
    }
    return std::string{dump_magic} + frames + 'z' + little_bytes(8, 4) + little_bytes(count);
  }
};

class Night {
 public:
  static constexpr std::uint64_t ana = 0xa1, bob = 0xb0, hospital = 0xc0;  // sessions
  static constexpr std::uint64_t report = 0x77;
  static inline const std::string text = "TDM du crâne.\nPas d'hémorragie | RAS.";
  static inline const ExamId exam = make_exam_id({3}, 1);
  static inline const ExamId other = make_exam_id({3}, 2);
  static inline const ExamId child = make_exam_id({3}, 3);
  static inline const Bits128 digest{0x1234, 0x5678};

  std::vector<Centre> centres;
  std::map<std::string, std::vector<json>> histories;
  std::map<std::string, std::string> tails;  ///< of histories: what was being written
  std::map<std::string, std::string> reports;
  std::map<std::string, std::function<std::string(std::string)>> touched;  ///< dumps, as bytes

  Night() {
    std::vector<LogEntry> log;
    const auto put = [&](std::uint64_t session, std::uint64_t request, Command command) {
      log.push_back(entry(log.size() + 1, session, request, std::move(command)));
    };
    log.push_back({{1}, {1}, EntryKind::noop, {}});
    put(0, 0, ApplyDirectory{directory()});                                 // 2
    put(hospital, 0, attach(hospital, 9, Role::requester));                 // 3
    put(ana, 0, attach(ana, 101, Role::reader));                            // 4
    put(bob, 0, attach(bob, 102, Role::reader));                            // 5
    put(hospital, 1, submit("ORD-1", "M1"));                                // 6
    put(hospital, 2, submit("ORD-2", "M2"));                                // 7
    put(ana, 1, SetReader{ReaderMode::free, AcceptMode::manual});           // 8
    put(ana, 2, AcceptOffer{exam, {0, 8}});                                 // 9
    put(ana, 3, Preliminary{exam, {0, 8}, {report}, "hémorragie : non"});   // 10
    put(ana, 4, Sign{exam, {0, 8}, {report}, text});                        // 11
    put(0, 0, DeliveryResult{exam, {1}, 0, DeliveryOutcome::acked, "AA"});  // 12
    put(0, 0, Checkpoint{{12}, digest});                                    // 13
    for (const char* site : {"lyon", "bordeaux", "marseille"}) {
      Centre centre;
      centre.site = site;
      centre.log = log;
      centre.values = {{"checkpoint", "12 " + to_hex(digest)}};
      centres.push_back(std::move(centre));
    }
    tell();
    reports["0001.hl7"] = hl7("F", "ID-1", text);
    reports["0002.hl7"] = hl7("P", "ID-0", "hémorragie : non");
  }

  static LogEntry entry(std::uint64_t index, std::uint64_t session, std::uint64_t request,
                        Command command) {
    Proposal p;
    p.key = {1};
    p.door = {3};
    p.session = {session};
    p.incarnation = {session != 0 ? 1u : 0u};
    p.request = {request};
    p.command = std::move(command);
    return {{index},
            {1},
            EntryKind::command,
            Payload{codec::make_entry_payload(stamp(index), codec::encode_proposal(p))}};
  }
  static FedTime stamp(std::uint64_t index) {
    return {1'000'000 + static_cast<std::int64_t>(index) * 100};
  }
  static Attach attach(std::uint64_t session, std::uint32_t person, Role role) {
    Attach a;
    a.session = {session};
    a.incarnation = {1};
    a.person = {person};
    a.role = role;
    a.site = {3};
    return a;
  }
  static Submit submit(const std::string& number, const std::string& message) {
    Request r;
    r.key = {{7}, "AUTH", number};
    r.establishment = {70};
    r.modality = Modality::ct;
    r.protocol = "CT v1";  // it arrives already made
    r.images_complete = true;
    return {{r}, message};
  }
  static Directory directory() {
    Directory d;
    d.version = 1;
    d.federation = "test";
    d.sites = {{{3}, "marseille", "MRS", {}, 4, "04", {}, true, {}, {}, 0, 0}};
    Establishment e;
    e.id = {70};
    e.name = "CH";
    e.legal_entity = {7};
    e.recipients = {"ch"};
    d.establishments = {e};
    d.entities = {{{7}, "CH", {}}};
    d.groups = {{{1}, "tous", {{3}}, {}}};
    Agreement all;
    all.name = "tous";
    all.modalities.add(Modality::ct);
    all.group = {1};
    all.regulation = Regulation::none;
    all.requester = all.provider = {"signed", {}, {}};
    d.agreements = {all};
    for (const auto& [id, role] :
         {std::pair{9u, Role::requester}, {101u, Role::reader}, {102u, Role::reader}}) {
      Person p;
      p.id = {id};
      p.rpps = "1";
      p.roles.add(role);
      p.privileges = {{Set<Modality>::of(Modality::ct)}};
      d.people.push_back(p);
    }
    return d;
  }

  std::string hl7(const std::string& status, const std::string& id, const std::string& words,
                  const std::string& order = "ORD-1") const {
    std::string escaped;
    for (const char c : words) {
      if (c == '|') {
        escaped += "\\F\\";
      } else if (c == '\n') {
        escaped += "\\.br\\";
      } else {
        escaped += c;
      }
    }
    const std::string number = exam_number(directory(), exam);
    return "MSH|^~\\&|VIGIE|MRS|CH|CH|20260101||ORU^R01^ORU_R01|" + id +
           "|P|2.5.1|||||FRA|UNICODE UTF-8\rPID|1\rORC|RE|" + order + "^AUTH|" + number +
           "\rOBR|1|" + order + "|" + number + "||||||||||||||||||||||" + status +
           "\rOBX|1|FT|18748-4^CR^LN||" + escaped + "||||||" + status + "\r";
  }

  json& line(const std::string& file, std::size_t number) { return histories[file][number - 1]; }
  /// The lines of a file with this op; tests change the first or the n-th.
  json& find(const std::string& file, const std::string& op, const std::string& command,
             int nth = 1) {
    for (json& one : histories[file]) {
      const bool is = one["op"] == op &&
                      (one.value("command", "") == command || one.value("kind", "") == command);
      if (is && --nth == 0) return one;
    }
    throw std::runtime_error("no such line");
  }
  void append(const std::string& file, json one) {
    one["t"] = histories[file].back()["t"].get<std::int64_t>() + 1;
    histories[file].push_back(std::move(one));
  }
  void push_entry(const LogEntry& e) {
    for (Centre& c : centres) c.log.push_back(e);
  }

  /// Every log up to index 11 is given up: a snapshot has both exams.
  void compact() {
    for (Centre& c : centres) {
      c.log.erase(c.log.begin(), c.log.begin() + 11);
      c.snapshot_index = 11;
      c.records = {record(exam, "ORD-1", {6, 8, 9, 10, 11}), record(other, "ORD-2", {7})};
      c.records[0]["reports"] = {
          {{"id", report}, {"kind", 2}, {"version", 1}, {"index", 11}, {"text", text}}};
    }
  }
  static json record(ExamId id, const std::string& number, std::vector<std::uint64_t> timeline) {
    return {{"exam", id.value},
            {"order", {7, "AUTH", number}},
            {"establishment", 70},
            {"state", 1},
            {"closed", 0},
            {"timeline", std::move(timeline)},
            {"reports", json::array()},
            {"acked", json::array()}};
  }

  /// At `index` Ana revises her report of the exam.
  void revise(std::uint64_t index, std::uint64_t request, std::uint64_t id, ReportKind kind,
              const std::string& words) {
    push_entry(entry(index, ana, request, ReviseReport{exam, {id}, kind, words}));
    const auto t = static_cast<std::int64_t>(2000 + 10 * index);
    ask("ana", ana, t, request, "revise_report", index,
        {{"exam", exam.value}, {"report", hex16(id)}, {"text", hex16(fnv(words))}},
        {{"exam", exam.value}, {"epoch", {0, 8}}});
  }
  /// At 14 Ana asks for a reading once more, at 15 Bob signs it.
  void read_once_more(const std::string& words) {
    AskRead ask_read;
    ask_read.exam = exam;
    ask_read.purpose = Purpose::second_opinion;
    ask_read.question = "?";
    push_entry(entry(14, ana, 5, ask_read));
    ask("ana", ana, 1014, 5, "ask_read", 14, {{"exam", exam.value}}, {{"exam", child.value}});
    push_entry(entry(15, bob, 1, Sign{child, {0, 14}, {0x90}, words}));
    const json mine = {{"exam", child.value}, {"epoch", {0, 14}}};
    json said = mine;
    said.update({{"report", hex16(0x90)}, {"text", hex16(fnv(words))}});
    ask("bob", bob, 1015, 1, "sign", 15, said, mine);
  }

  /// Writes the folder and checks it.
  Verdict check() const {
    namespace fs = std::filesystem;
    char pattern[] = "/tmp/vigie-night.XXXXXX";
    const fs::path dir = ::mkdtemp(pattern);
    for (const char* part : {"histories", "dumps"}) fs::create_directories(dir / part);
    for (const auto& [name, lines] : histories) {
      std::ofstream out(dir / "histories" / name);
      for (const json& one : lines)
        out << (one.is_string() ? one.get<std::string>() : one.dump()) << "\n";
      if (tails.contains(name)) out << tails.at(name);
    }
    if (!reports.empty()) fs::create_directories(dir / "reports");
    for (const auto& [name, bytes] : reports) std::ofstream(dir / "reports" / name) << bytes;
    int number = 0;
    for (const Centre& c : centres) {
      const auto touch = touched.find(c.site);
      std::ofstream(dir / "dumps" / (std::to_string(++number) + ".dump"))
          << (touch == touched.end() ? c.dump() : touch->second(c.dump()));
    }
    const Verdict verdict = verify({dir.string(), (dir / "dumps").string(), {}});
    fs::remove_all(dir);
    return verdict;
  }

  /// A query of `asked` and its reply; nothing is shown, linearizable, unless said otherwise.
  void look(const std::string& client, std::int64_t t, std::uint64_t as_of, const json& asked = {},
            const json& told = {}) {
    json query = base(client, "query", t);
    query.update({{"query", ++looks_}, {"kind", "exams"}, {"seen", 0}, {"linearizable", true}});
    if (!asked.is_null()) query.update(asked);
    if (query["linearizable"] == false) query.erase("linearizable");
    json reply = base(client, "reply", t + 5);
    reply.update({{"query", looks_}, {"code", "ok"}, {"as_of", as_of}});
    if (!told.is_null()) reply.update(told);
    histories[client + ".jsonl"].push_back(query);
    histories[client + ".jsonl"].push_back(reply);
  }

 private:
  std::uint64_t looks_ = 0;

  json base(const std::string& client, const std::string& op, std::int64_t t) const {
    return {{"t", t}, {"client", client}, {"op", op}};
  }

  void ask(const std::string& client, std::uint64_t session, std::int64_t t, std::uint64_t request,
           const std::string& command, std::uint64_t index, const json& more, const json& result) {
    json invoke = base(client, "invoke", t);
    invoke.update({{"session", hex16(session)},
                   {"incarnation", 1},
                   {"request", request},
                   {"command", command}});
    invoke.update(more);
    json answer = base(client, "answer", t + 5);
    answer.update({{"session", hex16(session)},
                   {"incarnation", 1},
                   {"request", request},
                   {"command", command},
                   {"code", "ok"},
                   {"index", index}});
    answer.update(result);
    histories[client + ".jsonl"].push_back(invoke);
    histories[client + ".jsonl"].push_back(answer);
  }

  void event(const std::string& client, std::uint64_t session, std::int64_t t,
             const std::string& kind, std::uint64_t index, const std::string& state,
             std::uint64_t epoch, std::uint64_t whose) {
    json e = base(client, "event", t);
    e.update({{"session", hex16(session)},
              {"kind", kind},
              {"index", index},
              {"at", stamp(index).value},
              {"exam", exam.value},
              {"state", state}});
    if (epoch != 0) e["epoch"] = {0, epoch};
    if (whose != 0) e["whose"] = hex16(whose);
    histories[client + ".jsonl"].push_back(e);
  }

  void enter(const std::string& client, std::uint64_t session, std::uint32_t person,
             const std::string& role, std::uint64_t index, std::int64_t t) {
    json hello = base(client, "connected", t);
    hello.update({{"site", "marseille"}, {"boot", 1}});
    histories[client + ".jsonl"].push_back(hello);
    ask(client, session, t, 0, "attach", index, {{"person", person}, {"role", role}, {"site", 3}},
        {{"attached", hex16(session)}, {"as", 1}, {"next", 1}});
    json lease = base(client, "lease", t + 10);
    lease.update(
        {{"session", hex16(session)}, {"incarnation", 1}, {"code", "ok"}, {"until", t + 50'000}});
    histories[client + ".jsonl"].push_back(lease);
  }

  void tell() {
    enter("ch", hospital, 9, "requester", 3, 100);
    ask("ch", hospital, 200, 1, "submit", 6,
        {{"message", "M1"}, {"orders", {{7, "AUTH", "ORD-1"}}}}, {{"exam", exam.value}});
    ask("ch", hospital, 210, 2, "submit", 7,
        {{"message", "M2"}, {"orders", {{7, "AUTH", "ORD-2"}}}}, {{"exam", other.value}});
    enter("ana", ana, 101, "reader", 4, 120);
    ask("ana", ana, 300, 1, "set_reader", 8, json::object(), json::object());
    event("ana", ana, 310, "ReadOffered", 8, "OFFERED", 8, ana);
    const json mine = {{"exam", exam.value}, {"epoch", {0, 8}}};
    ask("ana", ana, 320, 2, "accept_offer", 9, mine, mine);
    event("ana", ana, 330, "ReadAccepted", 9, "READING", 8, ana);
    json early = mine;
    early.update({{"report", hex16(report)}, {"text", hex16(fnv("hémorragie : non"))}});
    ask("ana", ana, 400, 3, "preliminary", 10, early, mine);
    json final_text = mine;
    final_text.update({{"report", hex16(report)}, {"text", hex16(fnv(text))}});
    ask("ana", ana, 1000, 4, "sign", 11, final_text, mine);
    event("ana", ana, 1010, "ReportValidated", 11, "VALIDATED", 8, ana);
    enter("bob", bob, 102, "reader", 5, 130);
    event("bob", bob, 310, "ReadOffered", 8, "OFFERED", 8, ana);
    event("bob", bob, 1011, "ReportValidated", 11, "VALIDATED", 8, ana);
  }
};

}  // namespace vigie::verify
