// The log-free cross-check: for each exam, is there an order of the clients' operations that
// respects real time and explains every answer? Wing and Gong's search with Lowe's memory of (what
// is ordered, state), iterative. The exam's sequential specification is exam_spec.hpp.
#include <algorithm>
#include <bit>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "tests/verify/linear/exam_spec.hpp"

namespace vigie::linear {
namespace {

/// States looked at for one exam; beyond it the exam counts as not searched.
constexpr std::size_t states_max = 200'000;

using Group = std::vector<Step>;

/// Sorts operations and reads by the exam they are about: by order key where one is known, so that
/// an order that became two exams is seen as one.
class Groups {
 public:
  explicit Groups(const History& history) {
    for (const Operation& o : history.operations) names(o);
    for (const Operation& o : history.operations) alive(o);
    for (const Committed& c : history.log) sits(c);
    for (const Operation& o : history.operations) sits(o);
    for (const Operation& o : history.operations) take(o);
    for (const Read& r : history.reads) {
      if (r.linearizable) take(r);
    }
    for (const Committed& c : history.log) ends_unseen(c);
    for (auto& [key, group] : groups_) {
      for (Step& step : group) {
        step.session_ended_after = last_ok_[{step.session, step.incarnation}];
        step.pair = pair_of(step.session);
      }
    }
  }
  std::map<OrderKey, Group>& all() { return groups_; }
  /// What is joined to another by LinkOrder ends so, and what is read once more with its parent.
  bool may_end_unseen(const OrderKey& key) const { return joins_ || ended_unseen_.contains(key); }
  /// Its number changed on the way: what is said of it is under two.
  bool is_linked(const Group& group) const {
    return std::any_of(group.begin(), group.end(),
                       [&](const Step& step) { return linked_.contains(step.exam); });
  }

