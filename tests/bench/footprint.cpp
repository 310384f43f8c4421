#include "tests/bench/footprint.hpp"

#include <cstdio>

#include "tests/bench/load.hpp"

namespace vigie::bench {
namespace {

using Json = nlohmann::ordered_json;

double seconds_since(Nanos begun) { return static_cast<double>(nanos_now() - begun) / 1e9; }

/// Progress, for whoever waits: this takes minutes.
void tell(const char* what, double figure) { std::fprintf(stderr, "%s: %.2f\n", what, figure); }

/// From now until a reader has an exam in hand.
Result<double> first_assignment(Federation& f, LoadSettings settings) {
  const Nanos begun = nanos_now();
  f.start_all();
  Load load(f, std::move(settings));
  if (!load.connect(60_s)) return Error{Errc::timeout, "clients could not attach within 60 s"};
  load.begin();
  while (load.totals().assigned == 0) {
    if (seconds_since(begun) > 120) return Error{Errc::timeout, "no assignment within 120 s"};
    pause_for(1_ms);
  }
  const double took = seconds_since(begun);
  load.drain(10_s);
  load.leave(5_s);
  return took;
}

/// Urgent exams one by one while the readers work off what waits.
Result<Json> urgent(Federation& f) {
  LoadSettings settings;
  settings.outstanding = 0;
  settings.every = 15'000'000;
  settings.readers = 9;
  settings.urgency = Urgency::p1;
  Load load(f, settings);
  if (!load.connect(60_s)) return Error{Errc::timeout, "clients could not attach within 60 s"};
  load.begin();
  pause_for(1_s);
  load.forget_samples();
  pause_for(5_s);
  Totals totals = load.totals();
  load.drain(10_s);
  load.leave(5_s);
  return Json{{"p50", totals.offer.ms(0.5)},
              {"p99", totals.offer.ms(0.99)},
              {"n", totals.offer.values.size()}};
}

}  // namespace

Result<Json> footprint(Federation& f, int backlog) {
  Json row = {{"test", "footprint"}, {"nodes", f.nodes()}, {"backlog", backlog}};
  LoadSettings one;
  one.outstanding = 1;
  const auto cold = first_assignment(f, one);
  if (!cold) return cold.error();
  row["cold_start_s"] = *cold;
  tell("cold start", *cold);
  pause_for(2_s);
  row["rss_idle_mb"] = f.cost().rss_mb;
  const double before = f.cost().cpu_s;
  pause_for(10_s);
  row["idle_cores"] = (f.cost().cpu_s - before) / 10;

  LoadSettings nobody;
  nobody.outstanding = 3;
  nobody.readers = -1;
  nobody.urgency = Urgency::p3;
  {
    Load filler(f, nobody);
    if (!filler.connect(15_s)) return Error{Errc::timeout, "no connection"};
    if (!filler.fill(backlog, 2000, 600_s)) return Error{Errc::timeout, "backlog not filled"};
    filler.leave(5_s);
  }
  tell("backlog filled, seconds since then", 0);
  pause_for(3_s);
  row["rss_backlog_mb"] = f.cost().rss_mb;
  row["disk_backlog_mb"] = f.disk_mb();
  const auto waited = urgent(f);
  if (!waited) return waited.error();
  row["urgent_ms"] = *waited;
  tell("urgent exams, how many", (*waited)["n"].get<double>());

  for (int n = 0; n < f.nodes(); ++n) f.kill(n);
  const auto again = first_assignment(f, one);
  if (!again) return again.error();
  row["restart_s"] = *again;
  tell("restart", *again);

  LoadSettings many;
  many.outstanding = 0;  // one exam to begin with, then only what waits
  many.every = 3'600'000'000'000;
  many.readers = 256;
  Load drainer(f, many);
  if (!drainer.connect(60_s)) return Error{Errc::timeout, "clients could not attach within 60 s"};
  drainer.begin();
  const Nanos begun = nanos_now();
  Nanos last = begun;
  for (std::uint64_t read = 0; seconds_since(last) < 3;) {  // nothing more: all is read
    pause_for(100_ms);
    if (drainer.completed() == read) continue;
    read = drainer.completed();
    last = nanos_now();
  }
  row["drained"] = drainer.completed();
  row["drained_per_s"] =
      static_cast<double>(drainer.completed()) * 1e9 / static_cast<double>(last - begun);
  drainer.leave(5_s);
  pause_for(5_s);
  row["disk_drained_mb"] = f.disk_mb();
  return row;
}

}  // namespace vigie::bench
