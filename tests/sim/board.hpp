// What the people of the town know of each other's exams by screens and telephones: a row for each,
// kept from the events of the committed log. Who picks one here may find it changed when he acts.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>

#include "messages/types/event.hpp"
#include "tests/sim/chance.hpp"

namespace vigie::sim {

class Board {
 public:
  struct Row {
    ExamState state = ExamState::none;
    Urgency urgency = Urgency::p2;
    EstablishmentId establishment;
    PersonId reader;  ///< who was given it last
    ExamId parent;    ///< of a reading once more
    std::uint16_t protocols = 0;
    bool wish = false;  ///< its hospital asks to cancel it
    bool critical = false;
    std::set<std::string> tasks;
    FedTime since;  ///< in this state
  };
  /// Who has the duty of the federation, as everybody hears.
  struct Duty {
    PersonId head, offered_to;
    std::uint32_t number = 0;
    bool lost = false;
  };
  using Wanted = std::function<bool(const Row&)>;

  void take(const Event& event);
  const Duty& duty() const { return duty_; }
  /// Those of which there is no report yet.
  std::vector<ExamId> open() const;
  /// One of those; 0 when there is none.
  ExamId any(Chance& chance, const Wanted& wanted) const;
  /// Those, the first `count_max` of them.
  std::vector<ExamId> all(std::size_t count_max, const Wanted& wanted) const;
  const Row* row(ExamId exam) const;
  /// One of those that were closed of late; 0 when there is none.
  ExamId any_closed(Chance& chance) const;

 private:
  void take_duty(const Event& event);

  Duty duty_;
  std::map<ExamId, Row> rows_;
  std::deque<ExamId> closed_;  ///< no children
};

}  // namespace vigie::sim
