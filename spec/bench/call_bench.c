/* call_bench.c: what asking a rule function costs beside a bare lua_pcall of the same function
 * with the same customer, in one run: only the ratio travels between machines. usage:
 * call_bench; run from the top of the tree. */
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/decide.h"
#include "lua/caller.h"
#include "lua/functions.h"
#include "lua/load.h"

enum { ROUNDS = 41, CALLS = 20000, MODULES_MAX = 64 };

static const char set_up[] =
    "package.path = (os.getenv('OE_SOURCE') or '.') .. '/lua/?.lua;' .. package.path\n"
    "local function read(name)\n"
    "  local file = assert(io.open(assert(package.searchpath(name, package.path)), 'rb'))\n"
    "  local text = file:read 'a'\n"
    "  file:close()\n"
    "  return text\n"
    "end\n"
    "local list = {}\n"
    "local modules = read('offerengine.loader'):match 'local MODULES = (%b{})'\n"
    "for name in modules:gmatch '\"([%w.]+)\"' do\n"
    "  list[#list + 1] = name\n"
    "  list[#list + 1] = read(name)\n"
    "end\n"
    "local top = os.tmpname()\n"
    "os.remove(top)\n"
    "os.execute('mkdir ' .. top)\n"
    "local file = assert(io.open(top .. '/schema.lua', 'wb'))\n"
    "file:write [[\n"
    "attribute 'income' { type = 'money', range = { 0, nil } }\n"
    "attribute 'spend' { type = 'money', range = { 0, nil } }\n"
    "category 'saving' {}\n"
    "scoring { income = { weight = 10, ideal = 100000, every = true } }\n"
    "product 'p' { name = 'P', category = 'saving', reason = 'P',\n"
    "  when = function(c) return c.income > 2 * c.spend end }\n"
    "]]\n"
    "file:close()\n"
    "return top, table.unpack(list)\n";

typedef struct benching {
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
    oe_caller *caller;
    lua_State *bare; /* function and customer at 1 and 2 */
} benching;

static int64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static double ask(const benching *self)
{
    int64_t from = now_ns();
    size_t agreed = 0;
    for (int i = 0; i < CALLS; i++)
        agreed +=
            self->decider->calls.condition(self->decider->calls.context, 0) == OE_SAID_TRUE;
    return agreed == CALLS ? (double)(now_ns() - from) / CALLS : 0;
}

static double call_bare(const benching *self)
{
    lua_State *L = self->bare;
    int64_t from = now_ns();
    size_t agreed = 0;
    for (int i = 0; i < CALLS; i++) {
        lua_pushvalue(L, 1);
        lua_pushvalue(L, 2);
        if (lua_pcall(L, 1, 1, 0) == LUA_OK)
            agreed += (size_t)lua_toboolean(L, -1);
        lua_pop(L, 1);
    }
    return agreed == CALLS ? (double)(now_ns() - from) / CALLS : 0;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values)
{
    qsort(values, ROUNDS, sizeof *values, compare);
    return values[ROUNDS / 2];
}

/* The same function in the same kind of VM, its customer behind the same kind of table. */
static bool prepare_bare(benching *self, oe_vm *vm)
{
    lua_State *L = oe__vm_state(vm);
    lua_getfield(L, 1, "customers");
    lua_pushnil(L);
    lua_createtable(L, 2, 0);
    lua_pushstring(L, "income");
    lua_rawseti(L, -2, 1);
    lua_pushstring(L, "spend");
    lua_rawseti(L, -2, 2);
    if (lua_pcall(L, 2, 2, 0) != LUA_OK) /* customers, values */
        return false;
    lua_pushnumber(L, 90000);
    lua_setfield(L, -2, "income");
    lua_pushnumber(L, 1000);
    lua_setfield(L, -2, "spend");
    lua_pop(L, 1);
    lua_rawgeti(L, -1, 1);
    lua_replace(L, -2);
    (void)oe__functions_push(L);
    lua_rawgeti(L, -1, 1);
    lua_replace(L, 1);
    lua_pop(L, 1);
    self->bare = L;
    return lua_gettop(L) == 2;
}

static bool open_bench(benching *self, lua_State *L, oe_load *load)
{
    oe_vm_source sources[MODULES_MAX];
    size_t count = 0;
    oe_error error = {0};
    for (int i = 2; i + 1 <= lua_gettop(L) && count < MODULES_MAX; i += 2, count++) {
        sources[count].name = lua_tostring(L, i);
        sources[count].text = lua_tolstring(L, i + 1, &sources[count].length);
    }
    if (oe__load_rules(load, lua_tostring(L, 1), sources, count, &error) != OE_OK) {
        fprintf(stderr, "call_bench: %s\n", error.message);
        return false;
    }
    self->ruleset = load->ruleset;
    self->decider = oe_decider_new(self->ruleset);
    self->profile = oe_profile_new(self->ruleset);
    if (self->decider == NULL || self->profile == NULL ||
        !oe__caller_attach(&self->caller, self->ruleset, self->decider))
        return false;
    oe_profile_set_number(self->profile, 0, 90000, NULL);
    oe_profile_set_number(self->profile, 1, 1000, NULL);
    self->decider->calls.begin(self->decider->calls.context, self->profile, false);
    return ask(self) > 0;
}

static void measure(const benching *self)
{
    double asked[ROUNDS], bare[ROUNDS], ratios[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        self->decider->calls.begin(self->decider->calls.context, self->profile, false);
        bare[i] = call_bare(self);
        asked[i] = ask(self);
        ratios[i] = asked[i] / bare[i];
    }
    double ratio = median(ratios);
    printf("bare lua_pcall %.0f ns, asked %.0f ns, ratio %.2f (median of %d rounds)\n",
           median(bare), median(asked), ratio, ROUNDS);
}

int main(void)
{
    benching self = {0};
    oe_load load = {0};
    oe_bind bind = {0};
    oe_vm *vm = NULL;
    int code = 1;
    lua_State *L = luaL_newstate();
    luaL_openlibs(L);
    if (luaL_loadstring(L, set_up) == LUA_OK && lua_pcall(L, 0, LUA_MULTRET, 0) == LUA_OK &&
        open_bench(&self, L, &load) && (vm = oe__load_functions(self.ruleset, &bind)) != NULL &&
        prepare_bare(&self, vm)) {
        measure(&self);
        code = 0;
    }
    oe__vm_free(vm);
    oe__caller_free(self.caller);
    oe_decider_free(self.decider);
    oe_profile_free(self.profile);
    oe__load_free(&load);
    lua_close(L);
    return code;
}
