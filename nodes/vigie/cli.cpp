#include "nodes/vigie/cli.hpp"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <mutex>

#include "config/settings/directory_file.hpp"
#include "messages/types/exam_number.hpp"

namespace vigie::cli {
namespace fs = std::filesystem;
namespace {

std::atomic<bool> stopped{false};

/// The folder of a federation's clients: where client.toml and people/ are.
fs::path folder_of(const fs::path& client_file) {
  const fs::path folder = client_file.parent_path();
  return folder.filename() == "people" ? folder.parent_path() : folder;
}

Result<Place> read_place(const fs::path& file) {
  auto read = settings::load_client(file);
  if (!read) return read.error();
  Place place{file, std::move(*read), {}, "vigie"};
  const fs::path directory = folder_of(file) / "directory.toml";
  if (fs::exists(directory)) {
    auto found = settings::load_directory(directory);
    if (!found) return found.error();
    place.directory = std::move(*found);
  }
  if (place.client.person) place.name = place.person(place.client.person);
  return place;
}

/// people/*.toml by id.
std::map<std::uint32_t, fs::path> people_of(const fs::path& client_file) {
  std::map<std::uint32_t, fs::path> people;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder_of(client_file) / "people", ignored)) {
    if (entry.path().extension() != ".toml") continue;
    const std::string stem = entry.path().stem().string();
    const auto digits = std::min(stem.find('-'), stem.size());
    if (digits == 0 || stem.find_first_not_of("0123456789") < digits || digits > 9) continue;
    people.emplace(static_cast<std::uint32_t>(std::stoul(stem.substr(0, digits))), entry.path());
  }
  return people;
}

}  // namespace

int exit_code(Errc code) {
  switch (code) {
    case Errc::ok:
      return Exit::ok;
    case Errc::not_found:
      return no_input;
    case Errc::locked:
      return cannot_create;
    case Errc::io_error:
    case Errc::disk_full:
      return io_error;
    case Errc::bad_configuration:
    case Errc::foreign_folder:
      return configuration;
    case Errc::unauthorised:
    case Errc::unknown_key:
      return no_permission;
    case Errc::unreachable:
      return unavailable;
    default:
      return client::is_temporary(code) ? try_again : refused;
  }
}

int complain(const Error& error) {
  const ErrcInfo info = errc_info(error.code);
  std::cerr << "vigie: " << (error.what.empty() ? std::string(info.text) : error.what) << '\n';
  // What names the place mostly names the remedy too.
  if (error.what.empty() && !info.advice.empty()) {
    std::cerr << "  what to do: " << info.advice << '\n';
  }
  return exit_code(error.code);
}

fs::path Place::folder() const { return folder_of(file); }

std::string Place::exam(ExamId id) const {
  return directory ? exam_number(*directory, id) : std::to_string(id.value);
}

std::string Place::person(PersonId id) const {
  const Person* found = directory ? directory->person(id) : nullptr;
  return found ? found->name : (id ? std::to_string(id.value) : std::string());
}

std::string Place::site(SiteId id) const {
  const Site* found = directory ? directory->site(id) : nullptr;
  return found ? found->name : (id ? std::to_string(id.value) : std::string());
}

SiteId Place::site_id(std::string_view site_name) const {
  const Site* found = directory ? directory->site_named(site_name) : nullptr;
  return found ? found->id : SiteId{};
}

Result<Place> open_place(const Globals& globals) {
  std::string file = globals.config;
  if (const char* named = std::getenv("VIGIE_CONFIG"); file.empty() && named) file = named;
  if (file.empty()) {
    return Error{Errc::bad_configuration,
                 "no configuration: name one with -C DIR/client.toml or VIGIE_CONFIG"};
  }
  return read_place(file);
}

Result<Place> place_of(const Globals& globals, const std::string& who) {
  auto here = open_place(globals);
  if (!here) return here.error();
  const std::string wanted = slug(who);
  std::vector<fs::path> exact;
  std::vector<fs::path> partly;
  std::string all;
  for (const auto& [id, file] : people_of(here->file)) {
    const std::string stem = file.stem().string();
    all += "\n  " + stem;
    if (std::to_string(id) == who || stem == who || stem.ends_with("-" + wanted)) {
      exact.push_back(file);
    } else if (stem.find(wanted) != std::string::npos) {
      partly.push_back(file);
    }
  }
  if (exact.size() == 1) return read_place(exact.front());
  if (exact.empty() && partly.size() == 1) return read_place(partly.front());
  const bool several = exact.size() + partly.size() > 1;
  return Error{Errc::not_found, '"' + who + "\": " + (several ? "several people" : "nobody") +
                                    " of that name has a key here; there are:" + all};
}

