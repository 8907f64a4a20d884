/* caller.c: the customer as a Lua table, and one call. */
#include "caller.h"

#include <lauxlib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "clock.h"
#include "engine/profile.h"
#include "engine/text.h"
#include "functions.h"
#include "guard.h"
#include "load.h"
#include "program.h"

/* What lies on the VM's stack, from the bottom; the functions come last, in their order, each
 * followed by the customer that it is given. */
enum { LANGUAGE = 1, VALUES, PROTECTED, OWNED, NAMES, FUNCTIONS };

struct oe_caller {
    const oe_ruleset *ruleset;
    oe_program *program;
    oe_vm *vm;    /* NULL: to be made */
    lua_State *L; /* of the VM */
    oe_bind bind;
    oe_guard guard;
    const oe_profile *profile;
    bool is_ready;  /* for this customer: the guard watches this thread, and there is a VM */
    bool is_filled; /* the customer's table holds the profile */
    char text[OE_TEXT_MAX + 1]; /* that was derived last */
};

/* ---- the customer ---- */

static void push_value(lua_State *L, const oe_caller *self, size_t attribute)
{
    const oe_attribute *declared = oe_ruleset_attribute(self->ruleset, attribute);
    size_t length = 0;
    const char *text = NULL;
    double number = (double)NAN;
    if (declared->type == OE_TEXT)
        text = oe_profile_text(self->profile, attribute, &length);
    else
        number = oe_profile_number(self->profile, attribute);
    if (text != NULL)
        lua_pushlstring(L, text, length);
    else if (isnan(number))
        lua_pushnil(L);
    else if (declared->type == OE_FLAG)
        lua_pushboolean(L, number != 0);
    else if (declared->type == OE_INTEGER)
        lua_pushinteger(L, (lua_Integer)number);
    else
        lua_pushnumber(L, number);
}

static void add_owned(void *context, const char *id, size_t length)
{
    lua_State *L = context;
    lua_pushlstring(L, id, length);
    lua_pushboolean(L, 1);
    lua_rawset(L, OWNED);
}

static void clear_owned(lua_State *L)
{
    for (lua_pushnil(L); lua_next(L, OWNED) != 0;) {
        lua_pop(L, 1);
        lua_pushvalue(L, -1);
        lua_pushnil(L);
        lua_rawset(L, OWNED);
    }
}

/* In the VM: caller, values, protected, owned, names; each but the first lies where it
 * does below. */
static int fill_customer(lua_State *L)
{
    const oe_caller *self = lua_touserdata(L, 1);
    lua_settop(L, NAMES);
    size_t count = oe_ruleset_count(self->ruleset, OE_ATTRIBUTES);
    for (size_t i = 0; i < count; i++) {
        const oe_attribute *attribute = oe_ruleset_attribute(self->ruleset, i);
        if (attribute->type == OE_PRODUCT_SET)
            continue;
        lua_rawgeti(L, NAMES, (lua_Integer)i + 1);
        push_value(L, self, i);
        lua_rawset(L, attribute->is_protected ? PROTECTED : VALUES);
    }
    clear_owned(L);
    oe_profile_owned(self->profile, add_owned, L);
    return 0;
}

static bool fill(oe_caller *self)
{
    lua_State *L = oe__vm_state(self->vm);
    lua_pushcfunction(L, fill_customer);
    lua_pushlightuserdata(L, self);
    for (int index = VALUES; index <= NAMES; index++)
        lua_pushvalue(L, index);
    self->is_filled = lua_pcall(L, NAMES, 0, 0) == LUA_OK;
    if (!self->is_filled)
        lua_pop(L, 1);
    return self->is_filled;
}

/* ---- the VM ---- */

static void drop_vm(oe_caller *self)
{
    if (self->vm != NULL)
        oe__program_note_bytes(self->program, oe__vm_peak(self->vm));
    oe__vm_free(self->vm);
    self->vm = NULL;
    self->is_ready = self->is_filled = false;
}

