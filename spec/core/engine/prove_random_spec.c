/* prove_random_spec.c: no customer refutes what was proved: random rules, random customers, and
 * each finding tried on each of them. */
#include "check.h"
#include "dense_rules.h"
#include "engine/decide.h"
#include "engine/prove.h"
#include "random_rules.h"

#include <stdlib.h>

enum { DENSE_RULESETS = 400, DENSE_PROFILES = 250, PLAIN_RULESETS = 40, PLAIN_PROFILES = 250 };
enum { FINDINGS_MAX = 400, CODES = 32 };

typedef struct claim {
    char code[8], message[1024];
    int line;
    char name[2][32]; /* the first names in quotes */
} claim;

/* One customer at one moment, decided and explained. */
typedef struct trial {
    const oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
    oe_options options;
    const claim *claims;
    size_t claim_count;
    const oe_decision *decision;
    const oe_explanation *explanation; /* of `product` */
    uint32_t product;
} trial;

static struct {
    long claims[CODES], trials, products_closed, products_never_open, products;
} tally;

/* ---- what was proved ---- */

static void read_names(claim *told)
{
    const char *at = told->message;
    for (size_t i = 0; i < 2; i++) {
        const char *open = strchr(at, '"'), *close = open ? strchr(open + 1, '"') : NULL;
        if (close == NULL || close - open > 31)
            return;
        memcpy(told->name[i], open + 1, (size_t)(close - open - 1));
        at = close + 1;
    }
}

static size_t code_number(const char *code)
{
    return (size_t)atoi(code + 1) % 100 + (code[0] == 'N' ? 16 : 0);
}

typedef struct claims {
    claim items[FINDINGS_MAX];
    size_t count;
} claims;

static bool take(void *context, const oe_finding *finding)
{
    claims *all = context;
    if (!CHECK(all->count < FINDINGS_MAX))
        return false;
    claim *told = &all->items[all->count++];
    *told = (claim){.line = finding->where.line};
    snprintf(told->code, sizeof told->code, "%s", finding->code);
    snprintf(told->message, sizeof told->message, "%s", finding->message);
    read_names(told);
    CHECK(finding->severity == (finding->code[0] == 'W' ? OE_WARNING : OE_NOTE));
    tally.claims[code_number(finding->code)]++;
    return true;
}

/* ---- what a customer shows ---- */

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static const oe_product *product_of(const trial *of)
{
    return oe_ruleset_product(of->ruleset, of->product);
}

static bool is_about(const trial *of, const char *name)
{
    return same(product_of(of)->id, name);
}

static bool is_open(const trial *of)
{
    return of->explanation->stage == OE_STAGE_OFFERED ||
           of->explanation->stage >= OE_STAGE_THRESHOLD;
}

static bool is_above(const trial *of)
{
    return !of->explanation->fallback && (of->explanation->stage == OE_STAGE_OFFERED ||
                                          of->explanation->stage == OE_STAGE_SELECTION);
}

static bool gets_points(const trial *of, const char *rule)
{
    for (size_t i = 0; i < of->explanation->adjustment_count; i++)
        if (same(of->explanation->adjustments[i].rule, rule))
            return true;
    return false;
}

/* Whether something else refuses the product as well; `only_own`: of its own limits. */
static bool is_refused_beside(const trial *of, const oe_failure *but, bool only_own)
{
    for (size_t i = 0; i < of->explanation->failure_count; i++) {
        const oe_failure *failure = &of->explanation->failures[i];
        if (failure != but && failure->stage <= OE_STAGE_GATES &&
            !(only_own && failure->cause == OE_CAUSE_EXCLUDED))
            return true;
    }
    return false;
}

static bool is_refused_by(const trial *of, const char *rule)
{
    for (size_t i = 0; i < of->explanation->failure_count; i++)
        if (of->explanation->failures[i].cause == OE_CAUSE_EXCLUDED &&
            same(of->explanation->failures[i].rule, rule))
            return true;
    return false;
}

static bool is_member(const trial *of, const char *segment)
{
    for (size_t i = 0; i < of->decision->segment_count; i++)
        if (same(oe_ruleset_segment(of->ruleset, of->decision->segments[i])->id, segment))
            return true;
    return false;
}

