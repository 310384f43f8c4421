// Code tables of the mapping: modality, anatomy, urgency. Values in, values out.
#pragma once

#include <string_view>

#include "messages/types/exam.hpp"

namespace vigie::hl7 {

/// A DICOM modality code, or HL7 table 0074 (RUS OUS CUS VUS, NMR, NMS, RX). RAD says nothing:
/// unknown. A DICOM code that the guard does not read is `other`.
Modality modality_of_code(std::string_view code);

/// Snomed CT concept of a body structure.
Region region_of_code(std::string_view concept_id);
/// Snomed CT laterality; Side::none when it is none.
Side side_of_code(std::string_view concept_id);

/// What a hospital's priority means (HL7 tables 0485 and 0027).
struct AskedUrgency {
  Urgency urgency = Urgency::p3;
  bool rings_as_p0 = false;
  bool mapped = false;  ///< the code is not of table 0485
};
/// @param patient_class PV1-2: E and I lift the routine ones to P2.
/// Never p0: that is for a pathway rule, the regulator or the duty head.
AskedUrgency urgency_of_code(std::string_view code, std::string_view patient_class);

/// Without case, ASCII.
bool same_text(std::string_view a, std::string_view b);

}  // namespace vigie::hl7
