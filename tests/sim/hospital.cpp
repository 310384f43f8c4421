// A hospital: a gateway with a session, and an HL7 feed at a door of its own choice. Orders go one
// way or the other, or both, and again when nothing is heard; images are made; some orders are
// cancelled.
#include <map>

#include "tests/sim/town.hpp"

namespace vigie::sim {
namespace {

class Hospital final : public Person {
 public:
  Hospital(Town& town, std::uint32_t number, SiteId home)
      : town_(town),
        chance_(town.fork()),
        number_(number),
        home_(home),
        caller_(town.world, town.network, town.records, "hospital" + std::to_string(number), home,
                doors_from(home, town.sites), key_of({number}), town.fork()) {
    town.world.join(*this);
    client::SessionWish wish;
    wish.role = Role::gateway;
    caller_.open(std::move(wish), {});
    town.world.at(town.world.now() + chance_.around(10 * second), *this, new_order);
  }

  Caller* caller() override { return &caller_; }
  std::size_t waiting() const override { return caller_.session().unanswered(); }

  void on_event(std::uint32_t kind, std::uint64_t value) override {
    switch (kind) {
      case new_order:
        if (!town_.closing) submit(++orders_);
        answer_questions();
        make_more_images();
        if (!town_.closing && chance_.percent(8)) amend();
        if (chance_.percent(40)) caller_.ask_again();
        // About an exam every six seconds with three hospitals: nine readers keep up.
        return town_.world.at(town_.world.now() + chance_.around(17 * second), *this, new_order);
      case feed_again:
        return feed(value);
      case images:
        return complete(value);
      default:
        return;
    }
  }

 private:
  enum Kind : std::uint32_t { new_order, feed_again, images };
  struct Order {
    Submit submit;
    bool needs_images = false, accepted = false;
    int tries = 0;
    std::uint16_t door = 0;
  };

  OrderKey key(std::uint64_t order) const {
    return {LegalEntityId{number_}, "H", std::to_string(order)};
  }

  Request request(std::uint64_t order, bool& needs_images) {
    Request r;
    r.key = key(order);
    r.establishment = {number_};
    const std::uint64_t roll = chance_.below(100);
    r.modality = roll < 50 ? Modality::ct : roll < 70 ? Modality::mr : Modality::cr;
    r.region = Region::chest;
    r.age_class = AgeClass::adult;
    r.asked = static_cast<Urgency>(1 + chance_.below(3));
    r.patient_key = {number_, chance_.below(400) + 1};
    r.sealed = "CANARY-" + std::to_string(number_) + "-" + std::to_string(order) + " Jean Dupont";
    needs_images = r.modality != Modality::cr && roll < 98;
    if (r.modality == Modality::cr) {
      r.protocol = "RX v1";
      r.images_complete = true;
      r.images = 2;
    }
    if (roll >= 98) r.modality = Modality::us, r.protocol.clear(), r.images_complete = false;
    if (r.modality == Modality::mr) r.protocol = "IRM v1";
    return r;
  }

  void submit(std::uint64_t number) {
    Order& order = open_[number];
    order.submit.requests = {request(number, order.needs_images)};
    order.submit.message_id = "M" + std::to_string(number_) + "-" + std::to_string(number);
    if (chance_.percent(10)) {
      Request told = order.submit.requests.front();
      told.asked = Urgency::p1;
      town_.calls.push_back({told});
    }
    const std::uint64_t roll = chance_.below(100);
    if (roll < 70) ask(number);
    if (roll >= 55) feed(number);  // some orders take both ways
    if (roll == 0) ask(number);
    if (order.needs_images) {
      town_.world.at(town_.world.now() + 5 * second + chance_.around(30 * second), *this, images,
                     number);
    }
  }

  void ask(std::uint64_t number) {
    const auto at = open_.find(number);
    if (at == open_.end()) return;
    caller_.send(at->second.submit, [this, number](const Answer& a) { submitted(number, a); });
  }

  void submitted(std::uint64_t number, const Answer& answer) {
    const auto at = open_.find(number);
    if (at == open_.end() || answer.code != Errc::ok) return;
    at->second.accepted = true;
    if (chance_.percent(3)) caller_.send(Cancel{{answer.exam, {}}, "no longer"});
    if (!at->second.needs_images) open_.erase(at);
  }

