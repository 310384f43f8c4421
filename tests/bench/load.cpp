#include "tests/bench/load.hpp"

#include <algorithm>
#include <ctime>

#include "tests/bench/looker.hpp"

namespace vigie::bench {

using client::Client;
using client::Session;

Nanos nanos_now() {
  timespec t{};
  clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<Nanos>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

void pause_for(Millis wait) {
  const timespec t{static_cast<time_t>(wait.value / 1000), (wait.value % 1000) * 1'000'000};
  nanosleep(&t, nullptr);
}

double Samples::ms(double quantile) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(quantile * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return static_cast<double>(values[at]) / 1e6;
}

/// One node's connection, its thread and its sessions.
struct Load::Lane {
  int node = 0;
  std::unique_ptr<Client> client;
  std::unique_ptr<Looker> looker;
  std::vector<Session*> producers, readers;
  std::size_t next_producer = 0;
  std::uint64_t serial = 0;
  std::uint64_t draw = 0;
  int attached = 0, wanted = 0;
  int to_submit = 0;
  std::thread thread;
  std::mutex mutex;  ///< of totals
  Totals totals;
};

Load::Load(const Federation& federation, LoadSettings settings)
    : federation_(federation), settings_(std::move(settings)) {
  static int loads = 0;
  number_ = ++loads;
}

Load::~Load() { end(); }

bool Load::connect(Millis patience) {
  const int nodes = federation_.nodes();
  const int readers =
      settings_.readers != 0 ? std::max(settings_.readers, 0) : std::max(settings_.outstanding, 1);
  for (int n = 0; n < nodes; ++n) {
    auto lane = std::make_unique<Lane>();
    lane->node = n;
    auto options = client::options_from(federation_.client(n, settings_.failover));
    if (!options) return false;
    options->name = "bench-" + federation_.name(n);
    if (!settings_.history_dir.empty()) {
      options->history = settings_.history_dir + "/" + options->name + ".jsonl";
    }
    auto made = Client::make(std::move(*options));
    if (!made) return false;
    lane->client = std::move(*made);
    Lane& l = *lane;
    if (settings_.looks) l.looker = std::make_unique<Looker>(*l.client);
    const auto attached = [&l](Session&, const Answer&) { ++l.attached; };
    const int producers = std::max(1, (settings_.outstanding + nodes - 1) / nodes);
    for (int p = 0; p < producers; ++p) {
      client::SessionWish wish;
      wish.role = Role::requester;
      client::SessionHandler handler;
      handler.attached = attached;
      l.producers.push_back(&l.client->open(std::move(wish), std::move(handler)));
    }
    // The reader of index i sits at the node after its producer's.
    int mine = 0;
    for (int r = 0; r < readers; ++r) mine += (r + 1) % nodes == n ? 1 : 0;
    for (int r = 0; r < mine; ++r) {
      client::SessionWish wish;
      wish.person = Federation::reader(n, r);
      wish.role = Role::reader;
      wish.site = {static_cast<std::uint16_t>(n + 1)};
      wish.post = std::to_string(r);
      wish.accept = AcceptMode::automatic;
      wish.desk = Desk::reader;
      client::SessionHandler handler;
      handler.attached = attached;
      handler.event = [this, &l](Session& s, const Event& e) { on_event(l, s, e); };
      handler.view = [this, &l](Session& s, const std::vector<Event>& view) {
        for (const Event& e : view) on_event(l, s, e);
      };
      l.readers.push_back(&l.client->open(std::move(wish), std::move(handler)));
    }
    l.wanted = producers + mine;
    lanes_.push_back(std::move(lane));
  }
  const Nanos end = nanos_now() + patience.value * 1'000'000;
  for (auto& lane : lanes_) {
    while (lane->attached < lane->wanted) {
      if (nanos_now() > end) return false;
      for (auto& other : lanes_) (void)other->client->poll(1_ms);
    }
  }
  return true;
}

void Load::begin() {
  feeding_ = true;
  last_assignment_ = nanos_now();
  next_at_ = nanos_now();
  const int nodes = federation_.nodes();
  for (auto& lane : lanes_) {
    for (int i = 0; i < settings_.outstanding; ++i)
      lane->to_submit += i % nodes == lane->node ? 1 : 0;
    lane->thread = std::thread([this, &l = *lane] { run(l); });
  }
}

void Load::run(Lane& lane) {
  while (!stop_) {
    for (; lane.to_submit > 0 && feeding_; --lane.to_submit) submit(lane);
    Millis wait = 100_ms;
    if (settings_.outstanding == 0 && feeding_ && lane.node == 0) {
      const Nanos now = nanos_now();
      if (now >= next_at_) {
        next_at_ = next_at_ + settings_.every;
        submit(lane);
      }
      wait = Millis{std::max<Nanos>(0, (next_at_ - nanos_now()) / 1'000'000)};
    }
    (void)lane.client->poll(wait);
  }
}

void Load::submit(Lane& lane) {
  Request r;
  r.key.legal_entity = {1};
  r.key.authority = "bench";
  r.key.number = std::to_string(number_) + "-" + std::to_string(lane.node) + "-" +
                 std::to_string(lane.serial++);
  r.establishment = {1};
  r.modality = Modality::ct;
  r.asked = settings_.urgency;
  r.procedure = "ACQK001^TDM^CCAM";
  r.sealed.assign(200, 'x');
  r.protocol = "CT v1";
  r.images_complete = true;
  r.images = 400;
  const Nanos begun = nanos_now();
  const std::string number = r.key.number;
  {
    const std::lock_guard lock(mutex_);
    begun_.emplace(number, begun);
  }
  ++submitted_;
  Submit command;
  command.requests.push_back(std::move(r));
  command.message_id = number;
  Session& session = *lane.producers[lane.next_producer++ % lane.producers.size()];
  session.send(std::move(command), [&lane, begun, number](const Answer& answer) {
    if (lane.looker) lane.looker->done(number);
    const std::lock_guard lock(lane.mutex);
    if (answer.code == Errc::ok) {
      ++lane.totals.acked;
      lane.totals.submit.values.push_back(nanos_now() - begun);
    } else {
      ++lane.totals.refused;
    }
  });
}

void Load::on_event(Lane& lane, Session& session, const Event& event) {
  if (event.kind != EventKind::read_accepted || !event.card) return;
  const Nanos now = nanos_now();
  Nanos begun = 0;  // 0: not ours, it waited before
  {
    const std::lock_guard lock(mutex_);
    const auto at = begun_.find(event.card->placer_order);
    if (at != begun_.end()) begun = at->second;
    const auto [known, fresh] = assigned_.emplace(event.exam.value, event.epoch.index);
    if (!fresh && known->second == event.epoch.index) return;  // the view after a reconnection
    if (!fresh) {
      ++doubles_;
      known->second = event.epoch.index;
    }
    longest_gap_ = std::max(longest_gap_, now - last_assignment_);
    last_assignment_ = now;
  }
  {
    const std::lock_guard lock(lane.mutex);
    ++lane.totals.assigned;
    if (begun != 0) lane.totals.offer.values.push_back(now - begun);
  }
  Sign sign;
  sign.exam = event.exam;
  sign.epoch = event.epoch;
  sign.report = {client::draw_id()};
  sign.text = "conclusion";
  session.send(std::move(sign),
               [this, &lane, begun, number = event.card->placer_order](const Answer& answer) {
                 if (lane.looker) lane.looker->done(number);
                 if (answer.code == Errc::ok) {
                   ++completed_;
                   const std::lock_guard lock(lane.mutex);
                   ++lane.totals.completed;
                   if (begun != 0) lane.totals.cycle.values.push_back(nanos_now() - begun);
                 }
                 {
                   const std::lock_guard lock(mutex_);
                   begun_.erase(number);
                 }
                 if (settings_.outstanding > 0) ++lane.to_submit;
               });
}

bool Load::drain(Millis patience) {
  feeding_ = false;
  const Nanos end = nanos_now() + patience.value * 1'000'000;
  while (nanos_now() < end) {
    if (completed_ >= submitted_) return true;
    pause_for(5_ms);
  }
  return completed_ >= submitted_;
}

bool Load::fill(int count, int window, Millis patience) {
  const Nanos end = nanos_now() + patience.value * 1'000'000;
  int sent = 0;
  const auto acked = [&] {
    std::uint64_t n = 0;
    for (auto& lane : lanes_) n += lane->totals.acked + lane->totals.refused;
    return static_cast<int>(n);
  };
  const int before = acked();
  while (acked() - before < count) {
    if (nanos_now() > end) return false;
    while (sent < count && sent - (acked() - before) < window) {
      submit(*lanes_[static_cast<std::size_t>(sent) % lanes_.size()]);
      ++sent;
    }
    for (auto& lane : lanes_) (void)lane->client->poll(0_ms);
  }
  return true;
}

void Load::end() {
  stop_ = true;
  for (auto& lane : lanes_) {
    if (lane->thread.joinable()) lane->thread.join();
  }
}

void Load::leave(Millis patience) {
  end();
  std::size_t waiting = 0;
  for (auto& lane : lanes_) {
    for (const auto& sessions : {lane->producers, lane->readers}) {
      for (Session* session : sessions) {
        session->send(Detach{}, [&waiting](const Answer&) { --waiting; });
        ++waiting;
      }
    }
  }
  const Nanos until = nanos_now() + patience.value * 1'000'000;
  while (waiting > 0 && nanos_now() < until) {
    for (auto& lane : lanes_) (void)lane->client->poll(1_ms);
  }
  lanes_.clear();
}

Totals Load::totals() {
  Totals all;
  for (auto& lane : lanes_) {
    const std::lock_guard lock(lane->mutex);
    const Totals& t = lane->totals;
    all.acked += t.acked;
    all.assigned += t.assigned;
    all.completed += t.completed;
    all.refused += t.refused;
    const auto add = [](Samples& to, const Samples& from) {
      to.values.insert(to.values.end(), from.values.begin(), from.values.end());
    };
    add(all.submit, t.submit);
    add(all.offer, t.offer);
    add(all.cycle, t.cycle);
  }
  all.submitted = submitted_;
  const std::lock_guard lock(mutex_);
  all.longest_gap = std::max(longest_gap_, nanos_now() - last_assignment_);
  all.doubles = doubles_;
  return all;
}

void Load::forget_samples() {
  for (auto& lane : lanes_) {
    const std::lock_guard lock(lane->mutex);
    lane->totals.submit = lane->totals.offer = lane->totals.cycle = {};
  }
  const std::lock_guard lock(mutex_);
  longest_gap_ = 0;
  last_assignment_ = nanos_now();
}

}  // namespace vigie::bench
