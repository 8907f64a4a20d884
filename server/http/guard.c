/* guard.c: the state machine over a header block. */
#include "server/http/guard.h"

enum guard_state {
    AT_START, /* one empty line is skipped here, RFC 9112 section 2.2 */
    AT_START_LF,
    IN_METHOD,
    IN_TARGET,
    IN_VERSION,
    AT_VERSION_LF,
    AT_LINE, /* the first byte of a header line or of the end */
    IN_NAME,
    BEFORE_VALUE,
    IN_VALUE,
    AT_VALUE_LF,
    AT_END_LF,
    PASSED,
    REFUSED
};

enum { TOKEN = 1, TARGET = 2, VALUE = 4 };

/* What each byte may be part of. RFC 9110 section 5.6.2 (token); a target is visible ASCII
 * without '#'; a value is visible ASCII, blank, tab and the upper half. */
static const unsigned char classes[256] = {
    ['\t'] = VALUE,
    [' '] = VALUE,
    ['!'] = 7,
    ['"'] = TARGET | VALUE,
    ['#'] = TOKEN | VALUE,
    ['$'] = 7,
    ['%'] = 7,
    ['&'] = 7,
    ['\''] = 7,
    ['('] = TARGET | VALUE,
    [')'] = TARGET | VALUE,
    ['*'] = 7,
    ['+'] = 7,
    [','] = TARGET | VALUE,
    ['-'] = 7,
    ['.'] = 7,
    ['/'] = TARGET | VALUE,
    ['0'] = 7,
    ['1'] = 7,
    ['2'] = 7,
    ['3'] = 7,
    ['4'] = 7,
    ['5'] = 7,
    ['6'] = 7,
    ['7'] = 7,
    ['8'] = 7,
    ['9'] = 7,
    [':'] = TARGET | VALUE,
    [';'] = TARGET | VALUE,
    ['<'] = TARGET | VALUE,
    ['='] = TARGET | VALUE,
    ['>'] = TARGET | VALUE,
    ['?'] = TARGET | VALUE,
    ['@'] = TARGET | VALUE,
    ['A'] = 7,
    ['B'] = 7,
    ['C'] = 7,
    ['D'] = 7,
    ['E'] = 7,
    ['F'] = 7,
    ['G'] = 7,
    ['H'] = 7,
    ['I'] = 7,
    ['J'] = 7,
    ['K'] = 7,
    ['L'] = 7,
    ['M'] = 7,
    ['N'] = 7,
    ['O'] = 7,
    ['P'] = 7,
    ['Q'] = 7,
    ['R'] = 7,
    ['S'] = 7,
    ['T'] = 7,
    ['U'] = 7,
    ['V'] = 7,
    ['W'] = 7,
    ['X'] = 7,
    ['Y'] = 7,
    ['Z'] = 7,
    ['['] = TARGET | VALUE,
    ['\\'] = TARGET | VALUE,
    [']'] = TARGET | VALUE,
    ['^'] = 7,
    ['_'] = 7,
    ['`'] = 7,
    ['a'] = 7,
    ['b'] = 7,
    ['c'] = 7,
    ['d'] = 7,
    ['e'] = 7,
    ['f'] = 7,
    ['g'] = 7,
    ['h'] = 7,
    ['i'] = 7,
    ['j'] = 7,
    ['k'] = 7,
    ['l'] = 7,
    ['m'] = 7,
    ['n'] = 7,
    ['o'] = 7,
    ['p'] = 7,
    ['q'] = 7,
    ['r'] = 7,
    ['s'] = 7,
    ['t'] = 7,
    ['u'] = 7,
    ['v'] = 7,
    ['w'] = 7,
    ['x'] = 7,
    ['y'] = 7,
    ['z'] = 7,
    ['{'] = TARGET | VALUE,
    ['|'] = 7,
    ['}'] = TARGET | VALUE,
    ['~'] = 7,
};

static const char *const method_names[OE_METHOD_COUNT] = {"GET",   "HEAD",   "POST",   "PUT",
                                                          "PATCH", "DELETE", "OPTIONS"};

