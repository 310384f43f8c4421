// What a client sent and was told, as lines of JSON: evidence for the independent checker
// (tests/verify). ops/docs/format-history.md is the reference of the lines. Ids, hashes and codes
// only: neither report texts nor anything of a patient.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/types/command.hpp"
#include "messages/types/event.hpp"
#include "messages/types/result.hpp"
#include "messages/types/wire.hpp"

namespace vigie::client {

/// Appends to one file; without a file it does nothing. One thread.
class History {
 public:
  History() = default;
  History(History&& other) noexcept;
  History& operator=(History&& other) noexcept;
  ~History();

  /// Opens `path` for appending. @param client Names this client in every line.
  /// @errors Errc::io_error: names the path and the system's reason.
  static Result<History> open(const std::string& path, std::string_view client);

  bool is_on() const { return fd_ >= 0; }

  void connected(BootTime t, std::string_view site, BootCount boot);
  void disconnected(BootTime t, std::string_view site, std::string_view why);
  /// A request, before it is sent; `attempt` 2, 3, ... when it is sent again with its number.
  void invoke(BootTime t, SessionId session, Incarnation incarnation, RequestNo request,
              const Command& command, int attempt);
  void answer(BootTime t, SessionId session, Incarnation incarnation, const Answer& answer,
              std::string_view command);
  void event(BootTime t, SessionId session, const Event& event);
  /// The events up to `to` were not kept; what follows is the view.
  void gap(BootTime t, SessionId session, LogIndex from, LogIndex to);
  void lease(BootTime t, SessionId session, Incarnation incarnation, Errc code, BootTime until);
  /// A question about the room, before it is sent, each time.
  void query(BootTime t, const Query& query);
  /// The whole reply to it, its pieces joined.
  void reply(BootTime t, const Query& query, const QueryReply& reply);

  /// Hands the lines gathered so far to the system. Called before a frame goes out, so that
  /// whatever was sent is on record. @errors Errc::io_error: the evidence is incomplete.
  Result<void> flush();

 private:
  void begin(BootTime t, std::string_view op);
  void key(std::string_view name);
  void text(std::string_view name, std::string_view value);
  void number(std::string_view name, std::uint64_t value);
  void signed_number(std::string_view name, std::int64_t value);
  void hex(std::string_view name, std::uint64_t value);
  void epoch(const Epoch& value);
  void end() { lines_ += "}\n"; }
  void quoted(std::string_view value);
  friend struct CommandFields;

  int fd_ = -1;
  std::string client_;  ///< as JSON
  std::string lines_;
};

/// FNV-1a, 64 bits: how histories name a report's text.
std::uint64_t text_hash(std::string_view text);

}  // namespace vigie::client
