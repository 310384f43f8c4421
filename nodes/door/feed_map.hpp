// From a [[feed]] of the settings and the directory to what mapping and building need. Done anew
// whenever the directory changes.
#pragma once

#include <string_view>

#include "actors/core/hl7/feed.hpp"
#include "actors/core/hl7/order.hpp"
#include "config/settings/settings.hpp"
#include "messages/types/directory.hpp"
#include "messages/types/time.hpp"

namespace vigie::door {

/// May this centre take the feed, as far as the settings say? Where they name no doors, the
/// directory decides: is_door().
bool may_listen(const settings::FeedSettings& feed, std::string_view site);

/// Is `site` one of the feed's doors? Settings before directory.
bool is_door(const settings::FeedSettings& feed, const Directory& directory, std::string_view site);

/// Establishments that the directory does not know are left out.
hl7::Feed map_feed(const settings::FeedSettings& feed, const Directory& directory,
                   settings::FederationMode mode);

/// The keyed hash that stands for a patient of a legal entity: the same at every door, of no use
/// outside the federation. 0 for an empty number.
PatientKey patient_key(std::string_view federation, LegalEntityId legal_entity,
                       std::string_view patient_number);

/// What the mapping leaves to whoever hands an order in: its patient key, and the protocol that the
/// feed's tables stand for.
void complete(hl7::Order& order, std::string_view federation);

/// The calendar day at `now` by French clocks: for ages.
hl7::Day french_day(UtcTime now);

}  // namespace vigie::door
