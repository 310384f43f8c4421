#include "tests/verify/linear/history.hpp"

#include <utility>

namespace vigie::linear {
namespace {

std::uint64_t fnv(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ull;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  return hash;
}

/// Reads whatever a command has of what is recorded.
struct Reader {
  Said& out;

  template <class C>
  void operator()(const C& c) const {
    if constexpr (requires { c.exam.value; }) out.exam = c.exam;
    if constexpr (requires { c.exam.key; }) {
      out.exam = c.exam.id;
      if (!c.exam.id) out.orders = {c.exam.key};
    }
    if constexpr (requires { c.requests; }) {
      for (const Request& r : c.requests) out.orders.push_back(r.key);
    }
    if constexpr (requires { c.epoch.origin; }) out.epoch = c.epoch;
    if constexpr (requires { c.report.value; }) out.report = c.report;
    if constexpr (
        requires { c.report.value; } && requires { c.text; }) {
      out.text = fnv(c.text);
    }
  }
};

}  // namespace

Said said_by(const Command& command) {
  Said said;
  said.command = name_of(command);
  std::visit(Reader{said}, command);
  return said;
}

bool is_temporary(Errc code) {
  const auto number = static_cast<std::uint16_t>(code);
  return (number >= 50 && number < 70) || code == Errc::retry_from;
}

bool is_reply(Errc code) { return code == Errc::ok || code == Errc::unknown_exam; }

void Recorder::asked(std::string where, const RequestName& name, const Command& command,
                     std::int64_t t) {
  asked(std::move(where), name, said_by(command), t);
}

void Recorder::asked(std::string where, const RequestName& name, Said said, std::int64_t t) {
  const auto [at, fresh] = known_.emplace(name, history_.operations.size());
  if (!fresh && history_.operations[at->second].said == said) return;
  at->second = history_.operations.size();
  history_.operations.push_back({std::move(where), name, std::move(said), t, {}});
}

bool Recorder::told(const RequestName& name, Answer answer, std::int64_t t) {
  const auto at = known_.find(name);
  if (at == known_.end()) return false;
  history_.operations[at->second].replies.push_back({t, std::move(answer)});
  return true;
}

}  // namespace vigie::linear
