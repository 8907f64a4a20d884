/* prove_segment.c: segments that divide one attribute among them: overlaps and holes.
 *
 * Only segments that ask for an interval of one attribute and nothing else count. Told is what
 * looks like a slip: an overlap of two of which neither holds the other, and a hole that is
 * narrower than the segments on both of its sides. */
#include "engine/prove.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct stretch {
    const oe_segment *segment;
    double low, high;
} stretch;

/* Narrows low..high by a condition; false: it asks for something else than one attribute's
 * interval. `attribute` is -1 as long as none was named. */
static bool narrow(const oe_ruleset *ruleset, oe_condition condition, int32_t *attribute,
                   stretch *found)
{
    const oe__node *node = &oe__nodes(ruleset)[condition];
    if (node->op == OE_ALL && node->part_count > 0) {
        for (size_t i = 0; i < node->part_count; i++)
            if (!narrow(ruleset, node->parts[i], attribute, found))
                return false;
        return true;
    }
    if (node->op > OE_BETWEEN || (*attribute >= 0 && *attribute != node->subject))
        return false;
    *attribute = node->subject;
    found->low = fmax(found->low, node->range_low);
    found->high = fmin(found->high, node->range_high);
    return true;
}

static bool stretch_of(const oe_ruleset *ruleset, size_t segment, size_t attribute,
                       stretch *found)
{
    const oe_attribute *declared = oe__attribute(ruleset, attribute);
    int32_t named = -1;
    *found = (stretch){oe__segment(ruleset, segment), declared->minimum, declared->maximum};
    if (!narrow(ruleset, found->segment->condition, &named, found) ||
        named != (int32_t)attribute)
        return false;
    if (declared->type == OE_INTEGER) {
        found->low = ceil(found->low);
        found->high = floor(found->high);
    }
    return found->low <= found->high;
}

static int compare_stretches(const void *left, const void *right)
{
    const stretch *a = left, *b = right;
    int order = (a->low > b->low) - (a->low < b->low);
    return order != 0 ? order : (a->high < b->high) - (a->high > b->high);
}

/* ---- words ---- */

/* "30", "from 30 to 40"; a bound that stands one double beside a shorter number excludes it. */
static void write_stretch(oe__buffer *out, double low, double high)
{
    char shown[2][32];
    snprintf(shown[0], sizeof shown[0], "%.15g", low);
    snprintf(shown[1], sizeof shown[1], "%.15g", high);
    if (low == high) {
        oe__prove_write(out, "%s", shown[0]);
        return;
    }
    bool above = strtod(shown[0], NULL)<low, below = strtod(shown[1], NULL)> high;
    oe__prove_write(out, "%s %s %s %s", above ? "above" : "from", shown[0],
                    below ? "and below" : "to", shown[1]);
}

static void report_overlap(oe__proving *proving, const oe_attribute *attribute,
                           const stretch *first, const stretch *second)
{
    oe__buffer message = {0};
    oe__prove_write(&message, "segment \"%s\": it overlaps \"%s\"", second->segment->id,
                    first->segment->id);
    oe__prove_write_place(&message, first->segment->where, second->segment->where);
    oe__prove_write(&message, ": %s ", attribute->name);
    write_stretch(&message, second->low, first->high);
    oe__buffer_add_text(&message, " is in both");
    oe__prove_report_text(proving, "N102", second->segment->where, &message);
}

static void report_hole(oe__proving *proving, const oe_attribute *attribute,
                        const stretch *first, const stretch *second)
{
    bool whole = attribute->type == OE_INTEGER;
    oe__buffer message = {0};
    oe__prove_write(&message, "segment \"%s\": between it and \"%s\"", second->segment->id,
                    first->segment->id);
    oe__prove_write_place(&message, first->segment->where, second->segment->where);
    oe__prove_write(&message, " is a hole: %s ", attribute->name);
    write_stretch(&message, whole ? first->high + 1 : nextafter(first->high, HUGE_VAL),
                  whole ? second->low - 1 : nextafter(second->low, -HUGE_VAL));
    oe__buffer_add_text(&message, " is in neither");
    oe__prove_report_text(proving, "N103", second->segment->where, &message);
}

/* ---- families ---- */

static bool is_hole(const oe_attribute *attribute, const stretch *first, const stretch *second)
{
    double width = second->low - first->high;
    double step = oe__attribute_step(attribute);
    if (attribute->type == OE_INTEGER)
        return width > 1 && width - 1 < first->high - first->low + 1 &&
               width - 1 < second->high - second->low + 1;
    double lowest = nextafter(first->high, HUGE_VAL),
           highest = nextafter(second->low, -HUGE_VAL);
    return lowest <= highest && (width > step * (1 + 1e-6) || lowest == highest) &&
           width < first->high - first->low && width < second->high - second->low;
}

static void prove_family(oe__proving *proving, const oe_attribute *attribute,
                         const stretch *stretches, size_t count)
{
    const stretch *furthest = &stretches[0];
    for (size_t i = 1; i < count; i++) {
        const stretch *next = &stretches[i];
        if (next->low <= furthest->high && next->high > furthest->high &&
            next->low > furthest->low)
            report_overlap(proving, attribute, furthest, next);
        else if (is_hole(attribute, furthest, next))
            report_hole(proving, attribute, furthest, next);
        if (next->high > furthest->high)
            furthest = next;
    }
}

