// A simulated client program: the SDK's own Session (nodes/client/session) on a connection of the
// simulated network, with what nodes/client/client does around it: going on at the next centre when
// one is lost, asking a silent node whether it is there, frames of encoded messages.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nodes/client/session.hpp"
#include "tests/sim/machine.hpp"
#include "tests/sim/network.hpp"
#include "tests/sim/records.hpp"
#include "tests/sim/world.hpp"

namespace vigie::sim {

class Caller final : public Target, public ClientSide, private client::Lane {
 public:
  /// @param place Where it stands. @param doors Centres in failover order.
  /// @param drift Its clock's, as Profile::drift.
  Caller(World& world, Network& network, Records& records, std::string name, SiteId place,
         std::vector<SiteId> doors, const PublicKey& key, Chance chance,
         std::int64_t drift = 50'000);

  /// Once. It connects at once.
  void open(client::SessionWish wish, client::SessionHandler handler);
  client::Session& session() { return *session_; }
  const client::Session& session() const { return *session_; }
  bool is_live() const { return session_->state() == client::Session::State::live; }
  const std::string& name() const { return name_; }
  bool is_lost() const { return session_->state() == client::Session::State::lost; }
  /// As Session::send().
  void send(Command command, client::Done done = {});
  /// As Client::query(): asked again after a reconnection. What it shows is recorded, to be judged.
  void look(QueryKind kind, std::string argument, bool linearizable);
  /// A centre has taken it in.
  std::function<void()> on_welcome;
  /// Answers that were not "not now".
  std::uint64_t last_words() const { return last_words_; }
  /// The centre that it talks to, or would.
  SiteId door() const { return doors_[door_]; }
  SiteId place() const { return place_; }

  /// The lid is closed: nothing goes in or out for `span`.
  void sleep(Time span);
  bool is_asleep() const { return asleep_until_ > world_.now(); }
  /// Its owner walks to another centre: a new place, another order of doors.
  void move_to(SiteId place, std::vector<SiteId> doors);
  /// For ever.
  void retire();
  bool is_retired() const { return retired_; }
  void drop() { leave(); }  ///< the connection breaks
  /// Its wire is half dead from now on: Network::spoil().
  void spoil(Time late) { network_.spoil(connection_, late); }
  /// Asks again what was asked and answered a while ago, as one who lost the answer.
  void ask_again();
  /// What was promised last: when it was asked for, by its own clock, and for how long.
  BootTime lease_asked() const { return lease_asked_; }
  Millis lease() const { return lease_; }
  const Machine& machine() const { return machine_; }

  void node_frame(Connection connection, const std::string& bytes) override;
  void broken(Connection connection) override;
  void on_event(std::uint32_t kind, std::uint64_t value) override;

 private:
  void push(ClientMessage message) override;
  BootTime now() const override { return machine_.boot(world_.now()); }
  LogIndex seen() const override { return seen_; }
  void begin_anew(LogIndex) override {}
  client::History& history() override { return history_; }
  void renamed(SessionId, client::Session&) override {}

  void connect();
  void leave();
  void note_asked(const ClientRequest& request);
  struct Look {
    Query query;
    Time asked = 0;  ///< for the last time
    std::string json;
  };
  void ask(Look& look);
  void run_timers();
  void flush();
  void arm();
  bool is_owed() const { return connecting_ || !looks_.empty() || session_->unanswered() > 0; }
  void handle(Welcome& welcome);
  void handle(ClientAnswer& answer);
  void handle(RenewAck& ack);
  void handle(Cover& cover);
  void handle(Gap& gap);
  void handle(QueryReply& reply);
  void handle(Complaint& complaint);

  World& world_;
  Network& network_;
  Records& records_;
  const std::string name_;
  SiteId place_;
  std::vector<SiteId> doors_;
  PublicKey key_;
  Chance chance_;
  Machine machine_;
  client::History history_;  // off: records_ keeps what happens
  std::unique_ptr<client::Session> session_;
  std::size_t door_ = 0;
  Connection connection_ = 0;
  bool connecting_ = false, welcomed_ = false, retired_ = false, was_owed_ = false;
  std::size_t failures_ = 0;
  Time asleep_until_ = 0, timer_at_ = 0;
  BootTime connect_at_, heard_at_, probed_at_, leaderless_since_;
  LogIndex seen_;
  std::uint64_t last_words_ = 0;
  std::vector<ClientMessage> outbox_;
  std::deque<ClientRequest> asked_;  ///< the last ones, of one incarnation
  std::map<std::uint64_t, Look> looks_;
  std::uint64_t next_look_ = 1;
  BootTime lease_asked_;
  Millis lease_;
};

}  // namespace vigie::sim
