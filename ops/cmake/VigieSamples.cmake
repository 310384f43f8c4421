# The sample directory as part of `vigie`: `vigie init` needs no source tree beside it.
set(sample "${CMAKE_SOURCE_DIR}/config/samples/federation-3/directory.toml")
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${sample}")
file(READ "${sample}" VIGIE_SAMPLE)
configure_file("${CMAKE_SOURCE_DIR}/nodes/vigie/sample_directory.cpp.in"
               "${CMAKE_BINARY_DIR}/generated/sample_directory.cpp" @ONLY)
if(TARGET vigie)
  target_sources(vigie PRIVATE "${CMAKE_BINARY_DIR}/generated/sample_directory.cpp")
endif()
