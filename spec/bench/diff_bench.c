/* diff_bench.c: a book under two rulesets, as a multiple of one plain decision of the same
 * book: the same pages, by the same number of threads, in turn within one run; CPU time and
 * wall time. usage, from the top of the tree:
 * lua5.4 spec/support/book.lua 1000000 | diff_bench BASE NEW [ROUNDS [WORKERS]]
 * BASE and NEW are rules folders; the book is read from standard input. */
#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lua/compare_run.h"
#include "lua/load.h"
#include "lua/records.h"

enum { ROUNDS = 5, ROUNDS_MAX = 99, WORKERS_MAX = 64, MODULES_MAX = 40 };

/* The modules of the language, as the loader lists them: names and texts in turn. */
static const char read_sources[] =
    "package.path = (os.getenv('OE_SOURCE') or '.') .. '/lua/?.lua;' .. package.path\n"
    "local function read(name)\n"
    "  local file = assert(io.open(assert(package.searchpath(name, package.path)), 'rb'))\n"
    "  local text = file:read 'a'\n"
    "  file:close()\n"
    "  return text\n"
    "end\n"
    "local list = {}\n"
    "local names = read('offerengine.loader'):match 'MODULES = (%b{})'\n"
    "for name in names:gmatch '\"(.-)\"' do\n"
    "  list[#list + 1] = name\n"
    "  list[#list + 1] = read(name)\n"
    "end\n"
    "return table.unpack(list)\n";

typedef struct benching {
    oe_ruleset *rules[2];
    oe_dictionary *dictionary;
    oe_population *population;
    oe_snapshot *snapshot;
    oe_options options;
    unsigned workers;
    atomic_size_t next;
    atomic_ullong offers;
    uint64_t flips;
} benching;

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* ---- What is measured ---- */

static bool count_offers(void *context, const oe_decision *decision)
{
    *(uint64_t *)context += decision->offer_count;
    return true;
}

static void *decide_pages(void *context)
{
    benching *self = context;
    oe_decider *decider = oe_decider_new(self->rules[OE__BASE]);
    uint64_t offers = 0;
    for (size_t page;
         (page = atomic_fetch_add(&self->next, 1)) < oe_snapshot_pages(self->snapshot);)
        (void)oe_decide_page(decider, self->snapshot, page, &self->options,
                             (oe_decision_sink){count_offers, &offers});
    atomic_fetch_add(&self->offers, offers);
    oe_decider_free(decider);
    return NULL;
}

static void run_plain(benching *self)
{
    pthread_t threads[WORKERS_MAX];
    atomic_store(&self->next, 0);
    atomic_store(&self->offers, 0);
    for (unsigned i = 0; i < self->workers; i++)
        pthread_create(&threads[i], NULL, decide_pages, self);
    for (unsigned i = 0; i < self->workers; i++)
        pthread_join(threads[i], NULL);
}

static void run_diff(benching *self)
{
    oe__comparison *comparison =
        oe__comparison_new(self->rules[OE__BASE], self->rules[OE__NEW], &self->options);
    oe__compare_counts counts;
    oe_error error;
    oe_compare_run run = {
        .comparison = comparison, .snapshot = self->snapshot, .workers = self->workers};
    if (!oe__compare_counts_begin(comparison, &counts) ||
        oe__compare_run(&run, &counts, &error) != OE_OK)
        abort();
    self->flips = 0;
    for (size_t i = 0; i < comparison->product_count; i++)
        self->flips += counts.products[i].flips[0] + counts.products[i].flips[1];
    oe__compare_counts_free(comparison, &counts);
    oe__comparison_free(comparison);
}

/* ---- Rules and book ---- */

static bool load_rules(benching *self, lua_State *L, int side, const char *folder)
{
    oe_vm_source sources[MODULES_MAX];
    int modules = lua_gettop(L) / 2;
    for (int i = 0; i < modules && i < MODULES_MAX; i++) {
        sources[i].name = lua_tostring(L, 2 * i + 1);
        sources[i].text = lua_tolstring(L, 2 * i + 2, &sources[i].length);
    }
    oe_load load = {.dictionary = oe__dictionary_hold(self->dictionary)};
    oe_error error;
    bool loaded = oe__load_rules(&load, folder, sources, (size_t)modules, &error) == OE_OK;
    if (loaded)
        self->rules[side] = oe_ruleset_hold(load.ruleset);
    else
        (void)fprintf(stderr, "%s: %s\n", folder, error.message);
    oe__load_free(&load);
    return loaded;
}

