// People and systems: what they act as, and what they were trained for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "messages/types/area.hpp"
#include "messages/types/exam.hpp"
#include "messages/types/ids.hpp"
#include "messages/types/set.hpp"
#include "messages/types/time.hpp"

namespace vigie {

/// What a person or system acts as. Numbers are stable.
enum class Role : std::uint8_t {
  none,
  requester,
  technologist,
  regulator,
  assistant,
  reader,
  duty_head,
  site_lead,
  support,
  observer,
  gateway,
  administrator,
  node,
  agency  ///< regional health agency: figures of its area, never an exam (domain R14)
};
inline constexpr int role_count = 14;
std::string_view name_of(Role role);
/// Whose task that is.
Role owner_of(TaskKind kind);
bool role_of(std::string_view name, Role& out);

/// How far a reader's training is (domain R13). Numbers are stable.
enum class PrivilegeStatus : std::uint8_t {
  autonomous,
  supervised,  ///< is offered exams; another reads them again
  trainee      ///< is offered none
};
std::string_view name_of(PrivilegeStatus status);

/// What a reader may read, until when. He may read what one of his privileges covers as a whole.
struct Privilege {
  Set<Modality> modalities;
  Set<Region> regions = {};  ///< empty: all, also an unknown one
  Set<AgeClass> ages = {};   ///< likewise
  PrivilegeStatus status = PrivilegeStatus::autonomous;
  UtcTime until = {};  ///< excluded; 0: open
  bool operator==(const Privilege&) const = default;

  /// Is he offered exams under it at that moment?
  bool holds(UtcTime now) const {
    return status != PrivilegeStatus::trainee && (!until || now < until);
  }
  bool covers(Modality modality, Region region, AgeClass age) const {
    return modalities.contains(modality) &&
           (regions == Set<Region>{} || regions.contains(region)) &&
           (ages == Set<AgeClass>{} || ages.contains(age));
  }
};

/// That somebody was trained for a role, and until when it counts (domain R2).
struct Qualification {
  Role role = Role::none;
  UtcTime from = {};    ///< 0: always was
  UtcTime until = {};   ///< excluded; 0: open
  std::string by = {};  ///< who attests it
  bool operator==(const Qualification&) const = default;
};

/// A person or a system. Reading privileges are empty unless role reader is held.
struct Person {
  PersonId id;
  std::string name;
  std::string rpps;
  Set<Role> roles;
  SiteId site;                    ///< home centre
  EstablishmentId establishment;  ///< requesters, technologists
  std::vector<Privilege> privileges;
  Set<Skill> skills;
  EstablishmentId institution;  ///< a reader's home hospital (domain R11)
  std::vector<Qualification> qualifications;
  AreaId area = {};              ///< an agency's
  std::uint16_t home_hours = 0;  ///< a week, at his institution (domain R11); 0: not said
  bool operator==(const Person&) const = default;

  /// Of all privileges but those of a trainee, whenever they end.
  Set<Modality> modalities() const;
  bool is_qualified(Role role, UtcTime now) const;
};

}  // namespace vigie
