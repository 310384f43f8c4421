// The directory: who exists, who may do what, who reads for whom. Replicated state, changed as one
// versioned command; every decision cites the version it used (design D10, D12).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/area.hpp"
#include "messages/types/calendar.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/person.hpp"
#include "messages/types/result.hpp"
#include "messages/types/roster.hpp"
#include "messages/types/set.hpp"
#include "messages/types/time.hpp"

namespace vigie {

/// What a site is to be for replication; the leader makes the members follow. Numbers are stable.
/// founding: as the site files said when the federation began. learner: receives the log, has no
/// vote. removed: stays listed, since ids are never reused.
enum class Membership : std::uint8_t { founding, learner, voter, removed };
std::string_view name_of(Membership membership);

/// Where readers sit (domain R7). Numbers are stable.
enum class PostKind : std::uint8_t {
  centre,
  host,  ///< at a hospital
  home
};
std::string_view name_of(PostKind kind);
struct Post {
  std::string name;
  PostKind kind = PostKind::centre;
  bool operator==(const Post&) const = default;
};

/// A guard centre, and the node that runs there.
struct Site {
  SiteId id;
  std::string name;  ///< "lyon"
  std::string code;  ///< three letters that start exam numbers: "LYS"
  AreaId area;       ///< for "territory first"; 0: none
  std::uint16_t posts = 0;
  std::string phone;
  PublicKey node_key{};
  bool draining = false;
  std::string address;  ///< "host:port" where its peers reach it; empty: as their site files say
  Membership membership = Membership::founding;
  std::uint16_t generation = 0;  ///< grows each time it is added or rejoins: another data folder
  std::int16_t priority = 0;     ///< for leadership, once added
  /// By name, `posts` of them: a reader sits down at one that nobody uses. Empty: counted only.
  std::vector<Post> enrolled = {};
  bool operator==(const Site&) const = default;
};

/// Who reads under an agreement: whoever sits at one of the centres, and the radiologists of the
/// establishments, wherever they sit.
struct ProviderGroup {
  GroupId id;
  std::string name;
  std::vector<SiteId> sites;
  std::vector<EstablishmentId> establishments = {};
  bool operator==(const ProviderGroup&) const = default;
};

/// required: a regulator accepts first. after: offered at once, reviewed later. none: arrives made.
enum class Regulation : std::uint8_t { required, after, none };

/// One side's word under an agreement (domain O13).
struct Signature {
  std::string by;        ///< who; empty: nobody has signed
  UtcTime on;            ///< when
  std::string document;  ///< hash of the text that was signed
  bool operator==(const Signature&) const = default;
};

/// The ANAP's three schemes (domain O8 to O10): read by another establishment, by a provider, or by
/// a pool of those that are required. Numbers are stable.
enum class AgreementKind : std::uint8_t { none, host, provider, pool };
std::string_view name_of(AgreementKind kind);

/// A hospital as an agreement may name it.
struct Place {
  EstablishmentId establishment;
  LegalEntityId entity;
  AreaPath areas;
};

/// Who reads what for whom, and when: a contract between two sides, either of which may end it.
struct Agreement {
  std::string name;
  std::vector<EstablishmentId> establishments;  ///< with entities and areas empty: all
  Set<Modality> modalities;
  Set<Band> bands;  ///< of the establishment's calendar; empty: at any hour
  GroupId group;
  GroupId overflow;  ///< 0: none
  Regulation regulation = Regulation::required;
  UtcTime from;   ///< 0: always was
  UtcTime until;  ///< excluded; 0: open. To revoke an agreement is to date its end.
  Signature requester, provider;
  std::vector<LegalEntityId> entities;  ///< each of their establishments
  std::vector<AreaId> areas;            ///< each establishment in them
  AgreementKind kind = AgreementKind::none;
  std::string legal_basis;         ///< such as "CSP L. 6146-2" (domain O18)
  std::uint16_t pool_min = 0;      ///< floor of what its group counts (domain O14); 0: none
  std::vector<std::string> after;  ///< agreements that come first where both apply (domain O11)
  std::uint16_t quota = 0;         ///< exams of one guard under it (domain O22); 0: any number
  /// By urgency, from first image to report, where it is not as the rules say: by band, or for who
  /// is on call at home (domain O2, O8). 0: the rules'.
  std::array<Millis, urgency_count> targets{};
  std::uint16_t readers_min = 0;  ///< on the roster while it holds (domain O2); 0: not said
  bool operator==(const Agreement&) const = default;

