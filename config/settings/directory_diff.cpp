// Both directories are written as files and compared as tables: a key that write_directory() learns
// is compared without a line here.
#include "config/settings/directory_diff.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "config/settings/directory_file.hpp"
#include "messages/types/site_change.hpp"

namespace vigie::settings {
namespace {

constexpr const char* kinds[] = {"area",          "entity",   "site",      "calendar",
                                 "establishment", "group",    "agreement", "person",
                                 "key",           "protocol", "engine",    "shift"};
/// Their order says something: the first agreement that covers an exam counts.
constexpr std::string_view ordered_kind = "agreement";

std::string shown(const toml::node* node) {
  if (!node) return "nothing";
  if (const auto text = node->value_exact<std::string>()) return *text;
  std::ostringstream out;
  if (const auto* array = node->as_array()) {
    for (const toml::node& item : *array) out << (out.tellp() > 0 ? ", " : "") << shown(&item);
  } else if (const auto number = node->value_exact<std::int64_t>()) {
    out << *number;
  } else if (const auto* table = node->as_table()) {
    for (const auto& [key, value] : *table) {
      out << (out.tellp() > 0 ? ", " : "") << key.str() << ' ' << shown(&value);
    }
  } else if (const auto date = node->value_exact<toml::date>()) {
    out << *date;
  } else if (const auto moment = node->value_exact<toml::date_time>()) {
    out << *moment;
  } else {
    out << (node->value_or(false) ? "true" : "false");
  }
  return out.str();
}

std::string shown(const toml::table& table, std::string_view key) {
  const toml::node* node = table.get(key);
  return node ? shown(node) : std::string();
}

/// What stays the same when an item changes.
std::string identity_of(const toml::table& item) {
  for (const char* key : {"id", "code"}) {
    if (item.contains(key)) return shown(item, key);
  }
  if (item.contains("from") && item.contains("person")) {
    return shown(item, "person") + ' ' + shown(item, "from");
  }
  return shown(item, "name");
}

/// @param id Its identity among all of its kind.
std::string name_of(const std::string& id, const toml::table& item) {
  std::string name = id;
  for (const char* key : {"name", "person", "node"}) {
    const std::string more = shown(item, key);
    if (!more.empty() && !identity_of(item).starts_with(more)) name += ' ' + more;
  }
  return name;
}

/// The items of a kind by identity; those that share one are numbered.
struct Items {
  explicit Items(const toml::table& root, const char* kind) {
    const toml::array* array = root.get_as<toml::array>(kind);
    if (!array) return;
    for (const toml::node& node : *array) {
      const toml::table& table = *node.as_table();
      std::string id = identity_of(table);
      for (int again = 2; by_id.contains(id); ++again) {
        id = identity_of(table) + " (" + std::to_string(again) + ')';
      }
      by_id.emplace(id, &table);
      order.push_back(id);
    }
  }
  std::map<std::string, const toml::table*> by_id;
  std::vector<std::string> order;
};

class Comparison {
 public:
  Comparison(const toml::table& now, const toml::table& wanted) : now_(now), wanted_(wanted) {}

  DirectoryDiff run() {
    if (const std::string name = shown(wanted_, "federation"); name != shown(now_, "federation")) {
      diff_.changed.push_back({{"federation", ""}, "name", shown(now_, "federation"), name});
    }
    for (const char* kind : kinds) compare(kind);
    compare_tables({"rules", ""}, *now_.get_as<toml::table>("rules"),
                   *wanted_.get_as<toml::table>("rules"));
    return std::move(diff_);
  }

 private:
  void compare(const char* kind) {
    const Items now(now_, kind), wanted(wanted_, kind);
    for (const std::string& id : now.order) {
      const toml::table& was = *now.by_id.at(id);
      const auto is = wanted.by_id.find(id);
      if (is == wanted.by_id.end()) {
        diff_.removed.push_back({kind, name_of(id, was)});
      } else {
        compare_tables({kind, name_of(id, was)}, was, *is->second);
      }
    }
    for (const std::string& id : wanted.order) {
      if (now.by_id.contains(id)) continue;
      diff_.added.push_back({kind, name_of(id, *wanted.by_id.at(id))});
    }
    if (kind == ordered_kind) compare_order(kind, now, wanted);
  }

  void compare_tables(const DirectoryItem& item, const toml::table& was, const toml::table& is) {
    std::map<std::string, std::pair<const toml::node*, const toml::node*>> keys;
    for (const auto& [key, node] : was) keys[std::string(key.str())].first = &node;
    for (const auto& [key, node] : is) keys[std::string(key.str())].second = &node;
    for (const auto& [key, nodes] : keys) {
      const std::string from = shown(nodes.first), to = shown(nodes.second);
      if (from != to) diff_.changed.push_back({item, key, from, to});
    }
  }

  /// Of the whole list: where a new one stands decides what it takes from the others.
  void compare_order(const char* kind, const Items& now, const Items& wanted) {
    const auto without = [](std::vector<std::string> ids, const Items& other, bool there) {
      std::erase_if(ids, [&](const std::string& id) { return other.by_id.contains(id) != there; });
      return ids;
    };
    const auto stay = without(now.order, wanted, true);
    const auto come = without(wanted.order, now, false);
    auto expected = stay;  // new ones at the end, the others as they were
    expected.insert(expected.end(), come.begin(), come.end());
    if (expected == wanted.order) return;
    diff_.changed.push_back({{kind, ""}, "order", joined(now.order), joined(wanted.order)});
  }

  static std::string joined(const std::vector<std::string>& ids) {
    std::string all;
    for (const std::string& id : ids) all += (all.empty() ? "" : ", ") + id;
    return all;
  }

  const toml::table& now_;
  const toml::table& wanted_;
  DirectoryDiff diff_;
};

std::string with_name(const DirectoryItem& item) {
  return item.name.empty() ? item.kind : item.kind + ' ' + item.name;
}

/// All that happens to one kind.
void write_kind(const DirectoryDiff& diff, const std::string& kind, std::string& out) {
  for (const DirectoryItem& item : diff.added) {
    if (item.kind == kind) out += "+ " + with_name(item) + '\n';
  }
  for (const DirectoryItem& item : diff.removed) {
    if (item.kind == kind) out += "- " + with_name(item) + '\n';
  }
  for (std::size_t i = 0; i < diff.changed.size(); ++i) {
    const DirectoryChange& change = diff.changed[i];
    if (change.item.kind != kind) continue;
    const bool goes_on = i > 0 && diff.changed[i - 1].item == change.item;
    if (goes_on) {
      out.pop_back();
      out += "; ";
    } else {
      out += "~ " + with_name(change.item) + ": ";
    }
    out += change.key + ' ' + change.from + " -> " + change.to + '\n';
  }
}

}  // namespace

Result<DirectoryDiff> diff_directory(const Directory& now, const Directory& wanted) {
  auto taken = replace_directory(now, wanted);
  if (!taken) return taken.error();
  if (const auto fine = taken->normalise(); !fine) return fine.error();
  try {
    const toml::table was = toml::parse(write_directory(now));
    const toml::table is = toml::parse(write_directory(*taken));
    return Comparison(was, is).run();
  } catch (const toml::parse_error& error) {
    return Error{Errc::malformed,
                 "a directory that no file can tell: " + std::string(error.description())};
  }
}

std::string text_of(const DirectoryDiff& diff) {
  std::string out;
  write_kind(diff, "federation", out);
  for (const char* kind : kinds) write_kind(diff, kind, out);
  write_kind(diff, "rules", out);
  return out;
}

}  // namespace vigie::settings
