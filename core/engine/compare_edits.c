/* compare_edits.c: in what two rulesets differ: equality, places, and adding and finding what
 * differs. What each kind of declaration has to compare is in compare_rules.c and
 * compare_products.c. */
#include "engine/compare.h"

#include <string.h>

/* ---- equality ---- */

bool oe__same_text(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool oe__same_number(double a, double b)
{
    return a == b || (a != a && b != b);
}

static bool holds_text(const char *const *texts, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(texts[i], text) == 0)
            return true;
    return false;
}

bool oe__same_texts(const char *const *a, size_t a_count, const char *const *b, size_t b_count)
{
    for (size_t i = 0; i < a_count; i++)
        if (!holds_text(b, b_count, a[i]))
            return false;
    for (size_t i = 0; i < b_count; i++)
        if (!holds_text(a, a_count, b[i]))
            return false;
    return true;
}

bool oe__same_curve(const oe_curve *a, const oe_curve *b)
{
    if (a->kind != b->kind || a->point_count != b->point_count ||
        (a->kind == OE_CURVE_CALL && a->digest != b->digest))
        return false;
    size_t points = a->kind == OE_CURVE_RAMP    ? 2
                    : a->kind == OE_CURVE_BAND  ? 4
                    : a->kind == OE_CURVE_STEPS ? a->point_count
                                                : 0;
    for (size_t i = 0; i < points; i++)
        if (a->x[i] != b->x[i] || (a->kind == OE_CURVE_STEPS && a->y[i] != b->y[i]))
            return false;
    return true;
}

static bool same_values(const oe__node *a, const oe__node *b)
{
    for (size_t i = 0; i < a->value_count; i++)
        if (!oe__same_text(a->values[i].text, b->values[i].text) ||
            !oe__same_number(a->values[i].number, b->values[i].number))
            return false;
    return true;
}

/* Functions are compared by what they do; their numbers hang on the others. */
bool oe__same_condition(const oe__pair *pair, oe_condition base, oe_condition candidate)
{
    if (base == OE_NO_CONDITION || candidate == OE_NO_CONDITION)
        return base == candidate;
    const oe__node *a = &oe__nodes(pair->rules[OE__BASE])[base];
    const oe__node *b = &oe__nodes(pair->rules[OE__NEW])[candidate];
    if (a->op != b->op || !oe__same_number(a->low, b->low) ||
        !oe__same_number(a->high, b->high) || a->value_count != b->value_count ||
        a->part_count != b->part_count || a->digest != b->digest ||
        !oe__same_text(a->attribute, b->attribute) || !oe__same_text(a->name, b->name) ||
        !same_values(a, b))
        return false;
    for (size_t i = 0; i < a->part_count; i++)
        if (!oe__same_condition(pair, a->parts[i], b->parts[i]))
            return false;
    return true;
}

/* ---- places ---- */

static const oe_key *find_key(const oe__matched *matched, int side, const char *key)
{
    for (size_t i = 0; i < matched->key_count[side]; i++)
        if (strcmp(matched->keys[side][i].name, key) == 0)
            return &matched->keys[side][i];
    return NULL;
}

oe_where oe__key_where(const oe__matched *matched, int side, const char *key)
{
    const oe_key *found = find_key(matched, side, key);
    oe_where where = matched->where[side];
    if (found != NULL)
        where.line = found->line;
    return where;
}

/* The only part of `whole` that the other side's node has no equal of, or NULL. */
static const oe_condition *odd_part(const oe__pair *pair, const oe__node *nodes[2], int side)
{
    const oe__node *whole = nodes[side], *other = nodes[1 - side];
    const oe_condition *odd = NULL;
    for (size_t i = 0; i < whole->part_count; i++) {
        bool found = false;
        for (size_t j = 0; j < other->part_count && !found; j++)
            found = side == OE__BASE
                        ? oe__same_condition(pair, whole->parts[i], other->parts[j])
                        : oe__same_condition(pair, other->parts[j], whole->parts[i]);
        if (!found && odd != NULL)
            return NULL;
        if (!found)
            odd = &whole->parts[i];
    }
    return odd;
}

/* Equal conditions share a node with the place of the first: a place before the key is none of
 * this one's. */
