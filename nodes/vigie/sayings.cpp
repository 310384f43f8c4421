#include "nodes/vigie/sayings.hpp"

#include <map>

namespace vigie::cli {
namespace {

/// What the room adds to a refusal, in the words of a desk.
std::string in_french(const std::string& detail) {
  static const std::pair<const char*, const char*> known[] = {
      {"the duty is not yours", "la garde n'est pas à vous : prendre"},
      {"another centre", "c'est un autre centre"},
      {"role not held", "ce n'est pas votre rôle"},
      {"no such shift on the roster", "le tableau a changé : regardez-le"},
      {"reason: 1 to 128 bytes", "motif : 1 à 128 octets"},
      {"question: 1 to 128 bytes", "question : 1 à 128 octets"},
      {"kept as preliminary", "une lecture demandée n'est pas rendue : gardé comme préliminaire"},
      {"a mandatory reading is open", "une lecture demandée n'est pas rendue"},
      {"the report is kept", "le vôtre est gardé à côté"},
      {"the report is parked", "le vôtre est gardé à côté"},
      {"asked of the exam itself", "à demander sur l'examen d'origine"},
      {"one at a time", "un seul à la fois"},
      {"called_back", "rappelez d'abord l'hôpital"},
      {"no such late report", "ce compte rendu tardif n'attend pas"},
      {"he is not at his post", "il n'est pas à son poste"},
      {"he reads", "il lit"},
      {"only a p2 or p3", "p2 ou p3 seulement"},
      {"a hospital's urgency only rises", "un hôpital ne peut que relever l'urgence"},
      {"no such task is open", "cette tâche n'est pas ouverte"},
      {"it has no critical result", "il n'a pas de résultat critique"},
      {"open exam(s) not seen", "des examens ouverts n'ont pas été vus : recommencez"},
      {"posts: it has", "le centre n'a pas tant de postes"},
      {"no regulator's qualification", "pas de qualification de régulateur en cours"}};
  for (const auto& [there, here] : known) {
    if (detail.find(there) != std::string::npos) return here;
  }
  return detail.find(' ') == std::string::npos ? std::string() : detail;  // a name says nothing
}

}  // namespace

std::string said(const Command& command) {
  static const std::map<std::string_view, const char*> done = {
      {"cancel", "annulation"},
      {"claim", "prise"},
      {"release_claim", "rendue à la file"},
      {"ask_info", "question posée"},
      {"provide_info", "réponse donnée"},
      {"accept", "acceptation"},
      {"refuse", "refus de la demande"},
      {"submit", "demande"},
      {"acquisition_started", "début de l'examen"},
      {"images_progress", "images reçues"},
      {"acquisition_complete", "images complètes"},
      {"accept_offer", "acceptation"},
      {"decline_offer", "déclinaison"},
      {"release", "examen rendu"},
      {"preliminary", "compte rendu préliminaire"},
      {"sign", "signature"},
      {"settle_late", "compte rendu tardif réglé"},
      {"set_reader", "changement d'état"},
      {"revise_protocol", "protocole révisé"},
      {"ack_protocol", "protocole vu"},
      {"set_urgency", "urgence changée"},
      {"hold", "mise en attente"},
      {"resume", "reprise"},
      {"suspend", "mise de côté"},
      {"want_images", "images demandées"},
      {"take_over", "retrait au lecteur"},
      {"direct", "examen confié"},
      {"answer_cancel", "réponse à l'annulation"},
      {"tell_result", "résultat dit de vive voix, noté"},
      {"revise_report", "nouvelle version du compte rendu"},
      {"ack_critical", "résultat critique accusé"},
      {"close_task", "tâche faite"},
      {"link_order", "ordre relié"},
      {"ask_read", "lecture demandée"},
      {"take_duty", "garde prise"},
      {"offer_duty", "garde proposée"},
      {"set_site", "centre"},
      {"set_away", "lecteur noté absent"},
      {"set_shift", "tableau changé"},
      {"bypass", "passage sans protocole"},
      {"reopen", "réouverture"}};
  if (const auto* pin = std::get_if<Pin>(&command)) return pin->on ? "épinglage" : "désépinglage";
  if (const auto* given = std::get_if<HandOver>(&command)) {
    return given->kept ? "gardé par la garde" : "donné au service de jour";
  }
  const auto at = done.find(name_of(command));
  return at == done.end() ? std::string(name_of(command)) : at->second;
}

std::string said(EventKind kind) {
  static const std::map<EventKind, const char*> happened = {
      {EventKind::regulation_overdue, "demande sans régulateur depuis longtemps :"},
      {EventKind::info_overdue, "question sans réponse :"},
      {EventKind::exam_without_reader, "personne ne lit :"},
      {EventKind::task_overdue, "tâche en retard :"},
      {EventKind::task_opened, "à faire :"},
      {EventKind::report_late, "compte rendu tardif :"},
      {EventKind::report_overdue, "compte rendu final attendu :"},
      {EventKind::report_revised, "compte rendu revu :"},
      {EventKind::report_validated, "compte rendu signé :"},
      {EventKind::cancel_asked, "l'hôpital veut annuler (annuler ou maintenir) :"},
      {EventKind::cancel_refused, "annulation refusée :"},
      {EventKind::exam_cancelled, "annulé :"},
      {EventKind::exam_held, "mis en attente :"},
      {EventKind::exam_resumed, "reprise de :"},
      {EventKind::exam_bypassed, "sans protocole :"},
      {EventKind::exam_reopened, "rouvert :"},
      {EventKind::exam_refused, "refusé :"},
      {EventKind::request_refused_by_rule, "refusé :"},
      {EventKind::request_amended, "demande changée par l'hôpital :"},
      {EventKind::info_requested, "question :"},
      {EventKind::info_provided, "l'hôpital a répondu :"},
      {EventKind::images_added, "d'autres images :"},
      {EventKind::images_wanted, "des images sont demandées :"},
      {EventKind::images_missing, "pas d'images :"},
      {EventKind::images_stalled, "les images n'arrivent plus :"},
      {EventKind::protocol_assigned, "protocole donné :"},
      {EventKind::report_preliminary, "compte rendu préliminaire :"},
      {EventKind::result_told, "résultat dit de vive voix :"},
      {EventKind::protocol_revised, "protocole révisé :"},
      {EventKind::order_linked, "ordre relié :"},
      {EventKind::child_read, "avis rendu (voir) :"},
      {EventKind::ai_received, "résultat d'un moteur :"},
      {EventKind::site_unreachable, "centre injoignable :"},
      {EventKind::site_set, "centre changé :"},
      {EventKind::shift_set, "tableau changé :"},
      {EventKind::shift_missed, "garde :"},
      {EventKind::duty_taken, "garde prise :"},
      {EventKind::duty_offered, "garde proposée à :"},
      {EventKind::duty_lost, "chef de garde injoignable :"},
      {EventKind::overflow_opened, "débordement ouvert :"},
      {EventKind::overflow_closed, "débordement fermé :"},
      {EventKind::offer_expired, "pas accepté à temps"},
      {EventKind::offer_withdrawn, "offre retirée"},
      {EventKind::read_declined, "décliné"},
      {EventKind::read_released, "rendu"},
      {EventKind::read_suspended, "mis de côté"},
      {EventKind::read_taken_over, "repris par le chef de garde"},
      {EventKind::lease_expired, "bail échu"}};
  const auto at = happened.find(kind);
  return at == happened.end() ? std::string(name_of(kind)) : at->second;
}

std::string why_not(Errc code, const std::string& detail) {
  static const std::map<Errc, const char*> reasons = {
      {Errc::unauthorised, "ce rôle n'y a pas droit"},
      {Errc::wrong_state, "pas dans cet état"},
      {Errc::not_holder, "ce n'est pas à vous"},
      {Errc::stale, "l'examen a avancé depuis"},
      {Errc::already_final, "un compte rendu est déjà signé (son auteur : completer, rectifier)"},
      {Errc::superseded, "ce bureau a été repris ailleurs"},
      {Errc::bad_value, "une valeur n'est pas permise"},
      {Errc::too_large, "texte trop long"},
      {Errc::unknown_exam, "pas d'examen ouvert de ce numéro"},
      {Errc::not_eligible, "ce lecteur ne peut pas l'avoir"},
      {Errc::unknown_protocol, "protocole inconnu"},
      {Errc::unknown_person, "personne inconnue"},
      {Errc::busy_reader, "le lecteur a un examen en main"},
      {Errc::site_full, "tous les postes du centre sont pris"},
      {Errc::acquisition_begun, "l'examen a commencé : la demande d'annulation est transmise"},
      {Errc::no_leader, "pas de majorité en ce moment : recommencez"},
      {Errc::timeout, "pas de réponse : recommencez"}};
  const auto at = reasons.find(code);
  std::string text = at == reasons.end() ? std::string(errc_info(code).text) : at->second;
  if (code == Errc::wrong_state && !detail.empty() && detail.find(' ') == std::string::npos) {
    return "impossible, l'examen est " + detail;
  }
  const std::string more = in_french(detail);
  return more.empty() ? text : text + " (" + more + ')';
}

ExamId exam_of(const Command& command) {
  return std::visit(
      [](const auto& c) -> ExamId {
        if constexpr (requires { c.exam.id; }) {
          return c.exam.id;
        } else if constexpr (requires { ExamId{c.exam}; }) {
          return c.exam;
        } else {
          return {};
        }
      },
      command);
}

}  // namespace vigie::cli
