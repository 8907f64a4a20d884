/* watch.h: tells when something in a folder changed, in its subfolders too, also in those that
 * come later, and when the folder goes and comes back. Waits until it is quiet: an editor saves
 * in several steps. Must not know what the files mean. */
#ifndef OE_SERVER_WATCH_H
#define OE_SERVER_WATCH_H

#include <uv.h>

enum {
    OE_WATCH_QUIET_MS = 100,    /* after the last change */
    OE_WATCH_PATIENCE_MS = 400, /* after the first: something may change all the time */
    OE_WATCH_MISSING_MS = 250   /* how often a folder that is gone is looked for */
};

typedef struct oe_watch oe_watch;

/* Calls `on_change` on the loop's thread. NULL: out of memory. `folder` must outlive it. */
oe_watch *oe__watch_new(uv_loop_t *loop, const char *folder, void (*on_change)(void *data),
                        void *data);

/* Closes its handles; it is freed when the loop has run them down. NULL is fine. */
void oe__watch_close(oe_watch *watch);

#endif
