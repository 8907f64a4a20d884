/* settling.c: tickets and those who wait for them. */
#include "server/settling.h"

#include <stdlib.h>

#include "server/desk.h"

/* Who waits until all workers have settled. */
typedef struct oe__settling_waiter {
    struct oe__settling_waiter *next;
    uint64_t ticket;
    oe_journal_settled settled;
    void *context;
} waiter;

void oe__settling_free(oe__settling *settling)
{
    for (waiter *at = settling->waiters, *next; at != NULL; at = next) {
        next = at->next;
        free(at);
    }
    settling->waiters = NULL;
}

/* Under the service's lock. */
static void wake_all(oe_service *service)
{
    for (unsigned i = 0; i < service->desk_count; i++)
        if (!service->desks[i]->is_over)
            oe_worker_wake(service->desks[i]->worker);
}

bool oe__settling_ask(oe__settling *settling, oe_journal_settled settled, void *context)
{
    oe_service *service = settling->desk->service;
    waiter *made = malloc(sizeof *made);
    if (made == NULL)
        return false;
    uv_mutex_lock(&service->lock);
    *made = (waiter){settling->waiters, ++service->settle_tickets, settled, context};
    wake_all(service);
    uv_mutex_unlock(&service->lock);
    settling->waiters = made;
    return true;
}

bool oe__settling_is_asked(oe__settling *settling)
{
    oe_desk *desk = settling->desk;
    uv_mutex_lock(&desk->service->lock);
    uint64_t asked = desk->service->settle_tickets, settled = desk->settled;
    uv_mutex_unlock(&desk->service->lock);
    if (asked <= settled || asked <= settling->ticket)
        return false;
    settling->ticket = asked;
    return true;
}

void oe__settling_tell(oe__settling *settling)
{
    oe_desk *desk = settling->desk;
    uv_mutex_lock(&desk->service->lock);
    desk->settled = settling->ticket;
    wake_all(desk->service);
    uv_mutex_unlock(&desk->service->lock);
    settling->ticket = 0;
}

static bool have_all_settled(oe_service *service, uint64_t ticket)
{
    bool have = true;
    uv_mutex_lock(&service->lock);
    for (unsigned i = 0; i < service->desk_count; i++)
        have = have && (service->desks[i]->is_over || service->desks[i]->settled >= ticket);
    uv_mutex_unlock(&service->lock);
    return have;
}

void oe__settling_serve(oe__settling *settling)
{
    for (waiter **at = &settling->waiters; *at != NULL;) {
        waiter *found = *at;
        if (!have_all_settled(settling->desk->service, found->ticket)) {
            at = &found->next;
            continue;
        }
        *at = found->next;
        found->settled(found->context);
        free(found);
    }
}
