#include "tests/bench/looker.hpp"

namespace vigie::bench {
namespace {

constexpr int operations_per_look = 10;
constexpr Millis pause{1000};
constexpr Millis given_up{10'000};        // a question that a busy node dropped
constexpr std::uint64_t one_in_list = 8;  // what is being read, instead of one exam
constexpr std::uint64_t one_in_local = 4;

}  // namespace

void Looker::done(const std::string& order) {
  const BootTime now = client_.now();
  if (++operations_ < operations_per_look || now - asked_at_ < (waits_ ? given_up : pause)) return;
  operations_ = 0;
  asked_at_ = now;
  waits_ = true;
  const std::uint64_t look = looks_++;
  const bool list = look % one_in_list == one_in_list - 1;
  client_.query(
      list ? QueryKind::exams : QueryKind::exam,
      list ? std::string{name_of(ExamState::reading)} : order,
      [this, look](const QueryReply&) {
        if (look + 1 == looks_) waits_ = false;
      },
      look % one_in_local != one_in_local - 2);
}

}  // namespace vigie::bench
