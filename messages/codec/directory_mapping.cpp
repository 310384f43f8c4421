// The directory.
#include "messages/codec/directory_codec.hpp"
#include "messages/codec/fields.hpp"
#include "messages/codec/mapping.hpp"

namespace vigie::codec {

namespace {

void write(const Recourse& from, schema::Recourse::Builder to) {
  to.setName(text(from.name));
  to.setPhone(text(from.phone));
  to.setMinutes(from.minutes);
  to.setPaediatric(from.paediatric);
}

void read(schema::Recourse::Reader from, Recourse& to) {
  to.name = take_name(from.getName(), "recourse.name");
  to.phone = take_name(from.getPhone(), "recourse.phone");
  to.minutes = from.getMinutes();
  to.paediatric = from.getPaediatric();
}

void write(const Post& from, schema::Post::Builder to) {
  to.setName(text(from.name));
  to.setKind(number<schema::PostKind>(from.kind));
}

void read(schema::Post::Reader from, Post& to) {
  to.name = take_name(from.getName(), "post.name");
  to.kind = need_enum(from.getKind(), PostKind::home, "post.kind");
}

void write(const Privilege& from, schema::Privilege::Builder to) {
  to.setModalities(from.modalities.bits);
  to.setRegions(from.regions.bits);
  to.setAges(from.ages.bits);
  to.setStatus(number<schema::PrivilegeStatus>(from.status));
  to.setUntil(from.until.value);
}

void read(schema::Privilege::Reader from, Privilege& to) {
  to.modalities = {from.getModalities()};
  to.regions = {from.getRegions()};
  to.ages = {from.getAges()};
  to.status = need_enum(from.getStatus(), PrivilegeStatus::trainee, "privilege.status");
  to.until = {from.getUntil()};
}

void write(const Qualification& from, schema::Qualification::Builder to) {
  to.setRole(number<schema::Role>(from.role));
  to.setFrom(from.from.value);
  to.setUntil(from.until.value);
  to.setBy(text(from.by));
}

void read(schema::Qualification::Reader from, Qualification& to) {
  to.role = take_enum(from.getRole(), Role::agency, Role::none);
  to.from = {from.getFrom()};
  to.until = {from.getUntil()};
  to.by = take_name(from.getBy(), "qualification.by");
}

void write(const Ceiling& from, schema::Ceiling::Builder to) {
  to.setFinding(text(from.finding));
  to.setUrgency(number<schema::Urgency>(from.urgency));
}

void read(schema::Ceiling::Reader from, Ceiling& to) {
  to.finding = take_name(from.getFinding(), "ceiling.finding");
  to.urgency = need_enum(from.getUrgency(), Urgency::p3, "ceiling.urgency");
}

/// For what stands inside another: found where this stands, above its users.
constexpr auto write_part = [](const auto& from, auto to) { write(from, to); };
constexpr auto read_part = [](auto from, auto& to) { read(from, to); };

void write(const Site& from, schema::Site::Builder to) {
  to.setId(from.id.value);
  to.setName(text(from.name));
  to.setCode(text(from.code));
  to.setArea(from.area.value);
  to.setPosts(from.posts);
  to.setPhone(text(from.phone));
  to.setNodeKey(data(from.node_key));
  to.setDraining(from.draining);
  to.setAddress(text(from.address));
  to.setMembership(number<schema::Membership>(from.membership));
  to.setGeneration(from.generation);
  to.setPriority(from.priority);
  write_list(from.enrolled, to.initEnrolled(count(from.enrolled)), write_part);
}

void read(schema::Site::Reader from, Site& to) {
  to.id = {from.getId()};
  to.name = take_name(from.getName(), "site.name");
  to.code = take_name(from.getCode(), "site.code");
  to.area = {from.getArea()};
  to.posts = from.getPosts();
  to.phone = take_name(from.getPhone(), "site.phone");
  to.node_key = take_key(from.getNodeKey(), "site.nodeKey");
  to.draining = from.getDraining();
  to.address = take_name(from.getAddress(), "site.address");
  to.membership = need_enum(from.getMembership(), Membership::removed, "site.membership");
  to.generation = from.getGeneration();
  to.priority = from.getPriority();
  read_list(from.getEnrolled(), posts_count, "site.enrolled", to.enrolled, read_part);
}

void write(const LegalEntity& from, schema::LegalEntity::Builder to) {
  to.setId(from.id.value);
  to.setName(text(from.name));
  to.setKind(number<schema::EntityKind>(from.kind));
}

void read(schema::LegalEntity::Reader from, LegalEntity& to) {
  to.id = {from.getId()};
  to.name = take_name(from.getName(), "entity.name");
  to.kind = take_enum(from.getKind(), EntityKind::mutualist, EntityKind::none);
}

void write(const Area& from, schema::Area::Builder to) {
  to.setId(from.id.value);
  to.setName(text(from.name));
  to.setKind(number<schema::AreaKind>(from.kind));
  to.setWithin(from.within.value);
}

void read(schema::Area::Reader from, Area& to) {
  to.id = {from.getId()};
  to.name = take_name(from.getName(), "area.name");
  to.kind = take_enum(from.getKind(), AreaKind::region, AreaKind::none);
  to.within = {from.getWithin()};
}

void write(const ProviderGroup& from, schema::ProviderGroup::Builder to) {
  to.setId(from.id.value);
  to.setName(text(from.name));
  write_ids(from.sites, to.initSites(count(from.sites)));
  write_ids(from.establishments, to.initEstablishments(count(from.establishments)));
}

void read(schema::ProviderGroup::Reader from, ProviderGroup& to) {
  to.id = {from.getId()};
  to.name = take_name(from.getName(), "group.name");
  read_ids(from.getSites(), sites_count, "group.sites", to.sites);
  read_ids(from.getEstablishments(), directory_items_count, "group.establishments",
           to.establishments);
}

void write(const Calendar& from, schema::Calendar::Builder to) {
  to.setId(from.id.value);
  to.setName(text(from.name));
  to.setZone(text(from.zone));
  write_texts(from.holidays, to.initHolidays(count(from.holidays)));
  to.setGuardBegin(from.guard_begin.value);
  to.setGuardEnd(from.guard_end.value);
  auto turns = to.initTurns(count(from.turns));
  auto bands = to.initBands(count(from.turns));
  const UtcTime first = from.turns.empty() ? UtcTime{} : from.turns.front().at;
  to.setFirstTurn(first.value);
  for (std::uint32_t i = 0; i < turns.size(); ++i) {
    turns.set(i, static_cast<std::uint32_t>((from.turns[i].at - first).value / (1_min).value));
    bands.set(i, static_cast<std::uint8_t>(from.turns[i].band));
  }
  to.setUntil(from.until.value);
}

void read(schema::Calendar::Reader from, Calendar& to) {
  to.id = {from.getId()};
  to.name = take_name(from.getName(), "calendar.name");
  to.zone = take_name(from.getZone(), "calendar.zone");
  read_texts(from.getHolidays(), limits::holidays_count, "calendar.holidays", to.holidays);
  to.guard_begin = {from.getGuardBegin()};
  to.guard_end = {from.getGuardEnd()};
  const auto turns = from.getTurns();
  const auto bands = from.getBands();
  const UtcTime first{from.getFirstTurn()};
  const unsigned size = bounded(turns, limits::calendar_turns_count, "calendar.turns");
  if (bands.size() != size) throw Refused{Errc::bad_value, "calendar.bands"};
  if (!is_in_calendars(first)) throw Refused{Errc::bad_value, "calendar.firstTurn"};
  for (unsigned i = 0; i < size; ++i) {
    if (bands[i] >= band_count) throw Refused{Errc::bad_value, "calendar.bands"};
    to.turns.push_back({first + 1_min * turns[i], Band{bands[i]}});
  }
  to.until = {from.getUntil()};
}

void write(const Signature& from, schema::Signature::Builder to) {
  to.setBy(text(from.by));
  to.setOn(from.on.value);
  to.setDocument(text(from.document));
}

void read(schema::Signature::Reader from, Signature& to) {
  to.by = take_name(from.getBy(), "signature.by");
  to.on = {from.getOn()};
  to.document = take_name(from.getDocument(), "signature.document");
}

void write(const Agreement& from, schema::Agreement::Builder to) {
  to.setName(text(from.name));
  write_ids(from.establishments, to.initEstablishments(count(from.establishments)));
  to.setModalities(from.modalities.bits);
  to.setGroup(from.group.value);
  to.setOverflow(from.overflow.value);
  to.setRegulation(number<schema::Regulation>(from.regulation));
  to.setBands(from.bands.bits);
  to.setFrom(from.from.value);
  to.setUntil(from.until.value);
  write(from.requester, to.initRequester());
  write(from.provider, to.initProvider());
  write_ids(from.entities, to.initEntities(count(from.entities)));
  write_ids(from.areas, to.initAreas(count(from.areas)));
  to.setKind(number<schema::AgreementKind>(from.kind));
  to.setLegalBasis(text(from.legal_basis));
  to.setPoolMin(from.pool_min);
  write_texts(from.after, to.initAfter(count(from.after)));
  to.setQuota(from.quota);
  auto targets = to.initTargets(urgency_count);
  for (std::uint32_t u = 0; u < urgency_count; ++u) targets.set(u, from.targets[u].value);
  to.setReadersMin(from.readers_min);
}

void read(schema::Agreement::Reader from, Agreement& to) {
  to.name = take_name(from.getName(), "agreement.name");
  read_ids(from.getEstablishments(), directory_items_count, "agreement.establishments",
           to.establishments);
  to.modalities = {from.getModalities()};
  to.group = {from.getGroup()};
  to.overflow = {from.getOverflow()};
  to.regulation = need_enum(from.getRegulation(), Regulation::none, "agreement.regulation");
  to.bands = {from.getBands()};
  to.from = {from.getFrom()};
  to.until = {from.getUntil()};
  read(from.getRequester(), to.requester);
  read(from.getProvider(), to.provider);
  read_ids(from.getEntities(), directory_items_count, "agreement.entities", to.entities);
  read_ids(from.getAreas(), areas_count, "agreement.areas", to.areas);
  to.kind = take_enum(from.getKind(), AgreementKind::pool, AgreementKind::none);
  to.legal_basis = take_name(from.getLegalBasis(), "agreement.legalBasis");
  to.pool_min = from.getPoolMin();
  read_texts(from.getAfter(), agreements_count, "agreement.after", to.after);
  to.quota = from.getQuota();
  const auto targets = from.getTargets();
  const unsigned size = bounded(targets, urgency_count, "agreement.targets");
  for (std::uint32_t u = 0; u < size; ++u) to.targets[u] = {targets[u]};
  to.readers_min = from.getReadersMin();
}

void write(const Establishment& from, schema::Establishment::Builder to) {
  to.setId(from.id.value);
  to.setName(text(from.name));
  to.setLegalEntity(from.legal_entity.value);
  to.setFiness(text(from.finess));
  to.setArea(from.area.value);
  write_ids(from.doors, to.initDoors(count(from.doors)));
  to.setPhone(text(from.phone));
  write_list(from.recourses, to.initRecourses(count(from.recourses)), write_part);
  write_texts(from.recipients, to.initRecipients(count(from.recipients)));
  to.setCalendar(from.calendar.value);
  to.setAuthorised(from.authorised.bits);
  to.setProtocolAck(from.protocol_ack);
}

void read(schema::Establishment::Reader from, Establishment& to) {
  to.id = {from.getId()};
  to.name = take_name(from.getName(), "establishment.name");
  to.legal_entity = {from.getLegalEntity()};
  to.finess = take_name(from.getFiness(), "establishment.finess");
  to.area = {from.getArea()};
  read_ids(from.getDoors(), sites_count, "establishment.doors", to.doors);
  to.phone = take_name(from.getPhone(), "establishment.phone");
  read_list(from.getRecourses(), recourses_count, "establishment.recourses", to.recourses,
            read_part);
  to.protocol_ack = from.getProtocolAck();
  read_texts(from.getRecipients(), recipients_count, "establishment.recipients", to.recipients);
  to.calendar = {from.getCalendar()};
  to.authorised = {from.getAuthorised()};
}

void write(const Person& from, schema::Person::Builder to) {
  to.setId(from.id.value);
  to.setName(text(from.name));
  to.setRpps(text(from.rpps));
  to.setRoles(from.roles.bits);
  to.setSite(from.site.value);
  to.setEstablishment(from.establishment.value);
  write_list(from.privileges, to.initPrivileges(count(from.privileges)), write_part);
  to.setSkills(from.skills.bits);
  to.setInstitution(from.institution.value);
  write_list(from.qualifications, to.initQualifications(count(from.qualifications)), write_part);
  to.setArea(from.area.value);
  to.setHomeHours(from.home_hours);
}

void read(schema::Person::Reader from, Person& to) {
  to.id = {from.getId()};
  to.name = take_name(from.getName(), "person.name");
  to.rpps = take_name(from.getRpps(), "person.rpps");
  to.roles = {from.getRoles()};
  to.site = {from.getSite()};
  to.establishment = {from.getEstablishment()};
  read_list(from.getPrivileges(), privileges_count, "person.privileges", to.privileges, read_part);
  to.skills = {from.getSkills()};
  to.institution = {from.getInstitution()};
  read_list(from.getQualifications(), privileges_count, "person.qualifications", to.qualifications,
            read_part);
  to.area = {from.getArea()};
  to.home_hours = from.getHomeHours();
}

void write(const Key& from, schema::Key::Builder to) {
  to.setId(from.id.value);
  to.setKey(data(from.key));
  to.setPerson(from.person.value);
  to.setNode(from.node.value);
  to.setConcentrator(from.concentrator);
  to.setRevoked(from.revoked);
}

void read(schema::Key::Reader from, Key& to) {
  to.id = {from.getId()};
  to.key = take_key(from.getKey(), "key.key");
  to.person = {from.getPerson()};
  to.node = {from.getNode()};
  to.concentrator = from.getConcentrator();
  to.revoked = from.getRevoked();
}

void write(const Protocol& from, schema::Protocol::Builder to) {
  to.setCode(text(from.code));
  to.setName(text(from.name));
  to.setModality(number<schema::Modality>(from.modality));
  to.setRegion(number<schema::Region>(from.region));
  to.setSkill(number<schema::Skill>(from.skill));
  to.setExpectedMinutes(from.expected_minutes);
  to.setVital(from.vital);
  to.setQuiet(from.quiet.value);
  to.setCollegial(from.collegial);
}

void read(schema::Protocol::Reader from, Protocol& to) {
  to.code = take_name(from.getCode(), "protocol.code");
  to.name = take_name(from.getName(), "protocol.name");
  to.modality = take_enum(from.getModality(), Modality::other, Modality::unknown);
  to.region = take_enum(from.getRegion(), Region::whole_body, Region::unknown);
  to.skill = need_enum(from.getSkill(), Skill::paediatric, "protocol.skill");
  to.expected_minutes = from.getExpectedMinutes();
  to.vital = from.getVital();
  to.quiet = {from.getQuiet()};
  to.collegial = from.getCollegial();
}

void write(const Rules& from, schema::Rules::Builder to) {
  to.setOfferTimeout(from.offer_timeout.value);
  to.setOfferTimeoutP0(from.offer_timeout_p0.value);
  to.setClaimLease(from.claim_lease.value);
  to.setRelaxAny(from.relax_any.value);
  to.setRelaxOverflow(from.relax_overflow.value);
  to.setTargetP0(from.target_p0.value);
  to.setTargetP1(from.target_p1.value);
  to.setTargetP2(from.target_p2.value);
  to.setTargetP3(from.target_p3.value);
  to.setInfoReminder(from.info_reminder.value);
  to.setNoImages(from.no_images.value);
  to.setImagesStalled(from.images_stalled.value);
  to.setDeliveryOwnerTimeout(from.delivery_owner_timeout.value);
  to.setCloseAfter(from.close_after.value);
  to.setBundle(from.bundle.value);
  to.setAgreementGrace(from.agreement_grace.value);
  to.setProtocolAck(from.protocol_ack.value);
  to.setCancelAnswer(from.cancel_answer.value);
  to.setHoldReminder(from.hold_reminder.value);
  to.setReserve(from.reserve.value);
  to.setPreliminaryReminder(from.preliminary_reminder.value);
  to.setCriticalAck(from.critical_ack.value);
  to.setUndelivered(from.undelivered.value);
  to.setUndeliveredCall(from.undelivered_call.value);
  to.setTask(from.task.value);
  to.setDutySuccession(from.duty_succession.value);
  to.setOverflowOpen(from.overflow_open.value);
  to.setOverflowClose(from.overflow_close.value);
  to.setNoShow(from.no_show.value);
}

void read(schema::Rules::Reader from, Rules& to) {
  to.offer_timeout = {from.getOfferTimeout()};
  to.offer_timeout_p0 = {from.getOfferTimeoutP0()};
  to.claim_lease = {from.getClaimLease()};
  to.relax_any = {from.getRelaxAny()};
  to.relax_overflow = {from.getRelaxOverflow()};
  to.target_p0 = {from.getTargetP0()};
  to.target_p1 = {from.getTargetP1()};
  to.target_p2 = {from.getTargetP2()};
  to.target_p3 = {from.getTargetP3()};
  to.info_reminder = {from.getInfoReminder()};
  to.no_images = {from.getNoImages()};
  to.images_stalled = {from.getImagesStalled()};
  to.delivery_owner_timeout = {from.getDeliveryOwnerTimeout()};
  to.close_after = {from.getCloseAfter()};
  to.bundle = {from.getBundle()};
  to.agreement_grace = {from.getAgreementGrace()};
  to.protocol_ack = {from.getProtocolAck()};
  to.cancel_answer = {from.getCancelAnswer()};
  to.hold_reminder = {from.getHoldReminder()};
  to.reserve = {from.getReserve()};
  to.preliminary_reminder = {from.getPreliminaryReminder()};
  to.critical_ack = {from.getCriticalAck()};
  to.undelivered = {from.getUndelivered()};
  to.undelivered_call = {from.getUndeliveredCall()};
  to.task = {from.getTask()};
  to.duty_succession = {from.getDutySuccession()};
  to.overflow_open = {from.getOverflowOpen()};
  to.overflow_close = {from.getOverflowClose()};
  to.no_show = {from.getNoShow()};
}

void write(const Engine& from, schema::Engine::Builder to) {
  to.setName(text(from.name));
  to.setRaisesPerHour(from.raises_per_hour);
  write_list(from.ceilings, to.initCeilings(count(from.ceilings)), write_part);
}

void read(schema::Engine::Reader from, Engine& to) {
  to.name = take_name(from.getName(), "engine.name");
  to.raises_per_hour = from.getRaisesPerHour();
  read_list(from.getCeilings(), limits::ceilings_count, "engine.ceilings", to.ceilings, read_part);
}

constexpr auto write_item = [](const auto& from, auto to) { write(from, to); };
constexpr auto read_item = [](auto from, auto& to) { read(from, to); };

}  // namespace

void write_shift(const Shift& from, schema::Shift::Builder to) {
  to.setPerson(from.person.value);
  to.setSite(from.site.value);
  to.setFrom(from.from.value);
  to.setUntil(from.until.value);
}

void read_shift(schema::Shift::Reader from, Shift& to) {
  to.person = {from.getPerson()};
  to.site = {from.getSite()};
  to.from = {from.getFrom()};
  to.until = {from.getUntil()};
}

void write_site(const Site& from, schema::Site::Builder to) { write(from, to); }

void read_site(schema::Site::Reader from, Site& to) { read(from, to); }

void write(const Directory& from, schema::Directory::Builder to) {
  to.setVersion(from.version);
  to.setFederation(text(from.federation));
  write_list(from.sites, to.initSites(count(from.sites)), write_item);
  write_list(from.calendars, to.initCalendars(count(from.calendars)), write_item);
  write_list(from.entities, to.initEntities(count(from.entities)), write_item);
  write_list(from.areas, to.initAreas(count(from.areas)), write_item);
  write_list(from.groups, to.initGroups(count(from.groups)), write_item);
  write_list(from.agreements, to.initAgreements(count(from.agreements)), write_item);
  write_list(from.establishments, to.initEstablishments(count(from.establishments)), write_item);
  write_list(from.people, to.initPeople(count(from.people)), write_item);
  write_list(from.keys, to.initKeys(count(from.keys)), write_item);
  write_list(from.protocols, to.initProtocols(count(from.protocols)), write_item);
  write_list(from.engines, to.initEngines(count(from.engines)), write_item);
  write_list(from.roster, to.initRoster(count(from.roster)), write_shift);
  write(from.rules, to.initRules());
}

void read(schema::Directory::Reader from, Directory& to) {
  to.version = from.getVersion();
  to.federation = take_name(from.getFederation(), "federation");
  read_list(from.getSites(), sites_count, "sites", to.sites, read_item);
  read_list(from.getCalendars(), sites_count, "calendars", to.calendars, read_item);
  read_list(from.getEntities(), directory_items_count, "entities", to.entities, read_item);
  read_list(from.getAreas(), areas_count, "areas", to.areas, read_item);
  read_list(from.getGroups(), agreements_count, "groups", to.groups, read_item);
  read_list(from.getAgreements(), agreements_count, "agreements", to.agreements, read_item);
  read_list(from.getEstablishments(), directory_items_count, "establishments", to.establishments,
            read_item);
  read_list(from.getPeople(), directory_items_count, "people", to.people, read_item);
  read_list(from.getKeys(), directory_items_count, "keys", to.keys, read_item);
  read_list(from.getProtocols(), directory_items_count, "protocols", to.protocols, read_item);
  read_list(from.getEngines(), limits::engines_count, "engines", to.engines, read_item);
  read_list(from.getRoster(), limits::roster_count, "roster", to.roster, read_shift);
  if (from.hasRules()) read(from.getRules(), to.rules);
}

std::string encode_directory(const Directory& directory) {
  return encode<schema::Directory>([&](auto root) { write(directory, root); });
}

Result<Directory> decode_directory(std::string_view frame) {
  return decode<schema::Directory, Directory>(frame, peer_frame,
                                              [](auto root, Directory& out) { read(root, out); });
}

}  // namespace vigie::codec