const char *oe_method_name(oe_method method)
{
    return method < OE_METHOD_COUNT ? method_names[method] : "-";
}

static inline bool is_of(char byte, unsigned kind)
{
    return (classes[(unsigned char)byte] & kind) != 0 || (kind == VALUE && (byte & 0x80) != 0);
}

void oe__guard_reset(oe__guard *guard)
{
    memset(guard, 0, offsetof(oe__guard, fields));
}

static void refuse(oe__guard *guard, oe_http_error error)
{
    guard->state = REFUSED;
    guard->error = error;
}

/* The reason for a byte that may not stand where it does; `fallback` when it is an ordinary
 * one. */
static oe_http_error blame(char byte, oe_http_error fallback)
{
    unsigned char value = (unsigned char)byte;
    if (byte == '\n' || byte == '\r')
        return OE_HTTP_BARE_LINE_END;
    if ((value < 0x20 && byte != '\t') || value == 0x7f)
        return OE_HTTP_CONTROL_BYTE;
    return fallback;
}

/* Moves over bytes of a kind, up to the end of what is there or the limit. True when it stopped
 * at a byte that is not of the kind and lies within the limit; at the limit refuses with
 * `too_long`. */
static inline bool span_over(oe__guard *guard, oe_span block, unsigned kind, size_t limit)
{
    size_t at = guard->offset, end = block.length < limit ? block.length : limit;
    while (at < end && is_of(block.data[at], kind))
        at++;
    guard->offset = (uint16_t)at;
    if (at < end)
        return true;
    if (at < block.length && !is_of(block.data[at], kind))
        return true; /* the byte behind a text of just the allowed length */
    if (at < block.length)
        refuse(guard,
               guard->state < AT_LINE ? OE_HTTP_REQUEST_LINE_LONG : OE_HTTP_HEADERS_LARGE);
    return false;
}

/* The byte at the offset must be LF. */
static void expect_line_feed(oe__guard *guard, oe_span block, enum guard_state next)
{
    if (block.data[guard->offset] != '\n') {
        refuse(guard, OE_HTTP_BARE_LINE_END);
        return;
    }
    guard->offset++;
    guard->state = (uint8_t)next;
}

static void scan_start(oe__guard *guard, oe_span block)
{
    if (block.data[guard->offset] == '\r' && guard->offset == 0) {
        guard->offset++;
        guard->state = AT_START_LF;
        return;
    }
    guard->line_at = guard->offset;
    guard->state = IN_METHOD;
}

static size_t line_limit(const oe__guard *guard)
{
    return (size_t)guard->line_at + OE_GUARD_REQUEST_LINE_MAX;
}

static void scan_method(oe__guard *guard, oe_span block)
{
    if (!span_over(guard, block, TOKEN, line_limit(guard)))
        return;
    oe_span name = {block.data + guard->line_at, (size_t)(guard->offset - guard->line_at)};
    char byte = block.data[guard->offset];
    if (byte != ' ' || name.length == 0) {
        refuse(guard, blame(byte, OE_HTTP_REQUEST_LINE));
        return;
    }
    guard->method = OE_METHOD_COUNT;
    for (unsigned i = 0; i < OE_METHOD_COUNT; i++)
        if (oe__span_is(name, method_names[i])) {
            guard->method = (uint8_t)i;
            break;
        }
    if (guard->method == OE_METHOD_COUNT) {
        refuse(guard, OE_HTTP_METHOD_UNKNOWN);
        return;
    }
    guard->offset++;
    guard->target_at = guard->offset;
    guard->state = IN_TARGET;
}

static void scan_target(oe__guard *guard, oe_span block)
{
    if (!span_over(guard, block, TARGET, line_limit(guard)))
        return;
    oe_span target = {block.data + guard->target_at,
                      (size_t)(guard->offset - guard->target_at)};
    char byte = block.data[guard->offset];
    if (byte != ' ' || target.length == 0) {
        oe_http_error fallback = byte == ' ' ? OE_HTTP_REQUEST_LINE : OE_HTTP_TARGET;
        refuse(guard, byte == '\r' ? OE_HTTP_REQUEST_LINE : blame(byte, fallback));
        return;
    }
    bool asterisk =
        target.length == 1 && target.data[0] == '*' && guard->method == OE_METHOD_OPTIONS;
    if (target.data[0] != '/' && !asterisk) {
        refuse(guard, OE_HTTP_TARGET);
        return;
    }
    guard->target_length = (uint16_t)target.length;
    guard->offset++;
    guard->token_at = guard->offset;
    guard->state = IN_VERSION;
}

