/* lock.c: open-file-description locks: unlike flock they can be asked about without being
 * taken, and unlike POSIX record locks they hold within one process too. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE 1 /* F_OFD_SETLK */
#endif
#include "store/lock.h"

#include "engine/status.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CONTENT_MAX = OE_STORE_ADDRESS_MAX + 64 };

static struct flock whole_file(void)
{
    struct flock lock = {.l_whence = SEEK_SET};
    lock.l_type = F_WRLCK;
    return lock;
}

static int open_lock_file(const char *path, int flags)
{
    static const char suffix[] = ".lock";
    size_t length = strlen(path);
    char *name = malloc(length + sizeof suffix);
    if (name == NULL) {
        errno = ENOMEM;
        return -1;
    }
    memcpy(name, path, length);
    memcpy(name + length, suffix, sizeof suffix);
    int fd = open(name, flags | O_CLOEXEC, 0644);
    int saved = errno;
    free(name);
    errno = saved;
    return fd;
}

/* The descriptor names no path for the reader of a message, the caller's `path` does. */
static oe_status fail_io(const char *path, const char *what, oe_error *error)
{
    return oe__fail(error, OE_E_IO, "store: %s.lock: cannot %s: %s", path, what,
                    strerror(errno));
}

/* "pid N\naddress TEXT\n"; what is missing stays zero. */
static void read_owner(int fd, oe_store_owner *owner)
{
    char content[CONTENT_MAX];
    *owner = (oe_store_owner){.pid = 0};
    ssize_t length = pread(fd, content, sizeof content - 1, 0);
    content[length > 0 ? length : 0] = '\0';
    if (strncmp(content, "pid ", 4) == 0)
        owner->pid = strtoll(content + 4, NULL, 10);
    const char *address = strstr(content, "\naddress ");
    if (address == NULL)
        return;
    address += strlen("\naddress ");
    size_t size = strcspn(address, "\n");
    if (size < sizeof owner->address)
        memcpy(owner->address, address, size);
}

static bool write_owner(int fd, const char *address)
{
    char content[CONTENT_MAX];
    int length =
        snprintf(content, sizeof content, "pid %jd\naddress %s\n", (intmax_t)getpid(), address);
    return length > 0 && (size_t)length < sizeof content &&
           pwrite(fd, content, (size_t)length, 0) == length && ftruncate(fd, length) == 0;
}

static oe_status fail_busy(int fd, const char *path, oe_error *error)
{
    oe_store_owner owner;
    read_owner(fd, &owner);
    if (owner.pid == 0)
        return oe__fail(error, OE_E_BUSY, "store: %s is owned by another process", path);
    return oe__fail(error, OE_E_BUSY, "store: %s is owned by process %" PRId64 "%s%s", path,
                    owner.pid, owner.address[0] != '\0' ? " at " : "", owner.address);
}

oe_status oe__lock_take(oe__lock *lock, const char *path, oe_error *error)
{
    lock->fd = -1;
    int fd = open_lock_file(path, O_RDWR | O_CREAT);
    if (fd < 0)
        return fail_io(path, "open", error);
    struct flock range = whole_file();
    oe_status status = OE_OK;
    if (fcntl(fd, F_OFD_SETLK, &range) != 0)
        status = errno == EAGAIN || errno == EACCES ? fail_busy(fd, path, error)
                                                    : fail_io(path, "lock", error);
    else if (!write_owner(fd, ""))
        status = fail_io(path, "write", error);
    if (status == OE_OK)
        lock->fd = fd;
    else
        close(fd);
    return status;
}

oe_status oe__lock_set_address(const oe__lock *lock, const char *address, oe_error *error)
{
    if (!write_owner(lock->fd, address))
        return oe__fail(error, OE_E_IO, "store: cannot write the owner's address: %s",
                        strerror(errno));
    return OE_OK;
}

void oe__lock_drop(oe__lock *lock)
{
    if (lock->fd < 0)
        return;
    /* A name that stays behind does no harm: it counts only while the lock is held. */
    int ignored = ftruncate(lock->fd, 0);
    (void)ignored;
    close(lock->fd);
    lock->fd = -1;
}

oe_status oe__lock_owner(const char *path, oe_store_owner *owner, oe_error *error)
{
    *owner = (oe_store_owner){.pid = 0};
    int fd = open_lock_file(path, O_RDONLY);
    if (fd < 0 && errno != ENOENT)
        return fail_io(path, "open", error);
    struct flock range = whole_file();
    if (fd >= 0 && fcntl(fd, F_OFD_GETLK, &range) != 0) {
        oe_status status = fail_io(path, "ask", error);
        close(fd);
        return status;
    }
    if (fd < 0 || range.l_type == F_UNLCK) {
        if (fd >= 0)
            close(fd);
        return oe__fail(error, OE_E_NOT_FOUND, "store: %s has no owner now", path);
    }
    read_owner(fd, owner);
    close(fd);
    return OE_OK;
}
