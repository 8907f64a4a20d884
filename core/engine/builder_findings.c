/* builder_findings.c: what is wrong with the rules, as it is found. */
#include "engine/builder.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { MESSAGE_MAX = 512, ERRORS_MAX = 500 };

static void *kept(oe_builder *builder, void *memory)
{
    if (memory == NULL)
        builder->failed = true;
    return memory;
}

oe_status oe_builder_report(oe_builder *builder, const oe_finding *finding)
{
    oe__arena *arena = &builder->finding_arena;
    oe_finding *copy = kept(builder, oe__list_add(&builder->findings, sizeof *copy));
    if (copy == NULL)
        return OE_E_MEMORY;
    const char *texts[] = {finding->code ? finding->code : "",
                           finding->message ? finding->message : "", finding->where.file,
                           finding->suggestion};
    const char *copies[4];
    for (size_t i = 0; i < 4; i++)
        copies[i] = texts[i] == NULL
                        ? NULL
                        : kept(builder, oe__arena_text(arena, texts[i], strlen(texts[i])));
    *copy = (oe_finding){
        finding->severity, copies[0], {copies[2], finding->where.line}, copies[1], copies[3]};
    return builder->failed ? OE_E_MEMORY : OE_OK;
}

static bool is_reported(const oe_builder *builder, const char *code, oe_where where,
                        const char *message)
{
    const oe_finding *findings = builder->findings.items;
    for (size_t i = 0; i < builder->findings.count; i++)
        if (findings[i].where.line == where.line && strcmp(findings[i].code, code) == 0 &&
            strcmp(findings[i].message, message) == 0 &&
            strcmp(findings[i].where.file ? findings[i].where.file : "",
                   where.file ? where.file : "") == 0)
            return true;
    return false;
}

void oe__builder_error(oe_builder *builder, const char *code, oe_where where,
                       const char *suggestion, const char *format, ...)
{
    char message[MESSAGE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (builder->errors >= ERRORS_MAX || is_reported(builder, code, where, message))
        return;
    builder->errors++;
    oe_builder_report(builder, &(oe_finding){OE_ERROR, code, where, message, suggestion});
}

size_t oe_builder_finding_count(const oe_builder *builder)
{
    return builder->findings.count;
}

const oe_finding *oe_builder_finding_get(const oe_builder *builder, size_t index)
{
    return index < builder->findings.count ? (const oe_finding *)builder->findings.items + index
                                           : NULL;
}
