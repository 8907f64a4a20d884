/* explanation.c: the trace of products as JSON. Not a hot path. */
#include "codec/answer.h"
#include "codec/deliver.h"
#include "codec/json.h"
#include "engine/effect.h"
#include "engine/explain.h"

#include <math.h>
#include <string.h>

/* An object or list being written. */
typedef struct writer {
    oe__buffer *buffer;
    const oe_ruleset *ruleset;
    const oe_profile *profile;
    bool first; /* nothing is in the innermost bracket yet */
} writer;

/* ---- grammar ---- */

static void separate(writer *out)
{
    if (!out->first)
        oe__buffer_add_char(out->buffer, ',');
    out->first = false;
}

static void open_bracket(writer *out, char bracket)
{
    oe__buffer_add_char(out->buffer, bracket);
    out->first = true;
}

static void close_bracket(writer *out, char bracket)
{
    oe__buffer_add_char(out->buffer, bracket);
    out->first = false;
}

static void name(writer *out, const char *member)
{
    separate(out);
    oe__buffer_add_char(out->buffer, '"');
    oe__buffer_add_text(out->buffer, member);
    oe__buffer_add_text(out->buffer, "\":");
}

static void open_list(writer *out, const char *member)
{
    name(out, member);
    open_bracket(out, '[');
}

static void open_item(writer *out)
{
    separate(out);
    open_bracket(out, '{');
}

static void text(writer *out, const char *member, const char *value)
{
    if (value == NULL)
        return;
    name(out, member);
    oe__json_write_string(out->buffer, value, strlen(value));
}

static void truth(writer *out, const char *member)
{
    name(out, member);
    oe__buffer_add_text(out->buffer, "true");
}

static void tenths(writer *out, const char *member, double value)
{
    name(out, member);
    oe__json_write_tenths(out->buffer, value); /* not a number: null */
}

static void number(writer *out, const char *member, double value)
{
    name(out, member);
    oe__json_write_number(out->buffer, value);
}

static void place(writer *out, oe_where where)
{
    text(out, "file", where.file);
    if (where.line > 0)
        number(out, "line", where.line);
}

/* ---- rounding ---- */

/* Four significant digits; sub-scores lie within 0..1, so that the scale is exact. */
static double significant(double value)
{
    if (!(value >= 1e-9))
        return 0;
    double scale = pow(10, 3 - floor(log10(value)));
    return round(value * scale) / scale;
}

/* Differences of amounts: what a difference of doubles adds behind the millionth is noise. */
static double without_noise(double value)
{
    return fabs(value) < 1e9 ? round(value * 1e6) / 1e6 + 0.0 : value;
}

/* ---- points ---- */

/* Where the function stands that makes the share. */
static void write_called(writer *out, const oe__compiled *product, uint32_t dimension)
{
    for (size_t i = 0; i < product->term_count; i++) {
        const oe__term *term = &product->terms[i];
        if (term->dimension == dimension && term->shape == OE__CALLED)
            place(out, out->ruleset->functions[term->curve->function].where);
    }
}

static void write_contribution(writer *out, const oe__compiled *product,
                               const oe_contribution *given)
{
    const oe_dimension *dimension = oe__dimension(out->ruleset, given->dimension);
    open_item(out);
    text(out, "dimension", dimension->name);
    text(out, "attribute", dimension->attribute);
    number(out, "value", given->value);
    if (given->not_on_file)
        truth(out, "not_on_file");
    if (given->failed)
        truth(out, "failed");
    number(out, "weight", given->weight);
    number(out, "subscore", significant(given->subscore));
    tenths(out, "points", given->points);
    write_called(out, product, given->dimension);
    close_bracket(out, '}');
}

static void write_adjustment(writer *out, const oe_adjustment *given)
{
    open_item(out);
    text(out, "rule", given->rule);
    text(out, "reason", given->reason);
    tenths(out, "points", given->points);
    place(out, given->where);
    close_bracket(out, '}');
}

static void write_points(writer *out, const oe_explanation *explanation)
{
    open_list(out, "contributions");
    for (size_t i = 0; i < explanation->contribution_count; i++)
        write_contribution(out, &out->ruleset->compiled[explanation->product],
                           &explanation->contributions[i]);
    close_bracket(out, ']');
    open_list(out, "adjustments");
    for (size_t i = 0; i < explanation->adjustment_count; i++)
        write_adjustment(out, &explanation->adjustments[i]);
    close_bracket(out, ']');
}

