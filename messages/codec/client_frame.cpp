// Frames from clients.
#include "messages/codec/client_codec.hpp"
#include "messages/codec/fields.hpp"
#include "messages/codec/mapping.hpp"

namespace vigie::codec {
namespace {

using To = schema::ClientMessage::Body::Builder;
using From = schema::ClientMessage::Body::Reader;

void put(const Hello& from, To to) {
  auto out = to.initHello();
  out.setFederation(text(from.federation));
  out.setVersionMin(from.version_min);
  out.setVersionMax(from.version_max);
  out.setProgram(text(from.program));
}

void put(const ClientRequest& from, To to) {
  auto out = to.initRequest();
  out.setSession(from.session.value);
  out.setIncarnation(from.incarnation.value);
  out.setRequest(from.request.value);
  out.setSeen(from.seen.value);
  write(from.command, out.initCommand());
}

void put(const Renew& from, To to) {
  auto out = to.initRenew();
  out.setSession(from.session.value);
  out.setIncarnation(from.incarnation.value);
  out.setMark(from.mark);
}

void put(const Subscribe& from, To to) {
  auto out = to.initSubscribe();
  out.setSubscription(from.subscription);
  out.setDesk(number<schema::Desk>(from.desk));
  out.setSession(from.session.value);
  out.setFrom(from.from.value);
}

void put(const Query& from, To to) {
  auto out = to.initQuery();
  out.setQuery(from.query);
  out.setKind(number<schema::QueryKind>(from.kind));
  out.setArgument(text(from.argument));
  out.setSeen(from.seen.value);
  out.setLinearizable(from.linearizable);
}

void take(schema::Hello::Reader from, Hello& to) {
  to.federation = take_name(from.getFederation(), "federation");
  to.version_min = from.getVersionMin();
  to.version_max = from.getVersionMax();
  to.program = take_name(from.getProgram(), "program");
}

void take(schema::ClientMessage::Body::Request::Reader from, ClientRequest& to) {
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  to.request = {from.getRequest()};
  to.seen = {from.getSeen()};
  const auto command = from.getCommand();
  read(command, to.command);
  to.content_hash = content_hash(command);
}

void take(schema::Renew::Reader from, Renew& to) {
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  to.mark = from.getMark();
}

void take(schema::Subscribe::Reader from, Subscribe& to) {
  to.subscription = from.getSubscription();
  to.desk = take_enum(from.getDesk(), Desk::regulator, Desk::none);
  to.session = {from.getSession()};
  to.from = {from.getFrom()};
}

void take(schema::Query::Reader from, Query& to) {
  to.query = from.getQuery();
  to.kind = take_enum(from.getKind(), QueryKind::aggregates, QueryKind::none);
  to.argument = take_name(from.getArgument(), "argument");
  to.seen = {from.getSeen()};
  to.linearizable = from.getLinearizable();
}

void take(From from, ClientMessage& to) {
  using W = schema::ClientMessage::Body::Which;
  switch (from.which()) {
    case W::NONE:
      throw Refused{Errc::malformed, "message: none"};
    case W::HELLO:
      return take(from.getHello(), to.emplace<Hello>());
    case W::REQUEST:
      return take(from.getRequest(), to.emplace<ClientRequest>());
    case W::RENEW:
      return take(from.getRenew(), to.emplace<Renew>());
    case W::SUBSCRIBE:
      return take(from.getSubscribe(), to.emplace<Subscribe>());
    case W::QUERY:
      return take(from.getQuery(), to.emplace<Query>());
  }
  throw Refused{Errc::unknown_command, "message: of a newer version"};
}

/// @throws Refused too_large: more than a directory made the frame long.
void need_one_directory(schema::ClientFrame::Reader frame) {
  const auto messages = frame.getMessages();
  if (messages.size() == 1) {
    const auto body = messages[0].getBody();
    const bool is_request = body.which() == schema::ClientMessage::Body::REQUEST;
    if (is_request && body.getRequest().getCommand().isApplyDirectory()) return;
  }
  throw Refused{Errc::too_large, "frame"};
}

}  // namespace

std::string encode_client(const std::vector<ClientMessage>& messages) {
  return encode<schema::ClientFrame>([&messages](auto root) {
    write_list(messages, root.initMessages(count(messages)), [](const auto& message, auto slot) {
      std::visit([&slot](const auto& body) { put(body, slot.getBody()); }, message);
    });
  });
}

Result<std::vector<ClientMessage>> decode_client(std::string_view frame) {
  using Messages = std::vector<ClientMessage>;
  const bool is_long = frame.size() > limits::client_frame_bytes;
  const FrameLimits bounds = is_long ? directory_frame : client_frame;
  auto got = decode<schema::ClientFrame, Messages>(frame, bounds, [=](auto root, Messages& out) {
    if (is_long) need_one_directory(root);
    read_list(root.getMessages(), messages_per_frame, "messages", out,
              [](auto item, ClientMessage& message) { take(item.getBody(), message); });
    if (out.empty()) throw Refused{Errc::malformed, "messages: none"};
  });
  const bool is_no_frame = is_long && !got && got.error().code == Errc::malformed;
  return is_no_frame ? Error{Errc::too_large, "frame"} : std::move(got);
}

}  // namespace vigie::codec
