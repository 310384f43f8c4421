// vigie-bench: measures real nodes, as ops/docs/benchmarks.md describes.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>

#include "tests/bench/footprint.hpp"
#include "tests/bench/load.hpp"
#include "tests/bench/traffic.hpp"

namespace {

using namespace vigie;
using namespace vigie::bench;
using Json = nlohmann::ordered_json;

struct Options {
  int nodes = 3, outstanding = 64, backlog = 0, rounds = 20;
  double seconds = 5, warm_up = 1;
  std::string dir = "/var/tmp", history, directory;
  bool json = false;
};

Millis ms_of(double seconds) { return {static_cast<std::int64_t>(seconds * 1000)}; }

std::filesystem::path beside(const char* program) {
  char self[4096];
  const ssize_t size = ::readlink("/proc/self/exe", self, sizeof self);
  return std::filesystem::path(std::string(self, static_cast<std::size_t>(size))).parent_path() /
         program;
}

Json quantiles(Samples& s) { return {{"p50", s.ms(0.5)}, {"p99", s.ms(0.99)}}; }

int fail(const std::string& what) {
  std::fprintf(stderr, "vigie-bench: %s\n", what.c_str());
  return 1;
}

void print(const Options& o, const Json& row) {
  if (o.json) {
    std::printf("%s\n", row.dump().c_str());
    return;
  }
  for (const auto& [key, value] : row.items()) {
    std::printf("%-18s %s\n", key.c_str(), value.dump().c_str());
  }
}

double own_cpu() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}

Json measure(Federation& f, Load& load, const Options& o) {
  pause_for(ms_of(o.warm_up));
  load.forget_samples();
  const std::uint64_t before = load.completed();
  const Nanos begun = nanos_now();
  const double cpu = f.cost().cpu_s, driver = own_cpu();
  pause_for(ms_of(o.seconds));
  const double seconds = static_cast<double>(nanos_now() - begun) / 1e9;
  const auto cycles = static_cast<double>(load.completed() - before);
  const double cpu_us = (f.cost().cpu_s - cpu) * 1e6, driver_us = (own_cpu() - driver) * 1e6;
  const Nanos longest_gap = load.totals().longest_gap;
  const bool drained = load.drain(20_s);
  load.end();
  Totals t = load.totals();
  const double rss = f.cost().rss_mb;
  return {{"cycles_per_s", cycles / seconds},
          {"submit_ms", quantiles(t.submit)},
          {"offer_ms", quantiles(t.offer)},
          {"cycle_ms", quantiles(t.cycle)},
          {"longest_gap_ms", static_cast<double>(longest_gap) / 1e6},
          {"rss_mb", rss},
          {"cpu_us_per_cycle", cpu_us / std::max(cycles, 1.0)},
          {"driver_us_per_cycle", driver_us / std::max(cycles, 1.0)},
          {"acked", t.acked},
          {"completed", t.completed},
          {"refused", t.refused},
          {"lost", t.acked - std::min(t.acked, t.completed)},
          {"doubles", t.doubles},
          {"drained", drained}};
}

int dispatch(const Options& o) {
  auto f = Federation::make(o.dir, beside("vigied"), o.nodes, o.directory);
  if (!f) return fail(f.error().what);
  (*f)->start_all();
  if (o.backlog > 0) {
    LoadSettings nobody;
    nobody.outstanding = 3;
    nobody.readers = -1;
    nobody.urgency = Urgency::p3;
    Load filler(**f, nobody);
    if (!filler.connect(15_s)) return fail("no connection");
    if (!filler.fill(o.backlog, 2000, 600_s)) return fail("backlog not filled");
  }
  LoadSettings settings;
  settings.outstanding = o.outstanding;
  settings.history_dir = o.history;
  if (o.backlog > 0) settings.urgency = Urgency::p1;
  Load load(**f, settings);
  if (!load.connect(15_s)) return fail("clients could not attach within 15 s");
  load.begin();
  Json row = {{"test", "dispatch"},
              {"nodes", o.nodes},
              {"outstanding", o.outstanding},
              {"backlog", o.backlog},
              {"establishments", (*f)->directory().establishments.size()}};
  row.update(measure(**f, load, o));
  print(o, row);
  return row["lost"] == 0 && row["doubles"] == 0 ? 0 : 1;
}

