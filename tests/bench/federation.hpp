// Three real nodes for a measurement: keys, directory and settings in a folder of a real disk, one
// vigied process each, killed and started at will.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/settings/client_file.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"
#include "nodes/link/curve.hpp"

namespace vigie::bench {

inline constexpr int readers_per_site = 256;

/// What the nodes cost so far.
struct Cost {
  double rss_mb = 0;  ///< of the one that has most
  double cpu_s = 0;   ///< of all
};

class Federation {
 public:
  /// Writes a federation of `nodes` (1 to 3) centres below a fresh folder of `parent`.
  /// @param vigied The program to run.
  /// @param country A directory file whose hospitals, people and agreements are there too; empty:
  /// none.
  static Result<std::unique_ptr<Federation>> make(const std::filesystem::path& parent,
                                                  const std::filesystem::path& vigied, int nodes,
                                                  const std::filesystem::path& country = {});
  /// Kills what runs and removes the folder, unless keep() was called.
  ~Federation();

  Result<void> start(int node);
  void start_all();
  /// kill -9.
  void kill(int node);
  void signal(int node, int number);
  /// SIGTERM to all together, and waits for their end.
  void stop_all();
  void keep() { keep_ = true; }

  int nodes() const { return static_cast<int>(names_.size()); }
  const std::string& name(int node) const { return names_[static_cast<std::size_t>(node)]; }
  const std::filesystem::path& folder() const { return folder_; }
  const Directory& directory() const { return directory_; }
  /// Options of a client with the concentrator key of centre `node`, which it tries first; it may
  /// go on elsewhere only if `failover`.
  settings::ClientSettings client(int node, bool failover) const;
  Cost cost() const;
  /// The largest data folder, as `du` counts.
  double disk_mb() const;
  static PersonId reader(int node, int n);
  static PersonId requester(int node);

 private:
  Federation() = default;
  Result<void> write(const std::filesystem::path& country);

  std::filesystem::path folder_, vigied_;
  std::vector<std::string> names_;
  std::vector<int> ports_;
  std::vector<link::KeyPair> node_keys_, client_keys_;
  std::vector<pid_t> pids_;
  Directory directory_;
  bool keep_ = false;
};

}  // namespace vigie::bench
