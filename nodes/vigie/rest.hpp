// What was typed after a word, taken piece by piece; and what the pieces may name.
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "messages/types/exam.hpp"
#include "messages/types/roster.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

/// By id, by name, or by a part of the name that only one person has.
/// @errors bad_value: nobody, or several.
Result<PersonId> person_in(const Directory& directory, const std::string& typed);

/// The first piece that is missing or unknown is told by wrong(); what is taken after it is empty.
class Rest {
 public:
  /// @param place Its directory must be known.
  /// @param roster As it stands; only for shift().
  Rest(const std::string& text, const Place& place, const std::vector<Shift>& roster)
      : in_(text), place_(place), roster_(roster) {}

  std::string word();
  std::string line();
  /// As it is written: "04 92 00 11 22".
  std::string phone();
  ExamId exam();
  std::string reason();
  Urgency urgency();
  PersonId person();
  /// "[@LECTEUR]": nobody unless he is named.
  PersonId person_if_named();
  SiteId site();
  std::uint16_t number();
  bool is_degraded();
  TaskKind task();
  Region region();
  Skill skill();
  const Establishment* establishment();
  /// The one of the roster that LECTEUR, or LECTEUR@QUAND, has: under way or to come. QUAND is a
  /// part of when it begins: "2026-11-23", "18:00".
  Shift shift();
  /// "[2026-11-23] 18:00-08:00": of `shift`, whose day it is unless another one is named.
  void hours(Shift& shift);

  /// In words for whoever typed it; empty: nothing is.
  const std::string& wrong() const { return wrong_; }
  void complain(const std::string& what) {
    if (wrong_.empty()) wrong_ = what;
  }

 private:
  std::istringstream in_;
  const Place& place_;
  const std::vector<Shift>& roster_;
  std::string wrong_;
};

}  // namespace vigie::cli
