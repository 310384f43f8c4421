// Open exams, for the parts of a node that must look before they propose: a door merges what an HL7
// message repeats only in part into what is known.
#pragma once

#include <functional>
#include <vector>

#include "messages/types/command.hpp"

namespace vigie {

/// One exam by `ref`, or all open exams of a patient when `patient` is set.
struct ExamQuery {
  ExamRef ref;
  PatientKey patient;
};

/// Reads the room as this node has applied it. It may lag behind other nodes: what is found is a
/// copy to build a command from, and `apply` decides.
class ExamLookup {
 public:
  virtual ~ExamLookup() = default;
  /// `done` is called once, on any thread, with as many lists as there are queries; an unknown exam
  /// gives an empty list. Any thread.
  virtual void find(std::vector<ExamQuery> queries,
                    std::function<void(std::vector<std::vector<Exam>>)> done) = 0;
};

}  // namespace vigie
