// A [[feed]]: one hospital system. Everything special to it is here, never in code (interfaces of
// hospitals). Which of it the mapping needs, nodes/site hands on.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "config/settings/values.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/time.hpp"

namespace vigie::settings {

/// What protects MLLP, which is plain TCP (design D10). vpn: the operator says aloud that the
/// network does.
enum class Transport : std::uint8_t { loopback, tls, vpn };
/// swf: IHE. tlr: French teleradiology (CISIS_TLR_HL7_V2). custom: by this feed's tables.
enum class FeedProfile : std::uint8_t { swf, tlr, custom };
enum class FeedKey : std::uint8_t { placer, accession };
enum class FeedText : std::uint8_t { ft, tx };
enum class FeedAddendum : std::uint8_t { whole, append };
enum class FeedRefusal : std::uint8_t { message, ae };
enum class FeedAck : std::uint8_t { aa, ca };
enum class FeedProtocolAck : std::uint8_t { none, client };

/// Where reports go.
struct ResultsAddress {
  bool tls = false;  ///< mllps://
  Endpoint endpoint;
  bool operator==(const ResultsAddress&) const = default;
};

/// Names that mean one establishment of the feed in its messages.
struct FeedIdentifiers {
  std::string establishment;         ///< name in the directory
  std::vector<std::string> finess;   ///< those of 9 digits
  std::vector<std::string> aliases;  ///< all others: facility names, compared without case
  bool operator==(const FeedIdentifiers&) const = default;
};

/// What a local procedure code says when the message does not.
struct FeedProcedure {
  std::string code;
  Modality modality = Modality::unknown;
  Region region = Region::unknown;
  Side side = Side::none;
  std::string pathway;  ///< protocol code of a standing protocol; empty: none
  bool operator==(const FeedProcedure&) const = default;
};

enum class Band : std::uint8_t { always, day, evening, night };
/// Alert when the feed has been quiet for longer, in this part of the day (day 08-18, evening
/// 18-24, night 00-08, local time; always: the rest).
struct SilenceRule {
  Band band = Band::always;
  Millis after;
  bool operator==(const SilenceRule&) const = default;
};

struct FeedSettings {
  std::string name;
  std::vector<std::string> establishments;  ///< names in the directory; the only ones it speaks for
  Endpoint listen;
  std::vector<Network> allow_from;  ///< empty: loopback only
  Transport transport = Transport::loopback;
  std::filesystem::path client_ca, server_cert, server_key;  ///< tls only
  std::vector<std::string> doors;  ///< sites, home first; empty: as the directory says
  FeedProfile profile = FeedProfile::swf;
  FeedKey key = FeedKey::placer;
  bool accession_in_obr3 = false;  ///< OBR-3.1 is the accession number
  std::string authority;           ///< of placer numbers that name none; empty: the feed's name
  std::string charset;             ///< where MSH-18 is empty; empty: as it decodes
  std::optional<ResultsAddress> results;  ///< none: reports are not sent
  std::string version = "2.5.1";          ///< MSH-12 of what is sent
  FeedText text = FeedText::ft;
  FeedAck ack = FeedAck::aa;  ///< what the hospital answers to a report
  bool preliminary = true;
  bool sections = false;
  FeedAddendum addendum = FeedAddendum::whole;
  bool cda = false;
  FeedProtocolAck protocol_ack = FeedProtocolAck::none;
  FeedRefusal refusal = FeedRefusal::message;
  std::string callback_phone;  ///< where a message names none
  std::string platform;        ///< raw XON for ORC-21 of profile tlr
  std::vector<FeedIdentifiers> identifiers;
  std::vector<FeedProcedure> procedures;
  std::vector<SilenceRule> silent_after;
  bool operator==(const FeedSettings&) const = default;
};

}  // namespace vigie::settings
