/* http.h: one request to a server of ours, for commands that must go through the owner of a
 * database. */
#ifndef OE_LUA_HTTP_H
#define OE_LUA_HTTP_H

#include <lua.h>

#include "offerengine.h"

/* core.http_post(address, path, type, body): status number, answer's body; or nil, message,
 * code. `address` is what the owner published, e.g. "http://127.0.0.1:8000". Waits at most a
 * minute for each step. */
int oe_lua_http_post(lua_State *L);

/* core.http_delete(address, path): the same without a body. */
int oe_lua_http_delete(lua_State *L);

/* core.http_get(address, path, take): status number; or nil, message, code, also when the
 * answer breaks off. take(bytes) is called with pieces of the body as they come; an error in it
 * ends the answer and is passed on. In http_get.c. */
int oe_lua_http_get(lua_State *L);

/* ---- Between the two files ---- */

typedef struct oe_http_asked {
    const char *method, *path, *type, *body; /* type NULL: no body */
    size_t body_length;
} oe_http_asked;

/* Connects and sends; what the server had to say against it is in its answer. The descriptor is
 * the caller's to close. OE_E_IO. */
oe_status oe__http_send(const char *address, const oe_http_asked *asked, int *descriptor,
                        oe_error *error);

#endif
