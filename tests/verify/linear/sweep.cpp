// The sweep by log index: answers against entries, real time against indexes, and one replay.
#include <algorithm>
#include <unordered_map>

#include "tests/verify/linear/model.hpp"

namespace vigie::linear {
namespace {

/// What the log has of one request: entries in order, and what the model said of each.
struct Request {
  const Operation* operation = nullptr;
  std::vector<LogIndex> entries;
  std::map<LogIndex, Prediction> predictions;
  const Answer* first = nullptr;  ///< the last word that is not a repetition, if it was told
};

bool is_last_word(const Answer& a) { return !is_temporary(a.code); }

class Sweep {
 public:
  explicit Sweep(const History& history) : history_(history) {}

  Findings run() {
    find_.operations = history_.operations.size();
    for (const Operation& o : history_.operations) {
      const bool told = std::any_of(o.replies.begin(), o.replies.end(),
                                    [](const Reply& r) { return is_last_word(r.answer); });
      find_.unknown += told ? 0 : 1;
    }
    if (!is_whole()) return find_;
    read_requests();
    read_answers();
    read_assignments();
    for (const Shown& s : history_.shown) shown_[s.event.index].push_back(&s);
    for (const Read& r : history_.reads) reads_[r.as_of].push_back(&r);
    real_time();
    replay();
    for (const Operation& o : history_.operations) answers(o);
    find_.assignments = model_.assignments();
    find_.in_order = model_.in_order();
    find_.by_deadline = model_.by_deadline();
    return std::move(find_);
  }

 private:
  void fault(std::string_view kind, std::string what, const Operation& o, LogIndex index) {
    ExamId exam = o.said.exam;
    for (const Reply& r : o.replies) {
      if (!exam) exam = r.answer.exam;
    }
    find_.faults.push_back({std::string{kind}, std::move(what), o.where, index, exam});
  }

  bool is_whole() {
    if (history_.log.empty() || history_.log.front().index.value != 1) return false;
    for (std::size_t i = 0; i < history_.log.size(); ++i) {
      if (history_.log[i].index.value == i + 1) continue;
      find_.faults.push_back({"history", "the log is not consecutive", {}, {i + 1}, {}});
      return false;
    }
    return true;
  }
  const Committed* entry(LogIndex i) const {
    return i.value == 0 || i.value > history_.log.size() ? nullptr : &history_.log[i.value - 1];
  }

  std::string at(const Committed& c) const {
    const auto found = requests_.find(name_of(*c.proposal));
    return found == requests_.end() ? "entry " + std::to_string(c.index.value)
                                    : found->second.operation->where;
  }

  static RequestName name_of(const Proposal& p) {
    if (const auto* attach = std::get_if<Attach>(&p.command)) {
      return {attach->session, attach->incarnation, {}};
    }
    return {p.session, p.incarnation, p.request};
  }

  void read_requests() {
    for (const Operation& o : history_.operations) requests_[o.name].operation = &o;
    for (const Committed& c : history_.log) {
      if (!c.proposal ||
          !(c.proposal->session || std::holds_alternative<Attach>(c.proposal->command)))
        continue;
      const auto found = requests_.find(name_of(*c.proposal));
      if (found != requests_.end()) found->second.entries.push_back(c.index);
    }
  }

  /// Which answer belongs to which entry. A repetition names the entry of the first.
  void read_answers() {
    for (const Operation& o : history_.operations) {
      for (const Reply& r : o.replies) {
        const Answer& a = r.answer;
        if (r.t < o.invoked) fault("history", "answered before it was asked", o, a.index);
        if (!is_last_word(a) && a.code != Errc::retry_from) continue;
        const Committed* at = entry(a.index);
        const bool here = at && at->proposal && name_of(*at->proposal) == o.name;
        if (here) {
          const Answer*& known = answer_at_[a.index];
          if (!known || known->duplicate) known = &a;
        }
      }
    }
  }

