#include "tests/sim/night/figures.hpp"

#include <algorithm>
#include <cstdio>
#include <ostream>

#include "tests/sim/night/federation.hpp"

namespace vigie::night {
namespace {

double minutes(std::int64_t ms) { return static_cast<double>(ms) / 60'000; }

/// The smallest value that at least `percent` of the sorted values do not exceed.
double percentile(const std::vector<std::int64_t>& sorted, std::size_t percent) {
  if (sorted.empty()) return 0;
  const std::size_t rank = (sorted.size() * percent + 99) / 100;
  return minutes(sorted[std::max<std::size_t>(rank, 1) - 1]);
}

double mean(const std::vector<std::int64_t>& values) {
  double sum = 0;
  for (const std::int64_t v : values) sum += minutes(v);
  return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

template <class... Values>
std::string text(const char* format, Values... values) {
  char line[256];
  std::snprintf(line, sizeof line, format, values...);
  return line;
}

void print_waits(std::ostream& out, const char* name, const Waits& w) {
  out << text("  %-4s %7zu %9.1f %8.1f %8.1f %8.1f %9.2f %% %8.1f %8.1f\n", name, w.exams,
              w.wait_mean, w.wait_p50, w.wait_p99, w.wait_max, w.over_target_percent,
              w.turnaround_mean, w.turnaround_p90);
}

void append_waits(std::string& csv, const std::string& name, std::string_view urgency,
                  const Waits& w, const Figures& f) {
  csv += name + ',' + std::string(urgency);
  csv +=
      text(",%zu,%.3f,%.3f,%.3f,%.3f,%.4f,%.3f,%.3f,%d,%d,%.2f,%.2f\n", w.exams, w.wait_mean,
           w.wait_p50, w.wait_p99, w.wait_max, w.over_target_percent, w.turnaround_mean,
           w.turnaround_p90, f.readers_min, f.readers_max, f.reader_hours_per_day, f.busy_percent);
}

std::string clock_of(Millis at) {
  const long long s = at.value / 1000;
  return text("%lldT%02lld:%02lld:%02lld", s / 86'400, s / 3600 % 24, s / 60 % 60, s % 60);
}

}  // namespace

void Tally::add(const std::vector<Arrival>& load, int days, const GuardResult& result) {
  const auto home = homes(staffing_.centres);
  reads_by_centre_.resize(staffing_.centres.size());
  others_.resize(staffing_.centres.size());
  days_ += days;
  for (const Read& read : result.reads) {
    const Arrival& a = load[read.arrival];
    samples_[static_cast<std::size_t>(a.urgency)].push_back(
        {read.wait.value, (read.wait + a.read).value});
    read_hours_ += minutes(a.read.value) / 60;
    ++reads_by_centre_[read.centre];
    if (home[a.hospital] != read.centre) ++others_[read.centre];
  }
}

Waits Tally::waits_of(std::vector<Sample> samples, std::int64_t target) {
  Waits w;
  w.exams = samples.size();
  if (samples.empty()) return w;
  std::vector<std::int64_t> waits, turnarounds;
  for (const Sample& s : samples) {
    waits.push_back(s.wait);
    turnarounds.push_back(s.turnaround);
  }
  std::sort(waits.begin(), waits.end());
  std::sort(turnarounds.begin(), turnarounds.end());
  w.wait_mean = mean(waits);
  w.wait_p50 = percentile(waits, 50);
  w.wait_p99 = percentile(waits, 99);
  w.wait_max = minutes(waits.back());
  const auto over = waits.end() - std::upper_bound(waits.begin(), waits.end(), target);
  w.over_target_percent = 100.0 * static_cast<double>(over) / static_cast<double>(waits.size());
  w.turnaround_mean = mean(turnarounds);
  w.turnaround_p90 = percentile(turnarounds, 90);
  return w;
}

Figures Tally::figures() const {
  Figures f;
  std::vector<Sample> all;
  double over = 0;
  for (std::size_t u = 0; u < samples_.size(); ++u) {
    const Millis target = target_of(Rules{}, static_cast<Urgency>(u));
    f.by_urgency[u] = waits_of(samples_[u], target.value);
    over += f.by_urgency[u].over_target_percent * static_cast<double>(samples_[u].size());
    all.insert(all.end(), samples_[u].begin(), samples_[u].end());
  }
  f.all = waits_of(all, 0);
  f.all.over_target_percent = all.empty() ? 0 : over / static_cast<double>(all.size());
  f.readers_min = f.readers_max = staffing_.total(0);
  for (int hour = 1; hour < 24; ++hour) {
    f.readers_min = std::min(f.readers_min, staffing_.total(hour));
    f.readers_max = std::max(f.readers_max, staffing_.total(hour));
  }
  f.reader_hours_per_day = staffing_.reader_hours_per_day();
  if (days_ > 0) f.busy_percent = 100 * read_hours_ / (f.reader_hours_per_day * days_);
  for (const Centre& c : staffing_.centres) f.centres.push_back(c.name);
  f.reads_by_centre = reads_by_centre_;
  f.reads_of_other_homes = others_;
  return f;
}

void print_table(std::ostream& out, const Figures& f) {
  out << text("  readers %d to %d, %.0f reader-hours a day, busy %.1f %% of them\n", f.readers_min,
              f.readers_max, f.reader_hours_per_day, f.busy_percent);
  out << "         exams wait mean      p50      p99      max over target TAT mean      p90\n";
  static constexpr const char* names[] = {"P0", "P1", "P2", "P3"};
  for (std::size_t u = 0; u < f.by_urgency.size(); ++u) print_waits(out, names[u], f.by_urgency[u]);
  print_waits(out, "all", f.all);
  for (std::size_t i = 0; i < f.centres.size(); ++i) {
    out << text("  %-18s read %5zu, of them %5zu of other centres' hospitals\n",
                f.centres[i].c_str(), f.reads_by_centre[i], f.reads_of_other_homes[i]);
  }
}

std::string csv_header() {
  return "name,urgency,exams,wait_mean_min,wait_p50_min,wait_p99_min,wait_max_min,"
         "over_target_percent,turnaround_mean_min,turnaround_p90_min,readers_min,readers_max,"
         "reader_hours_per_day,busy_percent\n";
}

void append_csv(std::string& csv, const std::string& name, const Figures& f) {
  for (std::size_t u = 0; u < f.by_urgency.size(); ++u) {
    append_waits(csv, name, vigie::name_of(static_cast<Urgency>(u)), f.by_urgency[u], f);
  }
  append_waits(csv, name, "all", f.all, f);
}

std::string exams_csv(const std::vector<Arrival>& load, const Staffing& staffing,
                      const GuardResult& result) {
  std::vector<const Read*> reads(load.size());
  for (const Read& read : result.reads) reads[read.arrival] = &read;
  std::string csv = "ready_at,hospital,kind,urgency,wait_min,read_min,centre\n";
  for (std::size_t i = 0; i < load.size(); ++i) {
    const Arrival& a = load[i];
    csv += clock_of(a.at) + ',' + std::to_string(a.hospital) + ",\"" +
           std::string(kinds[a.kind].name) + "\"," + std::string(vigie::name_of(a.urgency));
    csv += text(",%.3f,%.3f,", minutes(reads[i]->wait.value), minutes(a.read.value));
    csv += staffing.centres[reads[i]->centre].name + '\n';
  }
  return csv;
}

}  // namespace vigie::night
