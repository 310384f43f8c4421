#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "messages/types/exam_number.hpp"
#include "tests/verify/checks.hpp"
#include "tests/verify/content.hpp"

namespace vigie::verify {
namespace {

class HospitalSide {
 public:
  HospitalSide(const Journals& journals, const History& history, const Reports& reports,
               Verdict& verdict)
      : journals_(journals),
        reports_(reports),
        verdict_(verdict),
        signs_(final_signs(journals, history)) {
    for (const ReportText& text : journals.texts()) texts_[text.exam].push_back(&text);
    learn_orders(history);
    learn_children(history);
  }

  void run() {
    for (const HospitalReport& r : reports_.all) check(r);
    if (!reports_.kept) no_listener();
    for (const auto& [index, exam] : signs_.known) {
      if (!arrived_.contains(index)) owed(exam, "signed", index);
    }
    for (const AckedDelivery& d : journals_.acked()) {
      if (!delivered_.contains(d.exam)) owed(d.exam, "acknowledged", d.index);
    }
    verdict_.reports_delivered = delivered_.size();
  }

 private:
  void learn_orders(const History& history) {
    for (const AnswerLine& a : history.answers) {
      if (a.command != "submit" || a.code != Errc::ok) continue;
      const auto& orders = history.invokes[a.invoke].orders;
      const std::vector<ExamId> exams = a.exams.empty() ? std::vector{a.exam} : a.exams;
      for (std::size_t i = 0; i < std::min(orders.size(), exams.size()); ++i) {
        order_of_[exams[i]] = orders[i];
      }
    }
    std::map<LogIndex, std::vector<ExamId>> submitted;
    for (const EventLine& e : history.events) {
      if (e.view || e.kind != EventKind::request_submitted) continue;
      auto& exams = submitted[e.index];
      if (std::find(exams.begin(), exams.end(), e.exam) == exams.end()) exams.push_back(e.exam);
    }
    for (auto& [index, exams] : submitted) {
      const auto orders = journals_.submits().find(index);
      if (orders == journals_.submits().end() || orders->second.size() != exams.size()) continue;
      std::sort(exams.begin(), exams.end());  // numbered in the order of the message
      for (std::size_t i = 0; i < exams.size(); ++i) order_of_[exams[i]] = orders->second[i];
    }
  }

  /// Readings once more, by who asked for them, by what was shown of them, and by their records.
  void learn_children(const History& history) {
    for (const AnswerLine& a : history.answers) {
      if (a.command == "ask_read" && a.code == Errc::ok) children_.insert(a.exam);
    }
    for (const ExamId exam : journals_.recorded()) {
      if (journals_.record(exam)->number.empty()) children_.insert(exam);
    }
    std::map<ExamId, const EventLine*> first;
    for (const EventLine& e : history.events) {
      const EventLine*& known = first[e.exam];
      if (!e.view && e.exam && (!known || e.index < known->index)) known = &e;
    }
    for (const auto& [exam, e] : first) {  // an exam with an order began with its order
      const bool asked = e && e->kind == EventKind::read_asked;
      if (asked && !order_of_.contains(exam)) perhaps_children_.insert(exam);
    }
  }
  bool is_child(ExamId exam) const {
    return children_.contains(exam) || perhaps_children_.contains(exam);
  }

  /// Load without hospitals. What was owed to one cannot be checked then, which is never passed
  /// over.
  void no_listener() {
    for (const AckedDelivery& d : journals_.acked()) delivered_.insert(d.exam);
    std::set<ExamId> owed_exams;
    for (const auto& [index, exam] : signs_.known) {
      if (has_recipient(exam) && !is_child(exam)) owed_exams.insert(exam);
    }
    verdict_.note("no listener: " + std::to_string(owed_exams.size()) +
                  " signed exams have recipients; deliveries are counted as the log tells them");
    if (owed_exams.empty()) return;
    verdict_.add("no_listener", std::to_string(owed_exams.size()) +
                                    " reports were owed to hospitals, and none that arrived was "
                                    "kept to be checked");
  }

  /// The exams that a speakable number may mean: one, when the log still has the directory.
  std::vector<ExamId> exams_of(const std::string& number) {
    if (journals_.directory()) {
      const auto exam = parse_exam_number(*journals_.directory(), number);
      return exam ? std::vector{*exam} : std::vector<ExamId>{};
    }
    const std::string door = number.substr(0, number.find('-'));
    auto& numbers = numbers_of_[door];
    if (numbers.empty()) {
      for (const auto& [exam, texts] : texts_) numbers[exam_number(door, exam)].push_back(exam);
    }
    const auto found = numbers.find(number);
    return found == numbers.end() ? std::vector<ExamId>{} : found->second;
  }

  void check(const HospitalReport& r) {
    const auto wrong = [&](std::string_view kind, const std::string& what) {
      verdict_.add(kind, r.file + ": " + what);
    };
    retries(r);
    const std::vector<ExamId> exams = exams_of(r.exam);
    const bool complete = journals_.first().value == 1;
    if (exams.empty() && complete) return wrong("report_order", "no such exam as " + r.exam);
    place_of_order(r, exams);
    if (r.control != "RE") return;  // an answer to the request, not a report
    const bool preliminary = r.status == "P";
    if (!preliminary && r.status != "F" && r.status != "C") {
      return wrong("report", "OBR-25 is " + r.status);
    }
    bool any = false, known = false;
    for (const ExamId exam : exams) {
      for (const ReportText* text : texts_[exam]) {
        if (text->preliminary != preliminary || !may_be_current(*text)) continue;
        any = true;
        if (!says(r, *text)) continue;
        known = true;
        if (children_.contains(exam)) wrong("report_of_child", r.exam + " is read for another");
        if (!preliminary) delivered_.insert(exam), arrived_.insert(text->index);
      }
    }
    if (known) return;
    if (any) return wrong("report_text", r.exam + " was signed with another text");
    if (complete) wrong("report_unsigned", "nobody signed " + r.exam);
  }

