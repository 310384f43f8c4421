// Writes the first corpus of the fuzz targets, a folder each, with Vigie's own encoders: inputs
// that decode, from which a fuzzer goes on. Nothing in it comes from a hospital.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "actors/core/hl7/ack.hpp"
#include "actors/core/hl7/mllp.hpp"
#include "config/settings/client_file.hpp"
#include "config/settings/directory_file.hpp"
#include "config/settings/settings.hpp"
#include "messages/codec/client_codec.hpp"
#include "messages/codec/directory_codec.hpp"
#include "messages/codec/peer_codec.hpp"
#include "messages/codec/proposal_codec.hpp"
#include "storage/journal/node_record.hpp"
#include "storage/journal/record.hpp"
#include "tests/actors/core/hl7/samples.hpp"
#include "tests/fuzz/photograph.hpp"
#include "tests/fuzz/world.hpp"
#include "tests/messages/codec/samples.hpp"

namespace vigie::fuzz {
namespace {

namespace fs = std::filesystem;

class Corpus {
 public:
  Corpus(const fs::path& root, const char* target) : folder_(root / target) {
    fs::create_directories(folder_);
  }
  void add(const std::string& name, const std::string& bytes) {
    std::ofstream file(folder_ / name, std::ios::binary);
    file << bytes;
    file.close();
    VIGIE_ASSERT(file.good());
  }

