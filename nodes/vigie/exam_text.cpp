#include "nodes/vigie/exam_text.hpp"

#include <sstream>

namespace vigie::cli {
namespace {

void write_head(std::ostream& out, const Json& e) {
  out << field(e, "exam") << "  " << field(e, "state") << "  " << field(e, "urgency") << " (asked "
      << field(e, "asked_urgency") << ")  " << field(e, "modality") << ' ' << field(e, "region")
      << "  " << field(e, "protocol") << '\n'
      << field(e, "establishment") << ", order " << field(e, "placer_order") << ", taken at "
      << field(e, "origin_site");
  if (!field(e, "reader").empty()) {
    out << (field(e, "state") == "OFFERED" ? ", offered at " : ", read at ")
        << field(e, "reading_site") << (field(e, "state") == "OFFERED" ? " to " : " by ")
        << field(e, "reader");
  }
  out << '\n';
  const std::pair<const char*, const char*> more[] = {
      {"procedure", "asked for: "},   {"callback_phone", "call back: "},
      {"agreement", "agreement: "},   {"reason", "reason: "},
      {"reserved_for", "kept for: "}, {"critical", "critical result: "}};
  for (const auto& [key, text] : more) {
    if (!field(e, key).empty()) out << text << field(e, key) << '\n';
  }
  for (const Json& prior : e.value("priors", Json::array())) {
    out << "compare with " << text_of(prior) << '\n';
  }
}

void write_tasks(std::ostream& out, const Json& e) {
  for (const Json& t : e.value("tasks", Json::array())) {
    out << "to do: " << field(t, "task") << ", by " << field(t, "owner") << " until "
        << clock(t, "due_at") << (t.value("overdue", false) ? ", OVERDUE" : "") << '\n';
  }
  for (const Json& n : e.value("notes", Json::array())) {
    out << clock(n, "at") << ' ' << field(n, "by") << ", " << field(n, "event") << ": "
        << field(n, "text") << '\n';
  }
  for (const Json& f : e.value("findings", Json::array())) {
    const std::string found = field(f, "finding");
    out << clock(f, "at") << ' ' << field(f, "engine") << ' ' << field(f, "version") << ": "
        << (found.empty() ? "nothing found" : found)
        << (f.value("raised", false) ? ", raised it" : "") << '\n';
  }
  for (const Json& child : e.value("children", Json::array())) {
    out << "read once more as " << text_of(child) << '\n';
  }
  if (!field(e, "parent").empty()) {
    out << field(e, "purpose") << " on " << field(e, "parent") << '\n';
  }
}

void write_reports(std::ostream& out, const Json& e) {
  for (const Json& r : e.value("reports", Json::array())) {
    out << "report, " << field(r, "kind");
    if (r.value("version", 0) > 0) out << ", version " << field(r, "version");
    out << ", by " << field(r, "author") << " at " << field(r, "site") << ", " << clock(r, "at");
    if (!field(r, "critical").empty()) out << ", critical: " << field(r, "critical");
    out << '\n';
    std::istringstream lines(field(r, "text"));
    for (std::string line; std::getline(lines, line);) out << "  | " << line << '\n';
  }
  for (const Json& d : e.value("deliveries", Json::array())) {
    out << "report version " << field(d, "version") << " to " << field(d, "recipient") << ": "
        << field(d, "state") << ' ' << field(d, "detail") << '\n';
  }
}

}  // namespace

std::string exam_text(const Json& exam) {
  std::ostringstream out;
  write_head(out, exam);
  out << '\n';
  write_tasks(out, exam);
  std::vector<std::vector<std::string>> rows = {{"INDEX", "AT (UTC)", "EVENT", "BY", "SITE"}};
  for (const Json& t : exam.value("timeline", Json::array())) {
    rows.push_back({field(t, "index"), field(t, "at").substr(0, 23), field(t, "event"),
                    field(t, "by"), field(t, "site")});
  }
  write_table(out, rows);
  write_reports(out, exam);
  std::string text = out.str();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::vector<hl7::ContextItem> context_of(const ExamCard& card) {
  std::vector<hl7::ContextItem> context;
  if (auto opened = hl7::unseal(card.sealed)) context = std::move(opened->context);
  for (const std::string& answer : card.answers) context.push_back({"answer", answer});
  return context;
}

Json json_of(const std::vector<hl7::ContextItem>& context) {
  Json rows = Json::array();
  for (const hl7::ContextItem& item : context) {
    rows.push_back({{"code", item.code}, {"text", item.text}});
  }
  return rows;
}

std::string text_of(const std::vector<hl7::ContextItem>& context) {
  std::string text;
  for (const hl7::ContextItem& item : context) {
    text += ", " + (item.code == "answer" ? "réponse" : item.code) + " : " + item.text;
  }
  return text;
}

}  // namespace vigie::cli