  /// As hospitals get it: an addendum alone, or with the text that it adds to.
  bool says(const HospitalReport& r, const ReportText& text) const {
    if (is_text_of(r, text.text)) return true;
    if (text.kind == ReportKind::withdrawal) {
      const std::string withdrawn = "COMPTE RENDU RETIRÉ";
      return is_text_of(r, withdrawn) || is_text_of(r, withdrawn + " : " + text.text);
    }
    if (text.kind != ReportKind::addendum) return false;
    const auto& all = texts_.at(text.exam);
    return std::any_of(all.begin(), all.end(), [&](const ReportText* whole) {
      if (whole->preliminary || whole->kind == ReportKind::addendum) return false;
      return is_text_of(r, "ADDENDUM\n" + text.text + "\n\n" + whole->text);
    });
  }

  /// Versions that say the same are as many messages.
  std::size_t versions_like(const HospitalReport& r) {
    std::set<ReportId> ids;
    for (const ExamId exam : exams_of(r.exam)) {
      for (const ReportText* text : texts_[exam]) {
        if (!text->preliminary && says(r, *text)) ids.insert(text->report);
      }
    }
    return std::max<std::size_t>(ids.size(), 1);
  }

  bool may_be_current(const ReportText& text) const {
    return text.preliminary || signs_.known.contains(text.index) ||
           signs_.unknown.contains(text.index);
  }

  /// The report must name the order that its exam was made of.
  void place_of_order(const HospitalReport& r, const std::vector<ExamId>& exams) {
    if (r.placer.empty()) return;
    const bool linked = std::any_of(exams.begin(), exams.end(), [&](ExamId exam) {
      const auto [first, last] = journals_.linked().equal_range(exam);
      return std::any_of(first, last, [&](const auto& link) { return link.second == r.placer; });
    });
    if (linked) return;
    const auto [known, fresh] = placer_of_.emplace(r.exam, r.placer);
    if (!fresh && known->second != r.placer) {
      verdict_.add("report_order", r.file + ": " + r.exam + " with two order numbers");
    }
    bool fits = exams.empty();
    for (const ExamId exam : exams) {
      const auto order = order_of_.find(exam);
      if (order == order_of_.end()) {
        fits = true;
        continue;
      }
      const auto found = journals_.orders().find(order->second);
      if (found == journals_.orders().end() || found->second.number == r.placer) fits = true;
    }
    const bool ordered =
        journals_.first().value != 1 ||
        std::any_of(journals_.orders().begin(), journals_.orders().end(),
                    [&](const auto& order) { return order.second.number == r.placer; });
    if (!fits || !ordered) {
      verdict_.add("report_order", r.file + ": " + r.exam + " is not of order " + r.placer);
    }
  }

  /// D14: each try of a report is the same bytes.
  void retries(const HospitalReport& r) {
    const auto [same, first] = by_id_.emplace(r.message_id, &r);
    if (!first && same->second->bytes != r.bytes) {
      verdict_.add("report_retry",
                   r.file + ": MSH-10 of " + same->second->file + ", but other bytes");
    }
    auto& same_words = by_version_[{r.exam, r.receiver, r.control + r.status, r.text}];
    same_words.emplace(r.message_id, &r);
    if (same_words.size() > 1 && same_words.size() > versions_like(r)) {
      verdict_.add("report_retry", r.file + ": the report of " + same_words.begin()->second->file +
                                       " under another MSH-10");
    }
  }

  void owed(ExamId exam, const std::string& why, LogIndex index) {
    if (!reports_.kept || !has_recipient(exam) || is_child(exam)) return;
    if (!missing_.insert({exam, index}).second) return;
    verdict_.add("undelivered", "exam " + std::to_string(exam.value) + ", " + why + " at " +
                                    std::to_string(index.value) + ": its report did not arrive");
  }

  /// By the directory that the journals kept: without recipients no report is owed to anybody.
  bool has_recipient(ExamId exam) const {
    const auto of = establishment_of(exam);
    const auto recipients = of ? journals_.recipients(*of) : std::nullopt;
    return !recipients || *recipients > 0;
  }

  std::optional<EstablishmentId> establishment_of(ExamId exam) const {
    if (const ExamRecord* record = journals_.record(exam)) return record->establishment;
    const auto order = order_of_.find(exam);
    if (order == order_of_.end()) return {};
    const auto found = journals_.orders().find(order->second);
    if (found == journals_.orders().end()) return {};
    return found->second.establishment;
  }

  const Journals& journals_;
  const Reports& reports_;
  Verdict& verdict_;
  FinalSigns signs_;
  std::map<ExamId, std::vector<const ReportText*>> texts_;
  std::map<ExamId, std::uint64_t> order_of_;
  std::map<std::string, std::map<std::string, std::vector<ExamId>>> numbers_of_;
  std::map<std::string, std::string> placer_of_;
  std::map<std::string, const HospitalReport*> by_id_;
  using Words = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Words, std::map<std::string, const HospitalReport*>> by_version_;  ///< by MSH-10
  std::set<ExamId> delivered_, children_, perhaps_children_;
  std::set<LogIndex> arrived_;  ///< texts, by where they were signed
  std::set<std::pair<ExamId, LogIndex>> missing_;
};

}  // namespace

void check_reports(const Journals& journals, const History& history, const Reports& reports,
                   Verdict& verdict) {
  HospitalSide{journals, history, reports, verdict}.run();
}

}  // namespace vigie::verify
