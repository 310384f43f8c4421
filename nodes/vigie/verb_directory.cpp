// vigie directory check|show|diff|apply: the directory as a file, and the one that the federation
// has. What a node tells comes in parts; what an administrator sends is one command.
#include <chrono>
#include <iostream>

#include "config/settings/directory_check.hpp"
#include "config/settings/directory_diff.hpp"
#include "config/settings/directory_file.hpp"
#include "config/zones/zones.hpp"
#include "messages/codec/directory_codec.hpp"
#include "messages/types/limits.hpp"
#include "nodes/client/directory_parts.hpp"
#include "nodes/client/session.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {
namespace {

/// The directory that the federation has.
/// @param linearizable What was acknowledged before to anybody is in it.
Result<Directory> fetch(const Globals& globals, client::Client& client, bool linearizable) {
  client::DirectoryParts parts;
  while (!parts.is_whole()) {
    const auto reply = ask(globals, client, QueryKind::directory, parts.argument(), linearizable);
    const Errc code = reply ? Errc::ok : reply.error().code;
    if (code == Errc::not_found) {
      return Error{code, "this node has no directory yet: look at `vigie status`"};
    }
    if (!reply && code != Errc::bad_value) return reply.error();
    // Refused is an offset beyond the end of a directory that is newer, and shorter.
    const auto taken =
        reply ? parts.take({reply->value("version", 0u), reply->value("bytes", std::size_t{0}),
                            reply->value("offset", std::size_t{0}), reply->value("part", "")})
              : parts.begin_anew();
    if (!taken) return taken.error();
  }
  return codec::decode_directory(parts.bytes());
}

Json json_of(const settings::Problems& problems) {
  Json list = Json::array();
  for (const auto& [line, what] : problems.sorted()) {
    list.push_back({{"line", line}, {"what", what}});
  }
  return list;
}

void print(const settings::Problems& problems, const char* what_it_is) {
  for (const auto& [line, what] : problems.sorted()) {
    std::cout << problems.file() << ':' << line << ": " << what_it_is << what << '\n';
  }
}

std::string summary(const Directory& d) {
  return "version " + std::to_string(d.version) + ": " + std::to_string(d.sites.size()) +
         " sites, " + std::to_string(d.establishments.size()) + " establishments, " +
         std::to_string(d.agreements.size()) + " agreements, " + std::to_string(d.people.size()) +
         " people";
}

/// Tells what is wrong, and what may be. @return The exit code.
int tell_check(const Globals& globals, const settings::DirectoryCheck& found) {
  const std::string& file = found.problems.file();
  if (globals.json) {
    tell(globals,
         {{"file", file},
          {"problems", json_of(found.problems)},
          {"warnings", json_of(found.warnings)}},
         {});
  } else {
    print(found.problems, "");
    print(found.warnings, "warning: ");
  }
  return found.problems.any() ? int{Exit::configuration} : int{Exit::ok};
}

/// With what only the zones of this machine know.
Result<settings::DirectoryCheck> check_all(const std::string& file) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const UtcTime utc{std::chrono::duration_cast<std::chrono::milliseconds>(now).count()};
  auto found = settings::check_directory(file, utc);
  if (!found || found->problems.any()) return found;
  Directory directory = found->directory;
  if (const auto zones = zones::expand_calendars(directory, utc); !zones) {
    found->problems.add(1, "calendar", zones.error().what, "a zone of the time zone database");
  }
  return found;
}

int check(const Globals& globals, const std::string& file) {
  const auto found = check_all(file);
  if (!found) return complain(found.error());
  const int code = tell_check(globals, *found);
  if (!globals.json && code == Exit::ok) {
    std::cout << file << ": no problem; " << summary(found->directory) << '\n';
  }
  return code;
}

/// The directory that the federation has, and whom it was asked by.
struct Live {
  Place place;
  std::unique_ptr<client::Client> client;
  Directory directory;
};
Result<Live> ask_for(const Globals& globals, bool linearizable) {
  const auto place = open_place(globals);
  if (!place) return place.error();
  auto client = connect(globals, *place);
  if (!client) return client.error();
  auto directory = fetch(globals, **client, linearizable);
  if (!directory) return directory.error();
  return Live{*place, std::move(*client), std::move(*directory)};
}

