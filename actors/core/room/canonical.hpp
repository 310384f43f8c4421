// The canonical bytes of records: one sequence of bytes for one value, on every machine. Snapshots,
// digests and the archive are made of them; the wire and the log are not (messages/codec).
//
// Little-endian, fixed width; strings and vectors carry a 32-bit count. Each record names its
// fields once, in fields(); writing, reading and hashing all walk that one list.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "messages/types/command.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/exam.hpp"

namespace vigie::room {

static_assert(std::endian::native == std::endian::little, "canonical bytes are little-endian");

template <class T, class U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

template <class F, Is<OrderKey> T>
void fields(F&& f, T& x) {
  f(x.legal_entity, x.authority, x.number);
}
template <class F, Is<Request> T>
void fields(F&& f, T& x) {
  f(x.key, x.establishment, x.modality, x.region, x.side, x.age_class, x.asked, x.flags,
    x.procedure, x.accessions, x.studies, x.priors, x.patient_key, x.callback_phone, x.sealed,
    x.protocol, x.images_complete, x.images);
}
template <class F, Is<Epoch> T>
void fields(F&& f, T& x) {
  f(x.origin, x.index);
}
template <class F, Is<Bits128> T>
void fields(F&& f, T& x) {
  f(x.high, x.low);
}
template <class F, Is<Report> T>
void fields(F&& f, T& x) {
  f(x.id, x.version, x.kind, x.settled, x.epoch, x.author, x.site, x.index, x.at, x.text,
    x.critical);
}
template <class F, Is<Delivery> T>
void fields(F&& f, T& x) {
  f(x.version, x.recipient, x.owner, x.state, x.since, x.detail);
}
template <class F, Is<TimelineItem> T>
void fields(F&& f, T& x) {
  f(x.index, x.at, x.by, x.site, x.event);
}
template <class F, Is<Candidate> T>
void fields(F&& f, T& x) {
  f(x.reader, x.site, x.idle, x.skill, x.territory, x.continuity, x.fairness, x.fatigue, x.balance);
}
template <class F, Is<Removal> T>
void fields(F&& f, T& x) {
  f(x.reader, x.filter);
}
template <class F, Is<Decision> T>
void fields(F&& f, T& x) {
  f(x.index, x.reader, x.directory_version, x.relax_step, x.by_reader, x.waiting, x.removed,
    x.removals, x.candidates);
}
template <class F, Is<Exam> T>
void fields(F&& f, T& x) {
  f(x.id, x.request, x.generation, x.message_id, x.origin_site, x.state, x.flags, x.urgency,
    x.skill, x.agreement, x.group, x.overflow_group, x.relax_step, x.declines, x.reminders,
    x.protocol, x.reason, x.answers, x.regulator, x.regulator_session, x.epoch, x.reader,
    x.reader_session, x.last_reader, x.reading_site, x.received_at, x.first_image_at, x.images_at,
    x.ready_at, x.deadline, x.state_since, x.claimed_until, x.offered_until, x.signed_at,
    x.delivered_at, x.images, x.images_expected, x.held_from, x.protocol_version, x.protocol_acked,
    x.cancel_asked_at, x.reserved_for, x.reserved_until, x.critical, x.guard_until, x.purpose,
    x.is_mandatory, x.parent, x.children, x.tasks, x.notes, x.findings, x.excluded, x.reports,
    x.deliveries, x.timeline, x.decisions);
}
template <class F, Is<Task> T>
void fields(F&& f, T& x) {
  f(x.kind, x.is_overdue, x.since, x.due);
}
template <class F, Is<Note> T>
void fields(F&& f, T& x) {
  f(x.event, x.by, x.at, x.text);
}
template <class F, Is<Finding> T>
void fields(F&& f, T& x) {
  f(x.engine, x.version, x.code, x.raised, x.at);
}
template <class F, Is<Answer> T>
void fields(F&& f, T& x) {
  f(x.code, x.request, x.index, x.exam, x.epoch, x.session, x.incarnation, x.next, x.duplicate,
    x.text, x.exams);
}
template <class F, Is<LegalEntity> T>
void fields(F&& f, T& x) {
  f(x.id, x.name, x.kind);
}
template <class F, Is<Area> T>
void fields(F&& f, T& x) {
  f(x.id, x.name, x.kind, x.within);
}
template <class F, Is<Recourse> T>
void fields(F&& f, T& x) {
  f(x.name, x.phone, x.minutes, x.paediatric);
}
template <class F, Is<Post> T>
void fields(F&& f, T& x) {
  f(x.name, x.kind);
}
template <class F, Is<Privilege> T>
void fields(F&& f, T& x) {
  f(x.modalities.bits, x.regions.bits, x.ages.bits, x.status, x.until);
}
template <class F, Is<Qualification> T>
void fields(F&& f, T& x) {
  f(x.role, x.from, x.until, x.by);
}
template <class F, Is<Site> T>
void fields(F&& f, T& x) {
  f(x.id, x.name, x.code, x.area, x.posts, x.phone, x.node_key, x.draining, x.address, x.membership,
    x.generation, x.priority, x.enrolled);
}
template <class F, Is<Shift> T>
void fields(F&& f, T& x) {
  f(x.person, x.site, x.from, x.until);
}
template <class F, Is<ProviderGroup> T>
void fields(F&& f, T& x) {
  f(x.id, x.name, x.sites, x.establishments);
}
template <class F, Is<Turn> T>
void fields(F&& f, T& x) {
  f(x.at, x.band);
}
template <class F, Is<Calendar> T>
void fields(F&& f, T& x) {
  f(x.id, x.name, x.zone, x.holidays, x.guard_begin, x.guard_end, x.turns, x.until);
}
template <class F, Is<Signature> T>
void fields(F&& f, T& x) {
  f(x.by, x.on, x.document);
}
template <class F, Is<Agreement> T>
void fields(F&& f, T& x) {
  f(x.name, x.establishments, x.modalities.bits, x.bands.bits, x.group, x.overflow, x.regulation,
    x.from, x.until, x.requester, x.provider, x.entities, x.areas, x.kind, x.legal_basis,
    x.pool_min, x.after, x.quota, x.targets, x.readers_min);
}
template <class F, Is<Establishment> T>
void fields(F&& f, T& x) {
  f(x.id, x.name, x.legal_entity, x.finess, x.area, x.doors, x.phone, x.recourses, x.recipients,
    x.calendar, x.authorised.bits, x.protocol_ack);
}
template <class F, Is<Person> T>
void fields(F&& f, T& x) {
  f(x.id, x.name, x.rpps, x.roles.bits, x.site, x.establishment, x.privileges, x.skills.bits,
    x.institution, x.qualifications, x.area, x.home_hours);
}
template <class F, Is<Key> T>
void fields(F&& f, T& x) {
  f(x.id, x.key, x.person, x.node, x.concentrator, x.revoked);
}
template <class F, Is<Protocol> T>
void fields(F&& f, T& x) {
  f(x.code, x.name, x.modality, x.region, x.skill, x.expected_minutes, x.vital, x.quiet,
    x.collegial);
}
template <class F, Is<Ceiling> T>
void fields(F&& f, T& x) {
  f(x.finding, x.urgency);
}
template <class F, Is<Engine> T>
void fields(F&& f, T& x) {
  f(x.name, x.raises_per_hour, x.ceilings);
}
template <class F, Is<Rules> T>
void fields(F&& f, T& x) {
  f(x.offer_timeout, x.offer_timeout_p0, x.claim_lease, x.relax_any, x.relax_overflow, x.target_p0,
    x.target_p1, x.target_p2, x.target_p3, x.info_reminder, x.no_images, x.images_stalled,
    x.delivery_owner_timeout, x.close_after, x.bundle, x.agreement_grace, x.protocol_ack,
    x.cancel_answer, x.hold_reminder, x.reserve, x.preliminary_reminder, x.critical_ack,
    x.undelivered, x.undelivered_call, x.task, x.duty_succession, x.overflow_open, x.overflow_close,
    x.no_show);
}
template <class F, Is<Directory> T>
void fields(F&& f, T& x) {
  f(x.version, x.federation, x.sites, x.calendars, x.groups, x.agreements, x.establishments,
    x.people, x.keys, x.protocols, x.rules, x.entities, x.areas, x.engines, x.roster);
}

/// Appends canonical bytes to a string it does not own, which is whole once the Writer is gone.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out), at_(out.size()) {}
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { out_.resize(at_); }
  template <class... Ts>
  void operator()(const Ts&... xs) {
    (put(xs), ...);
  }

