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
    size_t hash, author, note, texts; /* lengths, one behind the other in the text */
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
        history_row row = {from->number,        from->at_ms,       from->hash.length,
                           from->author.length, from->note.length, from->texts.length};
        oe__buffer_add(answer->rows, (const char *)&row, sizeof row);
        oe__buffer_add(answer->text, from->hash.data, from->hash.length);
        oe__buffer_add(answer->text, from->author.data, from->author.length);
        oe__buffer_add(answer->text, from->note.data, from->note.length);
        oe__buffer_add(answer->text, from->texts.data, from->texts.length);
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

/* Pushes row `index`, whose texts begin at `text`; returns where the next one's do. */
static const char *push_row(lua_State *L, const history_answer *answer, size_t index,
                            const char *text)
{
    history_row row;
    memcpy(&row, answer->rows->data + index * sizeof row, sizeof row);
    lua_createtable(L, 0, 6);
    lua_pushinteger(L, (lua_Integer)row.number);
    lua_setfield(L, -2, "generation");
    lua_pushinteger(L, (lua_Integer)row.at_ms);
    lua_setfield(L, -2, "at_ms");
    text = set_text(L, "ruleset", text, row.hash);
    text = set_text(L, "author", text, row.author);
    text = set_text(L, "note", text, row.note);
    return row.texts > 0 ? set_text(L, "texts", text, row.texts) : text;
}

/* Asks and waits; 0, or the values of a failure. */
static int ask(lua_State *L, oe_store_port *port, oe_store_submission *submission,
               history_answer *answer)
{
    oe_error error = {0};
    submission->completion = take_rows;
    submission->context = answer;
    if (oe_port_submit(port, submission, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    while (!answer->is_done)
        (void)oe_port_wait(port, -1);
    if (answer->rows->failed || answer->text->failed)
        return luaL_error(L, "store: out of memory");
    return answer->error.status != OE_OK ? oe_lua_fail(L, &answer->error) : 0;
}

int oe_lua_generations(lua_State *L)
{
    oe_store_port *port = oe_lua_check_port(L, 1);
    lua_Integer limit = luaL_optinteger(L, 2, SHOWN_BY_DEFAULT);
    luaL_argcheck(L, limit >= 1 && limit <= OE_STORE_SCAN_MAX, 2, "must be 1 to 1000");
    history_answer answer = {.rows = oe_lua_new_buffer(L), .text = oe_lua_new_buffer(L)};
    oe_store_submission submission = {.operation = OE_STORE_GENERATION_LIST,
                                      .limit = (size_t)limit};
    int refused = ask(L, port, &submission, &answer);
    if (refused > 0)
        return refused;
    size_t count = answer.rows->length / sizeof(history_row);
    const char *text = answer.text->data;
    lua_createtable(L, (int)count, 0);
    for (size_t i = 0; i < count; i++) {
        text = push_row(L, &answer, i, text);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    return 1;
}

int oe_lua_generation(lua_State *L)
{
    oe_store_port *port = oe_lua_check_port(L, 1);
    lua_Integer number = luaL_optinteger(L, 2, 0);
    luaL_argcheck(L, number >= 0, 2, "must be a number from 1 on");
    history_answer answer = {.rows = oe_lua_new_buffer(L), .text = oe_lua_new_buffer(L)};
    oe_store_submission submission = {.operation = OE_STORE_GENERATION_GET,
                                      .generation = {.number = (uint64_t)number}};
    int refused = ask(L, port, &submission, &answer);
    if (refused > 0)
        return refused;
    (void)push_row(L, &answer, 0, answer.text->data);
    return 1;
}
