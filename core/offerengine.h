/* offerengine.h: the public C interface of the offer decision engine. The only header
 * installed.
 *
 * Conventions: functions that can fail return oe_status and fill the caller's oe_error (which
 * may be NULL). The library never aborts, prints, reads the clock or touches errno for the
 * caller. Objects come in _new/_free pairs, _free(NULL) is fine. A _get borrows, a _dup gives.
 * Text is UTF-8 with an explicit length; nothing that is returned as (pointer, length) needs a
 * terminator unless its contract says so. */
#ifndef OFFERENGINE_H
#define OFFERENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

/* ---- Status and errors ---- */

typedef enum oe_status {
    OE_OK = 0,
    OE_E_MEMORY,    /* an allocation failed; nothing was changed */
    OE_E_ARGUMENT,  /* the caller broke the contract of a function */
    OE_E_SYNTAX,    /* malformed text (JSON, CSV, ...); error.position is the byte offset */
    OE_E_INVALID,   /* well-formed, but a value or shape is not allowed */
    OE_E_NOT_FOUND, /* the thing named does not exist */
    OE_E_CONFLICT,  /* it exists already, or contradicts what exists */
    OE_E_LIMIT,     /* larger than a documented limit */
    OE_E_IO,        /* the operating system or the database failed */
    OE_E_BUSY,      /* owned by another process; error.message names it */
    OE_E_CORRUPT,   /* stored data are damaged */
    OE_E_VERSION,   /* written by a newer version */
    OE_E_CLOSED,    /* the object is shutting down; the work was not done */
    OE_STATUS_COUNT
} oe_status;
enum { OE_ERROR_MESSAGE_MAX = 256 };

typedef struct oe_error {
    oe_status status;
    int64_t position; /* byte offset or 1-based row, -1 where it has no meaning */
    char message[OE_ERROR_MESSAGE_MAX]; /* terminated; starts with the subject, lower case */
} oe_error;

/* The stable name of a status, e.g. "not_found"; "unknown" for a number that is none. Never
 * NULL. */
const char *oe_status_name(oe_status status);

/* The library's version, "MAJOR.MINOR.PATCH". */
const char *oe_version(void);

/* ---- Rules: what a builder is told ---- */

/* Every name in these structs is text that the builder copies. References to attributes,
 * categories, products and segments go by name and may point forwards; they are resolved when
 * the builder is sealed. */

typedef struct oe_where {
    const char *file; /* path below the rules folder, NULL when there is none */
    int line;         /* 1-based, 0 when there is none */
} oe_where;

/* Where the value of one key of a declaration stands, in the file of the declaration. */
typedef struct oe_key {
    const char *name;
    int line;
} oe_key;

typedef enum oe_type {
    OE_NUMBER,      /* IEEE double, finite */
    OE_INTEGER,     /* whole number, |v| <= 2^53 */
    OE_MONEY,       /* amount in the ruleset's currency, step 0.01 */
    OE_TEXT,        /* UTF-8 text up to 256 bytes, compared bytewise */
    OE_FLAG,        /* true or false */
    OE_PRODUCT_SET, /* the products a customer owns; at most one attribute has this type */
    OE_TYPE_COUNT
} oe_type;

typedef struct oe_attribute {
    const char *name;
    oe_type type;
    const char *unit;         /* shown only, e.g. "per year"; may be NULL */
    const char *label;        /* in a sentence; NULL: the name with spaces for underscores */
    double minimum, maximum;  /* allowed range, infinite where open; numeric types only */
    double step;              /* smallest meaningful change; 0: 1 for integers, else 0.01 */
    bool optional;            /* may be missing from a profile */
    bool nullable;            /* may be null ("not on file") although it is required */
    bool is_protected;        /* only a gate in a category that is regulated = "credit" */
    bool immutable;           /* no advice ever asks a customer to change it */
    bool derived;             /* computed (oe_builder_derive), never sent or stored */
    const char *const *words; /* words by which a reason text names this attribute */
    size_t word_count;
    const char *const *values; /* the texts that rules may ask for; none: any */
    size_t value_count;
    const double *groups; /* rising; where the groups begin that fairness compares: below the
                             first, from it on, ... */
    size_t group_count;
    oe_where where;
    const oe_key *keys;
    size_t key_count;
} oe_attribute;

/* A number, a text (text != NULL) or a flag (1.0 / 0.0). */
typedef struct oe_value {
    double number;
    const char *text;
} oe_value;

/* How a derived attribute gets its value: from the row whose key is the value of attribute
 * `key`; by lot where `salt` is: of customers, values[i] falls to shares[i] of the sum of
 * shares, while from_ms <= at < until_ms; else from a function (oe_calls). Computed in this
 * order, so that one may look up or read those before it. */
typedef struct oe_derivation {
    const char *attribute, *key, *salt;
    const oe_value *keys, *values; /* by row; NAN as a value: not on file */
    const uint32_t *shares;
    int64_t from_ms, until_ms;
    size_t row_count;
    oe_value otherwise; /* for a key without a row or not on file; NAN: not on file */
    uint32_t function;  /* its number, shared with OE_CALL; one derivation each */
    uint64_t digest;    /* of the function, as in oe_test */
    oe_where where;
} oe_derivation;
typedef struct oe_category {
    const char *id, *name;
    bool regulated_credit;
    oe_where where;
} oe_category;

