#include "actors/loop/loop.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <cstddef>

#include "messages/types/assert.hpp"

namespace vigie::actors {
namespace {

/// Messages an actor takes before the next one's turn: for the room its inputs and its pump, for a
/// desk a batch and its flush.
constexpr std::size_t turn = 2;

thread_local Loop* current = nullptr;

}  // namespace

Loop::Loop(caf::actor_system& system) : caf::execution_unit(&system) {
  VIGIE_ASSERT(current == nullptr);
  current = this;
}

Loop::~Loop() {
  VIGIE_ASSERT(current == this);
  current = nullptr;
  for (caf::resumable* actor : ready_) system().scheduler().enqueue(actor);  // with its reference
}

Loop* Loop::of_this_thread() { return current; }

void Loop::exec_later(caf::resumable* actor) { ready_.push_back(actor); }

bool Loop::run() {
  for (std::size_t i = 0; i < ready_.size(); ++i) {  // whom it wakes comes behind
    caf::resumable* const actor = ready_[i];
    if (actor->resume(this, turn) == caf::resumable::resume_later) {
      unfinished_.push_back(actor);
    } else {
      caf::intrusive_ptr_release(actor);
    }
  }
  ready_.clear();
  ready_.swap(unfinished_);
  return !ready_.empty();
}

}  // namespace vigie::actors
