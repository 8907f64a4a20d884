/* retention.h: forgets decisions and former profiles that are older than the service keeps
 * them: at the start and then every hour. */
#ifndef OE_SERVER_RETENTION_H
#define OE_SERVER_RETENTION_H

typedef struct oe_desk oe_desk;

/* On the worker of this desk, until it ends; does nothing when all is kept for ever. */
void oe__retention_start(oe_desk *desk);
void oe__retention_stop(oe_desk *desk);

#endif
