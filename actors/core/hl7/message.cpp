#include "actors/core/hl7/message.hpp"

#include <algorithm>

namespace vigie::hl7 {
namespace {

constexpr std::size_t repetitions_max = 64;

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

/// Can separate: a printable ASCII sign that no text is made of.
bool is_separator(char c) {
  return c > ' ' && c < 0x7F && !is_digit(c) && !is_upper(c) && !(c >= 'a' && c <= 'z');
}

/// "MSH|^~\&" and the like. MSH-2 may be shorter than four signs: the usual ones fill it up.
std::optional<Separators> read_separators(std::string_view text) {
  if (text.size() < 5 || text.substr(0, 3) != "MSH") {
    return std::nullopt;
  }
  Separators out;
  out.field = text[3];
  const std::string_view encoding = text.substr(4, text.find(text[3], 4) - 4);
  char* const places[] = {&out.component, &out.repetition, &out.escape, &out.subcomponent};
  for (std::size_t i = 0; i < std::min<std::size_t>(4, encoding.size()); ++i) {
    *places[i] = encoding[i];
  }
  const char all[] = {out.field, out.component, out.repetition, out.escape, out.subcomponent};
  for (std::size_t i = 0; i < 5; ++i) {
    if (!is_separator(all[i]) || std::count(std::begin(all), std::end(all), all[i]) != 1) {
      return std::nullopt;
    }
  }
  return out;
}

std::string_view without_leading(std::string_view frame) {
  if (frame.substr(0, 3) == "\xEF\xBB\xBF") {
    frame.remove_prefix(3);
  }
  while (!frame.empty() && is_blank(frame.front())) {
    frame.remove_prefix(1);
  }
  return frame;
}

/// Decodes by MSH-18, which is ASCII in every set that Vigie reads.
Decoded decode_frame(std::string_view frame, const Separators& separators,
                     std::optional<Charset> of_feed) {
  const std::string_view msh = frame.substr(0, frame.find_first_of("\r\n"));
  return decode_message(frame, piece(msh, separators.field, 18), separators.repetition, of_feed);
}

bool starts_segment(std::string_view text, char field) {
  const auto name_sign = [](char c) { return is_upper(c) || is_digit(c); };
  return text.size() >= 3 && is_upper(text[0]) && name_sign(text[1]) && name_sign(text[2]) &&
         (text.size() == 3 || text[3] == field || text[3] == '\r' || text[3] == '\n');
}

/// The next line's end. A lone LF that no segment follows belongs to the value.
std::size_t line_end(std::string_view text, char field) {
  std::size_t at = text.find_first_of("\r\n");
  while (at != std::string_view::npos && text[at] == '\n') {
    const std::string_view rest = text.substr(at + 1);
    if (rest.empty() || rest.front() == '\n' || rest.front() == '\r' ||
        starts_segment(rest, field)) {
      break;
    }
    at = text.find_first_of("\r\n", at + 1);
  }
  return std::min(at, text.size());
}

Segment make_segment(std::string_view line, char field) {
  Segment out;
  out.name = line.substr(0, 3);
  out.raw = line;
  out.fields = split(line, field, fields_per_segment + 1);
  if (out.name == "MSH") {
    out.fields.insert(out.fields.begin() + 1, line.substr(3, 1));  // MSH-1 is the separator itself
  }
  return out;
}

Refusal malformed(std::string segment, int occurrence, std::string text) {
  return {ErrorCode::segment_sequence, {std::move(segment), occurrence}, std::move(text)};
}

int hex_digit(char c) {
  if (is_digit(c)) {
    return c - '0';
  }
  if (c >= 'A' && c <= 'F') {
    return c - 'A' + 10;
  }
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// "C3A9" to text, as UTF-8 if it is, else Windows-1252; empty when it is not hexadecimal.
std::string hex_text(std::string_view digits) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    const int high = hex_digit(digits[i]);
    const int low = hex_digit(digits[i + 1]);
    if (high < 0 || low < 0) {
      return {};
    }
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return decode(bytes, is_utf8(bytes) ? Charset::utf8 : Charset::windows1252).text;
}

/// The text of one escape; nullopt when it is none.
std::optional<std::string> resolve(std::string_view name, const Separators& s) {
  if (name.size() == 1) {
    switch (name[0]) {
      case 'F':
        return std::string(1, s.field);
      case 'S':
        return std::string(1, s.component);
      case 'T':
        return std::string(1, s.subcomponent);
      case 'R':
        return std::string(1, s.repetition);
      case 'E':
        return std::string(1, s.escape);
      case 'H':
      case 'N':
        return std::string{};  // highlighting
      default:
        return std::nullopt;
    }
  }
  if (name.size() >= 3 && name[0] == 'X' && name.size() % 2 == 1) {
    std::string text = hex_text(name.substr(1));
    return text.empty() ? std::nullopt : std::optional(std::move(text));
  }
  if (name.size() >= 3 && name[0] == '.') {
    const std::string_view command = name.substr(1, 2);
    if (command == "br" || command == "sp" || command == "ce") {
      return "\n";
    }
    for (const std::string_view format : {"fi", "nf", "in", "ti", "sk"}) {
      if (command == format) {
        return format == "sk" ? " " : std::string{};
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view piece(std::string_view text, char separator, int index) {
  for (int i = 1; i < index; ++i) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) {
      return {};
    }
    text.remove_prefix(at + 1);
  }
  return text.substr(0, text.find(separator));
}

std::vector<std::string_view> split(std::string_view text, char separator, std::size_t count_max) {
  std::vector<std::string_view> out;
  while (out.size() + 1 < count_max) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) {
      break;
    }
    out.push_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  out.push_back(text);
  return out;
}

std::string unescape(std::string_view raw, const Separators& separators) {
  std::string out;
  out.reserve(raw.size());
  while (!raw.empty()) {
    const std::size_t start = std::min(raw.find(separators.escape), raw.size());
    out += raw.substr(0, start);
    raw.remove_prefix(start);
    if (raw.empty()) {
      break;
    }
    const std::size_t end = raw.find(separators.escape, 1);
    const auto text =
        end == std::string_view::npos ? std::nullopt : resolve(raw.substr(1, end - 1), separators);
    if (text) {
      out += *text;
      raw.remove_prefix(end + 1);
    } else {
      out.push_back(raw.front());
      raw.remove_prefix(1);
    }
  }
  return out;
}

std::string escape(std::string_view text, const Separators& s, std::string_view line_break) {
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  const auto put = [&](char name) { out.append({s.escape, name, s.escape}); };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == s.escape) {
      put('E');
    } else if (c == s.field) {
      put('F');
    } else if (c == s.component) {
      put('S');
    } else if (c == s.repetition) {
      put('R');
    } else if (c == s.subcomponent) {
      put('T');
    } else if (c == '\n' || (c == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))) {
      out += line_break;
    } else if (c == '\t') {
      out.push_back(' ');
    } else if (static_cast<unsigned char>(c) >= ' ' && c != 0x7F) {
      out.push_back(c);
    }
  }
  return out;
}

