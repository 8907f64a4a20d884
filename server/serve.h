/* serve.h: the service as the command line starts it. */
#ifndef OE_SERVER_SERVE_H
#define OE_SERVER_SERVE_H

#include <lua.h>

/* serve { rules, db, host, port, workers, samples, watch } -> exit code: 0 drained and ended, 2
 * an option is wrong, 3 the system refused. Returns when the service was told to stop. Mistakes
 * in the rules end it the way they end every command: by the error that the command line
 * catches (exit code 1). `workers` nil: one per processor. */
int oe_serve(lua_State *L);

#endif
