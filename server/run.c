/* run.c: a table of members, written and read back. */
#include "server/run.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "codec/json.h"
#include "engine/status.h"

enum { ROWS_PER_MS = 4096 };

static const char *const names[OE_RUN_STATES] = {"running", "done", "cancelled", "failed"};

const char *oe__run_state_name(oe_run_state state)
{
    return names[state];
}

void oe__run_end(oe_run *run, oe_run_state state, int64_t at_ms)
{
    run->state = state;
    run->ended_ms = at_ms;
    run->position[0] = '\0';
}

int64_t oe__run_id_ms(const oe_run *run, uint64_t row)
{
    return run->clock_ms + (int64_t)(row / ROWS_PER_MS);
}

/* Neighbouring seeds must not look alike: the finish of splitmix64. */
uint64_t oe__run_random(const oe_run *run)
{
    uint64_t mixed = run->seed + UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* ---- Members ---- */

/* All numbers have 64 bits and are not negative. */
typedef struct member {
    const char *name;
    size_t offset, size; /* size 0: a number */
} member;

#define NUMBER(field)                                                                          \
    {                                                                                          \
#field, offsetof(oe_run, field), 0                                                     \
    }
#define TEXT(field)                                                                            \
    {                                                                                          \
#field, offsetof(oe_run, field), sizeof((oe_run *)0)->field                            \
    }

/* The state stands between the campaign and the rest. */
static const member members[] = {
    NUMBER(generation), NUMBER(clock_ms), NUMBER(seed),         NUMBER(started_ms),
    NUMBER(ended_ms),   NUMBER(busy_ms),  NUMBER(customers),    NUMBER(looked_at),
    NUMBER(contacted),  NUMBER(offers),   NUMBER(not_targeted), NUMBER(without_offer),
    NUMBER(unreadable), TEXT(position),   TEXT(reason),
};

enum { MEMBERS = sizeof members / sizeof members[0] };

static void add_number(oe__buffer *buffer, const char *name, uint64_t number)
{
    char text[64];
    int length = snprintf(text, sizeof text, ",\"%s\":%" PRIu64, name, number);
    oe__buffer_add(buffer, text, (size_t)length);
}

static void add_text(oe__buffer *buffer, const char *name, const char *text)
{
    oe__buffer_add_text(buffer, ",\"");
    oe__buffer_add_text(buffer, name);
    oe__buffer_add_text(buffer, "\":");
    oe__json_write_string(buffer, text, strlen(text));
}

void oe__run_write(oe__buffer *buffer, const oe_run *run)
{
    char head[32];
    int length = snprintf(head, sizeof head, "{\"run\":%" PRIu64, run->number);
    oe__buffer_add(buffer, head, (size_t)length);
    add_text(buffer, "campaign", run->campaign);
    add_text(buffer, "state", names[run->state]);
    for (size_t i = 0; i < MEMBERS; i++) {
        const char *at = (const char *)run + members[i].offset;
        uint64_t number = 0;
        if (members[i].size > 0) {
            add_text(buffer, members[i].name, at);
            continue;
        }
        memcpy(&number, at, sizeof number);
        add_number(buffer, members[i].name, number);
    }
    oe__buffer_add_char(buffer, '}');
}

/* ---- Reading ---- */

static bool is_named(const oe__json_token *name, const char *text)
{
    return name->length == strlen(text) && memcmp(name->bytes, text, name->length) == 0;
}

static bool take_text(const oe__json_token *value, char *out, size_t size)
{
    size_t length = oe__json_unescape(value->bytes, value->length, out, size - 1);
    out[length < size ? length : 0] = '\0';
    return value->type == OE_JSON_STRING && length < size;
}

static bool take_state(const oe__json_token *value, oe_run *run)
{
    for (int state = 0; state < OE_RUN_STATES; state++)
        if (is_named(value, names[state])) {
            run->state = (oe_run_state)state;
            return true;
        }
    return false;
}

static bool take_number(const oe__json_token *value, char *out)
{
    uint64_t number = (uint64_t)value->number;
    memcpy(out, &number, sizeof number);
    return value->type == OE_JSON_NUMBER;
}

static bool take_member(const oe__json_token *name, const oe__json_token *value, oe_run *run)
{
    if (is_named(name, "run"))
        return take_number(value, (char *)&run->number);
    if (is_named(name, "campaign"))
        return take_text(value, run->campaign, sizeof run->campaign);
    if (is_named(name, "state"))
        return take_state(value, run);
    for (size_t i = 0; i < MEMBERS; i++) {
        char *at = (char *)run + members[i].offset;
        if (is_named(name, members[i].name))
            return members[i].size > 0 ? take_text(value, at, members[i].size)
                                       : take_number(value, at);
    }
    return true; /* of a later version */
}

oe_status oe__run_read(const char *text, size_t length, oe_run *run, oe_error *error)
{
    oe__json_reader reader;
    oe__json_token name, value;
    bool is_good = true;
    *run = (oe_run){0};
    oe__json_reader_begin(&reader, text, length);
    oe_status status = oe__json_next(&reader, &name, error);
    while (status == OE_OK && is_good) {
        status = oe__json_next(&reader, &name, error);
        if (status != OE_OK || name.type != OE_JSON_NAME)
            break;
        status = oe__json_next(&reader, &value, error);
        is_good = status == OE_OK && take_member(&name, &value, run);
    }
    return status == OE_OK && is_good && run->number > 0
               ? OE_OK
               : oe__fail(error, OE_E_CORRUPT, "runs: the database holds one that is damaged");
}
