/* top_bench.c: the peers' ten products (peers-rules, loaded at run time) for a million
 * customers in memory: their first three offers, page by page; on two threads; and single
 * decisions. With the peers' folder the ratios to its own programs, which run before and after.
 * usage: top_bench [CUSTOMERS [ROUNDS [PEERS FOLDER]]]; run from the top of the tree. */
#include <lauxlib.h>
#include <lualib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/plan.h"
#include "engine/top.h"
#include "lua/load.h"

enum { CUSTOMERS = 1 << 20, ROUNDS = 7, ROUNDS_MAX = 101, MODULES_MAX = 64, SINGLES = 1000 };

static const char set_up[] =
    "local top = os.getenv 'OE_SOURCE' or '.'\n"
    "package.path = top .. '/lua/?.lua;' .. package.path\n"
    "local function read(name)\n"
    "  local file = assert(io.open(assert(package.searchpath(name, package.path)), 'rb'))\n"
    "  local text = file:read 'a'\n"
    "  file:close()\n"
    "  return text\n"
    "end\n"
    "local list = {}\n"
    "for name in read('offerengine.loader'):match('local MODULES = (%b{})'):gmatch "
    "'\"([%w.]+)\"' do\n"
    "  list[#list + 1] = name\n"
    "  list[#list + 1] = read(name)\n"
    "end\n"
    "return top .. '/spec/bench/peers-rules', table.unpack(list)\n";

typedef struct bench {
    const oe_ruleset *ruleset;
    oe_population *population;
    oe_snapshot *snapshot;
    oe_options options;
    size_t customers, offers;
} bench;

/* One thread's share of the pages. */
typedef struct share {
    const bench *whole;
    oe_decider *decider;
    oe__top *top;
    size_t first, last;
    uint64_t sum; /* so that nothing is left out */
} share;

static double seconds_of(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    return values[count / 2];
}

/* ---- customers ---- */

static void set(const bench *self, oe_profile *profile, const char *name, double value)
{
    int32_t attribute = oe_ruleset_find(self->ruleset, OE_ATTRIBUTES, name, strlen(name));
    oe_profile_set_number(profile, (size_t)attribute, value, NULL);
}

/* The same draws as the peers' own customers. */
static void draw(const bench *self, oe_profile *profile, uint64_t *x, size_t number)
{
    char id[24];
    *x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
    oe_profile_clear(profile);
    int length = snprintf(id, sizeof id, "C%zu", number);
    oe_profile_set_id(profile, id, (size_t)length, NULL);
    set(self, profile, "income", (double)(*x % 200000));
    set(self, profile, "credit_score", 300 + (double)(*x / 7 % 550));
    set(self, profile, "avg_account_balance", (double)(*x / 11 % 80000));
    set(self, profile, "age", 18 + (double)(*x / 13 % 60));
    uint64_t owned = *x >> 40 & *x >> 20 & 1023;
    for (size_t i = 0; i < oe_ruleset_count(self->ruleset, OE_PRODUCTS); i++) {
        const char *product = oe_ruleset_product(self->ruleset, i)->id;
        if (owned >> i & 1)
            oe_profile_own(profile, product, strlen(product), NULL, NULL);
    }
}

static bool fill(bench *self)
{
    uint64_t x = 88172645463325252;
    oe_profile *profile = oe_profile_new(self->ruleset);
    self->population = oe_population_new(oe_ruleset_dictionary(self->ruleset));
    if (profile == NULL || self->population == NULL)
        return false;
    oe_population_begin(self->population);
    for (size_t i = 0; i < self->customers; i++) {
        draw(self, profile, &x, i);
        oe_population_put(self->population, profile, NULL, NULL);
    }
    oe_population_commit(self->population);
    oe_profile_free(profile);
    self->snapshot = oe_snapshot_new(self->population);
    return self->snapshot != NULL;
}

/* ---- what is timed ---- */

static void *run_share(void *context)
{
    share *self = context;
    for (size_t page = self->first; page < self->last; page++) {
        oe__top_page(self->top, self->decider, self->whole->snapshot, page,
                     &self->whole->options);
        self->sum += (uint64_t)self->top->podium.product[2][page % OE__LANES];
    }
    return NULL;
}