 private:
  static const Answer* last_word(const Operation& o, std::int64_t& t) {
    for (const Reply& r : o.replies) {
      if (!is_temporary(r.answer.code)) return t = r.t, &r.answer;
    }
    return nullptr;
  }
  static ExamId exam_at(const Answer& a, std::size_t place) {
    if (place < a.exams.size()) return a.exams[place];
    return place == 0 ? a.exam : ExamId{};
  }
  void names(const Operation& o) {
    asked_.insert(o.name);
    std::int64_t t = 0;
    const Answer* a = last_word(o, t);
    const bool took = !a || a->code == Errc::ok;
    if (took && o.said.command == "link_order") linked_.insert(o.said.exam), joins_ = true;
    if (a && took && o.said.command == "ask_read") ended_unseen_.insert(key_of(a->exam));
    if (!a || a->code != Errc::ok || o.said.command != "submit") return;
    for (std::size_t i = 0; i < o.said.orders.size(); ++i) {
      key_of_.emplace(exam_at(*a, i), o.said.orders[i]);
    }
  }
  void alive(const Operation& o) {
    std::int64_t t = 0;
    const Answer* a = last_word(o, t);
    if (!a || a->code != Errc::ok || a->duplicate) return;
    auto& last = last_ok_[{o.name.session, o.name.incarnation}];
    last = std::max(last, o.invoked);
  }
  /// An exam without a known order has one of its own, that no hospital can have.
  OrderKey key_of(ExamId exam) {
    const auto known = key_of_.find(exam);
    return known != key_of_.end() ? known->second : OrderKey{{}, {}, std::to_string(exam.value)};
  }
  void take(const Operation& o) {
    Step step;
    step.what = o.said.command;
    step.where = o.where;
    step.session = o.name.session;
    step.incarnation = o.name.incarnation;
    step.epoch = o.said.epoch;
    step.report = o.said.report;
    step.invoked = o.invoked;
    step.completed = std::numeric_limits<std::int64_t>::max();
    if (const Answer* a = last_word(o, step.completed)) {
      step.answered = true;
      step.code = a->code;
      step.index = a->index;
      step.duplicate = a->duplicate;
      step.exam = o.said.exam ? o.said.exam : a->exam;
      if (!says_something(step)) return;
    }
    if (step.what == "amend" || step.what == "attach") return;
    if (!o.said.exam && o.said.orders.empty()) return;
    if (o.said.exam) {
      step.exam = o.said.exam;
      groups_[key_of(o.said.exam)].push_back(step);
      return;
    }
    for (std::size_t i = 0; i < o.said.orders.size(); ++i) {
      const Answer* a = last_word(o, step.completed);
      step.exam = a ? exam_at(*a, i) : ExamId{};
      groups_[o.said.orders[i]].push_back(step);
    }
  }
  /// A feed, or a client whose history is not here, cancelled or refused it: all that is taken from
  /// a log, and only to accept more.
  void ends_unseen(const Committed& c) {
    if (!c.proposal) return;
    const Said said = said_by(c.proposal->command);
    const bool ends = said.command == "cancel" || said.command == "refuse" ||
                      said.command == "answer_cancel" || said.command == "hand_over";
    if (!ends) return;
    const Proposal& p = *c.proposal;
    if (asked_.contains({p.session, p.incarnation, p.request})) return;
    ended_unseen_.insert(said.exam ? key_of(said.exam) : said.orders.front());
  }
  /// Where regulators and their assistants ever sat: taken from a log too, to accept more.
  void sits(const Committed& c) {
    const Attach* attach = c.proposal ? std::get_if<Attach>(&c.proposal->command) : nullptr;
    if (!attach || (attach->role != Role::regulator && attach->role != Role::assistant)) return;
    Seat& seat = seats_[attach->session];
    if (attach->site) seat.sites.insert(attach->site);
    if (!attach->post.empty()) seat.posts.insert(attach->post);
  }
  /// Who was answered with an older session of his sits there.
  void sits(const Operation& o) {
    const auto asked = seats_.find(o.name.session);
    std::int64_t t = 0;
    const Answer* a = last_word(o, t);
    if (o.said.command != "attach" || asked == seats_.end() || !a || !a->session) return;
    const Seat seat = asked->second;
    seats_[a->session].sites.insert(seat.sites.begin(), seat.sites.end());
    seats_[a->session].posts.insert(seat.posts.begin(), seat.posts.end());
  }
  std::set<SessionId> pair_of(SessionId session) const {
    std::set<SessionId> pair;
    const auto own = seats_.find(session);
    if (own == seats_.end()) return pair;
    const auto meet = [](const auto& a, const auto& b) {
      return std::any_of(a.begin(), a.end(), [&](const auto& one) { return b.contains(one); });
    };
    for (const auto& [other, seat] : seats_) {
      const bool one_unit =
          meet(own->second.sites, seat.sites) && meet(own->second.posts, seat.posts);
      if (other != session && one_unit) pair.insert(other);
    }
    return pair;
  }
  void take(const Read& r) {
    for (const Read::Seen& seen : r.exams) {
      Step step;
      step.what = "read";
      step.where = r.where;
      step.answered = true;
      step.shown = seen.state;
      step.exam = seen.exam;
      step.index = r.as_of;
      step.invoked = r.invoked;
      step.completed = r.completed;
      groups_[key_of(seen.exam)].push_back(step);
    }
  }

  struct Seat {
    std::set<SiteId> sites;
    std::set<std::string> posts;
  };
  std::map<SessionId, Seat> seats_;
  std::set<RequestName> asked_;
  std::set<OrderKey> ended_unseen_;
  std::set<ExamId> linked_;
  bool joins_ = false;
  std::map<ExamId, OrderKey> key_of_;
  std::map<OrderKey, Group> groups_;
  std::map<std::pair<SessionId, Incarnation>, std::int64_t> last_ok_;
};

class Search {
 public:
  Search(Group& steps, bool may_end_unseen) : steps_(steps), spec_(steps, may_end_unseen) {
    std::sort(steps_.begin(), steps_.end(),
              [](const Step& a, const Step& b) { return a.invoked < b.invoked; });
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (steps_[i].answered) wanted_ |= std::uint64_t{1} << i;
    }
  }

  enum class Verdict { explained, impossible, given_up };