/* ---- each claim on one product ---- */

static bool refutes_exclude(const trial *of, const claim *told)
{
    for (size_t i = 0; i < of->explanation->failure_count; i++) {
        const oe_failure *failure = &of->explanation->failures[i];
        if (failure->cause != OE_CAUSE_EXCLUDED || !same(failure->rule, told->name[0]))
            continue;
        if (same(told->code, "W109") ? !is_refused_by(of, told->name[1])
                                     : !is_refused_beside(of, failure, false))
            return true;
    }
    return false;
}

static bool refutes_points(const trial *of, const claim *told)
{
    bool boost = strncmp(told->message, "segment", 7) == 0;
    bool whole_category = strstr(told->message, "products of") != NULL;
    if (boost &&
        !same(told->name[1], whole_category ? product_of(of)->category : product_of(of)->id))
        return false;
    return is_above(of) && gets_points(of, told->name[0]);
}

static bool refutes_gate(const trial *of, const claim *told)
{
    for (size_t i = 0; is_about(of, told->name[0]) && i < of->explanation->failure_count; i++) {
        const oe_failure *failure = &of->explanation->failures[i];
        if (failure->cause == OE_CAUSE_CONDITION && failure->where.line == told->line &&
            !is_refused_beside(of, failure, true))
            return true;
    }
    return false;
}

static bool refutes_ladder(const trial *of, const claim *told)
{
    const oe_ladder *ladder = oe_ruleset_ladder(of->ruleset, 0);
    size_t step = oe_decision_ladder_step(of->decision, 0);
    return step < ladder->step_count && same(ladder->steps[step].product, told->name[1]) &&
           is_about(of, told->name[1]) && is_above(of);
}

static bool refutes_threshold(const trial *of, const claim *told)
{
    const oe__setting *setting = oe__prove_threshold(of->ruleset, of->product);
    return setting != NULL && setting->where.line == told->line &&
           of->explanation->stage == OE_STAGE_THRESHOLD;
}

static bool refutes_by_product(const trial *of, const claim *told)
{
    const char *code = told->code;
    if (same(code, "W101") || same(code, "W102"))
        return is_about(of, told->name[0]) && is_open(of);
    if (same(code, "W103"))
        return is_about(of, told->name[0]) && is_above(of);
    if (same(code, "W106"))
        return is_refused_by(of, told->name[0]) || gets_points(of, told->name[0]);
    if (same(code, "W109") || same(code, "W110"))
        return refutes_exclude(of, told);
    if (same(code, "W111"))
        return refutes_points(of, told);
    if (same(code, "W113"))
        return refutes_ladder(of, told);
    if (same(code, "W114"))
        return is_about(of, told->name[0]) && of->explanation->stage == OE_STAGE_OFFERED;
    if (same(code, "N104"))
        return refutes_gate(of, told);
    if (same(code, "N106"))
        return refutes_threshold(of, told);
    return same(code, "N108") && is_about(of, told->name[0]) && of->explanation->fallback;
}

/* ---- each claim on the customer ---- */

static const char *after(const char *text, const char *word)
{
    const char *at = strstr(text, word);
    return at == NULL ? NULL : at + strlen(word);
}

/* Whether the condition with these words (as long as they go) has a truth for this customer. */
static bool has_truth(const trial *of, const char *words, size_t length, uint8_t truth)
{
    for (size_t i = 0; i < of->ruleset->declared.nodes.count; i++) {
        const char *text = oe_ruleset_condition_text(of->ruleset, (oe_condition)i);
        if (strlen(text) == length && strncmp(text, words, length) == 0 &&
            !oe__nodes(of->ruleset)[i].by_product &&
            (truth == OE__TRUE    ? of->decider->truth[i] == OE__TRUE
             : truth == OE__FALSE ? of->decider->truth[i] == OE__FALSE
                                  : (of->decider->truth[i] & (OE__TRUE | OE__PENDING)) == 0))
            return true;
    }
    return false;
}