static bool open_share(share *self, const bench *whole, size_t index, size_t count)
{
    size_t pages = oe_snapshot_pages(whole->snapshot);
    *self = (share){.whole = whole,
                    .decider = oe_decider_new(whole->ruleset),
                    .top = oe__top_new(whole->ruleset),
                    .first = pages * index / count,
                    .last = pages * (index + 1) / count};
    return self->decider != NULL && self->top != NULL;
}

static void close_share(share *self)
{
    oe_decider_free(self->decider);
    oe__top_free(self->top);
}

/* Customers per second of CPU time of one thread, ns per customer. */
static double time_one(const bench *self, const oe__kernel *kernel)
{
    share whole = {0};
    double spent = 0;
    if (open_share(&whole, self, 0, 1)) {
        whole.top->plan->kernel = kernel;
        double before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        run_share(&whole);
        spent = seconds_of(CLOCK_THREAD_CPUTIME_ID) - before;
    }
    close_share(&whole);
    return spent / (double)self->customers * 1e9;
}

/* Two threads against one, by the wall clock. */
static double time_two(const bench *self)
{
    share whole = {0}, halves[2] = {{0}, {0}};
    pthread_t thread;
    double times[2] = {0, 1};
    if (open_share(&whole, self, 0, 1) && open_share(&halves[0], self, 0, 2) &&
        open_share(&halves[1], self, 1, 2)) {
        double before = seconds_of(CLOCK_MONOTONIC);
        run_share(&whole);
        times[0] = seconds_of(CLOCK_MONOTONIC) - before;
        before = seconds_of(CLOCK_MONOTONIC);
        if (pthread_create(&thread, NULL, run_share, &halves[0]) == 0) {
            run_share(&halves[1]);
            pthread_join(thread, NULL);
        }
        times[1] = seconds_of(CLOCK_MONOTONIC) - before;
    }
    close_share(&whole), close_share(&halves[0]), close_share(&halves[1]);
    return times[0] / times[1];
}

static bool keep(void *context, const oe_profile *profile)
{
    oe_profile ***next = context;
    return oe__profile_copy(*(*next)++, profile);
}

/* Single decisions of the first thousand customers, ns each. */
static double time_single(const bench *self, uint32_t limit)
{
    static oe_profile *profiles[SINGLES + OE__LANES];
    oe_profile **next = profiles, *scratch = oe_profile_new(self->ruleset);
    oe_options options = self->options;
    size_t offers = 0, count = self->customers < SINGLES ? self->customers : SINGLES;
    oe_decider *decider = oe_decider_new(self->ruleset);
    for (size_t i = 0; i < SINGLES + OE__LANES; i++)
        if (profiles[i] == NULL)
            profiles[i] = oe_profile_new(self->ruleset);
    for (size_t page = 0; page * OE__LANES < count; page++)
        oe_snapshot_read(self->snapshot, page, scratch, (oe_profile_sink){keep, &next});
    options.limit = limit;
    double before = seconds_of(CLOCK_THREAD_CPUTIME_ID);
    for (size_t turn = 0; turn < 200; turn++)
        for (size_t i = 0; i < count; i++)
            offers += oe_decide(decider, profiles[i], &options)->offer_count;
    double spent = seconds_of(CLOCK_THREAD_CPUTIME_ID) - before;
    oe_profile_free(scratch);
    oe_decider_free(decider);
    return offers == 0 ? 0 : spent / (double)(200 * count) * 1e9;
}

/* ---- peers ---- */

/* The first number after `mark` in the last line that holds `name` of what a peer prints. */
static double peer_figure(const char *command, const char *name, const char *mark)
{
    char line[512];
    double figure = 0;
    FILE *output = popen(command, "r"); /* NOLINT(cert-env33-c): the peers are programs */
    while (output != NULL && fgets(line, sizeof line, output) != NULL) {
        const char *at = strstr(line, name);
        if (at != NULL && (at = strstr(at + strlen(name), mark)) != NULL)
            figure = strtod(at + strlen(mark), NULL);
    }
    if (output != NULL)
        pclose(output);
    return figure;
}

