#include <gtest/gtest.h>
#include <sys/stat.h>

#include "config/settings/settings.hpp"
#include "tests/config/settings/folder.hpp"

namespace vigie::settings {
namespace {

const std::string key_a = "0123456789012345678901234567890123456789";
const std::string key_b = "abcdefghijabcdefghijabcdefghijabcdefghij";

// Lines 1 to 6, then what the test adds.
const std::string base =
    "federation = \"garde-sud\"\n"
    "site = \"lyon\"\n"
    "id = 1\n"
    "key_file = \"lyon.key\"\n"
    "data_dir = \"data\"\n"
    "\n";
const std::string two_peers =
    "[[peer]]\nsite = \"bordeaux\"\nid = 2\naddress = \"h2:7401\"\nkey = \"" + key_a +
    "\"\n"
    "[[peer]]\nsite = \"marseille\"\nid = 3\naddress = \"h3:7401\"\nkey = \"" +
    key_b + "\"\n";
const std::string feed =
    "[[feed]]\nname = \"gap\"\nestablishments = [\"ch-gap\"]\nlisten = \"127.0.0.1:6661\"\n";

struct SiteFile : ::testing::Test {
  SiteFile() { folder.write("lyon.key", "secret"); }

  Result<SiteSettings> load(const std::string& text) {
    return load_site(folder.write("site.toml", text));
  }
  SiteSettings good(const std::string& more) {
    auto site = load(base + more);
    EXPECT_TRUE(site) << site.error().what;
    return site ? *site : SiteSettings{};
  }
  // What is said about `text`, without the folder's name.
  std::string said(const std::string& text) {
    const auto site = load(text);
    if (site) return "accepted";
    EXPECT_EQ(site.error().code, Errc::bad_configuration);
    return replaced(site.error().what, folder.path().string() + "/", "");
  }
  std::string said_of(const std::string& more) { return said(base + more); }