  /// Who was given what by which entry: events, else whoever named that epoch.
  void read_assignments() {
    std::map<std::pair<LogIndex, ExamId>, Given> given;
    const auto add = [&](LogIndex index, Given g) {
      const auto [at, fresh] = given.try_emplace({index, g.exam}, g);
      if (fresh) return;
      Given& known = at->second;
      known.at_once |= g.at_once;
      known.back |= g.back;
      if (g.certain && known.certain && g.session && known.session && g.session != known.session) {
        find_.faults.push_back({"two_holders",
                                "given to two sessions by one entry, see also " + known.where,
                                g.where, index, g.exam});
      }
      if ((g.certain && !known.certain) || !known.session) known.session = g.session;
      known.certain |= g.certain;
    };
    for (const Shown& s : history_.shown) {
      const Event& e = s.event;
      const bool accepted = e.kind == EventKind::read_accepted;
      if (s.view || (!accepted && e.kind != EventKind::read_offered)) continue;
      if (accepted && e.epoch.origin == 0 && e.epoch.index < e.index.value) {
        if (!history_.every_assignment_shown && entry({e.epoch.index})) {
          add(LogIndex{e.epoch.index}, Given{e.exam, e.session, true, false, s.where});
        }
        continue;
      }  // else: accepted by the entry that gave it
      if (e.epoch != Epoch{0, e.index.value}) {
        find_.faults.push_back({"wrong_event", "given under an epoch that is not its index",
                                s.where, e.index, e.exam});
        continue;
      }
      const bool back = accepted && e.text == "resumed";
      add(e.index, Given{e.exam, e.session, true, accepted, s.where, back});
    }
    if (!history_.every_assignment_shown) claims(add);
    for (auto& [place, g] : given) given_[place.first].push_back(g);
  }

  /// Nobody can name an epoch that he was not given.
  template <class Add>
  void claims(const Add& add) {
    for (const Committed& c : history_.log) {
      if (!c.proposal || !c.proposal->session) continue;
      const Said said = said_by(c.proposal->command);
      if (said.epoch.origin != 0 || said.epoch.index == 0 || said.epoch.index >= c.index.value) {
        continue;
      }
      const auto answer = answer_at_.find(c.index);
      const bool ok = answer != answer_at_.end() && answer->second->code == Errc::ok;
      if (answer != answer_at_.end() && !ok) continue;
      if (!entry({said.epoch.index})) continue;
      add(LogIndex{said.epoch.index}, Given{said.exam, c.proposal->session, ok, false, at(c)});
    }
  }

  /// The highest index that was known to anybody at a time: nothing asked later may be before it.
  void real_time() {
    struct Moment {
      std::int64_t t;
      bool asks;  ///< at one time, what was told counts as after what was asked
      std::size_t which;
      bool read;
      LogIndex told;
    };
    std::vector<Moment> moments;
    for (std::size_t i = 0; i < history_.operations.size(); ++i) {
      const Operation& o = history_.operations[i];
      moments.push_back({o.invoked, true, i, false, {}});
      for (const Reply& r : o.replies) {
        if (r.answer.index) moments.push_back({r.t, false, i, false, r.answer.index});
      }
    }
    for (std::size_t i = 0; i < history_.reads.size(); ++i) {
      const Read& r = history_.reads[i];
      moments.push_back({r.invoked, true, i, true, {}});
      moments.push_back({r.completed, false, i, true, r.linearizable ? r.as_of : LogIndex{}});
    }
    std::stable_sort(moments.begin(), moments.end(), [](const Moment& a, const Moment& b) {
      return a.t != b.t ? a.t < b.t : a.asks > b.asks;
    });
    LogIndex known;
    for (const Moment& m : moments) {
      if (!m.asks) {
        known = std::max(known, m.told);
      } else if (m.read) {
        fresh(history_.reads[m.which], known);
      } else {
        after(history_.operations[m.which], known);
      }
    }
  }

  void after(const Operation& o, LogIndex known) {
    for (const LogIndex i : requests_[o.name].entries) {
      if (i > known) continue;
      return fault("reorder",
                   "applied at " + std::to_string(i.value) + ", and asked when " +
                       std::to_string(known.value) + " had been answered",
                   o, i);
    }
  }

