#include "actors/core/hl7/sealed.hpp"

#include <algorithm>
#include <charconv>

#include "actors/core/hl7/charset.hpp"
#include "messages/types/limits.hpp"

namespace vigie::hl7 {
namespace {

constexpr std::string_view first_line = "vigie-sealed 1\n";
constexpr std::size_t attachments_max = 16;
constexpr std::size_t label_bytes = 80;
constexpr std::size_t cut_bytes_min = 64;  ///< a shorter start of a text says nothing

struct TextField {
  std::string_view key;
  std::string Sealed::*member;
};
constexpr TextField text_fields[] = {
    {"msh3", &Sealed::sending_application},
    {"msh4", &Sealed::sending_facility},
    {"msh5", &Sealed::receiving_application},
    {"msh6", &Sealed::receiving_facility},
    {"msh11", &Sealed::processing_id},
    {"msh21", &Sealed::profile},
    {"pid", &Sealed::pid},
    {"pv1", &Sealed::pv1},
    {"orc2", &Sealed::orc2},
    {"orc3", &Sealed::orc3},
    {"orc12", &Sealed::orc12},
    {"orc17", &Sealed::orc17},
    {"orc21", &Sealed::orc21},
    {"obr2", &Sealed::obr2},
    {"obr4", &Sealed::obr4},
    {"obr16", &Sealed::obr16},
    {"obr18", &Sealed::obr18},
    {"obr19", &Sealed::obr19},
    {"obr24", &Sealed::obr24},
    {"obr31", &Sealed::obr31},
    {"phone", &Sealed::callback_phone},
    {"procedure", &Sealed::procedure},
};

struct IdentityField {
  std::string_view key;
  std::string Identity::*member;
};
constexpr IdentityField identity_fields[] = {
    {"id.birth_name", &Identity::birth_name},
    {"id.usual_name", &Identity::usual_name},
    {"id.given", &Identity::given},
    {"id.birth_date", &Identity::birth_date},
    {"id.sex", &Identity::sex},
    {"id.ipp", &Identity::ipp},
    {"id.ins", &Identity::ins},
    {"id.status", &Identity::status},
    {"id.visit", &Identity::visit},
};

struct ClinicianField {
  std::string_view key;
  std::string Clinician::*member;
};
constexpr ClinicianField requester_fields[] = {{"by.rpps", &Clinician::rpps},
                                               {"by.family", &Clinician::family},
                                               {"by.given", &Clinician::given}};

/// A value on one line: '\' and line ends are escaped.
std::string on_one_line(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c != '\r') {
      out.push_back(c);
    }
  }
  return out;
}

std::string from_one_line(std::string_view line) {
  std::string out;
  out.reserve(line.size());
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] != '\\' || i + 1 == line.size()) {
      out.push_back(line[i]);
    } else {
      out.push_back(line[++i] == 'n' ? '\n' : line[i]);
    }
  }
  return out;
}

/// The start of an escaped line that fits, not cut inside an escape.
std::string_view start_of_line(std::string_view line, std::size_t bytes_max) {
  line = truncate(line, bytes_max);
  std::size_t slashes = 0;
  while (slashes < line.size() && line[line.size() - 1 - slashes] == '\\') {
    ++slashes;
  }
  return line.substr(0, line.size() - slashes % 2);
}

void put(std::string& out, std::string_view key, std::string_view value) {
  if (!value.empty()) {
    out.append(key).append("=").append(on_one_line(value)).append("\n");
  }
}

std::string without_tabs(std::string_view text) {
  std::string out(truncate(text, label_bytes));
  std::replace(out.begin(), out.end(), '\t', ' ');
  return out;
}

std::string attachment_note(const Attachment& a) {
  return without_tabs(a.label) + '\t' + without_tabs(a.type) + '\t' + std::to_string(a.size_bytes) +
         '\t' + without_tabs(a.sha256) + '\t';
}

std::string fixed_part(const Sealed& sealed) {
  std::string out(first_line);
  for (const auto& [key, member] : text_fields) {
    put(out, key, sealed.*member);
  }
  for (const auto& [key, member] : identity_fields) {
    put(out, key, sealed.identity.*member);
  }
  put(out, "id.validated", sealed.identity.validated ? "1" : "");
  for (const auto& [key, member] : requester_fields) {
    put(out, key, sealed.requester.*member);
  }
  return out;
}

/// Adds context while it fits, leaving `reserved` bytes. @return true when something was cut.
bool put_context(std::string& out, const std::vector<ContextItem>& items, std::size_t reserved) {
  bool cut = false;
  for (const ContextItem& item : items) {
    const std::string line = on_one_line(item.text);
    const std::size_t overhead = item.code.size() + 6 + reserved + out.size();
    const std::size_t room = overhead < limits::sealed_bytes ? limits::sealed_bytes - overhead : 0;
    if (line.size() <= room || room >= cut_bytes_min) {
      out += "ctx." + item.code + "=";
      out.append(start_of_line(line, room)).append("\n");
    }
    cut = cut || line.size() > room;
  }
  return cut;
}

