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

/// Nobody covers what it did any more; exams that are there already keep what they have.
void revoke(Stage& stage, const Values& v) {
  Screen& alix = screen_of(stage, v[0], Role::administrator);
  const actors::Host* host = stage.host();
  if (!host) throw Misunderstood("all centres are down");
  const Modality modality = modality_of(v[1]);
  Directory changed = host->directory();
  if (std::erase_if(changed.agreements,
                    [&](const Agreement& a) { return a.modalities.contains(modality); }) == 0) {
    throw Misunderstood("there is no agreement for " + v[1]);
  }
  ++changed.version;
  alix.send(ApplyDirectory{std::move(changed)});
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
  };
  return verbs;
}

}  // namespace vigie::scenarios