  bool covers(const Place& place, Modality modality) const;
  /// Both sides have signed: without that there is no route (domain O13).
  bool is_signed() const { return !requester.by.empty() && !provider.by.empty(); }
  /// Signed, begun and not ended; whatever the hour.
  bool is_in_force(UtcTime when) const {
    return is_signed() && (!from || from <= when) && (!until || when < until);
  }
};

/// Where an ultrasound is done instead (domain O7).
struct Recourse {
  std::string name, phone;
  std::uint16_t minutes = 0;  ///< of travel; at most recourse_minutes_max
  bool paediatric = false;    ///< a pole for children
  bool operator==(const Recourse&) const = default;
};
inline constexpr std::uint16_t recourse_minutes_max = 45;
/// "CHU Nord, 04 91 00 00 00, 25 min"
std::string text_of(const Recourse& recourse);

/// A hospital. `recipients` are feed names; reports go to each.
struct Establishment {
  EstablishmentId id;
  std::string name;
  LegalEntityId legal_entity;
  std::string finess;
  AreaId area;                ///< the smallest that it is in; 0: none
  CalendarId calendar;        ///< 0: none, so that agreements by bands do not cover it
  std::vector<SiteId> doors;  ///< home door first
  std::string phone;
  std::vector<Recourse> recourses;  ///< the nearest first
  std::vector<std::string> recipients;
  Set<Modality> authorised;   ///< for which it has its equipment's authorisation; empty: not said
  bool protocol_ack = false;  ///< its technologists acknowledge protocols
  bool operator==(const Establishment&) const = default;

  /// The first that is for such a patient, else the first. nullptr: there is none.
  const Recourse* recourse(bool for_child) const;
  bool is_authorised(Modality modality) const {
    return authorised == Set<Modality>{} || authorised.contains(modality);
  }
};

/// A key pair's public half. Ids are never reused; a revoked key stays listed.
struct Key {
  KeyId id;
  PublicKey key{};
  PersonId person;            ///< 0 for a node
  SiteId node;                ///< 0 for a person
  bool concentrator = false;  ///< may carry sessions of any person of its person's centre
  bool revoked = false;
  bool operator==(const Key&) const = default;
};

/// Of a read on average (domain §5.5), where nothing better is known.
inline constexpr std::uint16_t mean_read_minutes = 13;

struct Protocol {
  std::string code;  ///< with its version: "AVC-TDM v3"
  std::string name;
  Modality modality = Modality::unknown;
  Region region = Region::unknown;
  Skill skill = Skill::general;
  std::uint16_t expected_minutes = mean_read_minutes;
  bool vital = false;  ///< pathway rule: its exams are P0
  Millis quiet;        ///< no image for so long is complete, where nobody says so; 0: by modality
  bool collegial = false;  ///< a colleague reads it too, when somebody begins (domain F8)
  bool operator==(const Protocol&) const = default;
};

/// An AI engine whose results count (domain A1): how far each of its findings raises an exam.
struct Ceiling {
  std::string finding;
  Urgency urgency = Urgency::p1;  ///< p1 or p2: never vital by itself
  bool operator==(const Ceiling&) const = default;
};
struct Engine {
  std::string name;
  std::uint16_t raises_per_hour = 0;  ///< then its findings are kept and raise nothing
  std::vector<Ceiling> ceilings;      ///< what is not listed raises nothing
  bool operator==(const Engine&) const = default;

