/* http.c: a small HTTP/1.1 client over a socket: one request, one answer, then the connection
 * is closed. Speaks only to servers of ours, so answers have a Content-Length or end with the
 * connection. */
#include "http.h"

#include <errno.h>
#include <lauxlib.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "buffer.h"
#include "failure.h"
#include "offerengine.h"

enum { WAIT_SECONDS = 60, HOST_MAX = 256, ANSWER_MAX = 16 * 1024 * 1024, READ_SIZE = 16384 };

typedef struct address_parts {
    char host[HOST_MAX], port[8];
} address_parts;

static oe_status refuse(oe_error *error, const char *address, const char *problem)
{
    error->status = OE_E_IO;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message, "server: %s: %s", address, problem);
    return OE_E_IO;
}

/* http://HOST:PORT or http://[V6]:PORT, a path behind it is not looked at. */
static bool split_address(const char *address, address_parts *parts)
{
    static const char scheme[] = "http://";
    if (strncmp(address, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *host = address + sizeof scheme - 1;
    bool is_v6 = *host == '[';
    host += is_v6 ? 1 : 0;
    size_t host_length = strcspn(host, is_v6 ? "]" : ":/");
    const char *rest = host + host_length + (is_v6 && host[host_length] == ']' ? 1 : 0);
    const char *port = *rest == ':' ? rest + 1 : "80";
    size_t port_length = strcspn(port, "/");
    if (host_length == 0 || host_length >= HOST_MAX || port_length == 0 ||
        port_length >= sizeof parts->port)
        return false;
    memcpy(parts->host, host, host_length);
    parts->host[host_length] = '\0';
    memcpy(parts->port, port, port_length);
    parts->port[port_length] = '\0';
    return true;
}

static int try_connect(const struct addrinfo *at)
{
    int descriptor = socket(at->ai_family, at->ai_socktype, at->ai_protocol);
    if (descriptor < 0)
        return -1;
    struct timeval wait = {.tv_sec = WAIT_SECONDS};
    (void)setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
    (void)setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    if (connect(descriptor, at->ai_addr, at->ai_addrlen) == 0)
        return descriptor;
    int problem = errno;
    (void)close(descriptor);
    errno = problem;
    return -1;
}

static oe_status open_connection(const char *address, const address_parts *parts,
                                 int *descriptor, oe_error *error)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    int problem = getaddrinfo(parts->host, parts->port, &hints, &found);
    if (problem != 0)
        return refuse(error, address, gai_strerror(problem));
    *descriptor = -1;
    for (const struct addrinfo *at = found; at != NULL && *descriptor < 0; at = at->ai_next)
        *descriptor = try_connect(at);
    freeaddrinfo(found);
    return *descriptor >= 0 ? OE_OK : refuse(error, address, strerror(errno));
}

static bool send_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t sent = send(descriptor, bytes, length, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        bytes += sent;
        length -= (size_t)sent;
    }
    return true;
}

static bool send_request(int descriptor, const address_parts *parts,
                         const oe_http_asked *request)
{
    char head[2048];
    bool is_v6 = strchr(parts->host, ':') != NULL, has_body = request->type != NULL;
    int length = snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: %s%s%s:%s\r\n%s%s%s",
                          request->method, request->path, is_v6 ? "[" : "", parts->host,
                          is_v6 ? "]" : "", parts->port, has_body ? "Content-Type: " : "",
                          has_body ? request->type : "", has_body ? "\r\n" : "");
    if (length < 0 || (size_t)length >= sizeof head)
        return false;
    size_t room = sizeof head - (size_t)length;
    int more = snprintf(head + length, room, "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                        request->body_length);
    return more > 0 && (size_t)more < room &&
           send_all(descriptor, head, (size_t)length + (size_t)more) &&
           send_all(descriptor, request->body, request->body_length);
}

oe_status oe__http_send(const char *address, const oe_http_asked *asked, int *descriptor,
                        oe_error *error)
{
    address_parts parts;
    if (!split_address(address, &parts))
        return refuse(error, address, "is no http address");
    oe_status status = open_connection(address, &parts, descriptor, error);
    if (status == OE_OK)
        (void)send_request(*descriptor, &parts, asked);
    return status;
}

static bool receive_all(int descriptor, oe__buffer *answer)
{
    for (;;) {
        char *room = oe__buffer_reserve(answer, READ_SIZE);
        if (room == NULL || answer->length > ANSWER_MAX)
            return false;
        ssize_t got = recv(descriptor, room, READ_SIZE, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return answer->length > 0; /* refused while sending: what came is the answer */
        if (got == 0)
            return true;
        answer->length += (size_t)got;
    }
}

static const char *find_body(const oe__buffer *answer, size_t *length)
{
    for (size_t i = 0; i + 4 <= answer->length; i++) {
        if (memcmp(answer->data + i, "\r\n\r\n", 4) == 0) {
            *length = answer->length - i - 4;
            return answer->data + i + 4;
        }
    }
    return NULL;
}

/* A server may refuse and close before it has read everything; its answer is read in any case.
 */
static oe_status ask(const char *address, const oe_http_asked *request, oe__buffer *answer,
                     oe_error *error)
{
    int descriptor = -1;
    oe_status status = oe__http_send(address, request, &descriptor, error);
    if (status != OE_OK)
        return status;
    if (!receive_all(descriptor, answer) || answer->length < sizeof "HTTP/1.1 200" - 1 ||
        memcmp(answer->data, "HTTP/1.", 7) != 0)
        status = refuse(error, address, "gave no answer");
    (void)close(descriptor);
    return status;
}

static int push_answer(lua_State *L, const char *address, const oe_http_asked *request)
{
    oe__buffer *answer = oe_lua_new_buffer(L);
    oe_error error = {0};
    if (ask(address, request, answer, &error) != OE_OK)
        return oe_lua_fail(L, &error);
    oe__buffer_add_char(answer, '\0');
    size_t length = 0;
    const char *body = find_body(answer, &length);
    if (answer->failed || body == NULL)
        return oe_lua_fail_text(L, OE_E_IO, "server: gave an answer that is cut off");
    lua_pushinteger(L, strtol(answer->data + sizeof "HTTP/1.1" - 1, NULL, 10));
    lua_pushlstring(L, body, length - 1);
    return 2;
}

int oe_lua_http_post(lua_State *L)
{
    const char *address = luaL_checkstring(L, 1);
    oe_http_asked request = {
        .method = "POST", .path = luaL_checkstring(L, 2), .type = luaL_checkstring(L, 3)};
    request.body = luaL_checklstring(L, 4, &request.body_length);
    return push_answer(L, address, &request);
}

int oe_lua_http_delete(lua_State *L)
{
    const char *address = luaL_checkstring(L, 1);
    oe_http_asked request = {.method = "DELETE", .path = luaL_checkstring(L, 2)};
    return push_answer(L, address, &request);
}
