# vigie_fuzz(NAME [DEPS module...] [BESIDE file...] [EXTERNAL target...]): tests/fuzz/NAME.cpp.
#
# In every preset it is a program, fuzz_NAME_test, that replays tests/fuzz/corpus/NAME, and a unit test
# that runs it. In the preset fuzz (clang) it is the libFuzzer target fuzz_NAME instead, which
# `ops/check fuzz` runs.
# BESIDE: single sources of a module that is not needed as a whole.
set(VIGIE_FUZZ OFF CACHE BOOL "Make libFuzzer targets of tests/fuzz (clang only)")
add_custom_target(fuzz)

function(vigie_fuzz name)
  cmake_parse_arguments(F "" "" "DEPS;BESIDE;EXTERNAL" ${ARGN})
  set(source "${CMAKE_SOURCE_DIR}/tests/fuzz/${name}.cpp")
  if(NOT EXISTS "${source}")
    return()
  endif()
  _vigie_resolve("tests/fuzz/${name}" deps ${F_DEPS})
  _vigie_stage("tests/fuzz" stage)
  set(target "fuzz_${name}")
  if(NOT VIGIE_FUZZ)
    set(target "fuzz_${name}_test")
  endif()
  add_executable(${target} "${source}")
  target_include_directories(${target} PRIVATE "${stage}")
  _vigie_beside(${target} ${F_BESIDE})
  target_link_libraries(${target} PRIVATE vigie_flags ${deps} ${F_EXTERNAL})
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
  add_dependencies(fuzz ${target})
  if(VIGIE_FUZZ)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(${target} PRIVATE "${CMAKE_SOURCE_DIR}/tests/fuzz/replay.cpp")
  add_test(NAME fuzz/${name} COMMAND ${target} "${CMAKE_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  set_tests_properties(fuzz/${name} PROPERTIES LABELS unit TIMEOUT 60)
endfunction()

# What wrote the corpus that they start from: vigie-fuzz-seeds FOLDER.
function(vigie_fuzz_seeds)
  vigie_program(vigie-fuzz-seeds tests/fuzz/seeds ${ARGN})
  foreach(folder tests/fuzz tests/actors/core/hl7 tests/messages/codec)
    _vigie_stage("${folder}" stage)
    target_include_directories(vigie-fuzz-seeds PRIVATE "${stage}")
  endforeach()
  set_target_properties(vigie-fuzz-seeds PROPERTIES EXCLUDE_FROM_ALL ON)
endfunction()
