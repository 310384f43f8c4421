// A door on real sockets of 127.0.0.1, with a room and a hospital that do as a test tells them.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/core/hl7/mllp.hpp"
#include "messages/types/exam_number.hpp"
#include "nodes/door/mllp_door.hpp"

namespace vigie::door {

inline constexpr auto patience = std::chrono::seconds(20);
inline constexpr SiteId marseille{3};
inline const ExamId first_exam = make_exam_id(marseille, 1);

/// Counters that a test can read.
class CountingMetrics : public telemetry::Metrics {
 public:
  telemetry::Counter& counter(const std::string& name, const std::string&,
                              const telemetry::Labels& labels) override {
    return counters_[key(name, labels)];
  }
  telemetry::Gauge& gauge(const std::string& name, const std::string&,
                          const telemetry::Labels& labels) override {
    return gauges_[key(name, labels)];
  }
  telemetry::Histogram& histogram(const std::string& name, const std::string&,
                                  const telemetry::Buckets&,
                                  const telemetry::Labels& labels) override {
    return observations_[key(name, labels)];
  }
  /// Waits until the counter of that name and label values is `wanted`.
  bool reaches(const std::string& what, std::uint64_t wanted) {
    std::unique_lock lock(mutex());
    return changed().wait_for(lock, patience, [&] { return counters_[what].value == wanted; });
  }
  bool is_observed(const std::string& what, std::uint64_t times) {
    std::unique_lock lock(mutex());
    return changed().wait_for(lock, patience, [&] { return observations_[what].times == times; });
  }
  bool gauge_is(const std::string& what, double wanted) {
    std::unique_lock lock(mutex());
    return changed().wait_for(lock, patience, [&] { return gauges_[what].value == wanted; });
  }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  static std::condition_variable& changed() {
    static std::condition_variable one;
    return one;
  }
  struct Count : telemetry::Counter {
    void add(std::uint64_t n) override {
      const std::lock_guard lock(mutex());
      value += n;
      changed().notify_all();
    }
    std::uint64_t value = 0;
  };
  struct Level : telemetry::Gauge {
    void set(double v) override {
      const std::lock_guard lock(mutex());
      value = v;
      changed().notify_all();
    }
    double value = -1;
  };
  struct Observations : telemetry::Histogram {
    void observe(double) override {
      const std::lock_guard lock(mutex());
      ++times;
      changed().notify_all();
    }
    void observe_all(const std::vector<double>&, double) override { observe(0); }
    std::uint64_t times = 0;
  };
  static std::string key(const std::string& name, const telemetry::Labels& labels) {
    std::string out = name;
    for (const auto& [label, value] : labels) out += " " + value;
    return out;
  }
  std::map<std::string, Count> counters_;
  std::map<std::string, Level> gauges_;
  std::map<std::string, Observations> observations_;
};

/// How a fake answers; set by the test, used by the door's thread.
template <class Function>
class Rule {
 public:
  Rule& operator=(Function function) {
    const std::lock_guard lock(mutex_);
    function_ = std::move(function);
    return *this;
  }
  Function get() const {
    const std::lock_guard lock(mutex_);
    return function_;
  }

 private:
  mutable std::mutex mutex_;
  Function function_;
};

/// A room that answers by `rule`, or, without one, when the test says so.
class FakeIntake : public Intake {
 public:
  Rule<std::function<Answer(const Command&)>> rule;

  void propose(Command command, std::function<void(const Answer&)> done) override {
    if (const auto by = rule.get()) {
      const Answer answer = by(command);
      note(std::move(command), nullptr);
      return done(answer);
    }
    note(std::move(command), std::move(done));
  }
  /// Waits until `count` commands have come. @return false: they did not.
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return commands_.size() >= count; });
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return commands_.size();
  }
  Command command(std::size_t i) {
    const std::lock_guard lock(mutex_);
    return commands_.at(i);
  }
  template <class T>
  T as(std::size_t i) {
    return std::get<T>(command(i));
  }
  void answer(std::size_t i, const Answer& answer) {
    std::function<void(const Answer&)> done;
    {
      const std::lock_guard lock(mutex_);
      done = std::exchange(dones_.at(i), nullptr);
    }
    done(answer);
  }

 private:
  void note(Command command, std::function<void(const Answer&)> done) {
    const std::lock_guard lock(mutex_);
    commands_.push_back(std::move(command));
    dones_.push_back(std::move(done));
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Command> commands_;
  std::vector<std::function<void(const Answer&)>> dones_;
};

