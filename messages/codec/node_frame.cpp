// Frames to clients.
#include "messages/codec/client_codec.hpp"
#include "messages/codec/fields.hpp"
#include "messages/codec/mapping.hpp"

namespace vigie::codec {
namespace {

using To = schema::NodeMessage::Body::Builder;

void put(const Welcome& from, To to) {
  auto out = to.initWelcome();
  out.setFederation(text(from.federation));
  out.setVersion(from.version);
  out.setLevel(from.level.value);
  out.setSite(from.site.value);
  out.setSiteName(text(from.site_name));
  write_bits(from.instance, out.initInstance());
  out.setBoot(from.boot.value);
  out.setMode(number<schema::NodeMode>(from.mode));
  out.setApplied(from.applied.value);
  out.setKey(from.key.value);
  out.setPerson(from.person.value);
  out.setConcentrator(from.concentrator);
}

void put(const ClientAnswer& from, To to) {
  auto out = to.initAnswer();
  out.setSession(from.session.value);
  out.setIncarnation(from.incarnation.value);
  const Answer& answer = from.answer;
  auto inner = out.initAnswer();
  inner.setCode(static_cast<std::uint16_t>(answer.code));
  inner.setRequest(answer.request.value);
  inner.setIndex(answer.index.value);
  inner.setExam(answer.exam.value);
  write_epoch(answer.epoch, inner.getEpoch());
  inner.setSession(answer.session.value);
  inner.setIncarnation(answer.incarnation.value);
  inner.setNext(answer.next.value);
  inner.setDuplicate(answer.duplicate);
  if (!answer.text.empty()) inner.setText(text(answer.text));
  if (!answer.exams.empty()) write_ids(answer.exams, inner.initExams(count(answer.exams)));
}

void put(const RenewAck& from, To to) {
  auto out = to.initRenewAck();
  out.setSession(from.session.value);
  out.setIncarnation(from.incarnation.value);
  out.setMark(from.mark);
  out.setLeaseMs(from.lease.value);
  out.setCode(static_cast<std::uint16_t>(from.code));
}

constexpr auto write_event = [](const Event& event, schema::Event::Builder slot) {
  write(event, slot);
};
constexpr auto read_event = [](schema::Event::Reader item, Event& event) { read(item, event); };

void put(const Cover& from, To to) {
  auto out = to.initCover();
  out.setSubscription(from.subscription);
  out.setFrom(from.from.value);
  out.setTo(from.to.value);
  write_list(from.events, out.initEvents(count(from.events)), write_event);
}

void put(const Gap& from, To to) {
  auto out = to.initGap();
  out.setSubscription(from.subscription);
  out.setFrom(from.from.value);
  out.setTo(from.to.value);
  write_list(from.view, out.initView(count(from.view)), write_event);
}

void put(const QueryReply& from, To to) {
  auto out = to.initReply();
  out.setQuery(from.query);
  out.setCode(static_cast<std::uint16_t>(from.code));
  out.setAsOf(from.as_of.value);
  out.setLast(from.last);
  out.setJson(data(from.json));
}

void put(const Complaint& from, To to) {
  auto out = to.initComplaint();
  out.setCode(static_cast<std::uint16_t>(from.code));
  out.setWhat(text(from.what));
}

void take(schema::Welcome::Reader from, Welcome& to) {
  to.federation = take_name(from.getFederation(), "federation");
  to.version = from.getVersion();
  to.level = {from.getLevel()};
  to.site = {from.getSite()};
  to.site_name = take_name(from.getSiteName(), "siteName");
  to.instance = take_bits(from.getInstance());
  to.boot = {from.getBoot()};
  to.mode = need_enum(from.getMode(), node_mode_last, "mode");
  to.applied = {from.getApplied()};
  to.key = {from.getKey()};
  to.person = {from.getPerson()};
  to.concentrator = from.getConcentrator();
}

void take(schema::Answer::Reader from, Answer& to) {
  to.code = static_cast<Errc>(from.getCode());
  to.request = {from.getRequest()};
  to.index = {from.getIndex()};
  to.exam = {from.getExam()};
  to.epoch = take_epoch(from.getEpoch());
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  to.next = {from.getNext()};
  to.duplicate = from.getDuplicate();
  to.text = take_text(from.getText(), details_bytes, "text");
  read_ids(from.getExams(), limits::orders_per_message, "exams", to.exams);
}

void take(schema::ClientAnswer::Reader from, ClientAnswer& to) {
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  take(from.getAnswer(), to.answer);
}

void take(schema::RenewAck::Reader from, RenewAck& to) {
  to.session = {from.getSession()};
  to.incarnation = {from.getIncarnation()};
  to.mark = from.getMark();
  to.lease = {from.getLeaseMs()};
  to.code = static_cast<Errc>(from.getCode());
}

void take(schema::Cover::Reader from, Cover& to) {
  to.subscription = from.getSubscription();
  to.from = {from.getFrom()};
  to.to = {from.getTo()};
  read_list(from.getEvents(), events_per_message, "events", to.events, read_event);
}

void take(schema::Gap::Reader from, Gap& to) {
  to.subscription = from.getSubscription();
  to.from = {from.getFrom()};
  to.to = {from.getTo()};
  read_list(from.getView(), events_per_message, "view", to.view, read_event);
}

void take(schema::QueryReply::Reader from, QueryReply& to) {
  to.query = from.getQuery();
  to.code = static_cast<Errc>(from.getCode());
  to.as_of = {from.getAsOf()};
  to.last = from.getLast();
  to.json = take_data(from.getJson(), limits::client_frame_bytes, "json");
}

void take(schema::Complaint::Reader from, Complaint& to) {
  to.code = static_cast<Errc>(from.getCode());
  to.what = take_text(from.getWhat(), details_bytes, "what");
}

template <class T, class Reader>
void add(Reader from, std::vector<NodeMessage>& to) {
  take(from, std::get<T>(to.emplace_back(std::in_place_type<T>)));
}

void take(schema::NodeMessage::Body::Reader from, std::vector<NodeMessage>& to) {
  using W = schema::NodeMessage::Body::Which;
  switch (from.which()) {
    case W::NONE:
      throw Refused{Errc::malformed, "message: none"};
    case W::WELCOME:
      return add<Welcome>(from.getWelcome(), to);
    case W::ANSWER:
      return add<ClientAnswer>(from.getAnswer(), to);
    case W::RENEW_ACK:
      return add<RenewAck>(from.getRenewAck(), to);
    case W::COVER:
      return add<Cover>(from.getCover(), to);
    case W::GAP:
      return add<Gap>(from.getGap(), to);
    case W::REPLY:
      return add<QueryReply>(from.getReply(), to);
    case W::COMPLAINT:
      return add<Complaint>(from.getComplaint(), to);
  }
}

}  // namespace

std::string encode_node(const std::vector<NodeMessage>& messages) {
  return encode<schema::NodeFrame>([&messages](auto root) {
    write_list(messages, root.initMessages(count(messages)), [](const auto& message, auto slot) {
      std::visit([&slot](const auto& body) { put(body, slot.getBody()); }, message);
    });
  });
}

Result<std::vector<NodeMessage>> decode_node(std::string_view frame) {
  using Messages = std::vector<NodeMessage>;
  return decode<schema::NodeFrame, Messages>(frame, client_frame, [](auto root, Messages& out) {
    const auto list = root.getMessages();
    bounded(list, messages_per_frame, "messages");
    for (auto message : list) take(message.getBody(), out);
  });
}

}  // namespace vigie::codec
