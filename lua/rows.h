/* rows.h: a decision's answer as rows of a CSV: the same values, read from the same bytes. */
#ifndef OE_LUA_ROWS_H
#define OE_LUA_ROWS_H

#include "engine/text.h"
#include "offerengine.h"

/* The header row with its line end. */
#define OE_LUA_ROWS_HEADER                                                                     \
    "customer_id,rank,product_id,product_name,category,confidence_score,priority,reason\n"

/* Appends one row per offer of the answer in `json`, as oe_decision_write made it. */
void oe__rows_write(const char *json, size_t length, oe__buffer *out);

#endif
