// The rows of table 1.2 that name and route an exam, each with the place it was found. Internal.
#pragma once

#include <string>
#include <vector>

#include "actors/core/hl7/codes.hpp"
#include "actors/core/hl7/group.hpp"
#include "actors/core/hl7/refusal.hpp"

namespace vigie::hl7 {

inline constexpr std::string_view cancel_code = "ANNULATION_DEMANDE";
inline constexpr std::string_view done_code = "COMPLEMENT_POST_ACTE";
inline constexpr std::string_view answer_code = "REPONSE_DEMANDE";
inline constexpr std::string_view procedure_scheme = "TLR_OBR_PROCEDURE";

/// What the message says of its hospital, and which one it is.
struct Claimed {
  Found claim;
  const FeedEstablishment* establishment = nullptr;
};
/// ORC-21.10 > MSH-4 > PV1-3.4 > ORC-17, inside the feed's set. A claim that fits several of them
/// (the FINESS of a legal entity) is settled by the next one.
/// @errors unknown_key: outside the set, or several fit. required_field: no claim at all while the
/// feed speaks for several.
Checked<Claimed> establishment_of(const Group& group);

/// ORC-2.1 > OBR-2.1 > ORC-3.1 > OBR-3.1 > accession (if the feed says so).
Found order_number(const Group& group);
/// ORC-2.3 > ORC-2.2 > feed; of OBR-2, ORC-3, OBR-3 where the number came from there.
Found order_authority(const Group& group, const Found& number);

/// IPC-1.1 (all) > OBR-18 > OBR-3.1 if the feed says so. At most limits::accessions_count.
std::vector<Found> accessions_of(const Group& group);
/// IPC-3.1 (all) > ZDS-1.1 (all) > OBX 113014. Only UIDs. At most limits::studies_count.
std::vector<Found> studies_of(const Group& group);

/// code^text^scheme: OBR-44 > OBR-4 (unless it is a TLR code) > OBX CODE_ACTE_IMAGERIE.
Found procedure_of(const Group& group);
/// The first rule of the feed for one of the message's procedure codes; nullptr: none.
const ProcedureRule* rule_of(const Group& group);

struct FoundModality {
  Modality modality = Modality::unknown;
  Found found;
};
/// IPC-5.1 > OBX MODALITE_IMAGERIE > OBR-24 > procedure table; the first that says one.
FoundModality modality_of_order(const Group& group);

struct FoundRegion {
  Region region = Region::unknown;
  Side side = Side::none;
  Found region_found, side_found;
};
/// OBX REGION_ANATOMIQUE, n.1 region and n.2 side, Snomed CT (SCT, SNT) > procedure table.
FoundRegion region_of_order(const Group& group);

/// TQ1-9.1 > OBR-27.6 > ORC-7.6 > OBR-5, as sent.
Found priority_of(const Group& group);
/// ORC-16.2, else its code.
Found reason_of(const Group& group);
/// TQ1-7, when it starts with a day: some systems put the priority there.
Found exam_time_of(const Group& group);

}  // namespace vigie::hl7
