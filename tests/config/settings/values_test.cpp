#include "config/settings/values.hpp"

#include <gtest/gtest.h>

#include <tuple>

namespace vigie::settings {
namespace {

TEST(Values, DurationsHaveAUnitAndAreWhole) {
  EXPECT_EQ(parse_duration("250 ms"), 250_ms);
  EXPECT_EQ(parse_duration("30s"), 30_s);
  EXPECT_EQ(parse_duration("90 min"), 90_min);
  EXPECT_EQ(parse_duration("12 h"), 12_h);
  for (const char* bad : {"", "12", "h", "-1 s", "1.5 h", "1  s", "1 s ", "1 day", "99999999 h"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  EXPECT_EQ(duration_text(90_min), "90 min");
  EXPECT_EQ(duration_text(120_min), "2 h");
  EXPECT_EQ(duration_text(1500_ms), "1500 ms");
  EXPECT_EQ(duration_text(0_ms), "0 ms");
}

TEST(Values, SizesHaveAUnit) {
  EXPECT_EQ(parse_size("64 KiB"), 65536u);
  EXPECT_EQ(parse_size("1 GiB"), 1u << 30);
  for (const char* bad : {"64", "64 KB", "-1 KiB", "2000 GiB", "99999999999999999999 KiB"}) {
    EXPECT_FALSE(parse_size(bad)) << bad;
  }
  EXPECT_EQ(size_text(4 * 1024 * 1024), "4 MiB");
}

TEST(Values, ListenersAreIpv4AddressesAndPorts) {
  EXPECT_EQ(parse_listen("127.0.0.1:80"), (Endpoint{"127.0.0.1", 80}));
  EXPECT_EQ(parse_listen("127.0.0.1:0", true), (Endpoint{"127.0.0.1", 0}));
  for (const char* bad : {"127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "localhost:80", ":80",
                          "256.0.0.1:80", "127.0.0.1:8o", "127.0.0.1:-1", "127.0.0.1: 80"}) {
    EXPECT_FALSE(parse_listen(bad)) << bad;
  }
}

TEST(Values, WhatIsConnectedToMayHaveAName) {
  EXPECT_EQ(parse_connect("lyon.example.org:7401"), (Endpoint{"lyon.example.org", 7401}));
  EXPECT_EQ(parse_connect("10.0.0.1:7401"), (Endpoint{"10.0.0.1", 7401}));
  for (const char* bad : {"lyon", "-x:1", "a b:1", "999.1.1.1:1", "lyon:0"}) {
    EXPECT_FALSE(parse_connect(bad)) << bad;
  }
}

TEST(Values, NetworksHoldTheirAddresses) {
  const auto network = parse_network("10.8.4.0/24");
  ASSERT_TRUE(network);
  EXPECT_TRUE(network->contains(0x0a0804ffu));
  EXPECT_FALSE(network->contains(0x0a080500u));
  EXPECT_EQ(text_of(*network), "10.8.4.0/24");
  EXPECT_TRUE(parse_network("10.8.4.1")->contains(0x0a080401u));
  for (const char* bad : {"0.0.0.0/0", "10.8.4.1/24", "10.8.4.0/33", "10.8.4/24", "ten/8", ""}) {
    EXPECT_FALSE(parse_network(bad)) << bad;
  }
}

TEST(Values, PublicKeysAreZ85OrHexadecimal) {
  // ZeroMQ RFC 32: 86 4F D2 6F B5 59 F7 5B is HelloWorld.
  PublicKey key{};
  const std::uint8_t hello[] = {0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = hello[i % 8];
  const std::string z85 = "HelloWorldHelloWorldHelloWorldHelloWorld";
  EXPECT_EQ(text_of(key), z85);
  EXPECT_EQ(parse_public_key(z85), key);
  EXPECT_EQ(parse_public_key("864fd26fb559f75b864fd26fb559f75b864fd26fb559f75b864fd26fb559f75b"),
            key);
  EXPECT_FALSE(parse_public_key("HelloWorld"));
  EXPECT_FALSE(parse_public_key(std::string(40, '"')));
  EXPECT_FALSE(parse_public_key(std::string(40, '#'))) << "a group above 2^32 - 1";
  EXPECT_FALSE(parse_public_key(std::string(64, 'g')));
}

TEST(Values, NumbersOfPlacesAndPeople) {
  EXPECT_TRUE(is_finess("300017985"));
  EXPECT_TRUE(is_finess("2A0000014"));
  EXPECT_FALSE(is_finess("30001798"));
  EXPECT_FALSE(is_finess("3000179855"));
  EXPECT_TRUE(is_rpps("99900000001"));
  EXPECT_FALSE(is_rpps("9990000000"));
  EXPECT_TRUE(is_name("ch-gap"));
  EXPECT_FALSE(is_name("CH Gap"));
  EXPECT_FALSE(is_name("-a"));
  EXPECT_FALSE(is_name(std::string(33, 'a')));
}

TEST(Values, QuotedTextEndsNoLine) { EXPECT_EQ(in_quotes("a\"b\\c\n"), "\"a\\\"b\\\\c\\u000a\""); }

TEST(Values, DaysAreReadAsTheyAreWritten) {
  for (const auto& [year, month, day, text] : {std::tuple{1970, 1u, 1u, "1970-01-01"},
                                               {2028, 2u, 29u, "2028-02-29"},
                                               {2026, 11u, 22u, "2026-11-22"},
                                               {9999, 12u, 31u, "9999-12-31"}}) {
    const auto midnight = utc_midnight(year, month, day);
    ASSERT_TRUE(midnight) << text;
    EXPECT_EQ(date_text(*midnight), text);
    EXPECT_EQ(date_text(*midnight + 24_h - 1_ms), text);
  }
  EXPECT_FALSE(utc_midnight(2026, 2, 29));
  EXPECT_FALSE(utc_midnight(2026, 13, 1));
  EXPECT_FALSE(utc_midnight(1969, 12, 31));
}

}  // namespace
}  // namespace vigie::settings