/* What a condition tests. Unknown values give unknown (Kleene); from OE_KNOWN on never. */
typedef enum oe_operator {
    OE_AT_LEAST,       /* attribute >= low */
    OE_AT_MOST,        /* attribute <= high */
    OE_ABOVE,          /* attribute > low */
    OE_BELOW,          /* attribute < high */
    OE_BETWEEN,        /* low <= attribute <= high */
    OE_EQUALS,         /* attribute == values[0] */
    OE_ONE_OF,         /* attribute is one of values */
    OE_NONE_OF,        /* attribute is known and none of values */
    OE_ALL,            /* every part; no parts: true */
    OE_ANY,            /* at least one part; no parts: false */
    OE_NOT,            /* parts[0] is not */
    OE_KNOWN,          /* attribute is on file */
    OE_UNKNOWN,        /* attribute is not on file */
    OE_OWNS,           /* owns product `name` */
    OE_LACKS,          /* does not own product `name` */
    OE_LACKS_CATEGORY, /* owns nothing in category `name`; NULL: the product's own */
    OE_IN_SEGMENT,     /* is a member of segment `name` */
    OE_CALL,           /* what function `function` of rule `name` says (oe_calls) */
    OE_OPERATOR_COUNT
} oe_operator;

typedef uint32_t oe_condition; /* a condition's number within its builder */
#define OE_NO_CONDITION UINT32_MAX

typedef struct oe_test {
    oe_operator op;
    const char *attribute; /* for the attribute tests */
    double low, high;
    const oe_value *values;
    size_t value_count;
    const char *name; /* product, category or segment */
    const oe_condition *parts;
    size_t part_count;
    oe_where where;
    uint32_t function; /* OE_CALL: its number; each number is one condition */
    uint64_t digest;   /* OE_CALL: differs, as a rule, when the function does */
} oe_test;

typedef enum oe_curve_kind {
    OE_CURVE_DEFAULT, /* from the gate (0.25) or the range's lower end (0) to the ideal (1) */
    OE_CURVE_GATE,    /* 1 when the attribute is on file and its gate passes */
    OE_CURVE_RAMP,    /* x[0] -> 0, x[1] -> 1, straight between; x[0] > x[1] falls */
    OE_CURVE_BAND,    /* 0 up to x[0], 1 from x[1] to x[2], 0 from x[3] on, straight between */
    OE_CURVE_STEPS,   /* y[i] from x[i] on, x rising; 0 below x[0] */
    OE_CURVE_CALL     /* what function `function` makes of the value (oe_calls) */
} oe_curve_kind;
enum { OE_CURVE_POINTS_MAX = 16 };
typedef struct oe_curve {
    oe_curve_kind kind;
    double x[OE_CURVE_POINTS_MAX], y[OE_CURVE_POINTS_MAX];
    size_t point_count; /* steps only */
    uint32_t function;  /* call only, as are `digest` (as in oe_test) and `where` */
    uint64_t digest;
    oe_where where;
} oe_curve;

/* min_* and max_*: low <= attribute <= high, infinite where open. */
typedef struct oe_bound {
    const char *attribute;
    double low, high;
    oe_where where;
} oe_bound;
typedef struct oe_ideal {
    const char *attribute;
    double value;
    oe_where where;
} oe_ideal;
typedef struct oe_product_curve {
    const char *attribute;
    oe_curve curve;
    oe_where where;
} oe_product_curve;

/* A further gate. Fails when the condition is false or unknown. */
typedef struct oe_gate {
    const char *name; /* "requires" or "when" */
    oe_condition condition;
    oe_where where;
} oe_gate;

typedef struct oe_product {
    const char *id, *name, *category;
    const char *tier, *reason, *group; /* each may be NULL; group: exclusion group */
    const oe_bound *bounds;
    size_t bound_count;
    const oe_ideal *ideals;
    size_t ideal_count;
    const oe_product_curve *curves;
    size_t curve_count;
    const oe_gate *gates;
    size_t gate_count;
    const char *const *after; /* products that must be owned first */
    size_t after_count;
    const char *const *not_with; /* products that must not be owned */
    size_t not_with_count;
    int64_t from_ms,
        until_ms;        /* offered while from <= at < until; INT64_MIN, INT64_MAX: open */
    double value, lever; /* business weights for ranking, > 0; 1 is neutral */
    bool off;
    const char *message; /* a template: "With {income:money} a year ..."; may be NULL */
    oe_where message_where, reason_where; /* `where` when their line is 0 */
    oe_where where;
    const oe_key *keys;
    size_t key_count;
} oe_product;
typedef struct oe_boost {
    bool is_category; /* `target` names a category, else a product */
    const char *target;
    double points;
    oe_where where;
} oe_boost;
typedef struct oe_segment {
    const char *id, *name;
    oe_condition condition;
    const oe_boost *boosts;
    size_t boost_count;
    oe_where where;
    const oe_key *keys;
    size_t key_count;
} oe_segment;
typedef struct oe_dimension {
    const char *name, *attribute;
    double weight; /* > 0 */
    double ideal;  /* NAN: none */
    bool every;    /* applies to every product */
    oe_curve curve;
    oe_where where;
    const oe_key *keys;
    size_t key_count;
} oe_dimension;