int show(const Globals& globals) {
  const auto now = ask_for(globals, false);
  if (!now) return complain(now.error());
  const Directory& d = now->directory;
  if (!globals.json) return std::cout << settings::write_directory(d), Exit::ok;
  tell(globals,
       {{"version", d.version},
        {"federation", d.federation},
        {"bytes", codec::encode_directory(d).size()},
        {"sites", d.sites.size()},
        {"groups", d.groups.size()},
        {"establishments", d.establishments.size()},
        {"agreements", d.agreements.size()},
        {"people", d.people.size()},
        {"keys", d.keys.size()},
        {"protocols", d.protocols.size()}},
       {});
  return Exit::ok;
}

Json json_of(const settings::DirectoryItem& item) {
  return {{"kind", item.kind}, {"name", item.name}};
}

Json json_of(const settings::DirectoryDiff& diff) {
  Json added = Json::array(), removed = Json::array(), changed = Json::array();
  for (const auto& item : diff.added) added.push_back(json_of(item));
  for (const auto& item : diff.removed) removed.push_back(json_of(item));
  for (const auto& change : diff.changed) {
    Json row = json_of(change.item);
    row["key"] = change.key;
    row["from"] = change.from;
    row["to"] = change.to;
    changed.push_back(std::move(row));
  }
  return {{"added", std::move(added)},
          {"removed", std::move(removed)},
          {"changed", std::move(changed)}};
}

std::string shown(const settings::DirectoryDiff& diff) {
  return diff.is_empty() ? "no difference\n" : settings::text_of(diff);
}

/// What `wanted` would change in `live`. @errors also: it is another federation's.
Result<settings::DirectoryDiff> compare(const Directory& live, const Directory& wanted,
                                        const std::string& file) {
  if (wanted.federation != live.federation) {
    return Error{Errc::wrong_federation, file + " is of federation \"" + wanted.federation +
                                             "\"; this one is \"" + live.federation + '"'};
  }
  return settings::diff_directory(live, wanted);
}

int diff(const Globals& globals, const std::string& file) {
  const auto wanted = settings::load_directory(file);
  if (!wanted) return complain(wanted.error());
  const auto now = ask_for(globals, true);
  if (!now) return complain(now.error());
  const Directory& live = now->directory;
  const auto found = compare(live, *wanted, file);
  if (!found) return complain(found.error());
  if (globals.json) {
    tell(globals, json_of(*found), {});
  } else {
    std::cout << shown(*found);
  }
  return Exit::ok;
}

/// Is `directory` small enough for a command (decision 6)?
Result<void> fits(const Directory& directory, const std::string& file) {
  static_assert(2 * limits::directory_frame_bytes <= limits::entry_bytes);  // and its calendars
  const std::size_t bytes =
      client::frame_bytes(ClientRequest{{}, {}, {}, {}, ApplyDirectory{directory}});
  if (bytes <= limits::directory_frame_bytes) return {};
  return Error{Errc::too_large, file + ": " + std::to_string(bytes) +
                                    " bytes as a command; an administrator's frame takes at most " +
                                    std::to_string(limits::directory_frame_bytes)};
}

/// May `wanted` take the place of the live one?
Result<void> may_be_sent(const Directory& wanted, const std::string& file) {
  if (settings::has_administrator(wanted)) return fits(wanted, file);
  return Error{Errc::bad_value, file +
                                    ": no administrator has a key in it: nobody could change "
                                    "the directory again"};
}

/// Sends it as the administrator of `place`. @errors The federation's refusal, in its words.
Result<Answer> send_directory(const Globals& globals, const Place& place, client::Client& client,
                              const Directory& directory) {
  client::SessionWish wish;
  wish.person = place.client.person;
  wish.role = Role::administrator;
  const auto session = attach(globals, client, wish);
  if (!session) return session.error();
  auto answer = send(globals, client, **session, ApplyDirectory{directory});
  if (!answer || answer->code == Errc::ok) return answer;
  const auto now = fetch(globals, client, true);
  const bool is_in_force = now && now->version == directory.version &&
                           settings::diff_directory(*now, directory)->is_empty();
  if (is_in_force) {  // it was, and the answer was lost
    Answer done;
    done.index = answer->index;
    return done;
  }
  if (now && now->version >= directory.version) {
    return Error{Errc::busy, "somebody else applied version " + std::to_string(now->version) +
                                 " meanwhile; nothing of yours was done: look at `vigie directory "
                                 "diff`, then try again"};
  }
  return Error{answer->code, answer->text};
}

