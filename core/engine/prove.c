/* prove.c: proofs about a whole catalogue: collects what the passes find and hands it out. */
#include "engine/prove.h"

#include "engine/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIECE_MAX = 512, EXTRA_DEMANDS = 8 };

void oe__prove_write(oe__buffer *out, const char *format, ...)
{
    char piece[PIECE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    oe__buffer_add_text(out, piece);
}

void oe__prove_write_place(oe__buffer *out, oe_where where, oe_where here)
{
    bool same = where.line == here.line &&
                strcmp(where.file ? where.file : "", here.file ? here.file : "") == 0;
    if (!same && where.file != NULL)
        oe__prove_write(out, " (%s:%d)", where.file, where.line);
}

static oe_severity severity_of(const char *code)
{
    return code[0] == 'W' ? OE_WARNING : OE_NOTE;
}

void oe__prove_report_text(oe__proving *proving, const char *code, oe_where where,
                           oe__buffer *message)
{
    oe_finding *finding = oe__list_add(&proving->findings, sizeof *finding);
    const char *copy = message->failed
                           ? NULL
                           : oe__arena_text(&proving->arena, message->data, message->length);
    oe__buffer_free(message);
    if (finding == NULL || copy == NULL)
        proving->failed = true;
    if (finding != NULL)
        *finding = (oe_finding){severity_of(code), code, where, copy ? copy : "", NULL};
}

void oe__prove_report(oe__proving *proving, const char *code, oe_where where,
                      const char *format, ...)
{
    char piece[PIECE_MAX];
    oe__buffer message = {0};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(piece, sizeof piece, format, arguments);
    va_end(arguments);
    oe__buffer_add_text(&message, piece);
    oe__prove_report_text(proving, code, where, &message);
}

/* The most demands of any product, or parts of any condition, that are looked at together. */
static size_t demands_max(const oe_ruleset *ruleset)
{
    size_t most = 0;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe__compiled *product = &ruleset->compiled[p];
        size_t count = product->range_count + product->guard_count + product->after_count +
                       product->not_with_count;
        most = count > most ? count : most;
    }
    for (size_t i = 0; i < ruleset->declared.nodes.count; i++)
        if (oe__nodes(ruleset)[i].part_count > most)
            most = oe__nodes(ruleset)[i].part_count;
    for (size_t i = 0; i < ruleset->declared.ladders.count; i++)
        most += oe__ladder(ruleset, i)->step_count;
    return most + EXTRA_DEMANDS;
}

static bool begin(oe__proving *proving, const oe_ruleset *ruleset)
{
    *proving = (oe__proving){.ruleset = ruleset};
    oe__arena *arena = &proving->arena;
    size_t most = demands_max(ruleset);
    proving->closed =
        oe__arena_array(arena, ruleset->declared.products.count + 1, sizeof(bool));
    proving->idle = oe__arena_array(arena, ruleset->declared.rules.count + 1, sizeof(bool));
    proving->demands = oe__arena_array(arena, most, sizeof *proving->demands);
    proving->some = oe__arena_array(arena, most, sizeof *proving->some);
    proving->needed = oe__arena_array(arena, most, sizeof(bool));
    return proving->closed && proving->idle && proving->demands && proving->some &&
           proving->needed && oe__region_init(&proving->everybody, ruleset);
}

static void end(oe__proving *proving)
{
    oe__region_free(&proving->everybody);
    oe__arena_free(&proving->arena);
    free(proving->findings.items);
}

static void hand_out(const oe__proving *proving, oe__finding_sink sink)
{
    const oe_finding *findings = proving->findings.items;
    if (proving->findings.count > 1)
        qsort(proving->findings.items, proving->findings.count, sizeof *findings,
              oe__finding_compare);
    for (size_t i = 0; i < proving->findings.count; i++)
        if (!sink.take(sink.context, &findings[i]))
            return;
}

oe_status oe__ruleset_prove(const oe_ruleset *ruleset, oe__finding_sink sink)
{
    typedef void (*pass)(oe__proving * proving);
    const pass passes[] = {oe__prove_products, oe__prove_thresholds, oe__prove_conditions,
                           oe__prove_rules,    oe__prove_segments,   oe__prove_limits,
                           oe__prove_policies};
    oe__proving proving;
    bool ready = begin(&proving, ruleset);
    for (size_t i = 0; ready && i < sizeof passes / sizeof *passes; i++)
        passes[i](&proving);
    ready = ready && !proving.failed;
    if (ready)
        hand_out(&proving, sink);
    end(&proving);
    return ready ? OE_OK : OE_E_MEMORY;
}
