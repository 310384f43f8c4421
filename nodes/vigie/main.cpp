// `vigie`: the command line of a federation.
#include "nodes/vigie/cli.hpp"

int main(int argc, char** argv) {
  using namespace vigie::cli;
  CLI::App app{
      "vigie: the guard centres' virtual waiting room, from the command line.\n"
      "Exit codes are those of sysexits.h: 0 done, 64 wrong flags, 65 refused or damaged, 66 no "
      "such file, 69 no centre answers, 73 exists already, 75 not now or degraded, 77 not "
      "allowed, 78 wrong configuration.",
      "vigie"};
  app.set_version_flag("--version", "vigie 0.1.0");
  app.require_subcommand(1);
  Globals globals;
  int code = Exit::ok;
  add_init(app, globals, code);
  add_key(app, globals, code);
  add_look(app, globals, code);
  add_submit(app, globals, code);
  add_hospital(app, globals, code);
  add_regulate(app, globals, code);
  add_acquire(app, globals, code);
  add_read(app, globals, code);
  add_duty(app, globals, code);
  add_lead(app, globals, code);
  add_handover(app, globals, code);
  add_roster(app, globals, code);
  add_incidents(app, globals, code);
  add_figures(app, globals, code);
  add_finding(app, globals, code);
  add_watch(app, globals, code);
  add_journal(app, globals, code);
  add_site(app, globals, code);
  add_directory(app, globals, code);
  app.add_option("-C,--config", globals.config,
                 "client file (default: VIGIE_CONFIG), such as DIR/client.toml of `vigie init`");
  app.add_flag("--json", globals.json, "print JSON, with English keys, instead of text");
  app.add_option("--history", globals.history,
                 "append all that is sent and told to FILE, or to DIR/NAME.jsonl");
  app.add_option("--patience", globals.patience_s, "seconds to wait for a connection or an answer")
      ->check(CLI::Range(1, 3600));
  for (CLI::App* verb : app.get_subcommands({})) verb->fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? Exit::ok : Exit::usage;
  }
  return code;
}
