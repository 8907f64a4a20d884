/* csv_write.c: one field at a time. */
#include "codec/csv.h"

#include <string.h>

static bool needs_quotes(const char *bytes, size_t length)
{
    if (length >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0)
        return true;
    for (size_t i = 0; i < length; i++)
        if (bytes[i] == ',' || bytes[i] == '"' || bytes[i] == '\n' || bytes[i] == '\r')
            return true;
    return false;
}

void oe__csv_write_field(oe__buffer *buffer, const char *bytes, size_t length)
{
    if (!needs_quotes(bytes, length)) {
        oe__buffer_add(buffer, bytes, length);
        return;
    }
    oe__buffer_add_char(buffer, '"');
    while (length > 0) {
        const char *quote = memchr(bytes, '"', length);
        size_t run = quote != NULL ? (size_t)(quote - bytes) + 1 : length;
        oe__buffer_add(buffer, bytes, run);
        if (quote != NULL)
            oe__buffer_add_char(buffer, '"');
        bytes += run;
        length -= run;
    }
    oe__buffer_add_char(buffer, '"');
}
