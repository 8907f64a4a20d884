/* customers.c: reading customers. One comes from the population; the list comes from the store,
 * which knows an order that pages can go by. */
#include "codec/profile.h"
#include "server/arguments.h"
#include "server/handlers.h"

#include <stdlib.h>

#include "server/desk.h"

void oe__customer_get(const oe_request *request, oe_response *response)
{
    oe_desk *desk = oe_worker_data(request->worker);
    oe_span id = request->captures[0];
    oe__arguments arguments;
    if (!oe__arguments_read(request, response, 0, &arguments))
        return;
    oe_reader_enter(desk->reader);
    bool is_there = oe_reader_get(desk->reader, id.data, id.length, desk->profile);
    oe_reader_leave(desk->reader);
    if (!is_there) {
        oe_response_error(response, OE_HTTP_CUSTOMER_NOT_FOUND);
        return;
    }
    oe__profile_write(oe_response_body(response), desk->profile);
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
}

/* ---- The list ---- */

/* One page in the making; a backend may give it in several pieces. */
typedef struct listing {
    oe_desk *desk;
    oe_pending pending;
    oe__buffer items; /* members of the list, joined by commas */
    size_t wanted;    /* customers still to come */
    size_t last_length;
    char last[OE_ID_MAX]; /* the last one's id */
} listing;

static oe_status submit_scan(listing *self);

static void end_listing(listing *self)
{
    oe__buffer_free(&self->items);
    free(self);
}

/* As the schema sees it now; one that it does not take is left out, as it is of the population.
 */
static void add_customer(listing *self, const oe_store_customer *customer)
{
    oe_desk *desk = self->desk;
    oe_status status = oe_profile_read(desk->stored, customer->body.data, customer->body.length,
                                       &desk->report, NULL);
    self->last_length = customer->id.length;
    memcpy(self->last, customer->id.data, customer->id.length);
    self->wanted--;
    if (status != OE_OK)
        return;
    if (self->items.length > 0)
        oe__buffer_add_char(&self->items, ',');
    oe__profile_write(&self->items, desk->stored);
}

static void answer_list(listing *self, oe_response *response, bool has_more)
{
    char number[20], cursor[2 * OE_ID_MAX];
    oe__buffer *body = oe_response_body(response);
    oe__buffer_add_text(body, "{\"customers\":[");
    oe__buffer_add(body, self->items.data, self->items.length);
    oe__buffer_add_text(body, "],\"total\":");
    size_t total = oe_population_count(self->desk->service->population);
    oe__buffer_add(body, number, oe__service_write_number(total, number));
    oe__buffer_add_text(body, ",\"next_cursor\":");
    if (has_more) {
        oe__buffer_add_char(body, '"');
        oe__buffer_add(body, cursor, oe__cursor_write(self->last, self->last_length, cursor));
        oe__buffer_add_text(body, "\"}");
    } else {
        oe__buffer_add_text(body, "null}");
    }
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
}

static void finish_list(listing *self, oe_status status, bool has_more)
{
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        if (status != OE_OK || self->items.failed)
            oe_response_error(response,
                              status == OE_OK ? OE_HTTP_UNAVAILABLE : oe_http_error_of(status));
        else
            answer_list(self, response, has_more);
        oe_response_finish(response);
    }
    end_listing(self);
}

static void take_scan(void *context, const oe_store_result *result)
{
    listing *self = context;
    oe_status status = result->status;
    for (size_t i = 0; status == OE_OK && i < result->customer_count; i++)
        add_customer(self, &result->customers[i]);
    if (status == OE_OK && result->more && self->wanted > 0 && !self->items.failed) {
        status = submit_scan(self);
        if (status == OE_OK)
            return;
    }
    finish_list(self, status, result->more);
}

static oe_status submit_scan(listing *self)
{
    oe_store_submission submission = {.operation = OE_STORE_CUSTOMER_SCAN,
                                      .completion = take_scan,
                                      .context = self,
                                      .after = {self->last, self->last_length},
                                      .limit = self->wanted};
    return oe_port_submit(self->desk->port, &submission, NULL);
}

static void start_listing(const oe_request *request, oe_response *response,
                          const oe__arguments *arguments)
{
    listing *self = calloc(1, sizeof *self);
    if (self == NULL) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    self->desk = oe_worker_data(request->worker);
    self->wanted = arguments->limit > 0 ? arguments->limit : (size_t)OE_STORE_SCAN_MAX;
    self->last_length = arguments->cursor_length;
    memcpy(self->last, arguments->cursor, arguments->cursor_length);
    oe_status status = submit_scan(self);
    if (status == OE_OK) {
        self->pending = oe_response_defer(response);
        return;
    }
    oe_response_error(response,
                      status == OE_E_LIMIT ? OE_HTTP_UNAVAILABLE : oe_http_error_of(status));
    end_listing(self);
}

void oe__customers_list(const oe_request *request, oe_response *response)
{
    oe__arguments arguments;
    if (oe__arguments_read(request, response, OE_ARGUMENT_LIMIT | OE_ARGUMENT_CURSOR,
                           &arguments))
        start_listing(request, response, &arguments);
}
