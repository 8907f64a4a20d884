/* chunks.h: looks at the framing of a chunked body before the parser does: no extensions, no
 * trailers, no odd line ends, sizes of at most 8 digits, and a bound on the whole body. Pure.
 */
#ifndef OE_SERVER_HTTP_CHUNKS_H
#define OE_SERVER_HTTP_CHUNKS_H

#include "server/http/errors.h"

typedef struct oe__chunks {
    uint8_t state;
    uint8_t digits; /* of the size being read */
    uint64_t left;  /* bytes of the chunk still to come */
    uint64_t total; /* decoded bytes announced so far */
    uint64_t limit; /* largest total */
    oe_http_error error;
} oe__chunks;

void oe__chunks_reset(oe__chunks *chunks, uint64_t limit);

/* Looks at the next bytes of the stream and returns how many belong to this body; *is_done
 * tells whether it ended with them. On error chunks->error is set and nothing of these bytes
 * may be used. */
size_t oe__chunks_scan(oe__chunks *chunks, const char *bytes, size_t length, bool *is_done);

#endif
