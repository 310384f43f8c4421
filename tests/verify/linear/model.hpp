// The room as the domain's pages and the protocol's words describe it: an independent model that
// replays a log and says what each request must have been answered. It shares no code with the
// room.
//
// Where the words leave a choice (which reader, an offer that nobody saw), the model keeps every
// state that an exam may be in, and what was observed narrows it. Why a request may be refused is a
// set of codes: all guards that fail are reasons, whichever the room looks at first.
//
// Nothing that may be wrong is taken for a fact. Where nobody was told an outcome and the words do
// not decide it either, what the request was about is BLURRED: its exam (of which nothing is said
// from then on), its session (until an answer shows where it stands), or the numbers of its door
// (until an answer names one).
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/verify/linear/linear.hpp"

namespace vigie::linear {

/// A set of exam states, one bit each.
using States = std::uint32_t;
constexpr States bit(ExamState s) { return static_cast<States>(1u << static_cast<unsigned>(s)); }
template <class... More>
constexpr States bits(More... s) {
  return static_cast<States>((bit(s) | ...));
}

inline constexpr States ended = bits(ExamState::closed, ExamState::refused, ExamState::cancelled);
inline constexpr States signed_off = bits(ExamState::validated, ExamState::delivered);
inline constexpr States waits = bits(ExamState::ready, ExamState::offered);
inline constexpr States held = bits(ExamState::reading, ExamState::preliminary);
/// Some reader's: in his hand, or set aside by him.
inline constexpr States his_to_read = held | bit(ExamState::suspended);
inline constexpr States before_images = bits(ExamState::requested, ExamState::in_regulation,
                                             ExamState::needs_info, ExamState::protocolled);
/// No exam counts as taking longer to read.
inline constexpr Millis longest_reading = 240_min;
inline constexpr States everything = (States{1} << exam_state_count) - 1;

/// An exam was put into a session's hand by the entry at `epoch.index`.
struct Given {
  ExamId exam;
  SessionId session;     ///< 0: not known
  bool certain = false;  ///< shown as an event, or its holder was answered `ok`
  bool at_once = false;  ///< not offered but given
  std::string where;
  bool back = false;  ///< he had set it aside, and has it again
};

/// What was observed of an entry beside the log.
struct Evidence {
  const Answer* answer = nullptr;  ///< the first that its client was told; nullptr: none
  std::vector<Given> given;
  std::vector<const Shown*> shown;
};

/// What the model says of an entry's answer.
struct Prediction {
  bool predicted = false;    ///< false: it says nothing of the code
  LogIndex duplicate_of;     ///< the answer must be that of this index
  RequestNo next;            ///< of retry_from
  std::set<Errc> must, may;  ///< refusals: one of `must` if there are any; else `ok` or `may`
  std::string_view kind = "wrong_answer";  ///< of the fault if it was `ok` all the same
  std::string why;
  bool allows(Errc code) const {
    return must.contains(code) || may.contains(code) || (must.empty() && code == Errc::ok);
  }
};

class Model {
 public:
  struct Session {
    PersonId person;
    KeyId key;  ///< that attached it
    Role role = Role::none;
    SiteId site, door;  ///< of the post; through which it is reached, 0: not known
    std::string post;
    Incarnation incarnation;
    bool alive = false;
    bool blurred = false;  ///< whether it lives, and in which incarnation, is not known
    RequestNo last;
    RequestNo past_from;  ///< what was answered before is not known
    struct Past {
      std::uint64_t hash;
      LogIndex index;
    };
    std::map<RequestNo, Past> past;  ///< the answers remembered
    ReaderMode mode = ReaderMode::off;
    bool mode_known = false;
    bool automatic = false;
    std::set<ExamId> hand;  ///< claimed, offered or held
  };
  struct Exam {
    Request request;
    States may = 0;             ///< the states it may be in
    bool blurred = false;       ///< all of them: nothing is known of it
    States trail = 0;           ///< those it was or may have been in during this entry
    SessionId claimer, holder;  ///< 0: nobody, or not known
    PersonId last_reader;       ///< who had it to read, and not only offered
    bool last_reader_known = true;
    std::set<PersonId> held_by, shunned;
    Epoch epoch;
    Urgency urgency = Urgency::p2;
    bool urgency_known = true, images_maybe = false;
    std::uint32_t images = 0, expected = 0;  ///< at most received; said to come, 0: nobody said
    std::optional<Protocol> protocol;
    GroupId group, overflow;
    FedTime claimed_until, offered_at, received, first_image, ready, delivered, quiet_since;
    FedTime imaged;                    ///< when images were first said to have come
    std::map<ReportId, bool> reports;  ///< true: final
    std::set<std::pair<ReportVersion, std::uint8_t>> acked;
    std::uint16_t finals = 0;
    States from = 0;  ///< where it goes on from when it is on hold no longer
    ExamId parent;    ///< of a reading once more
    std::set<ExamId> children;
    std::set<ExamId> mandatory;   ///< of these: before its report
    bool children_maybe = false;  ///< it may have others
    bool phoned = false, reserved = false;
    bool pinned = false, pinned_known = true;
    bool critical = false, critical_maybe = false;
    FedTime wish;  ///< since when its hospital asks to cancel it (T21)
    bool wish_maybe = false;
    bool offer_unsure = false;             ///< its urgency has changed since it was offered
    std::uint16_t protocols = 0;           ///< versions of its protocol, at most
    std::map<ReportId, PersonId> authors;  ///< of all reports that may be kept
    std::set<PersonId> signers;            ///< of its versions
    std::set<ReportId> criticals;          ///< of the reports, those with a critical result
    std::set<std::tuple<std::string, std::string, std::string>> found;  ///< by engines
    FedTime guard_until;           ///< O17: then its task to hand it over opens; 0: never
    bool agreement_maybe = false;  ///< which one holds, and so whether it is regulated (O22)
    bool handed = false;           ///< that task was closed
    bool handed_maybe = false;     ///< or may have been
    FedTime first_ready;           ///< since when it may wait for a reader
    bool relaxed_maybe = false;    ///< whoever is there may read it, whenever his shift ends
    bool is(ExamState s) const { return may == bit(s); }
    /// Where on its way it may be, whatever paused it.
    States stages() const {
      States all = may & ~bits(ExamState::held, ExamState::suspended);
      if ((may & bit(ExamState::held)) != 0) all |= from;
      if ((may & bit(ExamState::suspended)) != 0) all |= bit(ExamState::reading);
      return all;
    }
  };
  /// What was sent last under an order's key.
  struct Order {
    ExamId exam;  ///< 0: not known which
    Request request;
    std::string message;
    bool known = true;  ///< false: another may have been taken since
  };
  /// The exams that came through a door. Numbers follow each other without holes.
  struct Door {
    std::uint64_t last = 0;   ///< the highest number that is known to be in use
    std::uint64_t maybe = 0;  ///< so many more may be
    std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps;  ///< used by nobody knows whom
  };

