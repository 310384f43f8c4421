// The door keeper of one context: answers ZeroMQ's question "may this key come in?" (ZAP, RFC 27).
// Without it ZeroMQ lets every key in, so it is bound before any other socket. Internal.
#pragma once

#include <functional>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "nodes/link/link.hpp"

namespace vigie::link {

class ZapHandler {
 public:
  using Judge = std::function<Standing(const PublicKey&)>;

  /// Binds the context's ZAP endpoint. Throws zmq::error_t if it is taken: do not serve then.
  /// @param revoked_is_final Status of a revoked key: true 400, its client never tries again; false
  /// 300 as for an unknown one, its client comes back after the handshake interval.
  ZapHandler(zmq::context_t& context, bool revoked_is_final, Judge judge);

  /// Answers every request that is waiting. An allowed key becomes the connection's User-Id.
  void answer(Stats::Refused& refused);

  zmq::socket_t& socket() { return rep_; }

 private:
  struct Verdict {
    const char* status;
    const char* text;
    std::string user_id;
  };
  bool take_request();
  Verdict decide(Stats::Refused& refused) const;
  void reply(const Verdict& verdict);

  zmq::socket_t rep_;
  bool revoked_is_final_;
  Judge judge_;
  std::vector<std::string> request_;
};

}  // namespace vigie::link
