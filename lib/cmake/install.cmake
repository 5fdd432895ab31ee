# SPDX-License-Identifier: MIT
# Components: runtime (library and soname), development (headers, archive, pkg-config, CMake package),
# tools (programs), python, doc.
include(CMakePackageConfigHelpers)

set(package_directory "${CMAKE_INSTALL_LIBDIR}/cmake/pixazo")
if(CMAKE_VERSION VERSION_GREATER_EQUAL 3.23)
  set(header_set FILE_SET HEADERS DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT development)
else()
  install(FILES ${public_headers} DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/pixazo" COMPONENT development)
endif()

# Two export files, so that a program that wants the shared library needs none of the packages behind it.
install(TARGETS pixazo_shared EXPORT pixazo-shared
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT runtime NAMELINK_COMPONENT development
  ${header_set})
install(TARGETS pixazo_static EXPORT pixazo-static
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT development
  ${header_set})
foreach(kind shared static)
  install(EXPORT pixazo-${kind} NAMESPACE pixazo:: FILE pixazo-${kind}.cmake
    DESTINATION "${package_directory}" COMPONENT development)
  export(EXPORT pixazo-${kind} NAMESPACE pixazo:: FILE "${PROJECT_BINARY_DIR}/pixazo-${kind}.cmake")
endforeach()

string(REPLACE ";" " " PIXAZO_REQUIRES_TEXT "${PIXAZO_REQUIRES_MODULES}")
configure_package_config_file("${CMAKE_CURRENT_LIST_DIR}/pixazo-config.cmake.in" "${PROJECT_BINARY_DIR}/pixazo-config.cmake"
  INSTALL_DESTINATION "${package_directory}" NO_SET_AND_CHECK_MACRO)
# Below 1.0 a minor version may change the interface.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/pixazo-config-version.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/pixazo-config.cmake" "${PROJECT_BINARY_DIR}/pixazo-config-version.cmake"
  DESTINATION "${package_directory}" COMPONENT development)
