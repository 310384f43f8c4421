#include "tests/verify/linear/exam_spec.hpp"

#include <algorithm>

namespace vigie::linear {
namespace {

using Stage = ExamSpec::Stage;

/// The stages of which a state seen by a client is one.
bool is_stage(ExamState shown, Stage stage) {
  switch (shown) {
    case ExamState::requested:
      return stage == Stage::requested;
    case ExamState::in_regulation:
      return stage == Stage::in_regulation;
    case ExamState::needs_info:
      return stage == Stage::needs_info;
    case ExamState::protocolled:
      return stage == Stage::protocolled;
    case ExamState::acquiring:
      return stage == Stage::acquiring;
    case ExamState::ready:
    case ExamState::offered:
      return stage == Stage::ready;
    case ExamState::reading:
      return stage == Stage::reading || stage == Stage::ready;  // given at once, unseen
    case ExamState::preliminary:
      return stage == Stage::preliminary;
    case ExamState::suspended:
      return stage == Stage::suspended;
    case ExamState::validated:
    case ExamState::delivered:
    case ExamState::closed:
      return stage == Stage::final_;
    case ExamState::refused:
    case ExamState::cancelled:
      return stage == Stage::gone;
    default:
      return true;
  }
}

bool no(Refused& why, std::string_view kind, std::string what) {
  why = {kind, std::move(what)};
  return false;
}

std::string number(std::uint64_t n) { return std::to_string(n); }

}  // namespace

bool says_something(const Step& step) {
  switch (step.code) {
    case Errc::ok:
    case Errc::stale:
    case Errc::already_final:
    case Errc::acquisition_begun:
    case Errc::not_holder:
    case Errc::wrong_state:
      return true;
    default:
      return false;
  }
}

ExamSpec::ExamSpec(const std::vector<Step>& steps, bool may_end_unseen)
    : may_end_unseen_(may_end_unseen) {
  for (const Step& s : steps) {
    const bool took = !s.answered || s.code == Errc::ok;
    submitted_ |= took && s.what == "submit" && !s.duplicate;
    accepted_ |= took && s.what == "accept";
    completed_ |= took && s.what == "acquisition_complete";
    images_ |= took && (s.what == "acquisition_complete" || s.what == "images_progress");
    if (s.exam && !first_) first_ = s.exam;
    seen_alive_[{s.session, s.incarnation}] = s.session_ended_after;
  }
}

ExamSpec::State ExamSpec::start() const {
  State s;
  if (submitted_) return s;
  s.stage = Stage::requested;
  s.exam = first_;
  return s;
}

std::vector<ExamSpec::State> ExamSpec::apply(const State& before, const Step& step,
                                             const std::set<Attached>& later, Refused& why) const {
  std::vector<State> out;
  for (State state : unseen(before, step, later)) {
    Refused reason;
    const bool told = !step.answered || step.code == Errc::ok;
    if (told ? done(state, step, reason) : refused(state, step, reason)) {
      if (!told && step.what == "sign") state.kept.insert(step.report);
      if (std::find(out.begin(), out.end(), state) == out.end()) out.push_back(std::move(state));
    } else if (why.what.empty() || why.kind == "impossible") {
      why = reason;
    }
  }
  return out;
}

/// What may have happened before the step without any client having asked for it.
std::vector<ExamSpec::State> ExamSpec::unseen(const State& state, const Step& step,
                                              const std::set<Attached>& later) const {
  std::vector<State> out{state};
  const auto add = [&](Stage stage) {
    State s = state;
    s.stage = stage;
    if (stage < Stage::ready) s.who = {};
    out.push_back(std::move(s));
  };
  const bool may_end = step.what == "answer_cancel" || step.what == "hand_over";  // granted, given
  if (may_end && state.stage < Stage::final_) add(Stage::gone);
  if (state.paused) return out;
  if (state.stage == Stage::suspended) {
    add(Stage::reading);  // the P0 is signed
    out.back().back = true;
    add(Stage::ready);  // he is away
  }
  const bool arrives_made = !accepted_ && state.stage >= Stage::requested;
  const bool in_regulation =
      state.stage == Stage::in_regulation || state.stage == Stage::needs_info;
  if (may_end_unseen_ && state.stage != Stage::none && state.stage < Stage::final_) {
    add(Stage::gone);
  }
  if (in_regulation) add(Stage::requested);  // its lease ran out
  if (arrives_made && state.stage < Stage::protocolled) add(Stage::protocolled);
  if (arrives_made && state.stage < Stage::acquiring) add(Stage::acquiring);
  const bool protocolled = state.stage == Stage::protocolled || state.stage == Stage::acquiring;
  if (state.stage == Stage::protocolled) add(Stage::acquiring);
  if (state.imaged && protocolled) add(Stage::ready);
  if (!completed_ && (protocolled || (arrives_made && state.stage < Stage::ready))) {
    add(Stage::ready);
  }
  if (state.stage == Stage::reading || state.stage == Stage::preliminary) {
    // Its reader's session ended: not if he acts again in it.
    const auto alive = seen_alive_.find({state.who, state.as});
    const bool acts_later = alive != seen_alive_.end() && alive->second > step.completed;
    const bool lives =
        later.contains({state.who, state.as}) || (step.session != state.who && acts_later);
    if (!lives) add(Stage::ready);
  }
  return out;
}

bool ExamSpec::done(State& s, const Step& step, Refused& why) const {
  if (step.what == "read") {
    if (s.paused != (step.shown == ExamState::held)) {
      return no(why, "stale_read", s.paused ? "it was on hold" : "it was not on hold");
    }
    return s.paused || is_stage(step.shown, s.stage) ||
           no(why, "stale_read", "the exam was not " + std::string{name_of(step.shown)});
  }
  if (step.what == "submit") {
    if (step.duplicate) {
      if (s.stage == Stage::none) return no(why, "wrong_duplicate", "it was the first");
      if (!s.exam) s.exam = step.exam;  // nobody was told which it was
      return !step.exam || step.exam == s.exam ||
             no(why, "wrong_duplicate", "its order is exam " + number(s.exam.value));
    }
    if (s.stage != Stage::none && s.stage != Stage::gone && s.stage != Stage::final_) {
      // The same order in a new message: answered as done, with the exam that it is.
      return (step.exam && step.exam == s.exam && !step.answered) ||
             no(why, "double_effect", "its order had become exam " + number(s.exam.value));
    }
    s = {};
    s.stage = Stage::requested;
    s.exam = step.exam;
    return true;
  }
  if (s.stage == Stage::none) return no(why, "impossible", "the exam had not been submitted");
  if (step.what == "hold" || step.what == "resume") return pause(s, step, why);
  if (step.epoch.index != 0) {
    return step.what == "sign" ? sign(s, step, why) : read_exam(s, step, why);
  }
  return steer(s, step, why) && regulate(s, step, why);
}

/// T22, and the end of T24.
bool ExamSpec::pause(State& s, const Step& step, Refused& why) const {
  if (step.what == "resume") {
    if (s.paused) return s.paused = false, true;
    if (s.stage == Stage::reading && s.back && s.who == step.session) return true;
    return no(why, "impossible", "it was neither on hold nor set aside");
  }
  if (s.stage >= Stage::final_) return no(why, "impossible", "it was over");
  s.paused = true;
  if (s.stage == Stage::in_regulation) s.stage = Stage::requested;
  s.stage = std::min(s.stage, Stage::ready);
  s.who = {};
  return true;
}

/// What those who organise the guard say of an exam, where its stage matters.
bool ExamSpec::steer(State& s, const Step& step, Refused& why) const {
  const bool read = s.stage == Stage::reading || s.stage == Stage::preliminary;
  const auto only = [&](bool fits) {
    return fits || no(why, "impossible", "the exam was not where that is done");
  };
  if (step.what == "take_over") {
    if (!only(read || s.stage == Stage::ready || s.stage == Stage::suspended)) return false;
    s.stage = Stage::ready;
    return only(!s.paused);
  }
  if (step.what == "revise_protocol") return only(s.stage == Stage::protocolled && !s.paused);
  if (step.what == "direct") {
    return only(s.stage >= Stage::protocolled && s.stage <= Stage::ready && !s.paused);
  }
  if (step.what == "set_urgency" || step.what == "pin") return only(s.stage < Stage::final_);
  if (step.what == "revise_report") return only(s.stage == Stage::final_);
  const bool paused_only = step.what == "claim" || step.what == "release_claim" ||
                           step.what == "accept" || step.what == "refuse";
  return !paused_only || only(!s.paused);
}

bool ExamSpec::regulate(State& s, const Step& step, Refused& why) const {
  const bool regulated = s.stage == Stage::in_regulation || s.stage == Stage::needs_info;
  const bool his = regulated && (s.who == step.session || step.pair.contains(s.who));
  const auto to = [&](Stage stage) { return s.stage = stage, true; };
  if (step.what == "claim") {
    if (s.stage != Stage::requested && !regulated) {
      return no(why, "impossible", "it had left regulation, or was never in it");
    }
    if (s.stage == Stage::in_regulation && !his) return no(why, "two_holders", "another had it");
    s.who = step.session;
    return to(Stage::in_regulation);
  }
  const bool claimers = step.what == "release_claim" || step.what == "ask_info" ||
                        step.what == "accept" || step.what == "refuse";
  if (claimers && !his) {
    return no(why, regulated ? "two_holders" : "impossible", "it was not in his regulation");
  }
  if (step.what == "release_claim") return to(Stage::requested);
  if (step.what == "ask_info") return to(Stage::needs_info);
  if (step.what == "accept") return to(Stage::protocolled);
  if (step.what == "refuse") return to(Stage::gone);
  if (step.what == "provide_info") {
    return s.stage == Stage::needs_info ? to(Stage::in_regulation)
                                        : no(why, "impossible", "nothing had been asked");
  }
  if (step.what == "cancel") {
    const bool may = s.stage < Stage::acquiring || s.stage == Stage::gone;  // again
    s.paused = false;
    return may ? to(Stage::gone) : no(why, "impossible", "acquisition had begun");
  }
  if (step.what == "acquisition_started") {
    if (s.stage < Stage::protocolled) return no(why, "impossible", "it had no protocol");
    if (s.paused) return s.stage >= Stage::acquiring && s.stage != Stage::gone;
    return s.stage == Stage::protocolled ? to(Stage::acquiring) : s.stage != Stage::gone;
  }
  if (step.what == "acquisition_complete") {
    const bool before = s.stage == Stage::protocolled || s.stage == Stage::acquiring;
    s.imaged |= s.stage < Stage::protocolled || (s.paused && before);
    return before && !s.paused ? to(Stage::ready) : s.stage != Stage::gone;
  }
  return true;
}

/// The router gave it to the step's session under the step's epoch, then or before.
bool ExamSpec::take(State& s, const Step& step, Refused& why) const {
  const bool has = s.stage == Stage::reading || s.stage == Stage::preliminary;
  const bool his = s.who == step.session && !s.paused;
  if (has && his && s.back && s.epoch < step.epoch.index) {
    s.epoch = step.epoch.index;
    s.back = false;
  }
  const bool aside = s.stage == Stage::suspended && step.what == "sign";
  if ((has || aside) && his && s.epoch == step.epoch.index) return true;
  if (has) return no(why, "two_holders", "another held it");
  if (s.stage != Stage::ready || s.paused) {
    return no(why, s.stage == Stage::final_ ? "double_effect" : "impossible",
              "nobody could hold it");
  }
  if (step.epoch.index <= s.epoch) return no(why, "two_holders", "its epoch was over");
  s.epoch = step.epoch.index;
  s.who = step.session;
  s.as = step.incarnation;
  s.readers.insert(step.session);
  s.stage = Stage::reading;
  return true;
}

bool ExamSpec::read_exam(State& s, const Step& step, Refused& why) const {
  if (!take(s, step, why)) return false;
  if (step.what == "preliminary") s.stage = Stage::preliminary;
  if (step.what == "decline_offer" || step.what == "release") s.stage = Stage::ready;
  if (step.what == "suspend") s.stage = Stage::suspended;
  if (step.what == "want_images") {
    s.stage = Stage::acquiring;
    s.imaged = true;  // whoever counts them all has them all
  }
  return true;
}

bool ExamSpec::sign(State& s, const Step& step, Refused& why) const {
  if (s.stage == Stage::final_) {
    return s.report == step.report || s.kept.contains(step.report) ||
           no(why, "double_effect", "it had another final report");
  }
  State given = s;
  const bool last = s.stage == Stage::ready && !s.paused && s.readers.contains(step.session);
  if (!last && !take(given, step, why)) return false;
  s = std::move(given);
  s.stage = Stage::final_;
  s.report = step.report;
  return true;
}

bool ExamSpec::refused(const State& s, const Step& step, Refused& why) const {
  const bool has = s.stage == Stage::reading || s.stage == Stage::preliminary;
  const bool his = has && !s.back && s.who == step.session && s.epoch == step.epoch.index;
  switch (step.code) {
    case Errc::stale:
      return !his || no(why, "impossible", "he held it under that epoch");
    case Errc::not_holder:
      // What a pair has goes to who is left of it.
      return !(his ||
               (s.stage == Stage::in_regulation && s.who == step.session && step.pair.empty())) ||
             no(why, "impossible", "he held it");
    case Errc::already_final:
      return s.stage == Stage::final_ || no(why, "impossible", "it had no final report");
    case Errc::acquisition_begun:
      return s.stage >= Stage::acquiring || images_ ||
             no(why, "impossible", "acquisition had not begun");
    case Errc::wrong_state:
      return !(step.what == "claim" && s.stage == Stage::requested) ||
             no(why, "impossible", "it waited for regulation");
    default:
      return true;
  }
}

}  // namespace vigie::linear
