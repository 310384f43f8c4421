// Chance of our own, so that a seed means the same run on every machine and with every standard
// library: splitmix64 spreads the seed, xoshiro256** draws. Integers only.
#pragma once

#include <array>
#include <cstdint>

namespace vigie::sim {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) {
    for (std::uint64_t& word : state_) word = spread(seed);
  }

  std::uint64_t draw() {
    const std::uint64_t out = turn(state_[1] * 5, 7) * 9;
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = turn(state_[3], 45);
    return out;
  }
  /// In [0, n); 0 for n = 0.
  std::uint64_t below(std::uint64_t n) {
    return static_cast<std::uint64_t>((static_cast<unsigned __int128>(draw()) * n) >> 64);
  }
  /// In [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low + 1)));
  }
  bool percent(unsigned p) { return below(100) < p; }
  bool permille(unsigned p) { return below(1000) < p; }
  /// About `mean` on the average, seldom much more: the sum of two even draws.
  std::int64_t around(std::int64_t mean) { return between(0, mean) + between(0, mean); }
  template <class List>
  auto& one_of(List& all) {
    return all[below(all.size())];
  }
  /// A stream of its own: what one part of the world draws does not move the others.
  Chance fork() { return Chance(draw()); }

 private:
  static std::uint64_t turn(std::uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }
  static std::uint64_t spread(std::uint64_t& seed) {
    std::uint64_t z = (seed += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  std::array<std::uint64_t, 4> state_;
};

}  // namespace vigie::sim
