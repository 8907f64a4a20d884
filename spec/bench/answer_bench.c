/* answer_bench.c: how long one answer takes to decide, write and, beside it, merely to copy;
 * and a request's profile to read. Only the ratios travel between machines. */
#include "codec/answer.h"
#include "codec/profile.h"
#include "random_rules.h"
#include "sample_rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Many short rounds: the best of them was not interrupted. */
enum { CUSTOMERS = 64, ROUNDS = 300, ROUND_NS = 90000000 };

typedef struct bench {
    oe_decider *decider[CUSTOMERS]; /* each holds its decision */
    const oe_decision *decisions[CUSTOMERS];
    oe_profile *profiles[CUSTOMERS];
    oe__buffer answers[CUSTOMERS], bodies[CUSTOMERS];
    oe_profile *scratch;
    oe__buffer out;
    oe_options options;
    oe_read_report report;
    size_t sink;
} bench;

typedef void (*work)(bench *on, size_t customer);

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static void copy_answer(bench *on, size_t customer)
{
    const oe__buffer *answer = &on->answers[customer];
    on->out.length = 0;
    oe__buffer_add(&on->out, answer->data, answer->length);
}

static void write_answer(bench *on, size_t customer)
{
    on->out.length = 0;
    oe__answer_write(&on->out, on->decisions[customer]);
}

static void decide(bench *on, size_t customer)
{
    on->out.length =
        oe_decide(on->decider[customer], on->profiles[customer], &on->options)->offer_count;
}

static void read_body(bench *on, size_t customer)
{
    const oe__buffer *body = &on->bodies[customer];
    on->out.length =
        (size_t)oe_profile_read(on->scratch, body->data, body->length, &on->report, NULL);
}

static void whole_request(bench *on, size_t customer)
{
    read_body(on, customer);
    on->out.length = 0;
    oe__answer_write(&on->out, oe_decide(on->decider[customer], on->scratch, &on->options));
}

/* Nanoseconds per customer, the best of a few rounds. */
static double measure(bench *on, work call)
{
    double best = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t calls = 0, start = now_ns(), end;
        do {
            for (size_t i = 0; i < CUSTOMERS; i++) {
                call(on, i);
                on->sink += on->out.length;
            }
            calls += CUSTOMERS;
            end = now_ns();
        } while (end - start < ROUND_NS / ROUNDS);
        double each = (double)(end - start) / (double)calls;
        best = each < best ? each : best;
    }
    return best;
}

static void prepare(bench *on, const oe_ruleset *ruleset)
{
    uint64_t state = 11;
    on->scratch = oe_profile_new(ruleset);
    for (size_t i = 0; i < CUSTOMERS; i++) {
        on->decider[i] = oe_decider_new(ruleset);
        on->profiles[i] = oe_profile_new(ruleset);
        if (on->decider[i] == NULL || on->profiles[i] == NULL)
            exit(3);
        sample_random(on->profiles[i], &state, (uint32_t)i);
        on->decisions[i] = oe_decide(on->decider[i], on->profiles[i], &on->options);
        oe__answer_write(&on->answers[i], on->decisions[i]);
        oe__profile_write(&on->bodies[i], on->profiles[i]);
    }
}

static void clean_up(bench *on)
{
    for (size_t i = 0; i < CUSTOMERS; i++) {
        oe_decider_free(on->decider[i]);
        oe_profile_free(on->profiles[i]);
        oe__buffer_free(&on->answers[i]);
        oe__buffer_free(&on->bodies[i]);
    }
    oe_profile_free(on->scratch);
    oe__buffer_free(&on->out);
}

int main(void)
{
    static const struct {
        const char *name;
        work call;
    } works[] = {
        {"copy the answer", copy_answer},
        {"write the answer", write_answer},
        {"decide", decide},
        {"read the body", read_body},
        {"read, decide and write", whole_request},
    };
    static bench on = {.options = {.at_ms = 0, .category = -1}};
    oe_dictionary *dictionary = oe_dictionary_new();
    oe_ruleset *ruleset = sample_rules(dictionary);
    if (ruleset == NULL)
        return 3;
    prepare(&on, ruleset);
    size_t bytes = 0, offers = 0;
    for (size_t i = 0; i < CUSTOMERS; i++) {
        bytes += on.answers[i].length;
        offers += on.decisions[i]->offer_count;
    }
    printf("%d customers, %.1f offers and %.0f bytes each\n", (int)CUSTOMERS,
           (double)offers / CUSTOMERS, (double)bytes / CUSTOMERS);
    double plain = measure(&on, copy_answer);
    for (size_t i = 0; i < sizeof works / sizeof *works; i++) {
        double each = measure(&on, works[i].call);
        printf("  %-24s %8.0f ns  %7.1f x copying\n", works[i].name, each, each / plain);
    }
    clean_up(&on);
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
    return on.sink == 0;
}