 private:
  fs::path folder_;
};

std::string kind(unsigned number) { return std::string(1, static_cast<char>(number)); }

void client(const fs::path& root) {
  Corpus corpus(root, "client");
  corpus.add("client", kind(0) + codec::encode_client(samples::client_messages()));
  const Answer answer = samples::answer();
  const std::vector<NodeMessage> messages = {
      Welcome{"fuzz", 1, {1}, {2}, "gap", {3, 4}, {5}, NodeMode::connected, {6}, {7}, {8}, true},
      ClientAnswer{{1}, {2}, answer},
      RenewAck{{1}, {2}, 3, {60'000}, Errc::ok},
      Cover{1, {2}, {3}, {samples::event()}},
      Gap{1, {2}, {3}, {samples::event()}},
      QueryReply{1, Errc::ok, {9}, true, "{}"},
      Complaint{Errc::malformed, "frame"}};
  corpus.add("node", kind(1) + codec::encode_node(messages));
  for (const Command& command : samples::commands()) {
    const std::string bytes = codec::encode_proposal(samples::proposal(command));
    corpus.add("proposal_" + std::string(name_of(command)), kind(2) + bytes);
  }
  const std::string proposal = codec::encode_proposal(samples::proposal(Claim{{5}}));
  corpus.add("entry", kind(3) + codec::make_entry_payload({1'700'000'000'000}, proposal));
  corpus.add("directory", kind(4) + codec::encode_directory(samples::directory()));
}

void peer(const fs::path& root) {
  namespace r = replica;
  Corpus corpus(root, "peer");
  codec::PeerFrame frame;
  frame.header.federation = codec::federation_hash("fuzz");
  frame.header.instance = {1, 2};
  frame.header.boot = {3};
  frame.header.mode = NodeMode::connected;
  frame.header.site = {2};
  corpus.add("header", codec::encode_peer(frame));
  const LogEntry entry{{8}, {2}, EntryKind::command, Payload{"entry"}};
  const std::vector<r::MessageBody> bodies = {
      r::VoteRequest{true, false, {7}, {2}},
      r::VoteAnswer{false, true},
      r::Append{{7}, {2}, {6}, {entry}},
      r::AppendAnswer{false, {7}, {5}, {1}},
      r::Heartbeat{{7}, 9},
      r::HeartbeatAnswer{9},
      r::SnapshotChunk{{{5}, {1}, {3, 4}, 9}, 0, Payload{"photo"}},
      r::SnapshotAnswer{{5}, 1},
      r::TimeoutNow{}};
  for (const r::MessageBody& body : bodies) frame.raft.push_back({{3}, {2}, body});
  corpus.add("raft", codec::encode_peer(frame));
  frame.raft.clear();
  frame.proposals = {codec::encode_proposal(samples::proposal(Claim{{5}}))};
  frame.renewals = {{{1}, {2}, 3, {2}}};
  frame.renewal_acks = {{{1}, {2}, 3, {60'000}, Errc::ok}};
  corpus.add("proposals", codec::encode_peer(frame));
  codec::SiteStatus& status = frame.status.emplace();
  status.sessions = 7;
  status.applied = {102};
  status.commit = {103};
  status.digest = {41, 42};
  status.version = "0.1.0";
  frame.archive_wish = codec::ArchiveWish{{9}, {8}, {7}, 1};
  frame.archive_chunk =
      codec::ArchiveChunk{{{9}, {8}, {7}, 1}, true, true, {{{8}, {7}, 4, "exam"}}};
  corpus.add("status_and_archive", codec::encode_peer(frame));
}

void hl7_messages(const fs::path& root) {
  Corpus corpus(root, "hl7");
  const auto message = [&](const std::string& name, const std::string& options,
                           const std::vector<std::string>& segments) {
    corpus.add(name, kind(5) + options + hl7::lines(segments));
  };
  message("order", "@", hl7::plain_order());
  message("order_latin9", "F", hl7::plain_order());
  message("order_tlr", "A", hl7::tlr_order());
  message("merge", "@", {hl7::msh + "|ADT^A40|M2|P|2.5", hl7::pid, "MRG|1^^^X^PI", hl7::pv1});
  auto two = hl7::plain_order();
  two.insert(two.end(), {"ORC|CA|A7^X||||||||||||||^motif", "OBR|2|A7", "ZDS|1.2.3^1^A^DICOM"});
  message("two_orders", "`", two);
  auto observed = hl7::plain_order();
  observed.insert(
      observed.end(),
      {"NTE|1||sous anticoagulants\\.br\\insuffisance", "OBX|1|NM|29463-7^Poids^LN||71|kg",
       "OBX|2|ED|18842-5^Lettre^LN||^application^PDF^Base64^SGVsbG8=", "TQ1|1||||||20260314"});
  message("context", "P", observed);
  const std::string frames = hl7::frame("MSH|one") + "noise" + hl7::frame(hl7::lines(two));
  corpus.add("frames", std::string{char(205), 7} + frames);
  const hl7::Order order = hl7::order_of(hl7::plain_order());
  corpus.add("sealed", kind(216) + order.request.sealed);
  const hl7::Feed feed = hl7::gap_feed();
  const auto header = hl7::read_header(hl7::lines(hl7::plain_order()), std::nullopt);
  corpus.add("ack",
             kind(231) + hl7::build_ack(header, feed, hl7::Taken{{"GAP-1"}, {}}, "V1", "")[0]);
  corpus.add("characters", kind(246) + kind(3) +
                               "\xe9\xa4\x80 c\xc3\xa9phal\xc3\xa9"
                               "e");
}

void journal(const fs::path& root) {
  using namespace storage;
  Corpus corpus(root, "journal");
  std::string batch;
  Bits128 chain;
  for (std::uint64_t i = 1; i <= 3; ++i) {
    const LogEntry entry{{i}, {1}, EntryKind::command, Payload{std::string(i * 5, 'e')}};
    chain = chain_step(chain, entry);
    append_record(batch, entry, chain);
  }
  corpus.add("records", kind(0) + batch);
  const std::string name("\x08\0identity", 10);
  corpus.add("identity", kind(1) + name + encode(Identity{"fuzz", "lyon", {1, 2}, {3}}));
  corpus.add("hard", kind(1) + name + encode(HardState{{4}, {2}}));
  corpus.add("snapshot", kind(1) + name + encode(StoredSnapshot{{{5}, {1}, chain, 9}, 1, 1}));
  corpus.add("archive_key", kind(1) + name + key::archived({5}, {7}));
}

void settings_files(const fs::path& root) {
  using namespace settings;
  Corpus corpus(root, "settings");
  const auto sample = [](const char* path) {
    std::ifstream file(path);
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  };
  // The letters d to g choose the reader: a node's, the directory's, a client's, a key file's.
  corpus.add("site_sample", "d" + sample("config/samples/site.toml"));
  corpus.add("directory_sample", "e" + sample("config/samples/federation-3/directory.toml"));
  corpus.add("client_sample", "f" + sample("config/samples/client.toml"));
  corpus.add("directory", "e" + write_directory(world()));
  const std::string z85(40, 'a');
  corpus.add("keys", "g# keys\npublic = \"" + z85 + "\"\nsecret = \"" + z85 + "\"\n");
}

/// Bytes of chance (splitmix64), for targets that read their input as a script.
std::string chance(std::uint64_t seed, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) {
    seed += 0x9e3779b97f4a7c15u;
    std::uint64_t z = (seed ^ (seed >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    bytes.push_back(static_cast<char>(z ^ (z >> 31)));
  }
  return bytes;
}

void scripts(const fs::path& root) {
  Corpus apply(root, "apply"), replica(root, "replica"), snapshot(root, "snapshot");
  for (std::uint64_t i = 1; i <= 6; ++i) {
    apply.add("night_" + std::to_string(i), chance(i, 3800));
    replica.add("peers_" + std::to_string(i), chance(i, 1500));
    snapshot.add("room_" + std::to_string(i), kind(2) + kind(9) + chance(i, 800));
  }
}

void snapshot(const fs::path& root) {
  Corpus corpus(root, "snapshot");
  room::Room room;
  room::Effects effects;
  Proposal p;
  p.door = {1};
  p.key = {1};
  p.command = ApplyDirectory{world()};
  room.apply({1}, {1'700'000'000'000}, p, effects);
  Request request;
  request.key = {{2}, "H", "1"};
  request.establishment = {2};
  request.modality = Modality::ct;
  p.command = Submit{{request}, "M1"};
  room.apply({2}, {1'700'000'000'500}, p, effects);
  p.key = key_of(PersonId{12});
  p.command = Attach{{500}, {1}, {}, Role::reader, {1}, "poste", AcceptMode::automatic};
  room.apply({3}, {1'700'000'001'000}, p, effects);
  corpus.add("photograph", kind(0) + kind(9) + photograph(room, 4096));
}

}  // namespace
}  // namespace vigie::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s FOLDER  (from the project's root; overwrites)\n", argv[0]);
    return 64;
  }
  const std::filesystem::path root = argv[1];
  vigie::fuzz::client(root);
  vigie::fuzz::peer(root);
  vigie::fuzz::hl7_messages(root);
  vigie::fuzz::journal(root);
  vigie::fuzz::settings_files(root);
  vigie::fuzz::snapshot(root);
  vigie::fuzz::scripts(root);
  return 0;
}
