#include "tests/bench/traffic.hpp"

#include <algorithm>

#include "config/settings/client_file.hpp"

namespace vigie::bench {
namespace {

constexpr std::uint32_t extra_person = 10'000;  // + 1000 x site + number: `vigie init`
constexpr std::uint64_t regulated_every = 5;

Request request_of(const std::string& number, bool regulated) {
  Request r;
  r.key.legal_entity = {1};
  r.key.authority = "chaos";
  r.key.number = number;
  r.establishment = {1};
  r.modality = regulated ? Modality::ct : Modality::cr;
  r.asked = Urgency::p2;
  r.procedure = regulated ? "ACQK001^TDM^CCAM" : "ZBQK002^Thorax^CCAM";
  r.sealed.assign(200, 'x');
  if (!regulated) r.protocol = "THORAX-RX v1";
  r.images_complete = true;
  r.images = 2;
  return r;
}

}  // namespace

Result<std::unique_ptr<Traffic>> Traffic::make(TrafficSettings settings) {
  const auto file = settings::load_client(settings.client);
  if (!file) return file.error();
  auto options = client::options_from(*file);
  if (!options) return options.error();
  options->name = settings.name;
  options->history = settings.history.string();
  auto client = client::Client::make(std::move(*options));
  if (!client) return client.error();
  std::unique_ptr<Traffic> traffic(new Traffic(std::move(settings)));
  traffic->client_ = std::move(*client);
  traffic->looker_ = std::make_unique<Looker>(*traffic->client_);
  traffic->open_sessions();
  return traffic;
}

void Traffic::open_sessions() {
  client::SessionWish wish;
  wish.role = Role::gateway;
  producer_ = &client_->open(std::move(wish), {});
  for (int n = 0; n < settings_.readers; ++n) open_reader(n);
}

void Traffic::open_reader(int number) {
  const auto nth = settings_.first + static_cast<std::uint32_t>(number);
  client::SessionWish wish;
  wish.person = {extra_person + 1000u * settings_.site.value + nth};
  wish.role = Role::reader;
  wish.site = settings_.site;
  wish.post = std::to_string(nth);
  wish.accept = number % 4 == 0 ? AcceptMode::automatic : AcceptMode::manual;
  wish.desk = Desk::reader;
  client::SessionHandler handler;
  handler.event = [this](client::Session& s, const Event& e) { on_event(s, e); };
  handler.view = [this](client::Session& s, const std::vector<Event>& view) {
    for (const Event& e : view) on_event(s, e);
  };
  readers_.push_back(&client_->open(std::move(wish), std::move(handler)));
}

void Traffic::on_event(client::Session& session, const Event& event) {
  if (event.session != session.id()) return;
  if (event.kind == EventKind::read_offered) {
    session.send(AcceptOffer{event.exam, event.epoch});
    return;
  }
  if (event.kind != EventKind::read_accepted) return;
  const bool known = std::any_of(readings_.begin(), readings_.end(), [&](const Reading& r) {
    return r.exam == event.exam && r.epoch == event.epoch;
  });
  if (known) return;  // the view after a reconnection
  readings_.push_back({&session, event.card ? event.card->placer_order : "", event.exam,
                       event.epoch, client_->now() + settings_.reading});
}

void Traffic::sign_due(BootTime now) {
  while (!readings_.empty() && readings_.front().at <= now) {
    const Reading reading = readings_.front();
    readings_.pop_front();
    sign(reading);
  }
}

/// Signs whether it still holds the exam or not: it is the room's business to tell a late one.
void Traffic::sign(const Reading& reading) {
  Sign command;
  command.exam = reading.exam;
  command.epoch = reading.epoch;
  command.report = {client::draw_id()};
  command.text = "Conclusion : " + std::to_string(reading.exam.value);
  reading.session->send(std::move(command), [this, order = reading.order](const Answer& answer) {
    if (!order.empty()) looker_->done(order);
    if (answer.code == Errc::ok) ++signed_;
    if (answer.code == Errc::stale) ++late_;
  });
}

void Traffic::submit() {
  Submit command;
  const std::string number = settings_.name + '-' + std::to_string(serial_++);
  command.requests.push_back(request_of(number, serial_ % regulated_every == 0));
  command.message_id = number;
  ++submitted_;
  producer_->send(std::move(command), [this, number](const Answer& answer) {
    looker_->done(number);
    ++(answer.code == Errc::ok ? acked_ : refused_);
  });
}

std::size_t Traffic::unanswered() const {
  std::size_t count = producer_->unanswered();
  for (const client::Session* reader : readers_) count += reader->unanswered();
  return count;
}

Result<void> Traffic::run(const volatile std::sig_atomic_t& stop) {
  const auto ms = [](double seconds) { return Millis{static_cast<std::int64_t>(seconds * 1000)}; };
  const Millis every = ms(1 / settings_.rate);
  BootTime next = client_->now();
  BootTime feeding_ends = next + ms(settings_.seconds);
  BootTime quiet_since = next;
  while (true) {
    const BootTime now = client_->now();
    if (stop != 0) feeding_ends = std::min(feeding_ends, now);
    const bool feeding = now < feeding_ends;
    if (feeding && now >= next) {
      // What was missed while it stood still is not made up for.
      next = std::max(next + every, now - every);
      if (producer_->unanswered() < settings_.open_max) submit();
    }
    sign_due(now);
    if (feeding || unanswered() > 0 || !readings_.empty()) quiet_since = now;
    // Two quiet seconds: what others submitted may still come to these readers.
    if (!feeding && (quiet_since + 2_s < now || feeding_ends + ms(settings_.patience) < now)) break;
    const Millis wait =
        feeding ? Millis{std::clamp<std::int64_t>((next - now).value, 0, 50)} : 50_ms;
    if (auto polled = client_->poll(wait); !polled) return polled;
  }
  leave();
  return {};
}

/// Everybody goes home; what the room does not hear in time, the leases' ends tell it.
void Traffic::leave() {
  std::size_t waiting = readers_.size() + 1;
  for (client::Session* session : readers_) {
    session->send(Detach{}, [&waiting](const Answer&) { --waiting; });
  }
  producer_->send(Detach{}, [&waiting](const Answer&) { --waiting; });
  (void)client_->poll_until([&] { return waiting == 0; }, 5_s);
}

nlohmann::ordered_json Traffic::totals() const {
  return {{"client", settings_.name}, {"submitted", submitted_}, {"acked", acked_},
          {"refused", refused_},      {"signed", signed_},       {"late", late_},
          {"left", unanswered()}};
}

}  // namespace vigie::bench
