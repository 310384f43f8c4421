// What readers do, and whoever else logs in.
#include "tests/scenarios/runner/command.hpp"

namespace vigie::scenarios {
namespace {

Screen& reader(Stage& stage, const Values& v) { return screen_of(stage, v[0], Role::reader); }

/// Made from who and what, so that the same words are the same report.
ReportId report_id(const std::string& author, const std::string& exam, const std::string& text) {
  std::uint64_t id = 14695981039346656037u;
  for (char c : author + "/" + exam + "/" + text) {
    id = (id ^ static_cast<unsigned char>(c)) * 1099511628211u;
  }
  return {id | 1};
}

void log_in(Stage& stage, const Values& v) {
  const SiteId at = centre_of(stage, v[1]);
  const auto accept = v.has("next") ? AcceptMode::automatic : AcceptMode::manual;
  for (const Role role : {Role::reader, Role::regulator, Role::duty_head, Role::administrator}) {
    const Person* person = person_named(stage.directory(), v[0], role);
    if (person) return void(stage.log_in(person->id, role, at, accept));
  }
  throw Misunderstood("there is nobody called " + v[0]);
}

DeclineReason reason_named(const std::string& name) {
  constexpr std::pair<std::string_view, DeclineReason> names[] = {
      {"images", DeclineReason::images},
      {"skill", DeclineReason::skill},
      {"conflict", DeclineReason::conflict},
      {"other", DeclineReason::other}};
  for (const auto& [known, reason] : names) {
    if (known == name) return reason;
  }
  throw Misunderstood(name + " is no reason: images, skill, conflict or other");
}

void sign_at(Screen& screen, Stage& stage, const Values& v) {
  const ExamId exam = exam_of(stage, v[1]);
  screen.send(Sign{exam, screen.epoch_of(exam), report_id(v[0], v[1], v[2]), v[2]});
}

void sign_at_old_screen(Stage& stage, const Values& v) {
  Screen* older = stage.older_screen_of(person_of(stage, v[0], Role::reader));
  if (!older) throw Misunderstood(v[0] + " has logged in once only");
  sign_at(*older, stage, v);
}

/// The late report beside the exam that nobody has settled yet.
void settle(Stage& stage, const Values& v, bool adopt) {
  const actors::Host* host = stage.host();
  const Exam* exam = host ? host->room().state().exams().find(exam_of(stage, v[1])) : nullptr;
  if (exam) {
    for (const Report& r : exam->reports) {
      if (r.kind != ReportKind::late || r.settled) continue;
      return reader(stage, v).send(SettleLate{exam->id, r.id, adopt});
    }
  }
  throw Misunderstood("there is no late report of " + v[1]);
}

}  // namespace

const std::vector<Verb>& reading_verbs() {
  static const std::vector<Verb> verbs = {
      {"READER logs in at CENTRE [and takes the next]",
       "Anybody of the cast; takes the next: needs not accept offers.", log_in},
      {"READER accepts EXAM", "That is offered.",
       [](Stage& s, const Values& v) {
         const ExamId exam = exam_of(s, v[1]);
         reader(s, v).send(AcceptOffer{exam, reader(s, v).epoch_of(exam)});
       }},
      {"READER declines EXAM for REASON", "images, skill, conflict or other.",
       [](Stage& s, const Values& v) {
         const ExamId exam = exam_of(s, v[1]);
         reader(s, v).send(DeclineOffer{exam, reader(s, v).epoch_of(exam), reason_named(v[2])});
       }},
      {"READER gives EXAM back TEXT", "Unread, with the reason.",
       [](Stage& s, const Values& v) {
         const ExamId exam = exam_of(s, v[1]);
         reader(s, v).send(Release{exam, reader(s, v).epoch_of(exam), v[2]});
       }},
      {"READER says of EXAM TEXT", "A preliminary report.",
       [](Stage& s, const Values& v) {
         const ExamId exam = exam_of(s, v[1]);
         reader(s, v).send(Preliminary{exam, reader(s, v).epoch_of(exam),
                                       report_id(v[0], v[1], "preliminary"), v[2]});
       }},
      {"READER signs EXAM TEXT", "The report; the same words are the same report.",
       [](Stage& s, const Values& v) { sign_at(reader(s, v), s, v); }},
      {"READER's old screen signs EXAM TEXT", "That of the login before the last.",
       sign_at_old_screen},
      {"READER adopts the late report of EXAM", "As the one that counts.",
       [](Stage& s, const Values& v) { settle(s, v, true); }},
      {"READER keeps the late report of EXAM aside", "The reader's own counts.",
       [](Stage& s, const Values& v) { settle(s, v, false); }},
      {"READER is free", "After having been away.",
       [](Stage& s, const Values& v) {
         reader(s, v).send(SetReader{ReaderMode::free, AcceptMode::manual});
       }},
      {"READER rests", "Wants no offers.",
       [](Stage& s, const Values& v) {
         reader(s, v).send(SetReader{ReaderMode::rest, AcceptMode::manual});
       }},
      {"READER's console is off line for SPAN", "What is said meanwhile is sent afterwards.",
       [](Stage& s, const Values& v) {
         screen_of(s, v[0], Role::reader).caller().sleep(span_of(v[1]));
       }},
      {"READER's console dies", "For ever, until the next login.",
       [](Stage& s, const Values& v) { reader(s, v).die(); }},
  };
  return verbs;
}

}  // namespace vigie::scenarios
