/* guard.h: ends calls that take too long, without a standing hook. A timer on the CPU clock of
 * the thread ticks; its handler sets a hook only once the running call, or all calls of one
 * decision together, are too old. Costs a call two stores. */
#ifndef OE_LUA_GUARD_H
#define OE_LUA_GUARD_H

#include <lua.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <time.h>

enum {
    OE_GUARD_TICK_MS = 5,
    OE_GUARD_CALL_TICKS = 5,     /* between 20 and 25 ms of CPU time */
    OE_GUARD_DECISION_TICKS = 10 /* about 50 ms */
};

/* Zero-initialise. Stays where it is while its timer lives. */
typedef struct oe_guard {
    lua_State *volatile L; /* of the running call */
    volatile sig_atomic_t is_running, call_ticks, decision_ticks, is_stopped;
    sig_atomic_t call_most, decision_most; /* 0: as above */
    lua_Hook end; /* NULL: raises, and goes on to raise whatever the code does next */
    timer_t timer;
    pthread_t thread; /* that the timer measures */
    bool has_timer;
} oe_guard;

/* false: the system has no timer left; nothing may be called then. Moves the timer to the
 * calling thread. */
bool oe__guard_ready(oe_guard *guard);
/* On the thread that used it, or when that has ended. */
void oe__guard_free(oe_guard *guard);

static inline void oe__guard_enter(oe_guard *guard, lua_State *L)
{
    guard->L = L;
    guard->call_ticks = 0;
    guard->is_stopped = 0;
    guard->is_running = 1;
}

/* Whether the call was stopped; its state is not to be used any more then. */
static inline bool oe__guard_leave(oe_guard *guard)
{
    guard->is_running = 0;
    return guard->is_stopped != 0;
}

#endif
