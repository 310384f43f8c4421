// Actors that act on the thread that feeds them. A message that wakes an actor normally wakes a
// worker thread too; on the way from a socket to the room, to the desks and back to a socket that
// costs more than the work itself. A Loop makes its thread the worker: what it posts, and whoever
// that wakes, runs there, in turn, when run() is called. Mailboxes and supervision stay CAF's, and
// other threads go on sending to the same actors as ever.
#pragma once

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/no_stages.hpp>
#include <caf/resumable.hpp>
#include <utility>
#include <vector>

namespace vigie::actors {

/// One thread's: made, used and destroyed there. Whoever has something to do at the end goes on
/// with the actor system's workers.
class Loop final : public caf::execution_unit {
 public:
  explicit Loop(caf::actor_system& system);
  ~Loop() override;
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  /// Called by CAF: `actor` has something to do.
  void exec_later(caf::resumable* actor) override;
  /// Lets everyone who is ready act. True when somebody has more to do: call again soon.
  bool run();
  /// Null where the thread has none: the actor system's workers do the work.
  static Loop* of_this_thread();

 private:
  std::vector<caf::resumable*> ready_, unfinished_;
};

/// Sends to `to` without a sender; on a thread with a Loop, `to` will act there. Nothing when `to`
/// is nobody, as caf::anon_send does.
template <class... Parts>
void send(const caf::actor& to, Parts&&... parts) {
  if (!to) return;
  auto message = caf::make_mailbox_element(nullptr, caf::make_message_id(), caf::no_stages,
                                           std::forward<Parts>(parts)...);
  caf::actor_cast<caf::abstract_actor*>(to)->enqueue(std::move(message), Loop::of_this_thread());
}

}  // namespace vigie::actors
