#include "actors/core/hl7/report.hpp"

#include <array>
#include <string>

#include "actors/core/hl7/charset.hpp"
#include "actors/core/hl7/message.hpp"

namespace vigie::hl7 {
namespace {

/// Table 1.3.
struct Row {
  std::string_view order_control;  ///< ORC-1
  std::string_view order_status;   ///< ORC-5
  std::string_view result_status;  ///< OBR-25
  std::string_view observation;    ///< OBX-11
};

Row row_of(ReportEvent event, const Feed& feed) {
  switch (event) {
    case ReportEvent::accepted:
      return {"OK", "", "", "F"};
    case ReportEvent::refused:
      return {"OC", "", "X", ""};
    case ReportEvent::cancelled:
      return {"CR", "", "X", ""};
    case ReportEvent::cannot_cancel:
      return {"UC", "", "", ""};
    case ReportEvent::preliminary:
      return {"RE", "CM", "P", "P"};
    case ReportEvent::validated:
      return {"RE", "CM", "F", "F"};
    case ReportEvent::corrected:
      return {"RE", "CM", "C", "C"};
    case ReportEvent::addendum:
      return feed.addendum == AddendumStyle::append ? Row{"RE", "CM", "F", "F"}
                                                    : Row{"RE", "CM", "C", "C"};
    case ReportEvent::withdrawn:
      return {"RE", "CM", "C", feed.cda ? "D" : "W"};
  }
  return {"RE", "CM", "F", "F"};
}

/// Events that answer a request, not reports.
bool is_answer(ReportEvent event) {
  return event == ReportEvent::accepted || event == ReportEvent::refused ||
         event == ReportEvent::cancelled || event == ReportEvent::cannot_cancel;
}

constexpr std::string_view report_title = "CR d'imagerie médicale";
constexpr std::string_view tlr_profile = "1.0^CISIS_TLR_HL7_V2";
constexpr std::string_view tlr_answer =
    "REPONSE_DEMANDE^Réponse à une demande d’examen d'imagerie^TLR_OBR_PROCEDURE";
constexpr std::string_view tlr_platform = "PLATEFORME_TLR^^TLR_TYPE_ORGANISATION";

/// One segment: fields by number, written without the empty ones at its end.
class Line {
 public:
  explicit Line(std::string_view name) { fields_[0] = name; }
  Line& set(std::size_t field, std::string_view value) {
    fields_.at(field) = value;
    return *this;
  }
  std::string text() const {
    std::size_t count = fields_.size();
    while (count > 1 && fields_[count - 1].empty()) {
      --count;
    }
    std::string out = fields_[0];
    for (std::size_t i = 1; i < count; ++i) {
      out += "|" + fields_[i];
    }
    return out + "\r";
  }

 private:
  std::array<std::string, 48> fields_;
};

std::string plain(std::string_view text) { return escape(text, Separators{}); }

/// XCN of a person with his RPPS (ANS CI-SIS).
std::string xcn(const Clinician& person) {
  if (person == Clinician{}) {
    return {};
  }
  std::string out =
      plain(person.rpps) + "^" + plain(person.family) + "^" + plain(person.given) + "^^^DR";
  return person.rpps.empty() ? out : out + "^^^ASIP-SANTE-PS&1.2.250.1.71.4.2.1&ISO^D^^^RPPS";
}

std::string to_base64(std::string_view bytes) {
  constexpr std::string_view alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t at) -> std::uint32_t {
      return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u;
    };
    const std::uint32_t bits = (byte(i) << 16) | (byte(i + 1) << 8) | byte(i + 2);
    out.push_back(alphabet[bits >> 18]);
    out.push_back(alphabet[(bits >> 12) & 63]);
    out.push_back(i + 1 < bytes.size() ? alphabet[(bits >> 6) & 63] : '=');
    out.push_back(i + 2 < bytes.size() ? alphabet[bits & 63] : '=');
  }
  return out;
}

/// Writes one message. Lives as long as its inputs.
class Writer {
 public:
  Writer(const Sealed& sealed, const ReportContent& content, const Feed& feed)
      : sealed_(sealed), content_(content), feed_(feed), row_(row_of(content.event, feed)) {}