  const Ceiling* ceiling(std::string_view finding) const;
};

/// Times that organise the guard; all configurable, none in code.
struct Rules {
  Millis offer_timeout = 30_s, offer_timeout_p0 = 15_s;
  Millis claim_lease = 3_min;
  Millis relax_any = 60_s, relax_overflow = 180_s;
  Millis target_p0 = 10_min, target_p1 = 20_min, target_p2 = 45_min, target_p3 = 120_min;
  Millis info_reminder = 10_min, no_images = 90_min, images_stalled = 5_min;
  Millis delivery_owner_timeout = 30_s;
  Millis close_after = 12_h;
  Millis bundle = 30_min;           ///< exams of one patient within this go to one reader
  Millis agreement_grace = 15_min;  ///< a request that comes so late is still under what ended
  Millis protocol_ack = 3_min;      ///< then somebody calls the technologist
  Millis cancel_answer = 2_min;     ///< of whoever reads what the hospital wants to cancel
  Millis hold_reminder = 30_min;
  Millis reserve = 15_min;               ///< an exam waits so long for the reader it is kept for
  Millis preliminary_reminder = 30_min;  ///< a final report is expected by then
  Millis critical_ack = 15_min;          ///< then the hospital is called
  Millis undelivered = 5_min;            ///< then support looks after the delivery ...
  Millis undelivered_call = 10_min;      ///< ... and of P0 and P1 the result is told on the phone
  Millis task = 10_min;            ///< for a task to be done, before the duty head hears of it
  Millis duty_succession = 5_min;  ///< out of reach for so long, a duty head is followed
  Millis no_show = 5_min;          ///< after a shift began, for its reader to have come
  /// Predicted wait of a group's exams from which its overflow is open to them at once, and below
  /// which no longer (domain O12). 0: only each exam's own wait opens it.
  Millis overflow_open = 0_ms, overflow_close = 0_ms;
  bool operator==(const Rules&) const = default;
};

struct Directory {
  std::uint32_t version = 0;
  std::string federation;
  std::vector<Site> sites;
  std::vector<Calendar> calendars;
  std::vector<ProviderGroup> groups;
  std::vector<Agreement> agreements;  ///< first match wins
  std::vector<Establishment> establishments;
  std::vector<Person> people;
  std::vector<Key> keys;
  std::vector<Protocol> protocols;
  Rules rules;
  std::vector<LegalEntity> entities;
  std::vector<Area> areas;
  std::vector<Engine> engines;
  std::vector<Shift> roster;  ///< by when they begin
  bool operator==(const Directory&) const = default;

  // Lookups by id: O(log n); every vector is sorted by id (normalise()). nullptr: none.
  const Site* site(SiteId id) const;
  const Site* site_named(std::string_view name) const;
  const Calendar* calendar(CalendarId id) const;
  const ProviderGroup* group(GroupId id) const;
  const Establishment* establishment(EstablishmentId id) const;
  const LegalEntity* entity(LegalEntityId id) const;
  const Area* area(AreaId id) const;
  /// The areas around `id`, itself among them.
  AreaPath path_of(AreaId id) const;
  const Person* person(PersonId id) const;
  const Key* key(KeyId id) const;
  const Key* key_with(const PublicKey& bytes) const;
  const Protocol* protocol(std::string_view code) const;
  const Engine* engine(std::string_view name) const;
  const Agreement* agreement_named(std::string_view name) const;
  /// From the first image to the report; by the agreement that it came under, else by the rules.
  Millis target(const Exam& exam) const;
  /// When the first of the calendars ends; nothing: there are none.
  std::optional<UtcTime> horizon() const;
  Place place(EstablishmentId establishment) const;
  /// What part of the week it is there; Band::none where its calendar does not say.
  Band band(EstablishmentId establishment, UtcTime when) const;
  /// When the guard that it is in there at that moment ends, or by day the day; 0: its calendar
  /// does not say.
  UtcTime shift_end(EstablishmentId establishment, UtcTime when) const;
  /// The first agreement in force at that moment that covers the pair, else the first that was
  /// until Rules::agreement_grace ago; nullptr: none.
  /// Those named in `full` have no place left.
  const Agreement* agreement(EstablishmentId establishment, Modality modality, UtcTime when,
                             const std::vector<std::string>& full = {}) const;

  /// Waiting queues that the agreements can need: at most limits::queue_keys_count (design D5).
  std::size_t queue_keys() const;
  /// Sorts by id. @errors Errc::bad_value: the first inconsistency (duplicate id, dangling
  /// reference, more queue keys than limits::queue_keys_count), in words.
  Result<void> normalise();

 private:
  const Agreement* in_force(EstablishmentId establishment, Modality modality, UtcTime when,
                            const std::vector<std::string>& full) const;
};

}  // namespace vigie
