#include "nodes/link/zap.hpp"

#include <algorithm>
#include <utility>

#include "nodes/link/sockets.hpp"

namespace vigie::link {
namespace {

// Frames of a request (RFC 27): version, request id, domain, address, routing id, mechanism, then
// for CURVE the client's key.
constexpr std::size_t request_frames = 7;
enum Frame : std::size_t {
  version = 0,
  request_id = 1,
  domain = 2,
  mechanism = 5,
  credentials = 6
};

}  // namespace

ZapHandler::ZapHandler(zmq::context_t& context, bool revoked_is_final, Judge judge)
    : rep_(context, zmq::socket_type::rep),
      revoked_is_final_(revoked_is_final),
      judge_(std::move(judge)) {
  rep_.set(zmq::sockopt::linger, 0);
  rep_.bind("inproc://zeromq.zap.01");
}

void ZapHandler::answer(Stats::Refused& refused) {
  while (take_request()) reply(decide(refused));
}

bool ZapHandler::take_request() {
  request_.clear();
  zmq::message_t frame;
  do {
    if (zmq_msg_recv(frame.handle(), rep_.handle(), ZMQ_DONTWAIT) < 0) return false;
    request_.push_back(frame.to_string());
  } while (frame.more());
  return true;
}

ZapHandler::Verdict ZapHandler::decide(Stats::Refused& refused) const {
  PublicKey key{};
  if (request_.size() != request_frames || request_[version] != "1.0" ||
      request_[domain] != zap_domain || request_[mechanism] != "CURVE" ||
      request_[credentials].size() != key.size()) {
    refused.malformed.add();
    return {"400", "CURVE only", {}};
  }
  std::ranges::copy(request_[credentials], key.begin());
  switch (judge_(key)) {
    case Standing::allowed:
      return {"200", "OK", to_z85(key)};
    case Standing::revoked:
      refused.revoked_key.add();
      return {revoked_is_final_ ? "400" : "300", "revoked key", {}};
    case Standing::unknown:
      break;
  }
  refused.unknown_key.add();
  return {"300", "unknown key", {}};
}

void ZapHandler::reply(const Verdict& verdict) {
  const std::string id = request_.size() > request_id ? request_[request_id] : std::string{};
  const std::string_view frames[] = {"1.0", id, verdict.status, verdict.text, verdict.user_id, ""};
  for (std::size_t i = 0; i < std::size(frames); ++i) {
    const int more = i + 1 < std::size(frames) ? ZMQ_SNDMORE : 0;
    zmq_send(rep_.handle(), frames[i].data(), frames[i].size(), ZMQ_DONTWAIT | more);
  }
}

}  // namespace vigie::link