  /// How things may stand with the duty of the federation (R3).
  struct Duty {
    PersonId head, deputy, offered_to;  ///< 0: nobody
    std::uint32_t number = 0;
    FedTime offered_at;
    FedTime lost_from;  ///< its head may be out of reach since then; 0: he surely is not
    FedTime lost_by;    ///< and surely is since then; 0: he may be in reach
  };
  enum class Sure : std::uint8_t { no, perhaps, yes };

  /// @param every_assignment_shown see History.
  Model(bool every_assignment_shown, std::vector<Fault>& faults)
      : sharp_(every_assignment_shown), faults_(faults) {}

  /// Applies the next entry. Faults found are added, with the entry's index.
  Prediction apply(const Committed& entry, const Evidence& seen);

  const Exam* exam(ExamId id) const;
  const std::map<ExamId, Exam>& exams() const { return exams_; }
  /// True if there is that exam, or may be.
  bool may_exist(ExamId id) const;
  /// True if the exam may be in that state now.
  bool may_be(ExamId id, ExamState state) const;
  std::uint64_t assignments() const { return assignments_; }
  std::uint64_t in_order() const { return in_order_; }
  std::uint64_t by_deadline() const { return by_deadline_; }

 private:
  friend struct Commands;  // commands.hpp: what each command wants and does
  using Duties = std::vector<Duty>;
  void fault(std::string_view kind, std::string what, ExamId exam);
  void restart_offers();
  void fire_deadlines();
  void go(ExamId id, Exam& exam, States to);
  Exam* find(ExamId id);
  void blur(ExamId id, Exam& exam);
  void blur_hand(Session& session);
  void blur_named(const Proposal& p);
  void blur_named_order(const OrderKey& key);
  bool numbered_blurred(const Proposal& p, const Answer* seen, Session& s, Prediction& out);
  void back_to_queue(ExamId id, Exam& exam);
  void leave_hand(ExamId id, Exam& exam);
  void give_up_aside(Session& session, bool surely);
  void set_urgency(ExamId id, Exam& exam, Urgency urgency, bool known);
  void note_relaxed(Exam& exam);
  void take_before(const Proposal& p, const std::vector<Given>& given);
  void take_back(const Given& given, Exam& exam);
  bool is_over(ExamId id) const;
  bool is_one_unit(SessionId a, SessionId b) const;
  SessionId pair_of(SessionId session) const;
  bool may_be_over(ExamId id) const;
  void drop_hand(SessionId id, Session& session, bool readings);
  void end_session(SessionId id, Session& session);
  void take_given(const Given& given, const std::vector<Given>& all);
  void check_reader(const Given& given, const Exam& exam, const Session& reader);
  void check_roster(const Given& given, const Exam& exam, PersonId reader);
  void check_order(const Given& given, const std::vector<Given>& all, const Exam& exam,
                   const Session& reader);
  bool has_others(const Exam& exam) const;
  bool came_by_command(ExamId id) const;
  bool surely_eligible(const Exam& exam, const Session& reader) const;
  std::pair<FedTime, FedTime> deadline_of(const Exam& exam) const;
  bool surely_first(const Exam& exam, const Exam& than) const;
  void take_shown(const std::vector<const Shown*>& shown, const std::vector<Given>& given);
  States ready_states() const;
  bool numbered(const Proposal& p, const Answer* seen, Prediction& out);
  // model_hours.cpp: what goes by UTC and by the roster
  /// Nothing: nobody knows how the clocks were corrected.
  std::optional<UtcTime> utc(FedTime at) const;
  void correct_clock(Millis change);
  void take_directory(Directory directory);
  /// When a command changes the hours, what time did before it in its entry went by the old ones.
  struct Hours {
    UtcTime now;
    std::vector<Shift> roster;
  };
  void keep_hours();
  /// Is that so when this entry gives? @param is of a UtcTime and a roster
  template <class Is>
  Sure in_this_entry(const Is& is) const;
  /// On the roster, or nobody is.
  Sure is_on_guard(PersonId reader) const;
  /// Will he have read for so long when his shift ends?
  Sure ends_in_time(PersonId reader, Millis reading) const;
  Sure has_privilege(PersonId reader, Modality modality) const;
  /// For all of what is asked.
  Sure has_privilege(PersonId reader, const Request& asked) const;
  /// How long it is expected to take; nothing: its protocol is not known.
  std::optional<Millis> reading_time(const Exam& exam) const;
  bool is_relaxed(const Exam& exam) const;
  // model_duty.cpp
  void follow_duty();
  void keep_duties(Duties duties);
  Sure in_reach(PersonId person) const;
  Sure is_door_open(SiteId door) const;
  Sure has_duty(PersonId person) const;
  /// What was answered, or was not, tells who has it.
  void has_duty_after_all(PersonId person, bool has);
  Sure is_lost_for_long(const Duty& duty) const;
  /// Are all exams that were open when it was offered in `list`?
  Sure has_seen_all(const Duty& duty, const std::vector<ExamId>& list) const;

