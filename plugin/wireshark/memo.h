/* Long walks along a connection's records, remembered: of a million retries each would be walked past for each frame that is drawn.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCPSTATE_MEMO_H
#define TCPSTATE_MEMO_H

#include <glib.h>

enum memo_question { MEMO_ENTERED, MEMO_UNTIL, MEMO_ANSWERED, MEMO_LEFT };

/* The answer is the same from every record of the connection from `low` to `high`, indices in the flow's records. */
struct memo {
    gint64 key;
    size_t low, high, answer;
    size_t count; /* of records when it was asked; an answer that is `count` is none, until there are more */
};

/* NULL where nothing long was walked. `state` is one of the end, where the question needs it. */
const struct memo *memo_find(enum memo_question question, guint32 connection, int end, guint state);

/* Keeps an answer if the walk from `low` to `high` was long. */
void memo_keep(enum memo_question question, guint32 connection, int end, guint state, const struct memo *memo);

/* Forgets all: for another capture, and where other states are shown. */
void memo_reset(void);

#endif /* TCPSTATE_MEMO_H */
