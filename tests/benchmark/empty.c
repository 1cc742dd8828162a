/* A plugin with a post-dissector that does nothing: the floor of what one can cost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#define WS_BUILD_DLL
#include "compat.h"

WS_DLL_PUBLIC_DEF const gchar plugin_version[] = "1";
WS_DLL_PUBLIC_DEF const int plugin_want_major = TCPSTATE_WIRESHARK / 10000;
WS_DLL_PUBLIC_DEF const int plugin_want_minor = TCPSTATE_WIRESHARK / 100 % 100;
WS_DLL_PUBLIC void plugin_register(void);

static int
dissect_nothing(tvbuff_t *tvb _U_, packet_info *pinfo _U_, proto_tree *tree _U_, void *data _U_)
{
    return 0;
}

static void
register_nothing(void)
{
    register_postdissector(create_dissector_handle(dissect_nothing, proto_register_protocol("Nothing", "Nothing", "nothing")));
}

void
plugin_register(void)
{
    static proto_plugin plugin = {.register_protoinfo = register_nothing};

    proto_register_plugin(&plugin);
}
