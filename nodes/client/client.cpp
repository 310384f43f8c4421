#include "nodes/client/client.hpp"

#include <time.h>

#include <algorithm>
#include <random>
#include <utility>

#include "messages/codec/client_codec.hpp"

namespace vigie::client {
namespace {

constexpr std::size_t messages_per_frame = 256;
constexpr Millis watch_retry{500};
constexpr Millis forever{600'000};

std::string endpoint_of(const settings::Endpoint& address) {
  return "tcp://" + settings::text_of(address);
}

}  // namespace

BootTime boot_now() {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return {t.tv_sec * 1000 + t.tv_nsec / 1'000'000};
}

Result<ClientOptions> options_from(const settings::ClientSettings& settings) {
  auto keys = link::read_key_file(settings.key_file.string());
  if (!keys) return keys.error();
  ClientOptions options;
  options.federation = settings.federation;
  options.keys = *keys;
  for (const settings::Centre& centre : settings.centres) {
    options.endpoints.push_back({centre.site, endpoint_of(centre.address), centre.key});
  }
  return options;
}

Client::Client(ClientOptions options)
    : options_(std::move(options)),
      connection_(options_.keys),
      trouble_(options_.endpoints.size(), "not tried yet") {
  connect_at_ = options_.now();
}

Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::make(ClientOptions options) {
  if (options.endpoints.empty()) return Error{Errc::bad_configuration, "no centre to connect to"};
  std::unique_ptr<Client> client(new Client(std::move(options)));
  if (!client->options_.history.empty()) {
    auto history = History::open(client->options_.history, client->options_.name);
    if (!history) return history.error();
    client->history_ = std::move(*history);
  }
  return client;
}

std::string Client::trouble() const {
  std::string all;
  if (welcomed_) return all;
  for (std::size_t i = 0; i < trouble_.size(); ++i) {
    const Endpoint& e = options_.endpoints[i];
    all += (all.empty() ? "" : "\n") + e.site + " (" + e.address + "): " + trouble_[i];
  }
  return all;
}

// Connecting.

void Client::connect() {
  const Endpoint& endpoint = options_.endpoints[endpoint_];
  if (const auto begun = connection_.connect(endpoint); !begun) return leave(begun.error().what);
  connecting_ = true;
  heard_at_ = probed_at_ = now();
  outbox_.insert(outbox_.begin(), Hello{options_.federation, protocol_version_min, protocol_version,
                                        "vigie-sdk " + options_.name});
}

void Client::leave(const std::string& why) {
  const Endpoint& endpoint = options_.endpoints[endpoint_];
  const bool was_up = welcomed_;
  if (was_up) history_.disconnected(now(), endpoint.site, why);
  trouble_[endpoint_] = why;
  connection_.close();
  connecting_ = welcomed_ = false;
  leaderless_since_ = {};
  outbox_.clear();
  frames_.clear();
  for (auto& [number, asked] : queries_) asked.json.clear();
  for (const auto& s : sessions_) s->on_disconnected();
  endpoint_ = (endpoint_ + 1) % options_.endpoints.size();
  const std::size_t rounds = ++failures_ / options_.endpoints.size();
  connect_at_ = now();
  if (failures_ % options_.endpoints.size() == 0) {
    const Millis pause = options_.backoff_min * (1ll << std::min<std::size_t>(rounds - 1, 10));
    connect_at_ = connect_at_ + std::min(pause, options_.backoff_max);
  }
  if (on_connection) on_connection({endpoint.site, false, why});
}

bool Client::is_owed() const {
  if (connecting_ || !queries_.empty()) return true;
  return std::any_of(sessions_.begin(), sessions_.end(),
                     [](const auto& s) { return s->unanswered() > 0; });
}

void Client::run_timers() {
  const BootTime at = now();
  if (!connection_.is_open()) {
    if (at >= connect_at_) connect();
    return;
  }
  const bool owed = is_owed();
  if (!std::exchange(was_owed_, owed) || !owed) heard_at_ = at;  // silence was no sign so far
  if (owed) {
    if (at - heard_at_ >= options_.silence && at - probed_at_ >= options_.probe_after) {
      return leave(connecting_ ? "no answer; is the node up, and this key in the directory?"
                               : "the node says nothing");
    }
    if (welcomed_ && at - heard_at_ >= options_.probe_after && probed_at_ <= heard_at_) {
      probed_at_ = at;  // a Hello is answered at once, whatever else the node is waiting for
      push(Hello{options_.federation, protocol_version_min, protocol_version,
                 "vigie-sdk " + options_.name});
    }
  }
  for (const auto& s : sessions_) {
    if (s->next_time() <= at) s->on_time();
  }
  if (!welcomed_) return;
  for (auto& [number, watch] : watches_) {
    if (watch.cursor.is_waiting() && at >= watch.again_at) subscribe(number, watch);
  }
}

Millis Client::time_left(Millis timeout) const {
  const BootTime at = now();
  if (!connection_.is_open()) return std::clamp(connect_at_ - at, 0_ms, timeout);
  BootTime next = at + timeout;
  for (const auto& s : sessions_) next = std::min(next, s->next_time());
  if (is_owed()) {
    const bool probed = connecting_ || probed_at_ > heard_at_;
    next = std::min(next, heard_at_ + (probed ? options_.silence : options_.probe_after));
    if (probed) next = std::max(next, probed_at_ + options_.probe_after);
  }
  for (const auto& [number, watch] : watches_) {
    if (watch.cursor.is_waiting()) next = std::min(next, watch.again_at);
  }
  return std::clamp(next - at, 0_ms, timeout);
}

// Sending.

void Client::pack(std::vector<ClientMessage>& batch) {
  if (batch.empty()) return;
  frames_.push_back(codec::encode_client(batch));
  batch.clear();
}

Result<void> Client::flush() {
  std::vector<ClientMessage> batch;
  std::size_t bytes = 0;
  for (ClientMessage& message : outbox_) {
    const std::size_t more = frame_bytes(message);
    if (bytes + more > limits::client_frame_bytes || batch.size() == messages_per_frame) {
      pack(batch);
      bytes = 0;
    }
    bytes += more;
    batch.push_back(std::move(message));
  }
  outbox_.clear();
  pack(batch);
  if (const auto kept = history_.flush(); !kept) return kept.error();
  while (!frames_.empty() && connection_.send(frames_.front())) frames_.pop_front();
  return {};
}

Result<void> Client::poll(Millis timeout) {
  run_timers();
  if (const auto sent = flush(); !sent) return sent.error();
  const Wire wire = connection_.wait(frames_.empty() ? time_left(timeout) : 1_ms,
                                     [&](std::string_view frame) { take(frame); });
  forgotten_.clear();
  if (leaving_) {
    leaving_ = false;
    leave(leaving_why_);
  } else if (connection_.is_open() && wire != Wire::up) {
    static constexpr const char* why[] = {"", "nobody listens there, or it is no node of this key",
                                          "this key was revoked", "connection lost"};
    leave(why[static_cast<std::size_t>(wire)]);
  }
  run_timers();
  return flush();
}

bool Client::poll_until(const std::function<bool()>& done, Millis patience) {
  const BootTime end = now() + patience;
  while (!done()) {
    const Millis left = end - now();
    if (left <= 0_ms || !poll(std::min(left, forever))) return done();
  }
  return true;
}

// Sessions, subscriptions, queries.

Session& Client::open(SessionWish wish, SessionHandler handler) {
  sessions_.push_back(
      std::make_unique<Session>(static_cast<Lane&>(*this), std::move(wish), std::move(handler)));
  Session& opened = *sessions_.back();
  opened.set_subscription(next_subscription_++);
  by_id_[opened.id()] = &opened;
  by_subscription_[opened.subscription()] = &opened;
  if (welcomed_) opened.on_connected();
  return opened;
}

void Client::forget(Session& gone) {
  by_subscription_.erase(gone.subscription());
  std::erase_if(by_id_, [&](const auto& entry) { return entry.second == &gone; });
  const auto at = std::find_if(sessions_.begin(), sessions_.end(),
                               [&](const auto& s) { return s.get() == &gone; });
  if (at == sessions_.end()) return;
  forgotten_.push_back(std::move(*at));  // its own callback may be running
  sessions_.erase(at);
}

void Client::renamed(SessionId, Session& session) { by_id_[session.id()] = &session; }

Session* Client::session(SessionId id) const {
  const auto at = by_id_.find(id);
  return at == by_id_.end() ? nullptr : at->second;
}

void Client::subscribe(Desk desk, LogIndex from, OnEvents on_events) {
  const std::uint32_t number = next_subscription_++;
  Watch& watch = watches_[number];
  watch = {desk, Cursor(from), std::move(on_events), {}};
  if (welcomed_) subscribe(number, watch);
}

void Client::subscribe(std::uint32_t number, Watch& watch) {
  watch.cursor.subscribed();
  watch.again_at = now() + options_.silence;
  push(Subscribe{number, watch.desk, {}, watch.cursor.index()});
}

void Client::query(QueryKind kind, std::string argument,
                   std::function<void(const QueryReply&)> done, bool linearizable) {
  Asked asked{{next_query_++, kind, std::move(argument), seen_, linearizable}, {}, std::move(done)};
  if (welcomed_) ask(asked.query);
  queries_.emplace(asked.query.query, std::move(asked));
}

void Client::ask(const Query& query) {
  history_.query(now(), query);
  push(query);
}

// Receiving.

void Client::take(std::string_view frame) {
  auto messages = codec::decode_node(frame);
  heard_at_ = now();
  if (!messages) {
    leaving_ = true;
    leaving_why_ = "the node sent what cannot be decoded: " + messages.error().what;
    return;
  }
  for (NodeMessage& message : *messages) {
    std::visit([&](auto& m) { handle(m); }, message);
  }
}

void Client::handle(Welcome& welcome) {
  const bool fresh = !welcomed_;
  welcome_ = std::move(welcome);
  if (welcome_.mode == NodeMode::quarantined || welcome_.mode == NodeMode::stopping) {
    leaving_ = true;
    leaving_why_ = "the node is " + std::string(name_of(welcome_.mode));
    return;
  }
  if (!fresh) return;
  connecting_ = false;
  welcomed_ = true;
  failures_ = 0;
  const Endpoint& endpoint = options_.endpoints[endpoint_];
  history_.connected(now(), endpoint.site, welcome_.boot);
  if (on_connection) on_connection({endpoint.site, true, {}});
  for (std::size_t i = 0; i < sessions_.size(); ++i) sessions_[i]->on_connected();
  for (auto& [number, watch] : watches_) subscribe(number, watch);
  for (auto& [number, asked] : queries_) ask(asked.query);
}

/// A node cut off from the others goes on saying so, and so does one that applies nothing more;
/// another centre may be with the majority.
void Client::note_leader(Errc code) {
  const bool is_halted = code == Errc::apply_halted;
  if (code == Errc::timeout && options_.endpoints.size() > 1) {
    leaving_ = true;  // its peers may not listen to it; the request goes on under its number
    leaving_why_ = "the node gets nothing done";
    return;
  }
  if (code != Errc::no_leader && !is_halted) {
    leaderless_since_ = {};
    return;
  }
  if (!leaderless_since_) leaderless_since_ = now();
  if (now() - leaderless_since_ < options_.leaderless || options_.endpoints.size() == 1) return;
  leaving_ = true;
  leaving_why_ = is_halted ? "the node applies nothing more" : "the node has no leader";
}

void Client::handle(ClientAnswer& answer) {
  seen_ = std::max(seen_, answer.answer.index);
  note_leader(answer.answer.code);
  if (answer.answer.code == Errc::stopping) {
    leaving_ = true;
    leaving_why_ = "the node is stopping";
  }
  if (Session* s = session(answer.session)) s->on_answer(answer);
}

void Client::handle(RenewAck& ack) {
  note_leader(ack.code);
  if (Session* s = session(ack.session)) s->on_renewed(ack);
}

void Client::handle(Cover& cover) {
  seen_ = std::max(seen_, cover.to);
  const auto at = by_subscription_.find(cover.subscription);
  if (at != by_subscription_.end()) return at->second->on_cover(cover);
  const auto watch = watches_.find(cover.subscription);
  if (watch == watches_.end()) return;
  std::vector<Event> events;
  const auto verdict = watch->second.cursor.take(cover, events);
  tell(watch->first, watch->second, verdict, events);
}

void Client::handle(Gap& gap) {
  const auto at = by_subscription_.find(gap.subscription);
  if (at != by_subscription_.end()) return at->second->on_gap(gap);
  const auto watch = watches_.find(gap.subscription);
  if (watch == watches_.end()) return;
  std::vector<Event> events;
  const LogIndex before = watch->second.cursor.index();
  const auto verdict = watch->second.cursor.take(gap, events);
  if (verdict == Cursor::Verdict::view) history_.gap(now(), {}, gap.from, gap.to);
  if (verdict == Cursor::Verdict::view && gap.to < before) begin_anew(gap.to);
  tell(watch->first, watch->second, verdict, events);
}

void Client::tell(std::uint32_t number, Watch& watch, Cursor::Verdict verdict,
                  const std::vector<Event>& events) {
  if (verdict == Cursor::Verdict::subscribe) return subscribe(number, watch);
  if (verdict == Cursor::Verdict::behind) watch.again_at = now() + watch_retry;
  const bool gap = verdict == Cursor::Verdict::view;
  if (!gap && verdict != Cursor::Verdict::events) return;
  for (const Event& event : events) history_.event(now(), {}, event);
  if (watch.on_events) watch.on_events(gap, watch.cursor.index(), events);
}

void Client::handle(QueryReply& reply) {
  const auto at = queries_.find(reply.query);
  if (at == queries_.end()) return;
  at->second.json += reply.json;
  if (!reply.last) return;
  Asked asked = std::move(at->second);
  queries_.erase(at);
  seen_ = std::max(seen_, reply.as_of);
  reply.json = std::move(asked.json);
  history_.reply(now(), asked.query, reply);
  if (asked.done) asked.done(reply);
}

void Client::handle(Complaint& complaint) {
  if (!welcomed_) {
    leaving_ = true;
    leaving_why_ = std::string(errc_info(complaint.code).text);
    if (!complaint.what.empty()) leaving_why_ += " (" + complaint.what + ")";
    return;
  }
  if (complaint.what == "subscribe") {
    for (const auto& s : sessions_) s->on_complaint();
  }
  if (on_complaint) on_complaint(complaint);
}

// Sizes and ids.

namespace {

std::size_t padded(std::string_view text) { return text.size() + 9; }

std::size_t padded(const std::vector<std::string>& texts) {
  std::size_t sum = 8;
  for (const std::string& t : texts) sum += 8 + padded(t);
  return sum;
}

std::size_t request_bytes(const Request& r) {
  return 160 + padded(r.key.authority) + padded(r.key.number) + padded(r.procedure) +
         padded(r.accessions) + padded(r.studies) + padded(r.callback_phone) + padded(r.sealed) +
         padded(r.protocol);
}

struct CommandBytes {
  template <class C>
  std::size_t operator()(const C& c) const {
    std::size_t sum = 128;
    if constexpr (requires { c.text.size(); }) sum += padded(c.text);
    if constexpr (requires { c.reason.size(); }) sum += padded(c.reason);
    if constexpr (requires { c.question.size(); }) sum += padded(c.question);
    if constexpr (requires { c.relevance.size(); }) sum += padded(c.relevance);
    if constexpr (requires { c.protocol.size(); }) sum += padded(c.protocol);
    if constexpr (requires { c.post.size(); }) sum += padded(c.post);
    if constexpr (requires { c.detail.size(); }) sum += padded(c.detail);
    if constexpr (requires { c.accessions.size(); }) sum += padded(c.accessions);
    if constexpr (requires { c.studies.size(); }) sum += padded(c.studies);
    if constexpr (requires { c.exam.key.number; }) {
      sum += padded(c.exam.key.number) + padded(c.exam.key.authority);
    }
    return sum;
  }
  std::size_t operator()(const Submit& c) const {
    std::size_t sum = 64 + padded(c.message_id);
    for (const Request& r : c.requests) sum += request_bytes(r);
    return sum;
  }
  std::size_t operator()(const Amend& c) const {
    return 64 + padded(c.message_id) + request_bytes(c.request);
  }
  std::size_t operator()(const ApplyDirectory& c) const {
    return codec::encode_client({ClientRequest{{}, {}, {}, {}, c}}).size();
  }
  std::size_t operator()(const ChangeSite& c) const {
    return codec::encode_client({ClientRequest{{}, {}, {}, {}, c}}).size();
  }
};

}  // namespace

std::size_t frame_bytes(const ClientMessage& message) {
  constexpr std::size_t fixed = 128;
  if (const auto* r = std::get_if<ClientRequest>(&message)) {
    return fixed + std::visit(CommandBytes{}, r->command);
  }
  if (const auto* q = std::get_if<Query>(&message)) return fixed + padded(q->argument);
  if (const auto* h = std::get_if<Hello>(&message)) {
    return fixed + padded(h->federation) + padded(h->program);
  }
  return fixed;
}

std::uint64_t draw_id() {
  static std::random_device device;
  std::uint64_t id = 0;
  while (id == 0) id = (std::uint64_t{device()} << 32) | device();
  return id;
}

}  // namespace vigie::client
