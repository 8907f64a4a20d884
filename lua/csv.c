/* csv.c: records by the codec's reader, lines by its writer. */
#include "csv.h"

#include <lauxlib.h>

#include "buffer.h"
#include "codec/csv.h"
#include "failure.h"

static void push_record(lua_State *L, const oe__csv_reader *reader)
{
    lua_createtable(L, (int)reader->field_count, 1);
    for (size_t i = 0; i < reader->field_count; i++) {
        lua_pushlstring(L, reader->fields[i].bytes, reader->fields[i].length);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, (lua_Integer)reader->line);
    lua_setfield(L, -2, "line");
}

int oe_lua_csv_records(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    oe__csv_room room = {.text_size = OE_LUA_CSV_RECORD_MAX,
                         .field_max = OE_LUA_CSV_FIELDS_MAX};
    room.text = lua_newuserdatauv(L, room.text_size, 0);
    room.fields = lua_newuserdatauv(L, room.field_max * sizeof *room.fields, 0);
    oe__csv_reader reader;
    oe__csv_begin(&reader, room);
    oe__csv_feed(&reader, text, length, true);
    lua_newtable(L);
    oe_error error = {0};
    for (lua_Integer count = 1;; count++) {
        oe__csv_event event = oe__csv_next(&reader, &error);
        if (event == OE_CSV_FAILED)
            return oe_lua_fail(L, &error);
        if (event != OE_CSV_RECORD)
            return 1;
        push_record(L, &reader);
        lua_rawseti(L, -2, count);
    }
}

int oe_lua_csv_line(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    oe__buffer *line = oe_lua_new_buffer(L);
    lua_Integer count = luaL_len(L, 1);
    for (lua_Integer i = 1; i <= count; i++, lua_pop(L, 1)) {
        size_t length = 0;
        lua_rawgeti(L, 1, i);
        const char *text = luaL_checklstring(L, -1, &length);
        if (i > 1)
            oe__buffer_add_char(line, ',');
        oe__csv_write_field(line, text, length);
    }
    oe__buffer_add_char(line, '\n');
    if (line->failed)
        return luaL_error(L, "csv: out of memory");
    lua_pushlstring(L, line->data, line->length);
    return 1;
}