Result<std::vector<Place>> places_with(const Globals& globals, Role role) {
  auto here = open_place(globals);
  if (!here) return here.error();
  std::vector<Place> places;
  for (const auto& [id, file] : people_of(here->file)) {
    auto place = read_place(file);
    if (!place) return place.error();
    const Person* person =
        place->directory ? place->directory->person(place->client.person) : nullptr;
    const bool holds = person && person->roles.contains(role);
    if (place->client.role != role && !holds) continue;
    place->client.role = role;
    places.push_back(std::move(*place));
  }
  if (!places.empty()) return places;
  if (here->client.role == role) return std::vector<Place>{std::move(*here)};
  return Error{Errc::not_found, "no key of a " + std::string(name_of(role)) + " beside " +
                                    here->file.string() + "; name a file of one with -C"};
}

Result<std::vector<Place>> concentrators(const Globals& globals) {
  return places_with(globals, Role::gateway);
}

Result<std::unique_ptr<client::Client>> make_client(const Globals& globals, const Place& place) {
  auto options = client::options_from(place.client);
  if (!options) return options.error();
  options->name = slug(place.name);
  options->history = globals.history;
  if (!globals.history.empty() && fs::is_directory(globals.history)) {
    options->history = (fs::path(globals.history) / (options->name + ".jsonl")).string();
  }
  return client::Client::make(std::move(*options));
}

Result<std::unique_ptr<client::Client>> connect(const Globals& globals, const Place& place) {
  auto made = make_client(globals, place);
  if (!made) return made.error();
  client::Client& client = **made;
  const Millis patience = Millis{1000} * globals.patience_s;
  if (client.poll_until([&] { return client.is_connected() || is_stopped(); }, patience) &&
      client.is_connected()) {
    return made;
  }
  return Error{Errc::unreachable, "no centre answers:\n" + client.trouble()};
}

Result<Json> ask(const Globals& globals, client::Client& client, QueryKind kind,
                 const std::string& argument, bool linearizable) {
  std::optional<QueryReply> got;
  client.query(
      kind, argument, [&](const QueryReply& reply) { got = reply; }, linearizable);
  if (!client.poll_until([&] { return got.has_value(); }, Millis{1000} * globals.patience_s)) {
    return Error{Errc::timeout, "no reply in " + std::to_string(globals.patience_s) + " s"};
  }
  if (got->code != Errc::ok) {
    return Error{got->code, argument.empty()
                                ? std::string()
                                : '"' + argument + "\": " + std::string(errc_info(got->code).text)};
  }
  Json json = Json::parse(got->json, nullptr, false);
  if (json.is_discarded()) return Error{Errc::malformed, "the reply is no JSON"};
  return json;
}

Result<client::Session*> attach(const Globals& globals, client::Client& client,
                                client::SessionWish wish, client::SessionHandler handler) {
  using State = client::Session::State;
  const auto why = std::make_shared<Answer>();  // the handler outlives this call
  const auto told = handler.lost;
  handler.lost = [why, told](client::Session& session, const Answer& answer) {
    *why = answer;
    if (told) told(session, answer);
  };
  client::Session& session = client.open(std::move(wish), std::move(handler));
  const auto settled = [&] {
    return session.state() == State::live || session.state() == State::lost || is_stopped();
  };
  client.poll_until(settled, Millis{1000} * globals.patience_s);
  if (session.state() == State::live) return &session;
  const bool lost = session.state() == State::lost;
  client.forget(session);
  if (!lost) return Error{Errc::timeout, "the federation does not answer: has it a leader?"};
  return Error{why->code, std::string(errc_info(why->code).text) + (why->text.empty() ? "" : ": ") +
                              why->text};
}

