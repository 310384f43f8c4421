// What the node's replies say of exams: a row, and the whole of one.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "actors/core/room/state.hpp"
#include "actors/room/host.hpp"
#include "actors/room/queries.hpp"
#include "messages/types/directory.hpp"

namespace vigie::actors {

using Json = nlohmann::ordered_json;

/// The room through the names of its directory.
struct View {
  const Host& host;
  const room::State& state;
  const Directory& directory;

  std::string when(FedTime at) const { return at ? iso_utc(state.utc(at)) : std::string{}; }
  std::string site(SiteId id) const {
    const Site* found = directory.site(id);
    return found ? found->name : std::string{};
  }
  std::string person(PersonId id) const {
    const Person* found = directory.person(id);
    return found ? found->name : std::string{};
  }
  std::string establishment(EstablishmentId id) const {
    const Establishment* found = directory.establishment(id);
    return found ? found->name : std::string{};
  }
  FedTime now() const { return state.scalars().at; }
};

Json exam_row(const View& v, const Exam& e);
Json delivery_row(const View& v, const Exam& e, const Delivery& d);
Json exam_detail(const View& v, const Exam& e);

}  // namespace vigie::actors
