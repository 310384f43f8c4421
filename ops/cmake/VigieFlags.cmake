# Compiler flags for every line of Vigie, and the imported targets that Debian's packages lack.

add_library(vigie_flags INTERFACE)
target_compile_features(vigie_flags INTERFACE cxx_std_20)
target_compile_options(vigie_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror -fno-omit-frame-pointer)

if(VIGIE_SANITIZE)
  # CAF 0.17 binds references to null in its own headers on every spawn: not ours to report.
  add_compile_options(-fsanitize=${VIGIE_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${VIGIE_SANITIZE})
  if(VIGIE_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=null,vptr)
  endif()
endif()

find_program(VIGIE_CCACHE ccache)
if(VIGIE_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${VIGIE_CCACHE}")
endif()
find_program(VIGIE_MOLD mold)
if(VIGIE_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# CAF 0.17 ships neither a CMake config nor a .pc file.
find_library(CAF_CORE_LIBRARY caf_core REQUIRED)
find_path(CAF_INCLUDE_DIR caf/actor_system.hpp REQUIRED)
add_library(caf_core SHARED IMPORTED)
set_target_properties(caf_core PROPERTIES
  IMPORTED_LOCATION "${CAF_CORE_LIBRARY}"
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}")
