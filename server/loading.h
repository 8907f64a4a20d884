/* loading.h: one load, on the loader's thread: texts in, a generation that may serve out, or
 * what is wrong with them. Knows no worker. */
#ifndef OE_SERVER_LOADING_H
#define OE_SERVER_LOADING_H

#include <lua.h>

#include "server/history.h"
#include "server/loader.h"

typedef struct oe_loading {
    /* Given. */
    oe_service *service;
    lua_State *L; /* with server/reloading.lua at index 1 */
    oe_store_port *port;
    const char *folder;
    const oe_load_request *request;
    char *folder_hash; /* of the folder at its last load; updated */
    /* Made. */
    oe_load_result result;
    oe_http_error error;     /* OE_HTTP_OK unless refused or failed */
    oe_generation *made;     /* LOADED: the caller's */
    oe__buffer findings;     /* JSON list */
    char summary[512];       /* for the log, when refused or failed */
    uint64_t rolled_back_to; /* KEPT */
    bool is_idle;            /* UNCHANGED since the last load, which stays the last one */
    bool folder_differs;     /* KEPT: the folder holds other texts */
    char author[OE_STORE_LABEL_MAX + 1];
    char note[OE_STORE_LABEL_MAX + 1]; /* KEPT without one: where it went back to */
} oe_loading;

void oe__loading_run(oe_loading *self);
void oe__loading_free(oe_loading *self);

/* A state with server/reloading.lua at index 1. NULL: `error` says why. */
lua_State *oe__loading_open(oe_error *error);

#endif