Result<void> check_no_desk(const Globals& globals, client::Client& client, const Place& place,
                           Role role) {
  const std::string person = std::to_string(place.client.person.value);
  const auto rows = ask(globals, client, QueryKind::readers, person);
  if (!rows) return {};  // a session will say what is wrong
  for (const Json& row : rows->value("readers", Json::array())) {
    if (row.value("role", "") != name_of(role)) continue;
    return Error{Errc::busy, place.name + " sits at an open desk (door " + row.value("door", "") +
                                 "): type it there, or add --take, which closes that desk"};
  }
  return {};
}

Result<Answer> send(const Globals& globals, client::Client& client, client::Session& session,
                    Command command) {
  std::optional<Answer> got;
  session.send(std::move(command), [&](const Answer& answer) { got = answer; });
  if (client.poll_until([&] { return got.has_value(); }, Millis{1000} * globals.patience_s)) {
    return *got;
  }
  return Error{Errc::timeout, "no answer in " + std::to_string(globals.patience_s) +
                                  " s; the same again is done once"};
}

namespace {

/// Replaces the control characters of which `is_meant` is true, each by a space.
template <class Is>
std::string without_controls(std::string text, const Is& is_meant) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == 0x7f || (c < 0x20 && is_meant(text[i]))) text[i] = ' ';
    const bool is_c1 = c == 0xc2 && i + 1 < text.size() &&
                       static_cast<unsigned char>(text[i + 1]) < 0xa0;  // U+0080 to U+009F
    if (is_c1) text[i] = text[i + 1] = ' ';
  }
  return text;
}

}  // namespace

std::string on_one_line(std::string text) {
  return without_controls(std::move(text), [](char) { return true; });
}

std::string printable(std::string text) {
  return without_controls(std::move(text),
                          [](char c) { return c != '\n' && c != '\t' && c != '\a'; });
}

void tell(const Globals& globals, const Json& json, const std::string& text) {
  static std::mutex mutex;
  const std::string line =
      globals.json ? json.dump(-1, ' ', false, Json::error_handler_t::replace) : printable(text);
  std::lock_guard lock(mutex);
  std::cout << line << '\n' << std::flush;
}

bool is_stopped() { return stopped; }

void catch_signals() {
  std::signal(SIGINT, [](int) { stopped = true; });
  std::signal(SIGTERM, [](int) { stopped = true; });
  std::signal(SIGPIPE, SIG_IGN);
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  write_table(std::cout, rows);
}

void write_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows) {
  const auto shown = [](const std::string& text) {  // signs, not bytes
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
  };
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], shown(row[i]));
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i] + std::string(widths[i] - shown(row[i]) + 2, ' ');
    }
    out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }
}

std::optional<std::string> typed_line(bool& ended) {
  static std::string typed;
  for (auto end = typed.find('\n'); true; end = typed.find('\n')) {
    if (end != std::string::npos) {
      std::string line = typed.substr(0, end);
      typed.erase(0, end + 1);
      return line;
    }
    pollfd in{STDIN_FILENO, POLLIN, 0};
    if (::poll(&in, 1, 0) <= 0) return std::nullopt;
    char bytes[1024];
    const ssize_t n = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (n <= 0) {
      ended = true;
      return std::nullopt;
    }
    typed.append(bytes, static_cast<std::size_t>(n));
  }
}

std::string slug(std::string_view name) {
  static constexpr std::pair<std::string_view, char> accents[] = {
      {"é", 'e'}, {"è", 'e'}, {"ê", 'e'}, {"ë", 'e'}, {"à", 'a'}, {"â", 'a'}, {"ç", 'c'},
      {"î", 'i'}, {"ï", 'i'}, {"ô", 'o'}, {"ù", 'u'}, {"û", 'u'}, {"É", 'e'}, {"È", 'e'}};
  std::string out;
  while (!name.empty()) {
    const auto* accent = std::find_if(std::begin(accents), std::end(accents),
                                      [&](const auto& a) { return name.starts_with(a.first); });
    char c = name.front();
    name.remove_prefix(accent == std::end(accents) ? 1 : accent->first.size());
    if (accent != std::end(accents)) c = accent->second;
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) {
      out += c;
    } else if (!out.empty() && out.back() != '-') {
      out += '-';
    }
  }
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

}  // namespace vigie::cli
