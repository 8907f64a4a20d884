/* seal_derive.c: derived attributes: what each is computed from, and that everything it takes
 * comes before it. */
#include "engine/derive.h"
#include "engine/profile.h"
#include "engine/seal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

double oe__seal_text(oe__sealing *sealing, const char *text)
{
    oe_ruleset *ruleset = sealing->ruleset;
    int32_t local = oe__names_add(&ruleset->texts, text, strlen(text));
    int32_t code = oe__dictionary_text(ruleset->dictionary, text, strlen(text));
    if (local < 0 || code < 0)
        sealing->builder->failed = true;
    return code;
}

static void refuse(oe__sealing *sealing, const oe_derivation *declared, const char *fault)
{
    oe__builder_error(sealing->builder, "E104", declared->where, NULL, "derive \"%s\": %s",
                      declared->attribute, fault);
}

static bool fits(const oe_attribute *attribute, oe_value value)
{
    return (attribute->type == OE_TEXT) == (value.text != NULL);
}

static double code_of(oe__sealing *sealing, oe_value value)
{
    return value.text != NULL ? oe__seal_text(sealing, value.text) : value.number + 0.0;
}

/* Texts with bytes, numbers in the range; NAN stands for not on file. */
static bool is_value(const oe_attribute *attribute, oe_value value)
{
    char message[128];
    if (value.text == NULL && isnan(value.number))
        return true;
    return fits(attribute, value) &&
           (value.text != NULL ? strlen(value.text) <= OE_TEXT_MAX
                               : oe__attribute_fault(attribute, value.number, message,
                                                     sizeof message) == NULL);
}

static int compare_rows(const void *left, const void *right)
{
    double a = ((const oe__row *)left)->key, b = ((const oe__row *)right)->key;
    return (a > b) - (a < b);
}

static const oe__row *seal_rows(oe__sealing *sealing, const oe_derivation *declared,
                                const oe_attribute *attribute, const oe_attribute *key)
{
    oe__row *rows = oe__seal_array(sealing, declared->row_count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < declared->row_count; i++) {
        oe_value name = declared->keys[i], value = declared->values[i];
        if (!fits(key, name) || (name.text == NULL && !isfinite(name.number)))
            refuse(sealing, declared, "a key does not suit the attribute that is looked up");
        else if (!is_value(attribute, value))
            refuse(sealing, declared, "a value is none that the attribute may have");
        else
            rows[i] = (oe__row){code_of(sealing, name), code_of(sealing, value), value.text};
    }
    if (rows != NULL && declared->row_count > 1)
        qsort(rows, declared->row_count, sizeof *rows, compare_rows);
    for (size_t i = 1; rows != NULL && i < declared->row_count; i++)
        if (rows[i].key == rows[i - 1].key)
            refuse(sealing, declared, "a key has two rows");
    return rows;
}

static bool is_computed(const oe_ruleset *ruleset, uint32_t attribute)
{
    for (size_t i = 0; i < ruleset->derivation_count; i++)
        if (ruleset->derivations[i].attribute == attribute)
            return true;
    return false;
}

static void seal_lookup(oe__sealing *sealing, oe__derivation *made)
{
    const oe_ruleset *ruleset = sealing->ruleset;
    const oe_derivation *declared = made->declared;
    oe_attribute *attribute =
        (oe_attribute *)ruleset->declared.attributes.items + made->attribute;
    made->key = oe__seal_find(sealing, OE_ATTRIBUTES, declared->key, declared->where);
    if (made->key < 0)
        return;
    const oe_attribute *key = oe__attribute(ruleset, (size_t)made->key);
    if (key->type != OE_TEXT && !oe__type_is_numeric(key->type))
        refuse(sealing, declared, "only texts and numbers can be looked up");
    else if (key->derived && !is_computed(ruleset, (uint32_t)made->key))
        refuse(sealing, declared, "what it looks up is derived later");
    else if (!is_value(attribute, declared->otherwise))
        refuse(sealing, declared, "its default is none that the attribute may have");
    else
        made->rows = seal_rows(sealing, declared, attribute, key);
    attribute->is_protected |= key->is_protected;
    made->row_count = declared->row_count;
    made->otherwise = code_of(sealing, declared->otherwise);
}

