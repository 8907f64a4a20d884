/* run_rows.h: what a run decided for one customer, decided again from its record and written as
 * rows, one an offer. One thread. Knows neither HTTP nor the store. */
#ifndef OE_SERVER_RUN_ROWS_H
#define OE_SERVER_RUN_ROWS_H

#include "server/desk.h"

typedef struct oe_run_rows {
    oe_desk_tools tools; /* of the rules that the run decides by */
    oe__buffer answer, memory;
    oe_contacts contacts; /* of the record at hand; its lists lie in `memory` */
} oe_run_rows;

/* Holds the rules. false: out of memory. */
bool oe__run_rows_make(oe_run_rows *rows, oe_generation *rules);
void oe__run_rows_free(oe_run_rows *rows);

/* The line above all rows of CSV. */
void oe__run_rows_head(oe__buffer *out);

/* Appends the rows of a record. OE_E_CORRUPT: it is none, or is not decided as it was.
 * OE_E_MEMORY. */
oe_status oe__run_rows_add(oe_run_rows *rows, oe_store_bytes record, bool is_csv,
                           oe__buffer *out, oe_error *error);

#endif
