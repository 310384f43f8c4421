// A reader: takes what is offered, or declines, or is away; reads, signs, gives back; closes the
// laptop in the middle and signs late; walks to another centre; logs in a second time elsewhere and
// leaves the first screen standing.
#include "messages/types/assignment_events.hpp"
#include "tests/sim/town.hpp"

namespace vigie::sim {
namespace {

class Reader;

/// One login: a screen with the SDK behind it.
class Screen final : public Believer {
 public:
  Screen(Reader& reader, Town& town, std::uint32_t number, SiteId place);
  ExamId believes() const override;
  PersonId person() const override;

  Caller caller;
  std::size_t place = 0;   ///< in the stream of its session
  SessionId session;       ///< of that stream
  ExamId held;             ///< shown as accepted, not only offered
  bool abandoned = false;  ///< its owner works at another one

 private:
  Reader& reader_;
};

class Reader final : public Person {
 public:
  Reader(Town& town, std::uint32_t number, SiteId home)
      : town_(town), chance_(town.fork()), number_(number) {
    town_.world.join(*this);
    log_in(home);
    town_.world.at(town_.world.now() + 30 * second, *this, idle);
  }

  Caller* caller() override { return &screen().caller; }
  std::size_t waiting() const override { return screens_.back()->caller.session().unanswered(); }
  PersonId person() const { return {number_}; }

  void attached(Screen& s, const Answer& answer);
  void see(Screen& s, const Event& event);
  void show(Screen& s, const std::vector<Event>& view);
  void on_event(std::uint32_t kind, std::uint64_t value) override;

  Town& town_;

 private:
  enum Kind : std::uint32_t { decide, finish, idle };
  Screen& screen() { return *screens_.back(); }
  /// Its exam, unless the reader has given it back already and only waits for that to be written.
  ExamId kept_of(const Event& e) const { return e.epoch == given_up_ ? ExamId{} : e.exam; }
  void log_in(SiteId place);
  void given(const Event& event);
  void give_up();
  void decide_now();
  void finish_now();
  void sign();
  void later(Kind kind, Time after) {
    town_.world.at(town_.world.now() + after, *this, kind, ++plan_);
  }