static bool read_book(benching *self)
{
    oe_lua_stream_options options = {
        .path = "-", .format = OE_LUA_CSV, .ruleset = self->rules[OE__BASE]};
    oe_lua_stream *stream = NULL;
    oe_error error = {0};
    oe_lua_chunk *chunk = calloc(1, sizeof *chunk);
    oe_lua_reading *reading = calloc(1, sizeof *reading);
    reading->profile = oe_profile_new(self->rules[OE__BASE]);
    bool good = oe_lua_stream_open(&options, &stream, &error) == OE_OK;
    oe_population_begin(self->population);
    while (good && oe_lua_stream_next(stream, chunk, &error) == OE_OK && chunk->count > 0)
        for (size_t i = 0; i < chunk->count && good; i++)
            good = oe_lua_record_read(stream, chunk, i, reading) == OE_OK &&
                   oe_population_put(self->population, reading->profile, NULL, &error) == OE_OK;
    oe_population_commit(self->population);
    if (!good)
        (void)fprintf(stderr, "book: %s\n", error.message);
    oe_lua_stream_close(stream);
    oe_lua_reading_free(reading);
    oe_lua_chunk_free(chunk);
    free(reading);
    free(chunk);
    return good;
}

/* ---- Report ---- */

typedef struct timing {
    double cpu, wall;
} timing;

static timing time_run(benching *self, void (*run)(benching *self))
{
    double cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), wall = seconds_of(CLOCK_MONOTONIC);
    run(self);
    return (timing){seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu,
                    seconds_of(CLOCK_MONOTONIC) - wall};
}

static int by_size(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return values[count / 2];
}

static void report(benching *self, size_t rounds)
{
    static double plain[ROUNDS_MAX], diff[ROUNDS_MAX], ratio[ROUNDS_MAX], wall[ROUNDS_MAX];
    for (size_t i = 0; i < rounds; i++) {
        timing one = time_run(self, run_plain), two = time_run(self, run_diff);
        plain[i] = one.cpu;
        diff[i] = two.cpu;
        ratio[i] = two.cpu / one.cpu;
        wall[i] = two.wall / one.wall;
    }
    size_t customers = oe_population_count(self->population);
    printf("%zu customers, %.2f offers each, %llu flips, %u workers, %zu rounds\n", customers,
           (double)atomic_load(&self->offers) / (double)customers,
           (unsigned long long)self->flips, self->workers, rounds);
    printf("plain batch %8.1f ns CPU per customer\n",
           1e9 * median(plain, rounds) / (double)customers);
    double middle = median(ratio, rounds); /* in order now */
    printf("diff        %8.1f ns CPU per customer   %.2f x (%.2f to %.2f), wall %.2f x\n",
           1e9 * median(diff, rounds) / (double)customers, middle, ratio[0], ratio[rounds - 1],
           median(wall, rounds));
}

int main(int count, char **words)
{
    if (count < 3)
        return 2;
    size_t rounds = count > 3 ? strtoul(words[3], NULL, 10) : ROUNDS;
    benching self = {.dictionary = oe_dictionary_new(),
                     .options = {.at_ms = INT64_C(1795305600000), .category = -1},
                     .workers = count > 4 ? (unsigned)strtoul(words[4], NULL, 10) : 1};
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    if (rounds < 1 || rounds > ROUNDS_MAX || self.workers < 1 || self.workers > WORKERS_MAX ||
        luaL_dostring(L, read_sources) || !load_rules(&self, L, OE__BASE, words[1]) ||
        !load_rules(&self, L, OE__NEW, words[2]))
        return 1;
    self.population = oe_population_new(self.dictionary);
    if (!read_book(&self))
        return 1;
    self.snapshot = oe_snapshot_new(self.population);
    report(&self, rounds);
    oe_snapshot_free(self.snapshot);
    oe_population_free(self.population);
    oe_ruleset_free(self.rules[OE__BASE]);
    oe_ruleset_free(self.rules[OE__NEW]);
    oe_dictionary_free(self.dictionary);
    lua_close(L);
    return 0;
}