std::string standard(std::string_view raw, const Separators& from) {
  const Separators to;
  const std::string_view own{"|^~\\&"};
  std::string out;
  out.reserve(raw.size());
  for (const char c : raw) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7F) {
      out.push_back(' ');
    } else if (c == from.field) {
      out.push_back(to.field);
    } else if (c == from.component) {
      out.push_back(to.component);
    } else if (c == from.repetition) {
      out.push_back(to.repetition);
    } else if (c == from.escape) {
      out.push_back(to.escape);
    } else if (c == from.subcomponent) {
      out.push_back(to.subcomponent);
    } else if (own.find(c) != std::string_view::npos) {
      out += escape(std::string_view(&c, 1), to);
    } else {
      out.push_back(c);
    }
  }
  return out;
}

Checked<Message> Message::parse(std::string_view frame, std::optional<Charset> of_feed) {
  frame = without_leading(frame);
  const auto separators = read_separators(frame);
  if (!separators) {
    return malformed("MSH", 1, "Le message ne commence pas par un segment MSH lisible");
  }
  Decoded decoded = decode_frame(frame, *separators, of_feed);
  Message out;
  out.separators_ = *separators;
  out.charset_ = decoded.charset;
  out.bad_charset_ = decoded.bad;
  out.buffer_ = std::make_unique<const std::string>(std::move(decoded.text));
  std::string_view rest = *out.buffer_;
  while (!rest.empty()) {
    const std::size_t end = line_end(rest, separators->field);
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (trim(line).empty()) {
      continue;
    }
    const int number = static_cast<int>(out.segments_.size()) + 1;
    // A line feed right after the name would make the next line part of the name.
    if (!starts_segment(line, separators->field) ||
        (line.size() > 3 && line[3] != out.separators_.field)) {
      return malformed({}, 1, "Ligne " + std::to_string(number) + " : ce n'est pas un segment");
    }
    if (out.segments_.size() == segments_per_message) {
      return malformed(std::string(line.substr(0, 3)), 1, "Trop de segments");
    }
    Segment segment = make_segment(line, separators->field);
    if (segment.fields.size() > fields_per_segment) {
      return malformed(std::string(segment.name), 1, "Trop de champs dans le segment");
    }
    if (segment.name == "MSH" && number > 1) {
      return malformed("MSH", 2, "Plusieurs segments MSH dans un message");
    }
    segment.occurrence += static_cast<int>(
        std::count_if(out.segments_.begin(), out.segments_.end(),
                      [&](const Segment& other) { return other.name == segment.name; }));
    out.segments_.push_back(std::move(segment));
  }
  return out;
}

