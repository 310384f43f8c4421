// A reader: takes what is offered, or declines, or is away; reads, signs, gives back; closes the
// laptop in the middle and signs late; walks to another centre; logs in a second time elsewhere and
// leaves the first screen standing; presses what an old page still shows; settles late reports.
#include "messages/types/assignment_events.hpp"
#include "tests/sim/screen.hpp"
#include "tests/sim/town.hpp"

namespace vigie::sim {
namespace {

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
  bool doze(Time span, Time late) override;
  PersonId person() const { return {number_}; }

  void attached(Screen& s, const Answer& answer);
  void see(Screen& s, const Event& event);
  void show(Screen& s, const std::vector<Event>& view);
  void on_event(std::uint32_t kind, std::uint64_t value) override;

  Town& town_;

 private:
  struct Hand {
    ExamId exam;
    Epoch epoch;
  };
  enum Kind : std::uint32_t { decide, finish, idle, wake, take_up };
  Screen& screen() { return *screens_.back(); }
  /// Its exam, unless the reader has given it back already and only waits for that to be written.
  ExamId kept_of(const Event& e) const { return e.epoch == given_up_ ? ExamId{} : e.exam; }
  void log_in(SiteId place);
  void given(const Event& event);
  void give_up();
  void press_old_page(const Hand& old);
  void sign_late(const Hand& old);
  void settle_late(const Event& event);
  void decide_now();
  void finish_now();
  void sign();
  bool do_otherwise();
  void come_back_to(const Hand& hand, const Answer& answer);
  void after_signing(ExamId exam);
  void log_out();
  void later(Kind kind, Time after) {
    if (dozing_) return;
    town_.world.at(town_.world.now() + after, *this, kind, ++plan_);
  }

