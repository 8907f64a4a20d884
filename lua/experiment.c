/* experiment.c: counts the customers of an experiment's arms over a database, and hands the
 * engine's statistics to Lua. What a report looks like is not known here. */
#include "experiment.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "codec/record.h"
#include "engine/derive.h"
#include "engine/statistics.h"
#include "engine/status.h"
#include "failure.h"
#include "ruleset.h"
#include "store.h"

#define ALPHA 0.05

/* ---- experiments ---- */

static bool is_experiment(const oe_ruleset *ruleset, const oe__derivation *lot)
{
    return lot->by_lot && oe__attribute(ruleset, lot->attribute)->type == OE_TEXT;
}

static void set_time(lua_State *L, const char *key, int64_t at_ms)
{
    if (at_ms == INT64_MIN || at_ms == INT64_MAX)
        return;
    lua_pushinteger(L, (lua_Integer)at_ms);
    lua_setfield(L, -2, key);
}

static void push_experiment(lua_State *L, const oe__derivation *lot)
{
    lua_newtable(L);
    lua_pushstring(L, lot->declared->attribute);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, lot->declared->salt);
    lua_setfield(L, -2, "salt");
    set_time(L, "from_ms", lot->declared->from_ms);
    set_time(L, "until_ms", lot->declared->until_ms);
    lua_createtable(L, (int)lot->row_count, 0);
    for (size_t i = 0; i < lot->row_count; i++) {
        lua_createtable(L, 0, 2);
        lua_pushstring(L, lot->rows[i].text);
        lua_setfield(L, -2, "name");
        lua_pushinteger(L, (lua_Integer)lot->declared->shares[i]);
        lua_setfield(L, -2, "share");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_setfield(L, -2, "arms");
}

int oe_lua_experiments(lua_State *L)
{
    const oe_ruleset *ruleset = oe_lua_check_ruleset(L, 1)->ruleset;
    lua_Integer count = 0;
    lua_newtable(L);
    for (size_t i = 0; i < ruleset->derivation_count; i++)
        if (is_experiment(ruleset, &ruleset->derivations[i])) {
            push_experiment(L, &ruleset->derivations[i]);
            lua_rawseti(L, -2, ++count);
        }
    return 1;
}

static const oe__derivation *find_lot(const oe_ruleset *ruleset, const char *name)
{
    for (size_t i = 0; i < ruleset->derivation_count; i++)
        if (is_experiment(ruleset, &ruleset->derivations[i]) &&
            strcmp(ruleset->derivations[i].declared->attribute, name) == 0)
            return &ruleset->derivations[i];
    return NULL;
}

/* ---- counting ---- */

typedef struct member {
    uint32_t arm;
    bool converted;
} member;

typedef struct trial {
    const oe__derivation *lot;
    int64_t since_ms;
    oe_outcome outcome;
    oe__names customers;
    oe__list members; /* member, by customer */
    oe__counted *arms;
    bool failed; /* memory */
} trial;

static uint32_t row_of(const oe__derivation *lot, double value)
{
    uint32_t row = 0;
    while (row < lot->row_count && lot->rows[row].value != value)
        row++;
    return row;
}

static bool add_record(void *context, const oe_store_record *record)
{
    trial *self = context;
    oe__record head;
    size_t used = 0;
    if (record->state != OE_STORE_RECORD_SOUND ||
        oe__record_read_head(record->bytes.data, record->bytes.length, &head, &used, NULL) !=
            OE_OK)
        return true;
    uint32_t arm = row_of(self->lot, oe__lot_draw(self->lot, head.customer_id,
                                                  head.customer_id_length, head.options.at_ms));
    size_t before = self->customers.count;
    if (arm == self->lot->row_count)
        return true;
    int32_t number = oe__names_add(&self->customers, head.customer_id, head.customer_id_length);
    if (number >= 0 && (size_t)number < before)
        return true;
    member *added = number < 0 ? NULL : oe__list_add(&self->members, sizeof *added);
    self->failed = added == NULL;
    if (added == NULL)
        return false;
    added->arm = arm;
    self->arms[arm].customers++;
    return true;
}

static bool add_outcome(void *context, const oe_store_outcome *outcome)
{
    trial *self = context;
    if (outcome->outcome != self->outcome ||
        oe__record_id_ms(outcome->decision) < self->since_ms)
        return true;
    int32_t number =
        oe__names_find(&self->customers, outcome->customer.data, outcome->customer.length);
    member *found = number < 0 ? NULL : (member *)self->members.items + number;
    if (found == NULL || found->converted)
        return true;
    found->converted = true;
    self->arms[found->arm].converted++;
    return true;
}

static oe_status count(trial *self, oe_store *store, oe_error *error)
{
    oe_store_journal_range decisions = {self->since_ms, INT64_MAX, add_record, self, 0};
    oe_store_outcome_range outcomes = {self->since_ms, INT64_MAX, add_outcome, self};
    self->arms = calloc(self->lot->row_count, sizeof *self->arms);
    oe_status status = self->arms == NULL ? oe__fail(error, OE_E_MEMORY, "trial: out of memory")
                                          : oe_store_journal_scan(store, &decisions, error);
    if (status == OE_OK && self->failed)
        status = oe__fail(error, OE_E_MEMORY, "trial: out of memory");
    if (status == OE_OK)
        status = oe_store_outcome_scan(store, &outcomes, error);
    return status;
}

