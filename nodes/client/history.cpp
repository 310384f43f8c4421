#include "nodes/client/history.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

#include "nodes/client/sight.hpp"

namespace vigie::client {

/// What of each command is evidence; the others have a name only.
struct CommandFields {
  History& out;

  template <class C>
  void operator()(const C& command) const {
    if constexpr (requires { command.exam.value; }) out.number("exam", command.exam.value);
    if constexpr (requires { command.exam.key; }) reference(command.exam);
    if constexpr (requires { command.epoch.index; }) out.epoch(command.epoch);
    if constexpr (requires { command.report.value; }) out.hex("report", command.report.value);
    if constexpr (
        requires { command.report.value; } && requires { command.text; }) {
      out.hex("text", text_hash(command.text));
    }
    if constexpr (requires { command.urgency; }) out.text("urgency", name_of(command.urgency));
  }
  void operator()(const Attach& command) const {
    out.number("person", command.person.value);
    out.text("role", name_of(command.role));
    out.number("site", command.site.value);
  }
  void operator()(const Submit& command) const {
    out.text("message", command.message_id);
    out.key("orders");
    out.lines_ += '[';
    for (const Request& r : command.requests) {
      if (out.lines_.back() != '[') out.lines_ += ',';
      order(r.key);
    }
    out.lines_ += ']';
  }
  void operator()(const ApplyDirectory& command) const {
    out.number("version", command.directory.version);
  }

 private:
  void reference(const ExamRef& ref) const {
    if (ref.id) return out.number("exam", ref.id.value);
    out.key("order");
    order(ref.key);
  }
  void order(const OrderKey& k) const {
    out.lines_ += '[' + std::to_string(k.legal_entity.value) + ',';
    out.quoted(k.authority);
    out.lines_ += ',';
    out.quoted(k.number);
    out.lines_ += ']';
  }
};

std::uint64_t text_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

History::History(History&& other) noexcept { *this = std::move(other); }

History& History::operator=(History&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(client_, other.client_);
  std::swap(lines_, other.lines_);
  return *this;
}

History::~History() {
  if (fd_ < 0) return;
  (void)flush();  // nobody is left to be told
  ::close(fd_);
}

Result<History> History::open(const std::string& path, std::string_view client) {
  History history;
  history.fd_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (history.fd_ < 0) {
    return Error{Errc::io_error, path + ": cannot append: " + std::strerror(errno)};
  }
  history.quoted(client);
  history.client_ = std::move(history.lines_);
  history.lines_.clear();
  return history;
}

void History::quoted(std::string_view value) {
  lines_ += '"';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '"' || byte == '\\') {
      (lines_ += '\\') += c;
    } else if (byte < 0x20) {
      constexpr std::string_view digits = "0123456789abcdef";
      ((lines_ += "\\u00") += digits[byte >> 4]) += digits[byte & 15];
    } else {
      lines_ += c;
    }
  }
  lines_ += '"';
}

void History::begin(BootTime t, std::string_view op) {
  lines_ += "{\"t\":" + std::to_string(t.value) + ",\"client\":" + client_ + ",\"op\":\"";
  (lines_ += op) += '"';
}

void History::key(std::string_view name) { ((lines_ += ",\"") += name) += "\":"; }

void History::text(std::string_view name, std::string_view value) {
  key(name);
  quoted(value);
}

