// Those who steer the guard beside the readers and the regulators' claims: each looks up now and
// then, and does one of the things that are his to do, to an exam that he finds on the board. What
// somebody put on hold he takes up again; when the night grows calm nobody begins anything new.
#include <iterator>

#include "tests/sim/town.hpp"

namespace vigie::sim {
namespace {

using Row = Board::Row;
using S = ExamState;

constexpr Urgency classes[] = {Urgency::p0, Urgency::p1, Urgency::p2, Urgency::p3};

bool is_read(const Row& row) { return row.state == S::reading || row.state == S::preliminary; }
bool is_signed(const Row& row) { return row.state == S::validated || row.state == S::delivered; }
bool is_open(const Row& row) { return row.state != S::none && !is_signed(row); }

class Staff final : public Person {
 public:
  Staff(Town& town, Role role, std::uint32_t number, SiteId home, EstablishmentId house)
      : town_(town),
        chance_(town.fork()),
        role_(role),
        me_{number},
        home_(home),
        house_(house),
        caller_(town.world, town.network, town.records,
                std::string(name_of(role)) + std::to_string(number), home,
                doors_from(home, town.sites), key_of({number}), town.fork()) {
    town.world.join(*this);
    client::SessionWish wish;
    wish.role = role;
    caller_.open(std::move(wish), {});
    town.world.at(town.world.now() + chance_.around(5 * second), *this, look);
  }

  Caller* caller() override { return &caller_; }
  bool may_resume() const override { return role_ == Role::regulator; }
  std::size_t waiting() const override { return caller_.session().unanswered(); }

  void on_event(std::uint32_t kind, std::uint64_t value) override {
    if (kind == go_on) return caller_.send(Resume{{value}});
    if (kind == link) return join(value);
    if (caller_.is_live() && waiting() < 3) {
      town_.calm ? tidy_up() : act();
      if (chance_.percent(5)) caller_.ask_again();
    }
    const Time pause = house_ ? 9 * second : 5 * second;
    town_.world.at(town_.world.now() + chance_.around(pause), *this, look);
  }

 private:
  enum Kind : std::uint32_t { look, go_on, link };

  void act() {
    switch (role_) {
      case Role::regulator:
        return regulate();
      case Role::duty_head:
        return town_.tracks.board().duty().head == me_ ? lead_guard() : want_duty();
      case Role::site_lead:
        return lead_site();
      case Role::assistant:
        return assist();
      case Role::technologist:
        return make_images();
      case Role::requester:
        return ask_hospital();
      default:
        return;
    }
  }

  ExamId any(const Board::Wanted& wanted) {
    return town_.tracks.board().any(chance_, [&](const Row& row) {
      return (!house_ || row.establishment == house_) && wanted(row);
    });
  }

  // What several of them do.

  void hold(ExamId exam) {
    if (!exam) return;
    caller_.send(Hold{exam, "later"}, [this, exam](const Answer& answer) {
      if (answer.code != Errc::ok) return;
      town_.world.at(town_.world.now() + 3 * second + chance_.around(10 * second), *this, go_on,
                     exam.value);
    });
  }
  void set_urgency(const Board::Wanted& wanted) {
    const ExamId exam = any([&](const Row& row) { return is_open(row) && wanted(row); });
    if (!exam) return;
    const auto from = house_ ? 1u : chance_.percent(20) ? 0u : 1u;
    caller_.send(SetUrgency{{exam, {}}, classes[from + chance_.below(4 - from)], "worse"});
  }
  void answer_cancel(const Board::Wanted& wanted) {
    const ExamId exam = any([&](const Row& row) { return row.wish && wanted(row); });
    if (exam) caller_.send(AnswerCancel{exam, chance_.percent(50), "asked"});
  }
  /// What a guard left unread.
  void hand_over(bool kept) {
    const ExamId exam = any([](const Row& row) { return row.tasks.contains("hand_over"); });
    if (exam) caller_.send(HandOver{{exam, {}}, kept, "morning"});
  }
  void close_task() {
    const ExamId exam = any([](const Row& row) { return !row.tasks.empty(); });
    if (!exam) return;
    const auto& tasks = town_.tracks.board().row(exam)->tasks;
    TaskKind kind = TaskKind::none;
    const auto first = static_cast<std::ptrdiff_t>(chance_.below(tasks.size()));
    if (task_kind_of(*std::next(tasks.begin(), first), kind)) {
      caller_.send(CloseTask{exam, kind, "done"});
    }
  }
  void ask_read(ExamId exam, Purpose purpose, PersonId reader = {}) {
    if (!exam) return;
    AskRead asked;
    asked.exam = exam;
    asked.purpose = purpose;
    asked.reader = reader;
    asked.question = "bleeding?";
    asked.region = Region::head;
    caller_.send(asked);
  }
  PersonId some_reader() {
    const auto all = static_cast<std::uint64_t>(town_.sites * readers_per_site);
    return {person_reader + static_cast<std::uint32_t>(chance_.below(all))};
  }

  // Each his own.

