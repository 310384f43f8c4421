// Sessions belong to the federation: opened and taken over from any centre, ended by the log alone
// (design D7, D8).
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

/// Roles of which a person has one session at a time: a new login takes the old one over.
bool one_at_a_time(Role role) {
  return role == Role::reader || role == Role::regulator || role == Role::assistant ||
         role == Role::duty_head || role == Role::site_lead;
}

/// Whose session this key may open.
Result<PersonId> person_for(const Context& ctx, const Attach& command) {
  const Key* key = ctx.directory().key(ctx.proposal.key);
  if (!key || key->revoked) return Error{Errc::unknown_key, {}};
  const Person* owner = ctx.directory().person(key->person);
  if (!owner) return Error{Errc::unauthorised, "a node's key opens no session"};
  const PersonId wanted = command.person ? command.person : owner->id;
  const Person* person = ctx.directory().person(wanted);
  if (!person) return Error{Errc::unknown_person, {}};
  if (wanted != owner->id && !(key->concentrator && owner->site == person->site)) {
    return Error{Errc::unauthorised, "the key is another person's"};
  }
  if (command.role == Role::none || command.role == Role::node ||
      !person->roles.contains(command.role)) {
    return Error{Errc::unauthorised, "role not held"};
  }
  return wanted;
}

bool has_free_post(const Context& ctx, SiteId site, SessionId own) {
  const Site* found = ctx.directory().site(site);
  if (!found) return false;
  std::size_t taken = 0;
  for (const auto& [id, slot] : ctx.state.sessions().slots()) {
    const Session& s = slot.record;
    if (s.live && s.role == Role::reader && s.site == site && id != own) ++taken;
  }
  const std::size_t closed = ctx.state.work_of(site).closed_posts;
  return taken + closed < found->posts;
}

/// Where a centre's posts have names, a reader sits at one of them, and nobody else does (R7).
Answer take_post(const Context& ctx, SiteId site, const std::string& post, SessionId own) {
  const Site* found = ctx.directory().site(site);
  if (!found || found->enrolled.empty()) return {};
  const auto& enrolled = found->enrolled;
  if (std::ranges::find(enrolled, post, &Post::name) == enrolled.end()) {
    return refuse(Errc::unauthorised, "post: not one of " + found->name);
  }
  for (const auto& [id, slot] : ctx.state.sessions().slots()) {
    const Session& s = slot.record;
    const bool sits_there = s.live && s.role == Role::reader && s.site == site && s.post == post;
    if (sits_there && id != own) return refuse(Errc::site_full, "post: in use");
  }
  return {};
}

/// Room for one more: the oldest ended session is forgotten.
bool make_room(Context& ctx) {
  const auto& sessions = ctx.state.sessions();
  if (sessions.size() < limits::sessions_count) return true;
  const Session* oldest = nullptr;
  for (const auto& [id, slot] : sessions.slots()) {
    const Session& s = slot.record;
    if (!s.live && (!oldest || s.ended_at < oldest->ended_at)) oldest = &s;
  }
  if (!oldest) return false;
  ctx.state.erase_session(oldest->id);
  return true;
}

Answer attached(const Session& session, bool duplicate) {
  Answer answer;
  answer.session = session.id;
  answer.incarnation = session.incarnation;
  answer.exam = session.exam;
  answer.next = next(session.last_request);
  answer.duplicate = duplicate;
  return answer;
}

Answer open_session(Context& ctx, const Attach& command, PersonId person) {
  if (command.incarnation.value != 1) return refuse(Errc::no_session);
  if (!make_room(ctx)) return refuse(Errc::limit_reached, "sessions");
  Session session;
  session.id = command.session;
  session.incarnation = command.incarnation;
  session.live = true;
  session.key = ctx.proposal.key;
  session.person = person;
  session.role = command.role;
  session.site = command.site;
  session.door = ctx.proposal.door;
  session.post = command.post;
  session.accept = command.accept;
  session.mode = command.accept == AcceptMode::automatic ? ReaderMode::free : ReaderMode::off;
  session.idle_since = session.shift_start = ctx.at;
  return attached(ctx.state.insert_session(std::move(session)), false);
}

