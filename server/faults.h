/* faults.h: the list of everything that is wrong with a request, as the answer 422 shows it:
 * [{"loc":[...],"msg":"...","type":"..."}]. Names what is wrong, never a value that was sent.
 */
#ifndef OE_SERVER_FAULTS_H
#define OE_SERVER_FAULTS_H

#include "server/http/handler.h"

/* Zero-initialise; answering or dropping releases. */
typedef struct oe__faults {
    oe__buffer json;
    size_t count;
} oe__faults;

/* A fault at ["part","name"]. `type` is stable, e.g. "missing". */
void oe__faults_add(oe__faults *faults, const char *part, oe_span name, const char *message,
                    const char *type);

/* Every fault that reading a profile found; those of a line of many stand at ["body",line,..]
 * (line 0: none). */
void oe__faults_add_report(oe__faults *faults, const oe_read_report *report, uint64_t line);

/* A fault of a whole line of many. */
void oe__faults_add_line(oe__faults *faults, uint64_t line, const char *message,
                         const char *type);

/* Answers 422 with the list when there are faults. Returns whether it did. Releases. */
bool oe__faults_answer(oe__faults *faults, oe_response *response);

void oe__faults_drop(oe__faults *faults);

#endif
