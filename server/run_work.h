/* run_work.h: a run at work: the stored customers in the order of their ids, chunk by chunk. A
 * chunk is decided as a request for each of its customers would be, contact policies and
 * reservations included; its decisions and how far the run came are stored in one transaction.
 * One thread. Knows no HTTP and nothing of other runs. */
#ifndef OE_SERVER_RUN_WORK_H
#define OE_SERVER_RUN_WORK_H

#include "server/run.h"
#include "server/service.h"

typedef struct oe_run_work oe_run_work;

/* Takes `run` up where it is; holds the rules, which must be those of its generation. NULL:
 * OE_E_CONFLICT: they do not declare the campaign, or OE_E_MEMORY. */
oe_run_work *oe__run_work_open(oe_service *service, oe_store_port *port, oe_generation *rules,
                               const oe_run *run, oe_error *error);
void oe__run_work_free(oe_run_work *work);

/* One chunk. OE_OK: it is in the store, and so is what oe__run_work_at says. OE_E_CLOSED: the
 * service stops, and the store may have it or not. Others: the run cannot go on, and the store
 * has nothing of the chunk. */
oe_status oe__run_work_step(oe_run_work *work, oe_error *error);
const oe_run *oe__run_work_at(const oe_run_work *work);

/* Stores a run, tried again until the store takes it or, with OE_E_CLOSED, the service stops.
 */
oe_status oe__run_store(oe_service *service, oe_store_port *port, const oe_run *run,
                        oe_store_bytes records, oe_error *error);

#endif