static double ask_peer(const char *folder, const char *program, const char *name)
{
    char command[512];
    snprintf(command, sizeof command, "cd '%s/inproc' && build/%s 2>&1%s", folder, program,
             strncmp(program, "columnar", 8) == 0 ? " | sed -n '/^1048576/,/^8388608/p'" : "");
    return peer_figure(command, name, "  ");
}

static void report_peers(const bench *self, const char *folder, double ns)
{
    double pairs = ask_peer(folder, "columnar_v3", "scores + top 3, fused");
    double lua =
        ask_peer(folder, "luacost54 ../nginx", "ten scores in a plain loop, a customer");
    double jit =
        ask_peer(folder, "luacostjit ../nginx", "ten scores in a plain loop, a customer");
    double fused = pairs > 0 ? 1e4 / pairs : 0, again = time_one(self, oe__kernel_get(0));
    double ours = (ns + again) / 2;
    printf("again after the peers        %8.2f ns\n", again);
    printf("fused kernel                 %8.2f ns   %.2f x its speed\n", fused, fused / ours);
    printf("plain Lua loop (scores only) %8.1f ns   %.0f x\n", lua, lua / ours);
    printf("LuaJIT loop (scores only)    %8.1f ns   %.1f x\n", jit, jit / ours);
}

static void report(bench *self, size_t rounds, const char *folder)
{
    double times[ROUNDS_MAX], ours = 0;
    printf("%zu customers, 10 products, first 3 with scores, median of %zu rounds\n",
           self->customers, rounds);
    for (size_t k = 0; oe__kernel_get(k) != NULL; k++) {
        for (size_t i = 0; i < rounds; i++)
            times[i] = time_one(self, oe__kernel_get(k));
        double ns = median(times, rounds);
        printf("%-28s %8.2f ns CPU each, %.2f to %.2f\n", oe__kernel_get(k)->name, ns, times[0],
               times[rounds - 1]);
        ours = k == 0 ? ns : ours;
    }
    for (size_t i = 0; i < rounds; i++)
        times[i] = time_two(self);
    printf("two threads                  %8.2f x one\n", median(times, rounds));
    for (uint32_t limit = 0; limit <= 3; limit += 3) {
        for (size_t i = 0; i < rounds; i++)
            times[i] = time_single(self, limit);
        printf("single decision, limit %u     %8.1f ns\n", limit, median(times, rounds));
    }
    if (folder != NULL)
        report_peers(self, folder, ours);
}

static bool load_rules(lua_State *L, oe_load *load)
{
    oe_vm_source sources[MODULES_MAX];
    size_t count = 0;
    oe_error error = {0};
    if (luaL_loadstring(L, set_up) != LUA_OK || lua_pcall(L, 0, LUA_MULTRET, 0) != LUA_OK)
        return false;
    for (int i = 2; i + 1 <= lua_gettop(L) && count < MODULES_MAX; i += 2, count++) {
        sources[count].name = lua_tostring(L, i);
        sources[count].text = lua_tolstring(L, i + 1, &sources[count].length);
    }
    return oe__load_rules(load, lua_tostring(L, 1), sources, count, &error) == OE_OK;
}

int main(int count, char **words)
{
    oe_load load = {0};
    int code = 1;
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    bench self = {.options = {.category = -1, .limit = 3}};
    self.customers = count > 1 ? strtoul(words[1], NULL, 10) : CUSTOMERS;
    size_t rounds = count > 2 ? strtoul(words[2], NULL, 10) : ROUNDS;
    if (rounds >= 1 && rounds <= ROUNDS_MAX && self.customers >= 1 && load_rules(L, &load)) {
        self.ruleset = load.ruleset;
        if (fill(&self)) {
            report(&self, rounds, count > 3 ? words[3] : NULL);
            code = 0;
        }
    }
    oe_snapshot_free(self.snapshot);
    oe_population_free(self.population);
    oe__load_free(&load);
    lua_close(L);
    return code;
}
