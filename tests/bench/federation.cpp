#include "tests/bench/federation.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "config/settings/directory_file.hpp"
#include "config/settings/settings.hpp"
#include "tests/bench/country.hpp"

namespace vigie::bench {
namespace {

/// A port that was free a moment ago.
int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  (void)::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  (void)::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(fd);
  return ntohs(address.sin_port);
}

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

Directory make_directory(const std::vector<std::string>& names,
                         const std::vector<link::KeyPair>& node_keys,
                         const std::vector<link::KeyPair>& client_keys) {
  static constexpr const char* codes[] = {"LYS", "BDX", "MRS"};
  Directory d;
  d.version = 1;
  d.federation = "bench";
  ProviderGroup group{{1}, "all", {}, {}};
  std::uint32_t key = 1;
  for (std::size_t n = 0; n < names.size(); ++n) {
    Site site;
    site.id = {static_cast<std::uint16_t>(n + 1)};
    site.name = names[n];
    site.code = codes[n];
    site.posts = 1000;
    site.node_key = node_keys[n].public_key;
    group.sites.push_back(site.id);
    d.keys.push_back({{key++}, site.node_key, {}, site.id, false, false});
    Person system{Federation::requester(static_cast<int>(n)),
                  "system-" + names[n],
                  "",
                  {},
                  site.id,
                  {},
                  {},
                  {},
                  {},
                  {}};
    system.roles.add(Role::requester);
    d.keys.push_back({{key++}, client_keys[n].public_key, system.id, {}, true, false});
    d.people.push_back(std::move(system));
    for (int r = 0; r < readers_per_site; ++r) {
      Person reader{Federation::reader(static_cast<int>(n), r),
                    "r-" + names[n] + std::to_string(r),
                    std::to_string(10000000000 + 1000 * (n + 1) + static_cast<std::size_t>(r)),
                    {},
                    site.id,
                    {},
                    {},
                    {},
                    {},
                    {}};
      reader.roles.add(Role::reader);
      reader.privileges = {{Set<Modality>::of(Modality::ct)}};
      reader.skills.add(Skill::general);
      d.people.push_back(std::move(reader));
    }
    d.sites.push_back(std::move(site));
  }
  d.groups.push_back(std::move(group));
  Establishment hospital;
  hospital.id = {1};
  hospital.name = "hospital";
  hospital.legal_entity = {1};
  for (const Site& s : d.sites) hospital.doors.push_back(s.id);
  d.entities.push_back({{1}, "hospital", {}});
  d.establishments.push_back(std::move(hospital));
  Agreement agreement;
  agreement.name = "all";
  agreement.modalities.add(Modality::ct);
  agreement.group = {1};
  agreement.regulation = Regulation::none;
  agreement.requester = agreement.provider = {"signed", {}, {}};
  d.agreements.push_back(std::move(agreement));
  d.protocols.push_back(
      {"CT v1", "CT", Modality::ct, Region::unknown, Skill::general, 13, false, {}});
  d.rules.close_after = 1_s;
  return d;
}

}  // namespace

PersonId Federation::requester(int node) { return {static_cast<std::uint32_t>(node + 1)}; }
PersonId Federation::reader(int node, int n) {
  return {static_cast<std::uint32_t>(1000 * (node + 1) + n)};
}

Result<std::unique_ptr<Federation>> Federation::make(const std::filesystem::path& parent,
                                                     const std::filesystem::path& vigied, int nodes,
                                                     const std::filesystem::path& country) {
  static constexpr const char* all[] = {"lyon", "bordeaux", "marseille"};
  std::string pattern = (parent / "vigie-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    return Error{Errc::io_error, "cannot make a folder in " + parent.string()};
  }
  std::unique_ptr<Federation> f(new Federation);
  f->folder_ = pattern;
  f->vigied_ = vigied;
  for (int n = 0; n < nodes; ++n) {
    f->names_.push_back(all[n]);
    f->node_keys_.push_back(link::make_key_pair());
    f->client_keys_.push_back(link::make_key_pair());
    for (int p = 0; p < 3; ++p) f->ports_.push_back(free_port());
  }
  f->pids_.assign(f->names_.size(), 0);
  if (auto written = f->write(country); !written) return written.error();
  return f;
}

