// What hospitals and regulators say.
#include "tests/scenarios/runner/command.hpp"

namespace vigie::scenarios {
namespace {

Modality modality_named(const std::string& name) {
  const Modality modality = modality_of(name);
  if (modality == Modality::unknown) throw Misunderstood(name + " is no modality");
  return modality;
}

Region region_named(const std::string& name) {
  const Region region = region_of(name);
  if (region == Region::unknown) throw Misunderstood(name + " is no region");
  return region;
}

/// Which door the hospital's message goes to: its home door, unless it says `through`.
SiteId door_for(const Stage& stage, const Establishment& hospital, const Values& v) {
  const std::string named = v.after("through");
  return named.empty() ? hospital.doors.front() : centre_of(stage, named);
}

ExamRef by_order(const Establishment& hospital, const std::string& order) {
  return {{}, {hospital.legal_entity, hospital.name, order}};
}

void request(Stage& stage, const Values& v) {
  const Establishment& hospital = hospital_of(stage, v[0]);
  Request r;
  r.key = by_order(hospital, v[3]).key;
  r.establishment = hospital.id;
  r.modality = modality_named(v[1]);
  r.region = region_named(v[2]);
  for (const char* urgency : {"p1", "p2", "p3"}) {
    if (v.has(urgency)) r.asked = urgency_named(urgency);
  }
  r.age_class = v.has("child") ? AgeClass::child : AgeClass::adult;
  if (v.has("made")) {
    r.images_complete = true;
    r.images = 2;
    r.protocol = r.modality == Modality::mr ? "IRM" : "RX";
  }
  const std::string patient = v.after("patient");
  for (char c : patient) r.patient_key.low = r.patient_key.low * 31 + static_cast<unsigned char>(c);
  Submit submit{{std::move(r)}, stage.next_message()};
  stage.messages()[v[3]] = submit;
  stage.hand_in(door_for(stage, hospital, v), capital(hospital.name), std::move(submit));
}

void request_again(Stage& stage, const Values& v) {
  const Establishment& hospital = hospital_of(stage, v[0]);
  const auto sent = stage.messages().find(v[1]);
  if (sent == stage.messages().end()) throw Misunderstood(v[1] + " was never sent");
  stage.hand_in(door_for(stage, hospital, v), capital(hospital.name), sent->second);
}

void images(Stage& stage, const Values& v) {
  const Establishment& hospital = hospital_of(stage, v[0]);
  stage.hand_in(door_for(stage, hospital, v), capital(hospital.name),
                AcquisitionComplete{by_order(hospital, v[1]), {"A" + v[1]}, {"1.2.3"}, 120, false});
}

void cancel(Stage& stage, const Values& v) {
  const Establishment& hospital = hospital_of(stage, v[0]);
  stage.hand_in(door_for(stage, hospital, v), capital(hospital.name),
                Cancel{by_order(hospital, v[1]), v[2]});
}

void answer(Stage& stage, const Values& v) {
  const Establishment& hospital = hospital_of(stage, v[0]);
  stage.hand_in(door_for(stage, hospital, v), capital(hospital.name),
                ProvideInfo{by_order(hospital, v[1]), v[2]});
}

Listener& listener_of(Stage& stage, const std::string& hospital) {
  return stage.listener(hospital_of(stage, hospital).name);
}

Screen& regulator(Stage& stage, const Values& v) { return screen_of(stage, v[0], Role::regulator); }

}  // namespace

const std::vector<Verb>& hospital_verbs() {
  static const std::vector<Verb> verbs = {
      {"HOSPITAL requests MODALITY REGION EXAM [p1|p3] [child] [made] [patient NAME] [through "
       "CENTRE]",
       "A new order, p2 by default; made: its images are there already.", request},
      {"HOSPITAL sends EXAM again [through CENTRE]", "The same message once more.", request_again},
      {"HOSPITAL has imaged EXAM [through CENTRE]", "All images are there.", images},
      {"HOSPITAL cancels EXAM TEXT [through CENTRE]", "With the reason.", cancel},
      {"HOSPITAL answers about EXAM TEXT [through CENTRE]", "To a regulator's question.", answer},
      {"HOSPITAL's listener is down", "Reports find nobody there.",
       [](Stage& s, const Values& v) { listener_of(s, v[0]).down = true; }},
      {"HOSPITAL's listener is back", "And answers at once.",
       [](Stage& s, const Values& v) { listener_of(s, v[0]) = {}; }},
      {"HOSPITAL's listener answers after SPAN", "Each report, so much later.",
       [](Stage& s, const Values& v) { listener_of(s, v[0]).after = span_of(v[1]); }},
      {"HOSPITAL's listener refuses reports", "With AR.",
       [](Stage& s, const Values& v) { listener_of(s, v[0]).refuses = true; }},
  };
  return verbs;
}

const std::vector<Verb>& regulation_verbs() {
  static const std::vector<Verb> verbs = {
      {"REGULATOR claims EXAM", "To regulate it.",
       [](Stage& s, const Values& v) { regulator(s, v).send(Claim{exam_of(s, v[1])}); }},
      {"REGULATOR accepts EXAM as TEXT URGENCY", "With that protocol: TDM, AVC, polytrauma, IRM.",
       [](Stage& s, const Values& v) {
         regulator(s, v).send(Accept{exam_of(s, v[1]), "R1", v[2], urgency_named(v[3]),
                                     Modality::unknown, Region::unknown});
       }},
      {"REGULATOR refuses EXAM TEXT", "Having called the requester.",
       [](Stage& s, const Values& v) {
         regulator(s, v).send(Refuse{exam_of(s, v[1]), v[2], true});
       }},
      {"REGULATOR asks about EXAM TEXT", "The hospital is to answer.",
       [](Stage& s, const Values& v) {
         regulator(s, v).send(AskInfo{exam_of(s, v[1]), v[2]});
       }},
  };
  return verbs;
}

}  // namespace vigie::scenarios
