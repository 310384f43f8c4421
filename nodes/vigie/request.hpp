// A request as it is typed: the flags of `vigie submit`, the words of a phone call.
#pragma once

#include <string>
#include <vector>

#include "messages/types/directory.hpp"

namespace vigie::cli {

struct RequestFlags {
  std::string order, authority, modality = "CT", region, urgency = "p2";
  std::string procedure, protocol, phone, age = "adult";
  std::vector<std::string> accessions, studies, priors;
  bool images_complete = false;
  bool phoned = false;
  bool instead_of_ultrasound = false;
  std::uint32_t images = 0;
};

/// @errors bad_value: which flag, and what it may be.
Result<Request> request_of(const RequestFlags& flags, const Establishment& establishment);

}  // namespace vigie::cli
