/* http_get.c: an answer of any length, handed on in pieces. Speaks only to servers of ours:
 * answers have a Content-Length or come in chunks, so that one that breaks off is noticed. */
#include <errno.h>
#include <lauxlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffer.h"
#include "failure.h"
#include "http.h"

enum { READ_SIZE = 65536, HEAD_MAX = 65536, TAKE = 3 };

typedef struct getting {
    lua_State *L;
    int descriptor;
    oe__buffer *in; /* what came; done with up to `at` */
    size_t at;
    bool has_raised; /* what was raised is on the stack */
} getting;

/* false: there is no more. */
static bool receive(getting *self)
{
    oe__buffer *in = self->in;
    if (self->at > 0) {
        memmove(in->data, in->data + self->at, in->length - self->at);
        in->length -= self->at;
        self->at = 0;
    }
    char *room = in->length < HEAD_MAX ? oe__buffer_reserve(in, READ_SIZE) : NULL;
    ssize_t got = -1;
    do
        got = room != NULL ? recv(self->descriptor, room, READ_SIZE, 0) : 0;
    while (got < 0 && errno == EINTR);
    if (got > 0)
        in->length += (size_t)got;
    return got > 0;
}

/* The length of the next line without its end, which lies at data + at; false: it breaks off.
 */
static bool find_line(getting *self, size_t *length)
{
    for (;;) {
        for (size_t i = self->at; i + 1 < self->in->length; i++)
            if (self->in->data[i] == '\r' && self->in->data[i + 1] == '\n') {
                *length = i - self->at;
                return true;
            }
        if (!receive(self))
            return false;
    }
}

/* Hands so many bytes on. */
static bool pass(getting *self, uint64_t count)
{
    lua_State *L = self->L;
    while (count > 0) {
        size_t there = self->in->length - self->at;
        if (there == 0 && !receive(self))
            return false;
        there = self->in->length - self->at;
        if (there > count)
            there = (size_t)count;
        lua_pushvalue(L, TAKE);
        lua_pushlstring(L, self->in->data + self->at, there);
        self->has_raised = lua_pcall(L, 1, 0, 0) != LUA_OK;
        if (self->has_raised)
            return false;
        self->at += there;
        count -= there;
    }
    return true;
}

static bool skip_line(getting *self)
{
    size_t length = 0;
    bool is_empty = find_line(self, &length) && length == 0;
    self->at += is_empty ? 2 : 0;
    return is_empty;
}

/* The number that a line begins with, which no byte ends that a string has; what is too large
 * for it is as good as without an end. */
static uint64_t number_in(const char *line, size_t length, unsigned base)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t number = 0;
    for (size_t i = 0; i < length && number <= UINT64_MAX / base - 1; i++) {
        char digit = (char)(line[i] >= 'A' && line[i] <= 'F' ? line[i] - 'A' + 'a' : line[i]);
        const char *found = memchr(digits, digit, base);
        if (found == NULL)
            break;
        number = number * base + (uint64_t)(found - digits);
    }
    return number;
}

static bool pass_chunks(getting *self)
{
    for (;;) {
        size_t length = 0;
        if (!find_line(self, &length) || length == 0 || length > 16)
            return false;
        uint64_t count = number_in(self->in->data + self->at, length, 16);
        self->at += length + 2;
        if (!pass(self, count) || !skip_line(self))
            return false;
        if (count == 0)
            return true;
    }
}

static bool begins(const char *line, size_t length, const char *with)
{
    return length >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

/* The status; 0: it breaks off. */
static lua_Integer read_answer(getting *self)
{
    static const char counted[] = "Content-Length: ", chunked[] = "Transfer-Encoding: chunked";
    bool has_chunks = false;
    uint64_t count = 0;
    size_t length = 0;
    if (!find_line(self, &length) || !begins(self->in->data, length, "HTTP/1.1 "))
        return 0;
    lua_Integer status = (lua_Integer)number_in(self->in->data + sizeof "HTTP/1.1",
                                                length - sizeof "HTTP/1.1", 10);
    while (length > 0) {
        self->at += length + 2;
        if (!find_line(self, &length))
            return 0;
        const char *line = self->in->data + self->at;
        has_chunks = has_chunks || begins(line, length, chunked);
        if (begins(line, length, counted))
            count = number_in(line + sizeof counted - 1, length - (sizeof counted - 1), 10);
    }
    self->at += 2;
    return (has_chunks ? pass_chunks(self) : pass(self, count)) ? status : 0;
}

int oe_lua_http_get(lua_State *L)
{
    const char *address = luaL_checkstring(L, 1);
    oe_http_asked asked = {.method = "GET", .path = luaL_checkstring(L, 2)};
    luaL_checktype(L, TAKE, LUA_TFUNCTION);
    lua_settop(L, TAKE);
    getting self = {.L = L, .in = oe_lua_new_buffer(L), .descriptor = -1};
    luaL_checkstack(L, 8, NULL);
    oe_error error = {0};
    if (oe__http_send(address, &asked, &self.descriptor, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    lua_Integer status = read_answer(&self);
    (void)close(self.descriptor);
    if (self.has_raised)
        return lua_error(L);
    if (status == 0)
        return oe_lua_fail_text(L, OE_E_IO, "server: gave an answer that is cut off");
    lua_pushinteger(L, status);
    return 1;
}
