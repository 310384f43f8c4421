// Who: patient, visit, age, clinicians. The PID, PV1 and XCN rows of table 1.2. Internal.
#pragma once

#include <string>
#include <string_view>

#include "actors/core/hl7/group.hpp"
#include "actors/core/hl7/order.hpp"
#include "actors/core/hl7/sealed.hpp"

namespace vigie::hl7 {

/// IPP: PID-3 (or MRG-1) with CX-5 PI; else the first without a type that is not an INS.
Found patient_number(const Group& group, const Segment* segment, int field);

/// Everything readable of PID and PV1. Total: a missing PID gives an empty identity.
Identity identity_of(const Group& group);

/// Completed years on `today`, from PID-7 (year, month or day known); -1: unknown or absurd.
int age_years(std::string_view birth_date, Day today);
AgeClass age_class(int years);

/// XCN: RPPS of 11 digits, or the 12 digits of PS_IdNat without their leading 8.
Clinician clinician_of(const Group& group, const Segment* segment, int field);
/// ORC-12 > OBR-16 > PV1-7. @param source Where it was found.
Clinician requester_of(const Group& group, std::string& source);
/// ORC-14 > OBR-17 > feed default; XTN-12 > XTN-1.
Found callback_phone(const Group& group);

}  // namespace vigie::hl7
