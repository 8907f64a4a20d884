/* lock.h: the one owner of a database: a lock file beside it, held for as long as the owner
 * lives and naming it. Knows nothing of what is owned. */
#ifndef OE_STORE_LOCK_H
#define OE_STORE_LOCK_H

#include "store/store.h"

/* A held lock is a descriptor of PATH.lock; the kernel drops it with the process. */
typedef struct oe__lock {
    int fd; /* -1: not held */
} oe__lock;

/* Takes the lock of the database at `path` and writes our pid into it. OE_E_BUSY names the
 * owner; OE_E_IO; OE_E_MEMORY. Holds between two opens of one process too. */
oe_status oe__lock_take(oe__lock *lock, const char *path, oe_error *error);

/* Writes the address beside the pid. OE_E_IO. */
oe_status oe__lock_set_address(const oe__lock *lock, const char *address, oe_error *error);

/* Gives the lock up; fine when not held. The file stays, emptied: removing it would let two
 * processes lock two files of one name. */
void oe__lock_drop(oe__lock *lock);

/* Who holds the lock of `path`, without taking it. OE_E_NOT_FOUND when nobody does. */
oe_status oe__lock_owner(const char *path, oe_store_owner *owner, oe_error *error);

#endif
