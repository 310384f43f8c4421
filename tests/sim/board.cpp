#include "tests/sim/board.hpp"

namespace vigie::sim {

void Board::take_duty(const Event& event) {
  switch (event.kind) {
    case EventKind::duty_taken:
      if (event.text != "deputy") duty_ = {event.by, {}, duty_.number + 1, false};
      return;
    case EventKind::duty_offered:
      duty_.offered_to = {static_cast<std::uint32_t>(std::stoul(event.text))};
      return;
    case EventKind::duty_lost:
      duty_.lost = true;
      return;
    default:
      return;
  }
}

std::vector<ExamId> Board::open() const {
  return all(rows_.size(), [](const Row& row) {
    return row.state != ExamState::validated && row.state != ExamState::delivered;
  });
}

ExamId Board::any_closed(Chance& chance) const {
  return closed_.empty() ? ExamId{} : closed_[chance.below(closed_.size())];
}

void Board::take(const Event& event) {
  if (!event.exam) return take_duty(event);
  const bool over = event.kind == EventKind::exam_closed ||
                    event.kind == EventKind::exam_cancelled ||
                    event.kind == EventKind::exam_refused;
  if (event.kind == EventKind::exam_closed && !rows_[event.exam].parent) {
    closed_.push_back(event.exam);
    if (closed_.size() > 32) closed_.pop_front();
  }
  if (over) return void(rows_.erase(event.exam));
  Row& row = rows_[event.exam];
  if (row.state != event.state) row.since = event.at;
  row.state = event.state;
  row.urgency = event.urgency;
  if (event.card) {
    row.establishment = event.card->establishment;
    row.parent = event.card->parent;
    row.critical = has(event.card->flags, ExamFlag::critical);
  }
  switch (event.kind) {
    case EventKind::protocol_assigned:
    case EventKind::protocol_revised:
      ++row.protocols;
      break;
    case EventKind::read_offered:
    case EventKind::read_accepted:
      row.reader = event.by;
      break;
    case EventKind::cancel_asked:
    case EventKind::cancel_refused:
      row.wish = event.kind == EventKind::cancel_asked;
      break;
    case EventKind::critical_acked:
      row.critical = false;
      break;
    case EventKind::task_opened:
      row.tasks.insert(event.text);
      break;
    case EventKind::task_closed:
      row.tasks.erase(event.text);
      break;
    default:
      break;
  }
}

ExamId Board::any(Chance& chance, const Wanted& wanted) const {
  const auto found = all(rows_.size(), wanted);
  return found.empty() ? ExamId{} : found[chance.below(found.size())];
}

std::vector<ExamId> Board::all(std::size_t count_max, const Wanted& wanted) const {
  std::vector<ExamId> found;
  for (const auto& [id, row] : rows_) {
    if (found.size() == count_max) break;
    if (wanted(row)) found.push_back(id);
  }
  return found;
}

const Board::Row* Board::row(ExamId exam) const {
  const auto at = rows_.find(exam);
  return at == rows_.end() ? nullptr : &at->second;
}

}  // namespace vigie::sim
