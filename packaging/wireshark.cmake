# The Wireshark that the plugin is for: a plugin works with one minor version only.
#
# Sets TCPSTATE_WIRESHARK (40017 is 4.0.17), TCPSTATE_WIRESHARK_MINOR (4.0), and where Wireshark looks for plugins and profiles, relative to
# its prefix, into which all is installed unless CMAKE_INSTALL_PREFIX says otherwise.
find_package(Wireshark CONFIG REQUIRED)

set(TCPSTATE_WIRESHARK_MINOR ${Wireshark_MAJOR_VERSION}.${Wireshark_MINOR_VERSION})
if(TCPSTATE_WIRESHARK_MINOR VERSION_LESS 3.4)
    message(FATAL_ERROR "tcpstate needs Wireshark 3.4 or later; this is ${Wireshark_VERSION}.")
elseif(TCPSTATE_WIRESHARK_MINOR VERSION_GREATER 4.6)
    message(WARNING "tcpstate has been built with Wireshark 3.4 to 4.6; this is ${Wireshark_VERSION}, of which nothing is known. "
        "The flow graph is left out.")
endif()
if(NOT EXISTS ${Wireshark_INCLUDE_DIR}/epan/plugin_if.h AND NOT EXISTS ${Wireshark_INCLUDE_DIR}/uiqt/plugin_if.h)
    message(WARNING "This Wireshark has no plugin_if.h: the menu TCP State and the windows of text are left out.")
endif()
math(EXPR TCPSTATE_WIRESHARK
    "${Wireshark_MAJOR_VERSION} * 10000 + ${Wireshark_MINOR_VERSION} * 100 + ${Wireshark_PATCH_VERSION}")

# 3.4 does not tell its prefix.
string(REGEX REPLACE "/lib(64|32)?/.*$" "" TCPSTATE_WIRESHARK_PREFIX ${Wireshark_PLUGIN_INSTALL_DIR})
file(RELATIVE_PATH TCPSTATE_PLUGIN_FOLDER ${TCPSTATE_WIRESHARK_PREFIX} ${Wireshark_PLUGIN_INSTALL_DIR}/epan)
set(TCPSTATE_PROFILE_FOLDER share/wireshark/profiles)
if(CMAKE_INSTALL_PREFIX_INITIALIZED_TO_DEFAULT)
    set(CMAKE_INSTALL_PREFIX ${TCPSTATE_WIRESHARK_PREFIX} CACHE PATH "" FORCE)
endif()
