#include "nodes/vigie/request.hpp"

#include "actors/core/hl7/sealed.hpp"
#include "nodes/client/client.hpp"

namespace vigie::cli {

Result<Request> request_of(const RequestFlags& flags, const Establishment& establishment) {
  Request r;
  r.establishment = establishment.id;
  const std::string feed =
      establishment.recipients.empty() ? establishment.name : establishment.recipients.front();
  r.key = {establishment.legal_entity, flags.authority.empty() ? feed : flags.authority,
           flags.order};
  if (flags.instead_of_ultrasound) r.flags = r.flags | ExamFlag::instead_of_ultrasound;
  if (flags.phoned) {
    // No order yet: `relier`, at a regulator's desk, gives it its own.
    r.flags = r.flags | ExamFlag::phoned;
    r.key.authority = "phone";
    if (flags.order.empty()) r.key.number = to_hex({0, client::draw_id()}).substr(16);
  }
  r.modality = modality_of(flags.modality);
  if (r.modality == Modality::unknown && !flags.modality.empty()) {
    return Error{Errc::bad_value, "--modality " + flags.modality + ": no DICOM code that is read"};
  }
  r.region = region_of(flags.region);
  if (r.region == Region::unknown && !flags.region.empty() && flags.region != "unknown") {
    return Error{Errc::bad_value, "--region " + flags.region +
                                      ": head, neck, chest, abdomen_pelvis, spine, limb, "
                                      "whole_body"};
  }
  if (!urgency_of(flags.urgency, r.asked)) {
    return Error{Errc::bad_value, "--urgency " + flags.urgency + ": p0, p1, p2 or p3"};
  }
  r.age_class = flags.age == "child"    ? AgeClass::child
                : flags.age == "infant" ? AgeClass::infant
                                        : AgeClass::adult;
  r.procedure = flags.procedure;
  r.accessions = flags.accessions;
  r.studies = flags.studies;
  r.priors = flags.priors;
  r.callback_phone = flags.phone.empty() ? establishment.phone : flags.phone;
  r.protocol = flags.protocol;
  r.images_complete = flags.images_complete;
  r.images = flags.images;
  hl7::Sealed sealed;
  sealed.sending_application = "VIGIE";
  sealed.sending_facility = establishment.name;
  sealed.orc2 = flags.order;
  sealed.procedure = flags.procedure;
  sealed.callback_phone = r.callback_phone;
  auto bytes = hl7::seal(std::move(sealed));
  if (!bytes) return bytes.error();
  r.sealed = std::move(*bytes);
  return r;
}

}  // namespace vigie::cli
