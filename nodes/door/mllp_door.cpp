#include "nodes/door/mllp_door.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <future>
#include <map>
#include <thread>
#include <utility>

#include "actors/core/delivery/report_message.hpp"
#include "messages/types/exam_number.hpp"
#include "nodes/door/feed_map.hpp"
#include "nodes/door/mllp_client.hpp"
#include "nodes/door/mllp_server.hpp"
#include "nodes/door/silence.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::door {
namespace {

constexpr std::size_t notices_waiting_max = 1024;  // of one feed: they are best effort

/// OpenSSL writes without MSG_NOSIGNAL.
void ignore_broken_pipes() {
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

}  // namespace

DoorSettings door_settings(const settings::SiteSettings& site) {
  return {site.id, site.site, site.federation, site.mode, site.feeds, {}};
}

struct MllpDoor::Implementation {
  Implementation(DoorSettings given, Intake& intake, ExamLookup& exam_lookup,
                 telemetry::DoorMetrics& door_metrics)
      : settings(std::move(given)),
        lookup(exam_lookup),
        metrics(door_metrics),
        feed_intake({intake, exam_lookup, loop.inbox()}, settings.federation, door_metrics,
                    [this](LiveFeed& feed, const Notice& notice) { tell(feed, notice); }) {}

  Result<void> open();
  void set_directory(std::shared_ptr<const Directory> directory);
  void send(const DeliveryJob& job, MllpClient::Done done);
  void withdraw(ExamId exam, ReportVersion version, std::uint8_t recipient);
  bool may_want(EventKind event) const;
  void notify(const Exam& exam, EventKind event);
  void tell(LiveFeed& feed, const Notice& notice);
  LiveFeed* feed_named(std::string_view name);
  MllpClient* client_of(const LiveFeed& feed);