Answer take_over(Context& ctx, const Attach& command, SessionId id) {
  Session& session = ctx.state.edit_session(id);
  session.incarnation = next(session.incarnation);
  // Of another login: one is left out, so that the console that was taken over, which does not know
  // and asks for the next, is not taken for this one.
  if (id != command.session) session.incarnation = next(session.incarnation);
  session.key = ctx.proposal.key;
  session.door = ctx.proposal.door;
  session.last_request = {};
  session.answers.clear();
  if (command.site) session.site = command.site;
  if (!command.post.empty()) session.post = command.post;
  if (!session.live) {
    session.live = true;
    session.accept = command.accept;
    session.mode = command.accept == AcceptMode::automatic ? ReaderMode::free : ReaderMode::off;
    session.idle_since = session.shift_start = ctx.at;
    session.units = 0;
  }
  return attached(session, false);
}

/// T14: its reader is gone; his report stays welcome.
void lose(Context& ctx, Exam& exam, EventKind why) {
  const bool offered = exam.state == ExamState::offered;
  record(ctx, exam, offered ? EventKind::offer_withdrawn : why, "session").session =
      exam.reader_session;
  leave_hand(ctx, exam);
  const bool call = why == EventKind::lease_expired && exam.urgency <= Urgency::p1;
  if (call && !offered) open_task(ctx, exam, TaskKind::call_reader, ctx.rules().task);
  return_to_waiting(ctx, exam);
}

void end_session(Context& ctx, SessionId id, EventKind why) {
  release_claims(ctx, id);
  Session& session = ctx.state.edit_session(id);
  session.live = false;
  session.mode = ReaderMode::off;
  session.ended_at = ctx.at;
  const ExamId in_hand = session.exam, set_aside = session.suspended;
  ctx.state.reindex(session);
  for (const ExamId mine : {in_hand, set_aside}) {
    if (mine) lose(ctx, ctx.state.edit_exam(mine), why);
  }
  Event& event = announce(ctx, EventKind::session_ended);
  event.session = id;
}

}  // namespace

Answer on_attach(Context& ctx, const Attach& command) {
  const auto person = person_for(ctx, command);
  if (!person) return refuse(person.error().code, person.error().what);
  if (!command.session || !command.incarnation || command.post.size() > limits::name_bytes) {
    return refuse(Errc::bad_value, "session and incarnation start at 1");
  }
  const Session* known = ctx.state.sessions().find(command.session);
  if (!known && one_at_a_time(command.role)) known = ctx.state.session_of(*person, command.role);
  if (known) {
    if (known->person != *person || known->role != command.role) return refuse(Errc::unauthorised);
    const bool same = known->id == command.session;
    if (same && known->live && known->incarnation == command.incarnation &&
        known->key == ctx.proposal.key && known->door == ctx.proposal.door) {
      return attached(*known, true);
    }
    if (same && command.incarnation <= known->incarnation) {
      Answer older = refuse(Errc::superseded);
      older.session = known->id;
      older.incarnation = known->incarnation;
      return older;
    }
  }
  if (command.role == Role::reader) {
    const SiteId site = command.site ? command.site : (known ? known->site : SiteId{});
    const SessionId own = known ? known->id : SessionId{};
    if (!has_free_post(ctx, site, own)) return refuse(Errc::site_full);
    const bool stays =
        command.post.empty() && known && (!command.site || command.site == known->site);
    const Answer post = take_post(ctx, site, stays ? known->post : command.post, own);
    if (post.code != Errc::ok) return post;
  }
  Answer answer = known ? take_over(ctx, command, known->id) : open_session(ctx, command, *person);
  if (answer.code != Errc::ok) return answer;
  Event& event = announce(ctx, EventKind::session_attached);
  event.session = answer.session;
  event.by = *person;
  site_is_back(ctx, ctx.proposal.door);  // whose node has just spoken
  if (command.role == Role::reader) assign_reader(ctx, answer.session);
  answer.exam = ctx.state.sessions().find(answer.session)->exam;
  return answer;
}

Answer on_detach(Context& ctx, const Detach&) {
  if (!ctx.state.sessions().find(ctx.proposal.session)) return refuse(Errc::no_session);
  end_session(ctx, ctx.proposal.session, EventKind::read_released);
  return {};
}

Answer on_expire_session(Context& ctx, const ExpireSession& command) {
  const Session* session = ctx.state.sessions().find(command.session);
  if (!session || !session->live) return refuse(Errc::no_session);
  const bool meant =
      session->incarnation == command.incarnation || is_planted(Bug::expiry_not_compared);
  if (!meant) return refuse(Errc::superseded);
  end_session(ctx, session->id, EventKind::lease_expired);
  return {};
}

}  // namespace vigie::room
