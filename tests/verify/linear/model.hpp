// The room as the domain's pages and the protocol's words describe it: an independent model that
// replays a log and says what each request must have been answered. It shares no code with the
// room.
//
// Where the words leave a choice (which reader, an offer that nobody saw), the model keeps every
// state that an exam may be in, and what was observed narrows it. Why a request may be refused is a
// set of codes: all guards that fail are reasons, whichever the room looks at first.
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
using States = std::uint16_t;
constexpr States bit(ExamState s) { return static_cast<States>(1u << static_cast<unsigned>(s)); }
template <class... More>
constexpr States bits(More... s) {
  return static_cast<States>((bit(s) | ...));
}

/// An exam was put into a session's hand by the entry at `epoch.index`.
struct Given {
  ExamId exam;
  SessionId session;     ///< 0: not known
  bool certain = false;  ///< shown as an event, or its holder was answered `ok`
  bool at_once = false;  ///< not offered but given
  std::string where;
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
    Role role = Role::none;
    SiteId site, door;  ///< of the post; through which it is reached
    Incarnation incarnation;
    bool alive = false;
    RequestNo last;
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
    States trail = 0;           ///< those it was or may have been in during this entry
    SessionId claimer, holder;  ///< 0: nobody, or not known
    PersonId last_reader;
    std::set<PersonId> held_by, shunned;
    Epoch epoch;
    Urgency urgency = Urgency::p2;
    bool urgency_known = true, images_maybe = false;
    std::optional<Protocol> protocol;
    GroupId group, overflow;
    FedTime claimed_until, offered_at, received, first_image, ready, delivered;
    std::map<ReportId, bool> reports;  ///< true: final
    std::set<std::pair<ReportVersion, std::uint8_t>> acked;
    std::uint16_t finals = 0;
    bool is(ExamState s) const { return may == bit(s); }
  };

  /// @param every_assignment_shown see History.
  Model(bool every_assignment_shown, std::vector<Fault>& faults)
      : sharp_(every_assignment_shown), faults_(faults) {}

  /// Applies the next entry. Faults found are added, with the entry's index.
  Prediction apply(const Committed& entry, const Evidence& seen);

  const Exam* exam(ExamId id) const;
  const std::map<ExamId, Exam>& exams() const { return exams_; }
  /// True if the exam may be in that state now.
  bool may_be(ExamId id, ExamState state) const;
  std::uint64_t assignments() const { return assignments_; }

 private:
  friend struct Commands;  // commands.hpp: what each command wants and does
  void fault(std::string_view kind, std::string what, ExamId exam);
  void restart_offers();
  void fire_deadlines();
  void go(ExamId id, Exam& exam, States to);
  void back_to_queue(ExamId id, Exam& exam);
  void drop_hand(SessionId id, Session& session, bool readings);
  void end_session(SessionId id, Session& session);
  void take_given(const Given& given);
  void check_reader(const Given& given, const Exam& exam, const Session& reader);
  void check_order(const Given& given, const Exam& exam, const Session& reader);
  bool surely_eligible(const Exam& exam, const Session& reader) const;
  void take_shown(const std::vector<const Shown*>& shown, const std::vector<Given>& given);
  States ready_states() const;
  bool numbered(const Proposal& p, Prediction& out);

  bool sharp_;
  std::vector<Fault>& faults_;
  LogIndex index_;
  FedTime at_;
  Directory directory_;
  bool directory_followed_ = true;  ///< false: a command changed it that is not modelled
  std::map<SessionId, Session> sessions_;
  std::map<ExamId, Exam> exams_;
  std::map<OrderKey, ExamId> orders_;
  std::map<SiteId, std::uint64_t> numbers_;  ///< last exam number of each door
  std::set<SiteId> loose_numbers_;           ///< doors that may have used a number nobody saw
  std::set<SiteId> unreachable_;
  std::multimap<FedTime, ExamId> due_;
  std::set<std::tuple<Urgency, FedTime, ExamId>> waiting_;
  std::vector<ExamId> touched_;
  std::uint64_t assignments_ = 0;
};

}  // namespace vigie::linear
