// Messages of our own, in the shapes that real systems send, and the feed they come over.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/hl7/feed.hpp"
#include "actors/core/hl7/map.hpp"
#include "actors/core/hl7/message.hpp"

namespace vigie::hl7 {

inline constexpr Day today{2026, 3, 14};

/// Segments joined as the sender ends them.
inline std::string lines(const std::vector<std::string>& segments, std::string_view end = "\r") {
  std::string out;
  for (const std::string& segment : segments) {
    out.append(segment).append(end);
  }
  return out;
}

inline Feed gap_feed() {
  Feed feed;
  feed.name = "ch-alpes-ris";
  feed.authority = "RIS-ALPES";
  feed.establishments = {{{11}, {5}, {"050000116"}, {"CH ALPES", "CHALPES"}}};
  feed.callback_phone = "0492000000";
  feed.procedures = {
      {"TDMCR", Modality::ct, Region::head, Side::none, "AVC-TDM v3"},
      {"RXPOI", Modality::cr, Region::limb, Side::left, ""},
  };
  return feed;
}

inline const std::string msh = "MSH|^~\\&|RIS|CH ALPES|VIGIE|GARDE||";
inline const std::string pid =
    "PID|1||88123^^^CHALPES^PI~180017512345678^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS||"
    "MARTIN^Zoé^^^^^D~DURAND^Zoé^^^^^L||19800229|F||||||||||V-PID" +
    std::string(14, '|') + "VALI";
inline const std::string pv1 =
    "PV1|1|E|URG^^^CH ALPES||||90001^ROUX^Luc" + std::string(12, '|') + "V778";

/// A plain order of profile swf: ORM^O01, NW.
inline std::vector<std::string> plain_order() {
  return {msh + "|ORM^O01^ORM_O01|M0001|P|2.5.1||||||UNICODE UTF-8", pid, pv1,
          "ORC|NW|A100^RIS-ALPES^1.2.3.4^ISO|F7||SC||^^^^^R||20260314120000|||"
          "10101010101^BLANC^Ève^^^DR^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS||"
          "0492111111^PRN",
          "OBR|1|A100^RIS-ALPES|F7|TDMCR^TDM crâne^L|||||||||céphalée brutale|||"
          "20202^GRIS^Paul||ACC9|RP9|||||CT|||^^^^^A||||^AVC?"};
}

/// A request of profile tlr: OBX before IPC, the act and the modality as observations.
inline std::vector<std::string> tlr_order() {
  return {
      "MSH|^~\\&|DPI|SERVICE-X|TLR|TLRF|20260314131211||ORM^O01^ORM_O01|T-1|P|"
      "2.5^FRA^2.11|||||FRA|UNICODE UTF-8|||1.0^CISIS_TLR_HL7_V2",
      pid,
      "PV1|1|O",
      "ORC|NW|D55^^1.2.250.1.999.1^ISO" + std::string(12, '|') +
          "^PRN^CP^^^^^^^^^+33492222222|||||||CH ALPES^^^^^ASIP-SANTE-ST&"
          "1.2.250.1.71.4.2.2&ISO^FINEG^^^050000116",
      "OBR||D55^^1.2.250.1.999.1^ISO||TRANSMISSION_DEMANDE^Demande^TLR_OBR_PROCEDURE"
      "|||||||||chute, impotence",
      "NTE|||à jeun|FINALITE_EXAMEN^^HL70364",
      "OBX|1|CE|MODALITE_IMAGERIE^Modalité^TLR_OBSERVATION||MR^IRM^DCM||||||O",
      "OBX|2|CE|REGION_ANATOMIQUE^Région^TLR_OBSERVATION|1.1|122496007^rachis lombaire^SCT"
      "||||||O",
      "OBX|3|CE|REGION_ANATOMIQUE^Région^TLR_OBSERVATION|1.2|7771000^gauche^SNT||||||O",
      "OBX|4|CE|CODE_ACTE_IMAGERIE^Acte^TLR_OBSERVATION||LHQN001^IRM rachis^CCAM||||||O",
      "OBX|5|FT|11322-5^History^LN||HTA\\.br\\diabète||||||O",
      "OBX|6|NM|29463-7^Body weight^LN||71|kg|||||O",
      "IPC|ACN7^^1.2.250.1.925^ISO||1.2.250.1.213.4.5.77.1"};
}

inline Message parsed(const std::string& frame, std::optional<Charset> of_feed = std::nullopt) {
  auto message = Message::parse(frame, of_feed);
  VIGIE_ASSERT(static_cast<bool>(message));
  return std::move(message).value();
}
inline Checked<std::vector<Order>> mapped(const std::vector<std::string>& segments,
                                          const Feed& feed = gap_feed()) {
  return map_message(parsed(lines(segments)), feed, today);
}
/// The only order of a message that must be taken.
inline Order order_of(const std::vector<std::string>& segments, const Feed& feed = gap_feed()) {
  auto orders = mapped(segments, feed);
  if (!orders) {
    std::fprintf(stderr, "refused: %s\n", orders.refusal().text.c_str());
  }
  VIGIE_ASSERT(orders && orders->size() == 1);
  return orders->front();
}
/// The refusal of a message that must not be taken.
inline Refusal refusal_of(const std::vector<std::string>& segments, const Feed& feed = gap_feed()) {
  auto orders = mapped(segments, feed);
  VIGIE_ASSERT(!orders);
  return orders.refusal();
}

/// `segments` with field `number` of the first segment of that name set. For MSH, MSH-1 counts.
inline std::vector<std::string> with(std::vector<std::string> segments, std::string_view name,
                                     int number, std::string_view value) {
  for (std::string& segment : segments) {
    if (segment.substr(0, 3) != name) {
      continue;
    }
    std::size_t at = 0;
    for (int i = name == "MSH" ? 1 : 0; i < number; ++i) {
      at = segment.find('|', at);
      if (at == std::string::npos) {
        segment += '|';
        at = segment.size() - 1;
      }
      ++at;
    }
    segment.replace(
        at,
        segment.find('|', at) == std::string::npos ? std::string::npos : segment.find('|', at) - at,
        value);
    break;
  }
  return segments;
}

}  // namespace vigie::hl7