/* The products named and those of the categories named; all when both are empty. */
typedef struct oe_scope {
    const char *const *categories;
    size_t category_count;
    const char *const *products;
    size_t product_count;
} oe_scope;

/* A rule that refuses (exclude) or that gives or takes points (adjust). */
typedef struct oe_rule {
    const char *id;
    const char *reason; /* may be NULL */
    oe_scope scope;
    oe_condition condition;    /* OE_NO_CONDITION: always */
    double points;             /* adjust */
    bool excludes;             /* an exclude rule; false: an adjust rule */
    bool unknown_excludes;     /* exclude: unknown refuses too */
    int64_t from_ms, until_ms; /* as in oe_product */
    oe_where where;
    const oe_key *keys;
    size_t key_count;
} oe_rule;

typedef enum oe_policy_kind {
    OE_POLICY_CAP,       /* so many in a time */
    OE_POLICY_COOL_DOWN, /* none for a time after the customer declined one */
    OE_POLICY_QUIET,     /* none at some times of the day */
    OE_POLICY_KIND_COUNT
} oe_policy_kind;
typedef enum oe_policy_each {
    OE_EACH_SCOPE, /* all products of the scope together */
    OE_EACH_CATEGORY,
    OE_EACH_PRODUCT
} oe_policy_each;

/* How often a customer may be contacted. It holds in decisions for one of its channels and one
 * of its campaigns, and counts contacts through one of these. */
typedef struct oe_policy {
    oe_policy_kind kind;
    const char *id, *reason; /* reason may be NULL */
    oe_scope scope;
    const char *const *channels, *const *campaigns;
    size_t channel_count, campaign_count; /* none: all, and where none is said */
    oe_policy_each each;                  /* cap, cool-down: what it counts by */
    uint32_t at_most;                     /* cap: 1.. */
    int64_t window_ms;                    /* cap, cool-down: what was in (at - window, at] */
    int32_t from_minute, until_minute; /* quiet: of the day; from > until: over midnight, equal:
                                          the whole day */
    int32_t offset_minutes;            /* quiet: of the day from UTC */
    uint32_t weekdays;                 /* quiet: on which it begins, bit 0: Monday; 0: all */
    int64_t from_ms, until_ms;         /* as in oe_product */
    oe_where where;
    const oe_key *keys;
    size_t key_count;
} oe_policy;

typedef struct oe_step {
    const char *product;
    oe_where where;
} oe_step;

/* Products that customers take one after the other. */
typedef struct oe_ladder {
    const char *id;
    const oe_step *steps; /* two or more, the first one first */
    size_t step_count;
    oe_where where;
} oe_ladder;
/* What a change of the rules may do to the customers before it is refused: at most so many
 * percent of them; for each product at least such a ratio of selection rates between groups of
 * at least `min_group` customers. NAN and 0: no matter. The engine keeps it for whoever
 * releases rules. */
typedef struct oe_release {
    double max_lost, max_lost_only, max_best_changed;
    double min_ratio;
    uint32_t min_group;
    oe_where where;
} oe_release;
typedef enum oe_level {
    OE_LEVEL_DEFAULT,
    OE_LEVEL_SEGMENT,
    OE_LEVEL_CATEGORY,
    OE_LEVEL_PRODUCT,
    OE_LEVEL_GROUP
} oe_level;
typedef enum oe_severity { OE_ERROR, OE_WARNING, OE_NOTE } oe_severity;
typedef struct oe_finding {
    oe_severity severity;
    const char *code; /* stable, e.g. "E012" */
    oe_where where;
    const char *message;
    const char *suggestion; /* the nearest right word, NULL when none is near */
} oe_finding;
typedef struct oe_builder oe_builder;
typedef struct oe_ruleset oe_ruleset;
typedef struct oe_dictionary oe_dictionary;

/* ---- Dictionary: numbers for names, shared by a population and its rulesets ---- */

/* Append-only: attributes, product ids and the texts that rules compare with. An attribute
 * keeps its type as long as a ruleset with it lives; for good once customers were stored under
 * one. Thread-safe. Counted: _new gives one reference, rulesets and populations hold others. */
oe_dictionary *oe_dictionary_new(void); /* NULL: out of memory */
void oe_dictionary_free(oe_dictionary *dictionary);
/* The dictionary of a ruleset, borrowed. */
oe_dictionary *oe_ruleset_dictionary(const oe_ruleset *ruleset);

/* ---- Builder: rules in, sealed ruleset out ---- */

/* The builder holds a reference to `dictionary`. NULL: out of memory. */
oe_builder *oe_builder_new(oe_dictionary *dictionary);
void oe_builder_free(oe_builder *builder);

