#include "tests/sim/night/federation.hpp"

#include "messages/types/assert.hpp"

namespace vigie::night {
namespace {

constexpr std::uint32_t people_begin = 1000;  ///< ids of readers, and of their keys
constexpr std::uint32_t hospitals_begin = 100;
constexpr GroupId all_centres{1};

SiteId site_of(std::uint16_t centre) { return {static_cast<std::uint16_t>(centre + 1)}; }
PersonId person_of(std::uint32_t reader) { return {people_begin + reader}; }

/// A kind's protocol; the same as a pathway where the exam is vital.
std::string protocol_for(std::size_t kind, bool vital) {
  return (vital ? "vital " : "") + std::string(kinds[kind].name);
}

Set<Modality> modalities() {
  Set<Modality> set;
  for (const Kind& kind : kinds) set.add(kind.modality);
  return set;
}

void add_centre(Directory& d, const Centre& centre) {
  Site site;
  site.id = site_of(static_cast<std::uint16_t>(d.sites.size()));
  site.name = centre.name;
  site.code = {'A', 'A', static_cast<char>('A' + d.sites.size() % 26)};
  site.posts = static_cast<std::uint16_t>(centre.posts);
  d.groups[0].sites.push_back(site.id);
  Key key;
  key.id = {site.id.value};
  key.node = site.id;
  d.keys.push_back(key);
  d.sites.push_back(std::move(site));
}

void add_reader(Directory& d, std::uint32_t reader, std::uint16_t centre) {
  Person person;
  person.id = person_of(reader);
  person.name = "reader " + std::to_string(reader);
  person.rpps = std::to_string(person.id.value);
  person.roles.add(Role::reader);
  person.site = site_of(centre);
  person.privileges = {{modalities()}};
  d.people.push_back(std::move(person));
  Key key;
  key.id = {people_begin + reader};
  key.person = person_of(reader);
  d.keys.push_back(key);
}

}  // namespace

std::vector<std::uint16_t> posts_of(const std::vector<Centre>& centres) {
  std::vector<std::uint16_t> posts;
  for (std::size_t i = 0; i < centres.size(); ++i) {
    posts.insert(posts.end(), static_cast<std::size_t>(centres[i].posts),
                 static_cast<std::uint16_t>(i));
  }
  return posts;
}

Directory make_federation(const std::vector<Centre>& centres, const Rules& rules) {
  Directory d;
  d.version = 1;
  d.federation = "night";
  d.rules = rules;
  d.groups.push_back({all_centres, "all", {}, {}});
  for (const Centre& centre : centres) add_centre(d, centre);
  const auto posts = posts_of(centres);
  for (std::uint32_t i = 0; i < posts.size(); ++i) add_reader(d, i, posts[i]);
  for (std::uint32_t i = 0; i < hospitals_count; ++i) {
    Establishment e;
    e.id = {hospitals_begin + i};
    e.name = "hospital " + std::to_string(i);
    e.legal_entity = {e.id.value};
    e.doors = {site_of(0)};
    d.entities.push_back({e.legal_entity, e.name, {}});
    d.establishments.push_back(std::move(e));
  }
  Agreement agreement;
  agreement.name = "all";
  agreement.modalities = modalities();
  agreement.group = all_centres;
  agreement.regulation = Regulation::none;
  agreement.requester = agreement.provider = {"signed", {}, {}};
  d.agreements.push_back(std::move(agreement));
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    for (const bool vital : {false, true}) {
      Protocol protocol;
      protocol.code = protocol_for(kind, vital);
      protocol.modality = kinds[kind].modality;
      protocol.region = kinds[kind].region;
      protocol.expected_minutes = static_cast<std::uint16_t>(kinds[kind].minutes + 0.5);
      protocol.vital = vital;
      d.protocols.push_back(std::move(protocol));
    }
  }
  return d;
}

Rules rules_for(Discipline discipline) {
  Rules rules;
  if (discipline == Discipline::strict) {
    rules.target_p2 = 1_ms;
    rules.target_p3 = 24_h * 30;  // after every P2 that waits
  }
  return rules;
}

Millis target_of(const Rules& rules, Urgency urgency) {
  switch (urgency) {
    case Urgency::p0:
      return rules.target_p0;
    case Urgency::p1:
      return rules.target_p1;
    case Urgency::p2:
      return rules.target_p2;
    case Urgency::p3:
      break;
  }
  return rules.target_p3;
}

Request request_for(const Arrival& arrival, std::uint32_t number, Urgency urgency,
                    bool images_complete) {
  const Kind& kind = kinds[arrival.kind];
  Request r;
  r.establishment = {hospitals_begin + arrival.hospital};
  r.key = {{hospitals_begin + arrival.hospital}, "N", std::to_string(number)};
  r.modality = kind.modality;
  r.region = kind.region;
  r.age_class = AgeClass::adult;
  r.asked = urgency;
  r.protocol = protocol_for(arrival.kind, urgency == Urgency::p0);
  r.images_complete = images_complete;
  r.images = images_complete ? 100 : 0;
  return r;
}

std::uint32_t arrival_of(const Exam& exam) {
  return static_cast<std::uint32_t>(std::stoul(exam.request.key.number));
}

Proposal by_node(Command command) {
  Proposal p;
  p.key = {site_of(0).value};
  p.door = site_of(0);
  p.command = std::move(command);
  return p;
}

Proposal attach(std::uint32_t reader, std::uint16_t centre, Incarnation incarnation) {
  Proposal p;
  p.key = {people_begin + reader};
  p.door = site_of(centre);
  p.command =
      Attach{{people_begin + reader}, incarnation, {}, Role::reader, site_of(centre), "post",
             AcceptMode::automatic};
  return p;
}

Proposal by_reader(std::uint32_t reader, std::uint16_t centre, Incarnation incarnation,
                   RequestNo request, Command command) {
  Proposal p;
  p.key = {people_begin + reader};
  p.door = site_of(centre);
  p.session = {people_begin + reader};
  p.incarnation = incarnation;
  p.request = request;
  p.command = std::move(command);
  return p;
}

std::uint32_t reader_of(PersonId person) { return person.value - people_begin; }

}  // namespace vigie::night
