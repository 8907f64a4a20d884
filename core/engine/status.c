/* status.c: status names and error filling. */
#include "engine/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const status_names[OE_STATUS_COUNT] = {
    [OE_OK] = "ok",
    [OE_E_MEMORY] = "out_of_memory",
    [OE_E_ARGUMENT] = "bad_argument",
    [OE_E_SYNTAX] = "syntax_error",
    [OE_E_INVALID] = "invalid",
    [OE_E_NOT_FOUND] = "not_found",
    [OE_E_CONFLICT] = "conflict",
    [OE_E_LIMIT] = "too_large",
    [OE_E_IO] = "io_error",
    [OE_E_BUSY] = "busy",
    [OE_E_CORRUPT] = "corrupt",
    [OE_E_VERSION] = "newer_version",
    [OE_E_CLOSED] = "closed",
};

const char *oe_status_name(oe_status status)
{
    return (unsigned)status < OE_STATUS_COUNT ? status_names[status] : "unknown";
}

const char *oe_version(void)
{
    return OE_VERSION;
}

/* A cut in the middle of a multi-byte character is moved back to its start. */
static void cut_at_character(char *message)
{
    size_t end = strlen(message);
    while (end > 0 && ((unsigned char)message[end - 1] & 0xC0U) == 0x80U)
        end--;
    if (end > 0 && ((unsigned char)message[end - 1] & 0x80U) != 0)
        message[end - 1] = '\0';
}

__attribute__((format(printf, 4, 0))) static void
fill(oe_error *error, oe_status status, int64_t position, const char *format, va_list arguments)
{
    if (error == NULL)
        return;
    error->status = status;
    error->position = position;
    int length = vsnprintf(error->message, sizeof error->message, format, arguments);
    if (length < 0)
        error->message[0] = '\0';
    else if ((size_t)length >= sizeof error->message)
        cut_at_character(error->message);
}

oe_status oe__fail(oe_error *error, oe_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, -1, format, arguments);
    va_end(arguments);
    return status;
}

oe_status oe__fail_at(oe_error *error, oe_status status, int64_t position, const char *format,
                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    fill(error, status, position, format, arguments);
    va_end(arguments);
    return status;
}
