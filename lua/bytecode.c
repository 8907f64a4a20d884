/* bytecode.c: a reader of lua_dump's output. */
#include "bytecode.h"

#include <lauxlib.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "buffer.h"

enum { SET_UPVALUE = 10, SET_GLOBAL = 15, SET_TABLE = 16, SET_ITEM = 17, SET_FIELD = 18 };
enum { INTEGER_CONSTANT = 0x03, FLOAT_CONSTANT = 0x13, SHORT_TEXT = 0x04, LONG_TEXT = 0x14 };
enum { WRITES_MAX = 50 }; /* that are told; the line of each is found by walking the code */
enum { ABSOLUTE_LINE = 0x80, DEPTH_MAX = 60, UPVALUES_MAX = 255 };
/* Signature, version, format, check bytes, sizes, check integer, check float. */
enum { HEADER = 4 + 1 + 1 + 6 + 3 + 8 + 8 };

typedef struct reading {
    lua_State *L; /* the result is on top */
    const uint8_t *at, *end;
    uint64_t digest; /* of all that runs: not of lines and names of variables */
    int writes;
    bool failed;
} reading;

/* One function: what stands before its debug information, which holds the lines. */
typedef struct prototype {
    const uint8_t *code, *lines;
    size_t instructions, line_count;
    int first_line, parameters;
    bool outer[UPVALUES_MAX + 1]; /* the upvalue lives outside of the function that is called */
} prototype;

static const uint8_t *take(reading *self, size_t count)
{
    if (self->failed || count > (size_t)(self->end - self->at)) {
        self->failed = true;
        return NULL;
    }
    const uint8_t *taken = self->at;
    self->at += count;
    return taken;
}

static unsigned take_byte(reading *self)
{
    const uint8_t *byte = take(self, 1);
    return byte != NULL ? *byte : 0;
}

/* Seven bits a byte, the highest first; the last byte is marked. */
static size_t take_size(reading *self)
{
    size_t size = 0;
    for (unsigned byte = 0; !self->failed && (byte & 0x80) == 0;) {
        byte = take_byte(self);
        self->failed |= size > (SIZE_MAX >> 8);
        size = size << 7 | (byte & 0x7f);
    }
    return self->failed ? 0 : size;
}

static const char *take_text(reading *self, size_t *length)
{
    size_t size = take_size(self);
    *length = size > 0 ? size - 1 : 0;
    return size > 0 ? (const char *)take(self, *length) : NULL;
}

/* FNV-1a. */
static void fold(reading *self, const void *bytes, size_t length)
{
    const uint8_t *at = bytes;
    for (size_t i = 0; at != NULL && i < length; i++)
        self->digest = (self->digest ^ at[i]) * UINT64_C(1099511628211);
}

static void skip_texts(reading *self, size_t each_with)
{
    size_t length = 0;
    for (size_t count = take_size(self); count > 0 && !self->failed; count--) {
        (void)take_text(self, &length);
        for (size_t i = 0; i < each_with; i++)
            (void)take_size(self);
    }
}

static void take_constants(reading *self)
{
    lua_getfield(self->L, -1, "names");
    for (size_t count = take_size(self); count > 0 && !self->failed; count--) {
        unsigned type = take_byte(self);
        size_t length = 0;
        fold(self, &type, sizeof type);
        if (type == INTEGER_CONSTANT || type == FLOAT_CONSTANT)
            fold(self, take(self, 8), 8);
        if (type != SHORT_TEXT && type != LONG_TEXT)
            continue;
        const char *text = take_text(self, &length);
        if (text == NULL)
            continue;
        fold(self, text, length);
        lua_pushlstring(self->L, text, length);
        lua_pushboolean(self->L, 1);
        lua_rawset(self->L, -3);
    }
    lua_pop(self->L, 1);
}

static void take_upvalues(reading *self, prototype *own, const prototype *around)
{
    size_t count = take_size(self);
    self->failed |= count > UPVALUES_MAX;
    for (size_t i = 0; i < count && !self->failed; i++) {
        const uint8_t *upvalue = take(self, 3); /* in stack, index, kind */
        fold(self, upvalue, 3);
        if (upvalue != NULL)
            own->outer[i] = around == NULL || (upvalue[0] == 0 && around->outer[upvalue[1]]);
    }
}

/* The line of an instruction, from steps and, now and then, absolute lines. */
static int line_of(const prototype *own, const int *absolute, size_t count, size_t instruction)
{
    int line = own->first_line;
    size_t next = 0;
    for (size_t i = 0; i <= instruction && i < own->line_count; i++) {
        if (own->lines[i] != ABSOLUTE_LINE)
            line += (int8_t)own->lines[i];
        else if (next < count)
            line = absolute[2 * next++ + 1];
    }
    return line;
}

