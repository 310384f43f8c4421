#include "config/settings/client_file.hpp"

#include <set>

#include "config/settings/table_reader.hpp"
#include "config/settings/toml_writer.hpp"
#include "messages/types/limits.hpp"

namespace vigie::settings {
namespace {

void read_client(TableReader& reader, ClientSettings& client) {
  reader.name(required("federation"), client.federation);
  reader.file(required("key_file"), client.key_file, FileKind::secret);
  std::set<std::string> sites;
  reader.tables(required("centre"), 64, [&](TableReader& table) {
    Centre& centre = client.centres.emplace_back();
    table.name(required("site"), centre.site);
    table.connect(required("address"), centre.address);
    table.public_key(required("key"), centre.key);
    if (!centre.site.empty() && !sites.insert(centre.site).second) {
      table.problem("site", in_quotes(centre.site) + " again", "each centre once");
    }
  });
  reader.parsed("role", client.role,
                "requester, technologist, regulator, assistant, reader, duty_head, site_lead, "
                "support, observer, gateway, administrator, agency",
                [](std::string_view text) -> std::optional<Role> {
                  Role role{};
                  if (!role_of(text, role) || role == Role::none || role == Role::node) {
                    return std::nullopt;
                  }
                  return role;
                });
  reader.id("person", client.person);
  if (reader.name("site", client.site) && sites.count(client.site) == 0) {
    reader.problem("site", in_quotes(client.site), "the site of a [[centre]]");
  }
  reader.text("post", client.post, 0, limits::name_bytes);
}

}  // namespace

Result<ClientSettings> load_client(const std::filesystem::path& path) {
  ClientSettings client;
  Problems problems(path.string());
  const auto read = read_toml(problems, [&](TableReader& reader) { read_client(reader, client); });
  if (!read) return read.error();
  return client;
}

std::string write_client(const ClientSettings& client) {
  TomlWriter out;
  out.comment("A client of " + client.federation + ": `vigie -C` or VIGIE_CONFIG names this file.");
  out.text("federation", client.federation);
  out.text("key_file", client.key_file.string(), "secret: mode 0600");
  if (client.role != Role::none) out.text("role", name_of(client.role));
  if (client.person) out.number("person", client.person.value, "id in the directory");
  out.text_if("site", client.site).text_if("post", client.post);
  out.blank().comment("The centres, in failover order.");
  for (const Centre& centre : client.centres) {
    out.item("centre").text("site", centre.site).text("address", text_of(centre.address));
    out.text("key", text_of(centre.key));
  }
  return out.str();
}

}  // namespace vigie::settings
