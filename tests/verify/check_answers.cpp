#include <algorithm>
#include <map>
#include <set>

#include "tests/verify/checks.hpp"
#include "tests/verify/content.hpp"

namespace vigie::verify {
namespace {

class Answers {
 public:
  Answers(const Journals& journals, const History& history, Verdict& verdict)
      : journals_(journals), history_(history), verdict_(verdict) {}

  void run() {
    for (const AnswerLine& a : history_.answers) {
      if (is_temporary(a.code)) continue;
      ++verdict_.answers;
      promise(a);
      same_again(a);
      if (a.code == Errc::ok && a.command == "submit") orders(a);
    }
    finals();
    if (verdict_.answers_unchecked != 0) {
      verdict_.note(std::to_string(verdict_.answers_unchecked) +
                    " answers name no exam, and an index that every log has given up, or none");
    }
  }

 private:
  std::string place(const AnswerLine& a) const { return history_.at(a.place); }
  std::string say(const AnswerLine& a) const {
    return place(a) + ": " + std::string{a.command} + " answered " +
           std::string{errc_name(a.code)} + " at " + std::to_string(a.index.value);
  }

  /// I6: what was acknowledged is at its index, in a majority of the journals and as it was sent.
  void promise(const AnswerLine& a) {
    const bool ok = a.code == Errc::ok;
    if (!a.index) {
      ++verdict_.answers_unchecked;
      if (ok) verdict_.add("no_index", say(a));
      return;
    }
    std::size_t holders = 0;
    for (const Node& node : journals_.nodes()) holders += node.reaches(a.index) ? 1 : 0;
    if (holders < journals_.majority()) {
      ++verdict_.answers_by_entry;
      if (ok) lose(a, "is in " + std::to_string(holders) + " journals");
      return;
    }
    const Entry* entry = journals_.entry(a.index);
    if (!entry) return promise_in_records(a);
    ++verdict_.answers_by_entry;
    if (matches(a, *entry)) return;
    if (ok) return lose(a, "but the entry there is another");
    verdict_.add("answer_differs", say(a) + ", but the entry there is another");
  }

  /// The same where every log has given the entry up: its exam must be open in the snapshots or
  /// closed in the archives of a majority, and show what was done.
  void promise_in_records(const AnswerLine& a) {
    const Invoke& sent = history_.invokes[a.invoke];
    std::vector<ExamId> exams = a.exams.empty() ? std::vector{a.exam} : a.exams;
    if (sent.command != "submit") exams = {sent.exam};
    const bool any = std::any_of(journals_.nodes().begin(), journals_.nodes().end(),
                                 [](const Node& node) { return node.records.known; });
    if (!any || a.code != Errc::ok || !exams.front()) {
      ++verdict_.answers_unchecked;
      return;
    }
    ++verdict_.answers_by_record;
    std::size_t holders = 0;
    for (const Node& node : journals_.nodes()) {
      const bool all = std::all_of(exams.begin(), exams.end(),
                                   [&](ExamId exam) { return node.records.find(exam) != nullptr; });
      holders += all ? 1 : 0;
    }
    if (holders < journals_.majority()) {
      return lose(a, "and its exam is in the records of " + std::to_string(holders) + " centres");
    }
    for (std::size_t i = 0; i < exams.size(); ++i) {
      const ExamRecord& record = *journals_.record(exams[i]);
      const bool of_order =
          sent.command != "submit" || i >= sent.orders.size() || record.order == sent.orders[i];
      if (!of_order) return lose(a, "but exam " + number(exams[i]) + " is of another order");
      if (!shows(a, sent, record))
        return lose(a, "but exam " + number(exams[i]) + " shows nothing");
    }
  }

  /// What these commands do is written down in the exam; of others only the exam's existence is
  /// known.
  bool shows(const AnswerLine& a, const Invoke& sent, const ExamRecord& record) const {
    const bool changes =
        a.command == "submit" || a.command == "accept_offer" || a.command == "sign";
    if (!changes || a.duplicate) return true;
    if (!record.changed_at(a.index)) return false;
    if (a.command != "sign") return true;
    return std::any_of(record.reports.begin(), record.reports.end(), [&](const auto& report) {
      Content content;
      content.command = "sign";
      content.exam = sent.exam.value;
      content.epoch = sent.epoch;
      content.report = report.id.value;
      content.text = fnv(report.text);
      return hash_of(content) == sent.content;
    });
  }

  bool matches(const AnswerLine& a, const Entry& entry) const {
    const Invoke& sent = history_.invokes[a.invoke];
    const bool itself = entry.kind == EntryKind::command && entry.session == a.name.session &&
                        entry.incarnation == a.name.incarnation &&
                        entry.request == a.name.request && entry.content == sent.content;
    if (itself || !a.duplicate || a.command != "submit") return itself;
    // The order had come before, by another door or in another message.
    const auto found = journals_.submits().find(a.index);
    if (found == journals_.submits().end()) return false;
    for (const std::uint64_t order : found->second) {
      if (order == sent.orders.front()) return true;
    }
    return false;
  }

  void lose(const AnswerLine& a, const std::string& why) {
    ++verdict_.lost;
    verdict_.add("lost", say(a) + ", " + why);
  }

