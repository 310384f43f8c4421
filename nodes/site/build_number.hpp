// Which program this is: another build has another number, whatever its version says.
#pragma once

#include <cstdint>
#include <string_view>

namespace vigie::site {

/// Of the version and the linker's build id of this program (of the version alone where the linker
/// gives none). The same for every start of one program, on every machine. Never 0.
std::uint64_t build_number(std::string_view version);

}  // namespace vigie::site
