// One hospital system: the part of a [[feed]] of the configuration that mapping and building need.
// Everything special to a hospital is here, never in code (interfaces §1.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/core/hl7/charset.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"

namespace vigie::hl7 {

enum class Profile : std::uint8_t { swf, tlr, custom };  ///< IHE SWF, ANS télérad., own table
enum class TextStyle : std::uint8_t { ft, tx };          ///< one FT, or one TX a line
enum class AddendumStyle : std::uint8_t { whole, append };
enum class RefusalStyle : std::uint8_t { message, ae };  ///< AA and an OC message, or AE
enum class KeySource : std::uint8_t { placer, accession };
enum class ExpectedAck : std::uint8_t { aa, ca };  ///< what the hospital answers to reports
enum class Federation : std::uint8_t { production, training };

/// A hospital that this feed may speak for.
struct FeedEstablishment {
  EstablishmentId id;
  LegalEntityId legal_entity;
  std::vector<std::string> finess;   ///< 9 digits; the site's own, its legal entity's
  std::vector<std::string> aliases;  ///< as in MSH-4, PV1-3.4, ORC-17; compared without case
};

/// What a local procedure code says when the message does not.
struct ProcedureRule {
  std::string code;
  Modality modality = Modality::unknown;
  Region region = Region::unknown;
  Side side = Side::none;
  std::string pathway;  ///< protocol code of a standing protocol; empty: none
};

struct Feed {
  std::string name;
  std::vector<FeedEstablishment> establishments;
  std::string authority;  ///< of placer numbers, when ORC-2.3 and ORC-2.2 are empty
  Profile profile = Profile::swf;
  KeySource key = KeySource::placer;  ///< accession: allowed as the order number, last
  bool accession_in_obr3 = false;     ///< OBR-3.1 is the accession number
  std::optional<Charset> charset;     ///< read when MSH-18 is absent; written always
  std::string version = "2.5.1";      ///< MSH-12 of what we send
  TextStyle text = TextStyle::ft;
  AddendumStyle addendum = AddendumStyle::whole;
  RefusalStyle refusal = RefusalStyle::message;
  ExpectedAck ack = ExpectedAck::aa;
  Federation federation = Federation::production;
  bool preliminary = true;  ///< wants preliminary reports
  bool sections = false;    ///< wants the report by sections
  bool cda = false;
  std::string callback_phone;             ///< when the message names none
  std::string platform;                   ///< raw XON for ORC-21 of profile tlr; may be empty
  std::vector<ProcedureRule> procedures;  ///< first match wins
  std::vector<std::string> doors;         ///< home door first; not used by the mapping
};

}  // namespace vigie::hl7
