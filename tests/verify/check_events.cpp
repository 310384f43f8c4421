#include <algorithm>
#include <map>
#include <tuple>

#include "tests/verify/checks.hpp"

namespace vigie::verify {
namespace {

/// The only commands that bring forth such an event; empty: any entry may (deadlines fire in it).
std::vector<std::string_view> makers_of(EventKind kind) {
  switch (kind) {
    case EventKind::request_submitted:
      return {"submit"};
    case EventKind::report_preliminary:
      return {"preliminary", "sign"};  // where something must be read first
    case EventKind::report_validated:
      return {"sign", "settle_late"};
    case EventKind::report_late:
      return {"sign"};
    case EventKind::protocol_assigned:
      return {"accept", "submit"};
    case EventKind::delivery_acked:
      return {"delivery_result"};
    case EventKind::exam_delivered:  // at once where it is owed to nobody, or to its parent
      return {"delivery_result", "sign", "settle_late", "revise_report"};
    case EventKind::report_revised:
      return {"revise_report"};
    case EventKind::protocol_revised:
      return {"revise_protocol"};
    case EventKind::read_suspended:
      return {"suspend"};
    case EventKind::images_wanted:
      return {"want_images"};
    case EventKind::read_taken_over:
      return {"take_over"};
    case EventKind::order_linked:
      return {"link_order"};
    case EventKind::read_asked:
      return {"ask_read", "sign", "settle_late"};  // of who is supervised
    case EventKind::duty_offered:
      return {"offer_duty"};
    case EventKind::exam_handed_over:
      return {"hand_over"};
    case EventKind::ai_received:
      return {"add_finding"};
    case EventKind::site_set:
      return {"set_site"};
    case EventKind::session_attached:
      return {"attach"};
    case EventKind::directory_applied:
      return {"apply_directory", "change_site"};
    case EventKind::read_declined:
      return {"decline_offer"};
    default:
      return {};
  }
}

class Events {
 public:
  Events(const Journals& journals, const History& history, Verdict& verdict)
      : journals_(journals), history_(history), verdict_(verdict) {}

  void run() {
    for (const EventLine& e : history_.events) {
      in_log(e);
      if (!e.view) same_everywhere(e);
    }
    epochs();
  }

 private:
  void differ(std::string_view kind, const EventLine& e, const std::string& what) {
    verdict_.add(kind, history_.at(e.place) + ": " + std::string{name_of(e.kind)} + " at " +
                           std::to_string(e.index.value) + " " + what);
  }

  void in_log(const EventLine& e) {
    const bool reached = std::any_of(journals_.nodes().begin(), journals_.nodes().end(),
                                     [&](const Node& n) { return n.reaches(e.index); });
    if (!reached) return differ("event_differs", e, "is beyond every journal");
    if (const auto at = journals_.at(e.index); at && *at != e.at) {
      differ("event_differs", e, "has another time than the log");
    }
    const Entry* entry = journals_.entry(e.index);
    const auto makers = makers_of(e.kind);
    if (!entry || e.view || makers.empty()) return;
    if (std::find(makers.begin(), makers.end(), entry->command) == makers.end()) {
      differ("event_differs", e, "comes of a " + std::string{entry->command});
    }
    if (e.kind == EventKind::report_validated && entry->exam != e.exam) {
      differ("event_differs", e, "is of another exam than its entry");
    }
  }

  /// Every node derives the same events from the same entry.
  void same_everywhere(const EventLine& e) {
    if (e.kind == EventKind::delivery_owed) return;  // one a recipient, alike but for the door
    const auto [known, fresh] =
        first_.emplace(std::tuple{e.index, e.kind, e.exam, e.exam ? SessionId{} : e.whose,
                                  e.exam ? SiteId{} : e.site},
                       &e);
    if (fresh) return;
    const EventLine& b = *known->second;
    const bool same = e.epoch == b.epoch && e.state == b.state && e.whose == b.whose &&
                      e.by == b.by && e.site == b.site && e.at == b.at;
    if (!same) differ("events_differ", e, "is told otherwise in " + history_.at(b.place));
  }

  /// I10: an exam's epoch never goes back, and is no later than what shows it.
  void epochs() {
    std::map<ExamId, std::vector<const EventLine*>> of;
    for (const EventLine& e : history_.events) {
      if (!e.exam || e.epoch.index == 0 || e.epoch.origin != 0) continue;
      if (e.epoch.index > e.index.value) differ("epoch", e, "has an epoch of later");
      const bool given = e.kind == EventKind::read_offered || e.kind == EventKind::read_accepted;
      if (given) of[e.exam].push_back(&e);
    }
    for (auto& [exam, events] : of) {
      std::stable_sort(events.begin(), events.end(),
                       [](const auto* a, const auto* b) { return a->index < b->index; });
      std::uint64_t epoch = 0;
      for (const EventLine* e : events) {
        if (e->epoch.index < epoch) differ("epoch", *e, "goes back");
        epoch = std::max(epoch, e->epoch.index);
      }
    }
  }

  const Journals& journals_;
  const History& history_;
  Verdict& verdict_;
  std::map<std::tuple<LogIndex, EventKind, ExamId, SessionId, SiteId>, const EventLine*> first_;
};

}  // namespace

void check_events(const Journals& journals, const History& history, Verdict& verdict) {
  Events{journals, history, verdict}.run();
}

}  // namespace vigie::verify
