// A regulator: claims what rings, accepts most of it, asks or refuses the rest, and sometimes
// forgets what was claimed. Looks up now and then what became of it.
#include <deque>
#include <map>
#include <set>

#include "messages/types/exam_number.hpp"
#include "tests/sim/town.hpp"

namespace vigie::sim {
namespace {

class Regulator final : public Person {
 public:
  Regulator(Town& town, std::uint32_t number, SiteId home)
      : town_(town),
        chance_(town.fork()),
        caller_(town.world, town.network, town.records, "regulator" + std::to_string(number), home,
                doors_from(home, town.sites), key_of({number}), town.fork()) {
    town.world.join(*this);
    client::SessionWish wish;
    wish.role = Role::regulator;
    wish.desk = Desk::regulator;
    client::SessionHandler handler;
    handler.event = [this](client::Session&, const Event& event) { see(event); };
    handler.view = [this](client::Session&, const std::vector<Event>& view) {
      ringing_.clear();
      for (const Event& event : view) see(event);
    };
    caller_.on_welcome = [this] {  // looks again where the screen went dark
      if (chance_.percent(50)) look_up();
    };
    caller_.open(std::move(wish), std::move(handler));
    town.world.at(town.world.now() + 1 * second, *this, look);
  }

  Caller* caller() override { return &caller_; }
  std::size_t waiting() const override { return caller_.session().unanswered(); }

  void on_event(std::uint32_t kind, std::uint64_t value) override {
    if (kind == decide) return decide_about({value});
    if (!ringing_.empty() && claimed_.size() < 3) claim(*ringing_.begin());
    if (chance_.percent(5)) caller_.ask_again();
    if (chance_.percent(town_.calm ? 7 : 20)) look_up();
    const Time pause = town_.calm ? 1 * second : chance_.around(3 * second);
    town_.world.at(town_.world.now() + pause, *this, look);
  }

 private:
  enum Kind : std::uint32_t { look, decide };
  static constexpr std::size_t lately_max = 8;

  /// What became of one of the last exams, or of all that are open. A question that waits for the
  /// log must show all that anybody was told; any other, what this client was told.
  void look_up() {
    const bool linearizable = chance_.percent(60);
    if (lately_.empty() || chance_.percent(25))
      return caller_.look(QueryKind::exams, {}, linearizable);
    const ExamId exam = chance_.one_of(lately_);
    caller_.look(QueryKind::exam, exam_number(site_named(door_of(exam)).code, exam), linearizable);
  }

  void see(const Event& event) {
    if (!event.exam) return;
    const bool open = event.state == ExamState::requested;
    if (open) {
      ringing_.insert(event.exam);
      if (event.card) {
        cards_[event.exam] = event.card->modality;
        requesters_[event.exam] = event.card->establishment;
      }
    } else {
      ringing_.erase(event.exam);
    }
  }

  void claim(ExamId exam) {
    lately_.push_back(exam);
    if (lately_.size() > lately_max) lately_.pop_front();
    ringing_.erase(exam);
    claimed_.insert(exam);
    caller_.send(Claim{exam}, [this, exam](const Answer& answer) {
      if (answer.code != Errc::ok) return void(claimed_.erase(exam));
      const Time thinks = 1 * second + chance_.around(town_.calm ? 2 * second : 6 * second);
      town_.world.at(town_.world.now() + thinks, *this, decide, exam.value);
    });
  }

  void decide_about(ExamId exam) {
    claimed_.erase(exam);
    const std::uint64_t roll = town_.calm ? 99 : chance_.below(100);
    if (roll < 3) return caller_.send(Refuse{exam, "not relevant", true});
    if (roll < 6) return caller_.send(ReleaseClaim{exam});
    if (roll < 8) return;  // forgotten: the claim runs out
    if (roll < 11) return ask(exam);
    const Modality modality = cards_.contains(exam) ? cards_[exam] : Modality::ct;
    std::string protocol = modality == Modality::mr ? "IRM v1" : "TDM v1";
    Urgency urgency = static_cast<Urgency>(1 + chance_.below(3));
    if (modality == Modality::ct && chance_.percent(15)) {
      protocol = "AVC v3";
      urgency = Urgency::p0;
    }
    caller_.send(
        Accept{exam, "R1", std::move(protocol), urgency, Modality::unknown, Region::chest});
    cards_.erase(exam);
  }

  /// The requester hears of it by telephone.
  void ask(ExamId exam) {
    caller_.send(AskInfo{exam, "creatinine?"}, [this, exam](const Answer& answer) {
      if (answer.code == Errc::ok) town_.questions[requesters_[exam]].push_back(exam);
    });
  }

  Town& town_;
  Chance chance_;
  std::set<ExamId> ringing_, claimed_;
  std::deque<ExamId> lately_;
  std::map<ExamId, Modality> cards_;
  std::map<ExamId, EstablishmentId> requesters_;
  Caller caller_;
};

}  // namespace

std::unique_ptr<Person> make_regulator(Town& town, std::uint32_t number, SiteId home) {
  return std::make_unique<Regulator>(town, number, home);
}

}  // namespace vigie::sim
