// What must hold after every entry, whatever is sent: checked on random nights. A failure prints
// its seed; VIGIE_SEED=<seed> runs that night alone, with every check at every step.
#include <cstdlib>

#include "tests/actors/core/room/random_night.hpp"

namespace vigie::room::test {
namespace {

constexpr int nights = 300, steps = 300;

std::vector<std::uint64_t> seeds(std::uint64_t first, std::uint64_t count) {
  if (const char* one = std::getenv("VIGIE_SEED")) return {std::strtoull(one, nullptr, 10)};
  std::vector<std::uint64_t> all;
  for (std::uint64_t seed = first; seed < first + count; ++seed) all.push_back(seed);
  return all;
}
bool alone() { return std::getenv("VIGIE_SEED") != nullptr; }

std::string replay(std::uint64_t seed) {
  return "replay: VIGIE_SEED=" + std::to_string(seed) +
         " actors_core_room_test --gtest_filter='RandomNights.*'";
}

bool same(const Event& a, const Event& b) {
  return a.kind == b.kind && a.urgency == b.urgency && a.state == b.state && a.index == b.index &&
         a.at == b.at && a.exam == b.exam && a.session == b.session && a.by == b.by &&
         a.site == b.site && a.epoch == b.epoch && a.text == b.text && !a.card == !b.card &&
         (!a.card || (a.card->exam == b.card->exam && a.card->sealed == b.card->sealed &&
                      a.card->offered_until == b.card->offered_until));
}
bool same(const Effects& a, const Effects& b) {
  return std::equal(a.events.begin(), a.events.end(), b.events.begin(), b.events.end(),
                    [](const Event& x, const Event& y) { return same(x, y); }) &&
         std::equal(a.archive.begin(), a.archive.end(), b.archive.begin(), b.archive.end(),
                    [](const ArchivedExam& x, const ArchivedExam& y) {
                      return x.exam == y.exam && x.index == y.index && x.bytes == y.bytes;
                    });
}

/// Applies entries to a room and remembers the last.
struct Replay {
  Room room;
  Effects effects;  ///< of the last entry
  Answer apply(const Stamped& entry) {
    effects = {};
    return room.apply(next(room.applied()), entry.at, entry.proposal, effects);
  }
};

Stamped founding() {
  Proposal p;
  p.command = ApplyDirectory{busy_centres()};
  return {FedTime{1'700'000'000'000}, p};
}
Stamped tick_at(FedTime at) {
  Proposal p;
  p.key = key_of(lyon);
  p.door = lyon;
  p.command = Tick{};
  return {at, p};
}

/// Refusals that keep something all the same: a report (T16b), a wish to cancel (T21).
bool keeps_something(const Proposal& p, Errc code) {
  if (std::holds_alternative<Cancel>(p.command)) return code == Errc::acquisition_begun;
  return std::holds_alternative<Sign>(p.command) &&
         (code == Errc::stale || code == Errc::already_final || code == Errc::unknown_exam ||
          code == Errc::wrong_state);
}

/// No reader sits free beside an exam that he may read. Beyond depth_max exams in a queue, readers
/// excluded from all its first ones may.
std::string idle_beside_work(const Room& room) {
  const State& state = room.state();
  if (state.waiting().size() > routing::WaitingQueues::depth_max) return {};
  for (const auto& [place, view] : state.free_readers()) {
    const routing::ReaderView reader = state.current(*view);
    if (reader != state.view_of(*state.sessions().find(view->session)))
      return "stale view of a reader";
    for (const auto& [exam_id, slot] : state.exams().slots()) {
      if (slot.record.state != ExamState::ready) continue;
      if (routing::filter_for(room.directory(), slot.record, reader) == Filter::eligible) {
        return "reader " + std::to_string(reader.person.value) + " is idle beside exam " +
               exam_number(room.directory(), exam_id);
      }
    }
  }
  return {};
}

/// Did the entry give everything in one go? Then what came back with it counts as waiting, too.
bool is_one_phase(const Effects& effects, const Command& wanted) {
  if (std::holds_alternative<Tick>(wanted)) return true;
  return std::holds_alternative<SiteContact>(wanted) &&
         std::none_of(effects.events.begin(), effects.events.end(), [](const Event& e) {
           return e.kind == EventKind::offer_expired || e.kind == EventKind::exam_relaxed ||
                  e.kind == EventKind::exam_ready;
         });
}

/// An exam that an offer brought back is given first, and relaxed after that if nobody could have
/// it.
bool is_relaxed(const Effects& effects, ExamId exam) {
  return std::any_of(effects.events.begin(), effects.events.end(), [&](const Event& e) {
    return e.kind == EventKind::exam_relaxed && e.exam == exam;
  });
}

/// I13: nobody is given an exam while another that he may read, READY all the while, goes first.
/// What `wanted` changes may go first only since then.
std::string wrong_order(const Room& room, const Effects& effects, const Command& wanted) {
  const State& state = room.state();
  const bool amends =
      std::holds_alternative<Amend>(wanted) || std::holds_alternative<Submit>(wanted) ||
      std::holds_alternative<SetUrgency>(wanted) || std::holds_alternative<Pin>(wanted) ||
      std::holds_alternative<Direct>(wanted);  // whatever the order prefers
  if (amends || state.waiting().size() > routing::WaitingQueues::depth_max) return {};
  const bool all_waited = is_one_phase(effects, wanted);
  for (const Event& event : effects.events) {
    const Exam* given = event.card ? state.exams().find(event.exam) : nullptr;
    const Session* session = state.sessions().find(event.session);
    const bool is_given =
        event.kind == EventKind::read_offered || event.kind == EventKind::read_accepted;
    const bool his_own = event.text == "resumed";  // what he had set aside
    if (!is_given || his_own || !given || !session || session->exam != event.exam) continue;
    routing::ReaderView reader = state.view_of(*session);
    reader.free = true;  // as he was
    for (const auto& [id, slot] : state.exams().slots()) {
      const Exam& other = slot.record;
      const bool waited = all_waited || other.state_since < room.now();
      const bool may = other.state == ExamState::ready && waited && !is_relaxed(effects, id) &&
                       routing::filter_for(room.directory(), other, reader) == Filter::eligible;
      if (may && routing::rank_of(other) < routing::rank_of(*given)) {
        return exam_number(room.directory(), event.exam) + " was given before " +
               exam_number(room.directory(), id);
      }
    }
  }
  return {};
}

/// The indexes count what the records say.
std::string wrong_index(const Room& room) {
  const State& state = room.state();
  std::size_t waiting = 0, due = 0, by_age = 0;
  ExamCounts counts{};
  for (const auto& [id, slot] : state.exams().slots()) {
    const Exam& e = slot.record;
    ++counts[static_cast<std::size_t>(e.state)][static_cast<std::size_t>(e.urgency)];
    if (e.state == ExamState::ready) ++waiting;
    if (e.state == ExamState::ready || e.state == ExamState::offered) ++by_age;
    const FedTime when = next_due(e, room.directory());
    if (!when) continue;
    ++due;
    if (!state.due().contains({when, id})) return "due";
  }
  if (waiting != state.waiting().size()) return "waiting";
  if (due != state.due().size()) return "due";
  if (by_age != state.by_age().size()) return "by_age";
  return counts == state.counts() ? "" : "counts";
}

class Checker {
 public:
  explicit Checker(std::uint64_t seed) : seed_(seed), driver_(seed, run_.room) {
    EXPECT_EQ(run_.apply(founding()).code, Errc::ok);
    log_.push_back(founding());
    driver_.saw(run_.effects);
    effects_.push_back(std::move(run_.effects));
  }

