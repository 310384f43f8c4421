// What the verbs of `vigie` share: global flags, exit codes of sysexits.h, the configuration, one
// line per thing that happened, stopping at a signal.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/settings/client_file.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/result.hpp"
#include "nodes/client/client.hpp"

namespace vigie::cli {

using Json = nlohmann::ordered_json;

/// sysexits.h, by what the caller can do.
enum Exit : int {
  ok = 0,
  usage = 64,        ///< wrong flags
  refused = 65,      ///< the federation said no; or damaged data
  no_input = 66,     ///< no such file
  unavailable = 69,  ///< no centre answers, or no service
  software = 70,
  cannot_create = 73,
  io_error = 74,
  try_again = 75,  ///< degraded, or not now
  no_permission = 77,
  configuration = 78,
};
int exit_code(Errc code);
/// Prints `vigie: what` and what to do on standard error. @return the exit code
int complain(const Error& error);

struct Globals {
  std::string config;   ///< client.toml
  bool json = false;    ///< machine-readable output
  std::string history;  ///< file, or folder for verbs with several clients; empty: none
  int patience_s = 10;  ///< for a connection and an answer
};

/// Where a client acts from: its file, and the directory beside it, if there is one, for names.
struct Place {
  std::filesystem::path file;
  settings::ClientSettings client;
  std::optional<Directory> directory;
  std::string name = "vigie";  ///< of the person, for histories and lines

  /// Where client.toml, people/ and, in a demonstration, the sites' folders are.
  std::filesystem::path folder() const;
  std::string exam(ExamId id) const;
  std::string person(PersonId id) const;
  std::string site(SiteId id) const;
  SiteId site_id(std::string_view site_name) const;
};

/// Reads -C or VIGIE_CONFIG. @errors bad_configuration: none named; not_found and so on.
Result<Place> open_place(const Globals& globals);
/// The place of a person: `people/ID-name.toml` beside the client file. @param who id, name, or a
/// part of the name that only one has. @errors not_found: lists who there is.
Result<Place> place_of(const Globals& globals, const std::string& who);
/// All people with one of `role`, by id.
Result<std::vector<Place>> places_with(const Globals& globals, Role role);
/// The concentrators of all centres.
Result<std::vector<Place>> concentrators(const Globals& globals);

/// A client of `place`, connected. @errors unreachable: why each centre was not.
Result<std::unique_ptr<client::Client>> connect(const Globals& globals, const Place& place);
/// As connect(), but without waiting: the client goes on trying.
Result<std::unique_ptr<client::Client>> make_client(const Globals& globals, const Place& place);
/// Asks and waits. @errors the reply's code; timeout.
Result<Json> ask(const Globals& globals, client::Client& client, QueryKind kind,
                 const std::string& argument, bool linearizable = false);
/// Opens a session and waits until it is attached. @errors the answer's code.
Result<client::Session*> attach(const Globals& globals, client::Client& client,
                                client::SessionWish wish, client::SessionHandler handler = {});
/// A session from here would close the desk at which `place`'s person sits in that role.
/// @errors busy: he does.
Result<void> check_no_desk(const Globals& globals, client::Client& client, const Place& place,
                           Role role);
/// Sends and waits. @errors timeout.
Result<Answer> send(const Globals& globals, client::Client& client, client::Session& session,
                    Command command);

/// `text` without what would steer a terminal (C0 and C1 controls) but for line ends, tabs and the
/// bell: hospitals and reports write what they like.
std::string printable(std::string text);
/// printable(), without these either.
std::string on_one_line(std::string text);
/// One line on standard output for each thing that happened; any thread. `json` when asked for,
/// else `text`, printable().
void tell(const Globals& globals, const Json& json, const std::string& text);

/// True after SIGINT or SIGTERM, once catch_signals() was called.
bool is_stopped();
void catch_signals();

/// A table: columns as wide as needed, the first row is the header.
void write_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows);
/// On standard output.
void print_table(const std::vector<std::vector<std::string>>& rows);

/// A line typed by the user, if there is one already; `ended` at the end of input.
std::optional<std::string> typed_line(bool& ended);

/// "lecteur neuro Bordeaux" -> "lecteur-neuro-bordeaux"; letters beyond ASCII lose their accent.
std::string slug(std::string_view name);

// The verbs: each adds its subcommand; `code` is the exit code when it has run.
void add_init(CLI::App& app, Globals& globals, int& code);
void add_key(CLI::App& app, Globals& globals, int& code);
void add_look(CLI::App& app, Globals& globals, int& code);
void add_submit(CLI::App& app, Globals& globals, int& code);
void add_hospital(CLI::App& app, Globals& globals, int& code);
void add_regulate(CLI::App& app, Globals& globals, int& code);
void add_acquire(CLI::App& app, Globals& globals, int& code);
void add_read(CLI::App& app, Globals& globals, int& code);
void add_duty(CLI::App& app, Globals& globals, int& code);
void add_lead(CLI::App& app, Globals& globals, int& code);
void add_handover(CLI::App& app, Globals& globals, int& code);
void add_roster(CLI::App& app, Globals& globals, int& code);
void add_incidents(CLI::App& app, Globals& globals, int& code);
void add_figures(CLI::App& app, Globals& globals, int& code);
void add_finding(CLI::App& app, Globals& globals, int& code);
void add_watch(CLI::App& app, Globals& globals, int& code);
void add_journal(CLI::App& app, Globals& globals, int& code);
void add_site(CLI::App& app, Globals& globals, int& code);
void add_directory(CLI::App& app, Globals& globals, int& code);

}  // namespace vigie::cli
