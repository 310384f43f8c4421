#include "actors/core/hl7/codes.hpp"

#include <string>

namespace vigie::hl7 {
namespace {

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

struct ModalityCode {
  std::string_view code;
  Modality modality;
};
constexpr ModalityCode modality_codes[] = {
    {"CT", Modality::ct},     {"MR", Modality::mr},         {"CR", Modality::cr},
    {"DX", Modality::dx},     {"US", Modality::us},         {"XA", Modality::xa},
    {"NM", Modality::nm},     {"PT", Modality::pt},         {"MG", Modality::mg},
    {"OT", Modality::other},  {"RUS", Modality::us},        {"OUS", Modality::us},
    {"CUS", Modality::us},    {"VUS", Modality::us},        {"NMR", Modality::mr},
    {"NMS", Modality::nm},    {"RX", Modality::cr},         {"RF", Modality::other},
    {"IVUS", Modality::us},   {"BMD", Modality::other},     {"ECG", Modality::other},
    {"EPS", Modality::other}, {"ES", Modality::other},      {"GM", Modality::other},
    {"IO", Modality::other},  {"IVOCT", Modality::other},   {"OCT", Modality::other},
    {"OP", Modality::other},  {"OPT", Modality::other},     {"PX", Modality::other},
    {"RG", Modality::other},  {"RTIMAGE", Modality::other}, {"SM", Modality::other},
    {"TG", Modality::other},  {"XC", Modality::other},      {"HD", Modality::other}};

struct RegionCode {
  std::string_view concept_id;
  Region region;
};
/// DICOM PS3.16 annex L and the value set of the French teleradiology volume.
constexpr RegionCode region_codes[] = {
    {"774007", Region::head},               // head and neck
    {"69536005", Region::head},             // head
    {"12738006", Region::head},             // brain
    {"89546000", Region::head},             // skull
    {"89545001", Region::head},             // face
    {"371398005", Region::head},            // eye region
    {"45048000", Region::neck},             // neck
    {"417437006", Region::chest},           // neck and chest
    {"51185008", Region::chest},            // chest
    {"816094009", Region::chest},           // chest
    {"80891009", Region::chest},            // heart
    {"39607008", Region::chest},            // lung
    {"416550000", Region::chest},           // chest and abdomen
    {"818981001", Region::abdomen_pelvis},  // abdomen
    {"113345001", Region::abdomen_pelvis},  // abdomen
    {"818983003", Region::abdomen_pelvis},  // abdomen
    {"818982008", Region::abdomen_pelvis},  // abdomen and pelvis
    {"416949008", Region::abdomen_pelvis},  // abdomen and pelvis
    {"12921003", Region::abdomen_pelvis},   // pelvis
    {"816092008", Region::abdomen_pelvis},  // pelvis
    {"416775004", Region::abdomen_pelvis},  // chest, abdomen and pelvis
    {"10200004", Region::abdomen_pelvis},   // liver
    {"64033007", Region::abdomen_pelvis},   // kidney
    {"421060004", Region::spine},           // vertebral column
    {"122494005", Region::spine},           // cervical
    {"122495006", Region::spine},           // thoracic
    {"122496007", Region::spine},           // lumbar
    {"54735007", Region::spine},            // sacrum
    {"66019005", Region::limb},             // limb
    {"53120007", Region::limb},             // upper limb
    {"61685007", Region::limb},             // lower limb
    {"16982005", Region::limb},             // shoulder
    {"40983000", Region::limb},             // arm
    {"127949000", Region::limb},            // elbow
    {"16953009", Region::limb},             // elbow joint
    {"14975008", Region::limb},             // forearm
    {"8205005", Region::limb},              // wrist
    {"85562004", Region::limb},             // hand
    {"29836001", Region::limb},             // hip
    {"68367000", Region::limb},             // thigh
    {"72696002", Region::limb},             // knee
    {"30021000", Region::limb},             // leg
    {"344001", Region::limb},               // ankle
    {"70258002", Region::limb},             // ankle joint
    {"56459004", Region::limb},             // foot
    {"38266002", Region::whole_body},       // entire body
    {"416152001", Region::whole_body},      // neck, chest, abdomen and pelvis
};

}  // namespace

bool same_text(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (upper(a[i]) != upper(b[i])) {
      return false;
    }
  }
  return true;
}

Modality modality_of_code(std::string_view code) {
  for (const auto& [known, modality] : modality_codes) {
    if (same_text(known, code)) {
      return modality;
    }
  }
  return Modality::unknown;
}

Region region_of_code(std::string_view concept_id) {
  for (const auto& [known, region] : region_codes) {
    if (known == concept_id) {
      return region;
    }
  }
  return Region::unknown;
}

Side side_of_code(std::string_view concept_id) {
  if (concept_id == "24028007") {
    return Side::right;
  }
  if (concept_id == "7771000") {
    return Side::left;
  }
  return concept_id == "51440002" ? Side::both : Side::none;
}

AskedUrgency urgency_of_code(std::string_view code, std::string_view patient_class) {
  if (same_text(code, "S")) {
    return {Urgency::p1, true, false};
  }
  if (same_text(code, "A")) {
    return {Urgency::p1, false, false};
  }
  if (same_text(code, "U")) {
    return {Urgency::p2, false, true};
  }
  bool known = code.empty();
  for (const std::string_view routine : {"R", "P", "C", "T"}) {
    known = known || same_text(code, routine);
  }
  const bool lifted = same_text(patient_class, "E") || same_text(patient_class, "I");
  return {lifted ? Urgency::p2 : Urgency::p3, false, !known};
}

}  // namespace vigie::hl7