  /// As nodes/door does with an HL7 message: the same command at another door when nothing is
  /// heard.
  void feed(std::uint64_t number) {
    const auto at = open_.find(number);
    if (at == open_.end() || at->second.accepted) return;
    Order& order = at->second;
    if (++order.tries > 60) return;
    const auto doors = doors_from(home_, town_.sites);
    Centre& door = town_.centre(doors[order.door++ % doors.size()]);
    if (!town_.network.is_open(home_, door.site) || door.is_paused()) {
      return town_.world.at(town_.world.now() + 2 * second, *this, feed_again, number);
    }
    const int attempt = order.tries;
    const bool there = door.propose(
        order.submit, [this, number, attempt](const Answer& a) { fed(number, attempt, a); });
    town_.world.at(town_.world.now() + (there ? 12 * second : 1 * second), *this, feed_again,
                   number);
  }

  void fed(std::uint64_t number, int attempt, const Answer& answer) {
    const auto at = open_.find(number);
    if (at == open_.end() || at->second.tries != attempt) return;
    if (answer.code == Errc::ok) submitted(number, answer);
  }

  /// The images are there; perhaps the regulator was slower, then later again.
  void complete(std::uint64_t number) {
    const auto at = open_.find(number);
    if (at == open_.end()) return;
    if (!at->second.accepted && ++at->second.tries > 40) return void(open_.erase(at));
    AcquisitionComplete done{
        {{}, key(number)}, {"A" + std::to_string(number)}, {"1.2.3"}, 120, false};
    if (chance_.percent(15)) caller_.send(AcquisitionStarted{{{}, key(number)}});
    if (chance_.percent(20)) caller_.send(ImagesProgress{{{}, key(number)}, 60, 120});
    caller_.send(std::move(done), [this, number](const Answer& a) { completed(number, a); });
  }

  void completed(std::uint64_t number, const Answer& answer) {
    const auto at = open_.find(number);
    if (at == open_.end()) return;
    if (answer.code == Errc::ok && chance_.percent(10)) {  // and a late phase
      caller_.send(ImagesProgress{{{}, key(number)}, 150, 150});
    }
    if (answer.code == Errc::ok && chance_.percent(20)) flag(number);
    const bool early = answer.code == Errc::wrong_state || answer.code == Errc::unknown_exam;
    if (!early || ++at->second.tries > 25) return void(open_.erase(at));
    town_.world.at(town_.world.now() + 15 * second, *this, images, number);
  }

  /// An AI engine looked at the images: once, or over and over.
  void flag(std::uint64_t number) {
    static constexpr const char* found[] = {"haemorrhage", "fracture", "embolism", "", "other"};
    const std::string engine = chance_.percent(3)    ? "unknown"
                               : chance_.percent(60) ? "gleamer"
                                                     : "aidoc";
    const std::uint64_t count = chance_.percent(10) ? 8 : 1;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t of = number - std::min(number - 1, i % 4);
      caller_.send(
          AddFinding{{{}, key(of)}, engine, "1." + std::to_string(i), found[chance_.below(5)]});
    }
  }

  void answer_questions() {
    auto& asked = town_.questions[{number_}];
    if (!chance_.percent(30)) return;
    for (const ExamId exam : asked) caller_.send(ProvideInfo{{exam, {}}, "60 umol/l"});
    asked.clear();
  }

  /// A reader wants more of them, or they are of what began on the phone.
  void make_more_images() {
    auto& wanted = town_.more_images[{number_}];
    for (const ExamId exam : wanted) {
      caller_.send(AcquisitionComplete{{exam, {}}, {}, {}, 180, false});
    }
    wanted.clear();
  }

  /// An order that changed: more urgent now (XO).
  void amend() {
    auto at = open_.rbegin();
    while (at != open_.rend() && !at->second.accepted) ++at;
    if (at == open_.rend()) return;
    Request changed = at->second.submit.requests.front();
    changed.asked = Urgency::p1;
    caller_.send(Amend{changed, "X" + std::to_string(at->first)});
  }

  Town& town_;
  Chance chance_;
  const std::uint32_t number_;
  const SiteId home_;
  std::uint64_t orders_ = 0;
  std::map<std::uint64_t, Order> open_;
  Caller caller_;
};

}  // namespace

std::unique_ptr<Person> make_hospital(Town& town, std::uint32_t number, SiteId home) {
  return std::make_unique<Hospital>(town, number, home);
}

}  // namespace vigie::sim
