#include "actors/core/hl7/context.hpp"

#include <sodium/crypto_hash_sha256.h>

#include <algorithm>
#include <map>
#include <optional>

#include "actors/core/hl7/charset.hpp"

namespace vigie::hl7 {
namespace {

constexpr std::string_view viewer_code = "URL_PARTIELLE_VIEWER";

/// Base64 to bytes; nullopt when it is not Base64 (RFC 4648 §4; line ends are skipped).
std::optional<std::string> from_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  std::uint32_t bits = 0;
  int count = 0;
  std::size_t signs = 0;
  bool padded = false;
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == ' ') {
      continue;
    }
    ++signs;
    if (c == '=') {
      padded = true;
      continue;
    }
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos || padded) {
      return std::nullopt;
    }
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out.push_back(static_cast<char>((bits >> count) & 0xFF));
    }
  }
  return signs % 4 == 0 ? std::optional(std::move(out)) : std::nullopt;
}

bool is_printable(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; };
  return is_utf8(text) && std::none_of(text.begin(), text.end(), is_control);
}

std::string hexadecimal(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(digits[byte >> 4]);
    out.push_back(digits[byte & 15]);
  }
  return out;
}

void add(std::vector<ContextItem>& out, std::string code, std::string text) {
  if (!text.empty()) {
    out.push_back({std::move(code), std::move(text)});
  }
}

/// OBX-5 as a person reads it: the meaning of a coded value, else the value; then its unit.
std::string value_text(const Group& group, const Segment* obx) {
  const std::string type = group.text(obx, 2);
  const bool coded = type == "CE" || type == "CWE" || type == "CNE";
  std::string out = coded ? group.text(obx, 5, 2) : std::string{};
  if (out.empty()) {
    // Free text may hold repetitions and unescaped carets: take the field whole.
    const bool text = type == "FT" || type == "TX" || type == "ST";
    out = text ? unescape(obx->field(5), group.message->separators()) : group.text(obx, 5);
  }
  const std::string unit = group.text(obx, 6);
  return unit.empty() || out.empty() ? out : out + " " + unit;
}

void add_observed(std::vector<ContextItem>& out, const Group& group, std::string code,
                  std::string_view loinc) {
  for (const Segment* obx : group.observations(loinc)) {
    add(out, code, value_text(group, obx));
  }
}

/// `n.k` of OBX-4 gathered by n, in the order of k: "V09 0123456789 1 ml".
void add_gathered(std::vector<ContextItem>& out, const Group& group, const std::string& code,
                  std::string_view observation) {
  std::map<std::string, std::string> by_number;
  for (const Segment* obx : group.observations(observation)) {
    const std::string number(piece(obx->field(4), '.', 1));
    std::string value = group.text(obx, 5);
    const std::string unit = group.text(obx, 6);
    std::string& line = by_number[number];
    line += (line.empty() ? "" : " ") + value + (unit.empty() ? "" : " " + unit);
  }
  for (auto& [number, line] : by_number) {
    add(out, code, std::move(line));
  }
}

void add_question(std::vector<ContextItem>& out, const Group& group) {
  add(out, "question", group.text(group.obr, 13, 0));
  for (const std::string_view reason : group.message->repetitions(group.obr, 31)) {
    const std::string text = group.message->part(reason, 2);
    add(out, "question", text.empty() ? group.message->part(reason, 1) : text);
  }
}

void add_pregnancy(std::vector<ContextItem>& out, const Group& group) {
  add_observed(out, group, "pregnancy", "82810-3");
  for (const std::string_view status : group.message->repetitions(group.pv1, 15)) {
    if (group.message->part(status, 1) == "B6") {
      add(out, "pregnancy", "enceinte (PV1-15 B6)");
    }
  }
}

void add_viewer(std::vector<ContextItem>& out, const Group& group) {
  for (const Segment* obx : group.observations(viewer_code)) {
    const std::string content =
        group.text(obx, 2) == "ED" ? group.text(obx, 5, 5) : group.text(obx, 5, 0);
    const auto address = from_base64(content);
    add(out, "viewer", address && is_printable(*address) ? *address : content);
  }
}

void add_others(std::vector<ContextItem>& out, const Group& group, const Segment& segment) {
  if (segment.name == "NTE") {
    add(out, "note", unescape(segment.field(3), group.message->separators()));
  }
  if (segment.name != "OBX" || group.text(&segment, 2) == "ED") {
    return;
  }
  constexpr std::string_view known[] = {"11322-5",
                                        "29463-7",
                                        "8302-2",
                                        "82810-3",
                                        "2160-0",
                                        "113014",
                                        "MODALITE_IMAGERIE",
                                        "REGION_ANATOMIQUE",
                                        "CODE_ACTE_IMAGERIE",
                                        "PRODUIT_ADMINISTRE",
                                        "APPAREIL_IMAGERIE",
                                        viewer_code};
  for (const std::string_view code : known) {
    if (group.text(&segment, 3, 1) == code || group.text(&segment, 3, 4) == code) {
      return;
    }
  }
  const std::string label = group.text(&segment, 3, 2);
  const std::string value = value_text(group, &segment);
  if (!value.empty()) {
    add(out, "observation", (label.empty() ? group.text(&segment, 3, 1) : label) + " : " + value);
  }
}

}  // namespace

std::vector<ContextItem> context_of(const Group& group) {
  std::vector<ContextItem> out;
  add_question(out, group);
  add_observed(out, group, "history", "11322-5");
  add_pregnancy(out, group);
  for (const auto* list : {&group.shared, &group.own}) {
    for (const Segment* segment : *list) {
      if (segment->name == "AL1") {
        const std::string meaning = group.text(segment, 3, 2);
        add(out, "allergy", meaning.empty() ? group.text(segment, 3, 1) : meaning);
      }
    }
  }
  add_observed(out, group, "creatinine", "2160-0");
  add_observed(out, group, "weight", "29463-7");
  add_observed(out, group, "height", "8302-2");
  add_gathered(out, group, "product", "PRODUIT_ADMINISTRE");
  add_gathered(out, group, "device", "APPAREIL_IMAGERIE");
  add_viewer(out, group);
  for (const auto* list : {&group.own, &group.shared}) {
    for (const Segment* segment : *list) {
      add_others(out, group, *segment);
    }
  }
  return out;
}

std::vector<Attachment> attachments_of(const Group& group) {
  std::vector<Attachment> out;
  for (const auto* list : {&group.own, &group.shared}) {
    for (const Segment* segment : *list) {
      if (segment->name != "OBX" || group.text(segment, 2) != "ED" ||
          group.text(segment, 3) == viewer_code) {
        continue;
      }
      Attachment& item = out.emplace_back();
      const std::string label = group.text(segment, 3, 2);
      item.label = label.empty() ? group.text(segment, 3, 1) : label;
      item.type = group.text(segment, 5, 2) + "^" + group.text(segment, 5, 3);
      item.content = group.text(segment, 5, 5);
      const std::string bytes = from_base64(item.content).value_or(item.content);
      item.size_bytes = bytes.size();
      item.sha256 = hexadecimal(sha256({bytes}));
    }
  }
  return out;
}

std::string sha256(const std::vector<std::string_view>& parts) {
  crypto_hash_sha256_state state;
  crypto_hash_sha256_init(&state);
  const auto update = [&state](std::string_view bytes) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(bytes.data()),
                              bytes.size());
  };
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) {
      update("\r");
    }
    update(parts[i]);
  }
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256_final(&state, reinterpret_cast<unsigned char*>(out.data()));
  return out;
}

}  // namespace vigie::hl7
