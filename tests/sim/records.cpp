#include "tests/sim/records.hpp"

#include <algorithm>

#include "nodes/client/session.hpp"
#include "nodes/client/sight.hpp"

namespace vigie::sim {
namespace {

/// The exam and epoch of a command about an assignment that is refused under another epoch. A Sign
/// is not: it is kept whatever its epoch (T16b).
std::pair<ExamId, Epoch> fenced(const Command& command) {
  if (const auto* c = std::get_if<AcceptOffer>(&command)) return {c->exam, c->epoch};
  if (const auto* c = std::get_if<DeclineOffer>(&command)) return {c->exam, c->epoch};
  if (const auto* c = std::get_if<Release>(&command)) return {c->exam, c->epoch};
  if (const auto* c = std::get_if<Preliminary>(&command)) return {c->exam, c->epoch};
  if (const auto* c = std::get_if<Suspend>(&command)) return {c->exam, c->epoch};
  if (const auto* c = std::get_if<WantImages>(&command)) return {c->exam, c->epoch};
  return {};
}

/// What stands in `open` until the answer: the few commands that are looked into then.
bool matters(const Command& command) {
  return std::holds_alternative<Sign>(command) || std::holds_alternative<Submit>(command) ||
         std::holds_alternative<ReviseReport>(command) || fenced(command).first;
}

}  // namespace

void Records::asked(const std::string& who, const ClientRequest& r, Time now) {
  const linear::RequestName name{r.session, r.incarnation, r.request};
  recorder_.asked(who, name, r.command, now);
  const auto [at, fresh] = open_.try_emplace(name);
  if (!fresh && at->second.kind == r.command.index()) return;
  at->second = {};  // or its number was left over by a command refused before the log
  at->second.kind = r.command.index();
  at->second.floor = told_max_;
  if (matters(r.command)) at->second.command = r.command;
}

void Records::told(const std::string&, const ClientAnswer& m, Time now) {
  const Answer& answer = m.answer;
  const linear::RequestName name{m.session, m.incarnation, answer.request};
  recorder_.told(name, answer, now);
  ++answers_;
  const auto at = open_.find(name);
  if (at == open_.end()) {
    return findings_.add(
        "I12", "an answer to what was never asked, session " + std::to_string(m.session.value));
  }
  judge(at->second, m);
  told_max_ = std::max(told_max_, answer.index);
}

/// I12: the same request, the same answer. I16: what is asked after an answer is applied after it.
void Records::judge(Open& open, const ClientAnswer& m) {
  const Answer& answer = m.answer;
  if (!answer.index || client::is_temporary(answer.code) || answer.code == Errc::retry_from) return;
  if (answer.code == Errc::old_request || answer.code == Errc::superseded ||
      answer.code == Errc::no_session || answer.code == Errc::request_reused) {
    return;  // about the session, not about what was asked
  }
  if (open.answered && (open.code != answer.code || open.index != answer.index) && answer.request) {
    findings_.add("I12",
                  "the same request was answered " + std::string(errc_name(open.code)) + " at " +
                      std::to_string(open.index.value) + ", then " +
                      std::string(errc_name(answer.code)),
                  answer.index, answer.exam);
  }
  if (!open.answered && !answer.duplicate && answer.index <= open.floor) {
    findings_.add("I16",
                  "asked when index " + std::to_string(open.floor.value) +
                      " had been told, applied before it",
                  answer.index, answer.exam);
  }
  if (!open.answered) {
    done_.at(open.kind) += answer.code == Errc::ok && !answer.duplicate;
    if (const auto* sign = std::get_if<Sign>(&open.command)) {
      const bool kept = answer.code == Errc::ok || answer.code == Errc::stale ||
                        answer.code == Errc::already_final || answer.code == Errc::unknown_exam;
      if (kept) reports_[sign->report] = {sign->exam, answer.index};
    }
    const auto* revise = std::get_if<ReviseReport>(&open.command);
    if (revise && answer.code == Errc::ok) reports_[revise->report] = {revise->exam, answer.index};
    if (std::holds_alternative<Submit>(open.command) && answer.code == Errc::ok) {
      exams_.emplace(answer.exam, answer.index);
    }
    judge_epoch(open, answer);
    open.command = {};
  }
  open.answered = true;
  open.duplicate = answer.duplicate;
  open.code = answer.code;
  open.index = answer.index;
}

/// I10: under another epoch than the exam's own nothing is done.
void Records::judge_epoch(const Open& open, const Answer& answer) {
  const auto [exam, epoch] = fenced(open.command);
  if (!exam || answer.code != Errc::ok || answer.duplicate) return;
  const auto at = epochs.find(exam);
  if (at == epochs.end()) return;
  Epoch then;
  for (const auto& [from, of] : at->second) {
    if (from < answer.index) then = of;
  }
  if (then == epoch) return;
  findings_.add("I10",
                "a command under epoch " + std::to_string(epoch.index) +
                    " was carried out; the exam's was " + std::to_string(then.index),
                answer.index, exam);
}

void Records::looked(const std::string& who, const Query& query, const QueryReply& reply,
                     Time asked, Time now) {
  if (!linear::is_reply(reply.code)) return;
  linear::Read read;
  read.where = who + ", query " + std::to_string(query.query);
  read.invoked = asked;
  read.completed = now;
  read.linearizable = query.linearizable;
  read.seen = query.seen;
  read.as_of = reply.as_of;
  const client::Sight sight = client::sight_of(query, reply);
  for (const auto& [exam, state] : sight.exams) read.exams.push_back({exam, state});
  read.all = sight.all;
  history_.reads.push_back(std::move(read));
}

void Records::broken_frame(const std::string& who, const Error& error) {
  findings_.add("codec", who + " was sent what cannot be decoded: " + error.what);
}

void Records::forgotten(const std::string& who, const ClientAnswer& m) {
  findings_.add("I12",
                who + "'s request " + std::to_string(m.answer.request.value) +
                    " is among its last and is not remembered",
                m.answer.index);
}

void Records::committed(LogIndex index, FedTime at, const Proposal* proposal) {
  linear::Committed entry;
  entry.index = index;
  entry.at = at;
  if (proposal) entry.proposal = *proposal;
  history_.log.push_back(std::move(entry));
}

void Records::shown(const std::string& who, const Event& event) {
  history_.shown.push_back({who, 0, event.session, false, event});
}

void Records::check_all() {
  for (const auto& [name, open] : open_) {
    if (!open.answered) continue;
    if (open.index.value > history_.log.size()) {
      findings_.add("I6", "answered, and not in the log", open.index);
      continue;
    }
    const auto& entry = history_.log[open.index.value - 1];
    const bool own = open.duplicate || (entry.proposal && entry.proposal->session == name.session);
    if (!own) findings_.add("I6", "another entry stands where it was answered", open.index);
  }
}

}  // namespace vigie::sim
