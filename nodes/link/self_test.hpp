// A node's own proof that its doors are shut: it knocks with a key nobody knows, and without any
// encryption, and neither may come in. Catches what would otherwise be silent: a ZAP handler that
// is not asked, an option that this build of ZeroMQ ignores. Internal to nodes/link.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "messages/types/result.hpp"
#include "messages/types/time.hpp"
#include "nodes/link/curve.hpp"

namespace vigie::link {

/// What the link thread saw of the self-test's knocks.
class Witness {
 public:
  /// The key of the test; no list allows it.
  const KeyPair& keys() const { return keys_; }

  /// ZAP refused `key`. Link thread.
  void refused(const PublicKey& key);
  /// A message came in whose sender has no key, or `key`, and is not allowed. Link thread.
  void came_in(const PublicKey* key);

  /// Waits until the test's key was refused `count` times; false when `span` passed before.
  bool wait_refused(std::size_t count, Millis span);
  bool anything_came_in() const { return came_in_.load(); }

 private:
  const KeyPair keys_ = make_key_pair();
  std::atomic<bool> came_in_{false};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t refusals_ = 0;
};

/// Knocks at each of `endpoints` (CURVE servers with key `server`) both ways, and returns once all
/// were turned away, or after `bound` if nothing came in until then.
/// @errors Errc::unauthorised: a handshake succeeded, or a message came in.
Result<void> run_self_test(const std::vector<std::string>& endpoints, const PublicKey& server,
                           Witness& witness, Millis bound);

}  // namespace vigie::link
