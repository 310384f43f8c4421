// What regulate, acquire and read share: one client a thread, a flag-driven end, lines about what
// happened.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "nodes/vigie/cli.hpp"

namespace vigie::cli {

/// How long, how many, how fast; for --auto.
struct DeskFlags {
  std::vector<std::string> people;
  bool automatic = false;
  double seconds = 0;  ///< of the exam's reading, acquiring, regulating
  double run_seconds = 0;
  int count = 0;  ///< done, by all together; 0: no end
  bool accept_at_once = false;
  std::string post;
};

/// A word of a desk, as `aide` explains it.
struct Help {
  std::string word, meaning;  ///< "prendre N", "la demande est à vous"
};

/// One person (or concentrator) at work, in a thread of its own.
class DeskWorker {
 public:
  DeskWorker(const Globals& globals, const DeskFlags& flags, Place place)
      : globals_(globals), flags_(flags), place_(std::move(place)) {}
  virtual ~DeskWorker() = default;
  DeskWorker(const DeskWorker&) = delete;
  DeskWorker& operator=(const DeskWorker&) = delete;

  /// Connects, opens, works until the end; the exit code.
  int run();

 protected:
  /// Opens the sessions.
  virtual Result<void> begin() = 0;
  /// Called often: what is due, and in interactive work what was typed.
  virtual void work(BootTime now) = 0;
  virtual void typed(const std::string&) {}
  /// The words that typed() knows.
  virtual std::vector<Help> help() const { return {}; }
  /// What who leaves now leaves behind, in words; empty: nothing. `quitter` is asked twice then.
  virtual std::string left_behind() const { return {}; }
  /// Gives everything back.
  virtual void end() {}

  /// A line: {"op": op, "who": name, ...more}.
  void say(const std::string& op, Json more, const std::string& text) const;
  /// What was typed is not done, and what would be.
  void say_usage(const std::string& text) const { say("usage", {{"text", text}}, text); }
  void refused(const Command& command, const Answer& answer) const;
  /// What the desk knows, in a line; and that it does not know `line`, when something was typed.
  void say_words(const std::string& line = {}) const;
  /// @param otherwise Hears what went wrong, in words; without it that is told.
  void look_up(QueryKind kind, const std::string& argument,
               std::function<void(const Json& reply)> then,
               std::function<void(const std::string& wrong)> otherwise = {});
  /// Sends it and says what became of it; `then` hears whether it was done.
  void carry_out(client::Session& session, Command command,
                 std::function<void(bool done)> then = {}) const;
  /// The late report of exam `number` counts from now on, or is only kept (T16b).
  void settle_late(client::Session& session, const std::string& number, bool adopt,
                   std::function<void(bool done)> then = {});
  /// Waits until the room knows, for a moment.
  void detach(client::Session& session);
  /// Sends what was typed, or tells what is wrong with it.
  void obey(client::Session& session, Result<Command> typed) const;
  client::SessionHandler handler();
  client::SessionWish wish(Role role, Desk desk) const;
  void done_one() const;
  /// With --count: what is under way is the last.
  bool is_last_one() const;

  const Globals& globals_;
  const DeskFlags& flags_;
  Place place_;
  std::unique_ptr<client::Client> client_;
  bool quit_ = false;
  bool lost_ = false;
  int lost_code_ = try_again;

 private:
  /// Words that every desk knows.
  bool typed_anywhere(const std::string& line);
  void leave();

  bool is_leaving_ = false;  ///< he was told what he leaves behind
};

/// Runs all in threads of their own until the flags' end or a signal. @return the worst exit code
int run_all(const DeskFlags& flags, std::vector<std::unique_ptr<DeskWorker>> workers);

/// --person NAME..., else with --auto everybody of `role`, else the first.
Result<std::vector<Place>> choose_people(const Globals& globals, const DeskFlags& flags, Role role);

/// The flags that the three have in common.
void add_desk_flags(CLI::App& verb, DeskFlags& flags);

}  // namespace vigie::cli
