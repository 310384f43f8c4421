// The client SDK: one connection to one centre of the federation at a time, any number of sessions
// on it, and going on elsewhere by itself when the centre is lost.
//
//   auto client = Client::make(options);
//   Session& reader = (*client)->open({.role = Role::reader, .desk = Desk::reader}, {handlers});
//   while (running) (*client)->poll(100_ms);
//
// One thread: everything happens, and every callback is called, inside poll(). What is asked for
// between two polls goes out in as few frames as possible.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/settings/client_file.hpp"
#include "messages/types/wire.hpp"
#include "nodes/client/connection.hpp"
#include "nodes/client/session.hpp"

namespace vigie::client {

/// CLOCK_BOOTTIME of this machine.
BootTime boot_now();

struct ClientOptions {
  std::string name = "client";  ///< in histories and in the node's log
  std::string federation;       ///< empty: any
  link::KeyPair keys;
  std::vector<Endpoint> endpoints;  ///< in failover order, at least one
  std::string history;              ///< file to append to (ops/docs/format-history.md); empty: none
  Millis probe_after{500};  ///< a node that owes something and says nothing is asked whether it is
                            ///< there
  Millis silence{1500};     ///< and left when it says nothing for so long
  /// A node that has no leader for so long is left for the next centre, if there is one: longer
  /// than an election takes.
  Millis leaderless{5000};
  Millis backoff_min{50}, backoff_max{2000};  ///< pause when no centre can be reached
  std::function<BootTime()> now = boot_now;   ///< tests bring their own
};

/// Reads the key file and turns addresses into endpoints.
/// @errors as link::read_key_file().
Result<ClientOptions> options_from(const settings::ClientSettings& settings);

struct ConnectionNews {
  std::string site;
  bool up = false;
  std::string why;  ///< of a loss or a refusal, for people
};

class Client : private Lane {
 public:
  /// Begins to connect with the first poll(). @errors bad_configuration: no endpoint. io_error: the
  /// history cannot be written.
  static Result<std::unique_ptr<Client>> make(ClientOptions options);
  ~Client() override;
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Sends what is due, waits at most `timeout` for something to happen, and tells about it.
  /// @errors io_error: the history can no longer be written; nothing more was sent.
  Result<void> poll(Millis timeout);
  /// poll() until `done()`, at most `patience`. @return done()
  bool poll_until(const std::function<bool()>& done, Millis patience);

  bool is_connected() const { return welcomed_; }
  /// Of the current connection, or the last one.
  const Welcome& welcome() const { return welcome_; }
  /// Why each centre could not be reached at the last try, a line each; empty when connected.
  std::string trouble() const;

  /// Opens a session; it attaches as soon as there is a connection. The reference is good until
  /// forget() or the client's end.
  Session& open(SessionWish wish, SessionHandler handler);
  /// Ends a session here, without a Detach: send one before, if it is to end in the room too.
  void forget(Session& session);

  /// Follows a desk without a session (Desk::all). `on_events(gap, events)`: with `gap`, events
  /// before were lost and `events` is the view. @param from Cursor; 0: from now.
  using OnEvents = std::function<void(bool gap, LogIndex cursor, const std::vector<Event>& events)>;
  void subscribe(Desk desk, LogIndex from, OnEvents on_events);

  /// Asks about the applied state; asked again after a reconnection. `done` is called once with the
  /// whole reply; its code may be one of "not now" (50 to 69).
  void query(QueryKind kind, std::string argument, std::function<void(const QueryReply&)> done,
             bool linearizable = false);

  std::function<void(const ConnectionNews&)> on_connection;
  std::function<void(const Complaint&)> on_complaint;

  LogIndex seen() const override { return seen_; }
  void begin_anew(LogIndex index) override { seen_ = index; }
  BootTime now() const override { return options_.now(); }

 private:
  struct Asked {
    Query query;
    std::string json;
    std::function<void(const QueryReply&)> done;
  };
  struct Watch {
    Desk desk = Desk::none;
    Cursor cursor;
    OnEvents on_events;
    BootTime again_at;
  };

  explicit Client(ClientOptions options);
  void push(ClientMessage message) override {
    if (!std::exchange(was_owed_, true)) heard_at_ = now();  // silence counts from here
    outbox_.push_back(std::move(message));
  }
  History& history() override { return history_; }
  void renamed(SessionId from, Session& session) override;

  Result<void> flush();
  void pack(std::vector<ClientMessage>& batch);
  void connect();
  void leave(const std::string& why);
  void run_timers();
  Millis time_left(Millis timeout) const;
  bool is_owed() const;
  void note_leader(Errc code);
  void take(std::string_view frame);
  void handle(Welcome& welcome);
  void handle(ClientAnswer& answer);
  void handle(RenewAck& ack);
  void handle(Cover& cover);
  void handle(Gap& gap);
  void handle(QueryReply& reply);
  void ask(const Query& query);
  void handle(Complaint& complaint);
  void subscribe(std::uint32_t number, Watch& watch);
  void tell(std::uint32_t number, Watch& watch, Cursor::Verdict verdict,
            const std::vector<Event>& events);
  Session* session(SessionId id) const;

  ClientOptions options_;
  History history_;
  Connection connection_;
  std::size_t endpoint_ = 0;
  std::vector<std::string> trouble_;  ///< by endpoint
  std::size_t failures_ = 0;          ///< since the last Welcome
  bool connecting_ = false;
  bool was_owed_ = false;  ///< when the timers were last looked at
  bool welcomed_ = false;
  bool leaving_ = false;  ///< after this round
  std::string leaving_why_;
  Welcome welcome_;
  BootTime connect_at_, heard_at_, probed_at_;
  BootTime leaderless_since_;  ///< 0: the node's last answer was of a room that has a leader

  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::unique_ptr<Session>> forgotten_;
  std::unordered_map<SessionId, Session*> by_id_;
  std::unordered_map<std::uint32_t, Session*> by_subscription_;
  std::map<std::uint32_t, Watch> watches_;
  std::uint32_t next_subscription_ = 1;
  std::map<std::uint64_t, Asked> queries_;
  std::uint64_t next_query_ = 1;

  std::vector<ClientMessage> outbox_;
  std::deque<std::string> frames_;  ///< ready to go
  LogIndex seen_;
};

}  // namespace vigie::client
