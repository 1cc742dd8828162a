# What goes into which package: read by cpack, once for each generator.
if(CPACK_GENERATOR STREQUAL TGZ)
    set(CPACK_INSTALL_CMAKE_PROJECTS "${CPACK_TCPSTATE_BUILD};tcpstate;personal;/")
    set(CPACK_PACKAGING_INSTALL_PREFIX "")
    set(CPACK_PACKAGE_FILE_NAME ${CPACK_TCPSTATE_PERSONAL})
else()
    string(TOLOWER ${CPACK_GENERATOR} own)
    set(CPACK_INSTALL_CMAKE_PROJECTS "${CPACK_TCPSTATE_BUILD};tcpstate;system;/" "${CPACK_TCPSTATE_BUILD};tcpstate;${own};/")
endif()