/* Each adds one declaration. What is wrong with it becomes a finding, so that one run reports
 * everything. The only failure is OE_E_MEMORY, which sealing reports as well. */
oe_status oe_builder_attribute(oe_builder *builder, const oe_attribute *attribute);
oe_status oe_builder_derive(oe_builder *builder, const oe_derivation *derivation);
oe_status oe_builder_category(oe_builder *builder, const oe_category *category);
oe_status oe_builder_product(oe_builder *builder, const oe_product *product);
oe_status oe_builder_segment(oe_builder *builder, const oe_segment *segment);
oe_status oe_builder_dimension(oe_builder *builder, const oe_dimension *dimension);
oe_status oe_builder_rule(oe_builder *builder, const oe_rule *rule);
oe_status oe_builder_ladder(oe_builder *builder, const oe_ladder *ladder);
oe_status oe_builder_policy(oe_builder *builder, const oe_policy *policy);
/* For how long an offer that was made is held for its customer (oe_contact), 1 minute to 1 day;
 * else 30 minutes. */
oe_status oe_builder_reservation(oe_builder *builder, int64_t ms);
/* A tier adds `points` (may be negative) to its products' minimum of `attribute`. */
oe_status oe_builder_tier(oe_builder *builder, const char *tier, const char *attribute,
                          double points, oe_where where);
/* Confidence must be strictly above `value` (0..100). `name` is NULL for the default. */
oe_status oe_builder_threshold(oe_builder *builder, oe_level level, const char *name,
                               double value, oe_where where);
/* At most `count` offers: in all (default), per category, or per exclusion group (else 1). */
oe_status oe_builder_limit(oe_builder *builder, oe_level level, const char *name,
                           uint32_t count, oe_where where);
/* A product that is offered, marked as fallback, when nothing else is. */
oe_status oe_builder_fallback(oe_builder *builder, const char *product, oe_where where);
/* The currency of amounts in messages, e.g. "USD"; without one they show numbers. */
oe_status oe_builder_currency(oe_builder *builder, const char *currency);
oe_status oe_builder_release(oe_builder *builder, const oe_release *release);
/* Whether an accepted product joins those that the customer owns. */
oe_status oe_builder_own_accepted(oe_builder *builder, bool own);
/* The hash of the rule texts, 12 hex digits, shown as `ruleset` in every answer. */
oe_status oe_builder_source(oe_builder *builder, const char *source);

/* The text of functions that conditions call, as far as their meaning hangs on it. Once for
 * each file that holds some. */
oe_status oe_builder_program(oe_builder *builder, const char *text);

/* A condition; equal ones share a number. OE_NO_CONDITION when memory is out or `test` is not
 * lawful (a finding says why). */
oe_condition oe_builder_condition(oe_builder *builder, const oe_test *test);

/* Makes a function say a product's message. `texts`, which may be NULL, is what is known of
 * what it can say: that may only name what the product is scored by. */
oe_status oe_builder_message(oe_builder *builder, const char *product, uint32_t function,
                             const char *texts, oe_where where);

/* Marks a condition as reading a protected attribute, which only the caller of a function can
 * know. */
void oe_builder_protect(oe_builder *builder, oe_condition condition);

/* Adds a finding of the caller's own, e.g. of the language above. Texts are copied. */
oe_status oe_builder_report(oe_builder *builder, const oe_finding *finding);

/* Checks everything and compiles. OE_E_INVALID when there is an error among the findings. The
 * ruleset is independent of the builder. Once per builder, OE_E_ARGUMENT after that. */
oe_status oe_builder_seal(oe_builder *builder, oe_ruleset **ruleset, oe_error *error);

size_t oe_builder_finding_count(const oe_builder *builder);
const oe_finding *oe_builder_finding_get(const oe_builder *builder,
                                         size_t index); /* in order of file, line */

/* The nearest of `words` to `word` (edit distance at most a third of its length, at least 1,
 * transposition counts as one), or NULL. Of equally near ones the first that begins with the
 * same letter, else the first. */
const char *oe_suggest(const char *word, const char *const *words, size_t count);

/* ---- Ruleset: sealed, immutable, shared by threads ---- */

/* Counted: sealing gives one reference, _hold another, _free gives one back. Any thread. */
oe_ruleset *oe_ruleset_hold(oe_ruleset *ruleset);
void oe_ruleset_free(oe_ruleset *ruleset);
const char *oe_ruleset_source(const oe_ruleset *ruleset);
bool oe_ruleset_owns_accepted(const oe_ruleset *ruleset);

typedef enum oe_kind {
    OE_ATTRIBUTES,
    OE_CATEGORIES,
    OE_PRODUCTS,
    OE_SEGMENTS,
    OE_DIMENSIONS,
    OE_RULES,
    OE_POLICIES,
    OE_CAMPAIGNS,
    OE_KIND_COUNT
} oe_kind;

/* Items are numbered in declaration order. The structs are as declared, except that product
 * bounds are effective (tier raises applied); oe_ruleset_bound_declared gives the rule's own
 * number. */
size_t oe_ruleset_count(const oe_ruleset *ruleset, oe_kind kind);
/* The number of a name, or -1. */
int32_t oe_ruleset_find(const oe_ruleset *ruleset, oe_kind kind, const char *name,
                        size_t length);