static bool refutes_part(const trial *of, const claim *told)
{
    const char *part = after(told->message, "its part "), *end = NULL;
    if (same(told->code, "N105")) {
        part = after(told->message, "condition: ");
        end = strstr(told->message, " holds for every");
        return has_truth(of, part, (size_t)(end - part), OE__FALSE);
    }
    if (part == NULL) {
        part = after(told->message, "is always true: ");
        return has_truth(of, part, strlen(part), OE__UNKNOWN);
    }
    end = strstr(part, same(told->code, "W107") ? " is never true" : " is always true");
    return has_truth(of, part, (size_t)(end - part),
                     same(told->code, "W107") ? OE__TRUE : OE__UNKNOWN);
}

/* Whether a text is in a list such as " x, y is in both". */
static bool names_text(const char *list, const char *text, size_t length)
{
    const char *end = strstr(list, " is in both");
    for (const char *at = list; at < end; at += strcspn(at + 1, ",") + 1) {
        const char *word = at + strspn(at, ", ");
        if ((size_t)(end - word) >= length && strncmp(word, text, length) == 0 &&
            (word[length] == ',' || word + length == end))
            return true;
    }
    return false;
}

/* Whether the attribute named before the numbers of an overlap or hole lies within them. */
static bool is_within(const trial *of, const claim *told, const char *before)
{
    char attribute[32] = "", kind[8] = "";
    const char *at = after(told->message, before);
    double low = 0, high = 0, plain = 0;
    if (!CHECK(at != NULL && sscanf(at, "%31s", attribute) == 1))
        return false;
    at += strlen(attribute);
    int32_t number = oe_ruleset_find(of->ruleset, OE_ATTRIBUTES, attribute, strlen(attribute));
    size_t length = 0;
    if (oe_ruleset_attribute(of->ruleset, (size_t)number)->type == OE_TEXT) {
        const char *text = oe_profile_text(of->profile, (size_t)number, &length);
        return text != NULL && names_text(at, text, length);
    }
    double value = oe_profile_number(of->profile, (size_t)number);
    if (sscanf(at, "%lf", &plain) == 1)
        return value == plain;
    CHECK(sscanf(at, " %7s %lf", kind, &low) == 2);
    const char *upper = strstr(at, " to "), *under = strstr(at, " and below ");
    CHECK(sscanf(upper ? upper + 4 : under + 11, "%lf", &high) == 1);
    return (same(kind, "above") ? value > low : value >= low) &&
           (upper ? value <= high : value < high);
}

static bool refutes_stretch(const trial *of, const claim *told)
{
    bool first = is_member(of, told->name[0]), second = is_member(of, told->name[1]);
    if (same(told->code, "N102"))
        return is_within(of, told, "): ") && !(first && second);
    return is_within(of, told, "is a hole: ") && (first || second);
}

static bool refutes_by_customer(const trial *of, const claim *told)
{
    const char *code = told->code;
    if (same(code, "W105"))
        return is_member(of, told->name[0]);
    if (same(code, "W107") || same(code, "W108") || same(code, "N105"))
        return refutes_part(of, told);
    return (same(code, "N102") || same(code, "N103")) && refutes_stretch(of, told);
}

/* ---- the run ---- */

static void try_claims(const trial *of, bool (*refutes)(const trial *of, const claim *told))
{
    for (size_t i = 0; i < of->claim_count; i++)
        if (!CHECK(!refutes(of, &of->claims[i])))
            printf("    refuted: %s line %d: %s\n", of->claims[i].code, of->claims[i].line,
                   of->claims[i].message);
}

static void try_customer(trial *of, bool *opened)
{
    of->decision = oe_decide(of->decider, of->profile, &of->options);
    tally.trials++;
    try_claims(of, refutes_by_customer);
    for (of->product = 0; of->product < oe_ruleset_count(of->ruleset, OE_PRODUCTS);
         of->product++) {
        of->explanation = oe_explain(of->decider, of->profile, &of->options, of->product);
        of->decision = &of->decider->decision;
        if (of->explanation == NULL)
            return;
        opened[of->product] |= is_open(of);
        try_claims(of, refutes_by_product);
    }
}