/* ---- texts ---- */

/* The test of a segment that asks for texts of an attribute and nothing else, or NULL. */
static const oe__node *text_test(const oe_ruleset *ruleset, size_t segment, size_t attribute)
{
    const oe__node *nodes = oe__nodes(ruleset);
    const oe__node *node = &nodes[oe__segment(ruleset, segment)->condition];
    while (node->op == OE_ALL && node->part_count == 1)
        node = &nodes[node->parts[0]];
    bool asks =
        (node->op == OE_EQUALS || node->op == OE_ONE_OF) && node->subject == (int32_t)attribute;
    return asks ? node : NULL;
}

static bool names(const oe__node *test, const char *text)
{
    for (size_t i = 0; i < test->value_count; i++)
        if (strcmp(test->values[i].text, text) == 0)
            return true;
    return false;
}

/* How many texts of `one` the other names as well; they are added to `out`. */
static size_t write_common(const oe__node *one, const oe__node *other, oe__buffer *out)
{
    size_t count = 0;
    for (size_t i = 0; i < one->value_count; i++)
        if (names(other, one->values[i].text))
            oe__prove_write(out, count++ > 0 ? ", %s" : "%s", one->values[i].text);
    return count;
}

static void prove_texts_overlap(oe__proving *proving, size_t attribute, size_t first,
                                size_t second)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe__node *one = text_test(ruleset, first, attribute),
                   *other = text_test(ruleset, second, attribute);
    const oe_segment *segment = oe__segment(ruleset, second);
    oe__buffer message = {0}, ignored = {0};
    if (one == NULL || other == NULL)
        return;
    oe__prove_write(&message, "segment \"%s\": it overlaps \"%s\"", segment->id,
                    oe__segment(ruleset, first)->id);
    oe__prove_write_place(&message, oe__segment(ruleset, first)->where, segment->where);
    oe__prove_write(&message, ": %s ", one->attribute);
    size_t common = write_common(one, other, &message);
    oe__buffer_add_text(&message, " is in both");
    if (common > 0 && common < one->value_count &&
        write_common(other, one, &ignored) < other->value_count)
        oe__prove_report_text(proving, "N102", segment->where, &message);
    oe__buffer_free(&message);
    oe__buffer_free(&ignored);
}

/* Texts that the schema names and none of several segments, when they are the fewer ones. */
static void prove_texts_hole(oe__proving *proving, const oe_attribute *declared,
                             size_t attribute)
{
    const oe_ruleset *ruleset = proving->ruleset;
    const oe_segment *last = NULL;
    size_t segments = 0, holes = 0;
    oe__buffer missing = {0}, message = {0};
    for (size_t i = 0; i < declared->value_count; i++) {
        bool named = false;
        segments = 0;
        for (size_t s = 0; s < ruleset->declared.segments.count; s++) {
            const oe__node *test = text_test(ruleset, s, attribute);
            if (test == NULL)
                continue;
            segments++;
            last = oe__segment(ruleset, s);
            named |= names(test, declared->values[i]);
        }
        if (!named)
            oe__prove_write(&missing, holes++ > 0 ? ", %s" : "%s", declared->values[i]);
    }
    if (segments > 1 && holes > 0 && holes < declared->value_count - holes) {
        oe__prove_write(&message,
                        "segment \"%s\": with the others by %s it leaves a hole: ", last->id,
                        declared->name);
        oe__buffer_add(&message, missing.data, missing.length);
        oe__buffer_add_text(&message, " is in none of them");
        oe__prove_report_text(proving, "N103", last->where, &message);
    }
    oe__buffer_free(&missing);
}

static void prove_texts(oe__proving *proving, size_t attribute)
{
    size_t count = proving->ruleset->declared.segments.count;
    for (size_t second = 1; second < count; second++)
        for (size_t first = 0; first < second; first++)
            prove_texts_overlap(proving, attribute, first, second);
    prove_texts_hole(proving, oe__attribute(proving->ruleset, attribute), attribute);
}

void oe__prove_segments(oe__proving *proving)
{
    const oe_ruleset *ruleset = proving->ruleset;
    stretch *family =
        oe__arena_array(&proving->arena, ruleset->declared.segments.count + 1, sizeof *family);
    if (family == NULL)
        proving->failed = true;
    for (size_t a = 0; family != NULL && a < ruleset->declared.attributes.count; a++) {
        size_t count = 0;
        if (oe__attribute(ruleset, a)->type == OE_TEXT)
            prove_texts(proving, a);
        if (!oe__type_is_numeric(oe__attribute(ruleset, a)->type))
            continue;
        for (size_t s = 0; s < ruleset->declared.segments.count; s++)
            count += stretch_of(ruleset, s, a, &family[count]);
        if (count < 2)
            continue;
        qsort(family, count, sizeof *family, compare_stretches);
        prove_family(proving, oe__attribute(ruleset, a), family, count);
    }
}