/* ---- lots ---- */

enum { SHARES_MAX = 1000000 };

static bool is_drawn_twice(const oe__row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].value == rows[count].value)
            return true;
    return false;
}

static void seal_lot(oe__sealing *sealing, oe__derivation *made)
{
    const oe_derivation *declared = made->declared;
    const oe_attribute *attribute = oe__attribute(sealing->ruleset, made->attribute);
    oe__row *rows = oe__seal_array(sealing, declared->row_count, sizeof *rows);
    double total = 0;
    if (declared->row_count < 2 || declared->shares == NULL)
        refuse(sealing, declared, "a lot needs two values with their shares");
    else if (declared->from_ms >= declared->until_ms)
        refuse(sealing, declared, "it would end before it begins");
    for (size_t i = 0; rows != NULL && declared->shares != NULL && i < declared->row_count;
         i++) {
        oe_value value = declared->values[i];
        total += declared->shares[i];
        if (declared->shares[i] == 0 || total > SHARES_MAX)
            refuse(sealing, declared, "shares are from 1, and together at most 1000000");
        else if (!fits(attribute, value) || !is_value(attribute, value))
            refuse(sealing, declared, "a value is none that the attribute may have");
        else
            rows[i] = (oe__row){total, code_of(sealing, value), value.text};
        if (rows[i].key > 0 && is_drawn_twice(rows, i))
            refuse(sealing, declared, "a value has two shares");
    }
    made->by_lot = true;
    made->seed = oe__lot_seed(declared->salt);
    made->rows = rows;
    made->row_count = declared->row_count;
    made->otherwise = (double)NAN;
}

static void seal_derivation(oe__sealing *sealing, const oe_derivation *declared)
{
    oe_ruleset *ruleset = sealing->ruleset;
    int32_t attribute =
        oe__seal_find(sealing, OE_ATTRIBUTES, declared->attribute, declared->where);
    if (attribute < 0)
        return;
    oe__derivation made = {.declared = declared, .attribute = (uint32_t)attribute, .key = -1};
    if (!oe__attribute(ruleset, made.attribute)->derived ||
        oe__attribute(ruleset, made.attribute)->type == OE_PRODUCT_SET)
        refuse(sealing, declared, "the attribute is not declared as derived");
    else if (is_computed(ruleset, made.attribute))
        refuse(sealing, declared, "is derived twice");
    else if (declared->key != NULL)
        seal_lookup(sealing, &made);
    else if (declared->salt != NULL)
        seal_lot(sealing, &made);
    else if (declared->function >= OE__FUNCTIONS_MAX)
        refuse(sealing, declared, "there are too many functions");
    ruleset->derivations[ruleset->derivation_count++] = made;
}

void oe__seal_derivations(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    const oe__list *list = &ruleset->declared.derivations;
    if (ruleset->index[OE_ATTRIBUTES].count < ruleset->declared.attributes.count)
        return; /* one is declared twice, and numbers would mislead */
    ruleset->derivations = oe__seal_array(sealing, list->count, sizeof *ruleset->derivations);
    for (size_t i = 0; i < list->count && !sealing->builder->failed; i++)
        seal_derivation(sealing, (const oe_derivation *)list->items + i);
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++)
        if (oe__attribute(ruleset, i)->derived && !is_computed(ruleset, (uint32_t)i))
            oe__builder_error(sealing->builder, "E104", oe__attribute(ruleset, i)->where, NULL,
                              "derive \"%s\": nothing says how it is computed",
                              oe__attribute(ruleset, i)->name);
}
