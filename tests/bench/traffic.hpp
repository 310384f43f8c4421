// The load of a fault rig: one client of one centre's concentrator, which submits at a steady rate,
// reads and signs, goes on at another centre when it must, and writes its history. Unlike Load it
// measures nothing and lives in a process of its own: the rig stops, cuts and wakes it as it likes.
#pragma once

#include <csignal>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nodes/client/client.hpp"
#include "tests/bench/looker.hpp"

namespace vigie::bench {

struct TrafficSettings {
  std::filesystem::path client;  ///< a concentrator's file; its centres in failover order
  std::string name;              ///< in the history, and in every order number
  std::filesystem::path history;
  SiteId site;                ///< where its readers sit
  std::uint32_t first = 0;    ///< the first reader's number among the centre's extra readers
  int readers = 4;            ///< every fourth takes what it is offered without accepting it
  double rate = 5;            ///< exams a second; every fifth asks for a regulator
  double seconds = 10;        ///< how long new exams go in
  double patience = 60;       ///< then, for those under way
  Millis reading = 200_ms;    ///< from the exam in hand to the signature
  std::size_t open_max = 64;  ///< no new exams while so many have no answer
};

class Traffic {
 public:
  /// @errors as settings::load_client(), client::options_from() and Client::make().
  static Result<std::unique_ptr<Traffic>> make(TrafficSettings settings);

  /// Until all is done, `patience` is over or `stop` is set: then no new exams go in, as after
  /// `seconds`. @errors io_error: the history cannot be written, the evidence is incomplete.
  Result<void> run(const volatile std::sig_atomic_t& stop);
  /// What became of it: submitted, acked, refused, signed, late, left.
  nlohmann::ordered_json totals() const;

 private:
  /// An exam that a reader holds and signs at `at`.
  struct Reading {
    client::Session* session = nullptr;
    std::string order;  ///< its number
    ExamId exam;
    Epoch epoch;
    BootTime at;
  };

  explicit Traffic(TrafficSettings settings) : settings_(std::move(settings)) {}
  void open_sessions();
  void open_reader(int number);
  void submit();
  void sign_due(BootTime now);
  void sign(const Reading& reading);
  void on_event(client::Session& session, const Event& event);
  std::size_t unanswered() const;
  void leave();

  TrafficSettings settings_;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<Looker> looker_;
  client::Session* producer_ = nullptr;
  std::vector<client::Session*> readers_;
  std::deque<Reading> readings_;
  std::uint64_t serial_ = 0;
  std::uint64_t submitted_ = 0, acked_ = 0, refused_ = 0, signed_ = 0, late_ = 0;
};

}  // namespace vigie::bench
