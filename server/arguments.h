/* arguments.h: query parameters of the handlers in C. Reads all of them and answers 422 with
 * every fault when there is one. */
#ifndef OE_SERVER_ARGUMENTS_H
#define OE_SERVER_ARGUMENTS_H

#include "server/faults.h"
#include "server/http/target.h"

/* Parameters that a handler takes. */
enum {
    OE_ARGUMENT_LIMIT = 1,
    OE_ARGUMENT_CATEGORY = 2,
    OE_ARGUMENT_EXPLAIN = 4,
    OE_ARGUMENT_CHANNEL = 8,
    OE_ARGUMENT_CURSOR = 16,
    OE_ARGUMENT_SKIP_BAD = 32,
    OE_ARGUMENT_CAMPAIGN = 64,
    OE_ARGUMENT_FORMAT = 128
};

enum { OE_PAGE_MAX = 1000 }; /* of `limit` where there is a cursor */

typedef struct oe__arguments {
    uint32_t limit;           /* 0: not given */
    int32_t category;         /* of the ruleset, -1: not given */
    uint32_t campaign_number; /* as in oe_options */
    bool explain, skip_bad;
    bool has_format, is_csv;
    size_t cursor_length, channel_length, campaign_length; /* 0: not given */
    char cursor[OE_ID_MAX], channel[OE_ID_MAX], campaign[OE_ID_MAX];
} oe__arguments;

/* false: the response was filled. `channel` must be a lawful id; the journal keeps it.
 * `campaign` is one that the rules declare, which then says the channel unless it is given, or
 * one that a contact policy names. */
bool oe__arguments_read(const oe_request *request, oe_response *response, unsigned taken,
                        oe__arguments *arguments);

/* The same, but adds faults to a list that the caller answers with. false: the query cannot be
 * read at all, and the response was filled. */
bool oe__arguments_collect(const oe_request *request, oe_response *response, unsigned taken,
                           oe__arguments *arguments, oe__faults *faults);

/* Parses the query. false: it cannot be cut into pairs, and the response was filled. */
bool oe__arguments_parse(const oe_request *request, oe_response *response, oe_query *query);

/* A cursor as clients see it: the id in hexadecimal digits. Returns the length, at most twice
 * that of the id. */
size_t oe__cursor_write(const char *id, size_t length, char *out);

#endif
