// vigied: the node of one guard centre.
#include <malloc.h>
#include <sys/resource.h>
#include <csignal>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "config/settings/settings.hpp"
#include "nodes/site/site.hpp"
#include "ops/telemetry/log.hpp"

namespace {

constexpr const char* version = VIGIE_VERSION;

/// sysexits.h, as on-call engineers' tools expect.
int exit_code(vigie::Errc code) {
  using vigie::Errc;
  switch (code) {
    case Errc::bad_configuration:
    case Errc::not_found:
    case Errc::foreign_folder:
      return 78;
    case Errc::port_in_use:
    case Errc::locked:
      return 75;
    case Errc::corrupt:
      return 65;
    case Errc::disk_full:
    case Errc::io_error:
      return 74;
    default:
      return 70;
  }
}

int refuse(const vigie::Error& error) {
  std::fprintf(stderr, "vigied: %s\n  %s: %s\n", error.what.c_str(),
               std::string(vigie::errc_info(error.code).text).c_str(),
               std::string(vigie::errc_info(error.code).advice).c_str());
  return exit_code(error.code);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{
      "Runs the Vigie node of one guard centre until SIGTERM or SIGINT.\n"
      "Exit codes (sysexits.h): 0 stopped, 64 usage, 65 data that this version cannot serve\n"
      "with (damaged, newer, or outvoted by the others), 74 disk, 75 address or folder in use, 78\n"
      "configuration.",
      "vigied"};
  app.set_version_flag("--version", version);
  std::string path;
  bool check = false;
  app.add_option("SITE.toml", path, "the centre's settings (config/samples/site.toml)")->required();
  app.add_flag("--check", check, "only check the settings");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 64;
  }
  mallopt(M_ARENA_MAX, 2);                 // a dozen threads that take turns need no arena each
  mallopt(M_MMAP_THRESHOLD, 1024 * 1024);  // large messages are given back to the system
  mallopt(M_TRIM_THRESHOLD, 4 * 1024 * 1024);
  // Before any thread exists: every thread inherits it, and only the wait below gets the signals.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }

  auto settings = vigie::settings::load_site(path);
  if (!settings) return refuse(settings.error());
  if (check) return 0;
  vigie::telemetry::LogLevel level = vigie::telemetry::LogLevel::info;
  vigie::telemetry::log_level_of(settings->log_level, level);
  vigie::telemetry::start_log(level, settings->site);

  auto site = vigie::site::Site::start(*settings, version);
  if (!site) return refuse(site.error());
  vigie::telemetry::log_info("node_started", {{"version", version}});
  int signal = 0;
  sigwait(&signals, &signal);
  vigie::telemetry::log_info("node_stopping", {{"signal", signal}});
  (*site)->stop();
  vigie::telemetry::log_info("node_stopped");
  return 0;
}
