#include "messages/codec/proposal_codec.hpp"

#include <cstdint>
#include <cstring>

#include "messages/codec/fields.hpp"
#include "messages/codec/mapping.hpp"

namespace vigie::codec {
namespace {

constexpr std::size_t header_bytes = 16;
constexpr FrameLimits proposal_frame{limits::entry_bytes - header_bytes, limits::peer_nesting};

void read_proposal(schema::Proposal::Reader from, Proposal& to) {
  to.key = {from.getKey()};
  to.door = {from.getDoor()};
  to.correlation = from.getCorrelation();
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  to.request = {from.getRequest()};
  to.content_hash = from.getContentHash();
  read(from.getCommand(), to.command);
}

}  // namespace

std::string encode_proposal(const Proposal& from) {
  return encode<schema::Proposal>([&from](schema::Proposal::Builder to) {
    to.setKey(from.key.value);
    to.setDoor(from.door.value);
    to.setCorrelation(from.correlation);
    to.setSession(from.session.value);
    to.setIncarnation(from.incarnation.value);
    to.setRequest(from.request.value);
    to.setContentHash(from.content_hash);
    write(from.command, to.initCommand());
  });
}

Result<Proposal> decode_proposal(std::string_view bytes) {
  return decode<schema::Proposal, Proposal>(bytes, proposal_frame, read_proposal);
}

std::string make_entry_payload(FedTime at, std::string_view proposal) {
  std::string payload;
  payload.reserve(header_bytes + proposal.size());
  const std::int64_t header[] = {at.value, 0};
  static_assert(sizeof header == header_bytes);
  payload.append(reinterpret_cast<const char*>(header), sizeof header);
  payload.append(proposal);
  return payload;
}

Result<EntryPayload> split_entry_payload(std::string_view payload) {
  std::int64_t header[2] = {};
  if (payload.size() < sizeof header) return Error{Errc::malformed, "entry: no header"};
  std::memcpy(header, payload.data(), sizeof header);
  if (header[1] != 0) return Error{Errc::wrong_version, "entry: of a newer version"};
  return EntryPayload{FedTime{header[0]}, payload.substr(header_bytes)};
}

}  // namespace vigie::codec