  bool play() {
    for (int step = 0; step < steps && fine_; ++step) {
      const Stamped entry = driver_.draw();
      if (step % 2 == 0) let_time_do_its_part(entry.at);
      const Bits128 before = run_.room.state().exams().digest();
      const Answer answer = apply(entry);
      if (step % 2 == 0) refusals_change_nothing(entry.proposal, answer, before);
      same_number_same_answer(entry.proposal, answer);
      if (alone() || seed_ % 10 == 0 || step % 20 == 19) whole_room();
      expect(idle_beside_work(run_.room));
    }
    whole_room();
    return fine_;
  }
  /// Every entry applied, with its effects.
  const std::vector<Stamped>& log() const { return log_; }
  const std::vector<Effects>& effects() const { return effects_; }
  const Room& room() const { return run_.room; }
  std::size_t accepted() const { return accepted_; }

 private:
  Answer apply(const Stamped& entry) {
    const auto reading = who_reads_what();
    const Answer answer = run_.apply(entry);
    if (answer.code == Errc::ok) ++accepted_;
    log_.push_back(entry);
    nobody_is_interrupted(reading);
    expect(wrong_order(run_.room, run_.effects, entry.proposal.command));
    driver_.saw(run_.effects);
    effects_.push_back(std::move(run_.effects));
    return answer;
  }
  void expect(const std::string& wrong) {
    if (wrong.empty() || !fine_) return;
    fine_ = false;
    ADD_FAILURE() << wrong << " at index " << run_.room.applied().value << " after "
                  << name_of(log_.back().proposal.command) << "; " << replay(seed_);
  }
  void let_time_do_its_part(FedTime at) {
    const FedTime now = std::max(at, run_.room.now());
    for (int n = 0; n < 64; ++n) {
      apply(tick_at(at));
      if (!run_.room.next_due() || run_.room.next_due() > now) return;
    }
    expect("something is due for ever");
  }
  void refusals_change_nothing(const Proposal& p, const Answer& answer, Bits128 before) {
    const bool starts = std::holds_alternative<Tick>(p.command);  // a new leader's offers
    if (starts || (answer.code == Errc::ok && !answer.duplicate)) return;
    if (keeps_something(p, answer.code)) return;
    const bool may = answer.code == Errc::ok;  // a repetition may tell of more images
    if (!may && run_.room.state().exams().digest() != before) {
      expect("a refusal changed an exam: " + std::string(errc_name(answer.code)));
    }
  }
  void same_number_same_answer(const Proposal& p, const Answer& answer) {
    if (!p.session || std::holds_alternative<Attach>(p.command)) return;
    const bool judged = answer.code != Errc::superseded && answer.code != Errc::no_session &&
                        answer.code != Errc::retry_from && answer.code != Errc::old_request &&
                        answer.code != Errc::request_reused;
    if (!judged) return;
    const auto name = std::tuple{p.session, p.incarnation, p.request};
    const auto [at, fresh] = answers_.try_emplace(name, p.content_hash, answer);
    if (fresh) return;
    Answer expected = at->second.second;
    expected.duplicate = true;
    if (at->second.first != p.content_hash) return expect("a number was used twice");
    if (answer != expected) expect("the same number got another answer");
  }
  /// F7: who reads hears of nothing but his own exam. `reading` is what each had in hand before.
  void nobody_is_interrupted(const std::map<SessionId, ExamId>& reading) {
    for (const Event& event : run_.effects.events) {
      const auto at = reading.find(event.session);
      if (at == reading.end() || event.exam == at->second || !event.exam) continue;
      const Session* s = run_.room.state().sessions().find(event.session);
      const Exam* still = s ? run_.room.state().exams().find(at->second) : nullptr;
      const bool his_own_act = s && event.by == s->person;
      if (!his_own_act && s && s->exam == at->second && still && is_held(still->state)) {
        expect("a reader was interrupted by " + std::string(name_of(event.kind)));
      }
    }
  }
  std::map<SessionId, ExamId> who_reads_what() const {
    std::map<SessionId, ExamId> reading;
    for (const auto& [id, slot] : run_.room.state().sessions().slots()) {
      const Exam* exam = run_.room.state().exams().find(slot.record.exam);
      if (exam && is_held(exam->state)) reading.emplace(id, exam->id);
    }
    return reading;
  }
  void whole_room() {
    const auto broken = violations(run_.room);
    if (!broken.empty()) expect(broken.front());
    const std::string index = wrong_index(run_.room);
    if (!index.empty()) expect("index differs from the records: " + index);
  }

