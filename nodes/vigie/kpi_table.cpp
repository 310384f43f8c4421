#include "nodes/vigie/kpi_table.hpp"

#include <algorithm>
#include <cstdio>
#include <iostream>

namespace vigie::cli {
namespace {

using Rows = std::vector<std::vector<std::string>>;

template <class Found, class Id>
std::string name_or_number(const Found* found, Id id) {
  return found ? found->name : "#" + std::to_string(id.value);
}
std::string site_name(const Directory& d, SiteId id) { return name_or_number(d.site(id), id); }
std::string establishment_name(const Directory& d, EstablishmentId id) {
  return name_or_number(d.establishment(id), id);
}
std::string agreement_name(const std::string& name) { return name.empty() ? "(none)" : name; }

std::string decimal(double value) {
  char text[32];
  (void)std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}
double seconds(Millis span) { return static_cast<double>(span.value) / 1000; }
std::string minutes(Millis span) { return decimal(seconds(span) / 60); }
std::string hours(Millis span) { return decimal(seconds(span) / 3600); }
std::string percent(Millis part, Millis whole) {
  return whole <= 0_ms ? "-" : decimal(100 * seconds(part) / seconds(whole)) + " %";
}
std::string urgency_name(std::size_t u) { return std::string(name_of(static_cast<Urgency>(u))); }

Json json_of(const kpi::Distribution& spans) {
  return {{"count", spans.count},
          {"sum_seconds", seconds(spans.sum)},
          {"mean_seconds", seconds(spans.mean())},
          {"p90_seconds", seconds(spans.quantile(90))},
          {"buckets", spans.counts}};
}

Json json_of(const kpi::ByUrgency& spans) {
  Json json = Json::object();
  for (std::size_t u = 0; u < spans.size(); ++u) json[urgency_name(u)] = json_of(spans[u]);
  return json;
}

Json json_of(const kpi::Offers& offers) {
  Json declined = Json::object();
  for (std::size_t i = 0; i < offers.declined.size(); ++i) {
    declined[std::string(kpi::decline_reasons[i])] = offers.declined[i];
  }
  return {{"made", offers.made},           {"automatic", offers.automatic},
          {"accepted", offers.accepted},   {"expired", offers.expired},
          {"withdrawn", offers.withdrawn}, {"declined", declined}};
}

Json clocks_json(const kpi::Totals& totals) {
  Json json = Json::object();
  for (std::size_t s = 0; s < kpi::span_count; ++s) {
    json[std::string(name_of(static_cast<kpi::Span>(s)))] = json_of(totals.spans[s]);
  }
  return json;
}

Json bounds_json() {
  Json json = Json::array();
  for (const Millis bound : kpi::bounds) json.push_back(seconds(bound));
  return json;
}

void print_title(const std::string& title) { std::cout << '\n' << title << '\n'; }

void print_clocks(const kpi::Totals& totals) {
  Rows rows = {{"FROM - TO", "CLASS", "EXAMS", "MEAN min", "P90 min"}};
  for (std::size_t s = 0; s < kpi::span_count; ++s) {
    for (std::size_t u = 0; u < urgency_count; ++u) {
      const kpi::Distribution& d = totals.spans[s][u];
      if (d.count == 0) continue;
      rows.push_back({std::string(name_of(static_cast<kpi::Span>(s))), urgency_name(u),
                      std::to_string(d.count), minutes(d.mean()), minutes(d.quantile(90))});
    }
    kpi::Distribution all;
    for (const kpi::Distribution& d : totals.spans[s]) all.add(d);
    rows.push_back({std::string(name_of(static_cast<kpi::Span>(s))), "all",
                    std::to_string(all.count), minutes(all.mean()), minutes(all.quantile(90))});
  }
  print_title("How long it took");
  print_table(rows);
  std::string late;
  for (std::size_t u = 0; u < urgency_count; ++u) {
    late += (u == 0 ? "" : ", ") + urgency_name(u) + ' ' + std::to_string(totals.late[u]);
  }
  std::cout << "after the class's target: " << late << '\n';
}

void print_readers(const kpi::Totals& totals) {
  const kpi::Offers& o = totals.offers;
  std::string reasons;
  std::uint64_t declined = 0;
  for (std::size_t i = 0; i < o.declined.size(); ++i) {
    declined += o.declined[i];
    reasons += (i == 0 ? "" : ", ") + std::string(kpi::decline_reasons[i]) + ' ' +
               std::to_string(o.declined[i]);
  }
  print_title("What readers were offered");
  print_table(
      {{"MADE", "ACCEPTED", "DECLINED", "EXPIRED", "WITHDRAWN", "GIVEN AT ONCE"},
       {std::to_string(o.made), std::to_string(o.accepted), std::to_string(declined),
        std::to_string(o.expired), std::to_string(o.withdrawn), std::to_string(o.automatic)}});
  std::cout << "declined for: " << reasons << '\n';
  const double reads = static_cast<double>(totals.reads);
  const double interruptions = static_cast<double>(totals.interruptions);
  std::cout << "interruptions: " << totals.interruptions << " in " << totals.reads << " readings, "
            << decimal(reads > 0 ? interruptions / reads : 0) << " each (target 0)\n";
}

void print_flows(const kpi::Figures& figures, const Directory& directory) {
  Rows rows = {{"FROM", "READ IN", "EXAMS"}};
  for (const auto& [flow, exams] : figures.flows) {
    rows.push_back({site_name(directory, flow.origin), site_name(directory, flow.reading),
                    std::to_string(exams)});
  }
  print_title("Where from, and where read");
  print_table(rows);
  rows = {{"AGREEMENT", "EXAMS"}};
  for (const auto& [name, exams] : figures.agreements) {
    rows.push_back({agreement_name(name), std::to_string(exams)});
  }
  print_title("Under which agreement");
  print_table(rows);
}

void print_presence(const kpi::Figures& figures, const Directory& directory,
                    const KpiPeriod& period) {
  Rows rows = {{"CENTRE", "POSTS", "STAFFED", "LOGGED IN h", "READING h", "BUSY"}};
  for (const auto& [id, presence] : figures.presence) {
    const Site* site = directory.site(id);
    const int posts = site ? site->posts : 0;
    rows.push_back({site_name(directory, id), std::to_string(posts),
                    percent(presence.logged, (period.end - period.begin) * posts),
                    hours(presence.logged), hours(presence.busy),
                    percent(presence.busy, presence.logged)});
  }
  print_title("Occupation of the centres");
  print_table(rows);
}

void print_establishments(const kpi::Figures& figures, const Directory& directory) {
  const auto slow = slow_establishments(figures);
  Rows rows = {{"ESTABLISHMENT", "REQUESTS", "REPORTS", "LATE", "FOR US", "CLASS", "EXAMS",
                "MEAN min", "P90 min", ""}};
  for (const auto& [id, service] : figures.establishments) {
    bool first = true;
    const auto row = [&](std::vector<std::string> rest) {
      std::vector<std::string> cells = {"", "", "", "", ""};
      if (first) {
        cells = {establishment_name(directory, id), std::to_string(service.requests),
                 std::to_string(service.reports), std::to_string(service.late),
                 std::to_string(service.instead_of_ultrasound)};
      }
      first = false;
      cells.insert(cells.end(), rest.begin(), rest.end());
      rows.push_back(std::move(cells));
    };
    for (std::size_t u = 0; u < urgency_count; ++u) {
      const kpi::Distribution& d = service.request_to_report[u];
      if (d.count == 0) continue;
      const bool is_slow = std::ranges::any_of(slow, [&](const kpi::Slow& s) {
        return s.establishment == id && static_cast<std::size_t>(s.urgency) == u;
      });
      row({urgency_name(u), std::to_string(d.count), minutes(d.mean()), minutes(d.quantile(90)),
           is_slow ? "slower than the others for the same class" : ""});
    }
    if (first) row({"", "", "", "", ""});
  }
  print_title("Each establishment: from request to report");
  print_table(rows);
}

}  // namespace

Json kpi_json(const kpi::Figures& figures, const Directory& directory, const KpiPeriod& period) {
  const kpi::Totals& totals = figures.totals;
  Json json = {{"from_index", period.from.value}, {"to_index", period.to.value},
               {"from_at", period.begin.value},   {"to_at", period.end.value},
               {"bounds_seconds", bounds_json()}, {"clocks", clocks_json(totals)}};
  for (std::size_t u = 0; u < urgency_count; ++u) json["late"][urgency_name(u)] = totals.late[u];
  json["offers"] = json_of(totals.offers);
  json["reads"] = totals.reads;
  json["interruptions"] = totals.interruptions;
  json["flows"] = Json::array();
  for (const auto& [flow, exams] : figures.flows) {
    json["flows"].push_back({{"origin", site_name(directory, flow.origin)},
                             {"reading", site_name(directory, flow.reading)},
                             {"exams", exams}});
  }
  json["agreements"] = Json::array();
  for (const auto& [name, exams] : figures.agreements) {
    json["agreements"].push_back({{"agreement", name}, {"exams", exams}});
  }
  json["centres"] = Json::array();
  for (const auto& [id, presence] : figures.presence) {
    const Site* site = directory.site(id);
    json["centres"].push_back({{"centre", site_name(directory, id)},
                               {"posts", site ? site->posts : 0},
                               {"logged_seconds", seconds(presence.logged)},
                               {"busy_seconds", seconds(presence.busy)}});
  }
  json["establishments"] = Json::array();
  for (const auto& [id, service] : figures.establishments) {
    json["establishments"].push_back({{"establishment", establishment_name(directory, id)},
                                      {"requests", service.requests},
                                      {"reports", service.reports},
                                      {"late", service.late},
                                      {"instead_of_ultrasound", service.instead_of_ultrasound},
                                      {"request_to_report", json_of(service.request_to_report)}});
  }
  json["slow"] = Json::array();
  for (const kpi::Slow& slow : slow_establishments(figures)) {
    json["slow"].push_back({{"establishment", establishment_name(directory, slow.establishment)},
                            {"class", name_of(slow.urgency)},
                            {"exams", slow.exams},
                            {"mean_seconds", seconds(slow.mean)},
                            {"class_mean_seconds", seconds(slow.others)}});
  }
  return json;
}

void print_kpi(const kpi::Figures& figures, const Directory& directory, const KpiPeriod& period) {
  std::cout << "figures of entries " << period.from.value << " to " << period.to.value << ", "
            << hours(period.end - period.begin) << " h\n";
  print_clocks(figures.totals);
  print_readers(figures.totals);
  print_flows(figures, directory);
  print_presence(figures, directory, period);
  print_establishments(figures, directory);
  std::cout << std::flush;
}

}  // namespace vigie::cli