static void count_products(const oe_ruleset *ruleset, const claims *proved, const bool *opened)
{
    for (size_t p = 0; p < oe_ruleset_count(ruleset, OE_PRODUCTS); p++) {
        bool closed = false;
        for (size_t i = 0; i < proved->count; i++)
            closed |=
                (same(proved->items[i].code, "W101") || same(proved->items[i].code, "W102")) &&
                same(proved->items[i].name[0], oe_ruleset_product(ruleset, p)->id);
        tally.products++;
        tally.products_closed += closed;
        tally.products_never_open += !opened[p] && !oe_ruleset_product(ruleset, p)->off;
    }
}

typedef struct source {
    oe_ruleset *(*make)(oe_dictionary *dictionary, uint64_t seed);
    void (*fill)(oe_profile *profile, const oe_ruleset *ruleset, uint64_t *state);
    uint64_t rulesets, profiles;
} source;

static void try_ruleset(const source *from, uint64_t seed)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = from->make(dictionary, seed);
    claims *proved = calloc(1, sizeof *proved);
    bool opened[64] = {false};
    uint64_t state = seed * 77 + 1, answers = seed + 5;
    if (CHECK(ruleset != NULL && proved != NULL) &&
        CHECK_INT(oe__ruleset_prove(ruleset, (oe__finding_sink){take, proved}), OE_OK)) {
        trial of = {.ruleset = ruleset,
                    .decider = oe_decider_new(ruleset),
                    .profile = oe_profile_new(ruleset),
                    .claims = proved->items,
                    .claim_count = proved->count};
        oe_calls calls = dense_calls(&answers);
        oe_decider_calls(of.decider, &calls);
        for (uint64_t i = 0; i < from->profiles; i++) {
            from->fill(of.profile, ruleset, &state);
            of.options = (oe_options){.at_ms = dense_moment(&state), .category = -1};
            try_customer(&of, opened);
        }
        count_products(ruleset, proved, opened);
        oe_profile_free(of.profile);
        oe_decider_free(of.decider);
    }
    free(proved);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
}

static void show_tally(const char *what)
{
    printf("  %s: %ld customers x %ld products; products that nobody can get: %ld proved, %ld "
           "never seen open; findings:",
           what, tally.trials, tally.products, tally.products_closed,
           tally.products_never_open);
    for (size_t i = 0; i < CODES; i++)
        if (tally.claims[i] > 0)
            printf(" %c1%02zu %ld", i > 16 ? 'N' : 'W', i > 16 ? i - 16 : i, tally.claims[i]);
    printf("\n");
    memset(&tally, 0, sizeof tally);
}

static void plain_profile(oe_profile *profile, const oe_ruleset *ruleset, uint64_t *state)
{
    random_profile(profile, ruleset, state, 1);
}

static oe_ruleset *plain_rules(oe_dictionary *dictionary, uint64_t seed)
{
    return random_rules(dictionary, seed, 12, false);
}

static void it_is_not_refuted_by_dense_rules(void)
{
    const source from = {dense_rules, dense_profile, DENSE_RULESETS, DENSE_PROFILES};
    for (uint64_t seed = 1; seed <= from.rulesets; seed++)
        try_ruleset(&from, seed);
    CHECK(tally.products_closed > 100);
    CHECK(tally.products_never_open >= tally.products_closed);
    static const char *const told[] = {"W101", "W102", "W103", "W105", "W106", "W107",
                                       "W108", "W109", "W110", "W111", "W113", "W114",
                                       "N102", "N103", "N104", "N105", "N106", "N108"};
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (!CHECK(tally.claims[code_number(told[i])] > 0))
            printf("    %s was never told\n", told[i]);
    show_tally("dense rules");
}

static void it_is_not_refuted_by_wide_rules(void)
{
    const source from = {plain_rules, plain_profile, PLAIN_RULESETS, PLAIN_PROFILES};
    for (uint64_t seed = 1; seed <= from.rulesets; seed++)
        try_ruleset(&from, seed);
    show_tally("wide rules");
}

int main(void)
{
    RUN("no customer refutes a finding on dense rules", it_is_not_refuted_by_dense_rules);
    RUN("no customer refutes a finding on wide rules", it_is_not_refuted_by_wide_rules);
    return check_report();
}
