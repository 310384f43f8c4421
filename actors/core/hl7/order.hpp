// What a message means: the output of the mapping, one Order per ORC group (or ADT patient).
//
// The door turns it into a command: it computes the patient key (keyed hash per legal entity) and
// hands `request` to the room.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/hl7/sealed.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"

namespace vigie::hl7 {

/// Table 1.1 of the interface. The room decides what a submit or a cancel becomes by the exam's
/// state (retry, amend, new generation; cancel or request to cancel).
enum class Action : std::uint8_t {
  submit,
  amend,
  cancel,
  acquisition_started,
  acquisition_complete,
  amend_identity,
};
std::string_view name_of(Action action);

/// A calendar day, as the caller's clock says it.
struct Day {
  int year = 0, month = 0, day = 0;
};

inline constexpr int infant_below_years = 2;
inline constexpr int adult_from_years = 16;

struct Order {
  Action action = Action::submit;
  /// Key, establishment, modality, region, side, age class, asked urgency, flags, procedure,
  /// accessions, studies, phone, sealed. `patient_key` is left for the caller; for amend_identity
  /// only legal entity, establishment, age class, flags and sealed are set.
  Request request;
  std::string message_id;            ///< MSH-10
  std::string patient_number;        ///< IPP, input of the patient key; empty: unknown
  std::string prior_patient_number;  ///< MRG-1, for A40 and A47; empty: none
  std::string ins;                   ///< only when qualified
  int age_years = -1;                ///< -1: unknown
  std::string visit;
  Clinician requester;
  std::string pathway;      ///< standing protocol of the feed's procedure table
  std::string reason;       ///< ORC-16, of a cancel
  std::string exam_time;    ///< TQ1-7 as sent, of acquisition_complete
  bool ultrasound = false;  ///< the room refuses it; the answer is AA and an OC message
  /// First 128 bits of SHA-256 of all that the message says but MSH and EVN: "same content".
  Bits128 content_hash;
};

}  // namespace vigie::hl7