/* The usual version in one look; false leaves everything to the look at each byte. */
static bool skip_version(oe__guard *guard, oe_span block)
{
    static const char usual[] = "HTTP/1.1\r\n";
    size_t length = sizeof usual - 1;
    if (guard->offset != guard->token_at || block.length - guard->offset < length ||
        (size_t)guard->offset + length - 2 > line_limit(guard) ||
        memcmp(block.data + guard->offset, usual, length) != 0)
        return false;
    guard->version_minor = 1;
    guard->offset = guard->headers_at = (uint16_t)(guard->offset + length);
    guard->state = AT_LINE;
    return true;
}

/* "HTTP/" DIGIT "." DIGIT, byte by byte, so that every cut gives the same answer. */
static void scan_version(oe__guard *guard, oe_span block)
{
    static const char pattern[] = "HTTP/d.d";
    if (skip_version(guard, block))
        return;
    size_t index = (size_t)(guard->offset - guard->token_at);
    char byte = block.data[guard->offset];
    if (guard->offset >= line_limit(guard) && byte != '\r') {
        refuse(guard, OE_HTTP_REQUEST_LINE_LONG);
        return;
    }
    if (index < sizeof pattern - 1) {
        bool fits = pattern[index] == 'd' ? byte >= '0' && byte <= '9' : byte == pattern[index];
        if (fits)
            guard->offset++;
        else
            refuse(guard,
                   byte == '\r' ? OE_HTTP_REQUEST_LINE : blame(byte, OE_HTTP_REQUEST_LINE));
        return;
    }
    if (byte != '\r') {
        refuse(guard, blame(byte, OE_HTTP_REQUEST_LINE));
        return;
    }
    char major = block.data[guard->token_at + 5], minor = block.data[guard->token_at + 7];
    if (major != '1' || minor > '1') {
        refuse(guard, OE_HTTP_VERSION);
        return;
    }
    guard->version_minor = (uint8_t)(minor - '0');
    guard->offset++;
    guard->state = AT_VERSION_LF;
}

static size_t headers_limit(const oe__guard *guard)
{
    return (size_t)guard->headers_at + OE_GUARD_HEADERS_BYTES_MAX;
}

static void scan_line(oe__guard *guard, oe_span block)
{
    char byte = block.data[guard->offset];
    if (byte == '\r') {
        guard->offset++;
        guard->state = AT_END_LF;
    } else if (byte == ' ' || byte == '\t') {
        refuse(guard, OE_HTTP_OBS_FOLD);
    } else if (guard->field_count == OE_GUARD_HEADERS_MAX) {
        refuse(guard, OE_HTTP_HEADERS_MANY);
    } else {
        guard->token_at = guard->offset;
        guard->state = IN_NAME;
    }
}

static void scan_name(oe__guard *guard, oe_span block)
{
    if (!span_over(guard, block, TOKEN, headers_limit(guard)))
        return;
    char byte = block.data[guard->offset];
    if (byte != ':' || guard->offset == guard->token_at) {
        refuse(guard, byte == '\r' ? OE_HTTP_HEADER_NAME : blame(byte, OE_HTTP_HEADER_NAME));
        return;
    }
    oe__guard_field *field = &guard->fields[guard->field_count];
    field->name_at = guard->token_at;
    field->name_length = (uint16_t)(guard->offset - guard->token_at);
    guard->offset++;
    guard->state = BEFORE_VALUE;
}

static void scan_blank(oe__guard *guard, oe_span block)
{
    char byte = block.data[guard->offset];
    if (byte == ' ' || byte == '\t') {
        guard->offset++;
        return;
    }
    guard->token_at = guard->offset;
    guard->state = IN_VALUE;
}