static void move_into(oe_where *around, const oe__node *node)
{
    if (oe__same_text(node->where.file, around->file) && node->where.line > around->line)
        around->line = node->where.line;
}

void oe__place_condition(const oe__pair *pair, const oe_condition conditions[2], oe_where base,
                         oe__edit *edit)
{
    const oe__node *const all[2] = {oe__nodes(pair->rules[OE__BASE]),
                                    oe__nodes(pair->rules[OE__NEW])};
    const oe__node *at[2] = {&all[OE__BASE][conditions[OE__BASE]],
                             &all[OE__NEW][conditions[OE__NEW]]};
    for (;;) {
        move_into(&edit->where, at[OE__NEW]);
        move_into(&base, at[OE__BASE]);
        if (at[OE__BASE]->op != at[OE__NEW]->op)
            return;
        const oe_condition *now = odd_part(pair, at, OE__NEW);
        const oe_condition *before = odd_part(pair, at, OE__BASE);
        if (now == NULL || before == NULL) {
            if (now != NULL)
                move_into(&edit->where, &all[OE__NEW][*now]);
            if (before == NULL || now != NULL)
                return;
            move_into(&base, &all[OE__BASE][*before]);
            edit->kind = OE__REMOVED;
            edit->where = base;
            return;
        }
        at[OE__BASE] = &all[OE__BASE][*before];
        at[OE__NEW] = &all[OE__NEW][*now];
    }
}

/* ---- adding and finding ---- */

void oe__edit_add(oe__pair *pair, const oe__edit *edit)
{
    oe__edit *added = oe__list_add(&pair->edits->list, sizeof *added);
    if (added == NULL)
        pair->edits->failed = true;
    else
        *added = *edit;
}

void oe__edit_key(oe__pair *pair, const oe__matched *matched, const char *key, bool differs)
{
    if (!differs)
        return;
    oe__edit edit = matched->about;
    bool now = find_key(matched, OE__NEW, key) != NULL;
    bool before = find_key(matched, OE__BASE, key) != NULL;
    int side = !now && before ? OE__BASE : OE__NEW;
    edit.kind = now == before ? OE__CHANGED : now ? OE__ADDED : OE__REMOVED;
    edit.key = key;
    edit.where = oe__key_where(matched, side, key);
    oe__edit_add(pair, &edit);
}

void oe__edit_part(oe__pair *pair, const oe__edit *about, const oe_where *const where[2])
{
    oe__edit edit = *about;
    edit.kind = where[OE__NEW] == NULL    ? OE__REMOVED
                : where[OE__BASE] == NULL ? OE__ADDED
                                          : OE__CHANGED;
    edit.where = *where[where[OE__NEW] == NULL ? OE__BASE : OE__NEW];
    oe__edit_add(pair, &edit);
}

void oe__edit_condition(oe__pair *pair, const oe__matched *matched, const char *key,
                        const oe_condition conditions[2])
{
    if (oe__same_condition(pair, conditions[OE__BASE], conditions[OE__NEW]))
        return;
    size_t before = pair->edits->list.count;
    oe__edit_key(pair, matched, key, true);
    if (pair->edits->list.count == before)
        return;
    oe__edit *edit = (oe__edit *)pair->edits->list.items + before;
    if (edit->kind == OE__CHANGED && conditions[OE__BASE] != OE_NO_CONDITION &&
        conditions[OE__NEW] != OE_NO_CONDITION)
        oe__place_condition(pair, conditions, oe__key_where(matched, OE__BASE, key), edit);
}

uint32_t oe__edit_find(const oe__edits *edits, oe__element element, const char *id,
                       const char *key, const char *part)
{
    for (size_t i = edits->first[element]; i < edits->first[element + 1]; i++) {
        const oe__edit *edit = oe__edit_at(edits, (uint32_t)i);
        bool whole = edit->key[0] == '\0' && edit->part[0] == '\0';
        if (strcmp(edit->id, id) == 0 &&
            (whole || key == NULL ||
             (strcmp(edit->key, key) == 0 && strcmp(edit->part, part) == 0)))
            return (uint32_t)i;
    }
    return OE__NO_EDIT;
}
