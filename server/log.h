/* log.h: structured lines on standard error: time, level, event, then key=value. One write per
 * line, so that lines of several threads do not mix. Never holds values of a profile. */
#ifndef OE_SERVER_LOG_H
#define OE_SERVER_LOG_H

typedef enum oe__log_level { OE_LOG_INFO, OE_LOG_WARNING, OE_LOG_ERROR } oe__log_level;

/* The format of an event that there is no more to say about. */
#define OE_LOG_NOTHING "%s", ""

/* `format` makes the part behind the event, e.g. "port=%d". What it prints must hold no line
 * ends. */
void oe__log(oe__log_level level, const char *event, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with one text of free form, quoted as message="...". */
void oe__log_message(oe__log_level level, const char *event, const char *message);

#endif
