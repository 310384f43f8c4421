// What AI engines say: kept beside the report, raising an exam up to the finding's ceiling, never
// lowering it, and not more often than its engine may (domain A1, A2).
#include <algorithm>

#include "actors/core/room/context.hpp"
#include "messages/types/planted.hpp"

namespace vigie::room {
namespace {

/// Counts one raise of this hour. @return false: the engine has had its share.
bool may_raise(Context& ctx, const Engine& engine) {
  auto& counts = ctx.state.edit_scalars().engine_counts;
  std::erase_if(counts, [&](const EngineCount& c) { return c.since + 1_h <= ctx.at; });
  auto at = std::find_if(counts.begin(), counts.end(),
                         [&](const EngineCount& c) { return c.engine == engine.name; });
  if (at == counts.end()) at = counts.insert(counts.end(), {engine.name, ctx.at, 0});
  if (at->raised >= engine.raises_per_hour) return false;
  ++at->raised;
  return true;
}

bool raise(Context& ctx, Exam& exam, const Engine& engine, const std::string& finding) {
  const Ceiling* ceiling = engine.ceiling(finding);
  if (!ceiling || !is_open(exam)) return false;
  if (ceiling->urgency >= exam.urgency && !is_planted(Bug::finding_lowers)) return false;
  if (!may_raise(ctx, engine) && !is_planted(Bug::engine_unlimited)) return false;
  const bool vital = is_planted(Bug::finding_makes_vital);
  change_urgency(ctx, exam, vital ? Urgency::p0 : ceiling->urgency);
  return true;
}

}  // namespace

Answer on_add_finding(Context& ctx, const AddFinding& command) {
  const Exam* found = find_exam(ctx.state, command.exam);
  if (!found) return refuse(Errc::unknown_key_order);
  if (!may_speak_for(ctx, found->request.establishment)) return refuse(Errc::unauthorised);
  const Engine* engine = ctx.directory().engine(command.engine);
  if (!engine) return refuse(Errc::bad_value, "engine: not one of the directory");
  if (command.version.empty() || command.version.size() > limits::name_bytes ||
      command.finding.size() > limits::name_bytes) {
    return refuse(Errc::bad_value, "version: 1 to 128 bytes; finding: at most 128");
  }
  const bool over = found->state == ExamState::refused || found->state == ExamState::cancelled;
  if (over || found->parent) return wrong_state(*found);
  const bool again =
      std::any_of(found->findings.begin(), found->findings.end(), [&](const Finding& f) {
        return f.engine == command.engine && f.version == command.version &&
               f.code == command.finding;
      });
  if (again) return done_again(*found);
  if (found->findings.size() >= limits::findings_count) return refuse(Errc::limit_reached);
  Exam& exam = ctx.state.edit_exam(found->id);
  const bool raised = raise(ctx, exam, *engine, command.finding);
  exam.findings.push_back({command.engine, command.version, command.finding, raised, ctx.at});
  Event& event = record(ctx, exam, EventKind::ai_received,
                        command.engine + ": " + (command.finding.empty() ? "-" : command.finding));
  event.session = in_hand_of(exam);
  event.card = card_of(exam);
  return done(exam);
}

}  // namespace vigie::room