  /// I12: the same request is answered the same.
  void same_again(const AnswerLine& a) {
    const bool moved_on = a.code == Errc::old_request || a.code == Errc::superseded ||
                          a.code == Errc::no_session || a.code == Errc::request_reused;
    if (!a.index || moved_on) return;
    const auto [known, fresh] = first_.emplace(a.name, &a);
    if (fresh) return;
    const AnswerLine& b = *known->second;
    // An attach that is repeated is applied again: it names what its session has in hand by then.
    const bool attach = a.command == "attach";
    const bool same = a.code == b.code && a.attached == b.attached && a.as == b.as &&
                      (attach || (a.index == b.index && a.exam == b.exam && a.exams == b.exams &&
                                  a.epoch == b.epoch && a.next == b.next));
    if (!same) verdict_.add("answers_differ", say(a) + ", and otherwise in " + place(b));
  }

  /// I8: an order is one exam, unless it was cancelled or refused in between.
  void orders(const AnswerLine& a) {
    const Invoke& sent = history_.invokes[a.invoke];
    const std::vector<ExamId> exams = a.exams.empty() ? std::vector{a.exam} : a.exams;
    if (exams.size() != sent.orders.size() || !exams.front()) {
      return verdict_.add("answer_differs", say(a) + ", with exams for other orders");
    }
    for (std::size_t i = 0; i < exams.size(); ++i) {
      const auto [order, new_exam] = order_of_.emplace(exams[i], sent.orders[i]);
      if (order->second != sent.orders[i]) {
        verdict_.add("exam_of_two_orders", say(a) + ", exam " + number(exams[i]));
      }
      const auto [exam, first] = exam_of_.emplace(sent.orders[i], exams[i]);
      if (first || exam->second == exams[i]) continue;
      const bool freed = journals_.freed_orders().contains(sent.orders[i]) ||
                         journals_.freed_exams().contains(exam->second) ||
                         journals_.freed_exams().contains(exams[i]);
      if (!freed) {
        verdict_.add("order_of_two_exams",
                     say(a) + ", exams " + number(exam->second) + " and " + number(exams[i]));
      }
    }
  }

  /// I11: never two current final reports.
  void finals() {
    std::map<ExamId, const Entry*> signed_by;
    for (const auto& [index, exam] : final_signs(journals_, history_).known) {
      const Entry* entry = journals_.entry(index);
      if (!entry || entry->command != "sign") continue;
      const auto [before, first] = signed_by.emplace(exam, entry);
      if (first || before->second->report == entry->report) continue;
      verdict_.add("two_finals",
                   "exam " + number(exam) + ", again at " + std::to_string(index.value));
    }
  }

  static std::string number(ExamId exam) { return std::to_string(exam.value); }

  const Journals& journals_;
  const History& history_;
  Verdict& verdict_;
  std::map<RequestName, const AnswerLine*> first_;
  std::map<ExamId, std::uint64_t> order_of_;
  std::map<std::uint64_t, ExamId> exam_of_;
};

}  // namespace

void check_answers(const Journals& journals, const History& history, Verdict& verdict) {
  Answers{journals, history, verdict}.run();
}

FinalSigns final_signs(const Journals& journals, const History& history) {
  FinalSigns signs;
  std::map<LogIndex, Errc> outcome;
  for (const AnswerLine& a : history.answers) {
    const bool signs_it = a.command == "sign" || a.command == "revise_report";
    if (signs_it && a.index && !is_temporary(a.code)) outcome[a.index] = a.code;
  }
  std::set<LogIndex> validated;
  for (const EventLine& e : history.events) {
    const bool version =
        e.kind == EventKind::report_validated || e.kind == EventKind::report_revised;
    if (version && !e.view) validated.insert(e.index);
  }
  std::set<ReportId> adopted;
  for (const auto& [index, report] : journals.adopted()) {
    if (validated.contains(index)) adopted.insert(report);
  }
  for (const ReportText& text : journals.texts()) {
    if (text.preliminary) continue;
    const auto answered = outcome.find(text.index);
    const bool known = text.is_report || validated.contains(text.index) ||
                       adopted.contains(text.report) ||
                       (answered != outcome.end() && answered->second == Errc::ok);
    if (known) {
      signs.known[text.index] = text.exam;
    } else if (answered == outcome.end()) {
      signs.unknown[text.index] = text.exam;
    }
  }
  return signs;
}

std::uint64_t count_exams(const Journals& journals, const History& history) {
  std::set<ExamId> exams = journals.recorded();
  for (const AnswerLine& a : history.answers) {
    if (a.code != Errc::ok) continue;
    if (a.exam) exams.insert(a.exam);
    exams.insert(a.exams.begin(), a.exams.end());
  }
  for (const EventLine& e : history.events) {
    if (e.exam) exams.insert(e.exam);
  }
  std::set<std::uint64_t> refused, orders;
  for (const AnswerLine& a : history.answers) {
    if (a.code == Errc::ok || a.command != "submit") continue;
    refused.insert(history.invokes[a.invoke].orders.begin(),
                   history.invokes[a.invoke].orders.end());
  }
  for (const auto& [index, list] : journals.submits()) {
    for (const std::uint64_t order : list) {
      if (!refused.contains(order)) orders.insert(order);
    }
  }
  // Hospitals' own orders are in the log even when no client ever saw their exams.
  return std::max<std::uint64_t>(exams.size(), orders.size());
}

}  // namespace vigie::verify