  template <class T>
  requires std::integral<T> || std::is_enum_v<T>
  void put(T x) { append(&x, sizeof x); }
  template <class Tag, class Rep>
  void put(Strong<Tag, Rep> x) {
    put(x.value);
  }
  template <class Axis>
  void put(Moment<Axis> x) {
    put(x.value);
  }
  void put(Millis x) { put(x.value); }
  void put(const std::string& x) {
    put(static_cast<std::uint32_t>(x.size()));
    append(x.data(), x.size());
  }
  template <class T, std::size_t N>
  void put(const std::array<T, N>& xs) {
    for (const T& x : xs) put(x);
  }
  template <class T>
  void put(const std::vector<T>& xs) {
    put(static_cast<std::uint32_t>(xs.size()));
    for (const T& x : xs) put(x);
  }
  template <class T>
  requires std::is_class_v<T> && requires(Writer& w, const T& x) { fields(w, x); }
  void put(const T& x) { fields(*this, x); }

 private:
  void append(const void* bytes, std::size_t size) {
    if (size > out_.size() - at_) out_.resize(2 * out_.size() + size + 64);
    std::memcpy(out_.data() + at_, bytes, size);
    at_ += size;
  }

  std::string& out_;  ///< longer than what was written, to write without asking for room each time
  std::size_t at_;    ///< end of what was written
};

