#include "nodes/vigie/desk.hpp"

#include <atomic>
#include <iostream>
#include <thread>

namespace vigie::cli {
namespace {

std::atomic<int> done_count{0};
std::atomic<std::int64_t> end_at{0};

bool is_over(const DeskFlags& flags) {
  if (is_stopped()) return true;
  if (flags.count > 0 && done_count >= flags.count) return true;
  return end_at != 0 && client::boot_now().value >= end_at;
}

}  // namespace

int DeskWorker::run() {
  auto made = make_client(globals_, place_);
  if (!made) return complain(made.error());
  client_ = std::move(*made);
  client_->on_connection = [this](const client::ConnectionNews& news) {
    say(news.up ? "connected" : "disconnected", {{"site", news.site}, {"why", news.why}},
        news.up ? "connecté à " + news.site : news.site + " : " + news.why);
  };
  const auto up = [&] { return client_->is_connected() || is_over(flags_); };
  if (!client_->poll_until(up, Millis{1000} * globals_.patience_s)) {
    return complain({Errc::unreachable, "no centre answers:\n" + client_->trouble()});
  }
  if (const auto begun = begin(); !begun) return complain(begun.error());
  while (!is_over(flags_) && !quit_ && !lost_) {
    if (const auto polled = client_->poll(20_ms); !polled) return complain(polled.error());
    work(client_->now());
    if (flags_.automatic) continue;
    bool ended = false;
    while (const auto line = typed_line(ended)) typed(*line);
    quit_ |= ended;
  }
  if (!lost_) end();
  return lost_ ? try_again : Exit::ok;
}

void DeskWorker::say(const std::string& op, Json more, const std::string& text) const {
  Json row = {{"op", op}, {"who", place_.name}, {"t", client::boot_now().value}};
  if (more.is_object()) row.update(more);
  tell(globals_, row, place_.name + " : " + text);
}

void DeskWorker::refused(const std::string& what, ExamId exam, const Answer& answer) const {
  say("refused",
      {{"what", what},
       {"exam", place_.exam(exam)},
       {"code", errc_name(answer.code)},
       {"text", answer.text}},
      what + ' ' + place_.exam(exam) + " refusé : " + std::string(errc_info(answer.code).text));
}

void DeskWorker::carry_out(client::Session& session, Command command,
                           std::function<void(bool)> then) const {
  const std::string what(name_of(command));
  session.send(std::move(command), [this, what, then](const Answer& answer) {
    if (answer.code != Errc::ok) {
      refused(what, answer.exam, answer);
    } else {
      say(what, {{"exam", place_.exam(answer.exam)}, {"index", answer.index.value}},
          what + " : " + place_.exam(answer.exam));
    }
    if (then) then(answer.code == Errc::ok);
  });
}

void DeskWorker::done_one() const { ++done_count; }

bool DeskWorker::is_last_one() const { return flags_.count > 0 && done_count + 1 >= flags_.count; }

client::SessionWish DeskWorker::wish(Role role, Desk desk) const {
  client::SessionWish wish;
  wish.person = place_.client.person;
  wish.role = role;
  wish.site = place_.site_id(place_.client.site);
  wish.post = flags_.post.empty() ? place_.client.post : flags_.post;
  wish.desk = desk;
  return wish;
}

client::SessionHandler DeskWorker::handler() {
  client::SessionHandler handler;
  handler.attached = [this](client::Session& session, const Answer& answer) {
    say("attached",
        {{"session", to_hex(Bits128{0, session.id().value}).substr(16)},
         {"incarnation", session.incarnation().value},
         {"site", client_->welcome().site_name},
         {"exam", answer.exam ? place_.exam(answer.exam) : std::string()},
         {"index", answer.index.value}},
        "session ouverte par " + client_->welcome().site_name +
            (answer.exam ? ", examen en main " + place_.exam(answer.exam) : std::string()));
  };
  handler.lost = [this](client::Session&, const Answer& answer) {
    say("lost", {{"code", errc_name(answer.code)}, {"text", answer.text}},
        "session perdue : " + std::string(errc_info(answer.code).text) + ' ' + answer.text);
    lost_ = true;
  };
  return handler;
}

int run_all(const DeskFlags& flags, std::vector<std::unique_ptr<DeskWorker>> workers) {
  catch_signals();
  if (flags.run_seconds > 0) {
    end_at = client::boot_now().value + static_cast<std::int64_t>(flags.run_seconds * 1000);
  }
  std::vector<int> codes(workers.size(), Exit::ok);
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < workers.size(); ++i) {
    threads.emplace_back([&, i] { codes[i] = workers[i]->run(); });
  }
  if (!workers.empty()) codes[0] = workers[0]->run();
  threads.clear();
  return codes.empty() ? Exit::ok : *std::max_element(codes.begin(), codes.end());
}

Result<std::vector<Place>> choose_people(const Globals& globals, const DeskFlags& flags,
                                         Role role) {
  std::vector<Place> chosen;
  for (const std::string& who : flags.people) {
    auto place = place_of(globals, who);
    if (!place) return place.error();
    chosen.push_back(std::move(*place));
  }
  if (!chosen.empty()) return chosen;
  auto all = places_with(globals, role);
  if (!all) return all.error();
  if (!flags.automatic) all->resize(1);
  return all;
}

void add_desk_flags(CLI::App& verb, DeskFlags& flags) {
  verb.add_option("--person", flags.people,
                  "as whom: id or name, once for each (default: the first of DIR/people; with "
                  "--auto: all)");
  verb.add_flag("--auto", flags.automatic, "do it all by itself: for demonstrations and load");
  verb.add_option("--count", flags.count, "with --auto: stop after so many");
  verb.add_option("--seconds", flags.run_seconds, "stop after so many seconds");
  verb.add_option("--post", flags.post, "name of the post");
}

}  // namespace vigie::cli