static void scan_value(oe__guard *guard, oe_span block)
{
    if (!span_over(guard, block, VALUE, headers_limit(guard)))
        return;
    char byte = block.data[guard->offset];
    if (byte != '\r') {
        refuse(guard, blame(byte, OE_HTTP_CONTROL_BYTE));
        return;
    }
    size_t end = guard->offset;
    while (end > guard->token_at && (block.data[end - 1] == ' ' || block.data[end - 1] == '\t'))
        end--;
    oe__guard_field *field = &guard->fields[guard->field_count];
    field->value_at = guard->token_at;
    field->value_length = (uint16_t)(end - guard->token_at);
    guard->offset++;
    guard->state = AT_VALUE_LF;
}

static void end_field(oe__guard *guard, oe_span block)
{
    expect_line_feed(guard, block, AT_LINE);
    if (guard->state == REFUSED)
        return;
    const oe__guard_field *field = &guard->fields[guard->field_count++];
    oe_span name = {block.data + field->name_at, field->name_length};
    oe_span value = {block.data + field->value_at, field->value_length};
    oe_http_error error = oe__guard_take_field(guard, name, value);
    if (error != OE_HTTP_OK)
        refuse(guard, error);
}

static void end_block(oe__guard *guard, oe_span block)
{
    expect_line_feed(guard, block, PASSED);
    if (guard->state == REFUSED)
        return;
    oe_http_error error = oe__guard_check_fields(guard);
    if (error != OE_HTTP_OK)
        refuse(guard, error);
}

static void end_request_line(oe__guard *guard, oe_span block)
{
    expect_line_feed(guard, block, AT_LINE);
    guard->headers_at = guard->offset;
}

static void step(oe__guard *guard, oe_span block)
{
    switch ((enum guard_state)guard->state) {
    case AT_START:
        scan_start(guard, block);
        break;
    case AT_START_LF:
        expect_line_feed(guard, block, AT_START);
        break;
    case IN_METHOD:
        scan_method(guard, block);
        break;
    case IN_TARGET:
        scan_target(guard, block);
        break;
    case IN_VERSION:
        scan_version(guard, block);
        break;
    case AT_VERSION_LF:
        end_request_line(guard, block);
        break;
    case AT_LINE:
        scan_line(guard, block);
        break;
    case IN_NAME:
        scan_name(guard, block);
        break;
    case BEFORE_VALUE:
        scan_blank(guard, block);
        break;
    case IN_VALUE:
        scan_value(guard, block);
        break;
    case AT_VALUE_LF:
        end_field(guard, block);
        break;
    case AT_END_LF:
        end_block(guard, block);
        break;
    case PASSED:
    case REFUSED:
        break;
    }
}

oe__guard_verdict oe__guard_scan(oe__guard *guard, const char *block, size_t length)
{
    oe_span all = {block, length};
    while (guard->state < PASSED && guard->offset < length) {
        if (guard->state >= AT_LINE && guard->offset >= headers_limit(guard))
            refuse(guard, OE_HTTP_HEADERS_LARGE);
        else
            step(guard, all);
    }
    return guard->state == PASSED    ? OE_GUARD_PASSED
           : guard->state == REFUSED ? OE_GUARD_REFUSED
                                     : OE_GUARD_MORE;
}

oe_span oe__guard_find(const oe__guard *guard, const char *block, const char *lower_name)
{
    for (size_t i = 0; i < guard->field_count; i++) {
        const oe__guard_field *field = &guard->fields[i];
        oe_span name = {block + field->name_at, field->name_length};
        if (oe__span_is_word(name, lower_name))
            return (oe_span){block + field->value_at, field->value_length};
    }
    return (oe_span){NULL, 0};
}

oe_span oe__guard_value(const oe__guard *guard, const char *block, unsigned field)
{
    if (field == 0)
        return (oe_span){NULL, 0};
    const oe__guard_field *found = &guard->fields[field - 1];
    return (oe_span){block + found->value_at, found->value_length};
}

bool oe__guard_keeps_alive(const oe__guard *guard)
{
    return !guard->wants_close && (guard->version_minor == 1 || guard->wants_keep_alive);
}
