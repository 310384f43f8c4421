// vigie-hl7 [--json] FILE...: what each field of a hospital's messages became, and from where, so
// that whoever connects a hospital sees the mapping before it is live. Called by `ops/check hl7`.
//
// Prints the hospital's own values: for the operator who holds the file, never for a log.
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "actors/core/hl7/map.hpp"
#include "actors/core/hl7/mllp.hpp"

namespace {

using namespace vigie;
using nlohmann::ordered_json;

hl7::Day today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return {utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday};
}

/// A feed that may speak for whoever its message names: as the first look at a new hospital.
hl7::Feed feed_for(const hl7::Message& message) {
  hl7::Feed feed;
  feed.name = "any";
  feed.authority = "ANY";
  hl7::FeedEstablishment any{{1}, {1}, {}, {}};
  const std::string names[] = {message.get("MSH", 4),  message.get("PV1", 3, 1, 4),
                               message.get("ORC", 17), message.get("ORC", 17, 1, 2),
                               message.get("ORC", 21), message.get("ORC", 21, 1, 10)};
  for (const std::string& name : names) {
    if (name.empty()) continue;
    const bool finess = name.size() == 9 && name.find_first_not_of("0123456789") == name.npos;
    (finess ? any.finess : any.aliases).push_back(name);
  }
  feed.establishments = {any};
  return feed;
}

/// The messages of a file: framed, or one bare message.
std::vector<std::string> messages_in(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> messages;
  hl7::MllpReader reader;
  if (bytes.find('\x0b') == std::string::npos) return {bytes};
  if (!reader.feed(bytes, messages)) messages.clear();
  return messages;
}

ordered_json look(const std::string& text) {
  const auto message = hl7::Message::parse(text, std::nullopt);
  if (!message) {
    return {{"taken", false},
            {"why", message.refusal().text},
            {"place", message.refusal().place.text()}};
  }
  const hl7::Feed feed = feed_for(*message);
  ordered_json out;
  const auto orders = hl7::map_message(*message, feed, today());
  out["taken"] = static_cast<bool>(orders);
  out["type"] = message->get("MSH", 9) + " " + message->get("MSH", 9, 1, 2);
  if (orders) {
    out["orders"] = ordered_json::array();
    for (const hl7::Order& order : *orders) {
      out["orders"].push_back({{"action", name_of(order.action)},
                               {"number", order.request.key.number},
                               {"modality", name_of(order.request.modality)},
                               {"asked", name_of(order.request.asked)}});
    }
  } else {
    out["why"] = orders.refusal().text;
    out["place"] = orders.refusal().place.text();
  }
  out["fields"] = ordered_json::array();
  for (const hl7::Described& row : hl7::describe(*message, feed, today())) {
    out["fields"].push_back({{"field", row.field}, {"source", row.source}, {"value", row.value}});
  }
  return out;
}

void print(const std::string& file, const ordered_json& seen) {
  std::cout << file << ": " << seen.value("type", "unreadable") << ", "
            << (seen["taken"]
                    ? "taken"
                    : "refused: " + seen.value("why", "") + " at " + seen.value("place", ""))
            << "\n";
  if (seen.contains("orders")) {
    for (const auto& order : seen["orders"]) {
      std::cout << "  " << order["action"].get<std::string>() << " "
                << order["number"].get<std::string>() << "\n";
    }
  }
  if (!seen.contains("fields")) return;
  for (const auto& row : seen["fields"]) {
    std::string line = "  " + row["field"].get<std::string>();
    line.resize(std::max<std::size_t>(line.size() + 1, 26), ' ');
    line += row["source"].get<std::string>();
    line.resize(std::max<std::size_t>(line.size() + 1, 40), ' ');
    std::cout << line << row["value"].get<std::string>() << "\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  bool json = false, unread = false;
  ordered_json all = ordered_json::array();
  std::vector<std::string> files(argv + 1, argv + argc);
  if (!files.empty() && files.front() == "--json") json = true, files.erase(files.begin());
  if (files.empty()) return std::cerr << "usage: vigie-hl7 [--json] FILE...\n", 64;
  for (const std::string& path : files) {
    const auto messages = messages_in(path);
    if (messages.empty()) return std::cerr << "vigie-hl7: " << path << ": no message\n", 66;
    for (const std::string& text : messages) {
      ordered_json seen = look(text);
      unread = unread || !seen.contains("fields");
      const std::string file = std::filesystem::path(path).filename();
      if (json) {
        seen["file"] = file;
        all.push_back(seen);
      } else {
        print(file, seen);
      }
    }
  }
  if (json) std::cout << all.dump(-1, ' ', false, ordered_json::error_handler_t::replace) << "\n";
  return unread ? 1 : 0;
}
