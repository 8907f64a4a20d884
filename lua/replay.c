/* replay.c: decides again what a record says, by the rules that it was made by. Functions that
 * were stopped then are not asked: that was an input. Knows nothing of databases. */
#include "replay.h"

#include <lauxlib.h>
#include <string.h>

#include "codec/answer.h"
#include "codec/number.h"
#include "codec/record.h"
#include "engine/decide.h"
#include "engine/status.h"
#include "failure.h"
#include "ruleset.h"
#include "store/digest.h"

/* ---- The record as a table ---- */

static void set_integer(lua_State *L, const char *key, int64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

static void push_offers(lua_State *L, const oe__record *record)
{
    oe__record_part offers = record->offers;
    oe__record_offer offer;
    lua_createtable(L, (int)offers.count, 0);
    for (lua_Integer i = 1; oe__record_next_offer(&offers, &offer); i++) {
        lua_createtable(L, 0, 3);
        set_integer(L, "product", (int64_t)offer.product + 1);
        set_integer(L, "tenths", offer.tenths);
        lua_pushboolean(L, offer.fallback);
        lua_setfield(L, -2, "fallback");
        lua_rawseti(L, -2, i);
    }
}

int oe_lua_read_record(lua_State *L)
{
    size_t length = 0;
    const char *bytes = luaL_checklstring(L, 1, &length);
    char id[OE_RECORD_ID_TEXT];
    oe__record record;
    oe_error error = {0};
    if (oe__record_read(bytes, length, &record, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    oe__record_id_write(record.id, id);
    lua_createtable(L, 0, 8);
    lua_pushlstring(L, id, sizeof id);
    lua_setfield(L, -2, "decision_id");
    lua_pushlstring(L, record.customer_id, record.customer_id_length);
    lua_setfield(L, -2, "customer_id");
    if (record.channel != NULL) {
        lua_pushlstring(L, record.channel, record.channel_length);
        lua_setfield(L, -2, "channel");
    }
    if (record.campaign != NULL) {
        lua_pushlstring(L, record.campaign, record.campaign_length);
        lua_setfield(L, -2, "campaign");
    }
    set_integer(L, "generation", (int64_t)record.generation);
    set_integer(L, "at_ms", record.options.at_ms);
    if (record.options.limit > 0)
        set_integer(L, "limit", record.options.limit);
    if (record.options.category >= 0)
        set_integer(L, "category", record.options.category + 1);
    push_offers(L, &record);
    lua_setfield(L, -2, "offers");
    return 1;
}

/* ---- Functions that were stopped ---- */

/* Answers for those, and passes every other question on. */
typedef struct stopping {
    const bool *stopped;
    oe_calls real;
} stopping;

static void begin(void *context, const oe_profile *profile, bool again)
{
    const stopping *self = context;
    if (self->real.begin != NULL)
        self->real.begin(self->real.context, profile, again);
}

static oe_said say_condition(void *context, uint32_t function)
{
    const stopping *self = context;
    return self->stopped[function] || self->real.condition == NULL
               ? OE_SAID_STOPPED
               : self->real.condition(self->real.context, function);
}

static oe_said say_share(void *context, uint32_t function, uint32_t attribute, double *share)
{
    const stopping *self = context;
    return self->stopped[function] || self->real.curve == NULL
               ? OE_SAID_STOPPED
               : self->real.curve(self->real.context, function, attribute, share);
}

static oe_said say_message(void *context, uint32_t function, char *text, size_t *length)
{
    const stopping *self = context;
    return self->stopped[function] || self->real.message == NULL
               ? OE_SAID_STOPPED
               : self->real.message(self->real.context, function, text, length);
}

static oe_said say_value(void *context, uint32_t function, size_t attribute, oe_value *value)
{
    const stopping *self = context;
    return self->stopped[function] || self->real.derive == NULL
               ? OE_SAID_STOPPED
               : self->real.derive(self->real.context, function, attribute, value);
}

/* ---- Deciding ---- */

/* A record and what it is decided with; the memory is the Lua state's. */
typedef struct replaying {
    oe_lua_ruleset *by;
    oe__record record;
    bool *stopped; /* by function */
    oe_contacts contacts;
    stopping stops;
} replaying;

/* The memory stays on the stack while it is needed. */
static void prepare_contacts(lua_State *L, replaying *self)
{
    const oe__record *record = &self->record;
    oe_allowance *allowances =
        lua_newuserdatauv(L, (record->allowances.count + 1) * sizeof *allowances, 0);
    oe_held *held = lua_newuserdatauv(L, (record->held.count + 1) * sizeof *held, 0);
    oe__record_contacts(record, allowances, held, &self->contacts);
    self->record.options.contacts = &self->contacts;
}

/* Returns 0, or the number of values pushed. */
static int prepare(lua_State *L, replaying *self)
{
    size_t length = 0;
    oe_error error = {0};
    self->by = oe_lua_check_ruleset(L, 1);
    const char *bytes = luaL_checklstring(L, 2, &length);
    size_t functions = oe_ruleset_function_count(self->by->ruleset);
    self->stopped = lua_newuserdatauv(L, functions + 1, 0);
    oe_status status = oe__record_read(bytes, length, &self->record, &error);
    if (status == OE_OK)
        status = oe__record_profile(&self->record, self->by->scratch, &error);
    if (status == OE_OK)
        status = oe__record_stopped(&self->record, self->stopped, functions, &error);
    if (status == OE_OK && self->record.options.category >= 0 &&
        (size_t)self->record.options.category >=
            oe_ruleset_count(self->by->ruleset, OE_CATEGORIES))
        status = oe__fail(&error, OE_E_CONFLICT, "journal: the rules have no such category");
    if (status == OE_OK && self->record.campaign != NULL)
        self->record.options.campaign =
            1 + (uint32_t)oe_ruleset_find(self->by->ruleset, OE_CAMPAIGNS,
                                          self->record.campaign, self->record.campaign_length);
    if (status == OE_OK && self->record.has_contacts)
        prepare_contacts(L, self);
    return status == OE_OK ? 0 : oe_lua_fail(L, &error);
}

static void start_stopping(replaying *self)
{
    oe_decider *decider = self->by->decider;
    self->stops = (stopping){self->stopped, decider->calls};
    oe_calls calls = {&self->stops, begin, say_condition, say_share, say_message, say_value};
    oe_decider_calls(decider, &calls);
}

static void end_stopping(replaying *self)
{
    oe_decider_calls(self->by->decider, &self->stops.real);
}

/* Decides into the ruleset's buffer; whether the bytes are those of the record. */
static bool decide(const replaying *self, int64_t at_ms)
{
    oe__buffer *text = &self->by->text;
    unsigned char digest[OE__DIGEST_SIZE];
    oe_options options = self->record.options;
    options.at_ms = at_ms;
    text->length = 0;
    oe__answer_write(text, oe_decide(self->by->decider, self->by->scratch, &options));
    oe__digest(text->data, text->length, at_ms, digest);
    return !text->failed && memcmp(digest, self->record.digest, sizeof digest) == 0;
}

static bool same_offers(const replaying *self)
{
    const oe_decision *decision = &self->by->decider->decision;
    oe__record_part offers = self->record.offers;
    oe__record_offer offer;
    if (offers.count != decision->offer_count)
        return false;
    for (size_t i = 0; oe__record_next_offer(&offers, &offer); i++) {
        const oe_offer *now = &decision->offers[i];
        if (offer.product != now->product || offer.fallback != now->fallback ||
            offer.tenths != oe__number_tenths(now->confidence) ||
            (self->record.has_contacts && offer.unit_ms != now->unit_ms))
            return false;
    }
    return true;
}

/* The first rule whose function was stopped now and not then. */
static const char *newly_stopped(const replaying *self)
{
    const oe_decider *decider = self->by->decider;
    size_t functions = oe_ruleset_function_count(self->by->ruleset);
    for (size_t i = 0; i < functions; i++)
        if (decider->stopped[i] && !self->stopped[i])
            return oe_ruleset_function(self->by->ruleset, i, NULL);
    return NULL;
}

/* ruleset:replay(bytes) -> { same =, offers = whether they are the same, stopped = a rule that
 * did not end in time, clock = whether it is the same with the time of the id }, or nil,
 * message, code */
int oe_lua_replay(lua_State *L)
{
    replaying self;
    int refused = prepare(L, &self);
    if (refused > 0)
        return refused;
    start_stopping(&self);
    bool is_same = decide(&self, self.record.options.at_ms),
         has_same_offers = same_offers(&self);
    const char *stopped = newly_stopped(&self);
    bool is_clock = !is_same && decide(&self, oe__record_id_ms(self.record.id));
    end_stopping(&self);
    lua_createtable(L, 0, 4);
    lua_pushboolean(L, is_same);
    lua_setfield(L, -2, "same");
    lua_pushboolean(L, has_same_offers);
    lua_setfield(L, -2, "offers");
    lua_pushboolean(L, is_clock);
    lua_setfield(L, -2, "clock");
    lua_pushstring(L, stopped);
    lua_setfield(L, -2, "stopped");
    return 1;
}

int oe_lua_replay_trace(lua_State *L)
{
    replaying self;
    int refused = prepare(L, &self);
    if (refused > 0)
        return refused;
    oe__buffer *text = &self.by->text;
    start_stopping(&self);
    (void)decide(&self, self.record.options.at_ms);
    size_t decision = text->length;
    oe__explanation_write(text, self.by->decider, self.by->scratch, &self.record.options, -1);
    end_stopping(&self);
    if (text->failed) {
        oe__buffer_free(text);
        return luaL_error(L, "replay: out of memory");
    }
    lua_pushlstring(L, text->data, decision);
    lua_pushlstring(L, text->data + decision, text->length - decision);
    return 2;
}
