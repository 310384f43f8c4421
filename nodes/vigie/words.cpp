#include "nodes/vigie/words.hpp"

#include <algorithm>
#include <array>

#include "nodes/client/client.hpp"
#include "nodes/vigie/rest.hpp"

namespace vigie::cli {
namespace {

Command revise_protocol(Rest& rest) {
  ReviseProtocol c;
  c.exam = rest.exam();
  const std::string text = rest.reason();  // CODE : MOTIF, since codes have blanks
  const auto colon = text.find(" : ");
  c.protocol = text.substr(0, colon);
  c.reason = colon == std::string::npos ? "révisé" : text.substr(colon + 3);
  return c;
}

Command link_order(Rest& rest) {
  LinkOrder c;
  c.exam = rest.exam();
  const Establishment* where = rest.establishment();
  if (where) c.key.legal_entity = where->legal_entity;
  c.key.authority = rest.word();
  c.key.number = rest.reason();
  return c;
}

Command answer_cancel(Rest& rest, bool granted) {
  AnswerCancel c;
  c.exam = rest.exam();
  c.granted = granted;
  c.reason = rest.reason();
  return c;
}

Command ask_read(Rest& rest, Purpose purpose) {
  AskRead c;
  c.exam = rest.exam();
  c.purpose = purpose;
  if (purpose == Purpose::recourse) c.skill = rest.skill();
  if (purpose == Purpose::region) c.region = rest.region();
  c.question = rest.reason();
  return c;
}

Command revise_report(Rest& rest, ReportKind kind) {
  ReviseReport c;
  c.exam = rest.exam();
  c.report = ReportId{client::draw_id()};
  c.kind = kind;
  c.text = rest.reason();
  return c;
}

Command tell_result(Rest& rest) {
  TellResult c;
  c.exam = rest.exam();
  c.to = rest.word();
  c.text = rest.line();
  return c;
}

Command close_task(Rest& rest) {
  CloseTask c;
  c.exam = rest.exam();
  c.task = rest.task();
  c.reason = rest.reason();
  return c;
}

Command set_urgency(Rest& rest) {
  SetUrgency c;
  c.exam.id = rest.exam();
  c.urgency = rest.urgency();
  c.reason = rest.reason();
  return c;
}

Command direct(Rest& rest) {
  Direct c;
  c.exam = rest.exam();
  c.reader = rest.person();
  c.reason = rest.reason();
  return c;
}

Command pin(Rest& rest, bool on) {
  Pin c;
  c.exam = rest.exam();
  c.on = on;
  c.reason = rest.reason();
  return c;
}

Command hand_over(Rest& rest, bool kept) {
  HandOver c;
  c.exam.id = rest.exam();
  c.kept = kept;
  c.reason = rest.reason();
  return c;
}

Command set_site(Rest& rest) {
  SetSite c;
  c.site = rest.site();
  c.closed_posts = rest.number();
  c.degraded = rest.is_degraded();
  c.reason = rest.reason();
  return c;
}

Command set_away(Rest& rest) {
  SetAway c;
  c.reader = rest.person();
  c.reason = rest.reason();
  return c;
}

Command add_shift(Rest& rest) {
  SetShift c;
  c.after.person = rest.person();
  c.after.site = rest.site();
  rest.hours(c.after);
  c.reason = rest.reason();
  return c;
}

Command strike_shift(Rest& rest) {
  SetShift c;
  c.before = rest.shift();
  c.reason = rest.reason();
  return c;
}

Command swap_shift(Rest& rest) {
  SetShift c;
  c.before = c.after = rest.shift();
  c.after.person = rest.person();
  c.reason = rest.reason();
  return c;
}

Command change_hours(Rest& rest) {
  SetShift c;
  c.before = c.after = rest.shift();
  rest.hours(c.after);
  c.reason = rest.reason();
  return c;
}

template <class C>
Command with_reason(Rest& rest) {
  C c;
  c.exam = rest.exam();
  c.reason = rest.reason();
  return c;
}

struct Word {
  std::string_view word, arguments;
  std::string_view roles;  ///< r regulator, a his assistant, R reader, h duty head, l site lead,
                           ///< q requester
  Command (*make)(Rest&);
  bool is_of_roster = false;
};

// One table, so that help, parsing and rights of the desks cannot part.
constexpr std::array words = {
    Word{"attente", "N MOTIF", "rh", with_reason<Hold>},
    Word{"reprendre", "N", "rhR", [](Rest& r) -> Command { return Resume{r.exam()}; }},
    Word{"urgence", "N p0..p3 MOTIF", "rh", set_urgency},
    Word{"reviser", "N PROTOCOLE : MOTIF", "r", revise_protocol},
    Word{"relier", "N ETABLISSEMENT AUTORITE NUMERO", "ra", link_order},
    Word{"annuler", "N MOTIF", "rhR", [](Rest& r) { return answer_cancel(r, true); }},
    Word{"maintenir", "N MOTIF", "rhR", [](Rest& r) { return answer_cancel(r, false); }},
    Word{"retirer", "N MOTIF", "h", with_reason<TakeOver>},
    Word{"confier", "N LECTEUR MOTIF", "h", direct},
    Word{"sans-protocole", "N MOTIF", "h", with_reason<Bypass>},
    Word{"rouvrir", "N MOTIF", "h", with_reason<Reopen>},
    Word{"epingler", "N MOTIF", "h", [](Rest& r) { return pin(r, true); }},
    Word{"desepingler", "N MOTIF", "h", [](Rest& r) { return pin(r, false); }},
    Word{"garder", "N MOTIF", "rh", [](Rest& r) { return hand_over(r, true); }},
    Word{"donner", "N A_QUI", "rhq", [](Rest& r) { return hand_over(r, false); }},
    Word{"centre", "SITE POSTES_FERMES normal|degrade MOTIF", "hl", set_site},
    Word{"absent", "LECTEUR MOTIF", "hl", set_away},
    Word{"renfort", "LECTEUR SITE [JOUR] HH:MM-HH:MM MOTIF", "hl", add_shift, true},
    Word{"rayer", "LECTEUR[@QUAND] MOTIF", "hl", strike_shift, true},
    Word{"remplacer", "LECTEUR[@QUAND] PAR_QUI MOTIF", "hl", swap_shift, true},
    Word{"horaires", "LECTEUR[@QUAND] [JOUR] HH:MM-HH:MM MOTIF", "hl", change_hours, true},
    Word{"dire", "N A_QUI TEXTE", "rhR", tell_result},
    Word{"fait", "N TACHE COMMENT", "raRh", close_task},
    Word{"avis", "N QUESTION", "rhR", [](Rest& r) { return ask_read(r, Purpose::opinion); }},
    Word{"recours", "N COMPETENCE QUESTION", "rhR",
         [](Rest& r) { return ask_read(r, Purpose::recourse); }},
    Word{"partager", "N REGION QUESTION", "rhR",
         [](Rest& r) { return ask_read(r, Purpose::region); }},
    Word{"second", "N QUESTION", "rhR",
         [](Rest& r) { return ask_read(r, Purpose::second_opinion); }},
    Word{"completer", "N TEXTE", "R",
         [](Rest& r) { return revise_report(r, ReportKind::addendum); }},
    Word{"rectifier", "N TEXTE", "R",
         [](Rest& r) { return revise_report(r, ReportKind::correction); }},
    Word{"retracter", "N TEXTE", "hR",
         [](Rest& r) { return revise_report(r, ReportKind::withdrawal); }}};

char letter_of(Role role) {
  if (role == Role::regulator) return 'r';
  if (role == Role::assistant) return 'a';
  if (role == Role::reader) return 'R';
  if (role == Role::site_lead) return 'l';
  if (role == Role::requester) return 'q';
  return role == Role::duty_head ? 'h' : '?';
}

/// The word that `line` begins with, if it is one of `role`'s; else nullptr.
const Word* word_in(const std::string& line, Role role) {
  const std::string first = line.substr(0, line.find(' '));
  const auto at = std::find_if(words.begin(), words.end(), [&](const Word& w) {
    return w.word == first && w.roles.find(letter_of(role)) != std::string_view::npos;
  });
  return at == words.end() ? nullptr : &*at;
}

}  // namespace

std::string words_of(Role role) {
  std::string usage;
  for (const Word& w : words) {
    if (w.roles.find(letter_of(role)) == std::string_view::npos) continue;
    if (!usage.empty()) usage += " | ";
    usage.append(w.word).append(" ").append(w.arguments);
  }
  return usage;
}

bool is_of_roster(const std::string& line, Role role) {
  const Word* word = word_in(line, role);
  return word && word->is_of_roster;
}

std::optional<Result<Command>> command_in(const std::string& line, Role role, const Place& place,
                                          const std::vector<Shift>& roster) {
  const Word* word = word_in(line, role);
  if (!word) return std::nullopt;
  Rest rest(line.substr(word->word.size()), place, roster);
  Command command = word->make(rest);
  if (!rest.wrong().empty()) {
    return Result<Command>(Error{Errc::bad_value, rest.wrong() + " (" + std::string(word->word) +
                                                      ' ' + std::string(word->arguments) + ')'});
  }
  return Result<Command>(std::move(command));
}

}  // namespace vigie::cli