  std::uint64_t seed_;
  Replay run_;
  Driver driver_;
  std::vector<Stamped> log_;
  std::vector<Effects> effects_;
  std::map<std::tuple<SessionId, Incarnation, RequestNo>, std::pair<std::uint64_t, Answer>>
      answers_;
  std::size_t accepted_ = 0;
  bool fine_ = true;
};

std::string photograph(Room& room, std::size_t piece_bytes) {
  std::string bytes;
  room.begin_snapshot();
  for (;;) {
    const std::string piece = room.next_snapshot_piece(piece_bytes);
    if (piece.empty()) return bytes;
    bytes += piece;
  }
}

Result<Room> load(std::string_view bytes, std::size_t piece_bytes) {
  SnapshotLoader loader;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    if (const auto fed = loader.feed(bytes.substr(at, piece_bytes)); !fed) return fed.error();
  }
  return loader.finish();
}

// domain F1, F7
TEST(RandomNights, InvariantsHoldWhateverIsSent) {
  std::size_t accepted = 0, archived = 0, signed_ = 0;
  for (std::uint64_t seed : seeds(1, nights)) {
    Checker night(seed);
    ASSERT_TRUE(night.play());
    accepted += night.accepted();
    archived += night.room().state().scalars().archived;
    for (const Effects& e : night.effects()) {
      for (const Event& event : e.events) signed_ += event.kind == EventKind::report_validated;
    }
  }
  if (alone()) return;
  // The nights must be worth it: much happens in them.
  EXPECT_GT(accepted, nights * 150u);
  EXPECT_GT(signed_, nights * 2u);
  EXPECT_GT(archived, nights * 2u);
}

// domain N3
TEST(RandomNights, EqualEntriesMakeEqualRoomsEvenFromAPhotographTakenMeanwhile) {
  for (std::uint64_t seed : seeds(10'001, nights / 3)) {
    Checker night(seed);
    ASSERT_TRUE(night.play());
    const auto& log = night.log();
    const std::size_t half = log.size() / 2;
    Replay twin;
    for (std::size_t i = 0; i < half; ++i) {
      twin.apply(log[i]);
      ASSERT_TRUE(same(twin.effects, night.effects()[i])) << "entry " << i << "; " << replay(seed);
    }
    Replay still;  // stops at the moment of the photograph
    for (std::size_t i = 0; i < half; ++i) still.apply(log[i]);
    std::string bytes;
    twin.room.begin_snapshot();
    EXPECT_EQ(twin.room.snapshot_index(), twin.room.applied());
    std::size_t i = half;
    for (;;) {  // some entries between any two slices
      const std::string piece = twin.room.next_snapshot_piece(700 + seed % 900);
      if (piece.empty()) break;
      bytes += piece;
      for (int n = 0; n < 3 && i < log.size(); ++n, ++i) twin.apply(log[i]);
    }
    ASSERT_EQ(bytes, photograph(still.room, 1'000'000)) << replay(seed);
    auto loaded = load(bytes, 513);
    ASSERT_TRUE(loaded) << loaded.error().what << "; " << replay(seed);
    Replay other{std::move(*loaded), {}};
    ASSERT_EQ(other.room.digest(), still.room.digest()) << replay(seed);
    for (std::size_t j = half; j < log.size(); ++j) {
      other.apply(log[j]);
      ASSERT_TRUE(same(other.effects, night.effects()[j])) << "entry " << j << "; " << replay(seed);
      if (j >= i) twin.apply(log[j]);
    }
    ASSERT_EQ(other.room.digest(), night.room().digest()) << replay(seed);
    ASSERT_EQ(twin.room.digest(), night.room().digest()) << replay(seed);
    ASSERT_EQ(photograph(other.room, 4096), photograph(twin.room, 100)) << replay(seed);
    for (const auto& [id, slot] : night.room().state().exams().slots()) {
      Exam back;
      ASSERT_TRUE(from_canonical(canonical_bytes(slot.record), back));
      ASSERT_EQ(back, slot.record);
    }
  }
}

TEST(RandomNights, ADamagedPhotographIsNeverLoaded) {
  Checker night(42);
  ASSERT_TRUE(night.play());
  Replay run;
  for (const Stamped& entry : night.log()) run.apply(entry);
  const std::string good = photograph(run.room, 4096);
  ASSERT_TRUE(load(good, 1000));
  std::mt19937_64 random(1);
  for (int n = 0; n < 400; ++n) {
    std::string bad = good;
    bad[random() % bad.size()] ^= static_cast<char>(1 << random() % 8);
    EXPECT_FALSE(load(bad, 4096)) << "flip " << n;
    EXPECT_FALSE(load(std::string_view(good).substr(0, random() % good.size()), 4096));
  }
  EXPECT_FALSE(load(good + good, 4096));
  EXPECT_FALSE(load("", 1));
}

}  // namespace
}  // namespace vigie::room::test
