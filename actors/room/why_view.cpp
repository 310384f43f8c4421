#include "actors/room/why_view.hpp"

#include <map>

#include "actors/core/routing/readers.hpp"
#include "messages/types/exam_number.hpp"

namespace vigie::actors {
namespace {

/// Readers by the first filter that keeps each from an exam.
using KeptFrom = std::map<Filter, std::vector<std::string>>;

/// Of those at a desk, now.
KeptFrom kept_from(const View& v, const Exam& e) {
  KeptFrom found;
  for (const auto& [id, slot] : v.state.sessions().slots()) {
    const room::Session& s = slot.record;
    if (!s.live || s.role != Role::reader) continue;
    const Filter filter = routing::filter_for(v.directory, e, v.state.view_of(s));
    found[filter].push_back(v.person(s.person));
  }
  return found;
}

/// As it was decided: those who are named in it.
KeptFrom kept_from(const View& v, const Decision& d) {
  KeptFrom found;
  for (const Removal& removal : d.removals) {
    found[removal.filter].push_back(v.person(removal.reader));
  }
  return found;
}

Json names_of(const KeptFrom& kept) {
  Json row = Json::object();
  for (const auto& [filter, names] : kept) row[std::string(name_of(filter))] = names;
  return row;
}

std::string listed(const KeptFrom& kept) {
  std::string text;
  for (const auto& [filter, names] : kept) {
    text += (text.empty() ? "" : "; ") + std::string(name_of(filter)) + ": ";
    for (const std::string& name : names) text += (&name == &names.front() ? "" : ", ") + name;
  }
  return text;
}

Json decision_row(const View& v, const Decision& d) {
  Json removed = Json::object();
  for (std::size_t f = 1; f < d.removed.size(); ++f) {
    if (d.removed[f] > 0) removed[std::string(name_of(static_cast<Filter>(f)))] = d.removed[f];
  }
  Json candidates = Json::array();
  for (const Candidate& c : d.candidates) {
    candidates.push_back({{"reader", v.person(c.reader)},
                          {"site", v.site(c.site)},
                          {"total", c.total()},
                          {"idle", c.idle},
                          {"skill", c.skill},
                          {"territory", c.territory},
                          {"continuity", c.continuity},
                          {"fairness", c.fairness},
                          {"fatigue", c.fatigue},
                          {"balance", c.balance}});
  }
  return {{"index", d.index.value},
          {"reader", v.person(d.reader)},
          {"directory_version", d.directory_version},
          {"relax_step", d.relax_step},
          {"trigger", d.by_reader ? "a reader became free" : "the exam became ready"},
          {"waiting", d.waiting},
          {"removed", std::move(removed)},
          {"readers", names_of(kept_from(v, d))},
          {"candidates", std::move(candidates)}};
}

/// Who was removed, by what; of a filter that removed more than are named, how many more.
std::string removed_text(const View& v, const Decision& d) {
  KeptFrom kept = kept_from(v, d);
  for (std::size_t f = 1; f < d.removed.size(); ++f) {
    if (d.removed[f] == 0) continue;
    std::vector<std::string>& names = kept[static_cast<Filter>(f)];
    const std::size_t more = d.removed[f] - names.size();
    if (more > 0) names.push_back(std::to_string(more) + (names.empty() ? "" : " more"));
  }
  return kept.empty() ? std::string() : "; removed: " + listed(kept);
}

/// One sentence that a tired person understands.
std::string because(const View& v, const Exam& e, const Decision& d) {
  std::string text = exam_number(v.directory, e.id) + " went to " + v.person(d.reader);
  if (!d.candidates.empty()) text += " (" + v.site(d.candidates.front().site) + ")";
  if (d.by_reader) {
    return text + ": he became free and it was the first that he may read, of " +
           std::to_string(d.waiting) + " waiting" + removed_text(v, d);
  }
  text += ": best of " + std::to_string(d.candidates.size()) + " eligible";
  text += removed_text(v, d);
  if (!d.candidates.empty()) {
    const Candidate& c = d.candidates.front();
    std::string terms;
    const auto term = [&](const char* name, std::int32_t value) {
      if (value != 0)
        terms += std::string(terms.empty() ? "" : ", ") + name + " " + std::to_string(value);
    };
    term("idle", c.idle);
    term("skill", c.skill);
    term("territory", c.territory);
    term("continuity", c.continuity);
    term("fairness", c.fairness);
    term("fatigue", c.fatigue);
    term("balance", c.balance);
    if (!terms.empty()) text += "; score " + std::to_string(c.total()) + " (" + terms + ")";
  }
  return text;
}

bool is_unread(const Exam& e) {
  const bool ended = e.state == ExamState::refused || e.state == ExamState::cancelled;
  return e.decisions.empty() || ended || e.state < ExamState::ready || e.state == ExamState::held;
}

/// Of what it waits for before it can be read, or why it never will be.
std::string before_reading(const View& v, const Exam& e, bool clinical) {
  const std::string reason = clinical && !e.reason.empty() ? ": " + e.reason : std::string();
  switch (e.state) {
    case ExamState::requested:
      return "waits for a regulator since " + v.when(e.state_since);
    case ExamState::in_regulation:
      return "is with a regulator since " + v.when(e.state_since);
    case ExamState::needs_info:
      return "waits for the hospital's answer" + reason;
    case ExamState::protocolled:
      return "has its protocol, waits for the examination to begin";
    case ExamState::acquiring:
      return "waits for its images";
    case ExamState::held:
      return "is on hold";
    case ExamState::refused:
      return "was refused" + reason;
    case ExamState::cancelled:
      return "was cancelled" + reason;
    default:
      return "was not assigned";
  }
}

}  // namespace

Json why(const View& v, const Exam& e, bool clinical) {
  Json row = {{"exam", exam_number(v.directory, e.id)},
              {"state", name_of(e.state)},
              {"urgency", name_of(e.urgency)},
              {"origin_site", v.site(e.origin_site)},
              {"reading_site", v.site(e.reading_site)},
              {"reader", v.person(e.reader)},
              {"agreement", e.agreement},
              {"directory_version", v.directory.version}};
  Json decisions = Json::array();
  for (const Decision& d : e.decisions) decisions.push_back(decision_row(v, d));
  std::string text = exam_number(v.directory, e.id) + ' ';
  if (e.state == ExamState::ready) {
    const KeptFrom kept = kept_from(v, e);
    row["waits"] = {{"since", v.when(e.ready_at)},
                    {"relax_step", e.relax_step},
                    {"reserved_for", v.person(e.reserved_for)},
                    {"readers", names_of(kept)}};
    text += "waits since " + v.when(e.ready_at) + ", relax step " + std::to_string(e.relax_step);
    if (e.reserved_for) text += ", kept for " + v.person(e.reserved_for);
    text += ". " + (kept.empty() ? "no reader is at a desk" : listed(kept));
  } else if (is_unread(e)) {
    text += before_reading(v, e, clinical);
  } else {
    text = because(v, e, e.decisions.back());
  }
  row["text"] = std::move(text);
  row["decisions"] = std::move(decisions);
  return row;
}

}  // namespace vigie::actors
