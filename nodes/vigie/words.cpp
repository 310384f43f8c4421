#include "nodes/vigie/words.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <sstream>

#include "messages/types/exam_number.hpp"
#include "nodes/client/client.hpp"

namespace vigie::cli {
namespace {

/// What was typed after the word: taken piece by piece.
class Rest {
 public:
  Rest(std::string text, const Place& place) : in_(std::move(text)), place_(place) {}

  std::string word() {
    std::string next;
    in_ >> next;
    return next;
  }
  std::string line() {
    std::string all;
    std::getline(in_ >> std::ws, all);
    return all;
  }
  ExamId exam() {
    const std::string typed = word();
    const auto id = parse_exam_number(*place_.directory, typed);
    if (!id && wrong_.empty()) wrong_ = "numéro d'examen inconnu : " + typed;
    return id ? *id : ExamId{};
  }
  std::string reason() {
    std::string text = line();
    if (text.empty() && wrong_.empty()) wrong_ = "il manque le motif";
    return text;
  }
  Urgency urgency() {
    Urgency found = Urgency::p2;
    if (!urgency_of(word(), found) && wrong_.empty()) wrong_ = "urgence : p0 à p3";
    return found;
  }
  PersonId person() {
    const auto found = person_in(*place_.directory, word());
    if (!found && wrong_.empty()) wrong_ = found.error().what;
    return found ? *found : PersonId{};
  }
  SiteId site() {
    const std::string typed = word();
    const Site* found = place_.directory->site_named(typed);
    if (!found && wrong_.empty()) wrong_ = "centre inconnu : " + typed;
    return found ? found->id : SiteId{};
  }
  std::uint16_t number() {
    const std::string typed = word();
    std::uint16_t found = 0;
    const char* end = typed.data() + typed.size();
    const auto read = std::from_chars(typed.data(), end, found);
    const bool whole = !typed.empty() && read.ec == std::errc{} && read.ptr == end;
    if (!whole && wrong_.empty()) wrong_ = "un nombre, pas : " + typed;
    return found;
  }
  bool is_degraded() {
    const std::string typed = word();
    const bool known = typed == "normal" || typed == "degrade";
    if (!known && wrong_.empty()) wrong_ = "normal ou degrade, pas : " + typed;
    return typed == "degrade";
  }
  TaskKind task() {
    TaskKind found = TaskKind::none;
    if (!task_kind_of(word(), found) && wrong_.empty()) wrong_ = "tâche inconnue";
    return found;
  }
  Region region() {
    const Region found = region_of(word());
    if (found == Region::unknown && wrong_.empty()) wrong_ = "région inconnue";
    return found;
  }
  Skill skill() {
    Skill found = Skill::general;
    if (!skill_of(word(), found) && wrong_.empty()) wrong_ = "compétence inconnue";
    return found;
  }
  const Establishment* establishment() {
    const std::string typed = word();
    for (const Establishment& e : place_.directory->establishments) {
      if (std::to_string(e.id.value) == typed || slug(e.name) == slug(typed)) return &e;
    }
    if (wrong_.empty()) wrong_ = "établissement inconnu : " + typed;
    return nullptr;
  }
  const Place& place() const { return place_; }
  const std::string& wrong() const { return wrong_; }

 private:
  std::istringstream in_;
  const Place& place_;
  std::string wrong_;
};

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

template <class C>
Command with_reason(Rest& rest) {
  C c;
  c.exam = rest.exam();
  c.reason = rest.reason();
  return c;
}

struct Word {
  std::string_view word, arguments;
  std::string_view roles;  ///< r regulator, R reader, h duty head, l site lead, q requester
  Command (*make)(Rest&);
};

// One table, so that help, parsing and rights of the desks cannot part.
constexpr std::array words = {
    Word{"attente", "N MOTIF", "rh", with_reason<Hold>},
    Word{"reprendre", "N", "rhR", [](Rest& r) -> Command { return Resume{r.exam()}; }},
    Word{"urgence", "N p0..p3 MOTIF", "rh", set_urgency},
    Word{"reviser", "N PROTOCOLE : MOTIF", "r", revise_protocol},
    Word{"relier", "N ETABLISSEMENT AUTORITE NUMERO", "r", link_order},
    Word{"annuler", "N MOTIF", "rhR", [](Rest& r) { return answer_cancel(r, true); }},
    Word{"maintenir", "N MOTIF", "rhR", [](Rest& r) { return answer_cancel(r, false); }},
    Word{"retirer", "N MOTIF", "h", with_reason<TakeOver>},
    Word{"confier", "N LECTEUR MOTIF", "h", direct},
    Word{"epingler", "N MOTIF", "h", [](Rest& r) { return pin(r, true); }},
    Word{"desepingler", "N MOTIF", "h", [](Rest& r) { return pin(r, false); }},
    Word{"garder", "N MOTIF", "rh", [](Rest& r) { return hand_over(r, true); }},
    Word{"donner", "N A_QUI", "rhq", [](Rest& r) { return hand_over(r, false); }},
    Word{"centre", "SITE POSTES_FERMES normal|degrade MOTIF", "hl", set_site},
    Word{"absent", "LECTEUR MOTIF", "hl", set_away},
    Word{"dire", "N A_QUI TEXTE", "rhR", tell_result},
    Word{"fait", "N TACHE COMMENT", "rhR", close_task},
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
  if (role == Role::reader) return 'R';
  if (role == Role::site_lead) return 'l';
  if (role == Role::requester) return 'q';
  return role == Role::duty_head ? 'h' : '?';
}

}  // namespace

Result<PersonId> person_in(const Directory& directory, const std::string& typed) {
  PersonId found;
  for (const Person& p : directory.people) {
    if (std::to_string(p.id.value) == typed || slug(p.name) == slug(typed)) return p.id;
  }
  for (const Person& p : directory.people) {
    const bool named = !typed.empty() && slug(p.name).find(slug(typed)) != std::string::npos;
    if (named && found) return Error{Errc::bad_value, "plusieurs personnes : " + typed};
    if (named) found = p.id;
  }
  if (!found) return Error{Errc::bad_value, "personne inconnue : " + typed};
  return found;
}

std::string words_of(Role role) {
  std::string usage;
  for (const Word& w : words) {
    if (w.roles.find(letter_of(role)) == std::string_view::npos) continue;
    if (!usage.empty()) usage += " | ";
    usage.append(w.word).append(" ").append(w.arguments);
  }
  return usage;
}

std::optional<Result<Command>> command_in(const std::string& line, Role role, const Place& place) {
  const auto blank = line.find(' ');
  const std::string first = line.substr(0, blank);
  const auto at = std::find_if(words.begin(), words.end(), [&](const Word& w) {
    return w.word == first && w.roles.find(letter_of(role)) != std::string_view::npos;
  });
  if (at == words.end()) return std::nullopt;
  Rest rest(blank == std::string::npos ? std::string() : line.substr(blank + 1), place);
  Command command = at->make(rest);
  if (!rest.wrong().empty()) {
    return Result<Command>(Error{
        Errc::bad_value, rest.wrong() + " (" + first + ' ' + std::string(at->arguments) + ')'});
  }
  return Result<Command>(std::move(command));
}

}  // namespace vigie::cli
