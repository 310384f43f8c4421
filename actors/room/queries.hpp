// Questions about the applied state, answered in JSON: the rows of `vigie status`, `exams`, `exam`,
// `why`, `readers`. Keys are English and stable; times ISO-8601 UTC; a read shows its `as_of`
// index.
#pragma once

#include <vector>

#include "actors/room/host.hpp"

namespace vigie::actors {

/// One reply, or several pieces in order. `now.boot` 0 leaves out what needs the clock.
/// @param asker By his key.
std::vector<QueryReply> answer_query(const Host& host, const Query& query, Now now,
                                     const PublicKey& asker);
/// May who has this key follow events? They show requests as they are.
bool may_follow(const Directory& directory, const PublicKey& key);
/// The hospital of who has this key: of its exams alone he learns. 0: of all.
EstablishmentId hospital_of(const Directory& directory, const PublicKey& key);

/// "2026-03-01T21:14:07.123Z"; empty for 0.
std::string iso_utc(UtcTime at);

}  // namespace vigie::actors