/// After the difference was shown. @param row What is known so far, for JSON.
int carry_out(const Globals& globals, const Place& place, client::Client& client,
              const Directory& directory, Json row) {
  const auto answer = send_directory(globals, place, client, directory);
  if (!answer) return complain(answer.error());
  row["applied"] = true;
  row["version"] = directory.version;
  row["index"] = answer->index.value;
  tell(globals, row,
       "directory version " + std::to_string(directory.version) + " applied at index " +
           std::to_string(answer->index.value));
  return Exit::ok;
}

int apply(const Globals& globals, const std::string& file, bool is_dry, bool anew) {
  const auto checked = check_all(file);
  if (!checked) return complain(checked.error());
  if (checked->problems.any()) return tell_check(globals, *checked);
  const auto now = ask_for(globals, true);
  if (!now) return complain(now.error());
  const Directory& live = now->directory;
  Directory wanted = checked->directory;
  wanted.version = live.version + 1;
  const auto found = compare(live, wanted, file);
  if (!found) return complain(found.error());
  if (const auto good = may_be_sent(wanted, file); !good) return complain(good.error());
  Json row = json_of(*found);
  row["warnings"] = json_of(checked->warnings);
  row["applied"] = false;
  row["version"] = live.version;
  if (!globals.json) {
    print(checked->warnings, "warning: ");
    std::cout << shown(*found) << std::flush;
  }
  if (!is_dry && (anew || !found->is_empty())) {
    return carry_out(globals, now->place, *now->client, wanted, std::move(row));
  }
  if (globals.json || is_dry) {
    tell(globals, row, "nothing sent; the version stays " + std::to_string(live.version));
  }
  return Exit::ok;
}

}  // namespace

void add_directory(CLI::App& app, Globals& globals, int& code) {
  auto* directory = app.add_subcommand(
      "directory", "who exists, who may do what, who reads for whom: as a file, and as it is");
  directory->require_subcommand(1)->fallthrough();
  const auto make = [&](const char* verb, const char* help) {
    auto* sub = directory->add_subcommand(verb, help);
    sub->fallthrough();
    return sub;
  };
  auto file = std::make_shared<std::string>();
  auto* c = make("check",
                 "look for all that is wrong in FILE, without a federation: prints FILE:LINE: for "
                 "each problem (exit 78) and warning (exit 0). JSON: file, problems, warnings: "
                 "line, what");
  c->add_option("FILE", *file, "a directory.toml")->required();
  c->callback([&, file] { code = check(globals, *file); });
  make("show",
       "print the directory that the federation has, as a file for `apply`; keys are public ones. "
       "JSON: version, federation, bytes, and how many: sites, groups, establishments, "
       "agreements, people, keys, protocols")
      ->callback([&] { code = show(globals); });
  auto* d = make("diff",
                 "print what FILE would change: + added, - removed, ~ changed, a line for each; or "
                 "\"no difference\". JSON: added, removed: kind, name; changed: kind, name, key, "
                 "from, to");
  d->add_option("FILE", *file, "a directory.toml; its version does not matter")->required();
  d->callback([&, file] { code = diff(globals, *file); });
  auto* a = make("apply",
                 "check FILE, print what it changes, and make it the next version of the "
                 "directory, as an administrator; prints version and index. Exit 75: somebody else "
                 "was quicker. JSON: as diff, and warnings, applied, version, index");
  auto is_dry = std::make_shared<bool>(false);
  a->add_option("FILE", *file, "a directory.toml; its version does not matter")->required();
  auto anew = std::make_shared<bool>(false);
  a->add_flag("--dry-run", *is_dry, "send nothing");
  a->add_flag(
      "--anew", *anew,
      "send it even without a difference: calendars are expanded anew, by the time zones that "
      "the centre's node knew when it started");
  a->callback([&, file, is_dry, anew] { code = apply(globals, *file, *is_dry, *anew); });
}

}  // namespace vigie::cli
