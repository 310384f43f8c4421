// The language of scenarios: one table of sentences, each with what it does. The table is also the
// vocabulary that --help prints and tests/scenarios/README.md explains.
//
// In a pattern a word in capitals stands for something: CENTRE, HOSPITAL, READER, REGULATOR, EXAM,
// HEAD, ENGINE, MODALITY, REGION, URGENCY, REASON, SPAN ("70 s", "2 min", "300 ms"), NUMBER, TEXT
// ("in quotes"). What stands in brackets at the end may be left out.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "tests/scenarios/runner/stage.hpp"

namespace vigie::scenarios {

/// A sentence that nobody understands, or that cannot be done: names what was wrong.
struct Misunderstood : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// One sentence of a script, in words; what is in quotes is one word that begins with a quote.
class Sentence {
 public:
  /// @throws Misunderstood for a quote that does not end.
  explicit Sentence(std::string_view line);
  const std::vector<std::string>& words() const { return words_; }

 private:
  std::vector<std::string> words_;
};

/// What a pattern's words in capitals stood for, in their order, and the options.
class Values {
 public:
  const std::string& operator[](std::size_t i) const { return values_.at(i); }
  void add(std::string value) { values_.push_back(std::move(value)); }
  void add_option(std::string word) { options_.push_back(std::move(word)); }
  bool has(std::string_view option) const;
  /// The word after `option`; empty: not said.
  std::string after(std::string_view option) const;

 private:
  std::vector<std::string> values_, options_;
};

struct Verb {
  std::string_view pattern, help;
  void (*act)(Stage& stage, const Values& values);
};

const std::vector<Verb>& hospital_verbs();
const std::vector<Verb>& reading_verbs();
const std::vector<Verb>& regulation_verbs();
const std::vector<Verb>& guard_verbs();
const std::vector<Verb>& fault_verbs();
const std::vector<Verb>& look_verbs();

/// Does what `line` says. @throws Misunderstood.
void act(Stage& stage, std::string_view line);
/// The whole vocabulary, for people.
std::string vocabulary();

// For verbs. All throw Misunderstood, in words.
SiteId centre_of(const Stage& stage, const std::string& name);
const Establishment& hospital_of(const Stage& stage, const std::string& name);
PersonId person_of(const Stage& stage, const std::string& name, Role role);
Screen& screen_of(Stage& stage, const std::string& name, Role role);
ExamId exam_of(Stage& stage, const std::string& label);
/// Of the centre that is up and furthest.
const room::Room& room_of(const Stage& stage);
/// As room_of() has it.
const Exam& open_exam(Stage& stage, const std::string& label);
Urgency urgency_named(const std::string& name);
sim::Time span_of(const std::string& text);
std::uint64_t number_of(const std::string& text);

}  // namespace vigie::scenarios
