// The node's small HTTP server: /metrics, /healthz, /readyz and the like, GET only.
//
// Loopback by default and without authentication: it must show nothing that a patient's neighbour
// may not see. Threads of its own; asleep in the kernel while nobody asks.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "messages/types/result.hpp"

namespace vigie::exporter {

class PrometheusMetrics;

struct HttpAnswer {
  int status = 200;
  std::string body;
  std::string content_type = "application/json";
};

/// One address and who answers it. `answer` is called on a thread of the pool, so several may run
/// at a time; if it throws, 500 is answered.
struct Route {
  std::string path;
  std::function<HttpAnswer()> answer;
};

class HttpServer {
 public:
  /// Binds, and serves from the moment it returns. Each connection carries one request.
  /// @param port 0: any free one, see port().
  /// @param threads 1..64 answer; one more accepts.
  /// @errors Errc::port_in_use: somebody else listens there. Errc::bad_configuration: the address
  /// is not one of this machine, or the port needs rights that the process lacks.
  static Result<std::unique_ptr<HttpServer>> start(const std::string& host, std::uint16_t port,
                                                   int threads, std::vector<Route> routes);
  /// Stops as stop() does.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;
  /// Takes no more connections, lets the answers under way end (at most 5 s), joins the threads.
  void stop();

 private:
  struct Server;
  explicit HttpServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

/// /metrics of these metrics, which must outlive the server. `refresh` runs before each scrape, to
/// set gauges that are cheaper to compute when asked for; may be empty.
Route metrics_route(const PrometheusMetrics& metrics, std::function<void()> refresh = {});

}  // namespace vigie::exporter
