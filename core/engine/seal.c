/* seal.c: turns a builder's declarations into a ruleset, or into findings. */
#include "engine/seal.h"

#include "engine/status.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void *oe__seal_array(oe__sealing *sealing, size_t count, size_t size)
{
    void *memory = oe__arena_array(&sealing->ruleset->arena, count ? count : 1, size);
    if (memory == NULL)
        sealing->builder->failed = true;
    return memory;
}

void oe__seal_within(oe__sealing *sealing, const oe_attribute *attribute, const oe_bound *bound,
                     const char *what)
{
    if (!(bound->low > attribute->maximum) && !(bound->high < attribute->minimum))
        return;
    oe__builder_error(sealing->builder, "E068", bound->where, NULL,
                      "%s: no customer can have this \"%s\"; it lies between %.15g and %.15g",
                      what, attribute->name, attribute->minimum, attribute->maximum);
}

static size_t error_count(const oe_builder *builder)
{
    const oe_finding *findings = builder->findings.items;
    size_t count = 0;
    for (size_t i = 0; i < builder->findings.count; i++)
        count += findings[i].severity == OE_ERROR;
    return count;
}

int oe__finding_compare(const void *left, const void *right)
{
    const oe_finding *a = left, *b = right;
    int order = strcmp(a->where.file ? a->where.file : "", b->where.file ? b->where.file : "");
    if (order == 0)
        order = (a->where.line > b->where.line) - (a->where.line < b->where.line);
    if (order == 0)
        order = strcmp(a->code, b->code);
    return order != 0 ? order : strcmp(a->message, b->message);
}

static void sort_findings(oe_builder *builder)
{
    if (builder->findings.count > 1)
        qsort(builder->findings.items, builder->findings.count, sizeof(oe_finding),
              oe__finding_compare);
}

static void seal_source(oe_ruleset *ruleset)
{
    if (ruleset->declared.source == NULL)
        ruleset->declared.source = "000000000000";
}

static void seal_texts(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    size_t count = ruleset->declared.nodes.count;
    ruleset->condition_texts = oe__seal_array(sealing, count, sizeof(char *));
    for (size_t i = 0; i < count && !sealing->builder->failed; i++) {
        oe__buffer words = {0};
        oe__condition_write(&ruleset->declared, (oe_condition)i, &words);
        char *copy =
            words.failed ? NULL : oe__arena_text(&ruleset->arena, words.data, words.length);
        oe__buffer_free(&words);
        if (copy == NULL)
            sealing->builder->failed = true;
        else
            ruleset->condition_texts[i] = copy;
    }
}

typedef void (*pass)(oe__sealing *sealing);

static oe_status run_passes(oe__sealing *sealing, oe_error *error)
{
    const pass passes[] = {oe__seal_names,     oe__seal_derivations, oe__seal_conditions,
                           oe__seal_gates,     oe__seal_score,       oe__seal_messages,
                           oe__seal_limits,    oe__seal_ladders,     oe__seal_policies,
                           oe__seal_campaigns, oe__seal_order,       oe__seal_functions};
    oe_builder *builder = sealing->builder;
    for (size_t i = 0; i < sizeof passes / sizeof *passes && !builder->failed; i++)
        passes[i](sealing);
    if (!builder->failed && error_count(builder) == 0)
        oe__seal_attributes(sealing);
    sort_findings(builder);
    size_t errors = error_count(builder);
    if (!builder->failed && errors == 0)
        seal_texts(sealing);
    if (builder->failed)
        return oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    if (errors > 0)
        return oe__fail(error, OE_E_INVALID, "rules: %zu error%s", errors,
                        errors == 1 ? "" : "s");
    return OE_OK;
}

oe_status oe_builder_seal(oe_builder *builder, oe_ruleset **ruleset, oe_error *error)
{
    *ruleset = NULL;
    if (builder->sealed)
        return oe__fail(error, OE_E_ARGUMENT, "rules: this builder was sealed before");
    oe_ruleset *sealed = builder->failed ? NULL : calloc(1, sizeof *sealed);
    if (sealed == NULL)
        return oe__fail(error, OE_E_MEMORY, "rules: out of memory");
    atomic_init(&sealed->references, 1);
    sealed->dictionary = oe__dictionary_hold(builder->dictionary);
    sealed->declared = builder->declared;
    builder->declared = (oe__declared){0};
    builder->sealed = true;
    seal_source(sealed);
    oe__sealing sealing = {builder, sealed};
    oe_status status = run_passes(&sealing, error);
    if (status == OE_OK)
        *ruleset = sealed;
    else
        oe_ruleset_free(sealed);
    return status;
}

oe_ruleset *oe_ruleset_hold(oe_ruleset *ruleset)
{
    atomic_fetch_add_explicit(&ruleset->references, 1, memory_order_relaxed);
    return ruleset;
}

void oe_ruleset_free(oe_ruleset *ruleset)
{
    if (ruleset == NULL ||
        atomic_fetch_sub_explicit(&ruleset->references, 1, memory_order_acq_rel) != 1)
        return;
    void *prepared = atomic_load(&ruleset->prepared);
    if (prepared != NULL)
        ruleset->prepared_free(prepared);
    if (ruleset->program != NULL)
        ruleset->program_free(ruleset->program);
    for (size_t kind = 0; kind < OE_KIND_COUNT; kind++)
        oe__names_free(&ruleset->index[kind]);
    if (!atomic_load_explicit(&ruleset->has_stored, memory_order_relaxed))
        oe__dictionary_release(ruleset->dictionary, ruleset->attribute_numbers,
                               ruleset->numbered);
    oe__names_free(&ruleset->texts);
    oe__declared_free(&ruleset->declared);
    oe__arena_free(&ruleset->arena);
    oe_dictionary_free(ruleset->dictionary);
    free(ruleset);
}