/* ---- failures ---- */

static const oe_attribute *attribute_of(const writer *out, int32_t attribute)
{
    return attribute >= 0 ? oe_ruleset_attribute(out->ruleset, (size_t)attribute) : NULL;
}

/* A value as its attribute says it; nothing when there is none. */
static void value(writer *out, const char *member, const oe_attribute *attribute, double shown)
{
    if (isnan(shown))
        return;
    if (attribute == NULL) {
        tenths(out, member, shown);
    } else if (attribute->type == OE_FLAG) {
        name(out, member);
        oe__buffer_add_text(out->buffer, shown != 0 ? "true" : "false");
    } else if (isfinite(shown)) {
        number(out, member, shown);
    }
}

enum { DAY_S = 86400, DAYS_OF_400_YEARS = 146097 };

static int days_in(int month, int year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month] + (month == 1 && leap);
}

static void digits(char *out, int number, int count)
{
    for (int i = count - 1; i >= 0; i--, number /= 10)
        out[i] = (char)('0' + number % 10);
}

/* A moment as "2026-01-01T00:00:00Z"; nothing when it is open or not in the years 0 to 9999. */
static void moment(writer *out, const char *member, int64_t at_ms)
{
    const int64_t first_s = -62167219200, last_s = 253402300799; /* of those years */
    char shown[] = "0000-00-00T00:00:00Z";
    int64_t seconds = at_ms / 1000;
    if (at_ms == INT64_MIN || seconds < first_s || seconds > last_s)
        return;
    int64_t since = seconds - first_s;
    int day = (int)(since / DAY_S % DAYS_OF_400_YEARS), second = (int)(since % DAY_S);
    int year = 400 * (int)(since / DAY_S / DAYS_OF_400_YEARS), month = 0;
    for (; day >= 365 + (days_in(1, year) == 29); year++)
        day -= 365 + (days_in(1, year) == 29);
    for (; day >= days_in(month, year); month++)
        day -= days_in(month, year);
    const int parts[] = {month + 1, day + 1, second / 3600, second / 60 % 60, second % 60};
    digits(shown, year, 4);
    for (int i = 0; i < 5; i++)
        digits(shown + 5 + 3 * (size_t)i, parts[i], 2);
    text(out, member, shown);
}

/* Text that is on file, of an attribute that a condition asked for. */
static void write_actual_text(writer *out, const oe_failure *failure,
                              const oe_attribute *attribute)
{
    size_t length = 0;
    const char *actual =
        attribute != NULL && attribute->type == OE_TEXT
            ? oe_profile_text(out->profile, (size_t)failure->attribute, &length)
            : NULL;
    if (actual == NULL)
        return;
    name(out, "actual");
    oe__json_write_string(out->buffer, actual, length);
}

/* Whether others were offered in its place. */
static bool is_taken(const oe_failure *failure)
{
    return failure->cause == OE_CAUSE_OUTRANKED || failure->cause == OE_CAUSE_CAPPED;
}

static void write_failure(writer *out, const oe_failure *failure)
{
    const oe_attribute *attribute = attribute_of(out, failure->attribute);
    bool is_score = attribute == NULL;
    open_item(out);
    text(out, "stage", oe_stage_name(failure->stage));
    text(out, "code", oe_cause_name(failure->cause));
    text(out, "attribute", is_score ? NULL : attribute->name);
    value(out, "needed", attribute, failure->needed);
    value(out, "actual", attribute, failure->actual);
    write_actual_text(out, failure, attribute);
    value(out, "gap", attribute, is_score ? failure->gap : without_noise(failure->gap));
    text(out, "rule", failure->rule);
    moment(out, failure->cause == OE_CAUSE_NOT_YET ? "from" : "until", failure->date_ms);
    text(out, is_taken(failure) ? "outranked_by" : "product", failure->other);
    text(out, "text", failure->text);
    place(out, failure->where);
    close_bracket(out, '}');
}

