// Time, and what befalls centres, wires and clocks.
#include "messages/codec/peer_codec.hpp"
#include "tests/scenarios/runner/command.hpp"

namespace vigie::scenarios {
namespace {

sim::Centre& centre(Stage& stage, const Values& v) { return stage.centre(centre_of(stage, v[0])); }

void kill(Stage& stage, const Values& v) {
  sim::Centre& victim = centre(stage, v);
  if (!victim.is_up()) throw Misunderstood(v[0] + " is down already");
  stage.trace().say(capital(v[0]) + " is dead");
  victim.crash(-1);
}

void start(Stage& stage, const Values& v) {
  if (centre(stage, v).is_up()) throw Misunderstood(v[0] + " is up already");
  stage.trace().say(capital(v[0]) + " starts");
  centre(stage, v).start();
}

void cut_off(Stage& stage, const Values& v) {
  const SiteId site = centre_of(stage, v[0]);
  for (const SiteId other : stage.doors_from(site)) {
    if (other != site) stage.cut(site, other);
  }
}

void slow_link(Stage& stage, const Values& v) {
  const SiteId site = centre_of(stage, v[0]);
  for (const SiteId other : stage.doors_from(site)) {
    if (other == site) continue;
    stage.network().clog(site, other, span_of(v[1]));
    stage.network().clog(other, site, span_of(v[1]));
  }
}

/// Of the frames between centres those that carry an acknowledged renewal, or one to be.
void lose_renewals(Stage& stage, bool renewals, bool acknowledgements) {
  stage.network().lose_if([=](SiteId, SiteId, const std::string& bytes) {
    const auto frame = codec::decode_peer(bytes);
    return frame && ((renewals && !frame->renewals.empty()) ||
                     (acknowledgements && !frame->renewal_acks.empty()));
  });
}

void jump(Stage& stage, const Values& v, int direction) {
  centre(stage, v).machine().jump(Millis{direction * span_of(v[1]) / sim::ms});
}

void apply_directory(Stage& stage, const std::string& administrator, Directory changed) {
  Screen& alix = screen_of(stage, administrator, Role::administrator);
  ++changed.version;
  alix.send(ApplyDirectory{std::move(changed)});
}

/// All hospitals' guard is from `begin` on, for 14 hours.
void set_guard(Directory& changed, UtcTime begin) {
  Calendar calendar;
  calendar.id = {1};
  calendar.name = "working day";
  calendar.turns = {{begin - 10_h, Band::day}, {begin, Band::evening}, {begin + 14_h, Band::day}};
  calendar.until = begin + 24_h;
  changed.calendars = {calendar};
  for (Establishment& e : changed.establishments) e.calendar = calendar.id;
}

UtcTime in(const room::Room& room, const std::string& span) {
  return UtcTime{(room.now() + Millis{span_of(span) / sim::ms}).value};
}

void end_the_guard(Stage& stage, const Values& v) {
  Directory changed = room_of(stage).directory();
  set_guard(changed, in(room_of(stage), v[1]) - 14_h);
  apply_directory(stage, v[0], std::move(changed));
}

/// It covers nothing until the guard begins; then what comes.
void begin_with_the_guard(Stage& stage, const Values& v) {
  Directory changed = room_of(stage).directory();
  set_guard(changed, in(room_of(stage), v[2]));
  for (Agreement& a : changed.agreements) {
    if (a.modalities.contains(modality_of(v[1]))) a.bands.add(Band::evening);
  }
  apply_directory(stage, v[0], std::move(changed));
}

/// Nobody covers what it did any more; exams that are there already keep what they have.
void revoke(Stage& stage, const Values& v) {
  const Modality modality = modality_of(v[1]);
  Directory changed = room_of(stage).directory();
  if (std::erase_if(changed.agreements,
                    [&](const Agreement& a) { return a.modalities.contains(modality); }) == 0) {
    throw Misunderstood("there is no agreement for " + v[1]);
  }
  apply_directory(stage, v[0], std::move(changed));
}

}  // namespace

const std::vector<Verb>& fault_verbs() {
  static const std::vector<Verb> verbs = {
      {"after SPAN", "Lets time pass.", [](Stage& s, const Values& v) { s.run(span_of(v[0])); }},
      {"kill CENTRE", "kill -9 of its node; it stays down.", kill},
      {"start CENTRE", "Again, on what its disk holds.", start},
      {"reboot CENTRE", "Its machine stops, and is back after 4 s.",
       [](Stage& s, const Values& v) { centre(s, v).reboot(4 * sim::second); }},
      {"freeze CENTRE for SPAN", "SIGSTOP; what arrives meanwhile waits, then SIGCONT.",
       [](Stage& s, const Values& v) { centre(s, v).pause(span_of(v[1])); }},
      {"cut CENTRE off", "From every other centre, and its people with it.", cut_off},
      {"cut CENTRE from CENTRE", "That wire alone.",
       [](Stage& s, const Values& v) { s.cut(centre_of(s, v[0]), centre_of(s, v[1])); }},
      {"heal", "All that was cut.", [](Stage& s, const Values&) { s.heal(); }},
      {"slow CENTRE down by SPAN", "Every frame to and from it; 0 ms ends it.", slow_link},
      {"CENTRE's disk is NUMBER times slower", "1 ends it.",
       [](Stage& s, const Values& v) {
         centre(s, v).platter().slow = static_cast<int>(number_of(v[1]));
       }},
      {"CENTRE's clock goes ahead by SPAN", "The wall clock: somebody set it.",
       [](Stage& s, const Values& v) { jump(s, v, 1); }},
      {"CENTRE's clock goes back by SPAN", "The same, the other way.",
       [](Stage& s, const Values& v) { jump(s, v, -1); }},
      {"renewals between centres are lost", "With the frames that carry them, until they pass.",
       [](Stage& s, const Values&) { lose_renewals(s, true, false); }},
      {"acknowledgements of renewals are lost", "On their way between centres, until they pass.",
       [](Stage& s, const Values&) { lose_renewals(s, false, true); }},
      {"renewals pass again", "Ends both.",
       [](Stage& s, const Values&) { s.network().lose_if({}); }},
      {"ADMINISTRATOR revokes the agreement for MODALITY", "By a new version of the directory.",
       revoke},
      {"ADMINISTRATOR lets the agreement for MODALITY begin with the guard, in SPAN",
       "By a calendar: by day nobody covers it.", begin_with_the_guard},
      {"ADMINISTRATOR lets the guard end in SPAN", "Of all hospitals, by a calendar.",
       end_the_guard},
  };
  return verbs;
}

}  // namespace vigie::scenarios
