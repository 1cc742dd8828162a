/* Keeps which places differ, and puts each place into the first point without a place that differs from it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "point.h"

#include <string.h>

static guint8 points[PLACES_MAX]; /* by place */
static guint point_total;
static guint8 differences[PLACES_MAX][PLACES_MAX / 8], legs[PLACES_MAX][PLACES_MAX / 8]; /* bits by the earlier and the later place */

void
point_begin_capture(void)
{
    memset(points, 0, sizeof points);
    point_total = 1;
    memset(differences, 0, sizeof differences);
    memset(legs, 0, sizeof legs);
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

static gboolean
is_set(guint8 bits[PLACES_MAX][PLACES_MAX / 8], guint a, guint b)
{
    return bits[MIN(a, b)][MAX(a, b) / 8] >> MAX(a, b) % 8 & 1;
}

static void
set(guint8 bits[PLACES_MAX][PLACES_MAX / 8], guint a, guint b)
{
    guint8 *byte = &bits[MIN(a, b)][MAX(a, b) / 8];

    *byte = (guint8)(*byte | 1u << MAX(a, b) % 8);
}

void
point_join(guint16 a, guint16 b)
{
    set(legs, a, b);
}

gboolean
point_is_joined(guint16 a, guint16 b)
{
    return is_set(legs, a, b);
}

/* The first point of which no place is known to differ from this place. */
static guint
first_without_other(guint place)
{
    gboolean has_other[POINTS_MAX] = {FALSE};
    guint point = 0;

    for (guint other = 0; other < place_count(); other++)
        if (other != place && is_set(differences, other, place))
            has_other[points[other]] = TRUE;
    while (point < point_total && point < POINTS_MAX - 1 && has_other[point])
        point++;
    return point;
}

void
point_separate(guint16 a, guint16 b)
{
    guint16 later = MAX(a, b);

    if (a == b)
        return;
    set(differences, a, b);
    if (points[a] != points[b] || points[later] == POINTS_MAX - 1)
        return;
    points[later] = (guint8)first_without_other(later);
    point_total = MAX(point_total, points[later] + 1u);
}
