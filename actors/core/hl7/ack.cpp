#include "actors/core/hl7/ack.hpp"

#include <algorithm>

#include "actors/core/hl7/charset.hpp"
#include "messages/types/limits.hpp"

namespace vigie::hl7 {
namespace {

/// HL7 table 0357.
std::string_view name_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::segment_sequence:
      return "Segment sequence error";
    case ErrorCode::required_field:
      return "Required field missing";
    case ErrorCode::data_type:
      return "Data type error";
    case ErrorCode::table_value:
      return "Table value not found";
    case ErrorCode::message_type:
      return "Unsupported message type";
    case ErrorCode::event_code:
      return "Unsupported event code";
    case ErrorCode::processing_id:
      return "Unsupported processing id";
    case ErrorCode::version_id:
      return "Unsupported version id";
    case ErrorCode::unknown_key:
      return "Unknown key identifier";
  }
  return "Application internal error";
}

std::string_view name_of(Stored stored) {
  switch (stored) {
    case Stored::replicated:
      return "REPLICATED";
    case Stored::local:
      return "LOCAL";
    case Stored::duplicate:
      return "DUPLICATE";
  }
  return "LOCAL";
}

std::string version_of(const Header& header, const Feed& feed) {
  const std::string version(piece(header.version, header.separators.component, 1));
  return version.empty() ? feed.version : version;
}

/// 2.x as a number that orders: 2.3.1 -> 31, 2.5 -> 50.
int rank_of(std::string_view version) {
  const auto digit = [&](std::size_t at) {
    return at < version.size() && version[at] >= '0' && version[at] <= '9' ? version[at] - '0' : 0;
  };
  return digit(2) * 10 + digit(4);
}

/// What one acknowledgement says; `code` is AA, AE, CA or CE.
struct Line {
  std::string_view code;
  std::string id;
};

class Writer {
 public:
  Writer(const Header& header, const Feed& feed)
      : header_(header),
        feed_(feed),
        version_(version_of(header, feed)),
        charset_(feed.charset.value_or(header.charset)) {}

  std::string write(const Line& line, const Answer& answer, std::string_view time) const {
    const Refusal* refusal = std::get_if<Refusal>(&answer);
    std::string out = msh(line.id, time) + msa(line.code, answer);
    if (refusal != nullptr) {
      out += err(*refusal);
    }
    return encode(out, charset_);
  }

 private:
  std::string join(std::initializer_list<std::string_view> fields) const {
    std::string out;
    for (const std::string_view field : fields) {
      out += (out.empty() ? "" : std::string(1, header_.separators.field));
      out += field;
    }
    while (!out.empty() && out.back() == header_.separators.field) {
      out.pop_back();
    }
    return out + "\r";
  }

  std::string msh(std::string_view id, std::string_view time) const {
    const Separators& s = header_.separators;
    std::string type = "ACK";
    if (rank_of(version_) > 31 && !header_.trigger.empty()) {
      type += s.component + header_.trigger + s.component + "ACK";
    }
    const std::string processing = header_.processing_id.empty() ? "P" : header_.processing_id;
    const bool named = feed_.charset.has_value() || !header_.charset_name.empty();
    return join({"MSH", s.encoding(), header_.receiving_application, header_.receiving_facility,
                 header_.sending_application, header_.sending_facility, time, "", type, id,
                 processing, header_.version.empty() ? version_ : header_.version, "", "", "", "",
                 "FRA", named ? hl7::name_of(charset_) : ""});
  }

  std::string msa(std::string_view code, const Answer& answer) const {
    std::string text;
    if (const auto* taken = std::get_if<Taken>(&answer)) {
      for (const std::string& exam : taken->exams) {
        text += (text.empty() ? "exam=" : ",") + exam;
      }
      text += (text.empty() ? "ack=" : " ack=") + std::string(name_of(taken->stored));
    } else if (rank_of(version_) < 50) {
      text = std::get<Refusal>(answer).text;
    }
    return join({"MSA", code, header_.control_id, escape(text, header_.separators)});
  }

  /// ERR-2, 3, 4, 8 from version 2.5; before it, all in ERR-1 (ELD).
  std::string err(const Refusal& refusal) const {
    const Separators& s = header_.separators;
    const std::string code = std::to_string(static_cast<int>(refusal.code));
    const auto coded = [&](char separator) {
      return code + separator + std::string(name_of(refusal.code)) + separator + "HL70357";
    };
    if (rank_of(version_) < 50) {
      const Place& p = refusal.place;
      std::string place = p.segment + s.component;
      place += p.segment.empty() ? "" : std::to_string(p.occurrence);
      place += s.component + (p.field > 0 ? std::to_string(p.field) : "");
      return join({"ERR", place + s.component + coded(s.subcomponent)});
    }
    return join({"ERR", "", refusal.place.text(s.component), coded(s.component), "E", "", "", "",
                 escape(refusal.text, s)});
  }

  const Header& header_;
  const Feed& feed_;
  std::string version_;
  Charset charset_;
};

/// HL7 table 0155.
bool wanted(std::string_view condition, bool success) {
  return condition == "AL" || condition == (success ? "SU" : "ER");
}

/// From the first of MSA-3, ERR-8, ERR-3 that says something.
std::string text_of(const Message& message, const Segment* msa) {
  for (const std::string& text : {message.text(msa, 3, 0), message.get("ERR", 8),
                                  message.get("ERR", 3, 1, 2), message.get("ERR", 1, 1, 4, 2)}) {
    if (!text.empty()) {
      return std::string(truncate(text, limits::name_bytes));
    }
  }
  return {};
}

AckClass meaning_of(std::string_view code, ExpectedAck expected) {
  if (code == "AA") {
    return AckClass::delivered;
  }
  if (code == "CA") {
    return expected == ExpectedAck::ca ? AckClass::delivered : AckClass::waiting;
  }
  if (code == "AE" || code == "CE" || code == "CR") {
    return AckClass::failed;
  }
  return code == "AR" ? AckClass::retry_later : AckClass::mismatch;
}

}  // namespace

std::vector<std::string> build_ack(const Header& header, const Feed& feed, const Answer& answer,
                                   std::string_view id, std::string_view time) {
  const bool success = std::holds_alternative<Taken>(answer);
  const Writer writer(header, feed);
  std::vector<Line> lines;
  if (header.accept_ack.empty() && header.application_ack.empty()) {
    lines.push_back({success ? "AA" : "AE", std::string(id)});
  } else {
    if (wanted(header.accept_ack, success)) {
      lines.push_back({success ? "CA" : "CE", std::string(id)});
    }
    if (wanted(header.application_ack, success)) {
      lines.push_back({success ? "AA" : "AE", std::string(id) + (lines.empty() ? "" : "B")});
    }
  }
  std::vector<std::string> out;
  for (const Line& line : lines) {
    out.push_back(writer.write(line, answer, time));
  }
  return out;
}

Refusal clinical_refusal(std::string text) {
  return {ErrorCode::table_value, {"OBR", 1, 24}, std::move(text)};
}

AckReading parse_ack(std::string_view frame, std::string_view expected_id, const Feed& feed) {
  AckReading out;
  const auto message = Message::parse(frame, feed.charset);
  if (!message) {
    return out;
  }
  const Segment* msa = message->find("MSA");
  out.code = message->text(msa, 1);
  out.control_id = message->text(msa, 2, 0);
  out.text = text_of(*message, msa);
  if (msa != nullptr && !expected_id.empty() && out.control_id == expected_id) {
    out.meaning = meaning_of(out.code, feed.ack);
  }
  return out;
}

}  // namespace vigie::hl7
