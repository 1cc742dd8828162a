/* What the capture shows of a connection, from its first frame to its last: the evidence for its verdict, and for its row in a table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_EVIDENCE_H
#define TCPSTATE_EVIDENCE_H

#include "../wireshark/capture/flow.h"

/* What the capture point nearest to an end shows of the connection. */
struct evidence_side {
    const struct flow_connection *conn;
    const struct tcpstate_record *last;
    int end;                                 /* of the side, 0 or 1, as numbered there */
    guint retries[TCPSTATE_RETRIED_FIN + 1]; /* by enum tcpstate_retried */
    gint64 fin_time;                         /* when it first sent its FIN, nanoseconds since the epoch; 0 for never */
    gint64 since;                            /* when it came to its last state, nanoseconds since the epoch */
};

struct evidence_finding {
    const struct tcpstate_finding *finding;
    const struct flow_connection *conn; /* at whose point it was found */
    gboolean is_about_client;
};

/* The sides of a connection. */
enum role { ROLE_CLIENT, ROLE_SERVER };

/* With several capture points, all but `side` and the findings is what the first of them shows. */
struct evidence {
    guint32 number;
    const struct flow_connection *conn;
    const struct flow *flow;
    struct evidence_side side[2]; /* by enum role */
    const struct tcpstate_record *first, *last;
    gint64 start, end;  /* nanoseconds since the epoch */
    gint64 round_trip;  /* round-trip time in nanoseconds, as seen near the client; 0 if unknown */
    int client;         /* its end: 0 or 1 */
    int fin_of, rst_of; /* the ends that sent the first FIN and the RST; -1 for none */
    gboolean fins_crossed;
    GArray *findings; /* struct evidence_finding, by point and frame */
};

/* FALSE if the connection has no record. If TRUE, free it with evidence_clear(). Which point is nearest is known after between_update();
 * before, it is the first one. */
gboolean evidence_gather(struct evidence *evidence, guint32 number);
void evidence_clear(struct evidence *evidence);

/* The finding of the highest severity, and the first of those; NULL for none. */
const struct tcpstate_finding *evidence_worst(const struct evidence *evidence);

/* The last finding of this kind about an end; NULL for none. And how many there are. With several points, those of the nearest point that
 * has any. */
const struct evidence_finding *evidence_about(const struct evidence *evidence, enum tcpstate_finding_id id, enum role role);
guint evidence_count_about(const struct evidence *evidence, enum tcpstate_finding_id id, enum role role);

/* The connection that took its addresses and ports while it was open: the finding of this kind about the end there. FALSE for none. */
gboolean evidence_in_successor(const struct evidence *evidence, enum tcpstate_finding_id id, enum role role,
                               struct evidence_finding *found);

/* Whether another connection has taken its addresses and ports before both ends were closed. */
gboolean evidence_was_replaced(const struct evidence *evidence);

/* Its state after the last segment of the connection. And what the engine knows of it. */
enum tcpstate_state evidence_state(const struct evidence *evidence, enum role role);
struct tcpstate_end evidence_engine_end(const struct evidence *evidence, enum role role);
struct tcpstate_traffic evidence_traffic(const struct evidence *evidence, enum role role);

/* The frame of its last segment, without copies. */
guint32 evidence_last_frame(const struct evidence *evidence);

/* Whether the capture has neither its SYN nor its SYN,ACK. Whether both ends were closed. And whether the connection was left open at the
 * end of the capture. */
gboolean evidence_began_before(const struct evidence *evidence);
gboolean evidence_is_over(const struct evidence *evidence);
gboolean evidence_goes_on(const struct evidence *evidence);

/* Those of a SYN count near the client, those of a SYN,ACK near the server, and those of FINs where more were seen. */
guint evidence_retries(const struct evidence *evidence, enum tcpstate_retried retried);

const struct flow_end *evidence_end(const struct evidence *evidence, enum role role);

#endif /* TCPSTATE_EVIDENCE_H */