int push(const Options& o) {
  auto f = Federation::make(o.dir, beside("vigied"), o.nodes);
  if (!f) return fail(f.error().what);
  (*f)->start_all();
  LoadSettings settings;
  settings.outstanding = 0;
  settings.every = 15'000'000;
  settings.readers = 3;
  Load load(**f, settings);
  if (!load.connect(15_s)) return fail("clients could not attach within 15 s");
  load.begin();
  Json row = {{"test", "push"}, {"nodes", o.nodes}, {"every_ms", 15}};
  row.update(measure(**f, load, o));
  print(o, row);
  return row["lost"] == 0 && row["doubles"] == 0 ? 0 : 1;
}

int leader_of(const Federation& f) {
  auto options = client::options_from(f.client(0, true));
  if (!options) return -1;
  auto client = client::Client::make(std::move(*options));
  if (!client) return -1;
  std::string leader;
  bool answered = false;
  (*client)->query(QueryKind::status, "", [&](const QueryReply& reply) {
    answered = true;
    const Json status = Json::parse(reply.json, nullptr, false);
    if (status.is_object()) leader = status["sites"][0].value("leader", "");
  });
  (*client)->poll_until([&] { return answered; }, 5_s);
  for (int n = 0; n < f.nodes(); ++n) {
    if (f.name(n) == leader) return n;
  }
  return -1;
}

/// kill -9 of the leader under 100 exams a second, `rounds` times: the longest gap without an
/// assignment, and what was lost.
int failover(const Options& o, int signal) {
  auto f = Federation::make(o.dir, beside("vigied"), 3);
  if (!f) return fail(f.error().what);
  (*f)->start_all();
  LoadSettings settings;
  settings.outstanding = 0;
  settings.every = 10'000'000;
  settings.readers = 9;
  settings.failover = true;
  settings.looks = true;
  settings.history_dir = o.history;
  Load load(**f, settings);
  if (!load.connect(15_s)) return fail("clients could not attach within 15 s");
  load.begin();
  Json gaps = Json::array();
  Samples all;
  for (int round = 0; round < o.rounds; ++round) {
    pause_for(1500_ms);
    const int leader = leader_of(**f);
    if (leader < 0) return fail("no leader found");
    load.forget_samples();
    if (signal == SIGKILL) {
      (*f)->kill(leader);
    } else {
      (*f)->signal(leader, signal);
    }
    pause_for(3_s);
    const Nanos gap = load.totals().longest_gap;
    gaps.push_back(static_cast<double>(gap) / 1e6);
    all.values.push_back(gap);
    std::fprintf(stderr, "round %d: killed %s, longest gap %.0f ms\n", round + 1,
                 (*f)->name(leader).c_str(), static_cast<double>(gap) / 1e6);
    if (signal == SIGKILL) {
      (void)(*f)->start(leader);
    } else {
      (*f)->signal(leader, SIGCONT);
    }
  }
  pause_for(1_s);
  const bool drained = load.drain(70_s);
  load.end();
  Totals t = load.totals();
  const Json row = {{"test", "failover"},
                    {"rounds", o.rounds},
                    {"gap_ms", {{"median", all.ms(0.5)}, {"max", all.ms(1.0)}}},
                    {"gaps_ms", gaps},
                    {"acked", t.acked},
                    {"completed", t.completed},
                    {"lost", t.acked - std::min(t.acked, t.completed)},
                    {"doubles", t.doubles},
                    {"drained", drained},
                    {"folder", o.history.empty() ? "" : (*f)->folder().string()}};
  print(o, row);
  if (!o.history.empty()) {
    (*f)->stop_all();
    (*f)->keep();
  }
  return row["lost"] == 0 && row["doubles"] == 0 ? 0 : 1;
}

int footprint(const Options& o) {
  auto f = Federation::make(o.dir, beside("vigied"), o.nodes);
  if (!f) return fail(f.error().what);
  const auto row = vigie::bench::footprint(**f, o.backlog);
  if (!row) return fail(row.error().what);
  print(o, *row);
  return 0;
}

