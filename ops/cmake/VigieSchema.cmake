# messages/schema: the Cap'n Proto schema compiled to C++, as a module like the others. Its generated
# header is included as "messages/schema/vigie.capnp.h".
set(_schema_root "${CMAKE_BINARY_DIR}/stage/vigie_messages_schema")
set(_schema_out "${_schema_root}/messages/schema")
file(MAKE_DIRECTORY "${_schema_out}")
set(_schema_src "${CMAKE_SOURCE_DIR}/messages/schema/vigie.capnp")
if(EXISTS "${_schema_src}")
  add_custom_command(
    OUTPUT "${_schema_out}/vigie.capnp.c++" "${_schema_out}/vigie.capnp.h"
    COMMAND capnp compile "-oc++:${_schema_out}" "--src-prefix=${CMAKE_SOURCE_DIR}/messages/schema"
            "${_schema_src}"
    DEPENDS "${_schema_src}"
    VERBATIM)
  add_library(vigie_messages_schema STATIC "${_schema_out}/vigie.capnp.c++")
  target_include_directories(vigie_messages_schema SYSTEM PUBLIC "${_schema_root}")
  target_link_libraries(vigie_messages_schema PUBLIC CapnProto::capnp)
endif()
