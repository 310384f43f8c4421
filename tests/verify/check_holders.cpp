// Who held what, and when: three ways to find two holders of one exam.
#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <tuple>

#include "tests/verify/checks.hpp"

namespace vigie::verify {
namespace {

bool is_given(EventKind k) { return k == EventKind::read_offered || k == EventKind::read_accepted; }

bool is_end(EventKind k) {
  switch (k) {
    case EventKind::read_declined:
    case EventKind::offer_expired:
    case EventKind::offer_withdrawn:
    case EventKind::read_released:
    case EventKind::lease_expired:
    case EventKind::report_validated:
    case EventKind::exam_cancelled:
    case EventKind::exam_held:
    case EventKind::read_suspended:
    case EventKind::images_wanted:
    case EventKind::read_taken_over:
    case EventKind::session_ended:
      return true;
    default:
      return false;
  }
}

/// What a holder's client sends when it has let go of what it holds.
bool lets_go(std::string_view command) {
  return command == "release" || command == "detach" || command == "decline_offer" ||
         command == "suspend" || command == "want_images";
}

/// A span of a client's clock in which it showed an exam as its reader's: half-open.
struct Span {
  std::int64_t from, to;
  SessionId session;
  Place place;
};

/// What happened to a session, by the clock of its client.
struct Moment {
  std::int64_t t;
  std::size_t order;  ///< of lines with the same t
  Place place;
  enum class What { given, ended, lease } what;
  ExamId exam;
  LogIndex index;  ///< of the log; 0: none
  std::int64_t until = 0;
};

class Holders {
 public:
  Holders(const History& history, Verdict& verdict) : history_(history), verdict_(verdict) {}

  void run() {
    by_epoch();
    by_order();
    by_clock();
    verdict_.double_assignments += doubled_.size();
  }

 private:
  void find(ExamId exam, const std::string& what) {
    doubled_.insert(exam);
    verdict_.add("double_assignment", "exam " + std::to_string(exam.value) + " " + what);
  }

  /// An epoch is one assignment: of one session.
  void by_epoch() {
    std::map<std::tuple<ExamId, std::uint64_t, std::uint64_t>, const EventLine*> given;
    for (const EventLine& e : history_.events) {
      if (!is_given(e.kind) || !e.whose) continue;
      const auto [first, fresh] =
          given.emplace(std::tuple{e.exam, e.epoch.origin, e.epoch.index}, &e);
      if (!fresh && first->second->whose != e.whose) {
        find(e.exam, "is given to two sessions under one epoch: " +
                         history_.at(first->second->place) + " and " + history_.at(e.place));
      }
    }
    for (const AnswerLine& a : history_.answers) {
      const Invoke& sent = history_.invokes[a.invoke];
      if (a.command != "accept_offer" || a.code != Errc::ok) continue;
      const auto known = given.find({sent.exam, sent.epoch.origin, sent.epoch.index});
      if (known != given.end() && known->second->whose != a.name.session) {
        find(sent.exam,
             "is accepted by a session to which it was not given: " + history_.at(a.place));
      }
    }
  }

  /// In the log's order: whoever signs with success is not signing what another has in hand.
  void by_order() {
    std::map<ExamId, std::vector<const EventLine*>> of;
    for (const EventLine& e : history_.events) {
      if (e.exam && !e.view && (is_given(e.kind) || is_end(e.kind))) of[e.exam].push_back(&e);
    }
    for (auto& [exam, events] : of) {
      std::stable_sort(events.begin(), events.end(),
                       [](const auto* a, const auto* b) { return a->index < b->index; });
    }
    for (const AnswerLine& a : history_.answers) {
      if (a.command != "sign" || a.code != Errc::ok || a.duplicate) continue;
      const Invoke& sent = history_.invokes[a.invoke];
      const EventLine* holder = nullptr;
      for (const EventLine* e : of[sent.exam]) {
        if (e->index >= a.index) break;
        if (e->kind == EventKind::read_accepted) holder = e;
        if (is_end(e->kind)) holder = nullptr;
      }
      if (holder && holder->whose != a.name.session) {
        find(sent.exam, "was signed at " + std::to_string(a.index.value) + " by " +
                            history_.at(a.place) + " while another held it since " +
                            std::to_string(holder->index.value));
      }
    }
  }