const oe_attribute *oe_ruleset_attribute(const oe_ruleset *ruleset, size_t index);
const oe_category *oe_ruleset_category(const oe_ruleset *ruleset, size_t index);
const oe_product *oe_ruleset_product(const oe_ruleset *ruleset, size_t index);
const oe_segment *oe_ruleset_segment(const oe_ruleset *ruleset, size_t index);
const oe_dimension *oe_ruleset_dimension(const oe_ruleset *ruleset, size_t index);
const oe_rule *oe_ruleset_rule(const oe_ruleset *ruleset, size_t index);
const oe_policy *oe_ruleset_policy(const oe_ruleset *ruleset, size_t index);
int64_t oe_ruleset_reservation_ms(const oe_ruleset *ruleset);
/* How far back contacts matter to any policy, milliseconds; 0: there is none that counts. */
int64_t oe_ruleset_contact_window_ms(const oe_ruleset *ruleset);
size_t oe_ruleset_ladder_count(const oe_ruleset *ruleset);
const oe_ladder *oe_ruleset_ladder(const oe_ruleset *ruleset, size_t index); /* or NULL */
double oe_ruleset_bound_declared(const oe_ruleset *ruleset, size_t product, size_t bound);
const oe_release *oe_ruleset_release(const oe_ruleset *ruleset);
/* The threshold of a product that holds without regard to segments. */
double oe_ruleset_threshold(const oe_ruleset *ruleset, size_t product);
/* A condition as the rule language writes it, e.g. "income >= 40000". Owned by the ruleset. */
const char *oe_ruleset_condition_text(const oe_ruleset *ruleset, oe_condition condition);

/* ---- Profile: one customer's values, by the ruleset's schema ---- */

typedef struct oe_profile oe_profile;
enum { OE_ID_MAX = 128, OE_TEXT_MAX = 256, OE_PRODUCTS_OWNED_MAX = 1024 };

/* A profile with nothing on file. NULL: out of memory. The ruleset must outlive it. */
oe_profile *oe_profile_new(const oe_ruleset *ruleset);
void oe_profile_free(oe_profile *profile);
void oe_profile_clear(oe_profile *profile);
/* OE_E_INVALID: not a lawful id (1 to 128 bytes of UTF-8 without control characters). */
oe_status oe_profile_set_id(oe_profile *profile, const char *id, size_t length,
                            oe_error *error);
/* Numbers, integers, money and flags (0 or 1). OE_E_INVALID: not finite, not whole, out of
 * range, wrong type. */
oe_status oe_profile_set_number(oe_profile *profile, size_t attribute, double value,
                                oe_error *error);
oe_status oe_profile_set_text(oe_profile *profile, size_t attribute, const char *text,
                              size_t length, oe_error *error);
void oe_profile_set_unknown(oe_profile *profile, size_t attribute);
/* Adds an owned product; an id that the catalogue does not know is kept and *known becomes
 * false (known may be NULL). */
oe_status oe_profile_own(oe_profile *profile, const char *product, size_t length, bool *known,
                         oe_error *error);
const char *oe_profile_id(const oe_profile *profile, size_t *length);
/* NAN: not on file. For text use oe_profile_text. */
double oe_profile_number(const oe_profile *profile, size_t attribute);
/* NULL: not on file. */
const char *oe_profile_text(const oe_profile *profile, size_t attribute, size_t *length);
/* Calls back for each owned product: catalogue products in declaration order, then unknown ids
 * as they came. */
typedef void (*oe_owned_visitor)(void *context, const char *id, size_t length);
void oe_profile_owned(const oe_profile *profile, oe_owned_visitor visitor, void *context);
/* Whether every required attribute is on file or nullable. Else OE_E_INVALID naming the first
 * one missing. */
oe_status oe_profile_check(const oe_profile *profile, oe_error *error);

/* ---- Contacts: what a customer was shown and said, as policies count it ---- */

typedef enum oe_contact_kind {
    OE_CONTACT_RESERVED, /* offered, and nobody has said yet that it was shown */
    OE_CONTACT_SHOWN,
    OE_CONTACT_DECLINED,
    OE_CONTACT_OPT_OUT
} oe_contact_kind;

/* The unit that caps count is one product offered to one customer, from the decision that
 * reserved it until the reservation ends: later decisions within it use it again, and however
 * often it is shown counts once. Unconfirmed it counts until its end, shown for the window. */
typedef struct oe_contact {
    oe_contact_kind kind;
    uint64_t product;           /* a name below; of an opt-out the category's; 0: all */
    uint64_t channel, campaign; /* names; 0: none was said, of an opt-out: all */
    int64_t unit_ms;            /* reserved, shown: when the unit was reserved */
    int64_t at_ms;              /* shown, declined, opted out: when */
} oe_contact;

/* 64 bits that stand for a name (FNV-1a; never 0), whatever rules know it. 0 for length 0. */
uint64_t oe_contact_name(const char *text, size_t length);

