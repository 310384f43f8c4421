// One session of a client: one person (or system) in one role, over any number of connections and
// centres (design D6, D7, D8). Pure: it is told what arrived and what time it is, and says through
// its Lane what to send.
//
// After a reconnection:
//   settling   every request that has no answer yet is sent again *under its old incarnation and
//              number*: what was applied is answered from the room's memory, never done twice
//   attaching  once all are answered: Attach with the next incarnation, numbers from 1
//   live       subscription from the cursor, a renewal, then what was queued meanwhile
// Only when the session itself had ended (no_session: its lease ran out) can the room not tell any
// more whether a request was applied. Such requests are sent again with new numbers after the
// attach. Nothing is done twice then either: Submit goes by its order key, Sign and Preliminary by
// the report id, everything about an assignment by its epoch (a second time is STALE), claims and
// what follows them by the claim (NOT_HOLDER, WRONG_STATE), the rest sets what is set already.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "messages/types/limits.hpp"
#include "messages/types/wire.hpp"
#include "nodes/client/cursor.hpp"
#include "nodes/client/history.hpp"

namespace vigie::client {

class Session;

/// What a session needs of its client.
class Lane {
 public:
  virtual ~Lane() = default;
  virtual void push(ClientMessage message) = 0;
  virtual BootTime now() const = 0;
  /// The highest log index that this client was shown.
  virtual LogIndex seen() const = 0;
  /// What was seen was of another log: the federation was made anew, and is at `index`.
  virtual void begin_anew(LogIndex index) = 0;
  virtual History& history() = 0;
  /// The session goes on under the id that the room named.
  virtual void renamed(SessionId from, Session& session) = 0;
};

struct SessionWish {
  PersonId person{};  ///< 0: the key's own; another only with a concentrator's key
  Role role = Role::none;
  SiteId site{};  ///< centre of the post; needed by readers
  std::string post{};
  AcceptMode accept = AcceptMode::manual;
  Desk desk = Desk::none;     ///< subscribed to as long as the session lives
  SessionId id{};             ///< 0: drawn at random
  Incarnation incarnation{};  ///< last one known of `id`; 0: a new session
};

/// Called from Client::poll(). Any may be empty; all may call methods of Session and Client.
struct SessionHandler {
  std::function<void(Session&, const Answer&)> attached;  ///< at first, and after each reconnection
  std::function<void(Session&, const Event&)> event;      ///< each event once, in order
  /// Events were lost, or this is the beginning: what the desk shows now.
  std::function<void(Session&, const std::vector<Event>&)> view;
  std::function<void(Session&)> lease;  ///< holds_until() moved
  /// The session is over: superseded (another program goes on with it), unauthorised, site_full...
  std::function<void(Session&, const Answer&)> lost;
};

/// Told once. `code` is the room's; never one of "try again" (50 to 69).
using Done = std::function<void(const Answer&)>;

class Session {
 public:
  enum class State { waiting, settling, attaching, live, lost };

  Session(Lane& lane, SessionWish wish, SessionHandler handler);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Numbers and sends `command`; until it is answered it is sent again as often as needed, here
  /// or at another centre. At most 32 are under way, the rest waits in order. `done` gets
  /// too_large at once when it fits no frame, superseded when the session is lost.
  void send(Command command, Done done = {});

  SessionId id() const { return id_; }
  Incarnation incarnation() const { return incarnation_; }
  State state() const { return state_; }
  const SessionWish& wish() const { return wish_; }
  /// Without an answer, or not sent yet.
  std::size_t unanswered() const { return unanswered_ + backlog_.size(); }
  /// Until when, on this client's CLOCK_BOOTTIME, nobody else is given what this session holds:
  /// send mark + 0.9 lease. 0: never renewed, or not since an exam was put into its hand.
  BootTime holds_until() const { return holds_until_; }
  bool holds() const { return lane_.now() < holds_until_; }
  /// All events of the desk up to here were taken.
  LogIndex cursor() const { return cursor_.index(); }
  /// What the reader was offered or holds, as the desk told; 0: nothing.
  ExamId exam() const { return exam_; }
  const Epoch& epoch() const { return epoch_; }

  // What the client tells.
  void on_connected();
  void on_disconnected();
  void on_answer(const ClientAnswer& message);
  void on_renewed(const RenewAck& ack);
  void on_cover(const Cover& cover);
  void on_gap(const Gap& gap);
  /// The node refused the subscription: it is asked for again a little later.
  void on_complaint();
  void on_time();
  /// When on_time() has something to do. Cheap.
  BootTime next_time() const { return next_time_; }
  std::uint32_t subscription() const { return subscription_; }
  void set_subscription(std::uint32_t number) { subscription_ = number; }

 private:
  struct Sent {
    RequestNo request;
    Command command;
    Done done;
    int attempts = 0;
    bool answered = false;
    BootTime retry_at;
  };

  void transmit(Sent& sent);
  void pump();
  void settle();
  void attach();
  void attached(const Answer& answer);
  void answered(Sent& sent, const Answer& answer);
  Done use_up(Sent& sent);
  void refuse_unreadable();
  void try_again(Sent& sent, const Answer& answer);
  void finish(Sent& sent, const Answer& answer);
  void requeue(Sent& sent);
  void drop_answered();
  void lose(const Answer& answer);
  void subscribe();
  void renew();
  void tell(Cursor::Verdict verdict, const std::vector<Event>& events);
  void follow(const Event& event);
  void claim_anew();
  void due(BootTime at);

  Lane& lane_;
  SessionWish wish_;
  SessionHandler handler_;
  SessionId id_;
  Incarnation incarnation_;
  Incarnation asked_;  ///< highest that was ever asked for
  State state_ = State::waiting;
  std::deque<Sent> window_;  ///< consecutive numbers
  std::size_t unanswered_ = 0;
  std::deque<std::pair<Command, Done>> backlog_;
  std::vector<std::pair<Command, Done>> requeued_;
  RequestNo next_;
  BootTime attach_again_, renew_at_, subscribe_at_, next_time_;
  int attach_attempts_ = 0;
  Millis lease_;
  BootTime holds_until_, holds_mark_;
  std::uint32_t subscription_ = 0;
  Cursor cursor_;
  std::vector<Event> events_;  ///< scratch
  ExamId exam_;
  Epoch epoch_;
};

/// Is this a "not now" (50 to 69), or of a node that applies nothing more? The same request, same
/// number, is sent again.
constexpr bool is_temporary(Errc code) {
  return (static_cast<int>(code) >= 50 && static_cast<int>(code) < 70) ||
         code == Errc::apply_halted;
}

/// About how many bytes of a frame `message` takes; never less than it does.
std::size_t frame_bytes(const ClientMessage& message);

/// A random id other than 0: for sessions and reports.
std::uint64_t draw_id();

}  // namespace vigie::client