static void write_failures(writer *out, const oe_explanation *explanation)
{
    open_list(out, "failures");
    for (size_t i = 0; i < explanation->failure_count; i++)
        write_failure(out, &explanation->failures[i]);
    close_bracket(out, ']');
    if (explanation->failure_count == 0)
        return;
    open_list(out, "reason_codes");
    oe_cause causes[OE__PRINCIPAL_MAX];
    size_t count = oe__principal_causes(out->ruleset, explanation, causes);
    for (size_t i = 0; i < count; i++) {
        const char *code = oe_cause_name(causes[i]);
        separate(out);
        oe__json_write_string(out->buffer, code, strlen(code));
    }
    close_bracket(out, ']');
}

/* ---- the smallest change ---- */

static void write_text_change(writer *out, const oe_change *change)
{
    size_t length = 0;
    const char *from = oe_profile_text(out->profile, change->attribute, &length);
    name(out, "from");
    if (from != NULL)
        oe__json_write_string(out->buffer, from, length);
    else
        oe__buffer_add_text(out->buffer, "null");
    text(out, "to", change->text);
}

static void write_change(writer *out, const oe_change *change)
{
    const oe_attribute *attribute = oe__attribute(out->ruleset, change->attribute);
    open_item(out);
    text(out, "attribute", attribute->name);
    if (change->text != NULL) {
        write_text_change(out, change);
    } else {
        if (isnan(change->from))
            number(out, "from", change->from); /* null */
        value(out, "from", attribute, change->from);
        value(out, "to", attribute, change->to);
    }
    close_bracket(out, '}');
}

static void write_smallest_change(writer *out, const oe_explanation *explanation)
{
    if (explanation->stage == OE_STAGE_OFFERED)
        return;
    name(out, "smallest_change");
    open_bracket(out, '{');
    name(out, "possible");
    oe__buffer_add_text(out->buffer, explanation->change_possible ? "true" : "false");
    if (explanation->change_possible) {
        open_list(out, "changes");
        for (size_t i = 0; i < explanation->change_count; i++)
            write_change(out, &explanation->changes[i]);
        close_bracket(out, ']');
    } else {
        text(out, "cause", explanation->change_cause);
    }
    close_bracket(out, '}');
}

/* ---- the whole ---- */

static void write_product(writer *out, const oe_explanation *explanation)
{
    const oe_product *product = oe__product(out->ruleset, explanation->product);
    open_item(out);
    text(out, "product_id", product->id);
    text(out, "product_name", product->name);
    text(out, "category", product->category);
    text(out, "outcome", oe_stage_name(explanation->stage));
    if (explanation->fallback) {
        name(out, "fallback");
        oe__buffer_add_text(out->buffer, "true");
    }
    tenths(out, "confidence_score", explanation->confidence);
    tenths(out, "score", explanation->score);
    if (explanation->clamped != 0)
        tenths(out, "clamped", explanation->clamped);
    tenths(out, "threshold", explanation->threshold);
    if (!isnan(explanation->priority) && explanation->priority != explanation->confidence)
        tenths(out, "priority", explanation->priority);
    write_points(out, explanation);
    write_failures(out, explanation);
    write_smallest_change(out, explanation);
    close_bracket(out, '}');
}

static void write_products(writer *out, oe_decider *decider, const oe_options *options,
                           int32_t product)
{
    size_t count = out->ruleset->declared.products.count;
    size_t first = product < 0 ? 0 : (size_t)product;
    size_t behind = product < 0 ? count : first + 1;
    const oe_profile *given = out->profile;
    oe_decide(decider, given, options);
    for (size_t i = first; i < behind && i < count; i++) {
        const oe_explanation *explanation = oe__explain_decided(decider, given, options, i);
        if (explanation == NULL) {
            out->buffer->failed = true;
            return;
        }
        out->profile = oe__explained(decider, given);
        write_product(out, explanation);
    }
}

void oe__explanation_write(oe__buffer *buffer, oe_decider *decider, const oe_profile *profile,
                           const oe_options *options, int32_t product)
{
    writer out = {buffer, decider->ruleset, profile, true};
    open_bracket(&out, '{');
    name(&out, "customer_id");
    oe__json_write_string(buffer, profile->id, profile->id_length);
    open_list(&out, "products");
    write_products(&out, decider, options, product);
    close_bracket(&out, ']');
    oe__answer_write_end(buffer, &decider->decision);
}

size_t oe_explanation_write(oe_decider *decider, const oe_profile *profile,
                            const oe_options *options, char *out, size_t capacity)
{
    oe__buffer buffer = {0};
    oe__explanation_write(&buffer, decider, profile, options, -1);
    return oe__deliver(&buffer, out, capacity);
}
