/* deadline.c: rings of deadlines and the one timer that looks at their heads. */
#include "server/http/deadline.h"

#include <stddef.h>

static void unlink_deadline(oe__deadline *deadline)
{
    if (deadline->next != NULL) {
        deadline->previous->next = deadline->next;
        deadline->next->previous = deadline->previous;
    }
    deadline->previous = deadline->next = NULL;
}

void oe__deadline_clear(oe__deadline *deadline)
{
    unlink_deadline(deadline);
    deadline->kind = OE_DEADLINE_NONE;
}

static void on_timer(uv_timer_t *timer);

/* The timer runs for the earliest deadline; being late by a moved deadline only wakes it once
 * in vain. */
static void run_timer(oe__deadlines *deadlines, uint64_t due_ms)
{
    if (deadlines->timer_due_ms != 0 && deadlines->timer_due_ms <= due_ms)
        return;
    uint64_t now = uv_now(deadlines->timer.loop);
    deadlines->timer_due_ms = due_ms;
    uv_timer_start(&deadlines->timer, on_timer, due_ms > now ? due_ms - now : 1, 0);
}

static void expire_list(oe__deadlines *deadlines, oe__deadline *list, uint64_t now)
{
    while (list->next != list && list->next->due_ms <= now) {
        oe__deadline *expired = list->next;
        unlink_deadline(expired);
        deadlines->on_expired(deadlines->context, expired);
    }
}

static void on_timer(uv_timer_t *timer)
{
    oe__deadlines *deadlines = timer->data;
    uint64_t now = uv_now(timer->loop);
    deadlines->timer_due_ms = 0;
    for (int i = 0; i < OE_DEADLINE_KINDS; i++)
        expire_list(deadlines, &deadlines->lists[i], now);
    for (int i = 0; i < OE_DEADLINE_KINDS; i++) {
        oe__deadline *list = &deadlines->lists[i];
        if (list->next != list)
            run_timer(deadlines, list->next->due_ms);
    }
}

void oe__deadlines_init(oe__deadlines *deadlines, uv_loop_t *loop)
{
    for (int i = 0; i < OE_DEADLINE_KINDS; i++)
        deadlines->lists[i].next = deadlines->lists[i].previous = &deadlines->lists[i];
    deadlines->timer_due_ms = 0;
    uv_timer_init(loop, &deadlines->timer);
    deadlines->timer.data = deadlines;
}

void oe__deadlines_close(oe__deadlines *deadlines)
{
    uv_close((uv_handle_t *)&deadlines->timer, NULL);
}

void oe__deadline_set(oe__deadlines *deadlines, oe__deadline *deadline, oe__deadline_kind kind)
{
    if (kind == OE_DEADLINE_NONE) {
        oe__deadline_clear(deadline);
        return;
    }
    uint64_t due_ms = uv_now(deadlines->timer.loop) + deadlines->durations_ms[kind];
    if (deadline->next != NULL && deadline->kind == kind && deadline->due_ms == due_ms)
        return;
    unlink_deadline(deadline);
    oe__deadline *list = &deadlines->lists[kind];
    deadline->kind = kind;
    deadline->due_ms = due_ms;
    deadline->previous = list->previous;
    deadline->next = list;
    list->previous->next = deadline;
    list->previous = deadline;
    run_timer(deadlines, deadline->due_ms);
}
