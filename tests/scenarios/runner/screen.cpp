#include "tests/scenarios/runner/screen.hpp"

#include "messages/types/assignment_events.hpp"
#include "tests/scenarios/runner/cast.hpp"
#include "tests/scenarios/runner/stage.hpp"

namespace vigie::scenarios {

Screen::Screen(Stage& stage, PersonId person, Role role, SiteId at, AcceptMode accept)
    : stage_(stage),
      person_(person),
      role_(role),
      at_(at),
      accept_(accept),
      name_(name_of(stage.directory(), person)),
      caller_(stage.world(), stage.network(), stage.records(), name_, at, stage.doors_from(at),
              key_of(person), stage.fork(), 0) {
  if (role == Role::reader) stage.tracks().join(*this);
  open();
}

void Screen::open() {
  client::SessionWish wish;
  wish.role = role_;
  wish.accept = AcceptMode::manual;
  if (role_ == Role::reader) wish.site = at_;
  wish.desk = role_ == Role::reader      ? Desk::reader
              : role_ == Role::regulator ? Desk::regulator
                                         : Desk::none;
  client::SessionHandler handler;
  handler.attached = [this](client::Session&, const Answer& answer) { attached(answer); };
  handler.event = [this](client::Session&, const Event& event) { see(event); };
  handler.view = [this](client::Session&, const std::vector<Event>& view) { show(view); };
  handler.lease = [this](client::Session&) {
    if (const ExamId exam = believes()) stage_.tracks().believed(exam);
  };
  handler.lost = [this](client::Session&, const Answer& answer) {
    stage_.trace().say(name_ + "'s screen at " + name_of(stage_.directory(), at_) +
                       " is shut out: " + words_of(answer));
  };
  caller_.open(std::move(wish), std::move(handler));
}

ExamId Screen::believes() const {
  const client::Session& session = caller_.session();
  const bool shows =
      !left_ && !dead_ && held_ && !caller_.is_lost() && session.holds() && session.exam() == held_;
  return shows ? held_ : ExamId{};
}

std::pair<SessionId, Incarnation> Screen::counts_on() const {
  const client::Session& session = caller_.session();
  if (caller_.is_lost() || !session.holds()) return {};
  return {session.id(), session.incarnation()};
}

Epoch Screen::epoch_of(ExamId exam) const {
  const auto at = epochs_.find(exam);
  return at == epochs_.end() ? Epoch{} : at->second;
}

void Screen::send(Command command) {
  const std::string what(name_of(command));
  const bool signs = std::holds_alternative<Sign>(command);
  const bool gives_up = signs || std::holds_alternative<Release>(command);
  if (gives_up) held_ = shown_ = {};  // from the moment that the key is pressed
  caller_.send(std::move(command), [this](const Answer& answer) {
    const std::string words = words_of(answer);
    if (!words.empty()) stage_.trace().say(name_ + " is told: " + words);
  });
}

void Screen::die() {
  dead_ = true;
  caller_.retire();
}

void Screen::look() {
  if (role_ != Role::reader || left_ || dead_) return;
  const ExamId now = believes();
  if (now == shown_) return;
  if (now && lapsed_) {
    stage_.trace().say(name_ + "'s screen shows " + stage_.labels().of(now) + " again");
  } else if (!now && held_ == shown_) {  // not by an event: time ran out
    stage_.trace().say(name_ + "'s screen no longer shows " + stage_.labels().of(shown_) +
                       ": its lease was not renewed");
  }
  lapsed_ = !now && held_ == shown_;
  shown_ = now;
}

void Screen::attached(const Answer&) {
  session_ = caller_.session().id();
  place_ = stage_.tracks().place_in_stream(session_, caller_.session().cursor());
  if (role_ == Role::reader) send(SetReader{ReaderMode::free, accept_});
}

void Screen::given(const Event& event) {
  epochs_[event.exam] = event.epoch;
  held_ = event.kind == EventKind::read_accepted ? event.exam : ExamId{};
  if (believes()) stage_.tracks().believed(event.exam);
}

void Screen::see(const Event& event) {
  if (role_ != Role::reader || event.session != session_) return;
  stage_.tracks().shown(session_, place_, event);
  if (is_given(event.kind)) return given(event);
  if (is_taken_away(event.kind) && (!event.exam || event.exam == held_)) held_ = shown_ = {};
}

void Screen::show(const std::vector<Event>& view) {
  if (role_ != Role::reader) return;
  session_ = caller_.session().id();
  place_ = stage_.tracks().place_in_stream(session_, caller_.session().cursor());
  held_ = {};
  for (const Event& event : view) {
    if (event.session == session_ && is_given(event.kind)) given(event);
  }
}

}  // namespace vigie::scenarios
