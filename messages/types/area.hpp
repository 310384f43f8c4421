// Parts of the country, and who answers for hospitals there: what agreements and routing name
// besides single establishments (domain N8, N9, N11).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "messages/types/ids.hpp"

namespace vigie {

/// Whose an establishment is (domain N11). Numbers are stable.
enum class EntityKind : std::uint8_t { none, public_, private_, mutualist };
std::string_view name_of(EntityKind kind);

/// Who answers before the law for one or several establishments, its geographic sites (domain N8).
struct LegalEntity {
  LegalEntityId id;
  std::string name;
  EntityKind kind = EntityKind::none;
  bool operator==(const LegalEntity&) const = default;
};

/// From the smallest to the largest. Numbers are stable.
enum class AreaKind : std::uint8_t { none, ght, territory, region };
std::string_view name_of(AreaKind kind);

/// A part of the country, within a larger one (domain N9).
struct Area {
  AreaId id;
  std::string name;
  AreaKind kind = AreaKind::none;
  AreaId within;  ///< of a larger kind; 0: none
  bool operator==(const Area&) const = default;
};

/// The areas in which something lies, by kind; 0: in none of that kind.
struct AreaPath {
  AreaId ght, territory, region;
  bool operator==(const AreaPath&) const = default;
  bool has(AreaId area) const { return area == ght || area == territory || area == region; }
};

}  // namespace vigie
