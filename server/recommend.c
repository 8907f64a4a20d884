/* recommend.c: decisions and explanations over HTTP: the hot path. Nothing is allocated here
 * beyond the answer's buffer, which the worker keeps. */
#include "codec/answer.h"
#include "server/arguments.h"
#include "server/body.h"
#include "server/handlers.h"

enum {
    DECISION_TAKES =
        OE_ARGUMENT_LIMIT | OE_ARGUMENT_CATEGORY | OE_ARGUMENT_EXPLAIN | OE_ARGUMENT_CHANNEL
};

static oe_options options_of(const oe__arguments *arguments)
{
    return (oe_options){.at_ms = oe__service_now_ms(),
                        .limit = arguments->limit,
                        .category = arguments->category};
}

static void finish(oe_desk *desk, oe_response *response)
{
    char generation[24];
    if (oe_response_body(response)->failed) {
        oe_response_error(response, OE_HTTP_UNAVAILABLE);
        return;
    }
    size_t length = oe__service_write_number(desk->generation->number, generation);
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
    oe_response_header(response, "Ruleset-Generation", generation, length);
}

static void write_explanation(oe_desk *desk, oe__buffer *body, const oe_options *options)
{
    oe__explanation_write(body, desk->decider, desk->profile, options, -1);
    oe__desk_count(&desk->counters.explanations, 1);
}

/* For the customer in desk->profile. */
static void answer_decision(oe_desk *desk, oe_response *response,
                            const oe__arguments *arguments)
{
    oe_options options = options_of(arguments);
    oe__buffer *body = oe_response_body(response);
    const oe_decision *decision = oe_decide(desk->decider, desk->profile, &options);
    oe__answer_write(body, decision);
    oe__desk_count(&desk->counters.decisions, 1);
    oe__desk_count(&desk->counters.offers, decision->offer_count);
    oe__desk_count(&desk->counters.no_offers, decision->offer_count == 0);
    if (arguments->explain && !body->failed) {
        body->length--; /* the bracket: the explanation becomes the last member */
        oe__buffer_add_text(body, ",\"explanation\":");
        write_explanation(desk, body, &options);
        oe__buffer_add_char(body, '}');
    }
    finish(desk, response);
}

/* Fills desk->profile; false: 404 was answered. */
static bool find_customer(oe_desk *desk, oe_span id, oe_response *response)
{
    oe_reader_enter(desk->reader);
    bool is_there = oe_reader_get(desk->reader, id.data, id.length, desk->profile);
    oe_reader_leave(desk->reader);
    if (!is_there)
        oe_response_error(response, OE_HTTP_CUSTOMER_NOT_FOUND);
    return is_there;
}

void oe__recommend_stored(const oe_request *request, oe_response *response)
{
    oe_desk *desk = oe_worker_data(request->worker);
    oe__arguments arguments;
    if (oe__arguments_read(request, response, DECISION_TAKES, &arguments) &&
        find_customer(desk, request->captures[0], response))
        answer_decision(desk, response, &arguments);
}

void oe__recommend_given(const oe_request *request, oe_response *response)
{
    oe_desk *desk = oe_worker_data(request->worker);
    oe__arguments arguments;
    oe__faults faults = {0};
    oe_error error;
    if (!oe__body_is(request, response, OE_MEDIA_JSON) ||
        !oe__arguments_collect(request, response, DECISION_TAKES, &arguments, &faults))
        return;
    if (oe_profile_read(desk->profile, request->body.data, request->body.length, &desk->report,
                        &error) != OE_OK) {
        oe__body_refuse(response, &desk->report, &error, &faults);
        return;
    }
    if (oe__faults_answer(&faults, response))
        return;
    answer_decision(desk, response, &arguments);
    oe__body_warn(response, &desk->report);
}

void oe__explain_stored(const oe_request *request, oe_response *response)
{
    oe_desk *desk = oe_worker_data(request->worker);
    oe__arguments arguments;
    if (!oe__arguments_read(request, response, 0, &arguments) ||
        !find_customer(desk, request->captures[0], response))
        return;
    oe_options options = options_of(&arguments);
    write_explanation(desk, oe_response_body(response), &options);
    finish(desk, response);
}