  void regulate() {
    const std::uint64_t roll = chance_.below(100);
    if (roll >= 92) {
      hand_over(chance_.percent(80));
    } else if (roll < 12) {
      const ExamId exam = any([](const Row& row) { return row.state == S::protocolled; });
      if (exam) caller_.send(ReviseProtocol{exam, "TDM v1", "contrast"});
    } else if (roll < 20) {
      hold(any([](const Row& row) { return is_open(row) && row.state < S::reading; }));
    } else if (roll < 28) {
      set_urgency([](const Row& row) { return row.state >= S::protocolled; });
    } else if (roll < 50) {
      const bool errs = chance_.percent(10);  // what is being read is not his to cancel
      answer_cancel(
          [&](const Row& row) { return errs || !(is_read(row) || row.state == S::suspended); });
    } else if (roll < 60) {
      close_task();
    } else if (roll < 65) {
      const ExamId exam = any(is_signed);
      if (exam) caller_.send(TellResult{exam, "ward", "all is well"});
    } else if (roll < 68) {
      ask_read(any(is_signed), Purpose::second_opinion);
    } else if (roll < 70) {
      ask_read(any([](const Row& row) { return row.state == S::ready || is_read(row); }),
               Purpose::recourse, chance_.percent(50) ? some_reader() : PersonId{});
    }
  }

  void lead() {
    const std::uint64_t roll = chance_.below(100);
    if (roll < 9) {
      const ExamId exam = any([](const Row& row) {
        return is_read(row) || row.state == S::offered || row.state == S::suspended;
      });
      if (exam) caller_.send(TakeOver{exam, "too long"});
    } else if (roll < 22) {
      const ExamId exam = any(
          [](const Row& row) { return row.state >= S::protocolled && row.state <= S::offered; });
      if (exam) caller_.send(Direct{exam, some_reader(), "he knows it"});
    } else if (roll < 35) {
      const ExamId exam = any([](const Row& row) { return is_open(row) && row.state <= S::ready; });
      if (exam) caller_.send(Pin{exam, chance_.percent(75), "minister"});
    } else if (roll < 43) {
      hold(any([](const Row& row) { return is_read(row) || row.state == S::suspended; }));
    } else if (roll < 60) {
      answer_cancel([](const Row&) { return true; });
    } else if (roll < 66) {
      const ExamId exam = any([](const Row& row) { return is_signed(row) && !row.parent; });
      ReviseReport bad{exam, ReportId{chance_.draw() | 1}, ReportKind::withdrawal, "wrong patient"};
      if (exam) caller_.send(bad);
    } else if (roll < 72) {
      close_task();
    } else if (roll < 76) {
      set_urgency([](const Row& row) { return row.state >= S::protocolled; });
    } else if (roll < 78) {
      const ExamId exam = any([](const Row& row) { return row.state <= S::acquiring; });
      if (exam) caller_.send(Bypass{exam, "dying"});
    } else if (roll < 92) {
      hand_over(chance_.percent(80));
    }
  }

  /// Who has the duty names a deputy first; he offers it, or is gone for a while.
  void lead_guard() {
    const Board::Duty& duty = town_.tracks.board().duty();
    const std::uint64_t roll = chance_.below(100);
    if (named_ != duty.number && roll < 60) {
      named_ = duty.number;
      return caller_.send(TakeDuty{duty.number, other_head(), {}});
    }
    if (roll < 5) return caller_.send(OfferDuty{old_or(duty.number), other_head()});
    if (roll < 7) return caller_.send(OfferDuty{duty.number, {}});
    if (roll < 9) return leave();
    if (roll < 11) return change_roster(some_reader());
    if (roll < 14) return reopen();
    lead();
  }
  void leave() {
    caller_.send(Detach{}, [this](const Answer&) {
      caller_.sleep(20 * second + chance_.around(40 * second));
    });
  }
  void reopen() {
    const ExamId exam = town_.tracks.board().any_closed(chance_);
    if (exam) caller_.send(Reopen{exam, "second look", {}});
  }
  /// Somebody is called in for a while, or who was is struck, or another comes in his place.
  void change_roster(PersonId reader) {
    if (town_.calm) return;
    const SiteId site{
        static_cast<std::uint16_t>(1 + (reader.value - person_reader) / readers_per_site)};
    const UtcTime now{1'700'000'000'000 + town_.world.now() / ms};
    Shift wanted{reader, site, now, now + 1_s * (10 + static_cast<int>(chance_.below(30)))};
    if (called_in_.person && chance_.percent(60)) wanted = {};
    const Shift before = wanted.person && chance_.percent(70) ? Shift{} : called_in_;
    if (before == wanted) return;
    caller_.send(SetShift{before, wanted, "crash"}, [this, wanted](const Answer& answer) {
      if (answer.code == Errc::ok) called_in_ = wanted;
    });
  }
  /// Who has it not takes it if he may; at times he does not know better.
  void want_duty() {
    const Board::Duty& duty = town_.tracks.board().duty();
    const bool offered = duty.offered_to == me_;
    const bool free = !duty.head || (duty.lost && chance_.percent(25));
    if (offered || free || chance_.percent(4)) {
      std::vector<ExamId> seen;
      if (offered && !chance_.percent(10)) seen = town_.tracks.board().open();
      const PersonId deputy = chance_.percent(50) ? other_head() : PersonId{};
      return caller_.send(TakeDuty{old_or(duty.number), deputy, std::move(seen)});
    }
    if (chance_.percent(10)) lead();
  }
  /// There are two of them.
  PersonId other_head() const { return {2 * person_duty_head + 1 - me_.value}; }
  std::uint32_t old_or(std::uint32_t number) {
    return number > 0 && chance_.percent(10) ? number - 1 : number;
  }

