# SPDX-License-Identifier: MIT
# pixazo.ffi.h: all public declarations as one plain C text for tools that read declarations only (LuaJIT, cffi,
# pycparser). Made by the compiler itself; the few standard types are spelled as this compiler has them.
set(ffi_directory "${PROJECT_BINARY_DIR}/ffi")
set(PIXAZO_FFI_HEADER "${ffi_directory}/pixazo.ffi.h")
set(standard_types "")
foreach(width 8 16 32 64)
  string(APPEND standard_types "typedef __INT${width}_TYPE__ int${width}_t;\n"
                               "typedef __UINT${width}_TYPE__ uint${width}_t;\n")
endforeach()
file(WRITE "${ffi_directory}/standard/stdint.h" "#ifndef STANDARD_INT\n#define STANDARD_INT\n${standard_types}#endif\n")
file(WRITE "${ffi_directory}/standard/stddef.h"
  "#ifndef STANDARD_DEF\n#define STANDARD_DEF\ntypedef __SIZE_TYPE__ size_t;\n#endif\n")

add_custom_command(OUTPUT "${PIXAZO_FFI_HEADER}"
  COMMAND ${CMAKE_C_COMPILER} -E -P -nostdinc -DPIXAZO_FFI_HEADER
          -I "${ffi_directory}/standard" -I "${PROJECT_SOURCE_DIR}/include"
          "${PROJECT_SOURCE_DIR}/include/pixazo/pixazo.h" -o "${PIXAZO_FFI_HEADER}"
  DEPENDS ${public_headers}
  COMMENT "Declarations for foreign function interfaces"
  VERBATIM)
add_custom_target(pixazo_ffi_header ALL DEPENDS "${PIXAZO_FFI_HEADER}")
set_property(GLOBAL PROPERTY PIXAZO_FFI_HEADER "${PIXAZO_FFI_HEADER}")
if(PIXAZO_INSTALL)
  install(FILES "${PIXAZO_FFI_HEADER}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/pixazo" COMPONENT development)
endif()
