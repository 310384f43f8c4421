// The opaque field of an exam: identity, what an answer must echo, clinical context (design D11).
//
// Only doors and entitled clients open it. A compact text of `key=value` lines, at most
// limits::sealed_bytes; equal contents give equal bytes. The room never looks inside.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/result.hpp"

namespace vigie::hl7 {

/// A piece of clinical context. `code` is stable (question, history, weight...), `text` readable.
struct ContextItem {
  std::string code;
  std::string text;
  bool operator==(const ContextItem&) const = default;
};

/// A document that came with the request. `content` is empty when it did not fit.
struct Attachment {
  std::string label;             ///< OBX-3 text
  std::string type;              ///< "application^PDF", "TEXT^XML"
  std::uint64_t size_bytes = 0;  ///< decoded
  std::string sha256;            ///< hexadecimal, of the decoded bytes
  std::string content;           ///< as sent (Base64)
  bool operator==(const Attachment&) const = default;
};

/// Identity, readable; for screens of those entitled. Escapes resolved.
struct Identity {
  std::string birth_name, usual_name, given;  ///< PID-5 by XPN-7: L, D
  std::string birth_date;                     ///< PID-7 as sent
  std::string sex;                            ///< PID-8
  std::string ipp, ins;                       ///< `ins` only when qualified (PID-32 VALI)
  std::string status;                         ///< PID-32, as sent
  std::string visit;                          ///< PV1-19, else PID-18
  bool validated = false;
  bool operator==(const Identity&) const = default;
};

/// A person of XCN: the requester, a reader.
struct Clinician {
  std::string rpps;  ///< 11 digits, or empty
  std::string family, given;
  bool operator==(const Clinician&) const = default;
};

/// Echo fields are raw, under the usual separators |^~\&; the others are plain text.
struct Sealed {
  std::string sending_application, sending_facility;      ///< MSH-3, 4 of the order
  std::string receiving_application, receiving_facility;  ///< MSH-5, 6
  std::string processing_id, profile;                     ///< MSH-11, 21
  std::string pid, pv1;                                   ///< whole segments, with their names
  std::string orc2, orc3, orc12, orc17, orc21;
  std::string obr2, obr4, obr16, obr18, obr19, obr24, obr31;
  Identity identity;
  Clinician requester;
  std::string callback_phone;
  std::string procedure;  ///< code^text^scheme, plain
  std::vector<ContextItem> context;
  std::vector<Attachment> attachments;
  bool cut = false;  ///< some context did not fit: ask the hospital
  bool operator==(const Sealed&) const = default;
};

/// To bytes. Context and attachments that do not fit are shortened, then left out, and `cut` is
/// set. @errors Errc::too_large: the echo fields alone pass limits::sealed_bytes.
Result<std::string> seal(Sealed sealed);
/// From bytes. @errors Errc::malformed.
Result<Sealed> unseal(std::string_view bytes);

/// `newer` over `base`: an identity or echo field that `newer` has replaces, context items are
/// replaced by code or added. For ADT and for "examination done", which repeat only a part.
Sealed merge(const Sealed& base, const Sealed& newer);

}  // namespace vigie::hl7
