/* page.c: rows in and out of a page of columns. */
#include "engine/page.h"

#include <stdlib.h>
#include <string.h>

void oe__page_free(oe__page *page)
{
    if (page == NULL)
        return;
    for (size_t i = 0; page->columns != NULL && i < page->column_count; i++)
        free(page->columns[i]);
    for (size_t i = 0; page->words != NULL && i < page->word_count; i++)
        free(page->words[i]);
    free(page->columns);
    free(page->words);
    free(page);
}

void *oe__lanes_new(size_t size)
{
    void *bytes = aligned_alloc(64, size);
    return bytes == NULL ? NULL : memset(bytes, 0, size);
}

static void *copy_column(const void *source)
{
    void *copy = oe__lanes_new(OE__PAGE * sizeof(double));
    return copy == NULL ? NULL : memcpy(copy, source, OE__PAGE * sizeof(double));
}

static bool copy_columns(oe__page *page, const oe__page *source)
{
    page->columns = calloc(source->column_count + 1, sizeof *page->columns);
    page->words = calloc(source->word_count + 1, sizeof *page->words);
    if (page->columns == NULL || page->words == NULL)
        return false;
    page->column_count = source->column_count;
    page->word_count = source->word_count;
    for (size_t i = 0; i < source->column_count; i++)
        if (source->columns[i] != NULL &&
            (page->columns[i] = copy_column(source->columns[i])) == NULL)
            return false;
    for (size_t i = 0; i < source->word_count; i++)
        if (source->words[i] != NULL &&
            (page->words[i] = copy_column(source->words[i])) == NULL)
            return false;
    return true;
}

oe__page *oe__page_copy(const oe__page *source)
{
    oe__page *page = calloc(1, sizeof *page);
    if (page == NULL || source == NULL)
        return page;
    if (!copy_columns(page, source)) {
        oe__page_free(page);
        return NULL;
    }
    memcpy(page->records, source->records, sizeof page->records);
    return page;
}

/* ---- storing ---- */

static void *widen(void *pointers, uint32_t *count, uint32_t needed)
{
    void **wider = realloc(pointers, needed * sizeof *wider);
    if (wider == NULL)
        return NULL;
    for (uint32_t i = *count; i < needed; i++)
        wider[i] = NULL;
    *count = needed;
    return wider;
}

static bool need_column(oe__page *page, uint32_t number, double value)
{
    if (value != value)
        return true;
    if (number >= page->column_count) {
        double **columns = widen(page->columns, &page->column_count, number + 1);
        if (columns == NULL)
            return false;
        page->columns = columns;
    }
    if (page->columns[number] != NULL)
        return true;
    double *column = oe__lanes_new(OE__PAGE * sizeof *column);
    for (size_t i = 0; column != NULL && i < OE__PAGE; i++)
        column[i] = (double)NAN;
    page->columns[number] = column;
    return column != NULL;
}

static bool need_word(oe__page *page, uint32_t index, uint64_t word)
{
    if (word == 0)
        return true;
    if (index >= page->word_count) {
        uint64_t **words = widen(page->words, &page->word_count, index + 1);
        if (words == NULL)
            return false;
        page->words = words;
    }
    if (page->words[index] == NULL)
        page->words[index] = oe__lanes_new(OE__PAGE * sizeof(uint64_t));
    return page->words[index] != NULL;
}

static bool need_room(oe__page *page, const oe_profile *profile)
{
    const oe_ruleset *ruleset = profile->ruleset;
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++)
        if (!need_column(page, (uint32_t)ruleset->attribute_numbers[i], profile->values[i]))
            return false;
    for (size_t i = 0; i < ruleset->word_count; i++)
        if (!need_word(page, (uint32_t)i, profile->owned[i]))
            return false;
    return true;
}

void oe__page_clear(oe__page *page, size_t lane)
{
    for (size_t i = 0; i < page->column_count; i++)
        if (page->columns[i] != NULL)
            page->columns[i][lane] = (double)NAN;
    for (size_t i = 0; i < page->word_count; i++)
        if (page->words[i] != NULL)
            page->words[i][lane] = 0;
}