  Verdict run() {
    std::vector<Node> stack{{0, spec_.start()}};
    std::set<Node> known{stack.back()};
    while (!stack.empty()) {
      const Node node = stack.back();
      stack.pop_back();
      if ((node.done & wanted_) == wanted_) return Verdict::explained;
      if (known.size() > states_max) return Verdict::given_up;
      for (const std::size_t i : candidates(node.done)) extend(node, i, known, stack);
    }
    return Verdict::impossible;
  }

  /// The operation that the longest order could not take, and why.
  const Step& stuck() const { return steps_[stuck_]; }
  const Refused& why() const { return why_; }

 private:
  struct Node {
    std::uint64_t done;
    ExamSpec::State state;
    auto operator<=>(const Node&) const = default;
  };

  /// Those that may come next: nothing that is left was answered before they were asked.
  std::vector<std::size_t> candidates(std::uint64_t done) const {
    std::int64_t first = std::numeric_limits<std::int64_t>::max();
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if ((done >> i & 1) == 0) first = std::min(first, steps_[i].completed);
    }
    std::vector<std::size_t> out;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if ((done >> i & 1) == 0 && steps_[i].invoked <= first) out.push_back(i);
    }
    return out;
  }

  void extend(const Node& node, std::size_t i, std::set<Node>& known, std::vector<Node>& stack) {
    Refused why;
    const auto states =
        spec_.apply(node.state, steps_[i], left(node.done | std::uint64_t{1} << i), why);
    for (const auto& state : states) {
      const Node after{node.done | std::uint64_t{1} << i, state};
      if (known.insert(after).second) stack.push_back(after);
    }
    const int depth = std::popcount(node.done & wanted_);
    // Of those that were stuck at the greatest depth, the one that was answered first.
    const bool earlier =
        depth > depth_ || (depth == depth_ && steps_[i].completed < steps_[stuck_].completed);
    if (!states.empty() || !steps_[i].answered || !earlier) return;
    depth_ = depth;
    stuck_ = i;
    why_ = why;
  }

  /// Sessions that are known to act on this exam later: they had not ended.
  std::set<ExamSpec::Attached> left(std::uint64_t done) const {
    std::set<ExamSpec::Attached> out;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      const Step& s = steps_[i];
      if ((done >> i & 1) == 0 && s.answered && s.code == Errc::ok && s.epoch.index != 0) {
        out.insert({s.session, s.incarnation});
      }
    }
    return out;
  }

  Group& steps_;
  ExamSpec spec_;
  std::uint64_t wanted_ = 0;
  int depth_ = -1;
  std::size_t stuck_ = 0;
  Refused why_;
};

}  // namespace

Findings search(const History& history, std::size_t operations_max) {
  Findings find;
  Groups groups{history};
  for (auto& [key, steps] : groups.all()) {
    if (steps.size() > std::min<std::size_t>(operations_max, 64) || groups.is_linked(steps)) {
      find.unsearched += steps.size();
      continue;
    }
    Search one{steps, groups.may_end_unseen(key)};
    const auto verdict = one.run();
    if (verdict == Search::Verdict::given_up) {
      find.unsearched += steps.size();
      continue;
    }
    ++find.exams_searched;
    find.searched += steps.size();
    if (verdict == Search::Verdict::explained) continue;
    const Step& s = one.stuck();
    find.faults.push_back({std::string{one.why().kind},
                           "no order of what was done with the exam explains that " +
                               std::string{s.what} + " was answered " +
                               std::string{errc_name(s.code)} + ": " + one.why().what,
                           s.where, s.index, s.exam});
  }
  return find;
}

void Findings::add(const Findings& other) {
  faults.insert(faults.end(), other.faults.begin(), other.faults.end());
  swept += other.swept;
  unpredicted += other.unpredicted;
  reads += other.reads;
  events += other.events;
  assignments += other.assignments;
  in_order += other.in_order;
  by_deadline += other.by_deadline;
  searched += other.searched;
  unsearched += other.unsearched;
  exams_searched += other.exams_searched;
}

Findings judge(const History& history) {
  Findings find = sweep(history);
  find.add(search(history));
  return find;
}

}  // namespace vigie::linear
