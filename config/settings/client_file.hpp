// What a client of the federation needs to know: its key, and where the centres are.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/settings/values.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/result.hpp"

namespace vigie::settings {

/// A centre's door.
struct Centre {
  std::string site;
  Endpoint address;  ///< its client_listen, as seen from here
  PublicKey key{};   ///< of its node: no other is talked to
  bool operator==(const Centre&) const = default;
};

struct ClientSettings {
  std::string federation;
  std::filesystem::path key_file;
  std::vector<Centre> centres;  ///< in failover order
  Role role = Role::none;       ///< none: said on the command line
  PersonId person;              ///< 0: the key's own
  std::string site;             ///< centre whose post the person sits at; empty: none
  std::string post;
  bool operator==(const ClientSettings&) const = default;
};

/// @errors As load_site().
Result<ClientSettings> load_client(const std::filesystem::path& path);
/// The text of such a file, for load_client() to read back.
std::string write_client(const ClientSettings& settings);

}  // namespace vigie::settings
