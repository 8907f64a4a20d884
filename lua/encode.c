/* encode.c: a cJSON tree grown from Lua values. The tree hangs on a userdata, so that an error
 * raised on the way frees it. */
#include "encode.h"

#include <cjson/cJSON.h>
#include <lauxlib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "codec/json.h"

enum { DEPTH_MAX = 64, FIRST = 2, SLOTS = 16, ESCAPED_MAX = 6 /* bytes of one */ };

#define TREE "offerengine.json_tree"

typedef struct tree {
    cJSON *root;
} tree;

static int free_tree(lua_State *L)
{
    tree *held = luaL_checkudata(L, 1, TREE);
    cJSON_Delete(held->root);
    held->root = NULL;
    return 0;
}

void oe_lua_open_encode(lua_State *L)
{
    luaL_newmetatable(L, TREE);
    lua_pushcfunction(L, free_tree);
    lua_setfield(L, -2, "__gc");
    lua_pop(L, 1);
}

static cJSON *checked(lua_State *L, cJSON *node)
{
    if (node == NULL)
        luaL_error(L, "json: out of memory");
    return node;
}

/* ---- where a node goes: into a list, or into an object under a name ---- */

typedef struct place {
    cJSON *parent;
    const char *name; /* NULL in a list */
} place;

/* The parent owns the node from here on, also when this raises. */
static cJSON *attach(lua_State *L, place at, cJSON *node)
{
    checked(L, node);
    bool done = at.name != NULL ? cJSON_AddItemToObject(at.parent, at.name, node)
                                : cJSON_AddItemToArray(at.parent, node);
    if (!done) {
        cJSON_Delete(node);
        luaL_error(L, "json: out of memory");
    }
    return node;
}

static void grow(lua_State *L, place at, int value, int depth);

static void grow_items(lua_State *L, cJSON *list, int value, int depth)
{
    lua_Integer count = luaL_len(L, value);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, value, i);
        grow(L, (place){list, NULL}, lua_gettop(L), depth);
        lua_pop(L, 1);
    }
}

/* ---- objects ---- */

/* cJSON's names end at a zero byte; what would be told of another member is refused. */
static const char *checked_name(lua_State *L, int index)
{
    size_t length = 0;
    const char *name = luaL_checklstring(L, index, &length);
    if (strlen(name) != length)
        luaL_error(L, "json: a name with a zero byte");
    return name;
}

static void grow_member(lua_State *L, cJSON *object, const char *name, int values, int depth)
{
    lua_getfield(L, values, name);
    if (!lua_isnil(L, -1))
        grow(L, (place){object, name}, lua_gettop(L), depth);
    lua_pop(L, 1);
}

static void grow_ordered(lua_State *L, cJSON *object, int value, int depth)
{
    lua_getfield(L, value, "names");
    lua_getfield(L, value, "values");
    int names = lua_gettop(L) - 1, values = names + 1;
    lua_Integer count = luaL_len(L, names);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, names, i);
        grow_member(L, object, checked_name(L, -1), values, depth);
        lua_pop(L, 1);
    }
    lua_pop(L, 2);
}

typedef struct member {
    lua_Integer rank; /* place in `first`, behind all of it for the others */
    const char *name;
} member;

static int compare_members(const void *left, const void *right)
{
    const member *a = left, *b = right;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return strcmp(a->name, b->name);
}

static lua_Integer rank_of(lua_State *L, const char *name)
{
    lua_Integer count = lua_istable(L, FIRST) ? luaL_len(L, FIRST) : 0;
    for (lua_Integer i = 1; i <= count; i++) {
        lua_geti(L, FIRST, i);
        bool same = lua_type(L, -1) == LUA_TSTRING && strcmp(lua_tostring(L, -1), name) == 0;
        lua_pop(L, 1);
        if (same)
            return i;
    }
    return count + 1;
}

