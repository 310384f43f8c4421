#include "actors/room/guard_view.hpp"

#include <algorithm>
#include <array>

#include "messages/types/exam_number.hpp"

namespace vigie::actors {
namespace {

Json delivery_rows(const View& v) {
  Json rows = Json::array();
  for (const auto& [id, slot] : v.state.exams().slots()) {
    const Exam& e = slot.record;
    const bool is_known = room::has_task(e, TaskKind::undelivered);
    for (const Delivery& d : e.deliveries) {
      const bool is_late =
          d.state == DeliveryState::failed || (d.state == DeliveryState::pending && is_known);
      if (!is_late) continue;
      Json row = {{"exam", exam_number(v.directory, e.id)},
                  {"establishment", v.establishment(e.request.establishment)},
                  {"urgency", name_of(e.urgency)}};
      row.update(delivery_row(v, e, d));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

/// Acquisitions of which time has already said that something is wrong.
Json image_rows(const View& v) {
  Json rows = Json::array();
  for (const auto& [id, slot] : v.state.exams().slots()) {
    const Exam& e = slot.record;
    const bool awaits = e.state == ExamState::protocolled || e.state == ExamState::acquiring;
    if (!awaits || e.reminders == 0) continue;
    rows.push_back({{"exam", exam_number(v.directory, e.id)},
                    {"establishment", v.establishment(e.request.establishment)},
                    {"state", name_of(e.state)},
                    {"since", v.when(e.state_since)}});
  }
  return rows;
}

Json task_rows(const View& v) {
  Json rows = Json::array();
  for (const auto& [id, slot] : v.state.exams().slots()) {
    for (const Task& t : slot.record.tasks) {
      if (owner_of(t.kind) != Role::support) continue;
      rows.push_back({{"exam", exam_number(v.directory, id)},
                      {"task", name_of(t.kind)},
                      {"due_at", v.when(t.due)},
                      {"overdue", t.is_overdue}});
    }
  }
  return rows;
}

Json centre_rows(const View& v) {
  Json rows = Json::array();
  const auto& lost = v.state.scalars().unreachable;
  for (const Site& site : v.directory.sites) {
    if (site.membership == Membership::removed) continue;
    const room::SiteWork work = v.state.work_of(site.id);
    const bool is_reachable = std::find(lost.begin(), lost.end(), site.id) == lost.end();
    if (is_reachable && !site.draining && work.closed_posts == 0 && !work.degraded) continue;
    rows.push_back({{"site", site.name},
                    {"reachable", is_reachable},
                    {"draining", site.draining},
                    {"closed_posts", work.closed_posts},
                    {"degraded", work.degraded}});
  }
  return rows;
}

/// Of one urgency.
struct Figures {
  std::uint32_t requests = 0, open = 0, reported = 0, refused = 0, cancelled = 0, read_in_area = 0;
  std::int64_t minutes = 0;  ///< from ready to report, of all that were reported

  void add(const Exam& e, bool read_there) {
    ++requests;
    if (is_open(e)) ++open;
    if (e.state == ExamState::refused) ++refused;
    if (e.state == ExamState::cancelled) ++cancelled;
    if (!e.signed_at) return;
    ++reported;
    if (read_there) ++read_in_area;
    minutes += (e.signed_at - e.ready_at).value / (1_min).value;
  }
};

/// Who knows one patient of a small number could learn of him.
Json told(std::uint32_t count) {
  if (count > 0 && count < figures_least) return "<" + std::to_string(figures_least);
  return count;
}

Json figures_row(const Figures& f) {
  const bool enough = f.reported >= figures_least;
  return {{"requests", told(f.requests)},
          {"open", told(f.open)},
          {"reported", told(f.reported)},
          {"refused", told(f.refused)},
          {"cancelled", told(f.cancelled)},
          {"read_in_area", told(f.read_in_area)},
          {"mean_minutes", enough ? Json(f.minutes / f.reported) : Json(nullptr)}};
}

}  // namespace

Sight sight_of(const Directory& directory, const PublicKey& bytes) {
  if (directory.version == 0) return Sight::all;  // nobody is known yet, and nothing is there
  const Key* key = directory.key_with(bytes);
  if (!key || key->revoked) return Sight::nothing;
  const Person* person = directory.person(key->person);
  if (!person) return key->node ? Sight::all : Sight::nothing;
  const auto limited = Set<Role>::of(Role::agency, Role::support, Role::requester,
                                     Role::technologist, Role::gateway);
  const bool has_another = (person->roles.bits & ~limited.bits) != 0;
  if (has_another) return Sight::all;
  if (person->roles.contains(Role::agency)) return Sight::figures;
  if (person->roles.contains(Role::support)) return Sight::unclinical;
  return person->establishment ? Sight::own : Sight::all;
}

Json incidents(const View& v) {
  return {{"as_of", v.state.scalars().index.value},
          {"deliveries", delivery_rows(v)},
          {"images", image_rows(v)},
          {"tasks", task_rows(v)},
          {"centres", centre_rows(v)}};
}

Json aggregates(const View& v, AreaId area) {
  const Directory& d = v.directory;
  const auto is_there = [&](AreaId smallest) { return !area || d.path_of(smallest).has(area); };
  std::array<Figures, urgency_count> all;
  for (const auto& [id, slot] : v.state.exams().slots()) {
    const Exam& e = slot.record;
    const Establishment* from = d.establishment(e.request.establishment);
    if (e.parent || !from || !is_there(from->area)) continue;
    const Site* by = d.site(e.reading_site);
    all[static_cast<std::size_t>(e.urgency)].add(e, by && is_there(by->area));
  }
  Json classes;
  for (std::size_t u = 0; u < all.size(); ++u) {
    classes[std::string(name_of(static_cast<Urgency>(u)))] = figures_row(all[u]);
  }
  const Area* named = d.area(area);
  const auto hospitals = std::count_if(d.establishments.begin(), d.establishments.end(),
                                       [&](const Establishment& e) { return is_there(e.area); });
  return {{"as_of", v.state.scalars().index.value},
          {"area", named ? named->name : std::string()},
          {"establishments", hospitals},
          {"classes", std::move(classes)}};
}

}  // namespace vigie::actors
