/* log.c: puts a line together and writes it. */
#include "server/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_BYTES = 2048, MESSAGE_BYTES = 1024 };

static size_t start_line(char *line, oe__log_level level, const char *event)
{
    static const char *const levels[] = {"info", "warning", "error"};
    struct timespec now;
    struct tm day;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (gmtime_r(&now.tv_sec, &day) == NULL)
        memset(&day, 0, sizeof day);
    size_t length = strftime(line, LINE_BYTES, "time=%Y-%m-%dT%H:%M:%S", &day);
    int more = snprintf(line + length, LINE_BYTES - length, ".%03ldZ level=%s event=%s",
                        now.tv_nsec / 1000000, levels[level], event);
    return length + (more > 0 ? (size_t)more : 0);
}

static void end_line(char *line, size_t length)
{
    if (length > LINE_BYTES - 1)
        length = LINE_BYTES - 1;
    line[length++] = '\n';
    /* A log that cannot be written must not stop the service. */
    ssize_t written = write(STDERR_FILENO, line, length);
    (void)written;
}

void oe__log(oe__log_level level, const char *event, const char *format, ...)
{
    char line[LINE_BYTES];
    size_t length = start_line(line, level, event);
    if (length < sizeof line - 2) {
        va_list values;
        va_start(values, format);
        int more = vsnprintf(line + length + 1, sizeof line - length - 1, format, values);
        va_end(values);
        line[length] = ' ';
        length += more > 0 ? (size_t)more + 1 : 0;
    }
    end_line(line, length);
}

void oe__log_message(oe__log_level level, const char *event, const char *message)
{
    char quoted[MESSAGE_BYTES];
    size_t length = 0;
    for (; *message != '\0' && length < sizeof quoted - 3; message++) {
        unsigned char byte = (unsigned char)*message;
        if (byte == '"' || byte == '\\')
            quoted[length++] = '\\';
        quoted[length++] = byte < 0x20 ? ' ' : (char)byte;
    }
    quoted[length] = '\0';
    oe__log(level, event, "message=\"%s\"", quoted);
}