  void fresh(const Read& r, LogIndex known) {
    ++find_.reads;
    const LogIndex least = r.linearizable ? std::max(known, r.seen) : r.seen;
    if (r.completed < r.invoked) stale(r, "completed before it was asked", {});
    if (r.as_of < least) {
      stale(r,
            "as of " + std::to_string(r.as_of.value) + ", and " + std::to_string(least.value) +
                " had been answered",
            {});
    }
  }
  void stale(const Read& r, std::string what, ExamId exam) {
    find_.faults.push_back({"stale_read", std::move(what), r.where, r.as_of, exam});
  }

  void replay() {
    for (const Committed& c : history_.log) {
      Evidence seen;
      if (const auto a = answer_at_.find(c.index); a != answer_at_.end()) seen.answer = a->second;
      if (const auto g = given_.find(c.index); g != given_.end()) seen.given = g->second;
      if (const auto s = shown_.find(c.index); s != shown_.end()) seen.shown = s->second;
      find_.events += seen.shown.size();
      const std::size_t before = find_.faults.size();
      const Prediction said = model_.apply(c, seen);
      if (c.proposal) keep(c, said, before);
      if (const auto r = reads_.find(c.index); r != reads_.end()) {
        for (const Read* read : r->second) shows(*read);
      }
    }
    for (const auto& [index, list] : reads_) {
      if (index.value > history_.log.size()) stale(*list.front(), "of an index beyond the log", {});
    }
    for (const auto& [index, list] : shown_) {
      if (entry(index)) continue;
      find_.faults.push_back({"wrong_event", "shown of an index beyond the log",
                              list.front()->where, index, list.front()->event.exam});
    }
  }

  void keep(const Committed& c, const Prediction& said, std::size_t faults_before) {
    const auto found = requests_.find(name_of(*c.proposal));
    if (found == requests_.end()) return;
    found->second.predictions[c.index] = said;
    for (std::size_t i = faults_before; i < find_.faults.size(); ++i) {
      if (find_.faults[i].where.empty()) find_.faults[i].where = found->second.operation->where;
    }
  }

  void shows(const Read& r) {
    for (const Read::Seen& one : r.exams) {
      if (!model_.may_be(one.exam, one.state)) {
        stale(r,
              "shows " + std::string{vigie::name_of(one.state)} + ", which it was not at " +
                  std::to_string(r.as_of.value),
              one.exam);
      }
    }
    if (!r.all) return;
    constexpr States over = bits(ExamState::closed, ExamState::refused, ExamState::cancelled);
    for (const auto& [id, exam] : model_.exams()) {
      const bool listed = std::any_of(r.exams.begin(), r.exams.end(),
                                      [id = id](const auto& one) { return one.exam == id; });
      if (!listed && (exam.may & over) == 0) stale(r, "leaves out an open exam", id);
    }
  }

  /// Every last word of an operation: is it where it says, what was predicted, and always the same?
  void answers(const Operation& o) {
    const Request& q = requests_[o.name];
    const Answer* first = nullptr;
    bool judged = false, unsaid = false;
    for (const Reply& r : o.replies) {
      const Answer& a = r.answer;
      if (!is_last_word(a)) continue;
      judge(o, q, a, judged, unsaid);
      if (!a.index || moved_on(a.code)) continue;
      if (first) same(o, *first, a);
      if (!first) first = &a;
    }
    if (judged) ++find_.swept;
    if (unsaid && !judged) ++find_.unpredicted;
    effects(o, q);
  }

  /// Not the answer to the request itself, but why there is none any more.
  static bool moved_on(Errc code) {
    return code == Errc::old_request || code == Errc::superseded || code == Errc::no_session ||
           code == Errc::request_reused;
  }