  DoorSettings settings;
  ExamLookup& lookup;
  telemetry::DoorMetrics& metrics;
  Loop loop;
  FeedIntake feed_intake;
  std::vector<std::unique_ptr<LiveFeed>> feeds;
  std::map<const LiveFeed*, std::unique_ptr<MllpClient>> clients;
  std::unique_ptr<MllpServer> server;
  std::shared_ptr<const Directory> directory;
  /// Jobs in the clients' hands: what withdraw() knows them by, and their MSH-10.
  std::map<std::tuple<ExamId, ReportVersion, std::uint8_t>, std::pair<MllpClient*, std::string>>
      jobs;
  std::thread thread;
};

Result<void> MllpDoor::Implementation::open() {
  std::vector<LiveFeed*> listening;
  const auto now = std::chrono::steady_clock::now();
  for (const settings::FeedSettings& one : settings.feeds) {
    if (!may_listen(one, settings.site)) continue;
    auto feed = std::make_unique<LiveFeed>();
    feed->settings = one;
    feed->last_message = now;
    if (one.transport == settings::Transport::tls || (one.results && one.results->tls)) {
      auto tls = TlsContext::make(one);
      if (!tls) return tls.error();
      feed->tls = std::move(tls).value();
    }
    if (one.results) {
      clients[feed.get()] = std::make_unique<MllpClient>(loop, settings.times, *feed);
    }
    listening.push_back(feed.get());
    feeds.push_back(std::move(feed));
  }
  server = std::make_unique<MllpServer>(loop, settings.times, feed_intake, listening, metrics);
  return server->listen();
}

void MllpDoor::Implementation::set_directory(std::shared_ptr<const Directory> changed) {
  directory = std::move(changed);
  feed_intake.set_directory(directory);
  for (const auto& feed : feeds) {
    const bool ours = is_door(feed->settings, *directory, settings.site);
    feed->feed =
        ours ? std::optional(map_feed(feed->settings, *directory, settings.mode)) : std::nullopt;
    if (!ours || feed->feed->establishments.size() < feed->settings.establishments.size()) {
      telemetry::log_warning(
          "feed_incomplete",
          {{"feed", feed->settings.name}, {"door", ours}, {"directory", directory->version}});
    }
    if (ours && feed->feed->establishments.empty()) feed->feed.reset();
  }
}

LiveFeed* MllpDoor::Implementation::feed_named(std::string_view name) {
  const auto at = std::find_if(feeds.begin(), feeds.end(),
                               [&](const auto& feed) { return feed->settings.name == name; });
  return at == feeds.end() ? nullptr : at->get();
}

MllpClient* MllpDoor::Implementation::client_of(const LiveFeed& feed) {
  const auto at = clients.find(&feed);
  return at == clients.end() ? nullptr : at->second.get();
}

void MllpDoor::Implementation::send(const DeliveryJob& job, MllpClient::Done done) {
  LiveFeed* feed = feed_named(job.feed);
  MllpClient* client = feed != nullptr && feed->feed ? client_of(*feed) : nullptr;
  if (client == nullptr) {
    telemetry::log_warning("report_without_feed", {{"feed", job.feed}, {"exam", job.exam_number}});
    return done(SendOutcome::unknown_feed, {});
  }
  auto message = delivery::report_message(job, *feed->feed);
  if (!message) {
    telemetry::log_error("report_not_built",
                         {{"exam", job.exam_number}, {"code", message.error().code}});
    return done(SendOutcome::failed, std::string(errc_name(message.error().code)));
  }
  const auto key = std::tuple(job.exam, job.version, job.recipient);
  jobs[key] = {client, message->id};
  client->enqueue(message->id, std::move(message->bytes),
                  [this, key, done = std::move(done)](SendOutcome outcome, std::string detail) {
                    jobs.erase(key);
                    done(outcome, std::move(detail));
                  });
}

void MllpDoor::Implementation::withdraw(ExamId exam, ReportVersion version,
                                        std::uint8_t recipient) {
  const auto at = jobs.find({exam, version, recipient});
  if (at == jobs.end()) return;
  const auto [client, id] = at->second;
  client->withdraw(id);
}

void MllpDoor::Implementation::tell(LiveFeed& feed, const Notice& notice) {
  MllpClient* client = client_of(feed);
  if (client == nullptr || !feed.feed || client->waiting() >= notices_waiting_max) return;
  const std::string number = exam_number(*directory, notice.exam.id);
  auto message = delivery::notice_message(notice.exam, number, notice.event,
                                          UtcTime{notice.exam.state_since.value}, {}, *feed.feed);
  if (!message) {
    telemetry::log_error("notice_not_built", {{"exam", number}, {"code", message.error().code}});
    return;
  }
  if (client->has(message->id)) return;
  client->enqueue(message->id, std::move(message->bytes),
                  [number, name = feed.settings.name](SendOutcome outcome, const std::string&) {
                    if (outcome == SendOutcome::delivered) return;
                    telemetry::log_warning("notice_failed", {{"feed", name}, {"exam", number}});
                  });
}

bool MllpDoor::Implementation::may_want(EventKind event) const {
  return std::any_of(settings.feeds.begin(), settings.feeds.end(), [&](const auto& feed) {
    if (!feed.results) return false;
    return event == EventKind::protocol_assigned
               ? feed.protocol_ack == settings::FeedProtocolAck::client
               : event == EventKind::report_preliminary && feed.preliminary;
  });
}

void MllpDoor::Implementation::notify(const Exam& exam, EventKind event) {
  const Establishment* e =
      directory ? directory->establishment(exam.request.establishment) : nullptr;
  if (e == nullptr || e->doors.empty() || e->doors.front() != settings.self) return;
  const bool protocol = event == EventKind::protocol_assigned;
  for (const std::string& recipient : e->recipients) {
    LiveFeed* feed = feed_named(recipient);
    if (feed == nullptr) continue;
    const bool wanted = protocol
                            ? feed->settings.protocol_ack == settings::FeedProtocolAck::client
                            : event == EventKind::report_preliminary && feed->settings.preliminary;
    if (!wanted) continue;
    tell(*feed, {exam, protocol ? hl7::ReportEvent::accepted : hl7::ReportEvent::preliminary});
  }
}

MllpDoor::MllpDoor(DoorSettings settings, Intake& intake, ExamLookup& lookup,
                   telemetry::DoorMetrics& metrics)
    : implementation_(
          std::make_unique<Implementation>(std::move(settings), intake, lookup, metrics)) {}

MllpDoor::~MllpDoor() { stop(); }

Result<void> MllpDoor::start() {
  if (auto opened = implementation_->open(); !opened) return opened;
  implementation_->thread = std::thread([this] {
    ::pthread_setname_np(::pthread_self(), "vigie-mllp");
    ignore_broken_pipes();
    implementation_->loop.run();
  });
  return {};
}

void MllpDoor::stop() {
  if (!implementation_->thread.joinable()) return;
  implementation_->loop.inbox()->post([this] { implementation_->loop.stop(); });
  implementation_->thread.join();
  implementation_->loop.inbox()->close();
  implementation_->server.reset();
  implementation_->clients.clear();
}

void MllpDoor::directory_changed(std::shared_ptr<const Directory> directory) {
  implementation_->loop.inbox()->post(
      [this, directory = std::move(directory)] { implementation_->set_directory(directory); });
}

void MllpDoor::second_passed() {
  implementation_->loop.inbox()->post([this] {
    for (const auto& feed : implementation_->feeds) watch_silence(*feed, implementation_->metrics);
  });
}

std::uint16_t MllpDoor::port_of(std::string_view feed) const {
  return implementation_->server ? implementation_->server->port_of(feed) : std::uint16_t{0};
}

void MllpDoor::send(std::shared_ptr<const DeliveryJob> job,
                    std::function<void(SendOutcome, std::string)> done) {
  implementation_->loop.inbox()->post(
      [this, job = std::move(job), done = std::move(done)] { implementation_->send(*job, done); });
}

void MllpDoor::withdraw(ExamId exam, ReportVersion version, std::uint8_t recipient) {
  implementation_->loop.inbox()->post(
      [this, exam, version, recipient] { implementation_->withdraw(exam, version, recipient); });
}

void MllpDoor::notify(ExamId exam, EventKind event) {
  if (!implementation_->may_want(event)) return;  // spares the room a look for each exam
  implementation_->lookup.find({{{exam, {}}, {}}},
                               [this, event, inbox = implementation_->loop.inbox()](auto found) {
                                 if (found.empty() || found.front().empty()) return;
                                 inbox->post([this, event, record = found.front().front()] {
                                   implementation_->notify(record, event);
                                 });
                               });
}

}  // namespace vigie::door
