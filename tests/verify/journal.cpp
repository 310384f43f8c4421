#include "tests/verify/journal.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <tuple>

#include "messages/codec/proposal_codec.hpp"
#include "messages/types/site_change.hpp"
#include "tests/verify/content.hpp"
#include "tests/verify/dump_reader.hpp"

namespace vigie::verify {
namespace {

using nlohmann::json;

constexpr std::size_t entry_head = 17;  // index, term, kind

std::string number(LogIndex i) { return std::to_string(i.value); }

struct About {
  std::string site;
  LogIndex first, last;
  Term last_term;
  Bits128 before, chain;
};

Result<About> about(const std::string& body) {
  const json meta = json::parse(body, nullptr, false);
  try {
    About out;
    out.site = meta.at("site").get<std::string>();
    out.first = {meta.at("first").get<std::uint64_t>()};
    out.last = {meta.at("last").get<std::uint64_t>()};
    out.last_term = {meta.at("last_term").get<std::uint64_t>()};
    const auto before = bits_of(meta.at("before").get<std::string>());
    const auto chain = bits_of(meta.at("chain").get<std::string>());
    if (!before || !chain) return Error{Errc::malformed, "its chain is no chain"};
    out.before = *before;
    out.chain = *chain;
    return out;
  } catch (const json::exception& error) {
    return Error{Errc::malformed, error.what()};
  }
}

/// Reads the first frame only: whose log goes furthest must be read first.
std::tuple<std::uint64_t, std::uint64_t> rank_of(const std::string& path) {
  DumpReader reader{path};
  const auto frame = reader.next();
  if (!frame || !*frame) return {0, 0};
  const auto meta = about((*frame)->body);
  if (!meta) return {0, 0};
  return {meta->last_term.value, meta->last.value};
}

/// "<index> <digest>"
std::optional<std::pair<LogIndex, Bits128>> checkpoint_of(std::string_view text) {
  const std::size_t space = text.find(' ');
  LogIndex index;
  const char* end = text.data() + std::min(space, text.size());
  const auto read = std::from_chars(text.data(), end, index.value);
  if (space == std::string_view::npos || read.ec != std::errc{} || read.ptr != end) return {};
  const auto digest = bits_of(text.substr(space + 1));
  if (!digest) return {};
  return std::pair{index, *digest};
}

}  // namespace

const Entry* Journals::entry(LogIndex i) const {
  if (i < base_ || i.value >= base_.value + entries_.size()) return nullptr;
  const Entry& found = entries_[i.value - base_.value];
  return found.present ? &found : nullptr;
}

const ExamRecord* Journals::record(ExamId exam) const {
  const ExamRecord* best = nullptr;
  for (const Node& node : nodes_) {
    const ExamRecord* found = node.records.find(exam);
    const bool more = found && (!best || found->timeline.size() > best->timeline.size());
    if (more) best = found;
  }
  return best;
}

std::set<ExamId> Journals::recorded() const {
  std::set<ExamId> exams;
  for (const Node& node : nodes_) {
    for (const auto& [id, record] : node.records.exams) exams.insert({id});
  }
  return exams;
}

std::optional<std::size_t> Journals::recipients(EstablishmentId establishment) const {
  if (directory_) {
    const Establishment* e = directory_->establishment(establishment);
    if (e) return e->recipients.size();
  }
  for (const Node& node : nodes_) {
    const auto found = node.records.recipients.find(establishment);
    if (found != node.records.recipients.end()) return found->second;
  }
  return {};
}

/// What the logs have given up, and the records still tell.
void Journals::remember_records() {
  std::set<std::pair<ExamId, ReportVersion>> acked;
  for (const AckedDelivery& d : acked_) acked.emplace(d.exam, d.version);
  for (const ExamId exam : recorded()) {
    const ExamRecord& r = *record(exam);
    orders_.try_emplace(r.order, Order{r.number, r.establishment});
    for (const RecordedReport& report : r.reports) {
      if (entry(report.index)) continue;
      texts_.push_back({report.index, exam, report.id, report.kind == ReportKind::preliminary,
                        report.text, is_version(report.kind), report.kind});
    }
    for (const ReportVersion version : r.acked) {
      if (acked.emplace(exam, version).second) acked_.push_back({r.closed, exam, version});
    }
  }
}

std::optional<FedTime> Journals::at(LogIndex i) const {
  if (base_.value != 1 || i.value == 0 || i.value > stamps_.size()) return {};
  return stamps_[i.value - 1];
}

void Journals::read(const std::vector<std::string>& paths, Verdict& verdict) {
  // The log that would win an election holds all that was ever committed (Raft, leader
  // completeness): where logs differ, what it says is taken.
  std::vector<std::string> ordered = paths;
  std::stable_sort(ordered.begin(), ordered.end(),
                   [](const auto& a, const auto& b) { return rank_of(a) > rank_of(b); });
  for (const std::string& path : ordered) read_one(path, verdict);
  std::stable_sort(nodes_.begin(), nodes_.end(),
                   [](const Node& a, const Node& b) { return a.site < b.site; });
  compare(verdict);
  remember_records();
  FedTime latest;
  for (const Entry& e : entries_) stamps_.push_back(latest = std::max(latest, e.at));
  verdict.entries = entries_.size();
}

void Journals::read_one(const std::string& path, Verdict& verdict) {
  const auto damaged = [&](const std::string& what) {
    verdict.add("journal", path + ": " + what);
    verdict.digests_equal = false;
  };
  DumpReader reader{path};
  const auto opening = reader.next();
  if (!opening) return damaged(opening.error().what);
  const auto meta = *opening && (*opening)->tag == 'i'
                        ? about((*opening)->body)
                        : Result<About>{Error{Errc::malformed, "no head"}};
  if (!meta) return damaged(meta.error().what);
  Node node;
  node.site = meta->site;
  node.first = meta->first;
  node.last = previous(meta->first);
  node.before = meta->before;
  if (entries_.empty()) base_ = meta->first;
  if (meta->first.value == 1 && meta->before != Bits128{}) damaged("does not begin with chain 0");
  std::string snapshot;
  while (true) {
    const auto frame = reader.next();
    if (!frame) return damaged(frame.error().what);
    if (!*frame) break;
    const std::string& body = (*frame)->body;
    switch ((*frame)->tag) {
      case 'e':
        if (body.size() < entry_head || little(body, 0) != node.last.value + 1) {
          return damaged("entries are not consecutive after " + number(node.last));
        }
        if (node.last_term().value > little(body, 8)) {
          damaged("the term goes back at " + number(next(node.last)));
        }
        take_entry(node, body);
        break;
      case 'v':
        if (body.starts_with(std::string{"checkpoint"} + '\0')) {
          node.checkpoint = checkpoint_of(std::string_view{body}.substr(11));
          if (!node.checkpoint) damaged("its checkpoint is no index and digest");
        } else if (body.starts_with(std::string{"commit"} + '\0')) {
          node.commit = LogIndex{std::strtoull(body.c_str() + 7, nullptr, 10)};
        }
        break;
      case 's': {
        const json s = json::parse(body, nullptr, false);
        node.snapshot_index = {s.value("index", std::uint64_t{0})};
        const auto chain = bits_of(s.value("chain", std::string{}));
        if (!chain) return damaged("its snapshot has no chain");
        node.snapshot_chain = *chain;
        break;
      }
      case 'c':
        snapshot += body;
        break;
      case 'a':
        node.archive[{{little(body, 0)}, {little(body, 8)}}] = blake2b(body);
        break;
      case 'd':
      case 'x': {
        const bool exam = (*frame)->tag == 'x';
        const auto taken = exam ? node.records.take_exam(body) : node.records.take_directory(body);
        if (!taken) return damaged(taken.error().what);
        break;
      }
      default:
        return damaged("unknown frame");
    }
  }
  if (node.snapshot_index) node.snapshot_hash = blake2b(snapshot);
  if (node.last != meta->last) return damaged("ends at " + number(node.last));
  const Bits128 reached = node.chains.empty() ? node.before : node.chains.back();
  if (reached != meta->chain) damaged("its hash chain does not check");
  nodes_.push_back(std::move(node));
}

void Journals::take_entry(Node& node, std::string_view body) {
  const LogIndex index{little(body, 0)};
  const Term term{little(body, 8)};
  const std::string_view payload = body.substr(entry_head);
  const Bits128 before = node.chains.empty() ? node.before : node.chains.back();
  node.chains.push_back(chain_after(before, body.substr(0, entry_head), payload));
  node.terms.push_back(term);
  node.last = index;
  if (index < base_) {
    entries_.insert(entries_.begin(), base_.value - index.value, Entry{});
    base_ = index;
  }
  if (index.value >= base_.value + entries_.size()) entries_.resize(index.value - base_.value + 1);
  Entry& entry = entries_[index.value - base_.value];
  if (entry.present) return;
  entry.present = true;
  entry.term = term;
  entry.kind = static_cast<EntryKind>(body[16]);
  if (entry.kind == EntryKind::command) decode(index, entry, payload);
}

void Journals::decode(LogIndex index, Entry& entry, std::string_view payload) {
  const auto split = codec::split_entry_payload(payload);
  if (!split) return;
  entry.at = split->at;
  const auto proposal = codec::decode_proposal(split->proposal);
  if (!proposal) return;
  entry.command = name_of(proposal->command);
  entry.door = proposal->door;
  entry.session = proposal->session;
  entry.incarnation = proposal->incarnation;
  entry.request = proposal->request;
  entry.content = content_of(proposal->command);
  std::visit(
      [&entry](const auto& c) {
        if constexpr (requires { c.exam.value; }) entry.exam = c.exam;
        if constexpr (requires { c.exam.key; }) entry.exam = c.exam.id;
        if constexpr (requires { c.epoch.origin; }) entry.epoch = c.epoch;
        if constexpr (requires { c.report.value; }) entry.report = c.report;
      },
      proposal->command);
  remember(index, proposal->command);
  proposals_.emplace(index, *proposal);
}

void Journals::remember(LogIndex index, const Command& command) {
  const auto order_of = [](const OrderKey& key) {
    return order_hash(key.legal_entity.value, key.authority, key.number);
  };
  if (const auto* submit = std::get_if<Submit>(&command)) {
    for (const Request& r : submit->requests) {
      submits_[index].push_back(order_of(r.key));
      orders_.insert_or_assign(order_of(r.key), Order{r.key.number, r.establishment});
      if (r.modality == Modality::us) freed_orders_.insert(order_of(r.key));
    }
  } else if (const auto* cancel = std::get_if<Cancel>(&command)) {
    if (cancel->exam.id) {
      freed_exams_.insert(cancel->exam.id);
    } else {
      freed_orders_.insert(order_of(cancel->exam.key));
    }
  } else if (const auto* link = std::get_if<LinkOrder>(&command)) {
    linked_.emplace(link->exam, link->key.number);
  } else if (const auto* refuse = std::get_if<Refuse>(&command)) {
    freed_exams_.insert(refuse->exam);
  } else if (const auto* answer = std::get_if<AnswerCancel>(&command)) {
    if (answer->granted) freed_exams_.insert(answer->exam);
  } else if (const auto* over = std::get_if<HandOver>(&command)) {
    if (!over->kept) {
      over->exam.id ? void(freed_exams_.insert(over->exam.id))
                    : void(freed_orders_.insert(order_of(over->exam.key)));
    }
  } else if (const auto* sign = std::get_if<Sign>(&command)) {
    texts_.push_back({index, sign->exam, sign->report, false, sign->text, false});
  } else if (const auto* early = std::get_if<Preliminary>(&command)) {
    texts_.push_back({index, early->exam, early->report, true, early->text, false});
  } else if (const auto* more = std::get_if<ReviseReport>(&command)) {
    texts_.push_back({index, more->exam, more->report, false, more->text, false, more->kind});
  } else if (const auto* result = std::get_if<DeliveryResult>(&command)) {
    if (result->outcome == DeliveryOutcome::acked) {
      acked_.push_back({index, result->exam, result->version});
    }
  } else if (const auto* settle = std::get_if<SettleLate>(&command)) {
    if (settle->adopt) adopted_[index] = settle->report;
  } else if (const auto* checkpoint = std::get_if<Checkpoint>(&command)) {
    checkpoints_[checkpoint->index] = checkpoint->digest;
  } else if (const auto* change = std::get_if<ApplyDirectory>(&command)) {
    if (!directory_) directory_.emplace();
    const bool is_newer = directory_->version < change->directory.version;
    if (auto wanted = replace_directory(*directory_, change->directory); is_newer && wanted) {
      directory_ = std::move(*wanted);
    }
  } else if (const auto* order = std::get_if<ChangeSite>(&command)) {
    if (directory_) (void)change_site(*directory_, *order);  // refused there, refused here
  }
}

void Journals::compare(Verdict& verdict) {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (std::size_t k = i + 1; k < nodes_.size(); ++k) {
      if (nodes_[i].site == nodes_[k].site) {
        verdict.add("journal", "two journals of " + nodes_[i].site);
      }
      compare_logs(nodes_[i], nodes_[k], verdict);
      compare_states(nodes_[i], nodes_[k], verdict);
    }
  }
  check_checkpoints(verdict);
}

