/* place.c: looking at the file system, replacing a file and adding one. */
#define _XOPEN_SOURCE 700 /* fchmod, mkstemp */

#include "place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buffer.h"
#include "failure.h"

static int fail(lua_State *L, const char *path)
{
    int reason = errno;
    oe_status status = reason == EEXIST   ? OE_E_CONFLICT
                       : reason == ENOENT ? OE_E_NOT_FOUND
                                          : OE_E_IO;
    return oe_lua_fail_text(L, status,
                            lua_pushfstring(L, "file '%s': %s", path, strerror(reason)));
}

int oe_lua_place_kind(lua_State *L)
{
    struct stat facts;
    if (lstat(luaL_checkstring(L, 1), &facts) != 0)
        lua_pushnil(L);
    else
        lua_pushstring(L, S_ISREG(facts.st_mode)   ? "file"
                          : S_ISDIR(facts.st_mode) ? "folder"
                          : S_ISLNK(facts.st_mode) ? "link"
                                                   : "other");
    return 1;
}

/* By open: thread sanitizers do not see that libuv closes descriptors, and take one that
 * opendir makes itself for the connection that had its number before. */
static bool read_names(const char *path, oe__buffer *names)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    if (folder == NULL) {
        if (descriptor >= 0)
            (void)close(descriptor);
        return false;
    }
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (entry->d_name[0] != '.')
            oe__buffer_add(names, entry->d_name, strlen(entry->d_name) + 1);
    (void)closedir(folder);
    return true;
}

int oe_lua_place_names(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    oe__buffer *names = oe_lua_new_buffer(L);
    if (!read_names(path, names))
        return fail(L, path);
    if (names->failed)
        return luaL_error(L, "file: out of memory");
    lua_newtable(L);
    size_t at = 0;
    for (lua_Integer i = 1; at < names->length; i++) {
        lua_pushstring(L, names->data + at);
        at += lua_rawlen(L, -1) + 1;
        lua_rawseti(L, -2, i);
    }
    return 1;
}

/* Closes the descriptor in any case; errno tells why it failed. */
static bool write_all(int descriptor, const char *text, size_t length)
{
    bool ok = true;
    for (size_t done = 0; ok && done < length;) {
        ssize_t wrote = write(descriptor, text + done, length - done);
        ok = wrote >= 0 || errno == EINTR;
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    ok = ok && fsync(descriptor) == 0;
    int reason = errno;
    ok = close(descriptor) == 0 && ok;
    if (!ok)
        errno = reason;
    return ok;
}

/* What was renamed or added lasts once its folder is on the disk. */
static bool sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    (void)snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path + 1) : 1,
                   slash ? path : ".");
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = descriptor >= 0 && (fsync(descriptor) == 0 || errno == EINVAL);
    if (descriptor >= 0)
        (void)close(descriptor);
    return ok;
}

static bool replace(const char *path, const char *text, size_t length, mode_t mode)
{
    char part[PATH_MAX];
    if (snprintf(part, sizeof part, "%s.XXXXXX", path) >= (int)sizeof part) {
        errno = ENAMETOOLONG;
        return false;
    }
    int descriptor = mkstemp(part);
    if (descriptor < 0)
        return false;
    bool ok = fchmod(descriptor, mode & 07777) == 0;
    if (!ok)
        (void)close(descriptor);
    ok = ok && write_all(descriptor, text, length) && rename(part, path) == 0;
    int reason = errno;
    if (!ok)
        (void)unlink(part);
    errno = reason;
    return ok && sync_folder(path);
}

int oe_lua_place_replace(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    size_t length = 0;
    const char *text = luaL_checklstring(L, 2, &length);
    struct stat facts;
    if (lstat(path, &facts) != 0)
        return fail(L, path);
    if (!S_ISREG(facts.st_mode))
        return oe_lua_fail_text(L, OE_E_INVALID,
                                lua_pushfstring(L, "file '%s': is not a regular file", path));
    if (!replace(path, text, length, facts.st_mode))
        return fail(L, path);
    lua_pushboolean(L, 1);
    return 1;
}

static bool make_folder_of(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return true;
    (void)snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    return mkdir(folder, 0777) == 0 || errno == EEXIST;
}

int oe_lua_place_create(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    size_t length = 0;
    const char *text = luaL_checklstring(L, 2, &length);
    if (!make_folder_of(path))
        return fail(L, path);
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return fail(L, path);
    if (!write_all(descriptor, text, length) || !sync_folder(path)) {
        int reason = errno;
        (void)unlink(path);
        errno = reason;
        return fail(L, path);
    }
    lua_pushboolean(L, 1);
    return 1;
}
