#include "nodes/vigie/desk.hpp"

#include <atomic>
#include <iostream>
#include <thread>

#include "messages/types/exam_number.hpp"
#include "nodes/vigie/exam_text.hpp"
#include "nodes/vigie/sayings.hpp"

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
    while (auto line = typed_line(ended)) {
      line->erase(0, line->find_first_not_of(" \t"));
      line->erase(line->find_last_not_of(" \t\r") + 1);
      if (!typed_anywhere(*line)) typed(*line);
    }
    quit_ |= ended;
  }
  if (!lost_) end();
  return lost_ ? lost_code_ : Exit::ok;
}

void DeskWorker::leave() {
  const std::string left = left_behind();
  if (left.empty() || is_leaving_) {
    quit_ = true;
    return;
  }
  is_leaving_ = true;
  say_usage(left + " (quitter encore : vous partez quand même)");
}

bool DeskWorker::typed_anywhere(const std::string& line) {
  const std::string word = line.substr(0, line.find(' '));
  const std::string rest = word.size() < line.size() ? line.substr(word.size() + 1) : "";
  if (word == "quitter") return leave(), true;
  is_leaving_ = false;
  if (word == "aide" || word == "help") {
    for (const Help& h : help()) say("help", {{"word", h.word}}, h.word + " : " + h.meaning);
    say("help", {{"word", "voir N"}},
        "voir N : tout ce qui est su d'un examen, ses comptes rendus");
    say("help", {{"word", "pourquoi N"}},
        "pourquoi N : qui le lit et pourquoi, ou ce qu'il attend");
    say("help", {{"word", "quitter"}},
        "quitter : fermer le bureau ; deux fois, si un examen est en main");
    return true;
  }
  if (word != "voir" && word != "pourquoi") return word.empty();
  if (rest.empty()) return say_usage(word + " N : de quel examen ?"), true;
  const bool all = word == "voir";
  look_up(all ? QueryKind::exam : QueryKind::why, rest, [this, all](const Json& row) {
    say("seen", row, all ? exam_text(row) : row.value("text", ""));
  });
  return true;
}

void DeskWorker::say_words(const std::string& line) const {
  std::string names;
  for (const Help& h : help()) {
    const std::string name = h.word.substr(0, h.word.find(' '));
    names += (names.empty() ? "" : " ") + name;
  }
  const std::string known = "mots : " + names + " voir pourquoi quitter (aide : ce qu'ils font)";
  const std::string word = line.substr(0, line.find(' '));
  const std::string text = word.empty() ? known : "mot inconnu : " + word + ". " + known;
  say_usage(text);
}

void DeskWorker::settle_late(client::Session& session, const std::string& number, bool adopt,
                             std::function<void(bool)> then) {
  const auto wrong = [this, then](const std::string& text) {
    say_usage(text);
    if (then) then(false);
  };
  if (number.empty()) return wrong("de quel examen ?");
  const auto settle = [this, &session, number, adopt, then, wrong](const Json& row) {
    const auto id = parse_exam_number(*place_.directory, row.value("exam", ""));
    for (const Json& report : row.value("reports", Json::array())) {
      if (!id || report.value("kind", "") != "late" || report.value("settled", true)) continue;
      const ReportId late{std::stoull(report.value("report", "0"))};
      return carry_out(session, SettleLate{*id, late, adopt}, then);
    }
    wrong(number + " : aucun compte rendu tardif n'attend");
  };
  look_up(QueryKind::exam, number, settle, wrong);
}

void DeskWorker::detach(client::Session& session) {
  const auto told = std::make_shared<bool>(false);  // the answer may come after the moment
  session.send(Detach{}, [told](const Answer&) { *told = true; });
  client_->poll_until([&] { return *told; }, 2_s);
}

void DeskWorker::look_up(QueryKind kind, const std::string& argument,
                         std::function<void(const Json&)> then,
                         std::function<void(const std::string&)> otherwise) {
  client_->query(kind, argument, [this, argument, then, otherwise](const QueryReply& reply) {
    const Json json = reply.code == Errc::ok ? Json::parse(reply.json, nullptr, false) : Json();
    if (json.is_object()) return then(json);
    const std::string text = argument + " : " + why_not(reply.code, {});
    if (otherwise) return otherwise(text);
    say_usage(text);
  });
}

void DeskWorker::say(const std::string& op, Json more, const std::string& text) const {
  Json row = {{"op", op}, {"who", place_.name}, {"t", client::boot_now().value}};
  if (more.is_object()) row.update(more);
  tell(globals_, row, place_.name + " : " + text);
}

void DeskWorker::refused(const Command& command, const Answer& answer) const {
  const ExamId exam = answer.exam ? answer.exam : exam_of(command);
  const std::string number = exam ? place_.exam(exam) : std::string();
  say("refused",
      {{"what", name_of(command)},
       {"exam", number},
       {"code", errc_name(answer.code)},
       {"text", answer.text}},
      (number.empty() ? "" : number + " : ") + said(command) +
          ", refusé : " + why_not(answer.code, answer.text));
}

void DeskWorker::carry_out(client::Session& session, Command command,
                           std::function<void(bool)> then) const {
  Command told = command;
  session.send(std::move(command), [this, told = std::move(told), then](const Answer& answer) {
    if (answer.code != Errc::ok) {
      refused(told, answer);
    } else {
      const ExamId exam = answer.exam ? answer.exam : exam_of(told);
      const std::string number = exam ? place_.exam(exam) : std::string();
      say(std::string(name_of(told)), {{"exam", number}, {"index", answer.index.value}},
          (number.empty() ? "" : number + " : ") + said(told));
    }
    if (then) then(answer.code == Errc::ok);
  });
}

void DeskWorker::obey(client::Session& session, Result<Command> typed) const {
  if (!typed) return say_usage(typed.error().what);
  carry_out(session, std::move(*typed));
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
        "session perdue : " + why_not(answer.code, answer.text));
    lost_ = true;
    lost_code_ = exit_code(answer.code) == no_permission ? no_permission : try_again;
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
