#include "tests/sim/report.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

#include "messages/types/exam_number.hpp"
#include "ops/telemetry/log.hpp"

namespace vigie::sim {
namespace {

using Number = unsigned long long;

double seconds_of(Time t) { return static_cast<double>(t) / second; }

Time at_percent(std::vector<Time> all, std::size_t percent) {
  if (all.empty()) return 0;
  std::sort(all.begin(), all.end());
  return all[std::min(all.size() - 1, all.size() * percent / 100)];
}

/// Of the tree that one stands in.
const std::string& commit() {
  static const std::string name = [] {
    char text[64] = {};
    std::FILE* git = popen("git rev-parse --short HEAD 2>/dev/null", "r");
    if (git && !std::fgets(text, sizeof text, git)) text[0] = 0;
    if (git) pclose(git);
    const std::string found(text, std::strcspn(text, "\n"));
    return found.empty() ? std::string("unknown") : found;
  }();
  return name;
}

std::string abort_text;

void on_abort(int) {
  // Async-signal-safe: the text was made before.
  [[maybe_unused]] auto n = write(STDOUT_FILENO, abort_text.data(), abort_text.size());
  LogKeeper::show_tail();
  _exit(1);
}

}  // namespace

std::string ranges(const std::set<std::uint32_t>& numbers) {
  std::string text;
  for (auto at = numbers.begin(); at != numbers.end();) {
    const std::uint32_t first = *at;
    std::uint32_t last = first;
    while (++at != numbers.end() && *at == last + 1) ++last;
    text += (text.empty() ? "" : ",") + std::to_string(first);
    if (last > first) text += "-" + std::to_string(last);
  }
  return text;
}

std::set<std::uint32_t> numbers_of(const std::string& text) {
  std::set<std::uint32_t> numbers;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string part = text.substr(at, end - at);
    const std::size_t dash = part.find('-');
    const auto first = static_cast<std::uint32_t>(std::stoul(part));
    const auto last = dash == std::string::npos
                          ? first
                          : static_cast<std::uint32_t>(std::stoul(part.substr(dash + 1)));
    for (std::uint32_t n = first; n <= last; ++n) numbers.insert(n);
    at = end + 1;
  }
  return numbers;
}

std::string replay_command(const Options& o) {
  char hours[32];
  std::snprintf(hours, sizeof hours, "%.9g", static_cast<double>(o.faults_for) / (60 * minute));
  std::string command = "vigie-sim --seed " + std::to_string(o.seed) + " --profile " +
                        std::string(o.profile.name) + " --sites " + std::to_string(o.sites) +
                        " --hours " + hours;
  if (o.leader_kills_only) command += " --leader-kills";
  if (!o.without.empty()) command += " --without " + ranges(o.without);
  return command;
}

void print_run(const Options& o, const Outcome& r) {
  std::printf(
      "seed=%llu commit=%s profile=%s sites=%d violations=%zu faults=%llu operations=%llu "
      "judged=%llu reads=%llu entries=%llu exams=%llu offers=%llu reports=%llu late=%llu "
      "closed=%llu "
      "restarts=%llu leaders=%llu gap_p50=%.2fs gap_max=%.2fs simulated=%.0fs factor=%.0f "
      "hash=%016llx\n",
      Number{r.seed}, commit().c_str(), std::string(o.profile.name).c_str(), o.sites,
      r.violations.size(), Number{r.fault_count()}, Number{r.operations}, Number{r.judged},
      Number{r.reads}, Number{r.entries}, Number{r.exams.exams}, Number{r.exams.offers},
      Number{r.exams.reports}, Number{r.exams.late}, Number{r.exams.closed}, Number{r.restarts},
      Number{r.failovers}, seconds_of(at_percent(r.gaps, 50)), seconds_of(at_percent(r.gaps, 100)),
      seconds_of(r.simulated), r.factor(), Number{r.hash});
  std::fflush(stdout);
}

void print_violations(const Options& o, const Outcome& r) {
  for (const Violation& v : r.violations) {
    std::printf("VIOLATION %s: %s index=%llu exam=%llu site=%u t=%.6fs\n", v.invariant.c_str(),
                v.what.c_str(), Number{v.index.value}, Number{v.exam.value}, v.site.value,
                seconds_of(v.at));
  }
  std::printf("replay: %s --trace /tmp/trace\n", replay_command(o).c_str());
  std::fflush(stdout);
}

