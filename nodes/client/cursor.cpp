#include "nodes/client/cursor.hpp"

#include "messages/types/planted.hpp"

namespace vigie::client {

void Cursor::subscribed() {
  waiting_ = true;
  view_.clear();
}

void Cursor::move(LogIndex to) {
  index_ = to;
  taken_.clear();
  view_.clear();
}

Cursor::Verdict Cursor::take(const Cover& cover, std::vector<Event>& out) {
  out.clear();
  const bool follows = cover.from == index_ || (cover.from > index_ && is_planted(Bug::gap_taken));
  if (!follows) {
    // While a Subscribe is under way, covers of before are still coming in.
    return waiting_ || cover.to <= index_ ? Verdict::nothing : Verdict::subscribe;
  }
  waiting_ = false;
  for (const Event& event : cover.events) {
    const bool fresh = taken_.empty() || !taken_.contains({event.index, event.exam, event.kind});
    if (fresh) out.push_back(event);
  }
  if (cover.to > cover.from) {
    move(cover.to);
  } else {
    for (const Event& event : out) taken_.emplace(event.index, event.exam, event.kind);
  }
  return out.empty() ? Verdict::nothing : Verdict::events;
}

Cursor::Verdict Cursor::take(const Gap& gap, std::vector<Event>& out) {
  out.clear();
  if (gap.to < index_ && gap.from) return Verdict::behind;
  view_.insert(view_.end(), gap.view.begin(), gap.view.end());
  if (gap.to == gap.from) return Verdict::nothing;
  waiting_ = false;
  out = std::move(view_);
  move(gap.to);
  return Verdict::view;
}

}  // namespace vigie::client