volatile std::sig_atomic_t stop_load = 0;

int traffic(TrafficSettings settings) {
  for (const int number : {SIGTERM, SIGINT}) std::signal(number, [](int) { stop_load = 1; });
  auto traffic = Traffic::make(std::move(settings));
  if (!traffic) return fail(traffic.error().what);
  const auto ran = (*traffic)->run(stop_load);
  std::printf("%s\n", (*traffic)->totals().dump().c_str());
  return ran ? 0 : fail(ran.error().what);
}

void add_load(CLI::App& app, TrafficSettings& t, int& code) {
  auto* verb = app.add_subcommand(
      "load",
      "one concentrator's steady load on a federation that runs: exams go in, are read, signed, "
      "whatever happens to the nodes. SIGTERM: no new ones. Prints what became of them, as JSON");
  verb->add_option("--client", t.client, "the concentrator's client file")->required();
  verb->add_option("--name", t.name, "of the client, in its history")->required();
  verb->add_option("--history", t.history, "file to append to");
  verb->add_option("--site", t.site.value, "number of the centre where its readers sit")
      ->required();
  verb->add_option("--first", t.first, "its first reader among the centre's extra readers")
      ->required();
  verb->add_option("--readers", t.readers, "how many")->capture_default_str();
  verb->add_option("--rate", t.rate, "exams a second")
      ->check(CLI::Range(0.01, 1000.0))
      ->capture_default_str();
  verb->add_option("--seconds", t.seconds, "how long new exams go in")->capture_default_str();
  verb->add_option("--patience", t.patience, "seconds for those under way then")
      ->capture_default_str();
  verb->callback([&] { code = traffic(t); });
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app{"Measures Vigie with real nodes: CURVE on, every write synced, data on a disk.",
               "vigie-bench"};
  app.require_subcommand(1);
  int code = 0;
  const auto common = [&](CLI::App* verb) {
    verb->add_option("--nodes", o.nodes, "centres, 1 to 3")->check(CLI::Range(1, 3));
    verb->add_option("--seconds", o.seconds, "measured, after a warm-up of one second");
    verb->add_option("--dir", o.dir, "folder on a real disk for the nodes' data");
    verb->add_option("--history", o.history, "folder for the clients' histories");
    verb->add_flag("--json", o.json, "one JSON object on standard output");
    return verb;
  };
  auto* d = common(app.add_subcommand("dispatch",
                                      "dispatch cycles per second: request committed, "
                                      "assigned to one waiting reader, report committed"));
  d->add_option("--outstanding,-C", o.outstanding, "exams under way at a time")
      ->check(CLI::Range(1, 700));
  d->add_option("--backlog", o.backlog, "exams that wait behind, read by nobody");
  d->add_option("--directory", o.directory,
                "file whose hospitals, people and agreements the directory has too, such as "
                "config/samples/federation-8/directory.toml");
  d->callback([&] { code = dispatch(o); });
  auto* p =
      common(app.add_subcommand("push", "a lone exam each 15 ms: submitted to in a reader's hand"));
  p->callback([&] { code = push(o); });
  auto* w = common(app.add_subcommand(
      "footprint",
      "memory, disk, idle processor, cold start, restart after kill -9 of all, an urgent exam "
      "behind a backlog"));
  w->add_option("--backlog", o.backlog, "exams that wait (default 100000)")->default_str("100000");
  w->callback([&] {
    if (w->get_option("--backlog")->empty()) o.backlog = 100'000;
    code = footprint(o);
  });
  auto* k =
      common(app.add_subcommand("failover", "kill -9 of the leader under 100 exams a second"));
  k->add_option("--rounds", o.rounds, "kills");
  k->callback([&] { code = failover(o, SIGKILL); });
  auto* z = common(app.add_subcommand("freeze", "the same with SIGSTOP"));
  z->add_option("--rounds", o.rounds, "freezes");
  z->callback([&] { code = failover(o, SIGSTOP); });
  TrafficSettings load;
  add_load(app, load, code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  return code;
}