class FakeLookup : public ExamLookup {
 public:
  Rule<std::function<std::vector<Exam>(const ExamQuery&)>> rule;
  void find(std::vector<ExamQuery> queries,
            std::function<void(std::vector<std::vector<Exam>>)> done) override {
    std::vector<std::vector<Exam>> out;
    const auto by = rule.get();
    for (const ExamQuery& query : queries) {
      out.push_back(by ? by(query) : std::vector<Exam>{});
    }
    done(std::move(out));
  }
};

inline Answer accepted(std::uint64_t sequence = 1) {
  Answer answer;
  answer.index = LogIndex{sequence};
  answer.exam = make_exam_id(marseille, sequence);
  return answer;
}
inline Answer refused(Errc code, ExamId exam = {}) {
  Answer answer;
  answer.code = code;
  answer.exam = exam;
  return answer;
}

/// One end of a TCP connection, blocking, with a deadline on everything.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) { limit(); }
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(Socket&& o) noexcept
      : fd_(std::exchange(o.fd_, -1)), reader_(std::move(o.reader_)), ready_(std::move(o.ready_)) {}
  Socket& operator=(Socket&&) = delete;

  static Socket to(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return Socket(fd);
  }
  void raw(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return;  // the other side may close on us: the test sees that when it reads
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  void message(std::string_view content) { raw(hl7::frame(content)); }
  int release() { return std::exchange(fd_, -1); }
  void finish() { ::shutdown(fd_, SHUT_WR); }
  /// The next message's content; nullopt: closed, or nothing in time.
  std::optional<std::string> next() {
    std::vector<std::string> frames;
    while (ready_.empty()) {
      std::array<char, 65536> chunk;
      const ssize_t got = ::recv(fd_, chunk.data(), chunk.size(), 0);
      if (got <= 0) {
        timed_out_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
        return std::nullopt;
      }
      EXPECT_TRUE(reader_.feed({chunk.data(), static_cast<std::size_t>(got)}, frames));
      for (std::string& frame : frames) ready_.push_back(std::move(frame));
      frames.clear();
    }
    std::string out = std::move(ready_.front());
    ready_.pop_front();
    return out;
  }
  /// True once the other side has closed, with nothing said before.
  bool is_closed() { return !next().has_value() && !timed_out_; }

 private:
  void limit() {
    const timeval limit{patience.count(), 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  int fd_;
  hl7::MllpReader reader_;
  std::deque<std::string> ready_;
  bool timed_out_ = false;
};

/// A hospital's results listener: the test accepts, reads and answers by hand.
class Hospital {
 public:
  Hospital() {
    auto made = listen_here();
    fd_ = made.first;
    port_ = made.second;
  }
  ~Hospital() { ::close(fd_); }
  Hospital(const Hospital&) = delete;
  Hospital& operator=(const Hospital&) = delete;
  std::uint16_t port() const { return port_; }
  Socket accept() {
    pollfd wait{fd_, POLLIN, 0};
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
    EXPECT_EQ(::poll(&wait, 1, static_cast<int>(ms)), 1);
    return Socket(::accept(fd_, nullptr, nullptr));
  }

 private:
  static std::pair<int, std::uint16_t> listen_here() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(fd, 8), 0);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    return {fd, ntohs(address.sin_port)};
  }
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

inline std::string field(const std::string& message, std::string_view segment, std::size_t number) {
  std::size_t at = 0;
  while (at < message.size()) {
    const std::size_t end = std::min(message.find('\r', at), message.size());
    std::string_view line = std::string_view(message).substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(segment)) continue;
    for (std::size_t i = segment == "MSH" ? 1 : 0; i < number; ++i) {
      const std::size_t bar = line.find('|');
      if (bar == std::string_view::npos) return {};
      line.remove_prefix(bar + 1);
    }
    return std::string(line.substr(0, line.find('|')));
  }
  return {};
}

