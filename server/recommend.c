/* recommend.c: decisions and explanations over HTTP: the hot path. Nothing is allocated here
 * beyond the answer's buffer, which the worker keeps. */
#include "server/recommend.h"
#include "codec/answer.h"
#include "server/arguments.h"
#include "server/body.h"
#include "server/contact.h"
#include "server/handlers.h"
#include "server/journal.h"

enum {
    DECISION_TAKES = OE_ARGUMENT_LIMIT | OE_ARGUMENT_CATEGORY | OE_ARGUMENT_EXPLAIN |
                     OE_ARGUMENT_CHANNEL | OE_ARGUMENT_CAMPAIGN,
    EXPLANATION_TAKES = OE_ARGUMENT_CHANNEL | OE_ARGUMENT_CAMPAIGN
};

static oe_options options_of(const oe__arguments *arguments)
{
    return (oe_options){.at_ms = oe__service_now_ms(),
                        .limit = arguments->limit,
                        .category = arguments->category,
                        .campaign = arguments->campaign_number};
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

/* The decision just made, before anything is asked that would replace it. */
static bool keep_decision(oe_desk *desk, const oe__arguments *arguments,
                          const oe_options *options, oe__buffer *body)
{
    oe__record record = {.options = *options};
    if (desk->journal == NULL || body->failed)
        return true;
    if (arguments->channel_length > 0) {
        record.channel = arguments->channel;
        record.channel_length = arguments->channel_length;
    }
    if (arguments->campaign_length > 0) {
        record.campaign = arguments->campaign;
        record.campaign_length = arguments->campaign_length;
    }
    return oe__journal_keep(desk->journal, &record, body);
}

bool oe__recommend_waits(const oe_desk *desk, const oe_generation *rules)
{
    return desk->journal != NULL &&
           (desk->service->config.journal_sync || oe__contact_reserves(rules));
}

/* The last step of an answer. */
static void wait_for_commit(oe_desk *desk, oe_response *response)
{
    if (oe__recommend_waits(desk, desk->generation))
        oe__journal_hold(desk->journal, response, false);
}

bool oe__recommend_decide(oe_desk *desk, const oe__arguments *arguments, oe__buffer *body)
{
    oe_options options = options_of(arguments);
    const oe_decision *decision = oe__contact_decide(desk, arguments, &options);
    if (decision == NULL) {
        body->failed = true;
        return false;
    }
    oe__answer_write(body, decision);
    oe__desk_count(&desk->counters.decisions, 1);
    oe__desk_count(&desk->counters.offers, decision->offer_count);
    oe__desk_count(&desk->counters.no_offers, decision->offer_count == 0);
    bool is_kept = keep_decision(desk, arguments, &options, body);
    if (arguments->explain && !body->failed) {
        body->length--; /* the bracket: the explanation becomes the last member */
        oe__buffer_add_text(body, ",\"explanation\":");
        write_explanation(desk, body, &options);
        oe__buffer_add_char(body, '}');
    }
    if (desk->journal != NULL)
        oe__journal_add_id(desk->journal, body);
    body->failed = body->failed || !is_kept;
    return !body->failed;
}

/* For the customer in desk->profile. false: an error was answered. */
static bool answer_decision(oe_desk *desk, oe_response *response,
                            const oe__arguments *arguments)
{
    bool is_decided = oe__recommend_decide(desk, arguments, oe_response_body(response));
    finish(desk, response);
    return is_decided;
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
        find_customer(desk, request->captures[0], response) &&
        answer_decision(desk, response, &arguments))
        wait_for_commit(desk, response);
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
    bool is_answered = answer_decision(desk, response, &arguments);
    oe__body_warn(response, &desk->report);
    if (is_answered)
        wait_for_commit(desk, response);
}

void oe__explain_stored(const oe_request *request, oe_response *response)
{
    oe_desk *desk = oe_worker_data(request->worker);
    oe__arguments arguments;
    if (!oe__arguments_read(request, response, EXPLANATION_TAKES, &arguments) ||
        !find_customer(desk, request->captures[0], response))
        return;
    oe_options options = options_of(&arguments);
    oe__contact_look(desk, &arguments, &options);
    write_explanation(desk, oe_response_body(response), &options);
    finish(desk, response);
}