  void judge(const Operation& o, const Request& q, const Answer& a, bool& judged, bool& unsaid) {
    if (!a.index) {  // refused by the door, before the log
      unsaid = true;
      if (a.code == Errc::ok) fault("lost_ack", "answered ok, and nowhere in the log", o, {});
      return;
    }
    const Committed* at = entry(a.index);
    const bool here = at && at->proposal && name_of(*at->proposal) == o.name;
    if (here) {
      const Prediction& said = q.predictions.at(a.index);
      if (a.code != Errc::request_reused)
        content(o, *at);  // else it answers the number's other use
      if (said.predicted || said.duplicate_of) judged = true;
      if (!said.predicted) unsaid = true;
      if (said.duplicate_of && !a.duplicate) {
        fault("double_effect",
              "answered as if done at " + std::to_string(a.index.value) +
                  ", and it had been done at " + std::to_string(said.duplicate_of.value),
              o, a.index);
      }
      return;
    }
    if (a.duplicate && o.said.command == "submit") return older(o, at, judged);
    if (a.duplicate) {
      return fault("wrong_duplicate",
                   "names index " + std::to_string(a.index.value) + ", which is another's", o,
                   a.index);
    }
    const bool ok = a.code == Errc::ok;
    fault(ok ? "lost_ack" : "wrong_answer",
          "answered " + std::string{errc_name(a.code)} + ", and index " +
              std::to_string(a.index.value) + (at ? " is another entry" : " is beyond the log"),
          o, a.index);
  }

  /// The order had come before, in another request: that one is named.
  void older(const Operation& o, const Committed* at, bool& judged) {
    judged = true;
    const Submit* submit =
        at && at->proposal ? std::get_if<Submit>(&at->proposal->command) : nullptr;
    const auto is = [&](const vigie::Request& r) {
      return std::find(o.said.orders.begin(), o.said.orders.end(), r.key) != o.said.orders.end();
    };
    if (submit && std::any_of(submit->requests.begin(), submit->requests.end(), is)) return;
    const LinkOrder* link =
        at && at->proposal ? std::get_if<LinkOrder>(&at->proposal->command) : nullptr;
    const auto& orders = o.said.orders;
    if (link && std::find(orders.begin(), orders.end(), link->key) != orders.end()) return;
    fault("wrong_duplicate", "names an index where its order is not", o,
          at ? at->index : LogIndex{});
  }

  void content(const Operation& o, const Committed& at) {
    if (said_by(at.proposal->command) == o.said) return;
    fault("lost_ack", "the entry at its index says something else", o, at.index);
  }

  void same(const Operation& o, const Answer& first, const Answer& again) {
    if (o.said.command == "attach") return;  // names what the session has in hand by then
    const bool equal = first.code == again.code && first.index == again.index &&
                       first.exam == again.exam && first.exams == again.exams &&
                       first.epoch == again.epoch;
    if (equal) return;
    const bool twice = first.index != again.index && !again.duplicate && again.code == Errc::ok;
    fault(twice ? "double_effect" : "wrong_duplicate",
          "answered " + std::string{errc_name(first.code)} + " at " +
              std::to_string(first.index.value) + ", then " + std::string{errc_name(again.code)} +
              " at " + std::to_string(again.index.value),
          o, again.index);
  }

  /// Skipped numbers tell what comes next.
  void effects(const Operation& o, const Request& q) {
    for (const Reply& r : o.replies) {
      if (r.answer.code != Errc::retry_from || !r.answer.index) continue;
      const auto said = q.predictions.find(r.answer.index);
      if (said == q.predictions.end() || !said->second.next) continue;
      if (said->second.next != r.answer.next) {
        fault("wrong_answer",
              "told to go on from " + std::to_string(r.answer.next.value) + ", and it is " +
                  std::to_string(said->second.next.value),
              o, r.answer.index);
      }
    }
  }

  const History& history_;
  Findings find_;
  Model model_{history_.every_assignment_shown, find_.faults};
  std::map<RequestName, Request> requests_;
  std::map<LogIndex, const Answer*> answer_at_;
  std::map<LogIndex, std::vector<Given>> given_;
  std::map<LogIndex, std::vector<const Shown*>> shown_;
  std::map<LogIndex, std::vector<const Read*>> reads_;
};

}  // namespace

Findings sweep(const History& history) { return Sweep{history}.run(); }

}  // namespace vigie::linear