  Chance chance_;
  const std::uint32_t number_;
  std::vector<std::unique_ptr<Screen>> screens_;  ///< the last one is sat at
  ExamId exam_;
  Epoch epoch_, given_up_;
  bool drafted_ = false;
  std::uint64_t plan_ = 0;  ///< what was planned before is off
};

Screen::Screen(Reader& reader, Town& town, std::uint32_t number, SiteId where)
    : caller(town.world, town.network, town.records, "reader" + std::to_string(number), where,
             doors_from(where, town.sites), key_of({number}), town.fork()),
      reader_(reader) {
  town.tracks.join(*this);
}

PersonId Screen::person() const { return reader_.person(); }

ExamId Screen::believes() const {
  const bool shows = !abandoned && held && !caller.is_lost() && caller.session().holds() &&
                     caller.session().exam() == held;
  return shows ? held : ExamId{};
}

void Reader::log_in(SiteId place) {
  if (!screens_.empty()) screen().abandoned = true;
  screens_.push_back(std::make_unique<Screen>(*this, town_, number_, place));
  Screen& s = screen();
  client::SessionWish wish;
  wish.role = Role::reader;
  wish.site = place;
  wish.desk = Desk::reader;
  client::SessionHandler handler;
  handler.attached = [this, &s](client::Session&, const Answer& answer) { attached(s, answer); };
  handler.event = [this, &s](client::Session&, const Event& event) { see(s, event); };
  handler.view = [this, &s](client::Session&, const std::vector<Event>& view) { show(s, view); };
  handler.lease = [this, &s](client::Session&) {
    if (const ExamId exam = s.believes()) town_.tracks.believed(exam);
  };
  s.caller.open(std::move(wish), std::move(handler));
}

void Reader::attached(Screen& s, const Answer&) {
  s.session = s.caller.session().id();
  s.place = town_.tracks.place_in_stream(s.session, s.caller.session().cursor());
  if (&s != &screen()) return;
  s.caller.send(SetReader{ReaderMode::free,
                          chance_.percent(30) ? AcceptMode::automatic : AcceptMode::manual});
}

void Reader::see(Screen& s, const Event& event) {
  if (event.session != s.session) return;
  town_.tracks.shown(s.session, s.place, event);
  if (is_given(event.kind)) {
    s.held = event.kind == EventKind::read_accepted ? kept_of(event) : ExamId{};
    if (s.believes()) town_.tracks.believed(event.exam);
    if (&s == &screen()) given(event);
    return;
  }
  if (!is_taken_away(event.kind) || (event.exam && event.exam != s.held && event.exam != exam_))
    return;
  if (!event.exam || event.exam == s.held) s.held = {};
  if (&s != &screen()) return;
  const bool timed_out = event.kind == EventKind::offer_expired;
  if (!event.exam || event.exam == exam_) exam_ = {};
  if (timed_out) later(idle, chance_.around(20 * second));
}

void Reader::show(Screen& s, const std::vector<Event>& view) {
  s.session = s.caller.session().id();
  s.place = town_.tracks.place_in_stream(s.session, s.caller.session().cursor());
  s.held = {};
  for (const Event& event : view) {
    if (event.session != s.session || !is_given(event.kind)) continue;
    if (event.kind == EventKind::read_accepted) s.held = kept_of(event);
    if (s.believes()) town_.tracks.believed(event.exam);
    if (&s == &screen()) given(event);
  }
}

void Reader::given(const Event& event) {
  const bool same = exam_ == event.exam && epoch_ == event.epoch;
  exam_ = event.exam;
  epoch_ = event.epoch;
  if (!same) drafted_ = false;
  if (event.kind == EventKind::read_offered) {
    const std::uint64_t roll = town_.calm ? 99 : chance_.below(100);
    if (roll < 4) return;  // away: the offer runs out
    return later(decide, 300 * ms + chance_.around(3 * second));
  }
  later(finish, 5 * second + chance_.around(town_.calm ? 10 * second : 30 * second));
}

/// From the moment that the key is pressed the screen shows no exam.
void Reader::give_up() {
  given_up_ = epoch_;
  screen().held = {};
}

void Reader::decide_now() {
  if (!exam_) return;
  const std::uint64_t roll = town_.calm ? 99 : chance_.below(100);
  Caller& c = screen().caller;
  if (roll < 4) return c.send(DeclineOffer{exam_, epoch_, DeclineReason::other});
  if (roll < 5) return c.send(DeclineOffer{exam_, epoch_, DeclineReason::images});
  if (roll < 7) c.drop();
  c.send(AcceptOffer{exam_, epoch_}, [this, exam = exam_](const Answer& answer) {
    if (answer.code == Errc::ok || exam != exam_) return;
    exam_ = {};
  });
}

/// The end of a reading, one way or the other.
void Reader::finish_now() {
  if (!exam_) return;
  const std::uint64_t roll = town_.calm ? 99 : chance_.below(100);
  Caller& c = screen().caller;
  if (roll < 3) {
    give_up();
    return c.send(Release{exam_, epoch_, "interrupted"});
  }
  if (roll < 6) {  // closes the laptop; comes back, and signs what may be another's by now
    c.sleep(10 * second + chance_.around(60 * second));
    return later(finish, 30 * second + chance_.around(100 * second));
  }
  if (roll < 9) {
    const SiteId to{
        static_cast<std::uint16_t>(1 + chance_.below(static_cast<std::uint64_t>(town_.sites)))};
    c.move_to(to, doors_from(to, town_.sites));
    return later(finish, chance_.around(5 * second));
  }
  if (roll < 11 && screens_.size() < 4) {
    const SiteId to{
        static_cast<std::uint16_t>(1 + chance_.below(static_cast<std::uint64_t>(town_.sites)))};
    log_in(to);
    return later(finish, 2 * second + chance_.around(5 * second));
  }
  if (roll < 25 && !drafted_) {
    drafted_ = true;
    c.send(Preliminary{exam_, epoch_, ReportId{chance_.draw() | 1}, "wet read"});
    return later(finish, chance_.around(10 * second));
  }
  sign();
}

void Reader::sign() {
  const Sign report{exam_, epoch_, ReportId{chance_.draw() | 1}, "normal"};
  give_up();
  screen().caller.send(report);
  if (chance_.percent(5)) screen().caller.send(report);  // pressed twice
  exam_ = {};
}

void Reader::on_event(std::uint32_t kind, std::uint64_t value) {
  if (kind == idle) {
    if (value != plan_ && value != 0) return;
    if (screen().caller.is_lost() && screens_.size() < 8) log_in(screen().caller.place());
    if (!exam_ && screen().caller.is_live()) {
      screen().caller.send(SetReader{
          ReaderMode::free, chance_.percent(30) ? AcceptMode::automatic : AcceptMode::manual});
    }
    if (value == 0) town_.world.at(town_.world.now() + 40 * second, *this, idle);
    return;
  }
  if (value != plan_) return;
  kind == decide ? decide_now() : finish_now();
}

}  // namespace

std::unique_ptr<Person> make_reader(Town& town, std::uint32_t number, SiteId home) {
  return std::make_unique<Reader>(town, number, home);
}

}  // namespace vigie::sim