  /// By the clock that all clients of a machine share.
  void by_clock() {
    std::map<ExamId, std::vector<Span>> spans;
    for (auto& [session, moments] : moments_of_sessions()) follow(session, moments, spans);
    for (auto& [exam, list] : spans) {
      std::sort(list.begin(), list.end(),
                [](const Span& a, const Span& b) { return a.from < b.from; });
      const Span* longest = nullptr;
      for (const Span& span : list) {
        if (longest && longest->session != span.session && span.from < longest->to) {
          find(exam, "is held by two clients: " + history_.at(longest->place) + " until " +
                         std::to_string(longest->to) + " and " + history_.at(span.place) +
                         " from " + std::to_string(span.from));
        }
        if (!longest || span.to > longest->to) longest = &span;
      }
    }
  }

  std::map<SessionId, std::vector<Moment>> moments_of_sessions() const {
    std::map<SessionId, std::vector<Moment>> all;
    std::map<RequestName, LogIndex> done;
    const auto add = [&all](SessionId session, const auto& line, Moment::What what, ExamId exam,
                            LogIndex index, std::int64_t until = 0) {
      auto& list = all[session];
      list.push_back({line.t, list.size(), line.place, what, exam, index, until});
    };
    for (const LeaseLine& l : history_.leases) {
      add(l.session, l, Moment::What::lease, {}, {}, l.until);
      if (l.code == Errc::superseded) add(l.session, l, Moment::What::ended, {}, {});
    }
    for (const EventLine& e : history_.events) {
      if (e.whose != e.session || !e.session) continue;  // shown of another
      if (e.kind == EventKind::read_accepted) {
        add(e.session, e, Moment::What::given, e.exam, e.index);
      } else if (is_end(e.kind)) {
        add(e.session, e, Moment::What::ended, e.exam, e.index);
      }
    }
    for (const AnswerLine& a : history_.answers) {
      const ExamId exam = history_.invokes[a.invoke].exam;
      if (!is_temporary(a.code)) done[a.name] = a.index;
      if (a.command == "accept_offer" && a.code == Errc::ok) {
        add(a.name.session, a, Moment::What::given, exam, a.index);
      } else if (a.command == "sign" && !is_temporary(a.code) && a.index) {
        add(a.name.session, a, Moment::What::ended, exam, {});
      } else if (a.code == Errc::stale || a.code == Errc::not_holder) {
        add(a.name.session, a, Moment::What::ended, exam, {});
      }
    }
    for (const Invoke& i : history_.invokes) {
      if (lets_go(i.command)) {
        add(i.name.session, i, Moment::What::ended, i.exam, done[i.name]);
      }
    }
    return all;
  }

  /// Cuts a session's life into spans in which it held an exam under a lease.
  void follow(SessionId session, std::vector<Moment>& moments,
              std::map<ExamId, std::vector<Span>>& spans) const {
    std::sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
      return std::tie(a.t, a.place.file, a.place.line) < std::tie(b.t, b.place.file, b.place.line);
    });
    std::map<ExamId, std::pair<std::int64_t, Place>> held;  // since when
    std::map<ExamId, LogIndex> over;  // exam 0: the session. The answer to an accept may be told
                                      // after the event that ended what it began.
    std::int64_t until = std::numeric_limits<std::int64_t>::min();
    const auto close = [&](ExamId exam, std::pair<std::int64_t, Place> since, std::int64_t at) {
      const std::int64_t to = std::min(at, until);
      if (since.first < to) spans[exam].push_back({since.first, to, session, since.second});
    };
    for (const Moment& m : moments) {
      switch (m.what) {
        case Moment::What::lease:
          for (auto& [exam, since] : held) {
            if (m.t < until && until <= m.until) continue;
            close(exam, since, m.t);  // it had run out, or is shorter from here on
            since = {m.t, m.place};
          }
          until = m.until;
          break;
        case Moment::What::given:
          if (m.index < std::max(over[m.exam], over[{}])) break;
          held.try_emplace(m.exam, m.t, m.place);
          break;
        case Moment::What::ended:
          over[m.exam] = std::max(over[m.exam], m.index);
          for (auto it = held.begin(); it != held.end();) {
            if (m.exam && it->first != m.exam) {
              ++it;
              continue;
            }
            close(it->first, it->second, m.t);
            it = held.erase(it);
          }
          break;
      }
    }
    for (const auto& [exam, since] : held) close(exam, since, until);
  }

  const History& history_;
  Verdict& verdict_;
  std::set<ExamId> doubled_;
};

}  // namespace

void check_holders(const History& history, Verdict& verdict) { Holders{history, verdict}.run(); }

}  // namespace vigie::verify
