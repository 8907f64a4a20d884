/* handlers.h: the handlers in C, one file per resource. routes.c names them for
 * server/routes.lua. Every one runs on its worker's thread with the worker's desk. */
#ifndef OE_SERVER_HANDLERS_H
#define OE_SERVER_HANDLERS_H

#include "server/http/worker.h"

/* recommend.c */
oe_handler oe__recommend_stored; /* GET /recommend/{customer_id} */
oe_handler oe__recommend_given;  /* POST /recommend/ */
oe_handler oe__explain_stored;   /* GET /explain/{customer_id} */

/* recommend_batch.c */
oe_handler oe__recommend_batch; /* POST /recommend/batch */

/* customers.c */
oe_handler oe__customer_get;
oe_handler oe__customers_list;

/* customer_write.c */
oe_handler oe__customer_put;
oe_handler oe__customer_patch;
oe_handler oe__customer_delete;

/* outcomes.c */
oe_handler oe__outcomes_take; /* POST /outcomes, POST /events */

/* consent.c */
oe_handler oe__consent_put;
oe_handler oe__consent_get;
oe_handler oe__consent_delete;

/* campaigns.c */
oe_handler oe__campaigns_list;
oe_handler oe__campaign_runs_begin;
oe_handler oe__campaign_runs_list;
oe_handler oe__campaign_run_get;
oe_handler oe__campaign_run_cancel;

/* run_list.c */
oe_handler oe__campaign_run_targets; /* GET /campaigns/{campaign}/runs/{run}/list */

/* import.c */
oe_handler oe__import_customers;

/* rules_change.c */
oe_handler oe__rules_reload;
oe_handler oe__rules_rollback;

/* rules_history.c */
oe_handler oe__rules_history;

/* lua_handler.c */
oe_handler oe__lua_handle;

#endif