  Folder folder;
};

TEST_F(SiteFile, TheFewNeededKeysAreEnough) {
  const SiteSettings site = good("");
  EXPECT_EQ(site.federation, "garde-sud");
  EXPECT_EQ(site.id, SiteId{1});
  EXPECT_EQ(site.key_file, folder.path() / "lyon.key") << "relative paths begin at the file";
  EXPECT_EQ(site.data_dir, folder.path() / "data");
  EXPECT_EQ(site.mode, FederationMode::production);
  EXPECT_EQ(site.http_listen, (Endpoint{"127.0.0.1", 7402})) << "loopback by default";
  EXPECT_TRUE(site.voter);
  EXPECT_EQ(site.timing, timing_of(Profile::lan));
}

TEST_F(SiteFile, ProfilesAreTheDesignsTable) {
  const Timing wan = good("profile = \"wan\"\n").timing;
  EXPECT_EQ(wan, (Timing{100_ms, 1_s, 2_s, 2_s}));
  const Timing overseas = good("profile = \"overseas\"\n").timing;
  EXPECT_EQ(overseas, (Timing{250_ms, 3_s, 6_s, 6_s}));
  const Timing own = good("profile = \"wan\"\n[timing]\nelection_max = \"3 s\"\n").timing;
  EXPECT_EQ(own, (Timing{100_ms, 1_s, 3_s, 2_s})) << "one time over the profile's";
}

TEST_F(SiteFile, PeersAreRead) {
  const SiteSettings site = good(two_peers + "role = \"voter\"\npriority = 7\n");
  ASSERT_EQ(site.peers.size(), 2u);
  EXPECT_EQ(site.peers[1].site, "marseille");
  EXPECT_EQ(site.peers[1].id, SiteId{3});
  EXPECT_EQ(site.peers[1].address, (Endpoint{"h3", 7401}));
  EXPECT_EQ(text_of(site.peers[1].key), key_b);
  EXPECT_EQ(site.peers[1].priority, 7);
}

TEST_F(SiteFile, AFeedIsReadInFull) {
  folder.write("ca.pem", "x");
  folder.write("cert.pem", "x");
  folder.write("tls.key", "x");
  const SiteSettings site = good(
      two_peers +
      "[[feed]]\nname = \"ch-gap-ris\"\nestablishments = [\"ch-gap\"]\nlisten = \"10.8.0.2:6661\"\n"
      "allow_from = [\"10.8.4.0/24\", \"10.8.5.7\"]\ntransport = \"tls\"\nclient_ca = \"ca.pem\"\n"
      "server_cert = \"cert.pem\"\nserver_key = \"tls.key\"\ndoors = [\"marseille\", \"lyon\"]\n"
      "profile = \"tlr\"\nkey = \"accession\"\naccession_in_obr3 = true\ncharset = \"8859/15\"\n"
      "results = \"mllps://10.8.4.7:6663\"\nversion = \"2.5.1\"\ntext = \"tx\"\npreliminary = "
      "false\n"
      "sections = true\naddendum = \"append\"\ncda = true\nprotocol_ack = \"client\"\n"
      "refusal = \"ae\"\nack = \"ca\"\nauthority = \"GAP\"\ncallback_phone = \"04 00\"\n"
      "silent_after = \"evening: 90 min, night: 6 h\"\n"
      "[feed.identifiers]\nch-gap = [\"CHGAP\", \"050000116\", \"1050000117\"]\n"
      "[[feed.procedure]]\ncode = \"ACQK001\"\nmodality = \"CT\"\nregion = \"head\"\n");
  ASSERT_EQ(site.feeds.size(), 1u);
  const FeedSettings& f = site.feeds[0];
  EXPECT_EQ(f.listen, (Endpoint{"10.8.0.2", 6661}));
  EXPECT_EQ(f.allow_from.size(), 2u);
  EXPECT_EQ(f.transport, Transport::tls);
  EXPECT_EQ(f.client_ca, folder.path() / "ca.pem");
  EXPECT_EQ(f.doors, (std::vector<std::string>{"marseille", "lyon"}));
  EXPECT_EQ(f.profile, FeedProfile::tlr);
  EXPECT_EQ(f.key, FeedKey::accession);
  EXPECT_EQ(f.results, (ResultsAddress{true, {"10.8.4.7", 6663}}));
  EXPECT_EQ(f.refusal, FeedRefusal::ae);
  EXPECT_EQ(f.silent_after,
            (std::vector<SilenceRule>{{Band::evening, 90_min}, {Band::night, 6_h}}));
  ASSERT_EQ(f.identifiers.size(), 1u);
  EXPECT_EQ(f.identifiers[0].finess, (std::vector<std::string>{"050000116", "050000117"}));
  EXPECT_EQ(f.identifiers[0].aliases, (std::vector<std::string>{"CHGAP"}));
  ASSERT_EQ(f.procedures.size(), 1u);
  EXPECT_EQ(f.procedures[0].region, Region::head);
}

TEST_F(SiteFile, WhatIsWrittenIsReadBack) {
  SiteSettings site = good(
      "mode = \"training\"\nprofile = \"overseas\"\nlog_level = \"debug\"\n"
      "[timing]\nheartbeat = \"200 ms\"\n[limits]\nintake_reserve = \"64 MiB\"\nhttp_threads = "
      "2\n" +
      two_peers + feed +
      "results = \"mllp://localhost:6663\"\nsilent_after = \"night: 6 h\"\n"
      "[feed.identifiers]\nch-gap = [\"CHGAP\", \"050000116\"]\n"
      "[[feed.procedure]]\ncode = \"X1\"\nmodality = \"MR\"\nside = \"left\"\n");
  const auto again = load(write_site(site));
  ASSERT_TRUE(again) << again.error().what << '\n' << write_site(site);
  EXPECT_EQ(*again, site);
}

TEST_F(SiteFile, AnUnknownKeyIsRefusedWithItsLineAndWhatIsAllowed) {
  EXPECT_EQ(
      said_of("lisen = 1\n"),
      "site.toml:7: lisen: got an unknown key; allowed: client_listen, data_dir, directory, "
      "federation, feed, guard_file, http_listen, id, key_file, limits, log_level, mode, peer, "
      "peer_listen, priority, profile, role, site, timing");
  EXPECT_EQ(said_of("[timing]\nbeat = 1\n"),
            "site.toml:8: timing.beat: got an unknown key; allowed: election_max, election_min, "
            "heartbeat, site_unreachable_after");
}

TEST_F(SiteFile, TheGuardFileIsBesideTheDataFolderAndNeverInIt) {
  EXPECT_EQ(good("").guard_file, good("").data_dir.string() + ".guard");
  EXPECT_NE(said_of("guard_file = \"data/guard\"\n").find("outside data_dir"), std::string::npos);
}

TEST_F(SiteFile, AMissingKeyIsRefused) {
  EXPECT_EQ(said(replaced(base, "site = \"lyon\"\n", "")),
            "site.toml:1: site: got nothing; allowed: 1 to 32 of a-z, 0-9 and -");
}

TEST_F(SiteFile, EachBadValueSaysWhatIsAllowed) {
  const std::pair<std::string, std::string> cases[] = {
      {"mode = \"test\"\n",
       "site.toml:7: mode: got \"test\"; allowed: \"production\", \"training\""},
      {"priority = 101\n", "site.toml:7: priority: got 101; allowed: a whole number, 0 to 100"},
      {"priority = \"1\"\n", "site.toml:7: priority: got \"1\"; allowed: a whole number, 0 to 100"},
      {"priority = 1.5\n", "site.toml:7: priority: got 1.5; allowed: a whole number, 0 to 100"},
      {"role = true\n", "site.toml:7: role: got true; allowed: \"voter\", \"learner\""},
      {"log_level = \"loud\"\n",
       "site.toml:7: log_level: got \"loud\"; allowed: \"debug\", \"info\", \"warning\", "
       "\"error\""},
      {"client_listen = \"localhost:1\"\n",
       "site.toml:7: client_listen: got \"localhost:1\"; allowed: \"IPV4:PORT\", PORT 1 to 65535"},
      {"http_listen = \"127.0.0.1:99999\"\n",
       "site.toml:7: http_listen: got \"127.0.0.1:99999\"; allowed: \"IPV4:PORT\", PORT 0 (any "
       "free "
       "one) to 65535"},
      {"[timing]\nheartbeat = \"3 s\"\n",
       "site.toml:8: timing.heartbeat: got \"3 s\"; allowed: \"10 ms\" to \"2 s\" (a whole number "
       "of "
       "ms, s, min or h)"},
      {"[timing]\nheartbeat = 50\n",
       "site.toml:8: timing.heartbeat: got 50; allowed: \"10 ms\" to \"2 s\" (a whole number of "
       "ms, "
       "s, min or h)"},
      {"[timing]\nelection_min = \"100 ms\"\n",
       "site.toml:8: timing.election_min: got \"100 ms\"; allowed: at least three heartbeats, here "
       "\"150 ms\""},
      {"[timing]\nelection_max = \"400 ms\"\n",
       "site.toml:8: timing.election_max: got \"400 ms\"; allowed: at least 1.5 times "
       "election_min"},
      {"[limits]\nlog_tail = \"1 KiB\"\n",
       "site.toml:8: limits.log_tail: got \"1 KiB\"; allowed: \"64 KiB\" to \"1 GiB\" (a whole "
       "number "
       "of KiB, MiB or GiB)"},
      {"[limits]\nintake_reserve = \"0 KiB\"\n",
       "site.toml:8: limits.intake_reserve: got \"0 KiB\"; allowed: \"auto\" (256 MiB or 10 % of "
       "the "
       "disk, whichever is less), \"1 MiB\" to \"1024 GiB\""},
      {"[limits]\nsnapshot_every = 99\n",
       "site.toml:8: limits.snapshot_every: got 99; allowed: a whole number, 100 to 10000000 log "
       "entries"},
      {"timing = 1\n", "site.toml:7: timing: got 1; allowed: a table [timing]"},
      {"[peer]\nid = 2\n", "site.toml:7: peer: got a table; allowed: up to 63 tables [[peer]]"},
      {"directory = \"none.toml\"\n",
       "site.toml:7: directory: got \"none.toml\" (none.toml: No such file or directory); allowed: "
       "a "
       "file that is there and can be read"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(said_of(text), expected);
}

TEST_F(SiteFile, AllProblemsAreToldAtOnceByLine) {
  EXPECT_EQ(said(replaced(base, "id = 1", "id = 65") + "mode = 1\n[limits]\nhttp_threads = 0\n"),
            "site.toml:3: id: got 65; allowed: a whole number, 1 to 64\n"
            "site.toml:7: mode: got 1; allowed: \"production\", \"training\"\n"
            "site.toml:9: limits.http_threads: got 0; allowed: a whole number, 1 to 64");
}

TEST_F(SiteFile, ASyntaxErrorHasItsLine) {
  const std::string what = said_of("mode = = 1\n");
  EXPECT_TRUE(what.starts_with("site.toml:7: syntax: got ")) << what;
  EXPECT_TRUE(what.ends_with("; allowed: TOML 1.0")) << what;
}

TEST_F(SiteFile, AHostileValueStaysOnItsLine) {
  EXPECT_EQ(said_of("mode = \"a\\nb\\\"\"\n"),
            "site.toml:7: mode: got \"a\\u000ab\\\"\"; allowed: \"production\", \"training\"");
}

TEST_F(SiteFile, AMissingFileIsNotFound) {
  const auto site = load_site(folder.path() / "none.toml");
  ASSERT_FALSE(site);
  EXPECT_EQ(site.error().code, Errc::not_found);
  EXPECT_EQ(site.error().what,
            (folder.path() / "none.toml").string() + ": cannot be read: No such file or directory");
  EXPECT_EQ(load_site(folder.path()).error().code, Errc::not_found);
}

TEST_F(SiteFile, AKeyThatIsMissingOrOpenToOthersIsRefused) {
  EXPECT_EQ(said(replaced(base, "lyon.key", "no.key")),
            "site.toml:4: key_file: got \"no.key\" (no.key: No such file or directory); allowed: a "
            "file that is there, open to its owner only (mode 0600)");
  chmod((folder.path() / "lyon.key").c_str(), 0640);
  EXPECT_EQ(
      said(base),
      "site.toml:4: key_file: got \"lyon.key\" (lyon.key: open to group or others); allowed: a "
      "file that is there, open to its owner only (mode 0600)");
}

TEST_F(SiteFile, SitesIdsAddressesAndKeysAreUsedOnce) {
  EXPECT_EQ(
      said_of(replaced(two_peers, "marseille", "lyon")),
      "site.toml:13: peer[2].site: got \"lyon\", as site; allowed: each site once, and not this "
      "one");
  EXPECT_EQ(said_of(replaced(two_peers, "id = 3", "id = 1")),
            "site.toml:14: peer[2].id: got 1, as id; allowed: each id once, and not this site's");
  EXPECT_EQ(said_of(replaced(two_peers, "h3:", "h2:")),
            "site.toml:15: peer[2].address: got \"h2:7401\", as [[peer]] bordeaux; allowed: each "
            "address once");
  EXPECT_EQ(said_of(replaced(two_peers, key_b, key_a)),
            "site.toml:16: peer[2].key: got \"" + key_a +
                "\", as [[peer]] bordeaux; allowed: each key once");
  EXPECT_EQ(said_of("peer_listen = \"127.0.0.1:7400\"\n"),
            "site.toml:7: peer_listen: got \"127.0.0.1:7400\", as client_listen; allowed: each "
            "address once");
}

TEST_F(SiteFile, ABadPublicKeyIsRefused) {
  EXPECT_EQ(said_of(replaced(two_peers, key_b, "short")),
            "site.toml:16: peer[2].key: got \"short\"; allowed: a public key as `vigie key new` "
            "prints it (40 signs Z85), or 64 hexadecimal digits");
}

TEST_F(SiteFile, VotersAreOddInNumber) {
  const std::string one_peer = two_peers.substr(0, two_peers.find("[[peer]]", 1));
  EXPECT_EQ(
      said_of(one_peer),
      "site.toml:1: role: got 2 voters in all; allowed: an odd number of voters, this site and "
      "its peers: make one a learner, or add a witness");
  EXPECT_EQ(said_of(one_peer + "role = \"learner\"\n"), "accepted");
}

TEST_F(SiteFile, MllpIsNeverPlainByAccident) {
  EXPECT_EQ(said_of(replaced(feed, "127.0.0.1", "0.0.0.0")),
            "site.toml:10: feed[1].listen: got \"0.0.0.0:6661\"; allowed: one address of this "
            "machine: 0.0.0.0 is refused for MLLP");
  const std::string open = replaced(feed, "127.0.0.1", "10.8.0.2");
  EXPECT_EQ(
      said_of(open),
      "site.toml:10: feed[1].listen: got \"10.8.0.2:6661\" in the clear; allowed: an address in "
      "127.0.0.0/8, or transport = \"tls\", or transport = \"vpn\" where the network encrypts");
  EXPECT_EQ(said_of(open + "transport = \"vpn\"\n"),
            "site.toml:7: feed[1].allow_from: got nothing; allowed: the hospital's networks: "
            "transport \"tls\" and \"vpn\" need them");
  EXPECT_EQ(said_of(open + "transport = \"vpn\"\nallow_from = [\"10.8.4.0/24\"]\n"), "accepted");
  EXPECT_EQ(said_of(replaced(feed, "127.0.0.1", "0.0.0.0") +
                    "transport = \"vpn\"\nallow_from = [\"10.8.4.0/24\"]\n"),
            "site.toml:10: feed[1].listen: got \"0.0.0.0:6661\"; allowed: one address of this "
            "machine: 0.0.0.0 is refused for MLLP");
  EXPECT_EQ(said_of(feed + "results = \"mllp://10.8.4.7:6663\"\n"),
            "site.toml:11: feed[1].results: got \"mllp://10.8.4.7:6663\" in the clear; allowed: "
            "mllps://, a loopback address, or transport = \"vpn\" where the network encrypts");
}

TEST_F(SiteFile, TlsNeedsItsFiles) {
  EXPECT_EQ(
      said_of(feed + "transport = \"tls\"\nallow_from = [\"10.8.4.0/24\"]\n"),
      "site.toml:7: feed[1].client_ca: got nothing; allowed: a file: transport = \"tls\" needs "
      "it\n"
      "site.toml:7: feed[1].server_cert: got nothing; allowed: a file: transport = \"tls\" "
      "needs it\n"
      "site.toml:7: feed[1].server_key: got nothing; allowed: a file: transport = \"tls\" needs "
      "it");
}

TEST_F(SiteFile, EachBadValueOfAFeedIsRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"doors = [\"paris\"]\n",
       "site.toml:11: feed[1].doors: got \"paris\"; allowed: this site or one of its peers"},
      {"allow_from = [\"0.0.0.0/0\"]\n",
       "site.toml:11: feed[1].allow_from: got \"0.0.0.0/0\"; allowed: a network \"A.B.C.D/N\", N 1 "
       "to "
       "32, or one address"},
      {"allow_from = []\n",
       "site.toml:11: feed[1].allow_from: got a list of 0; allowed: a list of 1 to 64, each a "
       "network "
       "\"A.B.C.D/N\", N 1 to 32, or one address"},
      {"profile = \"hl7\"\n",
       "site.toml:11: feed[1].profile: got \"hl7\"; allowed: \"swf\", \"tlr\", \"custom\""},
      {"results = \"http://a:1\"\n",
       "site.toml:11: feed[1].results: got \"http://a:1\"; allowed: \"mllp://HOST:PORT\" or "
       "\"mllps://HOST:PORT\""},
      {"cda = \"yes\"\n", "site.toml:11: feed[1].cda: got \"yes\"; allowed: true, false"},
      {"silent_after = \"noon: 1 h\"\n",
       "site.toml:11: feed[1].silent_after: got \"noon: 1 h\"; allowed: \"BAND: TIME, ...\", BAND "
       "always, day, evening or night, TIME 1 min to 168 h"},
      {"charset = \"EBCDIC\"\n",
       "site.toml:11: feed[1].charset: got \"EBCDIC\"; allowed: \"UNICODE UTF-8\", \"8859/15\", "
       "\"8859/1\", \"ASCII\", \"windows-1252\""},
      {"[feed.identifiers]\nch-pau = [\"PAU\"]\n",
       "site.toml:12: feed[1].identifiers.ch-pau: got \"ch-pau\"; allowed: an establishment of "
       "this "
       "feed"},
      {"[feed.identifiers]\nch-gap = [\"A\", \"A\"]\n",
       "site.toml:12: feed[1].identifiers.ch-gap: got \"A\" again; allowed: each identifier once "
       "in a "
       "feed"},
      {"[[feed.procedure]]\ncode = \"X\"\nmodality = \"RAD\"\n",
       "site.toml:13: feed[1].procedure[1].modality: got \"RAD\"; allowed: CT, MR, CR, DX, US, XA, "
       "NM, PT, MG, OT"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(said_of(feed + text), expected);
  EXPECT_EQ(said_of(feed + replaced(feed, "6661", "6662")),
            "site.toml:12: feed[2].name: got \"gap\", as another [[feed]]; allowed: each feed name "
            "once");
  EXPECT_EQ(said_of(feed + replaced(feed, "\"gap\"", "\"dax\"")),
            "site.toml:14: feed[2].listen: got \"127.0.0.1:6661\", as [[feed]] gap; allowed: each "
            "address once");
}

}  // namespace
}  // namespace vigie::settings