const Segment* Message::find(std::string_view name, int occurrence) const {
  for (const Segment& segment : segments_) {
    if (segment.name == name && segment.occurrence == occurrence) {
      return &segment;
    }
  }
  return nullptr;
}

std::string_view Message::raw(const Segment* segment, int field, int component, int sub,
                              int repetition) const {
  if (segment == nullptr) {
    return {};
  }
  std::string_view value = piece(segment->field(field), separators_.repetition, repetition);
  if (component > 0) {
    value = piece(value, separators_.component, component);
    if (sub > 0) {
      value = piece(value, separators_.subcomponent, sub);
    }
  }
  return value;
}

std::string Message::text(const Segment* segment, int field, int component, int sub,
                          int repetition) const {
  const std::string value = unescape(raw(segment, field, component, sub, repetition), separators_);
  const std::string_view trimmed = trim(value);
  return trimmed == "\"\"" ? std::string{} : std::string(trimmed);
}

std::vector<std::string_view> Message::repetitions(const Segment* segment, int field) const {
  const std::string_view value = segment == nullptr ? std::string_view{} : segment->field(field);
  return value.empty() ? std::vector<std::string_view>{}
                       : split(value, separators_.repetition, repetitions_max);
}

std::string Message::part(std::string_view repetition, int component, int sub) const {
  const std::string_view whole = piece(repetition, separators_.component, component);
  const std::string value =
      unescape(sub > 0 ? piece(whole, separators_.subcomponent, sub) : whole, separators_);
  const std::string_view trimmed = trim(value);
  return trimmed == "\"\"" ? std::string{} : std::string(trimmed);
}

Header read_header(std::string_view frame, std::optional<Charset> of_feed) {
  Header out;
  frame = without_leading(frame);
  if (frame.substr(0, 3) != "MSH") {
    return out;
  }
  out.found = true;
  out.separators = read_separators(frame).value_or(Separators{});
  const Decoded decoded = decode_frame(frame, out.separators, of_feed);
  out.charset = decoded.charset;
  const std::string_view text = decoded.text;
  const std::string_view msh = text.substr(0, text.find_first_of("\r\n"));
  const auto field = [&](int n) { return std::string(piece(msh, out.separators.field, n)); };
  out.sending_application = field(3);
  out.sending_facility = field(4);
  out.receiving_application = field(5);
  out.receiving_facility = field(6);
  out.type = piece(field(9), out.separators.component, 1);
  out.trigger = piece(field(9), out.separators.component, 2);
  out.control_id = field(10);
  out.processing_id = field(11);
  out.version = field(12);
  out.accept_ack = field(15);
  out.application_ack = field(16);
  out.charset_name = field(18);
  out.profile = field(21);
  return out;
}

}  // namespace vigie::hl7