  std::string write() {
    std::string out = msh();
    for (const std::string* segment : {&sealed_.pid, &sealed_.pv1}) {
      out += segment->empty() ? "" : *segment + "\r";
    }
    out += orc() + obr();
    if (is_answer(content_.event)) {
      out += content_.event == ReportEvent::accepted ? protocol() : "";
      return out;
    }
    for (const std::string& study : content_.studies) {
      out += observation("ST", "113014^DICOM Study^DCM", "", plain(study), "O").text();
    }
    return out + texts() + document();
  }

 private:
  bool is_tlr() const { return feed_.profile == Profile::tlr; }

  std::string msh() const {
    const bool structured = feed_.version != "2.1" && feed_.version != "2.2" &&
                            feed_.version != "2.3" && feed_.version != "2.3.1";
    std::string profile = sealed_.profile;
    if (is_tlr() && profile.empty()) {
      profile = tlr_profile;
    }
    return Line("MSH")
        .set(1, "^~\\&")  // MSH-1 is the separator: numbers are one lower in this segment
        .set(2, sealed_.receiving_application)
        .set(3, sealed_.receiving_facility)
        .set(4, sealed_.sending_application)
        .set(5, sealed_.sending_facility)
        .set(6, timestamp(content_.sent_at))
        .set(8, structured ? "ORU^R01^ORU_R01" : "ORU^R01")
        .set(9, plain(content_.message_id))
        .set(10, sealed_.processing_id.empty() ? "P" : sealed_.processing_id)
        .set(11, feed_.version)
        .set(16, "FRA")
        .set(17, name_of(feed_.charset.value_or(Charset::utf8)))
        .set(20, is_tlr() ? profile : std::string{})
        .text();
  }

  /// ORC-16.2: why, and for an ultrasound where to go instead.
  std::string reason() const {
    std::string text = content_.reason;
    if (!content_.recourse.empty()) {
      text += (text.empty() ? "" : ". ") + ("Centre de recours : " + content_.recourse);
    }
    return text.empty() || !is_answer(content_.event) ? std::string{} : "^" + plain(text);
  }

  std::string orc() const {
    Line line("ORC");
    line.set(1, row_.order_control)
        .set(2, sealed_.orc2.empty() ? sealed_.obr2 : sealed_.orc2)
        .set(3, plain(content_.exam_number))
        .set(5, row_.order_status)
        .set(16, reason());
    if (is_tlr() && is_answer(content_.event)) {
      line.set(12, xcn(content_.reader)).set(17, tlr_platform).set(21, feed_.platform);
    }
    return line.text();
  }

  std::string obr() const {
    const bool answer = is_tlr() && is_answer(content_.event);
    const Clinician& reader = content_.reader;
    Line line("OBR");
    line.set(1, "1")
        .set(2, sealed_.obr2.empty() ? sealed_.orc2 : sealed_.obr2)
        .set(3, plain(content_.exam_number))
        .set(4, answer ? std::string(tlr_answer) : sealed_.obr4)
        .set(7, timestamp(content_.exam_time))
        .set(16, answer ? xcn(reader) : sealed_.obr16)
        .set(18, sealed_.obr18)
        .set(19, sealed_.obr19)
        .set(24, sealed_.obr24)
        .set(25, row_.result_status)
        .set(31, sealed_.obr31);
    if (!is_answer(content_.event)) {
      line.set(22, timestamp(content_.signed_at));
      if (reader != Clinician{}) {
        line.set(32, plain(reader.rpps) + "&" + plain(reader.family) + "&" + plain(reader.given));
      }
    }
    return line.text();
  }

  Line observation(std::string_view type, std::string_view code, std::string_view sub_id,
                   std::string_view value, std::string_view status) {
    Line line("OBX");
    line.set(1, std::to_string(++observations_))
        .set(2, type)
        .set(3, code)
        .set(4, sub_id)
        .set(5, value)
        .set(11, status);
    return line;
  }

  std::string protocol() {
    return observation("FT", "PROTOCOLE_IMAGERIE^Protocole d'imagerie médicale^TLR_OBSERVATION", "",
                       escape(content_.protocol, Separators{}, "\\.br\\"), row_.observation)
        .text();
  }

  /// OBX with the reader and the time of signing.
  std::string signed_observation(std::string_view type, std::string_view code,
                                 std::string_view sub_id, std::string_view value) {
    return observation(type, code, sub_id, value, row_.observation)
        .set(14, timestamp(content_.signed_at))
        .set(16, xcn(content_.reader))
        .text();
  }

