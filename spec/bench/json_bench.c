/* json_bench.c: how fast the JSON codec reads and writes, beside a plain pass over the same
 * bytes and beside cJSON, in one run: only the ratios travel between machines. */
#include "codec/json.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUNDS = 5, ROUND_NS = 60000000, BATCH = 16 };

typedef struct json_text {
    const char *name;
    char *text;
    size_t length;
} json_text;

typedef size_t (*work)(const json_text *sample);

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Every byte looked at, a decision on each: the least that a validator must do. */
static size_t count_quotes(const json_text *sample)
{
    size_t quotes = 0;
    for (size_t i = 0; i < sample->length; i++)
        quotes += sample->text[i] == '"';
    return quotes;
}

static size_t search_nothing(const json_text *sample)
{
    return memchr(sample->text, '\0', sample->length) == NULL;
}

static size_t validate(const json_text *sample)
{
    return oe__json_validate(sample->text, sample->length, NULL) == OE_OK;
}

static size_t read_tokens(const json_text *sample)
{
    oe__json_reader reader;
    oe__json_token token;
    size_t tokens = 0;
    oe__json_reader_begin(&reader, sample->text, sample->length);
    while (oe__json_next(&reader, &token, NULL) == OE_OK && token.type != OE_JSON_END)
        tokens++;
    return tokens;
}

static size_t parse_with_cjson(const json_text *sample)
{
    cJSON *tree = cJSON_ParseWithLength(sample->text, sample->length);
    size_t parsed = tree != NULL;
    cJSON_Delete(tree);
    return parsed;
}

/* Nanoseconds of one call, the best of a few rounds. */
static double measure(work call, const json_text *sample, size_t *sink)
{
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t calls = 0, start = now_ns(), end;
        do {
            for (int i = 0; i < BATCH; i++)
                *sink += call(sample);
            calls += BATCH;
            end = now_ns();
        } while (end - start < ROUND_NS / ROUNDS);
        double each = (double)(end - start) / (double)calls;
        best = each < best ? each : best;
    }
    return best;
}

static void append(json_text *sample, const char *text, size_t length)
{
    char *grown = realloc(sample->text, sample->length + length + 1);
    if (grown == NULL)
        exit(3);
    memcpy(grown + sample->length, text, length);
    sample->text = grown;
    sample->length += length;
}

static json_text many_profiles(const char *profile, int count)
{
    json_text list = {.name = "1000 customers in a list"};
    append(&list, "[", 1);
    for (int i = 0; i < count; i++) {
        append(&list, i > 0 ? "," : "", i > 0);
        append(&list, profile, strlen(profile));
    }
    append(&list, "]", 1);
    return list;
}

/* As many short names in each object as are allowed, in the largest ordinary body. */
static json_text many_names(void)
{
    json_text body = {.name = "64 KiB of members"};
    append(&body, "[", 1);
    for (int object = 0; body.length < 60000; object++) {
        append(&body, object > 0 ? ",{" : "{", object > 0 ? 2 : 1);
        for (int i = 0; i < OE_JSON_NAMES_MAX; i++) {
            char member[32];
            int length = snprintf(member, sizeof member, "%s\"%x\":1", i > 0 ? "," : "", i);
            append(&body, member, (size_t)length);
        }
        append(&body, "}", 1);
    }
    append(&body, "]", 1);
    return body;
}

static void report(const json_text *sample, size_t *sink)
{
    static const struct {
        const char *name;
        work call;
    } works[] = {
        {"memchr", search_nothing},   {"count quotes", count_quotes},   {"validate", validate},
        {"read tokens", read_tokens}, {"cJSON tree", parse_with_cjson},
    };
    double plain = measure(count_quotes, sample, sink);
    printf("%s, %zu bytes\n", sample->name, sample->length);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        double each = measure(works[i].call, sample, sink);
        printf("  %-14s %10.0f ns  %7.2f GB/s  %6.2f x count quotes\n", works[i].name, each,
               (double)sample->length / each, each / plain);
    }
}

static void report_writers(size_t *sink)
{
    enum { CALLS = 200000 };
    oe__buffer buffer = {0};
    int64_t start = now_ns();
    for (int i = 0; i < CALLS; i++) {
        buffer.length = 0;
        oe__json_write_tenths(&buffer, (double)i * 0.0005);
        *sink += buffer.length;
    }
    int64_t tenths = now_ns() - start;
    start = now_ns();
    for (int i = 0; i < CALLS; i++) {
        buffer.length = 0;
        oe__json_write_number(&buffer, (double)(i + 2800050) / 100);
        *sink += buffer.length;
    }
    int64_t money = now_ns() - start;
    start = now_ns();
    for (int i = 0; i < CALLS; i++) {
        char text[64];
        *sink += (size_t)snprintf(text, sizeof text, "%.1f", (double)i * 0.0005);
    }
    int64_t printf_ns = now_ns() - start;
    start = now_ns();
    for (int i = 0; i < CALLS; i++) {
        buffer.length = 0;
        oe__json_write_string(&buffer, "High income and good credit score", 33);
        *sink += buffer.length;
    }
    int64_t string = now_ns() - start;
    oe__buffer_free(&buffer);
    printf("writers: tenths %.1f ns, money %.1f ns, string of 33 bytes %.1f ns; printf %%.1f "
           "%.1f ns\n",
           (double)tenths / CALLS, (double)money / CALLS, (double)string / CALLS,
           (double)printf_ns / CALLS);
}

int main(void)
{
    static char profile[] =
        "{\"customer_id\":\"C001\",\"age\":32,\"income\":95000,\"credit_score\":742,"
        "\"avg_account_balance\":28000.50,\"existing_products\":[\"savings_account\",\"debit_"
        "card\"]}";
    static char text_heavy[] = "{\"note\":\"The quick brown fox jumps over the lazy dog, again "
                               "and again, until the very long "
                               "sentence ends where sentences end, and then there is another "
                               "one of the same kind behind it.\"}";
    size_t sink = 0;
    json_text one = {"one customer", profile, sizeof profile - 1};
    json_text text = {"long text", text_heavy, sizeof text_heavy - 1};
    json_text list = many_profiles(profile, 1000), names = many_names();
    report(&one, &sink);
    report(&text, &sink);
    report(&list, &sink);
    report(&names, &sink);
    report_writers(&sink);
    free(list.text);
    free(names.text);
    return sink == 0;
}