bool oe__page_store(oe__page *page, size_t lane, const oe_profile *profile)
{
    const oe_ruleset *ruleset = profile->ruleset;
    if (!need_room(page, profile))
        return false;
    oe__page_clear(page, lane);
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        uint32_t number = (uint32_t)ruleset->attribute_numbers[i];
        if (number < page->column_count && page->columns[number] != NULL)
            page->columns[number][lane] = profile->values[i];
    }
    for (size_t i = 0; i < ruleset->word_count; i++)
        if (i < page->word_count && page->words[i] != NULL)
            page->words[i][lane] = profile->owned[i];
    return true;
}

/* ---- loading ---- */

static size_t attribute_of(const oe_ruleset *ruleset, uint16_t number)
{
    size_t count = ruleset->declared.attributes.count;
    for (size_t i = 0; i < count; i++)
        if (ruleset->attribute_numbers[i] == (int32_t)number)
            return i;
    return count;
}

/* Texts and unknown products are looked up again: this ruleset may know what an earlier one did
 * not. */
static void load_extras(const oe__record *record, oe_profile *profile)
{
    oe__extra extra;
    const char *bytes, *extras = oe__record_extras(record);
    bool known;
    for (size_t offset = 0;
         oe__extra_next(extras, record->extras_length, &offset, &extra, &bytes);) {
        if (extra.attribute == OE__UNKNOWN_PRODUCT) {
            oe__profile_put_product(profile, bytes, extra.length, &known);
            continue;
        }
        size_t attribute = attribute_of(profile->ruleset, extra.attribute);
        if (attribute < profile->ruleset->declared.attributes.count)
            oe__profile_put_text(profile, attribute, bytes, extra.length);
    }
}

void oe__page_load(const oe__page *page, size_t lane, oe_profile *profile)
{
    const oe_ruleset *ruleset = profile->ruleset;
    const oe__record *record = page->records[lane];
    profile->extras.length = 0;
    profile->unknown_products = 0;
    memcpy(profile->id, record->bytes, record->id_length);
    profile->id[record->id_length] = '\0';
    profile->id_length = record->id_length;
    for (size_t i = 0; i < ruleset->declared.attributes.count; i++) {
        uint32_t number = (uint32_t)ruleset->attribute_numbers[i];
        profile->values[i] = number < page->column_count && page->columns[number] != NULL
                                 ? page->columns[number][lane]
                                 : (double)NAN;
    }
    for (size_t i = 0; i < ruleset->word_count; i++)
        profile->owned[i] =
            i < page->word_count && page->words[i] != NULL ? page->words[i][lane] : 0;
    if (record->extras_length > 0)
        load_extras(record, profile);
}

/* ---- after new rules ---- */

static bool refresh_text(oe__page *page, size_t lane, uint32_t number, int32_t code)
{
    double value = code < 0 ? OE__OTHER_TEXT : code;
    if (!need_column(page, number, value))
        return false;
    page->columns[number][lane] = value;
    return true;
}

static bool refresh_product(oe__page *page, size_t lane, int32_t number)
{
    if (number < 0)
        return true;
    uint64_t bit = UINT64_C(1) << number % 64;
    if (!need_word(page, (uint32_t)number / 64, bit))
        return false;
    page->words[number / 64][lane] |= bit;
    return true;
}

static bool refresh_row(oe__page *page, size_t lane, oe_dictionary *dictionary)
{
    const oe__record *record = page->records[lane];
    oe__extra extra;
    const char *bytes, *extras = oe__record_extras(record);
    bool room = true;
    for (size_t offset = 0;
         room && oe__extra_next(extras, record->extras_length, &offset, &extra, &bytes);)
        room =
            extra.attribute == OE__UNKNOWN_PRODUCT
                ? refresh_product(page, lane,
                                  oe__dictionary_find_product(dictionary, bytes, extra.length))
                : refresh_text(page, lane, extra.attribute,
                               oe__dictionary_find_text(dictionary, bytes, extra.length));
    return room;
}

bool oe__page_refresh(oe__page *page, oe_dictionary *dictionary)
{
    for (size_t lane = 0; lane < OE__PAGE; lane++)
        if (page->records[lane] != NULL && !refresh_row(page, lane, dictionary))
            return false;
    return true;
}