static void grow_sorted(lua_State *L, cJSON *object, int value, int depth)
{
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, value) != 0; lua_pop(L, 1))
        count += lua_type(L, -2) == LUA_TSTRING;
    member *members = lua_newuserdatauv(L, (count + 1) * sizeof *members, 0);
    count = 0;
    for (lua_pushnil(L); lua_next(L, value) != 0; lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING) {
            const char *name = checked_name(L, -2);
            members[count++] = (member){rank_of(L, name), name};
        }
    qsort(members, count, sizeof *members, compare_members);
    for (size_t i = 0; i < count; i++)
        grow_member(L, object, members[i].name, value, depth);
    lua_pop(L, 1);
}

/* ---- values ---- */

static bool has_first_item(lua_State *L, int value)
{
    bool has = lua_geti(L, value, 1) != LUA_TNIL;
    lua_pop(L, 1);
    return has;
}

static void grow_raw(lua_State *L, place at, int value)
{
    lua_getfield(L, value, "text");
    attach(L, at, cJSON_CreateRaw(luaL_checkstring(L, -1)));
    lua_pop(L, 1);
}

static void grow_table(lua_State *L, place at, int value, int depth)
{
    const char *kind = "";
    if (depth > DEPTH_MAX)
        luaL_error(L, "json: nested deeper than %d", (int)DEPTH_MAX);
    luaL_checkstack(L, SLOTS, "json");
    if (luaL_getmetafield(L, value, "json") != LUA_TNIL) {
        kind = lua_tostring(L, -1); /* the metatable keeps it alive */
        lua_pop(L, 1);
    }
    if (strcmp(kind, "raw") == 0)
        grow_raw(L, at, value);
    else if (strcmp(kind, "object") == 0)
        grow_ordered(L, attach(L, at, cJSON_CreateObject()), value, depth);
    else if (strcmp(kind, "list") == 0 || has_first_item(L, value))
        grow_items(L, attach(L, at, cJSON_CreateArray()), value, depth);
    else
        grow_sorted(L, attach(L, at, cJSON_CreateObject()), value, depth);
}

/* cJSON's texts end at a zero byte: one with such a byte is escaped here. */
static void grow_text(lua_State *L, place at, int value)
{
    size_t length = 0;
    const char *text = lua_tolstring(L, value, &length);
    if (strlen(text) == length) {
        attach(L, at, cJSON_CreateString(text));
        return;
    }
    luaL_argcheck(L, length < SIZE_MAX / ESCAPED_MAX - 3, 1, "a text is too long");
    char *escaped = lua_newuserdatauv(L, length * ESCAPED_MAX + 3, 0);
    *escaped = '"';
    char *end = oe__json_put_inside(escaped + 1, text, length);
    memcpy(end, "\"", 2);
    attach(L, at, cJSON_CreateRaw(escaped));
    lua_pop(L, 1);
}

static void grow(lua_State *L, place at, int value, int depth)
{
    switch (lua_type(L, value)) {
    case LUA_TTABLE:
        grow_table(L, at, value, depth + 1);
        break;
    case LUA_TSTRING:
        grow_text(L, at, value);
        break;
    case LUA_TNUMBER:
        attach(L, at, cJSON_CreateNumber(lua_tonumber(L, value)));
        break;
    case LUA_TBOOLEAN:
        attach(L, at, cJSON_CreateBool(lua_toboolean(L, value)));
        break;
    default:
        attach(L, at, cJSON_CreateNull());
    }
}

/* The text is copied into Lua in a protected call, so that it is freed when that raises. */
static int push_text(lua_State *L)
{
    lua_pushstring(L, lua_touserdata(L, 1));
    return 1;
}

static int print_tree(lua_State *L, const cJSON *node)
{
    char *text = cJSON_PrintUnformatted(node);
    if (text == NULL)
        return luaL_error(L, "json: out of memory");
    lua_pushcfunction(L, push_text);
    lua_pushlightuserdata(L, text);
    int status = lua_pcall(L, 1, 1, 0);
    cJSON_free(text);
    return status == LUA_OK ? 1 : lua_error(L);
}

int oe_lua_encode_json(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_settop(L, FIRST);
    tree *held = lua_newuserdatauv(L, sizeof *held, 0);
    held->root = NULL;
    luaL_setmetatable(L, TREE);
    held->root = checked(L, cJSON_CreateArray());
    grow(L, (place){held->root, NULL}, 1, 0);
    return print_tree(L, held->root->child);
}