/* What is left of a policy for a customer. */
typedef struct oe_allowance {
    uint32_t policy; /* its number; OE_OPTED_OUT: what the customer asked for */
    int32_t unit;    /* the category or product that it counts by; -1: the whole scope. Of an
                        opt-out the category, -1: all */
    uint32_t left;
    int64_t until_ms; /* when there is more again; INT64_MAX: not by itself */
} oe_allowance;
#define OE_OPTED_OUT UINT32_MAX

/* A unit that is reserved: offering the product takes nothing more from caps. */
typedef struct oe_held {
    uint32_t product;
    int64_t unit_ms;
} oe_held;

/* The counters of a decision: whatever policies need to know besides rules, profile, clock. */
typedef struct oe_contacts {
    uint64_t channel, campaign; /* names; 0: none */
    const oe_allowance
        *allowances; /* by policy and unit; those that are untouched are left out */
    size_t allowance_count;
    const oe_held *held; /* by product */
    size_t held_count;
} oe_contacts;

/* ---- Decision ---- */

typedef struct oe_options {
    int64_t at_ms;               /* the clock: milliseconds UTC */
    uint32_t limit;              /* at most so many offers; 0: as the rules say */
    int32_t category;            /* only this category, -1: all */
    uint32_t campaign;           /* for this campaign: its number and one more; 0: for none */
    const oe_contacts *contacts; /* NULL: contact policies do not count */
} oe_options;

typedef enum oe_stage {
    OE_STAGE_OFFERED,
    OE_STAGE_AVAILABILITY,
    OE_STAGE_OWNERSHIP,
    OE_STAGE_GATES,
    OE_STAGE_CONTACT_POLICY,
    OE_STAGE_THRESHOLD,
    OE_STAGE_SELECTION,
    OE_STAGE_COUNT
} oe_stage;

/* "offered", "availability", ... */
const char *oe_stage_name(oe_stage stage);

/* What one dimension gave: points = 100 x weight x subscore / sum of weights that apply. */
typedef struct oe_contribution {
    uint32_t dimension;
    bool not_on_file;
    bool failed; /* its function gave no share */
    double value, weight, subscore, points;
} oe_contribution;

/* Points that a segment's boost or an adjust rule gave (or took). */
typedef struct oe_adjustment {
    const char *rule; /* segment or adjust rule id */
    const char *reason;
    double points;
    oe_where where;
} oe_adjustment;

typedef struct oe_offer {
    uint32_t product;
    bool fallback;
    bool reason_holds; /* the product has a reason, and each dimension that it names earned at
                          least half its weight */
    double confidence, priority;
    const oe_contribution *contributions; /* in dimension order */
    size_t contribution_count;
    const oe_adjustment *adjustments; /* in rule id order */
    size_t adjustment_count;
    const char *message; /* what the product's function says; NULL: nothing, or a template */
    size_t message_length;
    int64_t unit_ms; /* when its unit was reserved (oe_contact); 0: no policies counted */
} oe_offer;

typedef struct oe_decision {
    const oe_ruleset *ruleset;
    const char *customer_id;
    size_t customer_id_length;
    const oe_offer *offers; /* in rank order */
    size_t offer_count;
    const uint32_t *segments; /* member of, in declaration order */
    size_t segment_count;
    const uint32_t *gaps; /* categories with an available product and none owned */
    size_t gap_count;
    const struct oe__subject *subject; /* whose values messages show; for the writers below */
    uint32_t campaign;                 /* as in oe_options */
    const char *const *degraded; /* rules whose function was stopped, in order of functions */
    size_t degraded_count;
} oe_decision;

/* The working memory of one thread for one ruleset: deciding allocates nothing. The ruleset
 * must outlive it. */
typedef struct oe_decider oe_decider;
oe_decider *oe_decider_new(const oe_ruleset *ruleset); /* NULL: out of memory */
void oe_decider_free(oe_decider *decider);

/* What a function of the rules says. Stopped: it could not be asked or did not end; that
 * refuses in gates, exclude rules and curves, gives nothing elsewhere, and is told in
 * decision.degraded. */
typedef enum oe_said {
    OE_SAID_UNKNOWN = 0,
    OE_SAID_TRUE = 1,
    OE_SAID_FALSE = 2,
    OE_SAID_STOPPED = 4
} oe_said;

enum { OE_MESSAGE_MAX = 500 }; /* bytes of a message that a function says */

/* Who is asked for what functions say, on the thread that decides. The profile stays as it is
 * until the next `begin`. Each function is asked at most once between two of them, and only
 * when everything cheaper leaves its answer to matter. Functions are numbered; a number belongs
 * to one condition, one curve or one message. */
