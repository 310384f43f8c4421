#include "nodes/client/session.hpp"

#include "messages/codec/client_codec.hpp"
#include "messages/types/assignment_events.hpp"
#include "messages/types/planted.hpp"

#include <algorithm>
#include <utility>

namespace vigie::client {
namespace {

constexpr Millis silence{2000};        // then an unanswered request is sent again
constexpr Millis renewal_retry{1000};  // and an unanswered renewal
constexpr Millis renewal_max{10'000};
constexpr Millis subscribe_retry{200};
constexpr BootTime never{INT64_MAX};

Millis pause(int attempts) { return {std::min<std::int64_t>(20 << std::min(attempts, 8), 2000)}; }

}  // namespace

Session::Session(Lane& lane, SessionWish wish, SessionHandler handler)
    : lane_(lane),
      wish_(std::move(wish)),
      handler_(std::move(handler)),
      id_(wish_.id ? wish_.id : SessionId{draw_id()}),
      incarnation_(wish_.incarnation),
      asked_(wish_.incarnation),
      next_time_(never) {}

void Session::send(Command command, Done done) {
  Answer refused;
  if (state_ == State::lost) refused.code = Errc::superseded;
  const bool is_long = std::holds_alternative<ApplyDirectory>(command);
  const std::size_t most = is_long ? limits::directory_frame_bytes : limits::client_frame_bytes;
  if (frame_bytes(ClientRequest{id_, {}, {}, {}, command}) > most) {
    refused.code = Errc::too_large;
  }
  if (refused.code != Errc::ok) {
    if (done) done(refused);
    return;
  }
  backlog_.emplace_back(std::move(command), std::move(done));
  pump();
}

void Session::due(BootTime at) { next_time_ = std::min(next_time_, at); }

void Session::pump() {
  if (state_ != State::live) return;
  while (!backlog_.empty() && window_.size() < limits::answers_remembered) {
    auto& [command, done] = backlog_.front();
    window_.push_back({next_, std::move(command), std::move(done), 0, false, {}});
    next_ = next(next_);
    backlog_.pop_front();
    ++unanswered_;
    transmit(window_.back());
  }
}

void Session::transmit(Sent& sent) {
  const BootTime now = lane_.now();
  ++sent.attempts;
  sent.retry_at = now + silence;
  due(sent.retry_at);
  lane_.history().invoke(now, id_, incarnation_, sent.request, sent.command, sent.attempts);
  lane_.push(ClientRequest{id_, incarnation_, sent.request, lane_.seen(), sent.command});
}

void Session::on_connected() {
  if (state_ == State::lost) return;
  settle();
  for (Sent& sent : window_) {
    if (!sent.answered) transmit(sent);
  }
}

void Session::on_disconnected() {
  if (state_ != State::lost) state_ = State::waiting;
}

/// Waits for what is under way, then attaches.
void Session::settle() {
  state_ = State::settling;
  if (unanswered_ == 0) attach();
}

void Session::attach() {
  state_ = State::attaching;
  window_.clear();
  const BootTime now = lane_.now();
  const Attach command{id_,        next(incarnation_), wish_.person, wish_.role,
                       wish_.site, wish_.post,         wish_.accept};
  asked_ = std::max(asked_, command.incarnation);
  attach_again_ = now + silence;
  due(attach_again_);
  lane_.history().invoke(now, id_, command.incarnation, {}, command, ++attach_attempts_);
  lane_.push(ClientRequest{id_, command.incarnation, {}, lane_.seen(), command});
}

void Session::attached(const Answer& answer) {
  if (is_temporary(answer.code)) {
    attach_again_ = lane_.now() + pause(attach_attempts_);
    return due(attach_again_);
  }
  if (answer.code == Errc::superseded && answer.incarnation && answer.incarnation <= asked_) {
    incarnation_ = answer.incarnation;  // our own, whose answer was lost
    return attach();
  }
  if (answer.code == Errc::no_session && incarnation_) {
    incarnation_ = {};  // so long ago that it was forgotten
    return attach();
  }
  if (answer.code != Errc::ok) return lose(answer);
  attach_attempts_ = 0;
  if (answer.session && answer.session != id_) {
    const SessionId from = std::exchange(id_, answer.session);
    lane_.renamed(from, *this);
  }
  incarnation_ = answer.incarnation;
  next_ = answer.next ? answer.next : RequestNo{1};
  // What was taken from it meanwhile is not shown as its own until the events say so: the lease
  // that is about to be renewed covers what the room says, nothing else (I9).
  if (answer.exam != exam_) {
    exam_ = {};
    epoch_ = {};
  }
  state_ = State::live;
  backlog_.insert(backlog_.begin(), std::make_move_iterator(requeued_.begin()),
                  std::make_move_iterator(requeued_.end()));
  requeued_.clear();
  if (wish_.desk != Desk::none) subscribe();
  renew();
  if (handler_.attached) handler_.attached(*this, answer);
  pump();
}

void Session::on_answer(const ClientAnswer& message) {
  const Answer& answer = message.answer;
  if (state_ == State::lost) return;
  if (!answer.request) {
    if (state_ != State::attaching || message.incarnation != next(incarnation_)) return;
    lane_.history().answer(lane_.now(), id_, message.incarnation, answer, "attach");
    return attached(answer);
  }
  if (message.incarnation != incarnation_ || window_.empty()) return;
  const std::uint64_t first = window_.front().request.value;
  if (answer.request.value < first || answer.request.value - first >= window_.size()) return;
  Sent& sent = window_[answer.request.value - first];
  if (sent.answered) return;  // the answer to an earlier attempt
  lane_.history().answer(lane_.now(), id_, incarnation_, answer, name_of(sent.command));
  answered(sent, answer);
  if (state_ == State::lost) return;
  drop_answered();
  if (state_ == State::settling && unanswered_ == 0) return attach();
  pump();
}

void Session::answered(Sent& sent, const Answer& answer) {
  if (is_temporary(answer.code) || answer.code == Errc::retry_from) return try_again(sent, answer);
  if (answer.code == Errc::no_session) {
    state_ = State::settling;
    return requeue(sent);
  }
  if (answer.code == Errc::superseded) return lose(answer);
  if (answer.code == Errc::unknown_key) return lose(answer);
  if (!answer.index && answer.code != Errc::ok) {
    // This door's own matter: an earlier attempt may be on its way through another one.
    if (answer.code == Errc::disk_full && sent.attempts > 1) return try_again(sent, answer);
    // Refused before it reached the log: its number still waits to be used. A Claim of nothing
    // takes it, so that those behind it can be applied.
    const Done done = use_up(sent);
    if (done) done(answer);
    return;
  }
  finish(sent, answer);
}

/// The number goes to nothing; @return who waits for what it was.
Done Session::use_up(Sent& sent) {
  sent.command = Claim{};
  sent.retry_at = lane_.now();
  due(sent.retry_at);
  return std::exchange(sent.done, {});
}

/// What no node can decode (a text longer than its field) no node answers: what is not answered is
/// decoded here before it is sent again, and refused as the node's decoder refuses it.
void Session::refuse_unreadable() {
  const BootTime now = lane_.now();
  std::vector<std::pair<Done, Answer>> refused;
  for (Sent& sent : window_) {
    if (sent.answered || now < sent.retry_at) continue;
    const ClientRequest request{id_, incarnation_, sent.request, lane_.seen(), sent.command};
    const auto read = codec::decode_client(codec::encode_client({request}));
    if (read) continue;
    Answer answer;
    answer.code = read.error().code;
    answer.text = read.error().what;
    answer.request = sent.request;
    lane_.history().answer(now, id_, incarnation_, answer, name_of(sent.command));
    refused.emplace_back(use_up(sent), std::move(answer));
  }
  for (const auto& [done, answer] : refused) {
    if (done) done(answer);
  }
}

void Session::try_again(Sent& sent, const Answer& answer) {
  const BootTime now = lane_.now();
  if (answer.code != Errc::retry_from) {
    sent.retry_at = now + pause(sent.attempts);
    return due(sent.retry_at);
  }
  // Everything from the missing number on, in order, at the end of this round. The missing one
  // itself is not answered: it is taken along, unless it was sent again just now.
  for (Sent& other : window_) {
    const bool missing = other.request == answer.next && other.retry_at < now + silence;
    if (!other.answered && (missing || &other == &sent)) other.retry_at = now;
  }
  due(now);
}

void Session::finish(Sent& sent, const Answer& answer) {
  sent.answered = true;
  --unanswered_;
  const Done done = std::exchange(sent.done, {});
  if (done) done(answer);
}

void Session::requeue(Sent& sent) {
  sent.answered = true;
  --unanswered_;
  requeued_.emplace_back(std::move(sent.command), std::move(sent.done));
}

void Session::drop_answered() {
  while (!window_.empty() && window_.front().answered) window_.pop_front();
}

void Session::lose(const Answer& answer) {
  state_ = State::lost;
  next_time_ = never;
  holds_until_ = {};
  std::vector<Done> waiting;
  for (Sent& sent : window_) {
    if (!sent.answered) waiting.push_back(std::move(sent.done));
  }
  for (auto& [command, done] : requeued_) waiting.push_back(std::move(done));
  for (auto& [command, done] : backlog_) waiting.push_back(std::move(done));
  window_.clear();
  requeued_.clear();
  backlog_.clear();
  unanswered_ = 0;
  for (const Done& done : waiting) {
    if (done) done(answer);
  }
  if (handler_.lost) handler_.lost(*this, answer);
}

void Session::subscribe() {
  subscribe_at_ = lane_.now() + silence;
  due(subscribe_at_);
  cursor_.subscribed();
  lane_.push(Subscribe{subscription_, wish_.desk, id_, cursor_.index()});
}

void Session::renew() {
  const BootTime now = lane_.now();
  renew_at_ = now + renewal_retry;
  due(renew_at_);
  lane_.push(Renew{id_, incarnation_, static_cast<std::uint64_t>(now.value)});
}

void Session::on_renewed(const RenewAck& ack) {
  if (state_ != State::live || ack.incarnation != incarnation_) return;
  BootTime mark{static_cast<std::int64_t>(ack.mark)};
  if (is_planted(Bug::lease_from_receipt)) mark = lane_.now();
  if (ack.code == Errc::ok) {
    lease_ = ack.lease;
    // The last word counts, also when it is shorter: a node that leads since need not know of more.
    if (mark >= holds_mark_) {
      holds_mark_ = mark;
      holds_until_ = mark + lease_ * 9 / 10;
    }
    renew_at_ = mark + std::min(lease_ / 6, renewal_max);
    due(renew_at_);
  }
  lane_.history().lease(lane_.now(), id_, incarnation_, ack.code, holds_until_);
  if (ack.code == Errc::ok && handler_.lease) handler_.lease(*this);
  if (ack.code == Errc::no_session) return settle();
  if (ack.code != Errc::superseded) return;
  Answer over;
  over.code = ack.code;
  lose(over);
}

void Session::on_cover(const Cover& cover) {
  if (state_ == State::lost) return;
  const auto verdict = cursor_.take(cover, events_);
  tell(verdict, events_);
}

void Session::on_gap(const Gap& gap) {
  if (state_ == State::lost) return;
  const LogIndex before = cursor_.index();
  const auto verdict = cursor_.take(gap, events_);
  if (verdict == Cursor::Verdict::view) {
    if (gap.to < before) lane_.begin_anew(gap.to);
    lane_.history().gap(lane_.now(), id_, gap.from, gap.to);
    exam_ = {};
    epoch_ = {};
  }
  tell(verdict, events_);
}

void Session::tell(Cursor::Verdict verdict, const std::vector<Event>& events) {
  if (verdict == Cursor::Verdict::subscribe && state_ == State::live) return subscribe();
  if (verdict == Cursor::Verdict::behind) return on_complaint();
  if (verdict == Cursor::Verdict::nothing) return;
  const std::vector<Event> mine = events;  // a handler may bring us back here
  for (const Event& event : mine) {
    lane_.history().event(lane_.now(), id_, event);
    follow(event);
  }
  if (verdict == Cursor::Verdict::view) {
    if (handler_.view) handler_.view(*this, mine);
    return;
  }
  for (const Event& event : mine) {
    if (handler_.event) handler_.event(*this, event);
  }
}

void Session::follow(const Event& event) {
  if (wish_.desk != Desk::reader || event.session != id_) return;
  if (is_given(event.kind)) {
    // What was promised while another exam was in hand is no promise for this one.
    if (event.exam != exam_ && holds_until_) claim_anew();
    exam_ = event.exam;
    epoch_ = event.epoch;
  } else if (is_taken_away(event.kind) && (!event.exam || event.exam == exam_)) {
    exam_ = {};
    epoch_ = {};
  }
}

/// Nothing is held until a renewal that is sent from now on has been answered.
void Session::claim_anew() {
  holds_mark_ = lane_.now();
  holds_until_ = {};
  lane_.history().lease(lane_.now(), id_, incarnation_, Errc::ok, holds_until_);
  if (state_ == State::live) renew();
}

void Session::on_complaint() {
  subscribe_at_ = lane_.now() + subscribe_retry;
  due(subscribe_at_);
}

void Session::on_time() {
  const BootTime now = lane_.now();
  next_time_ = never;
  if (state_ == State::waiting || state_ == State::lost) return;
  if (state_ == State::attaching) {
    if (now >= attach_again_) return attach();
    return due(attach_again_);
  }
  refuse_unreadable();
  for (Sent& sent : window_) {
    if (sent.answered) continue;
    if (now >= sent.retry_at) {
      transmit(sent);
    } else {
      due(sent.retry_at);
    }
  }
  if (state_ != State::live) return;
  if (now >= renew_at_) {
    renew();
  } else {
    due(renew_at_);
  }
  if (!cursor_.is_waiting()) return;
  if (now >= subscribe_at_) {
    subscribe();
  } else {
    due(subscribe_at_);
  }
}

}  // namespace vigie::client