/// I1. Equal chains at an index are equal entries up to it. Logs may part only where terms differ,
/// and then one side's end was never committed (Raft, log matching).
void Journals::compare_logs(const Node& a, const Node& b, Verdict& verdict) const {
  const LogIndex from = std::max(a.first, b.first);
  const LogIndex to = std::min(a.last, b.last);
  const std::string both = a.site + " and " + b.site;
  const auto differ = [&](std::string_view kind, const std::string& what) {
    verdict.add(kind, both + ": " + what);
    verdict.digests_equal = false;
  };
  for (const auto& [x, y] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
    if (y->holds(x->snapshot_index) && y->chain(x->snapshot_index) != x->snapshot_chain) {
      differ("snapshots_differ",
             x->site + "'s snapshot is of another log, at " + number(x->snapshot_index));
    }
  }
  if (from > to || a.chain(to) == b.chain(to)) return;
  LogIndex parted = from;
  while (a.chain(parted) == b.chain(parted)) parted = next(parted);
  if (a.term(parted) == b.term(parted)) {
    return differ("entries_differ", "entry " + number(parted) + " is not the same");
  }
  for (const Node* node : {&a, &b}) {
    const bool known = (node->commit && *node->commit >= parted) ||
                       (node->checkpoint && node->checkpoint->first >= parted) ||
                       node->snapshot_index >= parted;
    const Entry* chosen = entry(parted);
    if (known && chosen && chosen->term != node->term(parted)) {
      differ("entries_differ", node->site + " had committed another entry " + number(parted));
    }
  }
  verdict.note(both + " part at " + number(parted) + ", in terms of which one never committed");
}

