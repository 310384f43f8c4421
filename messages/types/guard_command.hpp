// Commands about the guard itself: who has the duty of the whole federation, who is on the roster,
// and how a centre works.
//
// Part of command.hpp, which includes it. Every reason is 1 to 128 bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/roster.hpp"

namespace vigie {

/// The duty head's duty (domain R3). There is one in the federation, numbered: who names another
/// number does not know how things stand, and changes nothing.
///
/// Taken by whoever finds it free; by whom it was offered to, having seen every open exam that was
/// there when it was offered; by its deputy, or if he is away by anybody of the role, once its head
/// has been out of reach for Rules::duty_succession. Its head renews it, to name another deputy.
struct TakeDuty {
  std::uint32_t number = 0;  ///< of the duty as its sender knows it; 0: nobody ever had it
  PersonId deputy;           ///< takes over when he is out of reach; 0: none
  std::vector<ExamId> seen;  ///< at most limits::hand_over_count
  bool operator==(const TakeDuty&) const = default;
};
/// By its head. It stays his until it is taken.
struct OfferDuty {
  std::uint32_t number = 0;
  PersonId to;  ///< 0: no longer
  bool operator==(const OfferDuty&) const = default;
};
/// How a centre works, by its site lead or the duty head (domain R4).
struct SetSite {
  SiteId site;
  std::uint16_t closed_posts = 0;  ///< of those of the directory; who sits there stays
  bool degraded = false;           ///< its readers are preferred last
  std::string reason;
  bool operator==(const SetSite&) const = default;
};
/// Changes the published roster (domain O21): `before` as it stands there becomes `after`. Without
/// `before` somebody comes in addition, without `after` nobody comes; else it is a swap, or other
/// hours. By the duty head, or the site lead of the centres that are named.
struct SetShift {
  Shift before, after;  ///< person 0: none
  std::string reason;
  bool operator==(const SetShift&) const = default;
};
/// Offered nothing until he says that he is free; an offer goes on to another; who reads stays.
struct SetAway {
  PersonId reader;
  std::string reason;
  bool operator==(const SetAway&) const = default;
};

}  // namespace vigie
