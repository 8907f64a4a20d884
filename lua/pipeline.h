/* pipeline.h: a stream of customers decided by several threads, answers in the order of the
 * input. One thread reads and writes, the others decide. Knows nothing of Lua. */
#ifndef OE_LUA_PIPELINE_H
#define OE_LUA_PIPELINE_H

#include "pass.h"
#include "records.h"
#include "summary.h"

typedef struct oe_lua_pipeline {
    oe_lua_stream *stream;
    const oe_ruleset *ruleset;
    oe_options options;
    int output;              /* descriptor, -1: none */
    oe_lua_format format;    /* of the output */
    unsigned workers;        /* 1..OE_LUA_WORKERS_MAX */
    bool skip_bad;           /* false: nothing more is written once a row is bad */
    oe_lua_summary *summary; /* NULL: not wanted */
} oe_lua_pipeline;

typedef struct oe_lua_pipeline_result {
    uint64_t customers, offers, bad;
    uint64_t undeclared, unknown_products;
    oe__buffer bad_rows; /* the first bad rows, a line each; the caller frees it */
} oe_lua_pipeline_result;

/* OE_OK also when rows were bad. OE_E_IO: reading or writing failed. OE_E_LIMIT, OE_E_MEMORY.
 */
oe_status oe_lua_pipeline_run(const oe_lua_pipeline *pipeline, oe_lua_pipeline_result *result,
                              oe_error *error);

#endif
