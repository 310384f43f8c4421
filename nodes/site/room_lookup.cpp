#include "nodes/site/room_lookup.hpp"

#include <utility>

namespace vigie::site {
namespace {

std::vector<std::vector<Exam>> read(const room::State& state,
                                    const std::vector<ExamQuery>& queries) {
  std::vector<std::vector<Exam>> found;
  for (const ExamQuery& query : queries) {
    std::vector<Exam>& list = found.emplace_back();
    if (query.patient) {
      for (ExamId id : state.exams_of(query.patient)) list.push_back(*state.exams().find(id));
    } else if (const Exam* exam = room::find_exam(state, query.ref)) {
      list.push_back(*exam);
    }
  }
  return found;
}

}  // namespace

void RoomLookup::find(std::vector<ExamQuery> queries,
                      std::function<void(std::vector<std::vector<Exam>>)> done) {
  room_.post_one(actors::Ask{
      [queries = std::move(queries), done = std::move(done)](actors::Host& host, actors::Now) {
        done(read(host.room().state(), queries));
      }});
}

}  // namespace vigie::site