static void push_arm(lua_State *L, const char *name, oe__counted counted)
{
    lua_createtable(L, 0, 3);
    lua_pushstring(L, name);
    lua_setfield(L, -2, "arm");
    lua_pushinteger(L, (lua_Integer)counted.customers);
    lua_setfield(L, -2, "customers");
    lua_pushinteger(L, (lua_Integer)counted.converted);
    lua_setfield(L, -2, "converted");
}

/* Room for the arms is had before anything is allocated that an error would leave behind. */
int oe_lua_trial(lua_State *L)
{
    static const char *const outcomes[] = {"shown",    "clicked",   "accepted",
                                           "declined", "converted", NULL};
    oe_store *store = oe_lua_check_open_store(L, 1);
    trial self = {.lot = find_lot(oe_lua_check_ruleset(L, 2)->ruleset, luaL_checkstring(L, 3))};
    self.since_ms = luaL_checkinteger(L, 4);
    self.outcome = (oe_outcome)luaL_checkoption(L, 5, NULL, outcomes);
    if (self.lot == NULL)
        return luaL_argerror(L, 3, "no such experiment");
    oe__counted *arms = lua_newuserdatauv(L, self.lot->row_count * sizeof *arms, 0);
    oe_error error = {0};
    oe_status status = count(&self, store, &error);
    if (status == OE_OK)
        memcpy(arms, self.arms, self.lot->row_count * sizeof *arms);
    free(self.arms);
    free(self.members.items);
    oe__names_free(&self.customers);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    lua_createtable(L, (int)self.lot->row_count, 0);
    for (size_t i = 0; i < self.lot->row_count; i++) {
        push_arm(L, self.lot->rows[i].text, arms[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ---- statistics ---- */

static uint64_t take_count(lua_State *L, int table, const char *key)
{
    lua_getfield(L, table, key);
    lua_Integer number = luaL_checkinteger(L, -1);
    luaL_argcheck(L, number >= 0, table, "counts are not negative");
    lua_pop(L, 1);
    return (uint64_t)number;
}

static oe__counted take_counts(lua_State *L, int table)
{
    luaL_checktype(L, table, LUA_TTABLE);
    oe__counted counted = {take_count(L, table, "customers"),
                           take_count(L, table, "converted")};
    luaL_argcheck(L, counted.converted <= counted.customers, table,
                  "more converted than there are customers");
    return counted;
}

static double take_alpha(lua_State *L, int index)
{
    double alpha = luaL_optnumber(L, index, ALPHA);
    luaL_argcheck(L, alpha > 0 && alpha < 1, index, "alpha lies between 0 and 1");
    return alpha;
}

static void set_number(lua_State *L, const char *key, double value)
{
    lua_pushnumber(L, value);
    lua_setfield(L, -2, key);
}

int oe_lua_rate(lua_State *L)
{
    oe__rate rate = oe__rate_of(take_counts(L, 1), take_alpha(L, 2));
    if (!rate.enough)
        return 0;
    lua_createtable(L, 0, 3);
    set_number(L, "value", rate.value);
    set_number(L, "low", rate.interval.low);
    set_number(L, "high", rate.interval.high);
    return 1;
}

int oe_lua_difference(lua_State *L)
{
    oe__difference found =
        oe__difference_of(take_counts(L, 1), take_counts(L, 2), take_alpha(L, 3));
    if (!found.enough)
        return 0;
    lua_createtable(L, 0, 4);
    set_number(L, "value", found.value);
    set_number(L, "low", found.low);
    set_number(L, "high", found.high);
    lua_pushboolean(L, found.decided);
    lua_setfield(L, -2, "decided");
    return 1;
}

int oe_lua_sample_ratio(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, 2, LUA_TTABLE);
    double alpha = take_alpha(L, 3), total = 0;
    size_t groups = lua_rawlen(L, 1);
    luaL_argcheck(L, groups >= 2 && lua_rawlen(L, 2) == groups, 2, "a share for each group");
    uint64_t *customers = lua_newuserdatauv(L, groups * sizeof *customers, 0);
    double *shares = lua_newuserdatauv(L, groups * sizeof *shares, 0);
    for (size_t i = 0; i < groups; i++) {
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
        lua_rawgeti(L, 2, (lua_Integer)i + 1);
        lua_Integer counted = luaL_checkinteger(L, -2);
        shares[i] = luaL_checknumber(L, -1);
        luaL_argcheck(L, counted >= 0 && shares[i] > 0, 1, "no count or no share");
        customers[i] = (uint64_t)counted;
        total += shares[i];
        lua_pop(L, 2);
    }
    for (size_t i = 0; i < groups; i++)
        shares[i] /= total;
    oe__ratio ratio = oe__ratio_of(customers, shares, groups, alpha);
    if (!ratio.enough)
        return 0;
    lua_createtable(L, 0, 2);
    set_number(L, "evidence", ratio.evidence);
    lua_pushboolean(L, ratio.broken);
    lua_setfield(L, -2, "broken");
    return 1;
}
