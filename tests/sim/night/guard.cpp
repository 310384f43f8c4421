#include "tests/sim/night/guard.hpp"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>
#include <queue>

#include "actors/core/room/room.hpp"
#include "tests/sim/night/federation.hpp"

namespace vigie::night {
namespace {

constexpr std::array<std::string_view, 5> names{"guard", "fifo", "strict", "deadline", "vital"};

/// Who does what when: the order of kinds is the order at one moment.
enum class Step : std::uint8_t { signs, shift, first_image, arrives };
struct Planned {
  Millis at;
  Step step = Step::signs;
  std::uint32_t of = 0;  ///< arrival, or reader who signs
  auto operator<=>(const Planned&) const = default;
};

class Guard {
 public:
  Guard(const std::vector<Arrival>& load, const Staffing& staffing, Discipline discipline)
      : load_(load),
        staffing_(staffing),
        discipline_(discipline),
        posts_(posts_of(staffing.centres)),
        readers_(posts_.size()),
        exams_(load.size()) {
    said(room_.apply(
        next(room_.applied()), start,
        by_node(ApplyDirectory{make_federation(staffing.centres, rules_for(discipline))}), out_));
    for (std::uint32_t i = 0; i < load.size(); ++i) {
      plan({load[i].at, Step::arrives, i});
      const Millis ahead = first_image_ahead(load[i].urgency);
      if (ahead.value > 0) plan({load[i].at - ahead, Step::first_image, i});
    }
    left_ = load.size();
  }

  GuardResult run() {
    if (!load_.empty())
      plan({Millis{planned_.top().at.value / (1_h).value * (1_h).value} - 1_h, Step::shift, 0});
    while (left_ > 0) {
      const Planned now = planned_.top();
      planned_.pop();
      fire_until(now.at);
      at_ = now.at;
      step(now);
    }
    result_.digest = to_hex(room_.digest());
    return std::move(result_);
  }

 private:
  struct Reader {
    Incarnation incarnation;
    RequestNo request;
    bool attached = false;
    bool staffed = false;  ///< false while attached: goes home once he has signed
    Millis since;          ///< of his shift
    std::optional<std::uint32_t> exam;
  };
  struct Known {
    ExamId id;
    Epoch epoch;
  };

  void plan(const Planned& what) { planned_.push(what); }

  void step(const Planned& now) {
    switch (now.step) {
      case Step::signs:
        return sign(now.of);
      case Step::shift:
        return change_shift();
      case Step::first_image:
        return first_image(now.of);
      case Step::arrives:
        return arrive(now.of);
    }
  }

  // The room.

  /// What time alone does until `at`.
  void fire_until(Millis at) {
    while (room_.next_due() && room_.next_due() <= start + at) {
      const Millis due = room_.next_due() - start;
      at_ = std::max(at_, due);
      tell(by_node(Tick{}));
    }
  }
  Answer tell(const Proposal& proposal) {
    out_ = {};
    const Answer answer = room_.apply(next(room_.applied()), start + at_, proposal, out_);
    ++result_.entries;
    for (const Event& e : out_.events) {
      if (e.kind == EventKind::read_accepted) begin_reading(e);
    }
    return answer;
  }
  static void said(const Answer& answer) { VIGIE_ASSERT(answer.code == Errc::ok); }
  void say(std::uint32_t who, Command command) {
    Reader& reader = readers_[who];
    reader.request = next(reader.request);
    said(tell(by_reader(who, posts_[who], reader.incarnation, reader.request, std::move(command))));
  }

  // Exams.

  /// How much earlier than it is ready an exam's first image is said to come, so that the targets
  /// of P3 order it by its own.
  Millis first_image_ahead(Urgency urgency) const {
    const bool by_deadline = discipline_ == Discipline::deadline ||
                             (discipline_ == Discipline::vital && urgency != Urgency::p0);
    if (!by_deadline) return {};
    const Rules rules = rules_for(Discipline::guard);
    return target_of(rules, Urgency::p3) - target_of(rules, urgency);
  }
  Urgency sent_as(Urgency urgency) const {
    switch (discipline_) {
      case Discipline::guard:
      case Discipline::strict:
        return urgency;
      case Discipline::fifo:
        return Urgency::p2;
      case Discipline::deadline:
        return Urgency::p3;
      case Discipline::vital:
        return urgency == Urgency::p0 ? Urgency::p0 : Urgency::p3;
    }
    return urgency;
  }
  void submit(std::uint32_t i, bool images_complete) {
    const Arrival& a = load_[i];
    const Answer answer =
        tell(by_node(Submit{{request_for(a, i, sent_as(a.urgency), images_complete)}, {}}));
    said(answer);
    exams_[i].id = answer.exam;
  }
  void first_image(std::uint32_t i) {
    submit(i, false);
    said(tell(by_node(ImagesProgress{{exams_[i].id, {}}, 1, 100})));
  }
  void arrive(std::uint32_t i) {
    if (!exams_[i].id) return submit(i, true);
    said(tell(by_node(AcquisitionComplete{{exams_[i].id, {}}, {}, {}, 100, false})));
  }

  // Readers.