static void push_names(lua_State *L, const oe_ruleset *ruleset)
{
    size_t count = oe_ruleset_count(ruleset, OE_ATTRIBUTES);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        lua_pushstring(L, oe_ruleset_attribute(ruleset, i)->name);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static const char *product_set_name(const oe_ruleset *ruleset)
{
    size_t count = oe_ruleset_count(ruleset, OE_ATTRIBUTES);
    for (size_t i = 0; i < count; i++)
        if (oe_ruleset_attribute(ruleset, i)->type == OE_PRODUCT_SET)
            return oe_ruleset_attribute(ruleset, i)->name;
    return NULL;
}

/* Pushes each function and its customer, from the list of customers at 1. */
static void push_functions(lua_State *L, size_t count)
{
    if (oe__functions_push(L) != count)
        luaL_error(L, "rules: another number of functions than before");
    int list = lua_gettop(L);
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, list, (lua_Integer)i + 1);
        lua_rawgeti(L, 1, (lua_Integer)i + 1);
    }
    lua_remove(L, list);
}

/* In the VM: language, caller -> values, protected, owned, names, functions and customers... */
static int prepare(lua_State *L)
{
    const oe_caller *self = lua_touserdata(L, 2);
    size_t count = oe__program_functions(self->program);
    luaL_checkstack(L, 2 * (int)count + 10, "functions");
    lua_getfield(L, 1, "customers");
    lua_pushstring(L, product_set_name(self->ruleset));
    push_names(L, self->ruleset);
    lua_copy(L, -1, 1);
    lua_call(L, 2, 4); /* names, caller, customers, values, protected, owned */
    lua_remove(L, 2);
    lua_rotate(L, 1, -1); /* customers, values, protected, owned, names */
    push_functions(L, count);
    return 2 * (int)count + 4;
}

static bool make_vm(oe_caller *self)
{
    self->vm = oe__load_functions(self->ruleset, &self->bind);
    if (self->vm == NULL)
        return false;
    lua_State *L = oe__vm_state(self->vm);
    lua_pushcfunction(L, prepare);
    lua_pushvalue(L, LANGUAGE);
    lua_pushlightuserdata(L, self);
    int room = 2 * (int)oe__program_functions(self->program) + LUA_MINSTACK;
    if (lua_checkstack(L, room) && lua_pcall(L, 2, LUA_MULTRET, 0) == LUA_OK)
        return true;
    drop_vm(self);
    return false;
}

/* ---- oe_calls ---- */

static void begin(void *context, const oe_profile *profile, bool again)
{
    oe_caller *self = context;
    self->profile = profile;
    self->is_ready = self->is_filled = false;
    if (!again)
        self->guard.decision_ticks = 0;
}

static oe_said stopped(oe_caller *self, uint32_t function)
{
    oe__program_count_stop(self->program, function, oe_lua_now_ms());
    drop_vm(self);
    return OE_SAID_STOPPED;
}

static oe_said failed(oe_caller *self, uint32_t function)
{
    oe__program_count_error(self->program, function);
    return OE_SAID_UNKNOWN;
}

/* Once for each customer, and after a stop. */
static bool get_ready(oe_caller *self)
{
    self->is_ready = oe__guard_ready(&self->guard) && (self->vm != NULL || make_vm(self));
    self->L = self->is_ready ? oe__vm_state(self->vm) : NULL;
    return self->is_ready;
}

/* Whether a function can be asked now; others may have used up what one decision has, which is
 * not this one's fault. */
static inline bool may_call(const oe_caller *self, uint32_t function)
{
    return !oe__program_is_quarantined(self->program, function) &&
           self->guard.decision_ticks < OE_GUARD_DECISION_TICKS;
}

/* Calls the function with the argument that lie on top of the stack. True: its result lies
 * there. */
static inline oe_said call(oe_caller *self, uint32_t function)
{
    lua_State *L = self->L;
    oe__guard_enter(&self->guard, L);
    int status = lua_pcall(L, 1, 1, 0);
    if (oe__guard_leave(&self->guard) || status == LUA_ERRMEM)
        return stopped(self, function);
    if (status == LUA_OK)
        return OE_SAID_TRUE;
    lua_pop(L, 1);
    return failed(self, function);
}

static inline oe_said call_with_customer(oe_caller *self, uint32_t function)
{
    if (!may_call(self, function) || (!self->is_filled && !(get_ready(self) && fill(self))))
        return OE_SAID_STOPPED;
    lua_State *L = self->L;
    lua_pushvalue(L, FUNCTIONS + 2 * (int)function);
    lua_pushvalue(L, FUNCTIONS + 2 * (int)function + 1);
    return call(self, function);
}

