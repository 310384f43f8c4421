#include "tests/scenarios/runner/command.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace vigie::scenarios {
namespace {

bool is_placeholder(const std::string& word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return (c >= 'A' && c <= 'Z'); });
}

/// "Anna's" is "Anna": whose it is goes without saying. False when it had to say so and did not.
bool take_owner(const std::string& pattern, const std::string& word, std::string& owner) {
  constexpr std::string_view ending = "'s";
  const bool owns = pattern.ends_with(ending);
  if (owns != word.ends_with(ending)) return false;
  owner = owns ? word.substr(0, word.size() - ending.size()) : word;
  return is_placeholder(owns ? pattern.substr(0, pattern.size() - ending.size()) : pattern);
}

bool is_unit(const std::string& word) { return word == "ms" || word == "s" || word == "min"; }

/// Takes the words that a placeholder stands for; 0: it does not fit.
std::size_t take(const std::string& pattern, const std::vector<std::string>& words, std::size_t at,
                 Values& values) {
  if (pattern == "SPAN") {
    if (at + 1 >= words.size() || !is_unit(words[at + 1])) return 0;
    values.add(words[at] + " " + words[at + 1]);
    return 2;
  }
  const bool quoted = words[at].starts_with('"');
  if (quoted != (pattern == "TEXT")) return 0;
  if (quoted) {
    values.add(words[at].substr(1));
    return 1;
  }
  std::string owner;
  if (!take_owner(pattern, words[at], owner)) return 0;
  values.add(owner);
  return 1;
}

bool fits(const Verb& verb, const std::vector<std::string>& words, Values& values) {
  std::size_t at = 0;
  const Sentence known(verb.pattern);
  for (const std::string& pattern : known.words()) {
    if (pattern.starts_with('[')) {  // options: whatever follows
      for (; at < words.size(); ++at) values.add_option(words[at]);
      return true;
    }
    if (at >= words.size()) return false;
    const std::string bare =
        pattern.ends_with("'s") ? pattern.substr(0, pattern.size() - 2) : pattern;
    if (!is_placeholder(bare)) {
      if (words[at] != pattern) return false;
      ++at;
      continue;
    }
    const std::size_t taken = take(pattern, words, at, values);
    if (taken == 0) return false;
    at += taken;
  }
  return at == words.size();
}

using Chapter = std::pair<std::string_view, const std::vector<Verb>& (*)()>;
constexpr std::array<Chapter, 6> chapters = {
    Chapter{"Hospitals", &hospital_verbs},    Chapter{"Regulators", &regulation_verbs},
    Chapter{"Readers", &reading_verbs},       Chapter{"The guard", &guard_verbs},
    Chapter{"Time and faults", &fault_verbs}, Chapter{"Looking", &look_verbs}};

}  // namespace

Sentence::Sentence(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size()) {
    if (line[at] == ' ') {
      ++at;
      continue;
    }
    const bool quoted = line[at] == '"';
    const std::size_t end = line.find(quoted ? '"' : ' ', at + 1);
    if (quoted && end == std::string_view::npos) throw Misunderstood("a quote does not end");
    const std::size_t stop = std::min(end, line.size());
    words_.emplace_back(line.substr(at, stop - at));  // a quoted one keeps its first quote
    at = quoted ? stop + 1 : stop;
  }
}

bool Values::has(std::string_view option) const {
  return std::find(options_.begin(), options_.end(), option) != options_.end();
}

std::string Values::after(std::string_view option) const {
  const auto at = std::find(options_.begin(), options_.end(), option);
  if (at == options_.end()) return {};
  if (at + 1 == options_.end()) throw Misunderstood(std::string(option) + " what?");
  const std::string& word = *(at + 1);
  return word.starts_with('"') ? word.substr(1) : word;
}

void act(Stage& stage, std::string_view line) {
  const Sentence sentence(line);
  for (const auto& [title, verbs] : chapters) {
    for (const Verb& verb : verbs()) {
      Values values;
      if (fits(verb, sentence.words(), values)) return verb.act(stage, values);
    }
  }
  throw Misunderstood("nobody understands \"" + std::string(line) +
                      "\"; --help lists the vocabulary");
}

std::string vocabulary() {
  std::string text;
  for (const auto& [title, verbs] : chapters) {
    text += std::string(title) + "\n";
    for (const Verb& verb : verbs()) {
      text += "  " + std::string(verb.pattern) + "\n      " + std::string(verb.help) + "\n";
    }
  }
  return text;
}

// What words stand for.

SiteId centre_of(const Stage& stage, const std::string& name) {
  const auto found = centre_named(stage.directory(), name);
  if (!found) throw Misunderstood("there is no centre " + name);
  return *found;
}

const Establishment& hospital_of(const Stage& stage, const std::string& name) {
  const Establishment* found = hospital_named(stage.directory(), name);
  if (!found) throw Misunderstood("there is no hospital " + name);
  return *found;
}

PersonId person_of(const Stage& stage, const std::string& name, Role role) {
  const Person* found = person_named(stage.directory(), name, role);
  if (!found) {
    throw Misunderstood("there is no " + std::string(vigie::name_of(role)) + " " + name);
  }
  return found->id;
}

Screen& screen_of(Stage& stage, const std::string& name, Role role) {
  Screen* screen = stage.screen_of(person_of(stage, name, role));
  if (!screen) throw Misunderstood(name + " has not logged in");
  return *screen;
}

ExamId exam_of(Stage& stage, const std::string& label) {
  const ExamId exam = stage.labels().named(label);
  if (!exam) throw Misunderstood("there is no exam " + label);
  return exam;
}

const room::Room& room_of(const Stage& stage) {
  const actors::Host* host = stage.host();
  if (!host) throw Misunderstood("all centres are down");
  return host->room();
}

const Exam& open_exam(Stage& stage, const std::string& label) {
  const Exam* exam = room_of(stage).state().exams().find(exam_of(stage, label));
  if (!exam) throw Misunderstood(label + " is not open any more");
  return *exam;
}

Urgency urgency_named(const std::string& name) {
  Urgency urgency{};
  if (!urgency_of(name, urgency)) throw Misunderstood(name + " is no urgency: p0, p1, p2 or p3");
  return urgency;
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || number > 1'000'000) throw Misunderstood(text + " is no number up to a million");
  return number;
}

sim::Time span_of(const std::string& text) {
  const std::size_t space = text.find(' ');
  const auto number = static_cast<sim::Time>(number_of(text.substr(0, space)));
  const std::string unit = text.substr(space + 1);
  const sim::Time span = number * (unit == "ms"  ? sim::ms
                                   : unit == "s" ? sim::second
                                                 : sim::minute);
  if (span > 12 * 60 * sim::minute) throw Misunderstood(text + " is longer than a night");
  return span;
}

}  // namespace vigie::scenarios
