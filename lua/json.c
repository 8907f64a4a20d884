/* json.c: JSON text to Lua values, one pass, nothing allocated but the Lua values. */
#include "json.h"

#include <lauxlib.h>
#include <string.h>

#include "codec/json.h"
#include "failure.h"

/* An object or array that is being filled; its table lies on the stack, the member's name above
 * it. */
typedef struct open_container {
    bool is_object;
    lua_Integer count;
} open_container;

static void push_text(lua_State *L, const oe__json_token *token)
{
    if (!token->escaped) {
        lua_pushlstring(L, token->bytes, token->length);
        return;
    }
    luaL_Buffer text;
    char *room = luaL_buffinitsize(L, &text, token->length);
    luaL_pushresultsize(&text,
                        oe__json_unescape(token->bytes, token->length, room, token->length));
}

static void push_number(lua_State *L, const oe__json_token *token)
{
    const double exact = 9007199254740992.0;
    bool whole = memchr(token->bytes, '.', token->length) == NULL &&
                 memchr(token->bytes, 'e', token->length) == NULL &&
                 memchr(token->bytes, 'E', token->length) == NULL;
    if (whole && token->number >= -exact && token->number <= exact)
        lua_pushinteger(L, (lua_Integer)token->number);
    else
        lua_pushnumber(L, token->number);
}

static void push_scalar(lua_State *L, const oe__json_token *token)
{
    switch (token->type) {
    case OE_JSON_STRING:
        push_text(L, token);
        break;
    case OE_JSON_NUMBER:
        push_number(L, token);
        break;
    case OE_JSON_TRUE:
    case OE_JSON_FALSE:
        lua_pushboolean(L, token->type == OE_JSON_TRUE);
        break;
    default:
        lua_pushlightuserdata(L, NULL);
        break;
    }
}

/* The complete value on top goes into the container below it. */
static void store_value(lua_State *L, open_container *container, bool keeps_null)
{
    if (!container->is_object) {
        lua_rawseti(L, -2, ++container->count);
    } else if (!keeps_null && lua_islightuserdata(L, -1)) {
        lua_pop(L, 2);
    } else {
        lua_rawset(L, -3);
    }
}

static oe_status push_tokens(lua_State *L, oe__json_reader *reader, bool keeps_null,
                             oe_error *error)
{
    open_container open[OE_JSON_DEPTH_MAX + 1] = {{0}};
    size_t depth = 0;
    oe__json_token token = {0};
    for (;;) {
        oe_status status = oe__json_next(reader, &token, error);
        if (status != OE_OK || token.type == OE_JSON_END)
            return status;
        if (token.type == OE_JSON_NAME) {
            push_text(L, &token);
            continue;
        }
        if (token.type == OE_JSON_OBJECT || token.type == OE_JSON_ARRAY) {
            lua_newtable(L);
            open[depth++] = (open_container){.is_object = token.type == OE_JSON_OBJECT};
            continue;
        }
        if (token.type == OE_JSON_OBJECT_END || token.type == OE_JSON_ARRAY_END)
            depth--;
        else
            push_scalar(L, &token);
        if (depth > 0)
            store_value(L, &open[depth - 1], keeps_null);
    }
}

static oe_status push_json(lua_State *L, const char *text, size_t length, bool keeps_null,
                           oe_error *error)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 2 * OE_JSON_DEPTH_MAX + 8, "json");
    oe__json_reader reader;
    oe__json_reader_begin(&reader, text, length);
    oe_status status = push_tokens(L, &reader, keeps_null, error);
    if (status != OE_OK)
        lua_settop(L, top);
    return status;
}

oe_status oe_lua_push_json(lua_State *L, const char *text, size_t length, oe_error *error)
{
    return push_json(L, text, length, false, error);
}

int oe_lua_decode_json(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    oe_error error = {0};
    if (push_json(L, text, length, lua_toboolean(L, 2), &error) != OE_OK)
        return oe_lua_fail(L, &error);
    return 1;
}
