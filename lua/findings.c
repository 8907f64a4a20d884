/* findings.c: places of names, and findings put in order. */
#include "findings.h"

#include <stdlib.h>
#include <string.h>

oe_status oe__places_note(oe_places *places, const char *name, const oe_place *place)
{
    if (places->count == places->capacity) {
        size_t capacity = places->capacity > 0 ? places->capacity * 2 : 64;
        oe_place *items = realloc(places->items, capacity * sizeof *items);
        if (items == NULL)
            return OE_E_MEMORY;
        places->items = items;
        places->capacity = capacity;
    }
    oe_place *noted = &places->items[places->count];
    *noted = *place;
    noted->name = strdup(name);
    if (noted->name == NULL)
        return OE_E_MEMORY;
    places->count++;
    return OE_OK;
}

void oe__places_free(oe_places *places)
{
    for (size_t i = 0; i < places->count; i++)
        free(places->items[i].name);
    free(places->items);
    *places = (oe_places){0};
}

/* E010 to E017 are names that the engine does not know, and the name stands in quotes. */
static bool is_unknown_name(const oe_finding *finding, const char *name)
{
    if (strncmp(finding->code, "E01", 3) != 0)
        return false;
    const char *quote = strchr(finding->message, '"');
    size_t length = strlen(name);
    return quote != NULL && strncmp(quote + 1, name, length) == 0 && quote[1 + length] == '"';
}

static bool is_of(const oe_place *place, const oe_finding *finding)
{
    return place->line < 0 ||
           (finding->where.line == place->declared && finding->where.file != NULL &&
            strcmp(finding->where.file, place->file) == 0);
}

/* false: the name is not unknown after all. */
static bool put_line_right(oe_finding *finding, const oe_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        const oe_place *place = &places->items[i];
        if (!is_of(place, finding) || !is_unknown_name(finding, place->name))
            continue;
        if (place->line < 0)
            return false;
        finding->where.line = place->line;
        break;
    }
    return true;
}

static int compare_findings(const void *left, const void *right)
{
    const oe_finding *a = left;
    const oe_finding *b = right;
    int order = strcmp(a->where.file != NULL ? a->where.file : "",
                       b->where.file != NULL ? b->where.file : "");
    if (order == 0)
        order = (a->where.line > b->where.line) - (a->where.line < b->where.line);
    if (order == 0)
        order = strcmp(a->code, b->code);
    return order != 0 ? order : strcmp(a->message, b->message);
}

oe_finding *oe__findings_of(const oe_builder *builder, const oe_places *places, size_t *count)
{
    size_t reported = oe_builder_finding_count(builder);
    oe_finding *findings = reported > 0 ? calloc(reported, sizeof *findings) : NULL;
    *count = findings != NULL ? 0 : reported;
    for (size_t i = 0; findings != NULL && i < reported; i++) {
        findings[*count] = *oe_builder_finding_get(builder, i);
        if (put_line_right(&findings[*count], places))
            ++*count;
    }
    if (findings != NULL)
        qsort(findings, *count, sizeof *findings, compare_findings);
    return findings;
}
