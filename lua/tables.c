/* tables.c: reads the tables of lookups from the rule files. What a column means is the
 * language's business. */
#include "tables.h"

#include <lauxlib.h>
#include <string.h>

#include "bind.h"
#include "codec/csv.h"
#include "codec/number.h"

enum { FOLDER_BYTES = sizeof "tables/" - 1, FIELDS_MAX = 64, ROWS_MAX = 2000, FAULTS_MAX = 20 };

static const oe_rule_file *find_file(const oe_bind *bind, const char *name)
{
    for (size_t i = 0; i < bind->files->count; i++) {
        const oe_rule_file *file = &bind->files->items[i];
        if (oe__rule_file_is_table(file) && strcmp(file->path + FOLDER_BYTES, name) == 0)
            return file;
    }
    return NULL;
}

/* nil, why, the nearest of the files that are there. */
static int refuse_name(lua_State *L, const oe_bind *bind, const char *name)
{
    const char **names = lua_newuserdatauv(L, (bind->files->count + 1) * sizeof *names, 0);
    size_t count = 0;
    for (size_t i = 0; i < bind->files->count; i++)
        if (oe__rule_file_is_table(&bind->files->items[i]))
            names[count++] = bind->files->items[i].path + FOLDER_BYTES;
    lua_pushnil(L);
    lua_pushliteral(L, "does not exist");
    lua_pushstring(L, oe_suggest(name, names, count));
    return 3;
}

/* Both append to the list on top of the stack. */
static void push_record(lua_State *L, const oe__csv_reader *reader)
{
    lua_createtable(L, (int)reader->field_count, 1);
    for (size_t i = 0; i < reader->field_count; i++) {
        lua_pushlstring(L, reader->fields[i].bytes, reader->fields[i].length);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
    lua_pushinteger(L, reader->line);
    lua_setfield(L, -2, "line");
}

static void add_fault(lua_State *L, int64_t line, const char *message)
{
    lua_getfield(L, -1, "faults");
    if (lua_rawlen(L, -1) < FAULTS_MAX) {
        lua_createtable(L, 0, 2);
        lua_pushinteger(L, line);
        lua_setfield(L, -2, "line");
        lua_pushstring(L, message);
        lua_setfield(L, -2, "message");
        lua_rawseti(L, -2, (lua_Integer)lua_rawlen(L, -2) + 1);
    }
    lua_pop(L, 1);
}

/* The result lies on top of the stack. The first record names the columns. */
static void take_record(lua_State *L, const oe__csv_reader *reader)
{
    oe_error error;
    if (reader->row == 1) {
        if (oe__csv_check_header(reader, &error) != OE_OK)
            add_fault(L, reader->line, error.message);
        push_record(L, reader);
        lua_setfield(L, -2, "columns");
        return;
    }
    lua_getfield(L, -1, "rows");
    size_t count = lua_rawlen(L, -1);
    if (count < ROWS_MAX) {
        push_record(L, reader);
        lua_rawseti(L, -2, (lua_Integer)count + 1);
    }
    lua_pop(L, 1);
    if (count == ROWS_MAX)
        add_fault(L, reader->line, "a table has at most 2000 rows");
}

static void read_records(lua_State *L, const oe_rule_file *file)
{
    oe__csv_field fields[FIELDS_MAX];
    oe__csv_reader reader;
    oe_error error;
    char *text = lua_newuserdatauv(L, file->length + 1, 0);
    lua_insert(L, -2);
    oe__csv_begin(&reader, (oe__csv_room){text, file->length + 1, fields, FIELDS_MAX});
    oe__csv_feed(&reader, file->bytes, file->length, true);
    for (;;) {
        oe__csv_event event = oe__csv_next(&reader, &error);
        if (event == OE_CSV_RECORD)
            take_record(L, &reader);
        else if (event == OE_CSV_FAILED)
            add_fault(L, reader.line, error.message);
        else
            return;
        if (reader.row > ROWS_MAX + 1)
            return;
    }
}

int oe__bind_table(lua_State *L)
{
    const oe_bind *bind = lua_touserdata(L, lua_upvalueindex(1));
    const char *name = luaL_checkstring(L, 1);
    if (bind->files == NULL)
        return luaL_error(L, "rules: tables are not read any more");
    luaL_checkstack(L, 20, "tables");
    const oe_rule_file *file = find_file(bind, name);
    if (file == NULL)
        return refuse_name(L, bind, name);
    if (file->bytes == NULL) {
        lua_pushnil(L);
        lua_pushstring(L, file->problem);
        return 2;
    }
    lua_createtable(L, 0, 4);
    lua_pushstring(L, file->path);
    lua_setfield(L, -2, "path");
    lua_newtable(L);
    lua_setfield(L, -2, "columns");
    lua_newtable(L);
    lua_setfield(L, -2, "rows");
    lua_newtable(L);
    lua_setfield(L, -2, "faults");
    read_records(L, file);
    return 1;
}

int oe__bind_cell_number(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 1, &length);
    double number = 0;
    if (oe__number_read(text, length, &number) != OE_OK)
        return 0;
    lua_pushnumber(L, number);
    return 1;
}