static uint32_t instruction_at(const prototype *own, size_t index)
{
    uint32_t instruction = 0;
    memcpy(&instruction, own->code + 4 * index, sizeof instruction);
    return instruction;
}

static const char *written_target(const prototype *own, uint32_t instruction, bool is_outermost)
{
    unsigned first = instruction >> 7 & 0xff, second = instruction >> 16 & 0xff;
    switch (instruction & 0x7f) {
    case SET_UPVALUE:
        return own->outer[second] ? "upvalue" : NULL;
    case SET_GLOBAL:
        return own->outer[first] ? "global" : NULL;
    case SET_TABLE:
    case SET_ITEM:
    case SET_FIELD:
        return is_outermost && first < (unsigned)own->parameters ? "argument" : NULL;
    default:
        return NULL;
    }
}

static void add_write(lua_State *L, int line, const char *target)
{
    lua_getfield(L, -1, "writes");
    lua_createtable(L, 0, 2);
    lua_pushinteger(L, line);
    lua_setfield(L, -2, "line");
    lua_pushstring(L, target);
    lua_setfield(L, -2, "target");
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
    lua_pop(L, 1);
}

static int *take_absolute_lines(reading *self, size_t *count)
{
    *count = take_size(self);
    self->failed |= *count > (size_t)(self->end - self->at);
    size_t room = self->failed ? 0 : *count;
    int *lines = lua_newuserdatauv(self->L, (2 * room + 1) * sizeof *lines, 0);
    for (size_t i = 0; i < 2 * room; i++)
        lines[i] = (int)take_size(self);
    return lines;
}

static void find_writes(reading *self, prototype *own, bool is_outermost)
{
    own->line_count = take_size(self);
    own->lines = take(self, own->line_count);
    size_t count = 0;
    const int *absolute = take_absolute_lines(self, &count);
    lua_insert(self->L, -2); /* the result back on top */
    for (size_t i = 0; i < own->instructions && !self->failed; i++) {
        const char *target = written_target(own, instruction_at(own, i), is_outermost);
        if (target != NULL && self->writes++ < WRITES_MAX)
            add_write(self->L, line_of(own, absolute, count, i), target);
    }
    lua_remove(self->L, -2);
    skip_texts(self, 2); /* locals */
    skip_texts(self, 0); /* names of upvalues */
}

static void take_function(reading *self, const prototype *around, int depth)
{
    prototype own = {0};
    size_t length = 0;
    const char *source = take_text(self, &length);
    if (around == NULL && (source == NULL || length == 0 || source[0] != '@'))
        self->failed = true;
    own.first_line = (int)take_size(self);
    (void)take_size(self); /* last line */
    own.parameters = (int)take_byte(self);
    (void)take(self, 2); /* variable arguments, stack */
    own.instructions = take_size(self);
    self->failed |= depth > DEPTH_MAX || own.instructions > SIZE_MAX / 4;
    own.code = take(self, 4 * own.instructions);
    fold(self, &own.parameters, sizeof own.parameters);
    fold(self, own.code, 4 * own.instructions);
    take_constants(self);
    take_upvalues(self, &own, around);
    for (size_t count = take_size(self); count > 0 && !self->failed; count--)
        take_function(self, &own, depth + 1);
    find_writes(self, &own, around == NULL);
}

static int append(lua_State *L, const void *bytes, size_t length, void *context)
{
    (void)L;
    oe__buffer *buffer = context;
    oe__buffer_add(buffer, bytes, length);
    return buffer->failed;
}

static bool is_of_rules(lua_State *L, int index)
{
    lua_Debug about;
    lua_pushvalue(L, index);
    return lua_getinfo(L, ">S", &about) && about.source[0] == '@' && about.what[0] == 'L';
}

int oe_lua_scan_function(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_settop(L, 1);
    if (!is_of_rules(L, 1))
        return 0;
    oe__buffer *dump = oe_lua_new_buffer(L);
    lua_pushvalue(L, 1);
    if (lua_dump(L, append, dump, 0) != 0)
        return luaL_error(L, "function: out of memory");
    lua_pop(L, 1);
    lua_createtable(L, 0, 2);
    lua_newtable(L);
    lua_setfield(L, -2, "names");
    lua_newtable(L);
    lua_setfield(L, -2, "writes");
    reading self = {L,
                    (const uint8_t *)dump->data,
                    (const uint8_t *)dump->data + dump->length,
                    UINT64_C(14695981039346656037),
                    0,
                    false};
    luaL_checkstack(L, DEPTH_MAX * 4, "function");
    (void)take(&self, HEADER);
    (void)take_byte(&self); /* number of upvalues */
    take_function(&self, NULL, 0);
    oe__buffer_free(dump);
    lua_pushinteger(L, (lua_Integer)self.digest);
    lua_setfield(L, -2, "digest");
    if (self.failed || self.at != self.end)
        lua_pushboolean(L, 0);
    return 1;
}
