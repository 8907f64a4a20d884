/* retention.c: one timer, one write. */
#include "server/retention.h"

#include <inttypes.h>

#include "server/desk.h"
#include "server/log.h"

enum { EVERY_MS = 3600000 };

static void take_result(void *context, const oe_store_result *result)
{
    (void)context;
    if (result->status != OE_OK)
        oe__log_message(OE_LOG_ERROR, "forgetting_failed", result->error.message);
    else if (result->decisions > 0 || result->versions > 0)
        oe__log(OE_LOG_INFO, "forgot", "decisions=%" PRIu64 " versions=%" PRIu64,
                result->decisions, result->versions);
}

static void on_time(uv_timer_t *timer)
{
    oe_desk *desk = timer->data;
    oe_error error = {0};
    char operation[OE_STORE_OPERATION_ID_SIZE];
    oe_port_operation_id(desk->port, operation);
    oe_store_submission submission = {.operation = OE_STORE_JOURNAL_FORGET,
                                      .completion = take_result,
                                      .context = desk,
                                      .operation_id = {operation, sizeof operation},
                                      .at_ms =
                                          oe__service_now_ms() - desk->service->config.keep_ms};
    if (oe_port_submit(desk->port, &submission, &error) != OE_OK)
        oe__log_message(OE_LOG_ERROR, "forgetting_failed", error.message);
}

void oe__retention_start(oe_desk *desk)
{
    if (desk->service->config.keep_ms <= 0)
        return;
    desk->forgets = uv_timer_init(oe_worker_loop(desk->worker), &desk->retention) == 0;
    desk->retention.data = desk;
    (void)uv_timer_start(&desk->retention, on_time, 0, EVERY_MS);
}

void oe__retention_stop(oe_desk *desk)
{
    if (desk->forgets)
        uv_close((uv_handle_t *)&desk->retention, NULL);
    desk->forgets = false;
}
