// A parsed HL7 v2 message: segments and fields as views over one owned UTF-8 buffer.
//
// Fields stay as they came (escaped), so that what is echoed is verbatim; text() gives them without
// escapes. Total and bounded: any bytes end in a Message or in a Refusal.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/core/hl7/charset.hpp"
#include "actors/core/hl7/refusal.hpp"

namespace vigie::hl7 {

inline constexpr std::size_t segments_per_message = 4096;
inline constexpr std::size_t fields_per_segment = 256;

/// From MSH-1 and MSH-2.
struct Separators {
  char field = '|';
  char component = '^';
  char repetition = '~';
  char escape = '\\';
  char subcomponent = '&';
  bool operator==(const Separators&) const = default;
  /// MSH-2: "^~\&".
  std::string encoding() const { return {component, repetition, escape, subcomponent}; }
};

/// The `index`-th piece (1, 2, ...) of `text` cut at `separator`; empty when there is none.
std::string_view piece(std::string_view text, char separator, int index);
/// All pieces; one empty piece for an empty text. At most `count_max`, the last keeps the rest.
std::vector<std::string_view> split(std::string_view text, char separator, std::size_t count_max);

/// Resolves \F\ \S\ \T\ \R\ \E\ \.br\ (and .sp .ce) \Xhh..\; formatting escapes vanish; an unknown
/// or unfinished escape stays as it is. Lines are cut by '\n'.
std::string unescape(std::string_view raw, const Separators& separators);
/// Makes `text` safe as a value: separators are escaped, line ends become `line_break`, other
/// control characters vanish.
std::string escape(std::string_view text, const Separators& separators,
                   std::string_view line_break = " ");
/// `raw`, written under the usual separators |^~\&: the same bytes when `from` are these. Control
/// characters become spaces.
std::string standard(std::string_view raw, const Separators& from);

/// One line of a message.
struct Segment {
  std::string_view name;
  std::string_view raw;                  ///< the whole line, without its end
  int occurrence = 1;                    ///< 1 for the first of this name
  std::vector<std::string_view> fields;  ///< [0] is the name; for MSH [1] is the separator
  /// Field `index`, raw; empty when absent.
  std::string_view field(int index) const {
    const auto i = static_cast<std::size_t>(index);
    return i < fields.size() ? fields[i] : std::string_view{};
  }
};

class Message {
 public:
  /// Decodes and parses the content of one frame. Segments may end in CR, LF or CRLF; a lone LF
  /// inside a value is part of the value.
  static Checked<Message> parse(std::string_view frame, std::optional<Charset> of_feed);

  const Separators& separators() const { return separators_; }
  const std::vector<Segment>& segments() const { return segments_; }
  const Segment& msh() const { return segments_.front(); }
  /// The `occurrence`-th segment of that name; nullptr when there is none.
  const Segment* find(std::string_view name, int occurrence = 1) const;
  Charset charset() const { return charset_; }
  bool bad_charset() const { return bad_charset_; }

  /// One value, raw. All numbers from 1; component 0: the whole repetition; sub 0: the whole
  /// component. A null segment gives an empty value.
  std::string_view raw(const Segment* segment, int field, int component = 1, int sub = 1,
                       int repetition = 1) const;
  /// One value, unescaped and trimmed; the HL7 null "" is empty.
  std::string text(const Segment* segment, int field, int component = 1, int sub = 1,
                   int repetition = 1) const;
  /// The field's repetitions, raw; none for an empty field. At most 64.
  std::vector<std::string_view> repetitions(const Segment* segment, int field) const;
  /// One value of a repetition got above, unescaped and trimmed.
  std::string part(std::string_view repetition, int component, int sub = 1) const;
  /// By names: get("PID", 5, 1, 2) is the second component of PID-5.
  std::string get(std::string_view segment, int field, int repetition = 1, int component = 1,
                  int sub = 1) const {
    return text(find(segment), field, component, sub, repetition);
  }

 private:
  Message() = default;
  std::unique_ptr<const std::string> buffer_;
  Separators separators_;
  std::vector<Segment> segments_;
  Charset charset_ = Charset::utf8;
  bool bad_charset_ = false;
};

/// What an answer needs of a message, even of one that does not parse. Values are raw.
struct Header {
  bool found = false;  ///< false: it does not start with MSH; nothing else is set
  Separators separators;
  Charset charset = Charset::utf8;                        ///< as it was read
  std::string sending_application, sending_facility;      ///< MSH-3, MSH-4
  std::string receiving_application, receiving_facility;  ///< MSH-5, MSH-6
  std::string type, trigger;                              ///< MSH-9.1, MSH-9.2
  std::string control_id;                                 ///< MSH-10, verbatim
  std::string processing_id, version;                     ///< MSH-11, MSH-12, whole
  std::string accept_ack, application_ack;                ///< MSH-15, MSH-16
  std::string charset_name;                               ///< MSH-18
  std::string profile;                                    ///< MSH-21
};

/// Total: reads as much of MSH as there is.
Header read_header(std::string_view frame, std::optional<Charset> of_feed);

}  // namespace vigie::hl7