  void begin_reading(const Event& event) {
    const std::uint32_t who = reader_of(event.by);
    const Exam* exam = room_.state().exams().find(event.exam);
    VIGIE_ASSERT(exam != nullptr && !readers_[who].exam);
    const auto i = arrival_of(*exam);
    exams_[i] = {event.exam, event.epoch};
    readers_[who].exam = i;
    result_.reads.push_back({i, posts_[who], at_ - load_[i].at});
    plan({at_ + load_[i].read, Step::signs, who});
  }
  void sign(std::uint32_t who) {
    const std::uint32_t i = *readers_[who].exam;
    readers_[who].exam.reset();
    --left_;
    say(who, Sign{exams_[i].id, exams_[i].epoch, {i + 1u}, "normal"});
    if (!readers_[who].staffed) go_home(who);
  }
  void come(std::uint32_t who) {
    Reader& reader = readers_[who];
    reader.staffed = true;
    if (reader.attached) return say(who, SetReader{ReaderMode::free, AcceptMode::automatic});
    reader.attached = true;
    reader.since = at_;
    reader.incarnation = next(reader.incarnation);
    reader.request = {};
    said(tell(attach(who, posts_[who], reader.incarnation)));
    say(who, SetReader{ReaderMode::free, AcceptMode::automatic});
  }
  void leave(std::uint32_t who) {
    readers_[who].staffed = false;
    if (!readers_[who].exam) return go_home(who);
    say(who, SetReader{ReaderMode::off, AcceptMode::automatic});
  }
  void go_home(std::uint32_t who) {
    readers_[who].attached = false;
    say(who, Detach{});
  }
  /// On the hour: who is longest on shift goes first, who has been home longest comes.
  void change_shift() {
    const int hour = static_cast<int>((at_.value / (1_h).value % 24 + 24) % 24);
    const auto& wanted = staffing_.readers[static_cast<std::size_t>(hour)];
    for (std::uint16_t centre = 0; centre < wanted.size(); ++centre) {
      std::vector<std::uint32_t> here, away;
      for (std::uint32_t who = 0; who < posts_.size(); ++who) {
        if (posts_[who] == centre) (readers_[who].staffed ? here : away).push_back(who);
      }
      const auto longest = [&](std::uint32_t a, std::uint32_t b) {
        return readers_[a].since < readers_[b].since;
      };
      std::stable_sort(here.begin(), here.end(), longest);
      std::stable_sort(away.begin(), away.end(), longest);
      const auto count = static_cast<std::size_t>(wanted[centre]);
      for (std::size_t i = 0; i + count < here.size(); ++i) leave(here[i]);
      for (std::size_t i = here.size(); i < count; ++i) come(away[i - here.size()]);
    }
    plan({at_ + 1_h, Step::shift, 0});
  }

  const std::vector<Arrival>& load_;
  const Staffing& staffing_;
  const Discipline discipline_;
  const std::vector<std::uint16_t> posts_;  ///< a reader for each: his centre
  std::vector<Reader> readers_;
  std::vector<Known> exams_;  ///< by arrival
  std::priority_queue<Planned, std::vector<Planned>, std::greater<>> planned_;
  room::Room room_;
  room::Effects out_;
  Millis at_;
  std::size_t left_ = 0;  ///< not yet signed
  GuardResult result_;
};

}  // namespace

std::string_view name_of(Discipline discipline) {
  return names[static_cast<std::size_t>(discipline)];
}

bool discipline_of(std::string_view name, Discipline& out) {
  const auto at = std::find(names.begin(), names.end(), name);
  if (at == names.end()) return false;
  out = static_cast<Discipline>(at - names.begin());
  return true;
}

Result<GuardResult> run_guard(const std::vector<Arrival>& load, const Staffing& staffing,
                              Discipline discipline) {
  if (!load.empty() && staffing.reader_hours_per_day() == 0) {
    return Error{Errc::bad_value, "nobody reads at any hour"};
  }
  return Guard(load, staffing, discipline).run();
}

Result<GuardResult> run_isolated(const std::vector<Arrival>& load, const Staffing& staffing,
                                 Discipline discipline) {
  const auto home = homes(staffing.centres);
  GuardResult all;
  for (std::uint16_t centre = 0; centre < staffing.centres.size(); ++centre) {
    std::vector<Arrival> own;
    std::vector<std::uint32_t> positions;
    for (std::uint32_t i = 0; i < load.size(); ++i) {
      if (home[load[i].hospital] != centre) continue;
      own.push_back(load[i]);
      positions.push_back(i);
    }
    Staffing staff{{staffing.centres[centre]}, {}};
    for (std::size_t hour = 0; hour < 24; ++hour) {
      staff.readers[hour] = {staffing.readers[hour][centre]};
    }
    auto part = run_guard(own, staff, discipline);
    if (!part)
      return Error{Errc::bad_value, staffing.centres[centre].name + ": " + part.error().what};
    for (Read& read : part->reads)
      all.reads.push_back({positions[read.arrival], centre, read.wait});
    all.entries += part->entries;
    all.digest += part->digest;
  }
  return all;
}

}  // namespace vigie::night
