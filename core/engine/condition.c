/* condition.c: interning of condition nodes and their words. */
#include "engine/condition.h"

#include "engine/declared.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static bool same_node(const oe__node *a, const oe__node *b)
{
    if (a->op != b->op || !same_number(a->low, b->low) || !same_number(a->high, b->high) ||
        a->value_count != b->value_count || a->part_count != b->part_count ||
        a->function != b->function || !same_text(a->attribute, b->attribute) ||
        !same_text(a->name, b->name))
        return false;
    for (size_t i = 0; i < a->value_count; i++)
        if (!same_text(a->values[i].text, b->values[i].text) ||
            !same_number(a->values[i].number, b->values[i].number))
            return false;
    return a->part_count == 0 ||
           memcmp(a->parts, b->parts, a->part_count * sizeof *a->parts) == 0;
}

oe_condition oe__condition_intern(struct oe__declared *declared, const oe__node *node)
{
    const oe__node *nodes = declared->nodes.items;
    for (size_t i = declared->nodes.count; i > 0; i--)
        if (same_node(&nodes[i - 1], node))
            return (oe_condition)(i - 1);
    oe__node *added = oe__list_add(&declared->nodes, sizeof *added);
    if (added == NULL)
        return OE_NO_CONDITION;
    *added = *node;
    return (oe_condition)(declared->nodes.count - 1);
}

static void write_number(oe__buffer *out, double number)
{
    char text[32];
    snprintf(text, sizeof text, "%.15g", number);
    char *point = strchr(text, ','); /* the process may run under a locale */
    if (point != NULL)
        *point = '.';
    oe__buffer_add_text(out, text);
}

static void write_values(oe__buffer *out, const oe__node *node)
{
    for (size_t i = 0; i < node->value_count; i++) {
        if (i > 0)
            oe__buffer_add_text(out, ", ");
        if (node->values[i].text != NULL)
            oe__buffer_add_text(out, node->values[i].text);
        else
            write_number(out, node->values[i].number);
    }
}

static void write_comparison(oe__buffer *out, const oe__node *node, const char *sign,
                             double bound)
{
    oe__buffer_add_text(out, node->attribute);
    oe__buffer_add_text(out, sign);
    write_number(out, bound);
}

static void write_named(oe__buffer *out, const char *before, const char *name)
{
    oe__buffer_add_text(out, before);
    oe__buffer_add_text(out, name);
}

static void write_parts(const struct oe__declared *declared, const oe__node *node,
                        const char *between, oe__buffer *out)
{
    for (size_t i = 0; i < node->part_count; i++) {
        oe__buffer_add_text(out, i > 0 ? between : node->part_count > 1 ? "(" : "");
        oe__condition_write(declared, node->parts[i], out);
    }
    if (node->part_count == 0)
        oe__buffer_add_text(out, node->op == OE_ANY ? "never" : "always");
    else
        oe__buffer_add_text(out, node->part_count > 1 ? ")" : "");
}

static void write_attribute_test(const oe__node *node, oe__buffer *out)
{
    switch ((int)node->op) {
    case OE_AT_LEAST:
        write_comparison(out, node, " >= ", node->low);
        break;
    case OE_AT_MOST:
        write_comparison(out, node, " <= ", node->high);
        break;
    case OE_ABOVE:
        write_comparison(out, node, " > ", node->low);
        break;
    case OE_BELOW:
        write_comparison(out, node, " < ", node->high);
        break;
    case OE_BETWEEN:
        write_comparison(out, node, " between ", node->low);
        oe__buffer_add_text(out, " and ");
        write_number(out, node->high);
        break;
    case OE_KNOWN:
        write_named(out, node->attribute, " is on file");
        break;
    case OE_UNKNOWN:
        write_named(out, node->attribute, " is not on file");
        break;
    default:
        write_named(out, node->attribute,
                    node->op == OE_EQUALS    ? " is "
                    : node->op == OE_NONE_OF ? " is none of "
                                             : " is one of ");
        write_values(out, node);
    }
}

void oe__condition_write(const struct oe__declared *declared, oe_condition condition,
                         oe__buffer *out)
{
    const oe__node *node = (const oe__node *)declared->nodes.items + condition;
    switch ((int)node->op) {
    case OE_ALL:
        write_parts(declared, node, " and ", out);
        break;
    case OE_ANY:
        write_parts(declared, node, " or ", out);
        break;
    case OE_NOT:
        oe__buffer_add_text(out, "not ");
        write_parts(declared, node, "", out);
        break;
    case OE_OWNS:
        write_named(out, "owns ", node->name);
        break;
    case OE_LACKS:
        write_named(out, "does not own ", node->name);
        break;
    case OE_LACKS_CATEGORY:
        write_named(out, "owns nothing in ",
                    node->name ? node->name : "the product's category");
        break;
    case OE_IN_SEGMENT:
        write_named(out, "is in segment ", node->name);
        break;
    case OE_CALL:
        write_named(out, "the function of ", node->name);
        break;
    default:
        write_attribute_test(node, out);
    }
}
