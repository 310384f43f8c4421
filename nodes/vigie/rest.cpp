#include "nodes/vigie/rest.hpp"

#include <algorithm>
#include <charconv>

#include "messages/types/exam_number.hpp"
#include "nodes/vigie/hours.hpp"

namespace vigie::cli {

Result<PersonId> person_in(const Directory& directory, const std::string& typed) {
  if (typed.empty()) return Error{Errc::bad_value, "il manque la personne : son numéro ou son nom"};
  std::vector<const Person*> found;
  for (const Person& p : directory.people) {
    if (std::to_string(p.id.value) == typed || slug(p.name) == slug(typed)) return p.id;
    if (slug(p.name).find(slug(typed)) != std::string::npos) found.push_back(&p);
  }
  if (found.empty()) return Error{Errc::bad_value, "personne inconnue : " + typed};
  if (found.size() == 1) return found.front()->id;
  std::string some;
  for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 10); ++i) {
    some += (i == 0 ? "" : ", ") + std::to_string(found[i]->id.value) + ' ' + found[i]->name;
  }
  return Error{Errc::bad_value, typed + " : plusieurs personnes, tapez le numéro : " + some};
}

std::string Rest::word() {
  std::string next;
  in_ >> next;
  return next;
}

std::string Rest::line() {
  std::string all;
  std::getline(in_ >> std::ws, all);
  return all;
}

std::string Rest::phone() {
  std::string number;
  while (in_ >> std::ws && in_.peek() != std::istringstream::traits_type::eof()) {
    const auto before = in_.tellg();
    const std::string piece = word();
    if (piece.find_first_not_of("0123456789+.-") != std::string::npos) {
      in_.seekg(before);
      break;
    }
    number += piece;
  }
  if (number.size() < 4) complain("il manque le téléphone de qui appelle");
  return number;
}

ExamId Rest::exam() {
  const std::string typed = word();
  const auto id = parse_exam_number(*place_.directory, typed);
  if (!id) {
    complain(typed.empty() ? "il manque le numéro de l'examen"
                           : "pas un numéro d'examen : " + typed);
  }
  return id ? *id : ExamId{};
}

std::string Rest::reason() {
  std::string text = line();
  if (text.empty()) complain("il manque le motif");
  return text;
}

Urgency Rest::urgency() {
  Urgency found = Urgency::p2;
  if (!urgency_of(word(), found)) complain("urgence : p0 à p3");
  return found;
}

PersonId Rest::person() {
  const auto found = person_in(*place_.directory, word());
  if (!found) complain(found.error().what);
  return found ? *found : PersonId{};
}

PersonId Rest::person_if_named() {
  in_ >> std::ws;
  if (in_.peek() != '@') return {};
  in_.get();
  return person();
}

SiteId Rest::site() {
  const std::string typed = word();
  const Site* found = place_.directory->site_named(typed);
  if (!found) complain("centre inconnu : " + typed);
  return found ? found->id : SiteId{};
}

std::uint16_t Rest::number() {
  const std::string typed = word();
  std::uint16_t found = 0;
  const char* end = typed.data() + typed.size();
  const auto read = std::from_chars(typed.data(), end, found);
  const bool whole = !typed.empty() && read.ec == std::errc{} && read.ptr == end;
  if (!whole) complain("un nombre, pas : " + typed);
  return found;
}

bool Rest::is_degraded() {
  const std::string typed = word();
  const bool known = typed == "normal" || typed == "degrade";
  if (!known) complain("normal ou degrade, pas : " + typed);
  return typed == "degrade";
}

TaskKind Rest::task() {
  TaskKind found = TaskKind::none;
  if (!task_kind_of(word(), found)) complain("quelle tâche ? voir N les nomme");
  return found;
}

Region Rest::region() {
  const Region found = region_of(word());
  if (found == Region::unknown) {
    complain("région : head, neck, chest, abdomen_pelvis, spine, limb, whole_body");
  }
  return found;
}

Skill Rest::skill() {
  Skill found = Skill::general;
  if (!skill_of(word(), found)) complain("compétence inconnue");
  return found;
}

const Establishment* Rest::establishment() {
  const std::string typed = word();
  for (const Establishment& e : place_.directory->establishments) {
    if (std::to_string(e.id.value) == typed || slug(e.name) == slug(typed)) return &e;
  }
  complain("établissement inconnu : " + typed);
  return nullptr;
}

Shift Rest::shift() {
  const std::string typed = word();
  const auto at = typed.find('@');
  const std::string when = at == std::string::npos ? std::string() : typed.substr(at + 1);
  const auto person = person_in(*place_.directory, typed.substr(0, at));
  if (!person) return complain(person.error().what), Shift{};
  std::vector<Shift> found;
  std::string all;
  for (const Shift& s : roster_) {
    const bool fits = s.person == *person && s.until > utc_now() &&
                      clock_text(s.from).find(when) != std::string::npos;
    if (!fits) continue;
    found.push_back(s);
    all += (all.empty() ? "" : ", ") + place_.site(s.site) + ' ' + hours_text(s.from, s.until);
  }
  if (found.size() == 1) return found.front();
  const std::string name = place_.person(*person);
  if (found.empty()) {
    complain("rien au tableau pour " + name + (when.empty() ? "" : ", " + when));
  } else {
    complain("plusieurs gardes de " + name + " : " + all + " ; laquelle ? " + typed.substr(0, at) +
             '@' + day_of(found.front().from));
  }
  return {};
}

void Rest::hours(Shift& shift) {
  std::string day, typed = word();
  if (typed.find(':') == std::string::npos) {
    day = std::move(typed);
    typed = word();
  } else if (shift.from) {
    day = day_of(shift.from);
  }
  const auto found = hours_in(day, typed, utc_now());
  if (!found) return complain(found.error().what);
  shift.from = found->from;
  shift.until = found->until;
}

}  // namespace vigie::cli