void Totals::add(const Outcome& r) {
  ++runs_;
  failed_ += !r.violations.empty();
  operations_ += r.operations;
  judged_ += r.judged;
  reads_ += r.reads;
  events_ += r.events;
  restarts_ += r.restarts;
  failovers_ += r.failovers;
  lost_ += r.lost;
  doubled_ += r.doubled;
  overtaken_ += r.overtaken;
  exams_ += r.exams.exams;
  offers_ += r.exams.offers;
  reports_ += r.exams.reports;
  late_ += r.exams.late;
  closed_ += r.exams.closed;
  simulated_ += r.simulated;
  wall_ += r.wall_seconds;
  floors_.add(r);
  gaps_.insert(gaps_.end(), r.gaps.begin(), r.gaps.end());
}

void Totals::print() const {
  std::printf("runs=%llu with_violations=%llu simulated=%.2fh wall=%.1fs factor=%.0f\n",
              Number{runs_}, Number{failed_}, seconds_of(simulated_) / 3600, wall_,
              wall_ > 0 ? seconds_of(simulated_) / wall_ : 0.0);
  std::printf("operations=%llu per_simulated_second=%.2f judged=%llu reads=%llu events=%llu\n",
              Number{operations_},
              static_cast<double>(operations_) / std::max(1.0, seconds_of(simulated_)),
              Number{judged_}, Number{reads_}, Number{events_});
  std::printf(
      "exams=%llu offers=%llu reports=%llu late=%llu closed=%llu restarts=%llu leaders=%llu\n",
      Number{exams_}, Number{offers_}, Number{reports_}, Number{late_}, Number{closed_},
      Number{restarts_}, Number{failovers_});
  std::printf("gaps: count=%zu p50=%.2fs p99=%.2fs max=%.2fs\n", gaps_.size(),
              seconds_of(at_percent(gaps_, 50)), seconds_of(at_percent(gaps_, 99)),
              seconds_of(at_percent(gaps_, 100)));
  std::printf("frames: lost=%llu doubled=%llu overtaken=%llu\n", Number{lost_}, Number{doubled_},
              Number{overtaken_});
  std::printf("%s", floors_.table().c_str());
  std::fflush(stdout);
}

void tell_on_abort(const Options& options) {
  abort_text =
      "VIOLATION assertion: production code stopped itself\nreplay: " + replay_command(options) +
      "\n";
  signal(SIGABRT, on_abort);
  signal(SIGSEGV, on_abort);
}

LogKeeper::LogKeeper() {
  telemetry::start_log(telemetry::LogLevel::debug, "sim");
  real_ = dup(STDERR_FILENO);
  kept_ = memfd_create("vigie-sim-log", MFD_CLOEXEC);
  if (kept_ >= 0) dup2(kept_, STDERR_FILENO);
}

LogKeeper::~LogKeeper() {
  if (real_ >= 0) dup2(real_, STDERR_FILENO);
  if (kept_ >= 0) close(kept_);
  if (real_ >= 0) close(real_);
  kept_ = real_ = -1;
}

std::size_t LogKeeper::patients_found() {
  if (kept_ < 0) return 0;
  const off_t size = lseek(kept_, 0, SEEK_END);
  std::string all(static_cast<std::size_t>(std::max<off_t>(size, 0)), '\0');
  const ssize_t got = pread(kept_, all.data(), all.size(), 0);
  all.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (ftruncate(kept_, 0) == 0) lseek(kept_, 0, SEEK_SET);
  std::size_t found = 0;
  for (std::size_t at = all.find("CANARY"); at != std::string::npos;
       at = all.find("CANARY", at + 1)) {
    ++found;
  }
  for (std::size_t at = all.find("Dupont"); at != std::string::npos;
       at = all.find("Dupont", at + 1)) {
    ++found;
  }
  return found;
}

void LogKeeper::show_tail() {
  if (kept_ < 0 || real_ < 0) return;
  char tail[2000];
  const off_t size = lseek(kept_, 0, SEEK_END);
  const ssize_t got =
      pread(kept_, tail, sizeof tail, std::max<off_t>(0, size - off_t{sizeof tail}));
  if (got > 0) [[maybe_unused]]
    auto n = write(real_, tail, static_cast<std::size_t>(got));
}

}  // namespace vigie::sim