  bool sharp_;
  std::vector<Fault>& faults_;
  LogIndex index_;
  FedTime at_;
  Directory directory_;
  bool directory_followed_ = true;  ///< false: a command changed it that is not modelled
  std::optional<Millis> utc_offset_ = Millis{};
  std::optional<Hours> hours_before_;  ///< those of this entry, until its command changed them
  std::map<SessionId, Session> sessions_;
  std::map<ExamId, Exam> exams_;
  std::map<OrderKey, Order> orders_;
  std::map<SiteId, Door> doors_;
  std::set<SiteId> unreachable_;
  std::set<SiteId> reach_unsure_;  ///< of those that were unreachable, what may be back
  std::vector<Duty> duties_{{}};   ///< one of these it is; none: nobody knows
  struct Raises {
    FedTime since, unsure_until;
    std::uint32_t count = 0;
  };
  std::map<std::string, Raises> raises_;    ///< by engine (A1)
  std::map<SiteId, std::uint16_t> closed_;  ///< posts, at most (R4)
  std::multimap<FedTime, ExamId> due_;
  std::set<std::tuple<Urgency, FedTime, ExamId>> waiting_;
  std::vector<ExamId> touched_;
  std::set<ExamId> taken_before_;  ///< given in this entry before its command
  std::size_t by_command_ = 0;     ///< of touched_, from here on: not by time alone
  std::map<PatientKey, std::set<OrderKey>> patients_;  ///< what was sent for each
  std::uint64_t assignments_ = 0, in_order_ = 0, by_deadline_ = 0;
};

}  // namespace vigie::linear
