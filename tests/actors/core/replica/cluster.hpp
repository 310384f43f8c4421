// A federation for scripted tests: nothing moves unless the script says so. Messages wait in one
// queue in the order sent; disks sync at once unless held; time stands still unless advanced.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/actors/core/replica/site.hpp"

namespace vigie {

/// Lets GoogleTest print ids as numbers.
template <class Tag, class Rep>
void PrintTo(const Strong<Tag, Rep>& id, std::ostream* out) {
  *out << +id.value;
}

}  // namespace vigie

namespace vigie::replica {

class Cluster {
 public:
  /// Sites 1..n, voters, then `learners` more, then `spares` that are no members yet.
  explicit Cluster(int voters, int learners = 0, const std::function<void(Config&)>& adjust = {},
                   int spares = 0) {
    Config config;
    for (int i = 1; i <= voters + learners; ++i) {
      config.members.push_back({SiteId{static_cast<std::uint16_t>(i)}, i <= voters, 0});
    }
    history_.founded(config.members);
    const int count = voters + learners + spares;
    for (int i = 1; i <= count; ++i) {
      config.self = SiteId{static_cast<std::uint16_t>(i)};
      Config own = config;
      if (adjust) adjust(own);
      sites_.emplace_back(own, history_);
    }
    for (int i = 1; i <= count; ++i) restart(i);
  }
  ~Cluster() { EXPECT_EQ(history_.violation(), ""); }

  Site& site(int n) { return sites_.at(static_cast<std::size_t>(n - 1)); }
  Replica& operator[](int n) { return site(n).replica(); }
  History& history() { return history_; }
  BootTime now() const { return now_; }
  std::deque<Envelope>& net() { return net_; }
  /// Messages that satisfy it are lost on delivery.
  std::function<bool(const Envelope&)> lose;

  // Faults. A cut drops both ways between the two; a held disk keeps its writes unsynced.
  void cut(int a, int b) { cuts_.insert(key(a, b)), cuts_.insert(key(b, a)); }
  void cut_one_way(int from, int to) { cuts_.insert(key(from, to)); }
  void heal() { cuts_.clear(); }
  void isolate(int n) {
    for (int other = 1; other <= static_cast<int>(sites_.size()); ++other) {
      if (other != n) cut(n, other);
    }
  }
  void hold_disk(int n) { held_.insert(n); }
  void release_disk(int n) {
    held_.erase(n);
    sync(n);
  }
  /// Syncs one held write.
  void sync_one(int n) {
    site(n).sync_one(now_);
    collect();
  }
  void crash(int n, std::size_t lucky = 0) { site(n).crash(lucky); }
  void restart(int n) {
    site(n).start(static_cast<std::uint64_t>(n) * 7919, now_);
    settle(n);
  }

  // Inputs.
  void settle(int n) {
    site(n).settle();
    sync(n);
    collect();
  }
  /// As if `message` came from `from`.
  void step(int n, int from, Message message) {
    (*this)[n].step(now_, SiteId{static_cast<std::uint16_t>(from)}, std::move(message));
    settle(n);
  }
  Result<LogIndex> propose(int n, const std::string& text) {
    auto result = (*this)[n].propose(now_, {{EntryKind::command, Payload(text)}});
    settle(n);
    return result;
  }
  Result<LogIndex> change(int n, MemberChange::What what, int site) {
    auto result = (*this)[n].change(now_, {what, {SiteId{static_cast<std::uint16_t>(site)}}});
    settle(n);
    return result;
  }
  void tick(int n) {
    (*this)[n].tick(now_);
    settle(n);
  }

  // Motion.
  /// Delivers what is under way, and what that causes, until nothing is. Cut links lose.
  void deliver() {
    for (int budget = 100'000; !net_.empty() && budget > 0; --budget) deliver_one();
  }
  void deliver_one() {
    const Envelope e = std::move(net_.front());
    net_.pop_front();
    const int to = e.message.to.value;
    const bool is_lost = lose && lose(e);
    if (!is_lost && cuts_.count(key(e.from.value, to)) == 0 && site(to).is_up()) {
      step(to, e.from.value, e.message);
    }
  }
  /// Takes messages that satisfy `wanted` out of the network, in order.
  std::vector<Envelope> take(const std::function<bool(const Envelope&)>& wanted) {
    std::vector<Envelope> taken;
    std::deque<Envelope> rest;
    for (Envelope& e : net_) {
      if (wanted(e))
        taken.push_back(std::move(e));
      else
        rest.push_back(std::move(e));
    }
    net_ = std::move(rest);
    return taken;
  }
  /// Advances time in steps of 1 ms: whoever is due ticks, and everything is delivered.
  void run(Millis span) {
    for (const BootTime end = now_ + span; now_ < end;) {
      now_ = now_ + 1_ms;
      for (int n = 1; n <= static_cast<int>(sites_.size()); ++n) {
        if (site(n).is_up() && (*this)[n].next_deadline() <= now_) tick(n);
      }
      deliver();
    }
  }
  /// Lets time pass for nobody: no one ticks.
  void pass(Millis span) { now_ = now_ + span; }
  /// Makes `n` campaign as its timer runs out, a few times if it must learn a newer term first.
  void elect(int n) {
    for (int tries = 0; tries < 4 && !(*this)[n].is_leader(); ++tries) {
      now_ = std::max(now_, (*this)[n].next_deadline());
      tick(n);
      deliver();
    }
    EXPECT_TRUE((*this)[n].is_leader());
  }
  /// Time passes until the others have forgotten their leader, then `n` campaigns.
  void depose_and_elect(int n) {
    pass((*this)[n].config().election_min);
    elect(n);
  }
  /// A heartbeat interval later the leader `n` ticks, and all that follows is delivered.
  void heartbeat(int n) {
    now_ = std::max(now_, (*this)[n].next_deadline());
    tick(n);
    deliver();
  }
  LogIndex match(int leader, int peer) {
    for (const Progress& p : (*this)[leader].peers()) {
      if (p.member.site.value == peer) return p.match;
    }
    return {};
  }
  int leader() {
    for (int n = 1; n <= static_cast<int>(sites_.size()); ++n) {
      if (site(n).is_up() && (*this)[n].is_leader()) return n;
    }
    return 0;
  }

 private:
  static std::pair<int, int> key(int a, int b) { return {a, b}; }
  void sync(int n) {
    while (held_.count(n) == 0 && site(n).is_up() && !site(n).writes.empty()) {
      site(n).sync_one(now_);
    }
    collect();
  }
  void collect() {
    for (Site& s : sites_) {
      net_.insert(net_.end(), s.sent.begin(), s.sent.end());
      s.sent.clear();
    }
  }

  History history_;
  std::deque<Site> sites_;
  std::deque<Envelope> net_;
  std::set<std::pair<int, int>> cuts_;
  std::set<int> held_;
  BootTime now_{1000};
};

/// The body of an envelope's message, if it is a T.
template <class T>
const T* body(const Envelope& e) {
  return std::get_if<T>(&e.message.body);
}

}  // namespace vigie::replica