static inline oe_said read_truth(oe_caller *self, lua_State *L, uint32_t function)
{
    int type = lua_type(L, -1);
    if (type == LUA_TBOOLEAN)
        return lua_toboolean(L, -1) ? OE_SAID_TRUE : OE_SAID_FALSE;
    return type == LUA_TNIL ? OE_SAID_UNKNOWN : failed(self, function);
}

static oe_said ask_condition(void *context, uint32_t function)
{
    oe_caller *self = context;
    oe_said said = call_with_customer(self, function);
    if (said != OE_SAID_TRUE)
        return said;
    lua_State *L = self->L;
    said = read_truth(self, L, function);
    lua_pop(L, 1);
    return said;
}

/* Whether the value on top of the stack is one that the attribute may have. */
static bool read_value(oe_caller *self, lua_State *L, const oe_attribute *declared,
                       oe_value *value)
{
    char message[128];
    size_t length = 0;
    int type = lua_type(L, -1);
    if (declared->type == OE_TEXT) {
        const char *text = type == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;
        if (text == NULL || length > OE_TEXT_MAX || memchr(text, '\0', length) != NULL ||
            !oe__text_is_utf8(text, length))
            return false;
        memcpy(self->text, text, length + 1);
        value->text = self->text;
        return true;
    }
    bool fits = type == (declared->type == OE_FLAG ? LUA_TBOOLEAN : LUA_TNUMBER);
    value->number = type == LUA_TBOOLEAN ? lua_toboolean(L, -1) : lua_tonumber(L, -1);
    return fits &&
           oe__attribute_fault(declared, value->number, message, sizeof message) == NULL;
}

/* What was derived is in the profile now, and has to come into the customer's table. */
static oe_said ask_derived(void *context, uint32_t function, size_t attribute, oe_value *value)
{
    oe_caller *self = context;
    oe_said said = call_with_customer(self, function);
    if (said != OE_SAID_TRUE)
        return said;
    lua_State *L = oe__vm_state(self->vm);
    if (lua_isnil(L, -1))
        said = OE_SAID_UNKNOWN;
    else if (!read_value(self, L, oe_ruleset_attribute(self->ruleset, attribute), value))
        said = failed(self, function);
    lua_pop(L, 1);
    self->is_filled = false;
    return said;
}

static oe_said ask_curve(void *context, uint32_t function, uint32_t attribute, double *share)
{
    oe_caller *self = context;
    if (!may_call(self, function) || !(self->is_ready || get_ready(self)))
        return OE_SAID_STOPPED;
    lua_State *L = self->L;
    lua_pushvalue(L, FUNCTIONS + 2 * (int)function);
    push_value(L, self, attribute);
    oe_said said = call(self, function);
    if (said != OE_SAID_TRUE)
        return said;
    *share = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : (double)NAN;
    lua_pop(L, 1);
    return *share >= 0 && *share <= 1 ? OE_SAID_TRUE : failed(self, function);
}

static bool is_clean(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7F)
            return false;
    return length > 0 && length <= OE_MESSAGE_MAX && oe__text_is_utf8(text, length);
}

static oe_said read_text(lua_State *L, char *text, size_t *length)
{
    if (lua_isnil(L, -1))
        return OE_SAID_FALSE;
    const char *said = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, length) : NULL;
    if (said == NULL || !is_clean(said, *length))
        return OE_SAID_UNKNOWN;
    memcpy(text, said, *length);
    return OE_SAID_TRUE;
}

static oe_said ask_message(void *context, uint32_t function, char *text, size_t *length)
{
    oe_caller *self = context;
    oe_said said = call_with_customer(self, function);
    if (said != OE_SAID_TRUE)
        return said;
    lua_State *L = self->L;
    said = read_text(L, text, length);
    lua_pop(L, 1);
    return said == OE_SAID_UNKNOWN ? failed(self, function) : said;
}

bool oe__caller_attach(oe_caller **caller, const oe_ruleset *ruleset, oe_decider *decider)
{
    *caller = NULL;
    if (oe__program_of(ruleset) == NULL)
        return true;
    oe_caller *self = calloc(1, sizeof *self);
    if (self == NULL)
        return false;
    self->ruleset = ruleset;
    self->program = oe__program_of(ruleset);
    oe_decider_calls(
        decider, &(oe_calls){self, begin, ask_condition, ask_curve, ask_message, ask_derived});
    *caller = self;
    return true;
}

void oe__caller_free(oe_caller *caller)
{
    if (caller == NULL)
        return;
    oe__guard_free(&caller->guard);
    drop_vm(caller);
    free(caller);
}
