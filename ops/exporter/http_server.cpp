#include "ops/exporter/http_server.hpp"

#include <httplib.h>

#include <cerrno>
#include <cstring>
#include <thread>

#include "ops/exporter/prometheus_metrics.hpp"

namespace vigie::exporter {

struct HttpServer::Server {
  httplib::Server http;
  std::thread thread;
  int port = 0;
};

namespace {

constexpr time_t read_seconds = 2;
constexpr time_t write_seconds = 5;
constexpr std::size_t request_bytes_max = 16 * 1024;

// httplib's default also sets SO_REUSEPORT, with which a second node would share the port
// unnoticed.
void set_socket_options(socket_t socket) {
  const int on = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

void configure(httplib::Server& http, int threads) {
  http.new_task_queue = [threads] {
    return new httplib::ThreadPool(static_cast<std::size_t>(threads));
  };
  http.set_socket_options(set_socket_options);
  // A kept-alive connection holds a thread and polls every 10 ms until it times out.
  http.set_keep_alive_max_count(1);
  http.set_read_timeout(read_seconds);
  http.set_write_timeout(write_seconds);
  http.set_payload_max_length(request_bytes_max);
}

void add(httplib::Server& http, Route route) {
  http.Get(route.path, [answer = std::move(route.answer)](const httplib::Request&,
                                                          httplib::Response& response) {
    HttpAnswer made = answer();
    response.status = made.status;
    response.set_content(std::move(made.body), made.content_type.c_str());
  });
}

Error bind_error(const std::string& host, std::uint16_t port, int reason) {
  const Errc code = reason == EADDRINUSE ? Errc::port_in_use : Errc::bad_configuration;
  return {code, "http: cannot listen on " + host + ":" + std::to_string(port) + ": " +
                    (reason != 0 ? std::strerror(reason) : "no such address")};
}

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const std::string& host, std::uint16_t port,
                                                      int threads, std::vector<Route> routes) {
  auto server = std::make_unique<Server>();
  configure(server->http, threads);
  for (Route& route : routes) add(server->http, std::move(route));
  errno = 0;
  if (port == 0) {
    server->port = server->http.bind_to_any_port(host.c_str());
  } else {
    server->port = server->http.bind_to_port(host.c_str(), port) ? port : -1;
  }
  if (server->port <= 0) return bind_error(host, port, errno);
  server->thread = std::thread([http = &server->http] { http->listen_after_bind(); });
  // Before it runs, httplib's stop() would do nothing and the thread would never end.
  while (!server->http.is_running()) std::this_thread::yield();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(server)));
}

HttpServer::HttpServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}
HttpServer::~HttpServer() { stop(); }

std::uint16_t HttpServer::port() const { return static_cast<std::uint16_t>(server_->port); }

void HttpServer::stop() {
  if (!server_->thread.joinable()) return;
  server_->http.stop();
  server_->thread.join();
}

Route metrics_route(const PrometheusMetrics& metrics, std::function<void()> refresh) {
  return {"/metrics", [&metrics, refresh = std::move(refresh)] {
            if (refresh) refresh();
            return HttpAnswer{200, metrics.text(), "text/plain; version=0.0.4; charset=utf-8"};
          }};
}

}  // namespace vigie::exporter
