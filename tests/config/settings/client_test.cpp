#include <gtest/gtest.h>

#include "config/settings/client_file.hpp"
#include "tests/config/settings/folder.hpp"

namespace vigie::settings {
namespace {

const std::string base =
    "federation = \"garde-sud\"\nkey_file = \"client.key\"\n"
    "[[centre]]\nsite = \"lyon\"\naddress = \"h1:7400\"\n"
    "key = \"0123456789012345678901234567890123456789\"\n";

struct ClientFile : ::testing::Test {
  ClientFile() { folder.write("client.key", "secret"); }
  std::string said(const std::string& text) {
    const auto client = load_client(folder.write("client.toml", text));
    if (client) return "accepted";
    return replaced(client.error().what, folder.path().string() + "/", "");
  }
  Folder folder;
};

TEST_F(ClientFile, WhatIsWrittenIsReadBack) {
  const auto first = load_client(folder.write(
      "client.toml", "role = \"reader\"\nperson = 101\nsite = \"lyon\"\npost = \"3\"\n" + base));
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_EQ(first->centres[0].address, (Endpoint{"h1", 7400}));
  const auto again = load_client(folder.write("client.toml", write_client(*first)));
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, *first);
}

TEST_F(ClientFile, BadValuesAreRefused) {
  EXPECT_EQ(
      said("role = \"king\"\n" + base),
      "client.toml:1: role: got \"king\"; allowed: requester, technologist, regulator, "
      "assistant, reader, duty_head, site_lead, support, observer, gateway, administrator, agency");
  EXPECT_EQ(said("site = \"nice\"\n" + base),
            "client.toml:1: site: got \"nice\"; allowed: the site of a [[centre]]");
  EXPECT_EQ(said(base + base.substr(base.find("[["))),
            "client.toml:8: centre[2].site: got \"lyon\" again; allowed: each centre once");
  EXPECT_EQ(said(base.substr(0, base.find("[["))),
            "client.toml:1: centre: got nothing; allowed: up to 64 tables [[centre]]");
  EXPECT_EQ(
      said(replaced(base, "h1:7400", "h1")),
      "client.toml:5: centre[1].address: got \"h1\"; allowed: \"HOST:PORT\", HOST a name or an "
      "IPv4 address, PORT 1 to 65535");
}

}  // namespace
}  // namespace vigie::settings
