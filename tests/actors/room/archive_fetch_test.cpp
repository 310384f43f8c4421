// Fetching archive records from a peer, piece by piece, and finding out who lies.
#include "actors/room/archive_fetch.hpp"

#include <gtest/gtest.h>

#include "messages/types/limits.hpp"
#include "storage/journal/node_record.hpp"
#include "storage/memory/memory_disk.hpp"

namespace vigie::actors {
namespace {

using storage::ArchiveRecord;

/// A peer with an archive, and what the federation says of it.
struct Peer {
  explicit Peer(std::vector<ArchiveRecord> all) : records(std::move(all)) {
    journal =
        std::move(*storage::open_memory(disk, storage::OpenMode::write, {"f", "s", {0, 1}, {}}));
    storage::WriteBatch batch;
    batch.archive = records;
    EXPECT_TRUE(journal->write(batch));
    wanted.index = {1000};
    for (const ArchiveRecord& r : records) wanted.end.add(r.index, r.exam, r.bytes);
  }
  codec::ArchiveChunk answer(const codec::ArchiveWish& wish) const {
    auto chunk = read_archive(*journal, wish);
    EXPECT_TRUE(chunk);
    codec::PeerFrame frame;
    frame.archive_chunk = *chunk;
    EXPECT_LE(codec::peer_bytes(*chunk) + codec::peer_fixed_bytes, limits::peer_frame_bytes);
    return *codec::decode_peer(codec::encode_peer(frame))->archive_chunk;
  }
  storage::MemoryDisk disk;
  std::unique_ptr<storage::Journal> journal;
  std::vector<ArchiveRecord> records;
  room::SnapshotArchive wanted;
};

ArchiveRecord record(std::uint64_t index, std::uint64_t exam, std::size_t bytes) {
  return {{index}, {exam}, std::string(bytes, static_cast<char>('a' + exam % 26))};
}

/// Everything that comes until the fetch is complete; nothing if it is refused.
std::vector<ArchiveRecord> fetch_all(ArchiveFetch& fetch, const Peer& peer, std::size_t* chunks) {
  std::vector<ArchiveRecord> all;
  while (!fetch.is_complete() && ++*chunks < 100) {
    auto some = fetch.take(peer.answer(fetch.wish()));
    if (!some) return {};
    for (ArchiveRecord& r : *some) all.push_back(std::move(r));
  }
  return all;
}

TEST(ArchiveFetch, BringsRecordsOfAnySizeInBoundedPieces) {
  Peer peer({record(5, 1, 10), record(5, 2, 300'000), record(6, 1 << 20, 1'100'000),
             record(7, 3, 262'144), record(8, 4, 1)});
  std::vector<ArchiveRecord> small;
  ArchiveFetch fetch({}, {}, peer.wanted);
  std::size_t chunks = 0;
  EXPECT_EQ(fetch_all(fetch, peer, &chunks), peer.records);
  EXPECT_EQ(chunks, 7u);  // 1,672,155 bytes in pieces of 262,144
}

TEST(ArchiveFetch, BringsManySmallRecordsOfOneIndex) {
  std::vector<ArchiveRecord> many;
  for (std::uint64_t i = 1; i <= 3000; ++i) many.push_back(record(7, i, 3));
  Peer peer(many);
  ArchiveFetch fetch({}, {}, peer.wanted);
  std::size_t chunks = 0;
  EXPECT_EQ(fetch_all(fetch, peer, &chunks), many);
  EXPECT_EQ(chunks, 3u);
}

TEST(ArchiveFetch, AsksOnlyForWhatIsBeyondItsOwnEnd) {
  Peer peer({record(5, 1, 10), record(6, 2, 10), record(9, 3, 10)});
  room::ArchiveEnd held;
  held.add({5}, {1}, peer.records[0].bytes);
  ArchiveFetch fetch({5}, held, peer.wanted);
  EXPECT_EQ(fetch.wish(), (codec::ArchiveWish{{1000}, {6}, {}, 0}));
  std::size_t chunks = 0;
  EXPECT_EQ(fetch_all(fetch, peer, &chunks).size(), 2u);
}

TEST(ArchiveFetch, ANodeThatMissedNothingIsCompleteAtOnce) {
  Peer peer({record(5, 1, 10)});
  EXPECT_TRUE(ArchiveFetch({7}, peer.wanted.end, peer.wanted).is_complete());
}

TEST(ArchiveFetch, GoesOnFromWhereItIsWhenTheSnapshotIsALaterOne) {
  Peer peer({record(5, 1, 10), record(6, 2, 300'000), record(7, 3, 10)});
  room::SnapshotArchive earlier{{6}, {}};
  for (int i = 0; i < 2; ++i) {
    earlier.end.add(peer.records[i].index, peer.records[i].exam, peer.records[i].bytes);
  }
  ArchiveFetch fetch({}, {}, earlier);
  ASSERT_EQ(fetch.take(peer.answer(fetch.wish()))->size(), 1u);
  fetch.aim_at(peer.wanted);
  std::size_t chunks = 0;
  EXPECT_EQ(fetch_all(fetch, peer, &chunks).size(), 2u);
  fetch.keep();
  fetch.start_over();
  EXPECT_TRUE(fetch.is_complete()) << "what was kept is not asked for again";
}

TEST(ArchiveFetch, RefusesWhatTheFederationDidNotArchive) {
  const Peer honest({record(5, 1, 100), record(6, 2, 100), record(7, 3, 100)});
  const auto lie = [&](const auto& change) {
    ArchiveFetch fetch({}, {}, honest.wanted);
    codec::ArchiveChunk chunk = honest.answer(fetch.wish());
    change(chunk);
    const auto taken = fetch.take(std::move(chunk));
    const bool refused = !taken || !fetch.is_complete();
    fetch.start_over();
    std::size_t chunks = 0;
    EXPECT_EQ(fetch_all(fetch, honest, &chunks), honest.records);  // another peer helps
    return refused;
  };
  EXPECT_FALSE(lie([](codec::ArchiveChunk&) {}));
  EXPECT_TRUE(lie([](auto& c) { c.pieces[1].bytes[50] = 'x'; }));
  EXPECT_TRUE(lie([](auto& c) { c.pieces[1].exam = {9}; }));
  EXPECT_TRUE(lie([](auto& c) { c.pieces[1].index = {7}; }));
  EXPECT_TRUE(lie([](auto& c) { std::swap(c.pieces[0], c.pieces[1]); }));
  EXPECT_TRUE(lie([](auto& c) { c.pieces.pop_back(); }));
  EXPECT_TRUE(lie([](auto& c) { c.pieces.clear(); }));
  EXPECT_TRUE(lie([](auto& c) { c.pieces.insert(c.pieces.begin(), {{4}, {9}, 1, "x"}); }));
  EXPECT_TRUE(lie([](auto& c) { c.pieces[0].bytes.clear(); }));
  EXPECT_TRUE(lie([](auto& c) { c.pieces[0].size = 50; }));
  EXPECT_TRUE(lie([](auto& c) { c.pieces[2].index = {1001}; }));
}

TEST(ArchiveFetch, LeavesTheAnswerToAnotherWishAlone) {
  Peer peer({record(5, 1, 10)});
  ArchiveFetch fetch({}, {}, peer.wanted);
  codec::ArchiveWish other = fetch.wish();
  other.through = {999};
  const auto taken = fetch.take(peer.answer(other));
  ASSERT_TRUE(taken);
  EXPECT_TRUE(taken->empty());
  EXPECT_FALSE(fetch.is_complete());
}

/// What a peer can still read serves whoever lacks just that.
TEST(ArchiveFetch, GivesTheRecordsBeforeADamagedOne) {
  Peer peer({record(5, 1, 10), record(5, 2, 20), record(5, 3, 30)});
  ASSERT_TRUE(peer.disk.rot(storage::Column::archive, storage::key::archived({5}, {3}), 9));
  const auto second = peer.answer({{5}, {5}, {2}, 0});
  ASSERT_EQ(second.pieces.size(), 1u);
  EXPECT_EQ(second.pieces[0].bytes, peer.records[1].bytes);
  EXPECT_FALSE(second.complete);
  EXPECT_FALSE(read_archive(*peer.journal, {{5}, {5}, {3}, 0}));
}

}  // namespace
}  // namespace vigie::actors
