/* guard.c: the timer and its signal. Signals belong to the process: the number is the highest
 * real-time one that nobody handles when the first guard is made, and it stays ours. */
#define _GNU_SOURCE /* gettid by syscall, SIGEV_THREAD_ID */

#include "guard.h"

#include <lauxlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_once_t signal_once = PTHREAD_ONCE_INIT;
static int tick_signal; /* 0: none is free */

/* Set for good: whatever the code does next is ended as well. */
static void end_call(lua_State *L, lua_Debug *frame)
{
    (void)frame;
    luaL_error(L, "ended");
}

static int limit(int own, int general)
{
    return own > 0 ? own : general;
}

/* lua_sethook is made for signal handlers. */
static void tick(int number, siginfo_t *about, void *where)
{
    (void)number;
    (void)where;
    oe_guard *guard = about->si_code == SI_TIMER ? about->si_value.sival_ptr : NULL;
    if (guard == NULL || !guard->is_running)
        return;
    int ticks = 1 + about->si_overrun;
    guard->call_ticks += ticks;
    guard->decision_ticks += ticks;
    if (guard->call_ticks < limit(guard->call_most, OE_GUARD_CALL_TICKS) &&
        guard->decision_ticks < limit(guard->decision_most, OE_GUARD_DECISION_TICKS))
        return;
    guard->is_stopped = 1;
    lua_sethook(guard->L, guard->end != NULL ? guard->end : end_call,
                LUA_MASKCALL | LUA_MASKRET | LUA_MASKCOUNT, 1);
}

static void find_signal(void)
{
    for (int number = SIGRTMAX; number >= SIGRTMIN && tick_signal == 0; number--) {
        struct sigaction held;
        struct sigaction own = {.sa_sigaction = tick, .sa_flags = SA_SIGINFO | SA_RESTART};
        (void)sigemptyset(&own.sa_mask);
        if (sigaction(number, NULL, &held) == 0 && held.sa_handler == SIG_DFL &&
            sigaction(number, &own, NULL) == 0)
            tick_signal = number;
    }
}

static bool make_timer(oe_guard *guard)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = tick_signal};
    event.sigev_value.sival_ptr = guard;
    event._sigev_un._tid = (pid_t)syscall(SYS_gettid);
    const struct timespec period = {0, (long)OE_GUARD_TICK_MS * 1000000};
    const struct itimerspec every = {period, period};
    if (timer_create(CLOCK_THREAD_CPUTIME_ID, &event, &guard->timer) != 0)
        return false;
    guard->has_timer = timer_settime(guard->timer, 0, &every, NULL) == 0;
    if (!guard->has_timer)
        (void)timer_delete(guard->timer);
    guard->thread = pthread_self();
    return guard->has_timer;
}

bool oe__guard_ready(oe_guard *guard)
{
    if (guard->has_timer && pthread_equal(guard->thread, pthread_self()))
        return true;
    (void)pthread_once(&signal_once, find_signal);
    oe__guard_free(guard);
    return tick_signal != 0 && make_timer(guard);
}

void oe__guard_free(oe_guard *guard)
{
    if (guard->has_timer)
        (void)timer_delete(guard->timer);
    guard->has_timer = false;
}
