// vigie key new FILE: an identity is drawn where it will live; only its public half travels.
#include <iostream>

#include "nodes/link/curve.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {
namespace {

int new_key(const Globals& globals, const std::string& file) {
  const link::KeyPair keys = link::make_key_pair();
  if (const auto written = link::write_key_file(file, keys); !written) {
    return complain(written.error());
  }
  const std::string key = link::to_z85(keys.public_key);
  tell(globals, {{"file", file}, {"public", key}},
       "public = \"" + key + "\"\nThe secret is in " + file +
           " (mode 0600) and stays there; send the public line to the administrator.");
  return Exit::ok;
}

int show_key(const Globals& globals, const std::string& file) {
  const auto key = link::read_public_key_file(file);
  if (!key) return complain(key.error());
  tell(globals, {{"file", file}, {"public", link::to_z85(*key)}},
       "public = \"" + link::to_z85(*key) + "\"");
  return Exit::ok;
}

}  // namespace

void add_key(CLI::App& app, Globals& globals, int& code) {
  auto* key = app.add_subcommand("key", "draw or show keys");
  key->require_subcommand(1)->fallthrough();
  auto file = std::make_shared<std::string>();
  auto* fresh = key->add_subcommand(
      "new",
      "draw a key pair into FILE (mode 0600, never overwritten); prints the public key, 40 signs. "
      "JSON: file, public");
  fresh->fallthrough()->add_option("FILE", *file, "key file to make")->required();
  fresh->callback([&, file] { code = new_key(globals, *file); });
  auto* show = key->add_subcommand("show", "print the public key of FILE. JSON: file, public");
  show->fallthrough()->add_option("FILE", *file, "key file")->required();
  show->callback([&, file] { code = show_key(globals, *file); });
}

}  // namespace vigie::cli
