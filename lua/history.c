/* history.c: the list of generations. The completion only copies: it runs below C. */
#include "history.h"

#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "buffer.h"
#include "failure.h"
#include "store.h"

enum { SHOWN_BY_DEFAULT = 100 };

typedef struct history_row {
    uint64_t number;
    int64_t at_ms;
    size_t hash, author, note; /* lengths, one behind the other in the text */
} history_row;

typedef struct history_answer {
    bool is_done;
    oe_error error;
    oe__buffer *rows, *text;
} history_answer;

static void take_rows(void *context, const oe_store_result *result)
{
    history_answer *answer = context;
    for (size_t i = 0; i < result->generation_count; i++) {
        const oe_store_generation *from = &result->generations[i];
        history_row row = {from->number, from->at_ms, from->hash.length, from->author.length,
                           from->note.length};
        oe__buffer_add(answer->rows, (const char *)&row, sizeof row);
        oe__buffer_add(answer->text, from->hash.data, from->hash.length);
        oe__buffer_add(answer->text, from->author.data, from->author.length);
        oe__buffer_add(answer->text, from->note.data, from->note.length);
    }
    answer->error = result->error;
    answer->is_done = true;
}

static const char *set_text(lua_State *L, const char *key, const char *text, size_t length)
{
    lua_pushlstring(L, text, length);
    lua_setfield(L, -2, key);
    return text + length;
}

static void push_rows(lua_State *L, const history_answer *answer)
{
    const char *text = answer->text->data;
    size_t count = answer->rows->length / sizeof(history_row);
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        history_row row;
        memcpy(&row, answer->rows->data + i * sizeof row, sizeof row);
        lua_createtable(L, 0, 5);
        lua_pushinteger(L, (lua_Integer)row.number);
        lua_setfield(L, -2, "generation");
        lua_pushinteger(L, (lua_Integer)row.at_ms);
        lua_setfield(L, -2, "at_ms");
        text = set_text(L, "ruleset", text, row.hash);
        text = set_text(L, "author", text, row.author);
        text = set_text(L, "note", text, row.note);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

int oe_lua_generations(lua_State *L)
{
    oe_store_port *port = oe_lua_check_port(L, 1);
    lua_Integer limit = luaL_optinteger(L, 2, SHOWN_BY_DEFAULT);
    luaL_argcheck(L, limit >= 1 && limit <= OE_STORE_SCAN_MAX, 2, "must be 1 to 1000");
    history_answer answer = {.rows = oe_lua_new_buffer(L), .text = oe_lua_new_buffer(L)};
    oe_store_submission submission = {.operation = OE_STORE_GENERATION_LIST,
                                      .completion = take_rows,
                                      .context = &answer,
                                      .limit = (size_t)limit};
    oe_error error = {0};
    if (oe_port_submit(port, &submission, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    while (!answer.is_done)
        (void)oe_port_wait(port, -1);
    if (answer.rows->failed || answer.text->failed)
        return luaL_error(L, "store: out of memory");
    if (answer.error.status != OE_OK)
        return oe_lua_fail(L, &answer.error);
    push_rows(L, &answer);
    return 1;
}
