/* bind_read.c: fields of Lua tables as C values. */
#include "bind_read.h"

#include <lauxlib.h>
#include <string.h>

oe_bind *oe__bind_open(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    luaL_checkstack(L, 30, "language");
    oe_bind *bind = lua_touserdata(L, lua_upvalueindex(1));
    if (bind->builder == NULL)
        luaL_error(L, "rules: nothing can be declared when a function is called");
    return bind;
}

int oe__bind_close(lua_State *L, oe_status status)
{
    return status == OE_OK ? 0 : luaL_error(L, "rules: out of memory");
}

/* The text stays alive because the table holds it; a number would be converted in place and
 * lost. */
const char *oe__bind_text(lua_State *L, int table, const char *key)
{
    int type = lua_getfield(L, table, key);
    if (type != LUA_TNIL && type != LUA_TSTRING)
        luaL_error(L, "language: %s must be a text", key);
    const char *text = type == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    lua_pop(L, 1);
    return text;
}

const char *oe__bind_needed_text(lua_State *L, int table, const char *key)
{
    const char *text = oe__bind_text(L, table, key);
    if (text == NULL)
        luaL_error(L, "language: %s is missing", key);
    return text;
}

double oe__bind_number(lua_State *L, int table, const char *key, double none)
{
    int type = lua_getfield(L, table, key);
    double number = type == LUA_TNIL ? none : luaL_checknumber(L, -1);
    lua_pop(L, 1);
    return number;
}

bool oe__bind_flag(lua_State *L, int table, const char *key)
{
    lua_getfield(L, table, key);
    bool flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

int64_t oe__bind_time(lua_State *L, int table, const char *key, int64_t none)
{
    int type = lua_getfield(L, table, key);
    int64_t time = type == LUA_TNIL ? none : luaL_checkinteger(L, -1);
    lua_pop(L, 1);
    return time;
}

oe_where oe__bind_where(lua_State *L, int table, const oe_bind *bind)
{
    const char *file = oe__bind_text(L, table, "file");
    return (oe_where){file != NULL ? file : bind->file,
                      (int)oe__bind_number(L, table, "line", 0)};
}

oe_condition oe__bind_condition(lua_State *L, int table, const char *key)
{
    return (oe_condition)oe__bind_time(L, table, key, OE_NO_CONDITION);
}

void *oe__bind_array(lua_State *L, int table, const char *key, size_t size, size_t *count)
{
    *count = 0;
    if (lua_getfield(L, table, key) == LUA_TTABLE)
        *count = lua_rawlen(L, -1);
    if (*count == 0) {
        lua_pushnil(L);
        return NULL;
    }
    return memset(lua_newuserdatauv(L, *count * size, 0), 0, *count * size);
}

const char *const *oe__bind_texts(lua_State *L, int table, const char *key, size_t *count)
{
    const char **texts = oe__bind_array(L, table, key, sizeof *texts, count);
    for (size_t i = 0; i < *count; i++) {
        if (lua_rawgeti(L, -2, (lua_Integer)i + 1) != LUA_TSTRING)
            luaL_error(L, "language: %s must be a list of texts", key);
        texts[i] = lua_tostring(L, -1);
        lua_pop(L, 1);
    }
    return texts;
}

const double *oe__bind_numbers(lua_State *L, int table, const char *key, size_t *count)
{
    double *numbers = oe__bind_array(L, table, key, sizeof *numbers, count);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        numbers[i] = luaL_checknumber(L, -1);
        lua_pop(L, 1);
    }
    return numbers;
}

const oe_key *oe__bind_keys(lua_State *L, int table, size_t *count)
{
    oe_key *keys = oe__bind_array(L, table, "keys", sizeof *keys, count);
    for (size_t i = 0; i < *count; i++) {
        lua_rawgeti(L, -2, (lua_Integer)i + 1);
        int item = lua_gettop(L);
        keys[i] = (oe_key){oe__bind_needed_text(L, item, "name"),
                           (int)oe__bind_number(L, item, "line", 0)};
        lua_pop(L, 1);
    }
    return keys;
}

static size_t read_points(lua_State *L, int table, const char *key, double points[])
{
    size_t count = 0;
    if (lua_getfield(L, table, key) == LUA_TTABLE)
        count = lua_rawlen(L, -1);
    if (count > OE_CURVE_POINTS_MAX)
        luaL_error(L, "language: too many points of a curve");
    for (size_t i = 0; i < count; i++) {
        lua_rawgeti(L, -1, (lua_Integer)i + 1);
        points[i] = luaL_checknumber(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return count;
}

void oe__bind_curve(lua_State *L, int table, const oe_bind *bind, oe_curve *curve)
{
    static const char *const kinds[] = {"default", "gate", "ramp", "band",
                                        "steps",   "call", NULL};
    table = lua_absindex(L, table);
    lua_getfield(L, table, "kind");
    curve->kind = (oe_curve_kind)luaL_checkoption(L, -1, "default", kinds);
    lua_pop(L, 1);
    curve->point_count = read_points(L, table, "x", curve->x);
    (void)read_points(L, table, "y", curve->y);
    if (curve->kind != OE_CURVE_STEPS)
        curve->point_count = 0;
    curve->function = (uint32_t)oe__bind_number(L, table, "function", 0);
    curve->digest = (uint64_t)oe__bind_time(L, table, "digest", 0);
    curve->where = oe__bind_where(L, table, bind);
}
