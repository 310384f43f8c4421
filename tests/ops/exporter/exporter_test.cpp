// The exporter as Prometheus and a probe see it: real GETs over loopback, on ports of the kernel's
// choice.
#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "ops/exporter/http_server.hpp"
#include "ops/exporter/process_usage.hpp"
#include "ops/exporter/prometheus_metrics.hpp"
#include "ops/telemetry/node_metrics.hpp"

namespace vigie::exporter {
namespace {

constexpr const char* loopback = "127.0.0.1";

std::unique_ptr<HttpServer> serve(std::vector<Route> routes, std::uint16_t port = 0) {
  auto server = HttpServer::start(loopback, port, 4, std::move(routes));
  EXPECT_TRUE(server) << server.error().what;
  return std::move(server).value();
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

TEST(Exporter, AScrapeShowsEverySeriesAtZeroFromTheStart) {
  PrometheusMetrics metrics("lyon");
  telemetry::NodeMetrics node(metrics, {"0.1.0", {"bordeaux", "marseille"}, {"ch-gap-ris"}});
  const auto server = serve({metrics_route(metrics)});
  const auto got = httplib::Client(loopback, server->port()).Get("/metrics");
  ASSERT_TRUE(got);
  EXPECT_EQ(got->status, 200);
  EXPECT_EQ(got->get_header_value("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  for (const char* line :
       {"vigie_raft_has_leader{site=\"lyon\"} 0",
        "vigie_raft_role{site=\"lyon\",role=\"leader\"} 0",
        "vigie_raft_peer_lag_entries{site=\"lyon\",peer=\"marseille\"} 0",
        "vigie_exams{site=\"lyon\",state=\"ready\",urgency=\"p0\"} 0",
        "vigie_readers{site=\"lyon\",state=\"free\"} 0",
        "vigie_messages_rejected_total{site=\"lyon\",door=\"mllp\",reason=\"hl7_unknown_key\"} 0",
        "vigie_messages_rejected_total{site=\"lyon\",door=\"client\",reason=\"malformed\"} 0",
        "vigie_raft_commit_duration_seconds_count{site=\"lyon\"} 0",
        "vigie_storage_sync_duration_seconds_bucket{site=\"lyon\",le=\"0.005\"} 0",
        "vigie_feed_messages_total{site=\"lyon\",feed=\"ch-gap-ris\"} 0",
        "vigie_build_info{site=\"lyon\",level_max=\"1\",version=\"0.1.0\"} 1"}) {
    EXPECT_TRUE(has_line(got->body, line)) << line;
  }
  EXPECT_NE(got->body.find("process_resident_memory_bytes{site=\"lyon\"} "), std::string::npos);
}

TEST(Exporter, WhatShellsTouchIsWhatIsScraped) {
  PrometheusMetrics metrics("lyon");
  telemetry::NodeMetrics node(metrics, {"0.1.0", {"bordeaux"}, {}});
  node.raft.term.set(7u);
  node.raft.commit_seconds.observe(0.003);
  node.door.rejected_mllp.of(telemetry::hl7_reason(204)).add(2);
  node.room.set_digest(LogIndex{5}, {0, 0xffffffffffffffffull});
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "vigie_raft_term{site=\"lyon\"} 7"));
  EXPECT_TRUE(
      has_line(text, "vigie_raft_commit_duration_seconds_bucket{site=\"lyon\",le=\"0.005\"} 1"));
  EXPECT_TRUE(has_line(
      text,
      "vigie_messages_rejected_total{site=\"lyon\",door=\"mllp\",reason=\"hl7_unknown_key\"} 2"));
  EXPECT_TRUE(has_line(text, "vigie_state_digest_low48{site=\"lyon\"} 281474976710655"));
}

TEST(Exporter, WhatWasCountedElsewhereIsAddedBucketByBucket) {
  PrometheusMetrics metrics("lyon");
  auto& spans = metrics.histogram("vigie_test_seconds", "", {60, 600});
  spans.observe(30);
  spans.observe_all({1, 2, 1}, 2030);
  const std::string text = metrics.text();
  EXPECT_TRUE(has_line(text, "vigie_test_seconds_bucket{site=\"lyon\",le=\"60\"} 2")) << text;
  EXPECT_TRUE(has_line(text, "vigie_test_seconds_bucket{site=\"lyon\",le=\"600\"} 4"));
  EXPECT_TRUE(has_line(text, "vigie_test_seconds_count{site=\"lyon\"} 5"));
  EXPECT_TRUE(has_line(text, "vigie_test_seconds_sum{site=\"lyon\"} 2060"));
}

TEST(Exporter, TheSameNameAndLabelsAreTheSameHandle) {
  PrometheusMetrics metrics("lyon");
  auto& first = metrics.counter("vigie_a_total", "a", {{"reason", "x"}});
  EXPECT_EQ(&first, &metrics.counter("vigie_a_total", "a", {{"reason", "x"}}));
  EXPECT_NE(&first, &metrics.counter("vigie_a_total", "a", {{"reason", "y"}}));
}

TEST(Exporter, GaugesThatAreComputedWhenAskedForAreFresh) {
  PrometheusMetrics metrics("lyon");
  auto& age = metrics.gauge("vigie_age_seconds", "age");
  int scrapes = 0;
  const auto server = serve({metrics_route(metrics, [&] { age.set(++scrapes); })});
  httplib::Client client(loopback, server->port());
  EXPECT_TRUE(has_line(client.Get("/metrics")->body, "vigie_age_seconds{site=\"lyon\"} 1"));
  EXPECT_TRUE(has_line(client.Get("/metrics")->body, "vigie_age_seconds{site=\"lyon\"} 2"));
}

TEST(HttpServer, ProbesGetStatusAndJsonFromTheirCallbacks) {
  std::atomic<bool> ready = false;
  const auto server = serve({{"/healthz",
                              [] {
                                return HttpAnswer{200, R"({"ok":true})"};
                              }},
                             {"/readyz", [&] {
                                return ready ? HttpAnswer{200, R"({"mode":"ISLAND"})"}
                                             : HttpAnswer{503, R"({"mode":"STARTING"})"};
                              }}});
  httplib::Client client(loopback, server->port());
  const auto health = client.Get("/healthz");
  EXPECT_EQ(health->status, 200);
  EXPECT_EQ(health->body, R"({"ok":true})");
  EXPECT_EQ(health->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(client.Get("/readyz")->status, 503);
  ready = true;
  EXPECT_EQ(client.Get("/readyz")->body, R"({"mode":"ISLAND"})");
}

TEST(HttpServer, OtherPathsAndMethodsAreRefused) {
  const auto server = serve({{"/healthz", [] { return HttpAnswer{}; }}});
  httplib::Client client(loopback, server->port());
  EXPECT_EQ(client.Get("/etc/passwd")->status, 404);
  EXPECT_EQ(client.Post("/healthz", "x", "text/plain")->status, 404);
}

TEST(HttpServer, ACallbackThatThrowsIsA500AndTheServerGoesOn) {
  const auto server = serve({{"/bad", []() -> HttpAnswer { throw std::runtime_error("x"); }},
                             {"/good", [] { return HttpAnswer{}; }}});
  httplib::Client client(loopback, server->port());
  EXPECT_EQ(client.Get("/bad")->status, 500);
  EXPECT_EQ(client.Get("/good")->status, 200);
}

TEST(HttpServer, ATakenPortIsRefusedByName) {
  const auto first = serve({});
  const auto second = HttpServer::start(loopback, first->port(), 1, {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::port_in_use);
  EXPECT_EQ(second.error().what, "http: cannot listen on 127.0.0.1:" +
                                     std::to_string(first->port()) + ": Address already in use");
}

TEST(HttpServer, AnAddressOfAnotherMachineIsABadConfiguration) {
  const auto server = HttpServer::start("192.0.2.1", 0, 1, {});
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Errc::bad_configuration);
}

TEST(HttpServer, AfterStopThePortIsFreeAtOnce) {
  auto server = serve({{"/healthz", [] { return HttpAnswer{}; }}});
  const std::uint16_t port = server->port();
  EXPECT_EQ(httplib::Client(loopback, port).Get("/healthz")->status, 200);
  server->stop();
  server->stop();
  EXPECT_FALSE(httplib::Client(loopback, port).Get("/healthz"));
  const auto again = serve({{"/healthz", [] { return HttpAnswer{}; }}}, port);
  EXPECT_EQ(httplib::Client(loopback, port).Get("/healthz")->status, 200);
}

TEST(HttpServer, StartingAndStoppingAtOnceNeverHangs) {
  for (int i = 0; i < 50; ++i) serve({})->stop();
}

TEST(HttpServer, ManyAskAtATime) {
  PrometheusMetrics metrics("lyon");
  const auto server = serve({metrics_route(metrics)});
  std::atomic<int> good = 0;
  std::vector<std::thread> askers;
  for (int i = 0; i < 4; ++i) {
    askers.emplace_back([&] {
      for (int n = 0; n < 10; ++n) {
        const auto got = httplib::Client(loopback, server->port()).Get("/metrics");
        if (got && got->status == 200) ++good;
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(good, 40);
}

TEST(ProcessUsage, SeesThisProcess) {
  const ProcessUsage usage = process_usage();
  EXPECT_GT(usage.resident_bytes, 1'000'000u);
  EXPECT_GE(usage.threads, 1u);
  EXPECT_GE(usage.open_fds, 3u);
  EXPECT_GT(process_start_seconds(), 1.6e9);
}

}  // namespace
}  // namespace vigie::exporter
