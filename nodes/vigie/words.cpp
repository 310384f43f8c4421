#include "nodes/vigie/words.hpp"

#include <algorithm>
#include <array>

#include "nodes/client/client.hpp"
#include "nodes/vigie/request.hpp"
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

Command cancel(Rest& rest) {
  Cancel c;
  c.exam.id = rest.exam();
  c.reason = rest.reason();
  return c;
}

Command provide_info(Rest& rest) {
  ProvideInfo c;
  c.exam.id = rest.exam();
  c.text = rest.reason();
  return c;
}

/// Its order is joined to it later (relier).
Command phoned(Rest& rest) {
  RequestFlags flags;
  flags.phoned = true;
  const Establishment* where = rest.establishment();
  flags.modality = rest.word();
  flags.region = rest.word();
  flags.urgency = rest.word();
  flags.phone = rest.phone();
  flags.procedure = rest.reason();
  if (!where) return {};
  const auto request = request_of(flags, *where);
  if (!request) rest.complain(request.error().what);
  return request ? Submit{{*request}, "appel-" + request->key.number} : Submit{};
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
  c.reader = rest.person_if_named();
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
                           ///< q requester, t technologist
  Command (*make)(Rest&);
  std::string_view meaning;
  bool is_of_roster = false;
};

// One table, so that help, parsing and rights of the desks cannot part.
constexpr std::array words = {
    Word{"appel", "HOPITAL MODALITE REGION p1..p3 TELEPHONE INDICATION", "ra", phoned,
         "une demande par téléphone, avant son ordre"},
    Word{"annuler", "N MOTIF", "q", cancel, "la demande n'a plus lieu d'être"},
    Word{"repondre", "N TEXTE", "qta", provide_info, "à la question du régulateur"},
    Word{"accuser", "N", "qtar",
         [](Rest& r) -> Command {
           return AckCritical{{r.exam(), {}}};
         },
         "le résultat critique est reçu"},
    Word{"attente", "N MOTIF", "rh", with_reason<Hold>, "mettre en attente"},
    Word{"reprendre", "N", "rhR", [](Rest& r) -> Command { return Resume{r.exam()}; },
         "ce qui est en attente, ou mis de côté"},
    Word{"urgence", "N p0..p3 MOTIF", "rhqt", set_urgency,
         "la changer (un hôpital : la relever, p1 au plus)"},
    Word{"reviser", "N PROTOCOLE : MOTIF", "r", revise_protocol, "un autre protocole"},
    Word{"relier", "N ETABLISSEMENT AUTORITE NUMERO", "ra", link_order,
         "l'ordre d'un examen demandé par téléphone"},
    Word{"annuler", "N MOTIF", "rhR", [](Rest& r) { return answer_cancel(r, true); },
         "oui à l'hôpital qui veut annuler"},
    Word{"abandonner", "N MOTIF", "rh", cancel,
         "un examen qui n'a plus lieu d'être, avant son début"},
    Word{"maintenir", "N MOTIF", "rhR", [](Rest& r) { return answer_cancel(r, false); },
         "non à l'hôpital qui veut annuler"},
    Word{"retirer", "N MOTIF", "h", with_reason<TakeOver>, "à son lecteur, pour un autre"},
    Word{"confier", "N LECTEUR MOTIF", "h", direct, "à ce lecteur-là"},
    Word{"sans-protocole", "N MOTIF", "h", with_reason<Bypass>,
         "aux lecteurs tout de suite, sans protocole"},
    Word{"rouvrir", "N MOTIF", "h", with_reason<Reopen>, "un examen clos"},
    Word{"epingler", "N MOTIF", "h", [](Rest& r) { return pin(r, true); }, "avant tous les p1"},
    Word{"desepingler", "N MOTIF", "h", [](Rest& r) { return pin(r, false); }, "à sa place"},
    Word{"garder", "N MOTIF", "rh", [](Rest& r) { return hand_over(r, true); },
         "la garde est finie à l'hôpital, elle le lit quand même"},
    Word{"donner", "N A_QUI", "rhq", [](Rest& r) { return hand_over(r, false); },
         "au service de jour de l'hôpital"},
    Word{"centre", "SITE POSTES_FERMES normal|degrade MOTIF", "hl", set_site,
         "postes fermés, centre dégradé"},
    Word{"absent", "LECTEUR MOTIF", "hl", set_away, "noter un lecteur absent"},
    Word{"renfort", "LECTEUR SITE [JOUR] HH:MM-HH:MM MOTIF", "hl", add_shift,
         "un de plus au tableau de garde", true},
    Word{"rayer", "LECTEUR[@QUAND] MOTIF", "hl", strike_shift, "hors du tableau", true},
    Word{"remplacer", "LECTEUR[@QUAND] PAR_QUI MOTIF", "hl", swap_shift, "au tableau", true},
    Word{"horaires", "LECTEUR[@QUAND] [JOUR] HH:MM-HH:MM MOTIF", "hl", change_hours,
         "d'autres heures de garde", true},
    Word{"dire", "N A_QUI TEXTE", "rhR", tell_result,
         "noter à qui le résultat a été dit de vive voix"},
    Word{"fait", "N TACHE COMMENT", "raRh", close_task, "une tâche est faite"},
    Word{"avis", "N [@LECTEUR] QUESTION", "rhR",
         [](Rest& r) { return ask_read(r, Purpose::opinion); }, "d'un confrère, ou de celui-là"},
    Word{"recours", "N [@LECTEUR] COMPETENCE QUESTION", "rhR",
         [](Rest& r) { return ask_read(r, Purpose::recourse); }, "d'un surspécialiste"},
    Word{"partager", "N [@LECTEUR] REGION QUESTION", "rhR",
         [](Rest& r) { return ask_read(r, Purpose::region); }, "une région à un autre lecteur"},
    Word{"second", "N [@LECTEUR] QUESTION", "rhRq",
         [](Rest& r) { return ask_read(r, Purpose::second_opinion); },
         "une seconde lecture d'un examen rendu"},
    Word{"completer", "N TEXTE", "R",
         [](Rest& r) { return revise_report(r, ReportKind::addendum); },
         "ajouter à votre compte rendu signé"},
    Word{"rectifier", "N TEXTE", "R",
         [](Rest& r) { return revise_report(r, ReportKind::correction); },
         "remplacer votre compte rendu signé"},
    Word{"retracter", "N TEXTE", "hR",
         [](Rest& r) { return revise_report(r, ReportKind::withdrawal); },
         "retirer un compte rendu signé"}};

char letter_of(Role role) {
  if (role == Role::regulator) return 'r';
  if (role == Role::assistant) return 'a';
  if (role == Role::reader) return 'R';
  if (role == Role::site_lead) return 'l';
  if (role == Role::requester) return 'q';
  if (role == Role::technologist) return 't';
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

std::vector<Help> words_of(Role role) {
  std::vector<Help> all;
  for (const Word& w : words) {
    if (w.roles.find(letter_of(role)) == std::string_view::npos) continue;
    all.push_back({std::string(w.word) + ' ' + std::string(w.arguments), std::string(w.meaning)});
  }
  return all;
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