void History::number(std::string_view name, std::uint64_t value) {
  key(name);
  char digits[20];
  lines_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void History::signed_number(std::string_view name, std::int64_t value) {
  key(name);
  lines_ += std::to_string(value);
}

void History::hex(std::string_view name, std::uint64_t value) {
  key(name);
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  lines_ += '"';
  lines_.append(static_cast<std::size_t>(digits + sizeof digits - end), '0');
  lines_.append(digits, end);
  lines_ += '"';
}

void History::epoch(const Epoch& value) {
  key("epoch");
  lines_ += '[' + std::to_string(value.origin) + ',' + std::to_string(value.index) + ']';
}

void History::connected(BootTime t, std::string_view site, BootCount boot) {
  if (!is_on()) return;
  begin(t, "connected");
  text("site", site);
  number("boot", boot.value);
  end();
}

void History::disconnected(BootTime t, std::string_view site, std::string_view why) {
  if (!is_on()) return;
  begin(t, "disconnected");
  text("site", site);
  text("why", why);
  end();
}

void History::invoke(BootTime t, SessionId session, Incarnation incarnation, RequestNo request,
                     const Command& command, int attempt) {
  if (!is_on()) return;
  begin(t, "invoke");
  hex("session", session.value);
  number("incarnation", incarnation.value);
  number("request", request.value);
  text("command", name_of(command));
  if (attempt > 1) number("attempt", static_cast<std::uint64_t>(attempt));
  std::visit(CommandFields{*this}, command);
  end();
}

void History::answer(BootTime t, SessionId session, Incarnation incarnation, const Answer& answer,
                     std::string_view command) {
  if (!is_on()) return;
  begin(t, "answer");
  hex("session", session.value);
  number("incarnation", incarnation.value);
  number("request", answer.request.value);
  text("command", command);
  text("code", errc_name(answer.code));
  number("index", answer.index.value);
  if (answer.exam) number("exam", answer.exam.value);
  if (answer.epoch.index != 0) epoch(answer.epoch);
  if (answer.duplicate) (key("duplicate"), lines_ += "true");
  if (answer.session) hex("attached", answer.session.value);
  if (answer.incarnation) number("as", answer.incarnation.value);
  if (answer.next) number("next", answer.next.value);
  if (!answer.exams.empty()) {
    key("exams");
    lines_ += '[';
    for (const ExamId exam : answer.exams) {
      if (lines_.back() != '[') lines_ += ',';
      lines_ += std::to_string(exam.value);
    }
    lines_ += ']';
  }
  end();
}

void History::event(BootTime t, SessionId session, const Event& event) {
  if (!is_on()) return;
  begin(t, "event");
  hex("session", session.value);
  text("kind", name_of(event.kind));
  number("index", event.index.value);
  signed_number("at", event.at.value);
  if (event.exam) number("exam", event.exam.value);
  if (event.epoch.index != 0) epoch(event.epoch);
  text("state", name_of(event.state));
  if (event.session) hex("whose", event.session.value);
  if (event.by) number("by", event.by.value);
  if (event.site) number("site", event.site.value);
  end();
}

void History::gap(BootTime t, SessionId session, LogIndex from, LogIndex to) {
  if (!is_on()) return;
  begin(t, "gap");
  hex("session", session.value);
  number("from", from.value);
  number("to", to.value);
  end();
}

void History::lease(BootTime t, SessionId session, Incarnation incarnation, Errc code,
                    BootTime until) {
  if (!is_on()) return;
  begin(t, "lease");
  hex("session", session.value);
  number("incarnation", incarnation.value);
  text("code", errc_name(code));
  signed_number("until", until.value);
  end();
}

void History::query(BootTime t, const Query& query) {
  if (!is_on()) return;
  begin(t, "query");
  number("query", query.query);
  text("kind", client::name_of(query.kind));
  if (!query.argument.empty()) text("argument", query.argument);
  number("seen", query.seen.value);
  if (query.linearizable) (key("linearizable"), lines_ += "true");
  end();
}

void History::reply(BootTime t, const Query& query, const QueryReply& reply) {
  if (!is_on()) return;
  const Sight sight = sight_of(query, reply);
  begin(t, "reply");
  number("query", query.query);
  text("code", errc_name(reply.code));
  number("as_of", reply.as_of.value);
  if (!sight.exams.empty()) {
    key("shown");
    lines_ += '[';
    for (const auto& [exam, state] : sight.exams) {
      if (lines_.back() != '[') lines_ += ',';
      (lines_ += '[' + std::to_string(exam.value)) += ',';
      quoted(vigie::name_of(state));
      lines_ += ']';
    }
    lines_ += ']';
  }
  if (sight.all) (key("all"), lines_ += "true");
  end();
}

Result<void> History::flush() {
  std::size_t done = 0;
  while (is_on() && done < lines_.size()) {
    const ssize_t n = ::write(fd_, lines_.data() + done, lines_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return Error{Errc::io_error, std::string("history: ") + std::strerror(errno)};
    done += static_cast<std::size_t>(n);
  }
  lines_.clear();
  return {};
}

}  // namespace vigie::client
