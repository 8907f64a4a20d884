/* output.h: a file being written: FILE.part beside the file that is to be, which takes its
 * place when all is written; standard output, pipes and devices are written to directly. */
#ifndef OE_LUA_OUTPUT_H
#define OE_LUA_OUTPUT_H

#include "offerengine.h"

enum { OE_LUA_PATH_MAX = 4096 };

typedef struct oe_lua_output {
    int descriptor; /* -1: none */
    char part[OE_LUA_PATH_MAX];
} oe_lua_output;

/* `path` NULL: none; "-": standard output. OE_E_IO. */
oe_status oe_lua_output_open(oe_lua_output *output, const char *path, oe_error *error);
oe_status oe_lua_output_write(const oe_lua_output *output, const char *bytes, size_t length,
                              oe_error *error);
/* Closes; the file takes its place. OE_E_IO. */
oe_status oe_lua_output_finish(oe_lua_output *output, const char *path, oe_error *error);
/* Closes and leaves nothing behind; may be called again. */
void oe_lua_output_drop(oe_lua_output *output);

#endif