typedef struct oe_calls {
    void *context;
    /* `again`: the same question once more with another profile; budgets go on. */
    void (*begin)(void *context, const oe_profile *profile, bool again);
    oe_said (*condition)(void *context, uint32_t function);
    /* For the profile's value of `attribute`, which is on file. True: *share is 0..1. Unknown:
     * it gave none, which earns nothing. */
    oe_said (*curve)(void *context, uint32_t function, uint32_t attribute, double *share);
    /* True: *length bytes of UTF-8 without control characters are in `text`, which has room for
     * OE_MESSAGE_MAX. Else there is no message. */
    oe_said (*message)(void *context, uint32_t function, char *text, size_t *length);
    /* The value of a derived attribute, asked for at the start of each decision. OE_SAID_TRUE:
     * it is in *value (a text lasts until the next call); what the attribute cannot have counts
     * as unknown. The profile given to `begin` has the value from then on. */
    oe_said (*derive)(void *context, uint32_t function, size_t attribute, oe_value *value);
} oe_calls;

/* NULL: nobody, and every function counts as stopped; so it is at first. Copied. */
void oe_decider_calls(oe_decider *decider, const oe_calls *calls);
/* How many functions the rules have; their numbers are below the returned one. */
size_t oe_ruleset_function_count(const oe_ruleset *ruleset);
/* The rule that a function belongs to (a product, segment or rule id, the name of a dimension
 * or of a derived attribute) and where it stands; NULL: nothing calls it. */
const char *oe_ruleset_function(const oe_ruleset *ruleset, size_t function, oe_where *where);

/* What a customer's contacts leave at `at_ms`. `contacts` says channel and campaign, and gets
 * what lives in the decider until this is called again. */
void oe_decider_contacts(oe_decider *decider, const oe_contact *history, size_t count,
                         int64_t at_ms, oe_contacts *contacts);

/* The decision lives in the decider until its next use and borrows the profile's id. */
const oe_decision *oe_decide(oe_decider *decider, const oe_profile *profile,
                             const oe_options *options);

/* How far the customer of a decision is on a ladder: the highest step owned, 1 for the first, 0
 * for none. */
size_t oe_decision_ladder_step(const oe_decision *decision, size_t ladder);

/* ---- Explanation: the trace of every product ---- */

typedef enum oe_cause {
    OE_CAUSE_OFF,     /* switched off */
    OE_CAUSE_NOT_YET, /* before `from` */
    OE_CAUSE_ENDED,   /* after `until` */
    OE_CAUSE_OWNED,
    OE_CAUSE_NEEDS_PRODUCT,       /* `after` */
    OE_CAUSE_EXCLUDED_BY_PRODUCT, /* `not_with` */
    OE_CAUSE_BELOW_MINIMUM,
    OE_CAUSE_ABOVE_MAXIMUM,
    OE_CAUSE_NOT_ON_FILE,    /* a minimum or maximum, and the value is unknown */
    OE_CAUSE_CONDITION,      /* requires / when */
    OE_CAUSE_EXCLUDED,       /* an exclude rule */
    OE_CAUSE_OTHER_CATEGORY, /* the request asked for another category */
    OE_CAUSE_NOT_TARGETED,   /* the request was for a campaign, and this is no customer of it */
    OE_CAUSE_OTHER_CAMPAIGN, /* ... and this is no product of it */
    OE_CAUSE_CAPPED,
    OE_CAUSE_COOLING_DOWN,
    OE_CAUSE_QUIET,
    OE_CAUSE_OPTED_OUT,
    OE_CAUSE_BELOW_THRESHOLD,
    OE_CAUSE_OUTRANKED, /* selection */
    OE_CAUSE_COUNT
} oe_cause;

/* The stable reason code, e.g. "below_minimum". */
const char *oe_cause_name(oe_cause cause);

typedef struct oe_failure {
    oe_stage stage;
    oe_cause cause;
    int32_t attribute;     /* -1: none */
    double needed, actual; /* NAN where there is none */
    double gap;        /* needed - actual, in the attribute's unit; NAN where there is none */
    int64_t date_ms;   /* not yet: `from`; ended: `until`, exclusive; contact policies: when
                          there is more again; else INT64_MIN */
    const char *rule;  /* rule, product or segment id that refused */
    const char *other; /* product concerned (after, not_with, outranked by), or NULL */
    const char *text;  /* the condition in words, or the rule's reason; may be NULL */
    oe_where where;
} oe_failure;

/* One element of the smallest change. `from` is NAN when the value is not on file. */
typedef struct oe_change {
    uint32_t attribute;
    double from, to;
    const char *text; /* the value for a text attribute, else NULL */
} oe_change;

typedef struct oe_explanation {
    uint32_t product;
    oe_stage stage;    /* where it left */
    bool fallback;     /* offered as the fallback */
    double confidence; /* after adjustments and clamp; NAN when a gate or an earlier stage
                          failed */
    double score;      /* before adjustments; given for every product */
    double clamped;    /* points that the clamp to 0..100 took (negative: gave) */
    double threshold;
    double priority;
    const oe_contribution *contributions;
    size_t contribution_count;
    const oe_adjustment *adjustments;
    size_t adjustment_count;
    const oe_failure *failures; /* every failed check, in stage order */
    size_t failure_count;
    bool change_possible; /* `changes` would bring it back */
    /* Why not, NULL when possible or offered: "switched_off", "date", "other_category",
     * "ownership", "exclusion", "immutable", "condition", "conflict", "score", "selection",
     * "contact_policy", "campaign". */
    const char *change_cause;
    const oe_change *changes;
    size_t change_count;
} oe_explanation;

