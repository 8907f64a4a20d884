/* parser.h: the HTTP parser behind the guard. It reads what the guard passed once more and must
 * agree on the framing, and it decodes bodies. parser.c is the only file that knows its
 * functions. */
#ifndef OE_SERVER_HTTP_PARSER_H
#define OE_SERVER_HTTP_PARSER_H

#include "server/http/guard.h"

#include <llhttp/llhttp.h>

typedef struct oe__parser {
    llhttp_t machine;
    uint64_t announced; /* content-length as the parser read it */
    bool has_head, is_complete, is_chunked;
    /* Takes decoded body bytes. */
    void (*on_body)(void *context, const char *bytes, size_t length);
    void *context;
} oe__parser;

void oe__parser_init(oe__parser *parser, void (*on_body)(void *, const char *, size_t),
                     void *context);

/* Feeds a whole header block that the guard passed. False when the parser disagrees with the
 * guard. A request without a body is complete afterwards. */
bool oe__parser_head(oe__parser *parser, const oe__guard *guard, const char *block);

/* Feeds bytes of the body, none beyond its end. False on disagreement. */
bool oe__parser_body(oe__parser *parser, const char *bytes, size_t length);

#endif