inline std::string msh(std::string_view id, std::string_view facility = "CHALPES",
                       std::string_view type = "ORM^O01^ORM_O01") {
  return "MSH|^~\\&|RIS|" + std::string(facility) + "|VIGIE|GARDE|20260314120000||" +
         std::string(type) + "|" + std::string(id) + "|P|2.5.1||||||UNICODE UTF-8\r";
}
inline const std::string pid = "PID|1||88123^^^CHALPES^PI||DURAND^Zoé^^^^^L||19800229|F\rPV1|1|E\r";
/// One ORC group.
inline std::string order_group(std::string_view number, std::string_view control = "NW",
                               std::string_view status = "SC", std::string_view modality = "CT") {
  return "ORC|" + std::string(control) + "|" + std::string(number) + "^RIS|||" +
         std::string(status) + "\rOBR|1|" + std::string(number) +
         "^RIS||TDMCR^TDM crâne^L|||||||||||||||||||"
         "|" +
         std::string(modality) + "\r";
}
inline std::string order(std::string_view id, std::string_view number,
                         std::string_view control = "NW", std::string_view status = "SC",
                         std::string_view modality = "CT") {
  return msh(id) + pid + order_group(number, control, status, modality);
}
inline std::string ack_to(const std::string& report, std::string_view code = "AA",
                          std::string_view id = {}) {
  const std::string echoed = id.empty() ? field(report, "MSH", 10) : std::string(id);
  return "MSH|^~\\&|RIS|CHALPES|VIGIE|GARDE|||ACK|X1|P|2.5.1\rMSA|" + std::string(code) + "|" +
         echoed + "\r";
}

inline settings::FeedSettings alpes() {
  settings::FeedSettings feed;
  feed.name = "ch-alpes-ris";
  feed.establishments = {"ch-alpes"};
  feed.listen = {"127.0.0.1", 0};
  feed.identifiers = {{"ch-alpes", {}, {"CHALPES"}}};
  return feed;
}
inline settings::FeedSettings pau() {
  settings::FeedSettings feed = alpes();
  feed.name = "ch-pau-ris";
  feed.establishments = {"ch-pau"};
  feed.identifiers = {{"ch-pau", {}, {"CHPAU"}}};
  return feed;
}

inline std::shared_ptr<const Directory> directory() {
  auto out = std::make_shared<Directory>();
  out->version = 1;
  out->sites = {{{2}, "bordeaux", "BDX", {}, 1, "", {}, false, {}, {}, 0, 0},
                {marseille, "marseille", "MRS", {}, 1, "", {}, false, {}, {}, 0, 0}};
  const auto hospital = [](std::uint32_t id, std::string name, std::string finess,
                           std::vector<SiteId> doors) {
    Establishment e;
    e.id = {id};
    e.name = name;
    e.legal_entity = {id + 100};
    e.finess = std::move(finess);
    e.doors = std::move(doors);
    e.recourses = {{"CHU Nord", "04 91 00 00 00", 30, false}};
    e.recipients = {name + "-ris"};
    return e;
  };
  out->establishments = {hospital(11, "ch-alpes", "050000116", {marseille, SiteId{2}}),
                         hospital(12, "ch-pau", "640000600", {marseille, SiteId{2}})};
  return out;
}

/// A started door with its surroundings.
struct Bench {
  explicit Bench(std::vector<settings::FeedSettings> feeds = {alpes()}, DoorTimes times = {},
                 bool with_directory = true)
      : node_metrics(metrics, labels_of(feeds)),
        door({marseille, "marseille", "essai", settings::FederationMode::production, feeds, times},
             intake, lookup, node_metrics.door) {
    const auto started = door.start();
    EXPECT_TRUE(started) << (started ? "" : started.error().what);
    if (with_directory) door.directory_changed(directory());
  }
  ~Bench() { door.stop(); }

  Socket connect(std::string_view feed = "ch-alpes-ris") { return Socket::to(door.port_of(feed)); }
  static telemetry::NodeLabels labels_of(const std::vector<settings::FeedSettings>& feeds) {
    telemetry::NodeLabels labels;
    for (const auto& feed : feeds) labels.feeds.push_back(feed.name);
    return labels;
  }

  CountingMetrics metrics;
  telemetry::NodeMetrics node_metrics;
  FakeIntake intake;
  FakeLookup lookup;
  MllpDoor door;
};

}  // namespace vigie::door