/// I5, for what is compared outside of the log.
void Journals::compare_states(const Node& a, const Node& b, Verdict& verdict) const {
  const std::string both = a.site + " and " + b.site;
  const auto differ = [&](std::string_view kind, const std::string& what) {
    verdict.add(kind, both + ": " + what);
    verdict.digests_equal = false;
  };
  if (a.snapshot_index && a.snapshot_index == b.snapshot_index &&
      a.snapshot_hash != b.snapshot_hash) {
    differ("snapshots_differ", "other bytes at " + number(a.snapshot_index));
  }
  if (a.checkpoint && b.checkpoint && a.checkpoint->first == b.checkpoint->first &&
      a.checkpoint->second != b.checkpoint->second) {
    differ("digests_differ", "at index " + number(a.checkpoint->first));
  }
  const LogIndex covered = std::min(a.archive_end(), b.archive_end());
  for (const auto& [x, y] : {std::pair{&a, &b}, std::pair{&b, &a}}) {
    for (const auto& [place, hash] : x->archive) {
      if (place.first > covered) break;
      const auto other = y->archive.find(place);
      if (other == y->archive.end() || other->second != hash) {
        differ("archives_differ",
               "exam " + std::to_string(place.second.value) + " closed at " + number(place.first));
      }
    }
  }
}

/// I5: what each node wrote down as its own digest is what the leader logged.
void Journals::check_checkpoints(Verdict& verdict) {
  for (const Node& node : nodes_) {
    if (!node.checkpoint) continue;
    const auto& [index, digest] = *node.checkpoint;
    if (index > node.last && index > node.snapshot_index) {
      verdict.add("journal", node.site + " knows a digest beyond its end, at " + number(index));
      verdict.digests_equal = false;
    }
    const auto logged = checkpoints_.find(index);
    if (logged == checkpoints_.end()) {
      if (index < base_) continue;
      verdict.add("digests_differ", node.site + ": nobody logged a digest at " + number(index));
      verdict.digests_equal = false;
    } else if (logged->second != digest) {
      verdict.add("digests_differ", node.site + " had another room at " + number(index));
      verdict.digests_equal = false;
    }
  }
}

}  // namespace vigie::verify
