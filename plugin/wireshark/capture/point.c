/* Keeps which places differ, and puts each place into the first point without a place that differs from it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "point.h"

#include <string.h>

static guint8 points[PLACES_MAX]; /* by place */
static guint point_total;
static GHashTable *differences, *legs; /* sets of keys: see key_of() */

void
point_begin_capture(void)
{
    memset(points, 0, sizeof points);
    point_total = 1;
    if (differences == NULL) {
        differences = g_hash_table_new(g_direct_hash, g_direct_equal);
        legs = g_hash_table_new(g_direct_hash, g_direct_equal);
    }
    g_hash_table_remove_all(differences);
    g_hash_table_remove_all(legs);
}

guint
point_of(guint16 place)
{
    return points[place];
}

char *
point_name(wmem_allocator_t *scope, guint point)
{
    guint16 place = 0;

    while (place + 1u < place_count() && points[place] != point)
        place++;
    return place_name(scope, place);
}

guint
point_count(void)
{
    return point_total;
}

static gpointer
key_of(guint a, guint b)
{
    return GUINT_TO_POINTER(MIN(a, b) << 16 | MAX(a, b));
}

void
point_join(guint16 a, guint16 b)
{
    g_hash_table_add(legs, key_of(a, b));
}

gboolean
point_is_joined(guint16 a, guint16 b)
{
    return g_hash_table_contains(legs, key_of(a, b));
}

/* Whether a place of the point is known to differ from this place. */
static gboolean
has_other(guint point, guint place)
{
    for (guint other = 0; other < place_count(); other++)
        if (other != place && points[other] == point && g_hash_table_contains(differences, key_of(other, place)))
            return TRUE;
    return FALSE;
}

void
point_separate(guint16 a, guint16 b)
{
    guint16 later = MAX(a, b);
    guint point = 0;

    if (a == b || !g_hash_table_add(differences, key_of(a, b)) || points[a] != points[b])
        return;
    while (point < point_total && has_other(point, later))
        point++;
    points[later] = (guint8)MIN(point, POINTS_MAX - 1);
    point_total = MAX(point_total, points[later] + 1u);
}
