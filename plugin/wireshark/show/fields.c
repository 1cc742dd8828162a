/* Registers the fields and expert items.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fields.h"

#include <tcpstate/state.h>

#define X(id, name, words) "; " #name ": " words
static const char basis_blurb[] = "What that rests on" TCPSTATE_BASES(X);
#undef X

#define X(name) {TCPSTATE_##name, #name},
static const value_string state_codes[] = {TCPSTATE_STATES(X){0, NULL}};
#undef X

static const value_string severity_codes[] = {
    {TCPSTATE_CHAT, "Chat"}, {TCPSTATE_NOTE, "Note"}, {TCPSTATE_WARN, "Warning"}, {TCPSTATE_ERROR, "Error"}, {0, NULL}};

#define UNKNOWN(...) -1,
struct fields hf = {-1, {END_FIELDS(UNKNOWN, "", "")}, {END_FIELDS(UNKNOWN, "", "")}, FIELDS(UNKNOWN)};
#undef UNKNOWN

static expert_field expert_items[2][TCPSTATE_FINDING_COUNT]; /* [0] with the severity of the finding's kind, [1] with the lesser severity */

expert_field *
fields_expert_item(const struct tcpstate_finding *finding)
{
    return &expert_items[finding->lesser ? 1 : 0][finding->id];
}

static void
register_findings(expert_module_t *module)
{
    static const int severities[] = {
        [TCPSTATE_CHAT] = PI_CHAT, [TCPSTATE_NOTE] = PI_NOTE, [TCPSTATE_WARN] = PI_WARN, [TCPSTATE_ERROR] = PI_ERROR};
    static const int groups[] = {[TCPSTATE_SEQUENCE] = PI_SEQUENCE,
                                 [TCPSTATE_PROTOCOL] = PI_PROTOCOL,
                                 [TCPSTATE_MALFORMED] = PI_MALFORMED,
                                 [TCPSTATE_SECURITY] = PI_SECURITY,
                                 [TCPSTATE_ASSUMPTION] = PI_ASSUMPTION};
    static ei_register_info ei[] = {
#define X(name, family, severity, lesser, group, rfc, summary, text) \
    {&expert_items[0][TCPSTATE_FINDING_##name], {"tcpstate." #name, TCPSTATE_##group, TCPSTATE_##severity, summary, EXPFILL}},
        TCPSTATE_FINDINGS(X)
#undef X
#define X(name, family, severity, lesser, group, rfc, summary, text) \
    {&expert_items[1][TCPSTATE_FINDING_##name], {"tcpstate." #name, TCPSTATE_##group, TCPSTATE_##lesser, summary, EXPFILL}},
            TCPSTATE_FINDINGS(X)
#undef X
    };

    for (guint i = 0; i < G_N_ELEMENTS(ei); i++) {
        gboolean second = i >= TCPSTATE_FINDING_COUNT;

        ei[i].ids->ei = ei[i].ids->hf = -1;
        if (second && ei[i].eiinfo.severity == (int)tcpstate_finding_kinds[i - TCPSTATE_FINDING_COUNT].severity)
            continue; /* this kind has only one severity */
        ei[i].eiinfo.severity = severities[ei[i].eiinfo.severity];
        ei[i].eiinfo.group = groups[ei[i].eiinfo.group];
        expert_register_field_array(module, &ei[i], 1);
    }
}

void
fields_register(int protocol)
{
    /* clang-format off */
#define FIELD(hf, name, type, display, strings, title, blurb) {&(hf), {title, "tcpstate." name, type, display, strings, 0, blurb, HFILL}},
#define CLIENT_FIELD(member, ...) FIELD(hf.client.member, __VA_ARGS__)
#define SERVER_FIELD(member, ...) FIELD(hf.server.member, __VA_ARGS__)
#define OTHER_FIELD(member, ...) FIELD(hf.member, __VA_ARGS__)
    static hf_register_info fields[] = {
        END_FIELDS(CLIENT_FIELD, "client", "Client")
        END_FIELDS(SERVER_FIELD, "server", "Server")
        FIELDS(OTHER_FIELD)
    };
#undef FIELD
#undef CLIENT_FIELD
#undef SERVER_FIELD
#undef OTHER_FIELD
    /* clang-format on */

    hf.protocol = protocol;
    proto_register_field_array(protocol, fields, G_N_ELEMENTS(fields));
    register_findings(expert_register_protocol(protocol));
}
