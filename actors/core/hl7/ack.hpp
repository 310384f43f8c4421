// Acknowledgements: what Vigie answers to a message, and what it reads from a hospital's answer to
// a report (interfaces §1.4). Says AE for what can never be taken; never AR. For what cannot be
// taken now the door says nothing and closes: there is no answer to build.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "actors/core/hl7/feed.hpp"
#include "actors/core/hl7/message.hpp"
#include "actors/core/hl7/refusal.hpp"

namespace vigie::hl7 {

/// How durable an accepted request is.
enum class Stored : std::uint8_t { replicated, local, duplicate };

/// Durably stored.
struct Taken {
  std::vector<std::string> exams;  ///< exam numbers, "MRS-7K2Q"; empty for ADT
  Stored stored = Stored::replicated;
};
using Answer = std::variant<Taken, Refusal>;

/// The frames' contents to send back, in this order: one in original mode; in enhanced mode (MSH-15
/// or MSH-16 set) 0 to 2, the commit answer first. Bytes are in the feed's character set.
/// @param header Of the message answered; its control id goes to MSA-2 verbatim.
/// @param id MSH-10 of the answer (the second one gets id + "B").
/// @param time MSH-7, see timestamp().
std::vector<std::string> build_ack(const Header& header, const Feed& feed, const Answer& answer,
                                   std::string_view id, std::string_view time);

/// The refusal of an examination that is not done here, for feeds with refusal = "ae".
Refusal clinical_refusal(std::string text);

/// What a hospital's answer to one of our messages means.
enum class AckClass : std::uint8_t {
  delivered,    ///< AA; CA too where the feed says so
  waiting,      ///< CA where the feed answers AA later: wait on
  failed,       ///< AE, CE, CR: no retry; support, and a call for P0-P1
  retry_later,  ///< AR: back off, the same MSH-10; failed after 10
  mismatch,     ///< another MSA-2, or not an answer: close, reconnect, send again
};
struct AckReading {
  AckClass meaning = AckClass::mismatch;
  std::string control_id;  ///< MSA-2
  std::string code;        ///< MSA-1
  std::string text;        ///< MSA-3, ERR-8 or ERR-3; at most limits::name_bytes
};
AckReading parse_ack(std::string_view frame, std::string_view expected_id, const Feed& feed);

}  // namespace vigie::hl7