Result<void> Federation::write(const std::filesystem::path& country) {
  directory_ = make_directory(names_, node_keys_, client_keys_);
  if (!country.empty()) {
    auto loaded = settings::load_directory(country);
    if (!loaded) return loaded.error();
    add_country(directory_, std::move(*loaded));
  }
  if (auto fine = directory_.normalise(); !fine) return fine;
  write_file(folder_ / "directory.toml", settings::write_directory(directory_));
  for (std::size_t n = 0; n < names_.size(); ++n) {
    const auto home = folder_ / names_[n];
    std::filesystem::create_directories(home);
    if (auto r = link::write_key_file((home / "node.key").string(), node_keys_[n]); !r) return r;
    if (auto r = link::write_key_file((home / "client.key").string(), client_keys_[n]); !r)
      return r;
    settings::SiteSettings s;
    s.federation = "bench";
    s.site = names_[n];
    s.id = {static_cast<std::uint16_t>(n + 1)};
    s.key_file = home / "node.key";
    s.data_dir = home / "data";
    s.directory_file = folder_ / "directory.toml";
    const auto port = [&](std::size_t node, std::size_t which) {
      return static_cast<std::uint16_t>(ports_[node * 3 + which]);
    };
    s.client_listen.port = port(n, 0);
    s.peer_listen.port = port(n, 1);
    s.http_listen.port = port(n, 2);
    s.log_level = "warning";
    for (std::size_t other = 0; other < names_.size(); ++other) {
      if (other == n) continue;
      settings::Peer peer;
      peer.site = names_[other];
      peer.id = {static_cast<std::uint16_t>(other + 1)};
      peer.address = {"127.0.0.1", port(other, 1)};
      peer.key = node_keys_[other].public_key;
      s.peers.push_back(peer);
    }
    write_file(home / "site.toml", settings::write_site(s));
  }
  return {};
}

settings::ClientSettings Federation::client(int node, bool failover) const {
  settings::ClientSettings c;
  c.federation = "bench";
  c.key_file = folder_ / name(node) / "client.key";
  for (int i = 0; i < (failover ? nodes() : 1); ++i) {
    const auto n = static_cast<std::size_t>((node + i) % nodes());
    c.centres.push_back({names_[n],
                         {"127.0.0.1", static_cast<std::uint16_t>(ports_[n * 3])},
                         node_keys_[n].public_key});
  }
  return c;
}

Result<void> Federation::start(int node) {
  const std::string settings = (folder_ / name(node) / "site.toml").string();
  const std::string log = (folder_ / name(node) / "log").string();
  const pid_t pid = ::fork();
  if (pid < 0) return Error{Errc::io_error, "fork"};
  if (pid == 0) {
    const int fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::dup2(fd, 1);
    ::dup2(fd, 2);
    ::execl(vigied_.c_str(), vigied_.c_str(), settings.c_str(), nullptr);
    ::_exit(127);
  }
  pids_[static_cast<std::size_t>(node)] = pid;
  return {};
}

void Federation::start_all() {
  for (int n = 0; n < nodes(); ++n) (void)start(n);
}

void Federation::signal(int node, int number) {
  const pid_t pid = pids_[static_cast<std::size_t>(node)];
  if (pid > 0) ::kill(pid, number);
}

void Federation::kill(int node) {
  signal(node, SIGKILL);
  pid_t& pid = pids_[static_cast<std::size_t>(node)];
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  pid = 0;
}

void Federation::stop_all() {
  for (int n = 0; n < nodes(); ++n) signal(n, SIGTERM);
  for (pid_t& pid : pids_) {
    if (pid > 0) ::waitpid(pid, nullptr, 0);
    pid = 0;
  }
}

Cost Federation::cost() const {
  Cost cost;
  for (const pid_t pid : pids_) {
    if (pid <= 0) continue;
    const std::string proc = "/proc/" + std::to_string(pid);
    std::ifstream statm(proc + "/statm");
    long total = 0, resident = 0;
    statm >> total >> resident;
    cost.rss_mb =
        std::max(cost.rss_mb, static_cast<double>(resident * ::sysconf(_SC_PAGESIZE)) / 1e6);
    std::ifstream stat(proc + "/stat");
    std::string word;
    for (int i = 1; i <= 13 && stat >> word; ++i) {
    }
    long user = 0, system = 0;
    stat >> user >> system;
    cost.cpu_s += static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  }
  return cost;
}

double Federation::disk_mb() const {
  double most = 0;
  for (const std::string& name : names_) {
    double mb = 0;
    std::error_code ignored;
    for (const auto& file :
         std::filesystem::recursive_directory_iterator(folder_ / name / "data", ignored)) {
      struct stat info {};
      if (::stat(file.path().c_str(), &info) == 0) {
        mb += static_cast<double>(info.st_blocks) * 512 / 1e6;
      }
    }
    most = std::max(most, mb);
  }
  return most;
}

Federation::~Federation() {
  for (int n = 0; n < nodes(); ++n) kill(n);
  std::error_code ignored;
  if (!keep_) std::filesystem::remove_all(folder_, ignored);
}

}  // namespace vigie::bench