  /// How his own centre works; once he tries another's.
  void lead_site() {
    const std::uint64_t roll = chance_.below(100);
    const bool other = chance_.percent(5);
    const SiteId site =
        other ? SiteId{static_cast<std::uint16_t>(1 + home_.value % town_.sites)} : home_;
    if (roll < 5) {
      const auto closed = static_cast<std::uint16_t>(chance_.below(3));
      caller_.send(SetSite{site, closed, chance_.percent(30), "flood"});
    } else if (roll < 10) {
      const std::uint32_t first = person_reader + (site.value - 1u) * readers_per_site;
      const auto nth = static_cast<std::uint32_t>(chance_.below(readers_per_site));
      caller_.send(SetAway{{first + nth}, "called to theatre"});
    } else if (roll < 12) {
      change_roster(some_reader());
    }
  }

  /// Who answers the phone: an exam begins before its order is there.
  void assist() {
    if (!town_.calls.empty() && chance_.percent(70)) return phone();
    if (chance_.percent(30)) close_task();
  }
  void phone() {
    const Town::Call call = town_.calls.front();
    town_.calls.pop_front();
    Submit submit;
    submit.requests = {call.request};
    submit.requests[0].key.authority = "PHONE";
    submit.requests[0].flags = submit.requests[0].flags | ExamFlag::phoned;
    caller_.send(submit, [this, key = call.request.key](const Answer& answer) {
      if (answer.code != Errc::ok) return;
      phoned_[answer.exam.value] = key;
      town_.world.at(town_.world.now() + chance_.around(8 * second), *this, link,
                     answer.exam.value);
    });
  }
  void join(std::uint64_t exam) {
    const auto at = phoned_.find(exam);
    if (at == phoned_.end()) return;
    caller_.send(LinkOrder{{exam}, at->second}, [this, exam](const Answer& answer) {
      const EstablishmentId house{phoned_[exam].legal_entity.value};
      if (answer.code != Errc::ok) town_.more_images[house].push_back({exam});
      phoned_.erase(exam);
    });
  }

  void make_images() {
    const std::uint64_t roll = chance_.below(100);
    if (roll < 40) {
      const ExamId exam = any([](const Row& row) { return row.protocols > 0 && is_open(row); });
      if (!exam) return;
      caller_.send(AckProtocol{{exam, {}}, town_.tracks.board().row(exam)->protocols});
    } else if (roll < 48) {
      set_urgency([](const Row&) { return true; });
    } else if (roll < 70) {
      ack_critical();
    }
  }
  void ack_critical() {
    const ExamId exam = any([](const Row& row) { return row.tasks.contains("critical_result"); });
    if (exam) caller_.send(AckCritical{{exam, {}}});
  }

  void ask_hospital() {
    const std::uint64_t roll = chance_.below(100);
    if (roll < 16) {
      const ExamId exam = any(
          [](const Row& row) { return is_open(row) && row.state >= S::acquiring && !row.wish; });
      if (exam) caller_.send(Cancel{{exam, {}}, "transferred"});
    } else if (roll < 40) {
      ack_critical();
    } else if (roll < 43) {
      ask_read(any([](const Row& row) { return is_signed(row) && !row.parent; }),
               Purpose::second_opinion);
    } else if (roll < 49) {
      set_urgency([](const Row&) { return true; });
    } else if (roll < 53) {
      hand_over(chance_.percent(10));
    }
  }

  /// What is on hold goes on, whoever paused it.
  void tidy_up() {
    const bool may = may_resume() || town_.tracks.board().duty().head == me_;
    if (!may) return;
    for (const ExamId exam :
         town_.tracks.board().all(2, [](const Row& row) { return row.state == S::held; })) {
      caller_.send(Resume{exam});
    }
  }

  Town& town_;
  Chance chance_;
  const Role role_;
  const PersonId me_;
  const SiteId home_;
  const EstablishmentId house_;  ///< 0: of the guard
  Shift called_in_;              ///< the last that he added
  std::uint32_t named_ = 0;      ///< in which duty he named a deputy
  std::map<std::uint64_t, OrderKey> phoned_;
  Caller caller_;
};

}  // namespace

std::unique_ptr<Person> make_staff(Town& town, Role role, std::uint32_t number, SiteId home,
                                   EstablishmentId house) {
  return std::make_unique<Staff>(town, role, number, home, house);
}

}  // namespace vigie::sim
