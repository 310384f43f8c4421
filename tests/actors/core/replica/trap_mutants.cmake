# One program per known trap: the core with that one fix taken out, and the scripted tests of the
# traps. Never part of a normal build; `ops/check.d/traps` builds each and wants it to go red.
set(_replica "${CMAKE_SOURCE_DIR}/actors/core/replica")
file(GLOB _replica_sources CONFIGURE_DEPENDS "${_replica}/*.cpp")
_vigie_stage(actors/core/replica _replica_stage)
_vigie_stage(tests/actors/core/replica _replica_tests_stage)
foreach(letter IN ITEMS A B C D E F G H I J K L M N O)
  add_executable(trap_${letter} EXCLUDE_FROM_ALL ${_replica_sources}
    "${CMAKE_SOURCE_DIR}/tests/actors/core/replica/trap_test.cpp")
  target_compile_definitions(trap_${letter} PRIVATE "VIGIE_TRAP='${letter}'")
  target_include_directories(trap_${letter} PRIVATE "${_replica_stage}" "${_replica_tests_stage}")
  target_link_libraries(trap_${letter} PRIVATE vigie_flags vigie_messages_types GTest::gtest_main)
  set_target_properties(trap_${letter} PROPERTIES
    UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/traps")
endforeach()
