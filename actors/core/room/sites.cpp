// Centres: lost and back, and how they work by the word of their site lead (domain R4).
#include <algorithm>

#include "actors/core/room/context.hpp"

namespace vigie::room {

bool may_steer(const Context& ctx, SiteId site) {
  if (ctx.role == Role::duty_head) return true;
  const Person* person = ctx.directory().person(ctx.by);
  return person && person->site == site;
}

void site_is_back(Context& ctx, SiteId site) {
  if (std::erase(ctx.state.edit_scalars().unreachable, site) == 0) return;
  Event& event = announce(ctx, EventKind::site_reachable);
  event.site = site;
  std::vector<SessionId> waiting;
  for (const auto& [place, view] : ctx.state.free_readers()) {
    if (view->door == site) waiting.push_back(view->session);
  }
  for (SessionId id : waiting) assign_reader(ctx, id);
}

void leave_door(Context& ctx, SiteId door) {
  std::vector<ExamId> unaccepted;
  for (const auto& [id, slot] : ctx.state.sessions().slots()) {
    const Session& s = slot.record;
    if (!s.exam || s.door != door) continue;
    const Exam* exam = ctx.state.exams().find(s.exam);
    if (exam && exam->state == ExamState::offered) unaccepted.push_back(exam->id);
  }
  for (ExamId id : unaccepted) {  // they return at once; what is being read waits for its lease
    Exam& exam = ctx.state.edit_exam(id);
    record(ctx, exam, EventKind::offer_withdrawn, "site").session = exam.reader_session;
    take_from_reader(ctx, exam);
    return_to_waiting(ctx, exam);
  }
  std::vector<ExamId> owed;
  const auto& all = ctx.state.owed();
  for (auto at = all.lower_bound({door, ExamId{}});
       at != all.end() && at->first == door && owed.size() < limits::deadlines_per_entry; ++at) {
    owed.push_back(at->second);
  }
  for (ExamId id : owed) rename_owners(ctx, ctx.state.edit_exam(id), ctx.at, door);
}

Answer on_site_contact(Context& ctx, const SiteContact& command) {
  if (!ctx.directory().site(command.site)) return refuse(Errc::bad_value, "site");
  if (command.reachable) {
    site_is_back(ctx, command.site);
    return {};
  }
  auto& lost = ctx.state.edit_scalars().unreachable;
  if (std::find(lost.begin(), lost.end(), command.site) != lost.end()) return {};
  lost.push_back(command.site);
  std::sort(lost.begin(), lost.end());
  Event& event = announce(ctx, EventKind::site_unreachable);
  event.site = command.site;
  leave_door(ctx, command.site);
  return {};
}

Answer on_set_site(Context& ctx, const SetSite& command) {
  const Site* site = ctx.directory().site(command.site);
  if (!site) return refuse(Errc::bad_value, "site");
  if (!may_steer(ctx, command.site)) return refuse(Errc::unauthorised, "another centre");
  if (!is_reason(command.reason)) return refuse_reason();
  if (command.closed_posts > site->posts) {
    return refuse(Errc::bad_value, "posts: it has " + std::to_string(site->posts));
  }
  auto& all = ctx.state.edit_scalars().site_work;
  std::erase_if(all, [&](const SiteWork& work) { return work.site == command.site; });
  if (command.closed_posts > 0 || command.degraded) {
    all.push_back({command.site, command.closed_posts, command.degraded});
    std::sort(all.begin(), all.end(),
              [](const SiteWork& a, const SiteWork& b) { return a.site < b.site; });
  }
  announce(ctx, EventKind::site_set, command.reason).site = command.site;
  return {};
}

Answer on_set_away(Context& ctx, const SetAway& command) {
  const Session* found = ctx.state.session_of(command.reader, Role::reader);
  if (!found || !found->live) return refuse(Errc::not_found, "he is not at his post");
  if (!may_steer(ctx, found->site)) return refuse(Errc::unauthorised, "another centre");
  if (!is_reason(command.reason)) return refuse_reason();
  const Exam* given = ctx.state.exams().find(found->exam);
  // A reader is not interrupted (F7); who left while he read is taken over, or his lease ends.
  if (given && is_held(given->state)) return refuse(Errc::busy_reader, "he reads");
  Session& session = ctx.state.edit_session(found->id);
  session.mode = ReaderMode::away;
  session.accept = AcceptMode::manual;
  announce(ctx, EventKind::reader_changed, command.reason).session = session.id;
  ctx.state.reindex(session);
  if (given) {  // an offer
    Exam& exam = ctx.state.edit_exam(given->id);
    record(ctx, exam, EventKind::offer_withdrawn, "away").session = session.id;
    take_from_reader(ctx, exam);
    return_to_waiting(ctx, exam);
  }
  return_set_aside(ctx, session.id);
  return {};
}

}  // namespace vigie::room
