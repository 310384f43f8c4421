// What a hospital sends: MLLP framing cut anywhere, messages to orders, acknowledgements both ways,
// reports made from what an order left in the exam, the sealed field, character sets.
#include <vector>

#include "actors/core/hl7/ack.hpp"
#include "actors/core/hl7/charset.hpp"
#include "actors/core/hl7/map.hpp"
#include "actors/core/hl7/mllp.hpp"
#include "actors/core/hl7/report.hpp"
#include "messages/types/limits.hpp"
#include "tests/fuzz/input.hpp"

namespace vigie::fuzz {
namespace {

hl7::Feed feed_of(std::uint8_t options) {
  hl7::Feed feed;
  feed.name = "gap-ris";
  feed.authority = "RIS";
  feed.establishments = {{{11}, {5}, {"050000116"}, {"CH ALPES", "CHALPES"}}};
  feed.callback_phone = "0492000000";
  feed.procedures = {{"TDMCR", Modality::ct, Region::head, Side::none, "AVC v3"}};
  if (options & 1) feed.profile = hl7::Profile::tlr;
  if (options & 2) feed.charset = hl7::Charset::latin9;
  if (options & 4) feed.text = hl7::TextStyle::tx;
  if (options & 8) feed.addendum = hl7::AddendumStyle::append;
  if (options & 16) feed.sections = feed.cda = true;
  if (options & 32) feed.key = hl7::KeySource::accession;
  if (options & 64) feed.ack = hl7::ExpectedAck::ca;
  if (options & 128) feed.platform = "PF^^^^^ASIP-SANTE-ST&1.2.250.1.71.4.2.2&ISO^FINEG^^^1";
  return feed;
}

void check_order(const hl7::Order& order) {
  const Request& r = order.request;
  check(r.sealed.size() <= limits::sealed_bytes && hl7::is_utf8(r.sealed), "sealed");
  check(static_cast<bool>(hl7::unseal(r.sealed)), "what is sealed opens");
  for (const std::string* text :
       {&r.key.number, &r.key.authority, &r.procedure, &r.callback_phone}) {
    check(text->size() <= limits::name_bytes && hl7::is_utf8(*text), "texts are bounded");
  }
  check(r.studies.size() <= limits::studies_count, "studies are bounded");
  check(r.accessions.size() <= limits::accessions_count, "accessions are bounded");
  check(r.asked != Urgency::p0, "a feed cannot ask P0");
}

void report(const hl7::Order& order, const hl7::Feed& feed, std::uint8_t kind) {
  hl7::ReportContent content;
  content.message_id = "R1";
  content.event = static_cast<hl7::ReportEvent>(kind % 9);
  content.text = order.reason + order.request.procedure + "\n" + order.exam_time;
  content.addendum = order.visit;
  content.reason = content.protocol = order.reason;
  content.sections = {{"55111-9", "Technique", order.request.procedure}};
  const auto built = hl7::build_report(order.request.sealed, content, feed);
  check(static_cast<bool>(built), "a report can be built for any order");
  check(static_cast<bool>(hl7::Message::parse(*built, feed.charset)), "a report parses");
}

void acks(const hl7::Header& header, const hl7::Feed& feed, const hl7::Answer& answer) {
  const auto built = hl7::build_ack(header, feed, answer, "V1", "20260314120000+0100");
  check(built.size() <= 2, "at most a commit answer and an application answer");
  for (const std::string& ack : built) {
    check(static_cast<bool>(hl7::Message::parse(ack, feed.charset)), "an answer parses");
    (void)hl7::parse_ack(ack, header.control_id, feed);
  }
}

void message(std::string_view bytes, const hl7::Feed& feed, std::uint8_t kind) {
  constexpr hl7::Day today{2026, 3, 14};
  const hl7::Header header = hl7::read_header(bytes, feed.charset);
  const auto parsed = hl7::Message::parse(bytes, feed.charset);
  if (!parsed) return acks(header, feed, parsed.refusal());
  (void)hl7::describe(*parsed, feed, today);
  const auto orders = hl7::map_message(*parsed, feed, today);
  if (!orders) return acks(header, feed, orders.refusal());
  check(orders->size() <= limits::orders_per_message, "orders are bounded");
  for (const hl7::Order& order : *orders) {
    check_order(order);
    report(order, feed, kind);
  }
  acks(header, feed, hl7::Taken{{"MRS-7K2Q"}, hl7::Stored::replicated});
}

void framing(Input& input) {
  std::string whole;
  hl7::MllpReader at_once(4096), in_pieces(4096);
  std::vector<std::string> expected, frames;
  const std::size_t piece = 1 + input.below(64);
  const std::string_view bytes = input.rest();
  bool fine = static_cast<bool>(at_once.feed(bytes, expected));
  bool same = true;
  for (std::size_t at = 0; at < bytes.size() && same; at += piece) {
    same = static_cast<bool>(in_pieces.feed(bytes.substr(at, piece), frames));
  }
  check(same == fine && (!fine || frames == expected), "cuts change nothing");
  for (const std::string& content : frames) {
    hl7::MllpReader reader(1u << 20);
    std::vector<std::string> back;
    check(static_cast<bool>(reader.feed(hl7::frame(content), back)), "a frame that we write");
    check(back.size() == 1 && back.front() == content, "is the frame that is read");
  }
}

void sealed(std::string_view bytes) {
  const auto opened = hl7::unseal(bytes);
  if (!opened) return;
  const auto sealed = hl7::seal(*opened);
  if (!sealed) return check(sealed.error().code == Errc::too_large, "only size refuses");
  check(sealed->size() <= limits::sealed_bytes, "sealed is bounded");
  const auto again = hl7::unseal(*sealed);
  check(static_cast<bool>(again), "what is sealed opens");
  check(*hl7::seal(hl7::merge(*again, *again)) == *hl7::seal(*again), "merging itself is nothing");
}

void characters(Input& input) {
  const auto set = static_cast<hl7::Charset>(input.below(5));
  const hl7::Decoded decoded = hl7::decode(input.rest(), set);
  check(hl7::is_utf8(decoded.text), "text inside is UTF-8");
  const std::string written = hl7::encode(decoded.text, set);
  const hl7::Decoded again = hl7::decode(written, set);
  check(hl7::encode(again.text, set) == written, "what a set holds it gives back");
  (void)hl7::encode(input.rest(), set);
  check(hl7::truncate(decoded.text, 7).size() <= 7, "cut to size");
}

}  // namespace
}  // namespace vigie::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vigie;
  fuzz::Input input(data, size);
  const std::uint8_t kind = input.byte();
  if (kind < 200) {
    const hl7::Feed feed = fuzz::feed_of(input.byte());
    fuzz::message(input.rest(), feed, kind);
  } else if (kind < 215) {
    fuzz::framing(input);
  } else if (kind < 230) {
    fuzz::sealed(input.rest());
  } else if (kind < 245) {
    (void)hl7::parse_ack(input.rest(), "V1", fuzz::feed_of(kind));
  } else {
    fuzz::characters(input);
  }
  return 0;
}
