// vigie site add|promote|rejoin|remove: who is in the federation. The order is a command of an
// administrator, written into the log; whoever leads then changes the members, one at a time.
#include <chrono>
#include <iostream>
#include <thread>

#include "config/settings/values.hpp"
#include "nodes/vigie/cli.hpp"

namespace vigie::cli {
namespace {

struct SiteFlags {
  std::string name;  ///< or NAME=HOST:PORT
  std::string key;
  std::string address;
  std::string code;
  int area = 0;
  std::string phone;
  int id = 0;
  int posts = 0;
  int priority = 0;
  int wait_s = 0;
};

Result<ChangeSite> order_of(SiteChange what, const SiteFlags& flags) {
  ChangeSite order;
  order.what = what;
  Site& site = order.site;
  const std::size_t equals = flags.name.find('=');
  site.name = flags.name.substr(0, equals);
  site.address = equals == std::string::npos ? flags.address : flags.name.substr(equals + 1);
  if (!settings::is_name(site.name)) {
    return Error{Errc::bad_value, "NAME: 1 to 32 of a-z, 0-9 and '-'"};
  }
  if (!site.address.empty() && !settings::parse_connect(site.address)) {
    return Error{Errc::bad_value, "address " + site.address + ": HOST:PORT of its peer_listen"};
  }
  if (!flags.key.empty()) {
    const auto key = settings::parse_public_key(flags.key);
    if (!key) return Error{Errc::bad_value, "--key: 40 signs, as `vigie key show FILE` prints"};
    site.node_key = *key;
  }
  site.id = {static_cast<std::uint16_t>(flags.id)};
  site.code = flags.code;
  site.area = {static_cast<std::uint16_t>(flags.area)};
  site.phone = flags.phone;
  site.posts = static_cast<std::uint16_t>(flags.posts);
  site.priority = static_cast<std::int16_t>(flags.priority);
  return order;
}

/// The site's row of `vigie status`; null if it has none.
Json row_of(const Globals& globals, client::Client& client, const std::string& name) {
  const auto status = ask(globals, client, QueryKind::status, {});
  if (!status) return nullptr;
  for (const Json& row : status->value("sites", Json::array())) {
    if (row.value("site", "") == name) return row;
  }
  return nullptr;
}

/// Is the site what the order wants it to be?
bool is_done(SiteChange what, const Json& row) {
  if (row.is_null()) return what == SiteChange::remove;
  const std::string member = row.value("member", "");
  switch (what) {
    case SiteChange::remove:
      return member == "none";
    case SiteChange::promote:
      return member == "voter";
    default:
      return member == "learner" && row.value("wanted", "") == "learner";
  }
}

int wait_for(const Globals& globals, client::Client& client, SiteChange what,
             const std::string& name, int seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!is_done(what, row_of(globals, client, name))) {
    if (std::chrono::steady_clock::now() >= end) {
      std::cerr << "vigie: site " << name << ": ordered, but not done within " << seconds
                << " s: look at `vigie status`\n";
      return try_again;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return Exit::ok;
}

int change_site(const Globals& globals, SiteChange what, const SiteFlags& flags) {
  const auto order = order_of(what, flags);
  if (!order) return complain(order.error());
  const auto place = open_place(globals);
  if (!place) return complain(place.error());
  const auto client = connect(globals, *place);
  if (!client) return complain(client.error());
  client::SessionWish wish;
  wish.person = place->client.person;
  wish.role = Role::administrator;
  const auto session = attach(globals, **client, wish);
  if (!session) return complain(session.error());
  const auto answer = send(globals, **client, **session, *order);
  if (!answer) return complain(answer.error());
  if (answer->code != Errc::ok) return complain({answer->code, answer->text});
  const int waited = flags.wait_s > 0
                         ? wait_for(globals, **client, what, order->site.name, flags.wait_s)
                         : int{Exit::ok};
  const Json row = row_of(globals, **client, order->site.name);
  const std::string member = row.is_null() ? "none" : row.value("member", "none");
  const int id = row.is_null() ? 0 : row.value("id", 0);
  std::string text = "site " + order->site.name +
                     (id > 0 ? " (id " + std::to_string(id) + ")" : "") + ": ordered at index " +
                     std::to_string(answer->index.value) + ", now " + member;
  if (!answer->text.empty()) text += "\nwarning: " + answer->text;
  tell(globals,
       {{"site", order->site.name},
        {"id", id},
        {"index", answer->index.value},
        {"member", member},
        {"warning", answer->text}},
       text);
  return waited;
}

}  // namespace

void add_site(CLI::App& app, Globals& globals, int& code) {
  auto* site = app.add_subcommand(
      "site", "change who is in the federation, while it runs; as an administrator");
  site->require_subcommand(1)->fallthrough();
  const auto make = [&](SiteChange what, const char* verb, const char* help) {
    auto flags = std::make_shared<SiteFlags>();
    auto* sub = site->add_subcommand(
        verb,
        std::string(help) + ". JSON: site, id, index, member (none, learner, voter), warning");
    sub->fallthrough();
    sub->add_option("--wait", flags->wait_s, "seconds to wait until it is done (exit 75: not yet)")
        ->check(CLI::Range(0, 3600));
    sub->callback([&globals, &code, what, flags] { code = change_site(globals, what, *flags); });
    return std::pair{sub, flags};
  };
  const auto [add, a] = make(SiteChange::add, "add",
                             "take a new site in as a learner: it gets the log, and has no vote");
  add->add_option("NAME=HOST:PORT", a->name, "its name, and where its peers reach it")->required();
  add->add_option("--key", a->key, "its public key (`vigie key show`)")->required();
  add->add_option("--code", a->code, "three letters that start its exam numbers")->required();
  add->add_option("--id", a->id, "its number, as in its site.toml (default: the next free one)")
      ->check(CLI::Range(1, 64));
  add->add_option("--area", a->area, "id of the [[area]] it is in, for \"territory first\"")
      ->check(CLI::Range(1, 65535));
  add->add_option("--posts", a->posts, "readers who can sit there at once")
      ->check(CLI::Range(0, 1000));
  add->add_option("--phone", a->phone, "of its guard");
  add->add_option("--priority", a->priority, "for leadership")->check(CLI::Range(0, 100));
  const auto [promote, p] = make(
      SiteChange::promote, "promote",
      "let a learner vote: done once it has caught up and its archive is complete and checked");
  promote->add_option("NAME", p->name, "the site")->required();
  const auto [rejoin, r] =
      make(SiteChange::rejoin, "rejoin",
           "take a site that lost its data in anew, as a learner (ops/docs/runbook-rejoin.md)");
  rejoin->add_option("NAME", r->name, "the site")->required();
  rejoin->add_option("--key", r->key, "its new public key, if it has one");
  rejoin->add_option("--address", r->address, "HOST:PORT, if it moved");
  const auto [remove, x] =
      make(SiteChange::remove, "remove", "let a site go; its id stays its own");
  remove->add_option("NAME", x->name, "the site")->required();
}

}  // namespace vigie::cli
