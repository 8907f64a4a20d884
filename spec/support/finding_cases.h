/* finding_cases.h: a table of unlawful declarations, each beside its nearest lawful neighbour.
 * Included by one file per program, like check.h. */
#ifndef OE_SPEC_FINDING_CASES_H
#define OE_SPEC_FINDING_CASES_H

#include "check.h"
#include "small_rules.h"

/* Declares one thing, unlawful or its nearest lawful neighbour. */
typedef void (*declaration)(oe_builder *builder, bool lawful);

typedef struct finding_case {
    const char *title, *code;
    const char *message; /* its start */
    const char *suggestion;
    declaration declare;
} finding_case;

static void check__unlawful(const finding_case *expected)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    oe_ruleset *ruleset = NULL;
    oe_error error;
    expected->declare(builder, false);
    bool ok = CHECK_INT(oe_builder_seal(builder, &ruleset, &error), OE_E_INVALID);
    CHECK_TEXT(error.message, "rules: 1 error");
    CHECK(ruleset == NULL);
    ok &= CHECK_INT(oe_builder_finding_count(builder), 1);
    for (size_t i = 0; i < oe_builder_finding_count(builder); i++) {
        const oe_finding *finding = oe_builder_finding_get(builder, i);
        ok &= CHECK_TEXT(finding->code, expected->code);
        ok &= CHECK_INT(finding->severity, OE_ERROR);
        ok &= CHECK_TEXT(finding->where.file, "case.lua");
        ok &= CHECK_INT(finding->where.line, 7);
        ok &= CHECK_TEXT(finding->suggestion, expected->suggestion);
        if (!CHECK(strncmp(finding->message, expected->message, strlen(expected->message)) ==
                   0))
            printf("    is %s\n", finding->message);
    }
    if (!ok)
        printf("  in: %s\n", expected->title);
    oe_builder_free(builder);
    oe_dictionary_free(dictionary);
}

static void check__lawful(const finding_case *expected)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_builder *builder = small_rules(dictionary);
    expected->declare(builder, true);
    oe_ruleset *ruleset = small_seal(builder);
    if (!CHECK(ruleset != NULL))
        printf("  in: %s\n", expected->title);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

/* Each case is exactly one finding at "case.lua":7, and nothing is sealed. */
static void check_unlawful(const finding_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check__unlawful(&cases[i]);
}

/* Each neighbour is sealed without a finding. */
static void check_lawful(const finding_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++)
        check__lawful(&cases[i]);
}

#endif