  /// One FT, or one TX a line.
  std::string text_block(std::string_view code, std::string_view text) {
    if (feed_.text == TextStyle::ft) {
      return signed_observation("FT", code, "", escape(text, Separators{}, "\\.br\\"));
    }
    std::string out;
    int number = 0;
    while (true) {
      const std::size_t end = text.find('\n');
      out += signed_observation("TX", code, std::to_string(++number), plain(text.substr(0, end)));
      if (end == std::string_view::npos) {
        return out;
      }
      text.remove_prefix(end + 1);
    }
  }

  bool appends() const {
    return content_.event == ReportEvent::addendum && feed_.addendum == AddendumStyle::append;
  }

  /// The whole current text; an addendum stands first in it.
  std::string whole_text() const {
    if (content_.event == ReportEvent::withdrawn) {
      return "COMPTE RENDU RETIRÉ" + (content_.reason.empty() ? "" : " : " + content_.reason);
    }
    if (content_.event == ReportEvent::addendum && !content_.addendum.empty()) {
      return "ADDENDUM\n" + content_.addendum + "\n\n" + content_.text;
    }
    return content_.text;
  }

  std::string texts() {
    const std::string title = "^" + std::string(report_title) + "^LN";
    if (appends()) {
      return text_block("18748-4&ADT" + title, content_.addendum);
    }
    if (!feed_.sections || content_.sections.empty() || content_.event == ReportEvent::withdrawn) {
      return text_block("18748-4" + title, whole_text());
    }
    std::string out;
    if (content_.event == ReportEvent::addendum && !content_.addendum.empty()) {
      out += text_block("18748-4" + title, "ADDENDUM\n" + content_.addendum);
    }
    for (const ReportSection& section : content_.sections) {
      out += text_block(plain(section.code) + "^" + plain(section.title) + "^LN", section.text);
    }
    return out;
  }

  /// The signed document, for hospitals whose system publishes it to the DMP.
  std::string document() {
    if (!feed_.cda || content_.cda.empty()) {
      return {};
    }
    return signed_observation("ED", "18748-4^" + std::string(report_title) + "^LN", "",
                              "^TEXT^XML^Base64^" + to_base64(content_.cda));
  }

  const Sealed& sealed_;
  const ReportContent& content_;
  const Feed& feed_;
  Row row_;
  int observations_ = 0;
};

std::string digits(std::int64_t value, int width) {
  std::string out = std::to_string(value);
  const auto wanted = static_cast<std::size_t>(width);
  return out.size() < wanted ? std::string(wanted - out.size(), '0') + out : out;
}

}  // namespace

std::string timestamp(LocalTime time) {
  if (!time.utc) {
    return {};
  }
  constexpr std::int64_t day_seconds = 86'400;
  const std::int64_t local = time.utc.value / 1000 + std::int64_t{time.offset_minutes} * 60;
  std::int64_t days = local / day_seconds;
  std::int64_t seconds = local % day_seconds;
  if (seconds < 0) {
    seconds += day_seconds;
    --days;
  }
  // Civil date of a day number (H. Hinnant, "chrono-compatible low-level date algorithms").
  days += 719'468;
  const std::int64_t era = (days >= 0 ? days : days - 146'096) / 146'097;
  const std::int64_t day_of_era = days - era * 146'097;
  const std::int64_t year_of_era =
      (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  const std::int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted = (5 * day_of_year + 2) / 153;
  const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
  const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
  const int offset = time.offset_minutes < 0 ? -time.offset_minutes : time.offset_minutes;
  return digits(year, 4) + digits(month, 2) + digits(day_of_year - (153 * shifted + 2) / 5 + 1, 2) +
         digits(seconds / 3600, 2) + digits(seconds / 60 % 60, 2) + digits(seconds % 60, 2) +
         (time.offset_minutes < 0 ? "-" : "+") + digits(offset / 60, 2) + digits(offset % 60, 2);
}

Result<std::string> build_report(std::string_view sealed, const ReportContent& content,
                                 const Feed& feed) {
  if (content.message_id.empty()) {
    return Error{Errc::bad_value, "report without a message id"};
  }
  const auto opened = unseal(sealed);
  if (!opened) {
    return opened.error();
  }
  return encode(Writer(*opened, content, feed).write(), feed.charset.value_or(Charset::utf8));
}

}  // namespace vigie::hl7