  Chance chance_;
  const std::uint32_t number_;
  std::vector<std::unique_ptr<Screen>> screens_;  ///< the last one is sat at
  ExamId exam_;
  Epoch epoch_, given_up_;
  ExamId last_exam_;  ///< of epoch_, had in hand still or not
  Hand old_;          ///< what was had before that
  bool drafted_ = false;
  ExamId aside_;            ///< set aside for a P0
  int awaited_ = 0;         ///< times that what must be read first was not
  bool dozing_ = false;     ///< looks away, and touches nothing
  std::uint64_t plan_ = 0;  ///< what was planned before is off
};

void Reader::log_in(SiteId place) {
  if (!screens_.empty()) screen().abandoned = true;
  screens_.push_back(std::make_unique<Screen>(town_, number_, place));
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
  if (event.exam && event.exam == aside_ && is_taken_away(event.kind) &&
      event.kind != EventKind::read_suspended) {
    aside_ = {};
  }
  if (event.kind == EventKind::report_late && &s == &screen()) settle_late(event);
  if (!is_taken_away(event.kind) || (event.exam && event.exam != s.held && event.exam != exam_))
    return;
  const Hand taken{exam_, epoch_};
  if (!event.exam || event.exam == s.held) s.held = {};
  if (&s != &screen()) return;
  const bool timed_out = event.kind == EventKind::offer_expired;
  if (!event.exam || event.exam == exam_) exam_ = {};
  if (event.kind == EventKind::lease_expired && taken.exam && chance_.percent(80)) sign_late(taken);
  if (timed_out) later(idle, chance_.around(20 * second));
}

void Reader::show(Screen& s, const std::vector<Event>& view) {
  s.session = s.caller.session().id();
  s.place = town_.tracks.place_in_stream(s.session, s.caller.session().cursor());
  s.held = {};
  const Hand before{exam_, epoch_};
  if (&s == &screen()) exam_ = {};
  for (const Event& event : view) {
    if (event.session != s.session || !is_given(event.kind)) continue;
    if (event.kind == EventKind::read_accepted) s.held = kept_of(event);
    if (s.believes()) town_.tracks.believed(event.exam);
    if (&s == &screen()) given(event);
  }
  const bool lost = &s == &screen() && before.exam && exam_ != before.exam;
  if (lost && before.epoch != given_up_ && chance_.percent(80)) sign_late(before);
}

void Reader::given(const Event& event) {
  const bool same = epoch_ == event.epoch;
  if (!same) old_ = {last_exam_, epoch_};
  if (!same && old_.exam == event.exam && !town_.calm && chance_.percent(60)) press_old_page(old_);
  last_exam_ = exam_ = event.exam;
  epoch_ = event.epoch;
  if (!same) drafted_ = false, awaited_ = 0;
  if (event.exam == aside_) aside_ = {};
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

/// A window that was left open shows the exam as it was given before: none of its keys may work.
void Reader::press_old_page(const Hand& old) {
  Caller& c = screen().caller;
  switch (chance_.below(5)) {
    case 0:
      return c.send(AcceptOffer{old.exam, old.epoch});
    case 1:
      return c.send(DeclineOffer{old.exam, old.epoch, DeclineReason::other});
    case 2:
      return c.send(Release{old.exam, old.epoch, "old page"});
    case 3:
      return c.send(Preliminary{old.exam, old.epoch, ReportId{chance_.draw() | 1}, "old page"});
    default:
      return sign_late(old);
  }
}

/// The report was all but finished when the exam was taken: it is sent all the same (T16b).
void Reader::sign_late(const Hand& old) {
  const Sign report{old.exam, old.epoch, ReportId{chance_.draw() | 1}, "late"};
  town_.late_reports[report.exam] = report.report;
  screen().caller.send(report);
}

void Reader::settle_late(const Event& event) {
  const auto late = town_.late_reports.find(event.exam);
  if (late == town_.late_reports.end()) return;
  screen().caller.send(SettleLate{event.exam, late->second, chance_.percent(50)});
}

bool Reader::doze(Time span, Time late) {
  if (!exam_ || !screen().believes()) return false;
  screen().caller.spoil(late);
  ++plan_;
  dozing_ = true;
  town_.world.at(town_.world.now() + span, *this, wake);  // whatever he is given meanwhile
  return true;
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
  if (town_.late_reports.contains(exam_)) {
    c.send(SettleLate{exam_, town_.late_reports[exam_], chance_.percent(50)});
    town_.late_reports.erase(exam_);
    return later(finish, 1 * second + chance_.around(5 * second));
  }
  if (roll < 3) {
    give_up();
    return c.send(Release{exam_, epoch_, "interrupted"});
  }
  if (roll < 7) {  // closes the laptop; comes back, and signs what may be another's by now
    c.sleep(chance_.percent(50) ? 55 * second + chance_.around(60 * second)
                                : 10 * second + chance_.around(60 * second));
    return later(finish, 30 * second + chance_.around(100 * second));
  }
  if (roll < 10) {
    const SiteId to{
        static_cast<std::uint16_t>(1 + chance_.below(static_cast<std::uint64_t>(town_.sites)))};
    c.move_to(to, doors_from(to, town_.sites));
    return later(finish, chance_.around(5 * second));
  }
  if (roll < 12 && screens_.size() < 4) {
    const SiteId to{
        static_cast<std::uint16_t>(1 + chance_.below(static_cast<std::uint64_t>(town_.sites)))};
    log_in(to);
    return later(finish, 2 * second + chance_.around(5 * second));
  }
  if (roll >= 25 && roll < 45 && do_otherwise()) return;
  if (roll < 25 && !drafted_) {
    drafted_ = true;
    c.send(Preliminary{exam_, epoch_, ReportId{chance_.draw() | 1}, "wet read"});
    return later(finish, chance_.around(10 * second));
  }
  sign();
}

void Reader::sign() {
  const Sign report{exam_, epoch_, ReportId{chance_.draw() | 1}, "normal",
                    chance_.percent(8) ? "embolism" : ""};
  give_up();
  screen().caller.send(report, [this, hand = Hand{exam_, epoch_}](const Answer& answer) {
    come_back_to(hand, answer);
  });
  if (chance_.percent(5)) screen().caller.send(report);  // pressed twice
  exam_ = {};
}

/// What a reader does beside reading. False: not now.
bool Reader::do_otherwise() {
  Caller& c = screen().caller;
  const Board::Row* row = town_.tracks.board().row(exam_);
  if (!row) return false;
  const std::uint64_t roll = chance_.below(100);
  if (roll < 30) {
    if (row->urgency <= Urgency::p1 || aside_) return false;
    aside_ = exam_;
    give_up();
    c.send(Suspend{exam_, epoch_}, [this, exam = exam_](const Answer& answer) {
      if (answer.code != Errc::ok && aside_ == exam) aside_ = {};
    });
    exam_ = {};
    town_.world.at(town_.world.now() + 12 * second, *this, take_up);
    return true;
  }
  if (roll < 45) {
    if (row->parent || !row->establishment) return false;
    give_up();
    c.send(WantImages{exam_, epoch_, "late phase"},
           [this, exam = exam_, house = row->establishment](const Answer& answer) {
             if (answer.code == Errc::ok) town_.more_images[house].push_back(exam);
           });
    exam_ = {};
    return true;
  }
  if (roll < 70) {
    if (row->wish) c.send(AnswerCancel{exam_, chance_.percent(50), "asked"});
    c.send(TellResult{exam_, "emergency", "it bleeds"});
  } else {
    AskRead ask;
    ask.exam = exam_;
    ask.purpose = roll < 85 ? Purpose::opinion : Purpose::region;
    ask.region = Region::head;
    ask.is_mandatory = chance_.percent(40);
    ask.question = "and here?";
    c.send(ask);
  }
  later(finish, 2 * second + chance_.around(5 * second));
  return true;
}

/// Something must be read first: he has it in hand still. Not for ever.
void Reader::come_back_to(const Hand& hand, const Answer& answer) {
  if (answer.code == Errc::ok && !answer.duplicate) after_signing(hand.exam);
  if (answer.code != Errc::wrong_state || exam_ || epoch_ != hand.epoch) return;
  exam_ = hand.exam;
  given_up_ = {};
  if (++awaited_ > 2) {
    give_up();
    exam_ = {};
    return screen().caller.send(Release{hand.exam, hand.epoch, "waits for others"});
  }
  later(finish, 6 * second + chance_.around(10 * second));
}

void Reader::after_signing(ExamId exam) {
  if (town_.calm || !chance_.percent(12)) return;
  static constexpr ReportKind kinds[] = {ReportKind::addendum, ReportKind::correction,
                                         ReportKind::withdrawal};
  const ReviseReport more{exam, ReportId{chance_.draw() | 1}, kinds[chance_.below(3)], "besides"};
  screen().caller.send(more);
  if (chance_.percent(10)) screen().caller.send(more);
}

/// For a coffee: Detach, and free again by the next Attach.
void Reader::log_out() {
  Screen& s = screen();
  s.leaving = true;
  s.caller.send(Detach{}, [&s](const Answer&) {
    s.leaving = false;
    s.held = {};
    s.caller.drop();
  });
  town_.world.at(town_.world.now() + 40 * second, *this, idle);
}

void Reader::on_event(std::uint32_t kind, std::uint64_t value) {
  if (dozing_ && (kind == take_up || kind == idle)) {
    town_.world.at(town_.world.now() + 12 * second, *this, static_cast<Kind>(kind), value);
    return;
  }
  if (kind == idle) {
    if (value != plan_ && value != 0) return;
    if (screen().caller.is_lost() && screens_.size() < 8) log_in(screen().caller.place());
    if (chance_.percent(30)) screen().caller.ask_again();
    if (!exam_ && screen().caller.is_live()) {
      if (value == 0 && !town_.calm && chance_.percent(3)) return log_out();
      screen().caller.send(SetReader{
          ReaderMode::free, chance_.percent(30) ? AcceptMode::automatic : AcceptMode::manual});
    }
    if (value == 0) town_.world.at(town_.world.now() + 40 * second, *this, idle);
    return;
  }
  if (kind == take_up) {
    if (!aside_) return;
    if (!exam_ && screen().caller.is_live()) screen().caller.send(Resume{aside_});
    town_.world.at(town_.world.now() + 12 * second, *this, take_up);
    return;
  }
  if (kind == wake) {
    dozing_ = false;
    screen().caller.drop();
    if (exam_) later(finish, chance_.around(10 * second));
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
