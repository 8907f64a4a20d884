/* parser.c: the only caller of llhttp. */
#include "server/http/parser.h"

static int take_head_end(llhttp_t *machine)
{
    oe__parser *parser = machine->data;
    parser->has_head = true;
    parser->is_chunked = (machine->flags & F_CHUNKED) != 0;
    parser->announced = (machine->flags & F_CONTENT_LENGTH) != 0 ? machine->content_length : 0;
    return 0;
}

static int take_body(llhttp_t *machine, const char *bytes, size_t length)
{
    oe__parser *parser = machine->data;
    parser->on_body(parser->context, bytes, length);
    return 0;
}

static int take_end(llhttp_t *machine)
{
    oe__parser *parser = machine->data;
    parser->is_complete = true;
    return 0;
}

static const llhttp_settings_t settings = {
    .on_headers_complete = take_head_end,
    .on_body = take_body,
    .on_message_complete = take_end,
};

/* The library's interface takes a pointer to non-const and never writes to it. */
static llhttp_settings_t *shared_settings(void)
{
    union {
        const llhttp_settings_t *shared;
        llhttp_settings_t *passed;
    } cast = {.shared = &settings};
    return cast.passed;
}

void oe__parser_init(oe__parser *parser, void (*on_body)(void *, const char *, size_t),
                     void *context)
{
    *parser = (oe__parser){.on_body = on_body, .context = context};
    llhttp_init(&parser->machine, HTTP_REQUEST, shared_settings());
    /* The connection closes itself; the parser must not refuse what comes behind a Connection:
     * close that only it saw. */
    llhttp_set_lenient_keep_alive(&parser->machine, 1);
    parser->machine.data = parser;
}

static bool feed(oe__parser *parser, const char *bytes, size_t length)
{
    llhttp_errno_t error = llhttp_execute(&parser->machine, bytes, length);
    if (error == HPE_PAUSED_UPGRADE) { /* Upgrade is ignored, RFC 9110 section 7.8 */
        if (!parser->is_complete)
            return false;
        llhttp_resume_after_upgrade(&parser->machine);
        return true;
    }
    return error == HPE_OK;
}

bool oe__parser_head(oe__parser *parser, const oe__guard *guard, const char *block)
{
    parser->has_head = parser->is_complete = false;
    if (!feed(parser, block, guard->offset) || !parser->has_head)
        return false;
    bool has_body = guard->is_chunked || guard->content_length > 0;
    return parser->is_chunked == guard->is_chunked &&
           parser->announced == guard->content_length && parser->is_complete != has_body;
}

bool oe__parser_body(oe__parser *parser, const char *bytes, size_t length)
{
    return feed(parser, bytes, length);
}
