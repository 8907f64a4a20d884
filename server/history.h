/* history.h: the rules that served, in the store. Blocking calls, on a port of the caller's. */
#ifndef OE_SERVER_HISTORY_H
#define OE_SERVER_HISTORY_H

#include "engine/text.h"
#include "server/service.h"

typedef struct oe_kept_rules {
    uint64_t number;
    char hash[OE_STORE_ID_MAX + 1];
    oe__buffer texts;
} oe_kept_rules;

/* Generation `number`, 0 for the newest. Release with oe__buffer_free(&kept->texts) in any
 * case. OE_E_NOT_FOUND, and the store's failures. */
oe_status oe__history_get(oe_store_port *port, uint64_t number, oe_kept_rules *kept,
                          oe_error *error);

/* Keeps the names of the products of rules, which records give as numbers: the value of the
 * meta key "products." and their hash. Before a generation of them is put. */
oe_status oe__history_name(oe_store_port *port, const oe_ruleset *ruleset, oe_error *error);

/* Appends the names that oe__history_name kept for the rules of a generation, each behind its
 * length. OE_E_NOT_FOUND: there are none. */
oe_status oe__history_names(oe_store_port *port, uint64_t number, oe__buffer *names,
                            oe_error *error);

/* Keeps a generation; durable when it returns. The store's failures. */
oe_status oe__history_put(oe_store_port *port, const oe_store_generation *generation,
                          oe_error *error);

/* At start: gives service->current its number. Rules that are those of the newest generation
 * keep its number, others become a new one; `texts` is what they were loaded from. */
oe_status oe__history_open(oe_service *service, oe_store_bytes texts, oe_error *error);

#endif
