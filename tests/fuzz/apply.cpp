// apply() is total: any sequence of proposals that the codec lets through, at any stamps, leaves a
// room whose invariants hold, whose photograph loads to an equal room, also when it was taken while
// entries went on, and which another room that applies the same entries equals.
#include "actors/core/room/invariants.hpp"
#include "tests/fuzz/photograph.hpp"
#include "tests/fuzz/proposals.hpp"

namespace vigie::fuzz {
namespace {

constexpr std::size_t entries_max = 300;

class Night {
 public:
  explicit Night(Input& input) : in_(input), proposals_(input, room_) {
    Proposal founding;
    founding.door = {1};
    founding.key = {1};
    founding.command = ApplyDirectory{world()};
    apply(founding);
  }

  void run() {
    for (std::size_t n = 0; n < entries_max && !in_.at_end(); ++n) {
      const std::uint8_t what = in_.byte();
      if (what == 0) {
        room_.skip(next(room_.applied()));
      } else if (what == 1) {
        room_.apply_undecodable(next(room_.applied()), step(), effects_);
      } else if (what < 12) {
        photograph_a_piece();
      } else if (const auto proposal = proposals_.next()) {
        step();
        apply(*proposal);
      }
      judge();
    }
    finish();
  }

 private:
  FedTime step() { return at_ = proposals_.after(at_); }
  void apply(const Proposal& proposal) {
    const LogIndex index = next(room_.applied());
    effects_ = {};
    const Answer answer = room_.apply(index, at_, proposal, effects_);
    check(answer.index && answer.index <= index, "an answer names its index");
    check(answer.request == proposal.request, "an answer echoes its request");
    for (const room::ArchivedExam& exam : effects_.archive) {
      Exam read;
      check(room::from_canonical(exam.bytes, read) && read.id == exam.exam, "the archive reads");
    }
  }
  void judge() {
    for (const std::string& violation : room::violations(room_)) check(false, violation);
    const FedTime due = room_.next_due();
    check(!due || room_.now().value >= 0, "time is sane");
  }
  /// One piece of a photograph that is being taken while entries go on.
  void photograph_a_piece() {
    if (!room_.snapshot_begun()) {
      room_.begin_snapshot();
      pieces_.clear();
      digest_ = room_.digest();
      return;
    }
    const std::string piece = room_.next_snapshot_piece(256);
    pieces_ += piece;
    if (piece.empty()) compare(pieces_, digest_);
  }
  void compare(const std::string& bytes, const Bits128& digest) {
    auto loaded = load(bytes, 1 + in_.below(200) * 7);
    check(static_cast<bool>(loaded), "a photograph loads");
    check(loaded->digest() == digest, "what loads has the digest of what was photographed");
    check(photograph(*loaded, 4096) == bytes, "what loads is photographed as the same bytes");
    if (digest != room_.digest()) return;
    check(loaded->next_due() == room_.next_due(), "what loads has the same deadlines");
    check(loaded->state().counts() == room_.state().counts(), "what loads has the same counts");
  }
  void finish() {
    while (room_.snapshot_begun()) photograph_a_piece();
    compare(photograph(room_, 512), room_.digest());
  }

  Input& in_;
  room::Room room_;
  room::Effects effects_;
  Proposals proposals_;
  FedTime at_{1'700'000'000'000};
  std::string pieces_;
  Bits128 digest_;
};

}  // namespace
}  // namespace vigie::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  vigie::fuzz::Input input(data, size);
  vigie::fuzz::Night(input).run();
  return 0;
}