/// The highest number of each enumeration in a record: what lies beyond is not read, since it would
/// find its way into indexes. Sets of bits and codes are any number.
constexpr Modality last_of(Modality) { return Modality::other; }
constexpr Region last_of(Region) { return Region::whole_body; }
constexpr Side last_of(Side) { return Side::both; }
constexpr AgeClass last_of(AgeClass) { return AgeClass::infant; }
constexpr Urgency last_of(Urgency) { return Urgency::p3; }
constexpr Skill last_of(Skill) { return Skill::paediatric; }
constexpr ExamState last_of(ExamState) { return ExamState::suspended; }
constexpr ExamFlag last_of(ExamFlag) { return ExamFlag{0xffff'ffff}; }
constexpr ReportKind last_of(ReportKind) { return ReportKind::withdrawal; }
constexpr TaskKind last_of(TaskKind) { return TaskKind::hand_over; }
constexpr Filter last_of(Filter) { return Filter::shift_end; }
constexpr Purpose last_of(Purpose) { return Purpose::region; }
constexpr DeliveryState last_of(DeliveryState) { return DeliveryState::failed; }
constexpr Regulation last_of(Regulation) { return Regulation::none; }
constexpr PostKind last_of(PostKind) { return PostKind::home; }
constexpr PrivilegeStatus last_of(PrivilegeStatus) { return PrivilegeStatus::trainee; }
constexpr EntityKind last_of(EntityKind) { return EntityKind::mutualist; }
constexpr AreaKind last_of(AreaKind) { return AreaKind::region; }
constexpr AgreementKind last_of(AgreementKind) { return AgreementKind::pool; }
constexpr Band last_of(Band) { return Band::holiday; }
constexpr Membership last_of(Membership) { return Membership::removed; }
constexpr Role last_of(Role) { return Role::agency; }
constexpr AcceptMode last_of(AcceptMode) { return AcceptMode::automatic; }
constexpr ReaderMode last_of(ReaderMode) { return ReaderMode::rest; }
constexpr Errc last_of(Errc) { return Errc{0xffff}; }

/// Moments and spans of a record are within this of 0: a few of them can be added up.
inline constexpr std::int64_t time_max = std::int64_t{1} << 58;

/// Reads canonical bytes back; stops at the first thing that does not fit: what is read would be
/// written as the same bytes, and holds no number that its type does not know.
class Reader {
 public:
  explicit Reader(std::string_view in) : in_(in) {}
  /// False once something was missing or a count was absurd; values read since are meaningless.
  bool ok() const { return ok_; }
  bool at_end() const { return at_ == in_.size(); }
  template <class... Ts>
  void operator()(Ts&... xs) {
    (get(xs), ...);
  }

  template <class T>
  requires std::integral<T> || std::is_enum_v<T>
  void get(T& x) {
    if (!take(sizeof x)) return;
    if constexpr (std::same_as<T, bool>) {
      x = in_[at_ - 1] != 0;
      ok_ = static_cast<std::uint8_t>(in_[at_ - 1]) <= 1;
    } else {
      std::memcpy(&x, in_.data() + at_ - sizeof x, sizeof x);
    }
    if constexpr (std::is_enum_v<T>) ok_ = x <= last_of(x);
  }
  template <class Tag, class Rep>
  void get(Strong<Tag, Rep>& x) {
    get(x.value);
  }
  template <class Axis>
  void get(Moment<Axis>& x) {
    get_time(x.value);
  }
  void get(Millis& x) { get_time(x.value); }
  void get(std::string& x) {
    std::uint32_t size = 0;
    get(size);
    if (!take(size)) return;
    x.assign(in_.substr(at_ - size, size));
  }
  template <class T, std::size_t N>
  void get(std::array<T, N>& xs) {
    for (T& x : xs) get(x);
  }
  template <class T>
  void get(std::vector<T>& xs) {
    std::uint32_t size = 0;
    get(size);
    xs.clear();
    if (size > in_.size() - at_) ok_ = false;  // every element takes a byte at least
    for (std::uint32_t i = 0; ok_ && i < size; ++i) get(xs.emplace_back());
  }
  template <class T>
  requires std::is_class_v<T> && requires(Reader& r, T& x) { fields(r, x); }
  void get(T& x) { fields(*this, x); }

 private:
  void get_time(std::int64_t& x) {
    get(x);
    if (x < -time_max || x > time_max) ok_ = false;
  }
  bool take(std::size_t n) {
    if (!ok_ || n > in_.size() - at_) return ok_ = false;
    at_ += n;
    return true;
  }
  std::string_view in_;
  std::size_t at_ = 0;
  bool ok_ = true;
};

template <class T>
std::string canonical_bytes(const T& value) {
  std::string out;
  Writer(out).put(value);
  return out;
}
/// @return false when `bytes` are not exactly one T.
template <class T>
bool from_canonical(std::string_view bytes, T& value) {
  Reader reader(bytes);
  reader.get(value);
  return reader.ok() && reader.at_end();
}

/// XXH3-128 of the bytes. Not cryptographic: it finds divergence, not forgery (the log's chain
/// does).
Bits128 hash_of(std::string_view bytes);

/// hash_of() the canonical bytes of `values`, one after the other; keeps no bytes.
template <class... Ts>
Bits128 hash_canonical(const Ts&... values) {
  thread_local std::string scratch;
  scratch.clear();
  {
    Writer writer(scratch);
    (writer.put(values), ...);
  }
  return hash_of(scratch);
}

}  // namespace vigie::room
