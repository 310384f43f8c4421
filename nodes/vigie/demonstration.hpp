// A demonstration federation on one machine: keys, settings and directory, all in one folder. A
// real centre draws its own key (`vigie key new`) and is given the others' public halves.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings/values.hpp"
#include "messages/types/result.hpp"

namespace vigie::cli {

struct DemoSite {
  std::string name;
  std::string host;        ///< empty: loopback, ports by position
  std::uint16_t port = 0;  ///< its client port; peers + 1, HTTP + 2
};

struct DemoWish {
  std::filesystem::path folder;
  std::vector<DemoSite> sites;  ///< an odd number
  std::uint16_t base_port = 7400;
  settings::Endpoint reports;  ///< where every hospital listens for reports
  int extra_readers = 0;       ///< of each centre, without keys of their own: for load
  std::string profile = "lan";
  bool training = false;  ///< test messages are accepted
};

struct DemoMade {
  std::filesystem::path client_file;
  std::vector<std::filesystem::path> site_files;
  std::size_t people = 0, feeds = 0;
};

/// Ports of `base`: centre i has clients at base + 10 i, peers + 1, HTTP + 2; hospital number h of
/// centre i's door speaks HL7 to base + 100 (i + 1) + h.
/// @errors bad_value: the wish cannot be. locked: there is one in the folder. io_error.
Result<DemoMade> make_demonstration(const DemoWish& wish);

/// config/samples/federation-3/directory.toml, as it was when this was built.
std::string_view sample_directory();

}  // namespace vigie::cli
