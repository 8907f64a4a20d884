/* deliver.h: the end of every public writer: bytes joined in a buffer go to the caller's
 * memory. */
#ifndef OE_CODEC_DELIVER_H
#define OE_CODEC_DELIVER_H

#include "engine/text.h"

#include <string.h>

/* Copies at most `capacity` bytes, releases the buffer and returns its full length; SIZE_MAX
 * when it has failed. */
static inline size_t oe__deliver(oe__buffer *buffer, char *out, size_t capacity)
{
    size_t length = buffer->failed ? SIZE_MAX : buffer->length;
    size_t written = buffer->length < capacity ? buffer->length : capacity;
    if (length != SIZE_MAX && written > 0)
        memcpy(out, buffer->data, written);
    oe__buffer_free(buffer);
    return length;
}

#endif
