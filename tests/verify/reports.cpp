#include "tests/verify/reports.hpp"

#include <fstream>
#include <iterator>
#include <optional>

#include "tests/verify/content.hpp"

namespace vigie::verify {
namespace {

std::vector<std::string> cut(std::string_view text, char at) {
  std::vector<std::string> parts{""};
  for (const char c : text) {
    if (c == at) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string field(const std::vector<std::string>& fields, std::size_t number) {
  return number < fields.size() ? fields[number] : std::string{};
}

/// HL7 2.5.1 §2.7, as far as reports use it.
std::string unescape(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const std::size_t end = raw[i] == '\\' ? raw.find('\\', i + 1) : std::string_view::npos;
    if (end == std::string_view::npos) {
      out += raw[i];
      continue;
    }
    const std::string_view name = raw.substr(i + 1, end - i - 1);
    constexpr std::string_view letters = "FSTRE", signs = "|^&~\\";
    if (name == ".br") {
      out += '\n';
    } else if (name.size() == 1 && letters.find(name[0]) != std::string_view::npos) {
      out += signs[letters.find(name[0])];
    } else {
      out += raw.substr(i, end - i + 1);
    }
    i = end;
  }
  return out;
}

/// What survives a hospital's field: no tabs, no control characters, no spaces at line ends.
std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '\r') {
      if (i + 1 < text.size() && text[i + 1] == '\n') continue;
      c = '\n';
    }
    if (c == '\t') c = ' ';
    if (c == '\n') {
      while (!out.empty() && out.back() == ' ') out.pop_back();
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      continue;
    }
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Matches UTF-8 `wanted` with one-byte `got`: ASCII and Latin-1 exactly; what such sets lack may
/// have become up to four ASCII signs.
bool matches_narrow(std::string_view wanted, std::string_view got) {
  std::vector<std::size_t> places{0};
  for (std::size_t i = 0; i < wanted.size() && !places.empty();) {
    const auto lead = static_cast<unsigned char>(wanted[i]);
    std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    unsigned sign = lead;
    if (length == 2 && i + 1 < wanted.size()) {
      sign = (lead & 0x1Fu) << 6 | (static_cast<unsigned char>(wanted[i + 1]) & 0x3Fu);
    }
    const bool narrow = length == 1 || (length == 2 && sign >= 0xA0 && sign < 0x100);
    std::vector<std::size_t> after;
    for (const std::size_t at : places) {
      if (narrow && at < got.size() && static_cast<unsigned char>(got[at]) == sign) {
        after.push_back(at + 1);
      }
      if (length == 1) continue;
      for (std::size_t n = 0; n <= 4 && at + n <= got.size(); ++n) {
        if (n > 0 && static_cast<unsigned char>(got[at + n - 1]) >= 0x80 && narrow) break;
        if (after.empty() || after.back() < at + n) after.push_back(at + n);
      }
    }
    places = std::move(after);
    i += length;
  }
  for (const std::size_t at : places) {
    if (at == got.size()) return true;
  }
  return false;
}

struct Parser {
  HospitalReport& out;
  int texts = 0;

  /// @return what is wrong, if anything.
  std::optional<std::string> segment(const std::string& line) {
    const auto fields = cut(line, '|');
    if (fields[0] == "MSH") return header(fields);
    if (fields[0] == "ORC") {
      out.control = field(fields, 1);
      out.placer = unescape(cut(field(fields, 2), '^')[0]);
      out.exam = unescape(cut(field(fields, 3), '^')[0]);
    } else if (fields[0] == "OBR") {
      out.status = field(fields, 25);
      if (unescape(cut(field(fields, 3), '^')[0]) != out.exam) return "OBR-3 is not ORC-3";
    } else if (fields[0] == "OBX") {
      if (!field(fields, 3).starts_with("18748-4")) return {};
      if (++texts > 1) out.text += '\n';
      out.text += unescape(field(fields, 5));
    } else if (fields[0] != "PID" && fields[0] != "PV1" && fields[0] != "NTE") {
      return "unknown segment";
    }
    return {};
  }

  std::optional<std::string> header(const std::vector<std::string>& fields) {
    if (field(fields, 1) != "^~\\&") return "MSH-2 is not ^~\\&";
    if (!field(fields, 8).starts_with("ORU^R01")) return "not an ORU^R01";
    out.receiver = field(fields, 4) + "|" + field(fields, 5);
    out.message_id = field(fields, 9);
    out.utf8 = field(fields, 17) == "UNICODE UTF-8" || field(fields, 17).empty();
    if (out.message_id.empty()) return "no MSH-10";
    return {};
  }
};

}  // namespace

void Reports::read(const std::string& path, Verdict& verdict) {
  kept = true;
  std::ifstream in(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.starts_with('\x0b')) bytes.erase(0, 1);
  while (bytes.ends_with('\r') || bytes.ends_with('\x1c') || bytes.ends_with('\n')) {
    bytes.pop_back();
  }
  HospitalReport report;
  report.file = path.substr(path.rfind('/') + 1);
  report.bytes = fnv(bytes);
  Parser parser{report};
  const auto wrong = [&](const std::string& what) {
    verdict.add("report", report.file + ": " + what);
  };
  if (!bytes.starts_with("MSH|")) return wrong("does not begin with MSH");
  for (const std::string& line : cut(bytes, '\r')) {
    if (const auto what = parser.segment(line)) return wrong(*what);
  }
  if (report.exam.empty()) return wrong("names no exam in ORC-3");
  if (report.control.empty()) return wrong("no ORC-1");
  all.push_back(std::move(report));
}

bool is_text_of(const HospitalReport& report, std::string_view signed_text) {
  const std::string wanted = plain(signed_text), got = plain(report.text);
  return report.utf8 ? wanted == got : matches_narrow(wanted, got);
}

}  // namespace vigie::verify