bool read_attachment(std::string_view text, Attachment& out) {
  const auto part = [&text] {
    const std::size_t at = std::min(text.find('\t'), text.size());
    const std::string_view value = text.substr(0, at);
    text.remove_prefix(std::min(at + 1, text.size()));
    return value;
  };
  out.label = part();
  out.type = part();
  const std::string_view size = part();
  out.sha256 = part();
  out.content = part();
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), out.size_bytes);
  return error == std::errc{} && end == size.data() + size.size();
}

template <class Fields, class Record>
bool read_field(const Fields& fields, std::string_view key, const std::string& value,
                Record& record) {
  for (const auto& [name, member] : fields) {
    if (name == key) {
      record.*member = value;
      return true;
    }
  }
  return false;
}

/// One `key=value`. Unknown keys are skipped: a later version may add some.
bool read_line(std::string_view line, Sealed& out) {
  const std::size_t at = line.find('=');
  if (at == std::string_view::npos) {
    return false;
  }
  const std::string_view key = line.substr(0, at);
  const std::string value = from_one_line(line.substr(at + 1));
  if (key.substr(0, 4) == "ctx.") {
    out.context.push_back({std::string(key.substr(4)), value});
  } else if (key == "att") {
    return read_attachment(value, out.attachments.emplace_back());
  } else if (key == "cut") {
    out.cut = true;
  } else if (key == "id.validated") {
    out.identity.validated = true;
  } else if (!read_field(text_fields, key, value, out) &&
             !read_field(identity_fields, key, value, out.identity)) {
    read_field(requester_fields, key, value, out.requester);
  }
  return true;
}

}  // namespace

Result<std::string> seal(Sealed sealed) {
  if (sealed.attachments.size() > attachments_max) {
    sealed.attachments.resize(attachments_max);
    sealed.cut = true;
  }
  std::string out = fixed_part(sealed);
  std::vector<std::string> notes;
  std::size_t reserved = 8;  // "cut=1\n" and a spare
  for (const Attachment& attachment : sealed.attachments) {
    notes.push_back(on_one_line(attachment_note(attachment)));
    reserved += notes.back().size() + 5;
  }
  if (out.size() + reserved > limits::sealed_bytes) {
    return Error{Errc::too_large,
                 "sealed: identity and echo fields of " + std::to_string(out.size()) + " bytes"};
  }
  bool cut = put_context(out, sealed.context, reserved) || sealed.cut;
  for (std::size_t i = 0; i < notes.size(); ++i) {
    out += "att=" + notes[i];
    const std::string content = on_one_line(sealed.attachments[i].content);
    reserved -= notes[i].size() + 5;
    if (out.size() + content.size() + 1 + reserved <= limits::sealed_bytes &&
        content.find('\t') == std::string::npos) {
      out += content;
    } else {
      cut = true;
    }
    out += "\n";
  }
  if (cut) {
    out += "cut=1\n";
  }
  return out;
}

Result<Sealed> unseal(std::string_view bytes) {
  if (bytes.substr(0, first_line.size()) != first_line) {
    return Error{Errc::malformed, "sealed: unknown start"};
  }
  bytes.remove_prefix(first_line.size());
  Sealed out;
  while (!bytes.empty()) {
    const std::size_t end = std::min(bytes.find('\n'), bytes.size());
    if (!read_line(bytes.substr(0, end), out)) {
      return Error{Errc::malformed, "sealed: a line is not key=value"};
    }
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  return out;
}

Sealed merge(const Sealed& base, const Sealed& newer) {
  Sealed out = base;
  for (const auto& [key, member] : text_fields) {
    if (!(newer.*member).empty()) {
      out.*member = newer.*member;
    }
  }
  if (!newer.pid.empty()) {
    const std::string visit =
        newer.identity.visit.empty() ? base.identity.visit : newer.identity.visit;
    out.identity = newer.identity;
    out.identity.visit = visit;
  }
  if (newer.requester != Clinician{}) {
    out.requester = newer.requester;
  }
  std::erase_if(out.context, [&](const ContextItem& old) {
    return std::any_of(newer.context.begin(), newer.context.end(),
                       [&](const ContextItem& item) { return item.code == old.code; });
  });
  out.context.insert(out.context.end(), newer.context.begin(), newer.context.end());
  for (const Attachment& attachment : newer.attachments) {
    if (std::find(out.attachments.begin(), out.attachments.end(), attachment) ==
        out.attachments.end()) {
      out.attachments.push_back(attachment);
    }
  }
  out.cut = base.cut || newer.cut;
  return out;
}

}  // namespace vigie::hl7