/* Explains one product for one customer. Lives in the decider until its next use. NULL: out of
 * memory, or there is no such product. */
const oe_explanation *oe_explain(oe_decider *decider, const oe_profile *profile,
                                 const oe_options *options, size_t product);

/* ---- Population: all profiles, many readers, one writer at a time ---- */

typedef struct oe_population oe_population;
typedef struct oe_reader oe_reader;

oe_population *oe_population_new(oe_dictionary *dictionary); /* NULL: out of memory */
/* No reader may be left. */
void oe_population_free(oe_population *population);
size_t oe_population_count(const oe_population *population);

/* Writes lie between begin and commit (one batch, one writer; begin waits for another writer's
 * commit). Readers see all of a batch's changes to one page at once. */
void oe_population_begin(oe_population *population);
/* *replaced tells whether the customer existed. */
oe_status oe_population_put(oe_population *population, const oe_profile *profile,
                            bool *replaced, oe_error *error);
bool oe_population_remove(oe_population *population, const char *id, size_t length);
void oe_population_commit(oe_population *population);
/* To be called between sealing a ruleset and deciding with it, when the population was filled
 * under an earlier one: looks texts and product ids up again that no rule knew when they were
 * stored. A batch of its own. */
oe_status oe_population_refresh(oe_population *population, oe_error *error);

/* A reader is one thread's registration. Between enter and leave everything it sees stays
 * valid; a thread that sleeps outside of them holds nothing back. Up to 256 readers; NULL: none
 * free or out of memory. */
oe_reader *oe_reader_new(oe_population *population);
void oe_reader_free(oe_reader *reader);
void oe_reader_enter(oe_reader *reader);
void oe_reader_leave(oe_reader *reader);

/* Copies a customer's values into `profile` (whose ruleset shares the dictionary). false: not
 * there. Between enter and leave. */
bool oe_reader_get(oe_reader *reader, const char *id, size_t length, oe_profile *profile);

/* Walks over everything from one moment: decides page by page. */
typedef struct oe_snapshot oe_snapshot;
oe_snapshot *
oe_snapshot_new(oe_population *population); /* NULL: out of memory or no reader free */
void oe_snapshot_free(oe_snapshot *snapshot);
size_t oe_snapshot_pages(const oe_snapshot *snapshot);
/* Called for each customer; false ends the walk. */
typedef struct oe_decision_sink {
    bool (*take)(void *context, const oe_decision *decision);
    void *context;
} oe_decision_sink;
typedef struct oe_profile_sink {
    bool (*take)(void *context, const oe_profile *profile);
    void *context;
} oe_profile_sink;

/* Decides for every customer of a page (at most 256) in row order, byte for byte what oe_decide
 * gives each. Contacts are one customer's: options->contacts counts as NULL. false: the sink
 * ended the walk. */
bool oe_decide_page(oe_decider *decider, const oe_snapshot *snapshot, size_t page,
                    const oe_options *options, oe_decision_sink sink);
/* Copies each customer of a page in row order into `profile`, then calls the sink. */
bool oe_snapshot_read(const oe_snapshot *snapshot, size_t page, oe_profile *profile,
                      oe_profile_sink sink);

/* ---- Text faces: the same bytes for every caller ---- */

/* The writers put JSON into `out` (may be NULL when capacity is 0) and return the full length,
 * of which at most `capacity` bytes were written. SIZE_MAX: out of memory. */
size_t oe_decision_write(const oe_decision *decision, char *out, size_t capacity);
size_t oe_profile_write(const oe_profile *profile, char *out, size_t capacity);
/* Every product of the ruleset explained for one customer. */
size_t oe_explanation_write(oe_decider *decider, const oe_profile *profile,
                            const oe_options *options, char *out, size_t capacity);

/* One fault in what was sent. Never holds a value that was sent; `member` is the schema's or
 * sender's member name. */
typedef struct oe_fault {
    char location[OE_ID_MAX + 16]; /* JSON array text without the outer part, e.g. "age" or
                                      "existing_products",3 */
    const char *type;              /* stable, e.g. "missing", "int_type", "less_than_equal" */
    char message[128];
} oe_fault;
enum { OE_FAULTS_MAX = 64 };

/* What reading a profile found besides the profile. */
typedef struct oe_read_report {
    size_t fault_count; /* may exceed OE_FAULTS_MAX; only that many are kept */
    oe_fault faults[OE_FAULTS_MAX];
    size_t undeclared;       /* members that the schema does not know (ignored) */
    size_t unknown_products; /* owned ids that the catalogue does not know (kept) */
    uint32_t unknown_at[16]; /* positions of the first of those in existing_products, 0-based */
} oe_read_report;

/* Reads a profile (the body of POST /recommend/) into `profile`, in one pass. OE_E_SYNTAX:
 * malformed JSON, error.position is the byte offset. OE_E_INVALID: report->faults lists every
 * fault. */
oe_status oe_profile_read(oe_profile *profile, const char *json, size_t length,
                          oe_read_report *report, oe_error *error);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
#ifdef __cplusplus
}
#endif
#endif
