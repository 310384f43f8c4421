#include "tests/verify/linearity.hpp"

#include <algorithm>
#include <utility>

namespace vigie::verify {
namespace {

linear::RequestName name_of(const RequestName& name) {
  return {name.session, name.incarnation, name.request};
}

Answer answer_of(const AnswerLine& a) {
  Answer answer;
  answer.code = a.code;
  answer.request = a.name.request;
  answer.index = a.index;
  answer.exam = a.exam;
  answer.exams = a.exams;
  answer.epoch = a.epoch;
  answer.session = a.attached;
  answer.incarnation = a.as;
  answer.next = a.next;
  answer.duplicate = a.duplicate;
  return answer;
}

/// In their order: the number of a request that was refused before the log is used again.
void take_requests(const History& history, linear::History& out) {
  linear::Recorder recorder{out};
  std::vector<std::vector<const AnswerLine*>> told(history.invokes.size());
  for (const AnswerLine& a : history.answers) told[a.invoke].push_back(&a);
  for (std::size_t n = 0; n < history.invokes.size(); ++n) {
    const Invoke& i = history.invokes[n];
    linear::Said said;
    said.command = i.command;
    said.exam = i.exam;
    said.orders = i.keys;
    said.epoch = i.epoch;
    said.report = i.report;
    said.text = i.text;
    recorder.asked(history.at(i.place), name_of(i.name), std::move(said), i.t);
    for (const AnswerLine* a : told[n]) recorder.told(name_of(a->name), answer_of(*a), a->t);
  }
}

void take_events(const History& history, linear::History& out) {
  for (const EventLine& e : history.events) {
    linear::Shown shown;
    shown.where = history.at(e.place);
    shown.t = e.t;
    shown.to = e.session;
    shown.view = e.view;
    shown.event.kind = e.kind;
    shown.event.state = e.state;
    shown.event.index = e.index;
    shown.event.at = e.at;
    shown.event.exam = e.exam;
    shown.event.session = e.whose;
    shown.event.by = e.by;
    shown.event.site = e.site;
    shown.event.epoch = e.epoch;
    out.shown.push_back(std::move(shown));
  }
}

void take_reads(const History& history, linear::History& out) {
  for (const ReadLine& r : history.reads) {
    if (!linear::is_reply(r.code)) continue;
    linear::Read read;
    read.where = history.at(r.place);
    read.invoked = r.invoked;
    read.completed = r.t;
    read.linearizable = r.linearizable;
    read.seen = r.seen;
    read.as_of = r.as_of;
    for (const auto& [exam, state] : r.shown) read.exams.push_back({exam, state});
    read.all = r.all;
    out.reads.push_back(std::move(read));
  }
}

void take_log(const Journals& journals, linear::History& out) {
  if (journals.first().value != 1) return;
  for (LogIndex i{1}; i <= journals.last(); i = next(i)) {
    const Entry* entry = journals.entry(i);
    if (!entry) break;
    linear::Committed c{i, entry->at, {}};
    const auto proposal = journals.proposals().find(i);
    if (proposal != journals.proposals().end()) c.proposal = proposal->second;
    out.log.push_back(std::move(c));
  }
}

}  // namespace

linear::History observed(const Journals& journals, const History& history) {
  linear::History out;
  take_requests(history, out);
  take_events(history, out);
  take_reads(history, out);
  take_log(journals, out);
  return out;
}

void check_linearity(const Journals& journals, const History& history, Verdict& verdict) {
  const linear::History seen = observed(journals, history);
  const linear::Findings found = linear::judge(seen);
  for (const linear::Fault& f : found.faults) {
    verdict.add("linear_" + f.kind, (f.where.empty() ? std::string{"the log"} : f.where) + ": at " +
                                        std::to_string(f.index.value) + ", exam " +
                                        std::to_string(f.exam.value) + ": " + f.what);
  }
  verdict.linearizable = found.ok();
  verdict.operations = found.operations;
  verdict.operations_swept = found.swept;
  verdict.operations_searched = found.searched;
  verdict.operations_unknown = found.unknown;
  verdict.reads = found.reads;
  verdict.operations_unchecked = found.operations - std::min(found.operations, found.swept);
  if (seen.log.empty()) {
    verdict.note(
        "the log does not begin at 1 any more: operations and reads were searched, not swept");
  }
  if (found.unsearched != 0) {
    verdict.note(std::to_string(found.unsearched) +
                 " operations were not searched: too many on one exam");
  }
}

}  // namespace vigie::verify
