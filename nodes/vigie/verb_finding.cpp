// vigie finding: the result of an AI engine about an exam, as its centre's gateway.
#include "messages/types/exam_number.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {
namespace {

struct Flags {
  std::string exam, engine, version, finding, person;
};

Result<Place> gateway(const Globals& globals, const Flags& flags) {
  if (!flags.person.empty()) return place_of(globals, flags.person);
  auto all = concentrators(globals);
  if (!all) return all.error();
  return std::move(all->front());
}

int finding(const Globals& globals, const Flags& flags) {
  auto place = gateway(globals, flags);
  if (!place) return complain(place.error());
  if (place->client.role != Role::gateway) {
    return complain(
        {Errc::unauthorised, place->name + " is no gateway: engines speak through one"});
  }
  if (!place->directory) {
    return complain({Errc::not_found, "no directory.toml beside " + place->file.string()});
  }
  const auto exam = parse_exam_number(*place->directory, flags.exam);
  if (!exam) return complain({Errc::bad_value, flags.exam + ": no exam number"});
  auto client = connect(globals, *place);
  if (!client) return complain(client.error());
  client::SessionWish wish;
  wish.person = place->client.person;
  wish.role = place->client.role;
  const auto session = attach(globals, **client, wish);
  if (!session) return complain(session.error());
  const auto answer = send(globals, **client, **session,
                           AddFinding{{*exam, {}}, flags.engine, flags.version, flags.finding});
  (void)send(globals, **client, **session, Detach{});
  if (!answer) return complain(answer.error());
  const std::string what = flags.engine + ' ' + flags.version + ": " +
                           (flags.finding.empty() ? "nothing found" : flags.finding);
  const bool done = answer->code == Errc::ok;
  tell(globals,
       {{"exam", place->exam(*exam)},
        {"engine", flags.engine},
        {"finding", flags.finding},
        {"code", errc_name(answer->code)},
        {"index", answer->index.value},
        {"duplicate", answer->duplicate},
        {"text", answer->text}},
       place->exam(*exam) + ' ' + what +
           (done ? answer->duplicate ? " (known already)" : " is kept"
                 : " is refused: " + std::string(errc_info(answer->code).text) + ' ' +
                       answer->text));
  return exit_code(answer->code);
}

}  // namespace

void add_finding(CLI::App& app, Globals& globals, int& code) {
  auto* verb = app.add_subcommand(
      "finding",
      "the result of an AI engine of the directory: it may raise the exam's urgency up to its "
      "finding's ceiling, never lower it; it is kept beside the report. JSON: exam, engine, "
      "finding, code");
  auto flags = std::make_shared<Flags>();
  verb->add_option("exam", flags->exam, "number of the exam")->required();
  verb->add_option("engine", flags->engine, "its name in the directory")->required();
  verb->add_option("version", flags->version, "of the engine")->required();
  verb->add_option("finding", flags->finding, "its code; without it: nothing found");
  verb->add_option("--person", flags->person, "as whom: id or name (default: a centre's gateway)");
  verb->callback([&, flags] { code = finding(globals, *flags); });
}

}  // namespace vigie::cli
