#include "actors/core/room/canonical.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace vigie::room {

Bits128 hash_of(std::string_view bytes) {
  const XXH128_hash_t h = XXH3_128bits(bytes.data(), bytes.size());
  return {h.high64, h.low64};
}

}  // namespace vigie::room
