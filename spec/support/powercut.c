/* powercut.c: a VFS that hands everything to the default one and keeps a history. */
#include "powercut.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, FILES_MAX = 16 };

typedef enum kind { WRITE, TRUNCATE, SYNC } kind;

typedef struct event {
    kind kind;
    int file;
    size_t offset, length; /* TRUNCATE: length is the new size */
    char *bytes;
} event;

/* What SQLite allocates for one open file; the real one lies behind. */
typedef struct handle {
    sqlite3_file base;
    int file; /* -1: not remembered */
} handle;

static struct {
    pthread_mutex_t lock;
    sqlite3_vfs vfs, *real;
    event *events;
    size_t count, capacity;
    char *files[FILES_MAX];
    int file_count;
    bool is_stopped;
} history = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void *need(void *memory)
{
    if (memory == NULL)
        abort();
    return memory;
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return (sqlite3_file *)((handle *)file + 1);
}

static void remember(sqlite3_file *file, event happened, const void *bytes)
{
    happened.file = ((handle *)file)->file;
    if (happened.file < 0 || history.is_stopped)
        return;
    if (bytes != NULL)
        happened.bytes = memcpy(need(malloc(happened.length)), bytes, happened.length);
    pthread_mutex_lock(&history.lock);
    if (history.count == history.capacity) {
        history.capacity = history.capacity * 2 + 1024;
        history.events =
            need(realloc(history.events, history.capacity * sizeof *history.events));
    }
    history.events[history.count++] = happened;
    pthread_mutex_unlock(&history.lock);
}

/* ---- one file ---- */

static int close_file(sqlite3_file *file)
{
    return real_of(file)->pMethods->xClose(real_of(file));
}

static int read_file(sqlite3_file *file, void *to, int length, sqlite3_int64 offset)
{
    return real_of(file)->pMethods->xRead(real_of(file), to, length, offset);
}

static int write_file(sqlite3_file *file, const void *from, int length, sqlite3_int64 offset)
{
    remember(file, (event){.kind = WRITE, .offset = (size_t)offset, .length = (size_t)length},
             from);
    return real_of(file)->pMethods->xWrite(real_of(file), from, length, offset);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    remember(file, (event){.kind = TRUNCATE, .length = (size_t)size}, NULL);
    return real_of(file)->pMethods->xTruncate(real_of(file), size);
}

static int sync_file(sqlite3_file *file, int flags)
{
    int code = real_of(file)->pMethods->xSync(real_of(file), flags);
    remember(file, (event){.kind = SYNC}, NULL);
    return code;
}

static int size_file(sqlite3_file *file, sqlite3_int64 *size)
{
    return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int lock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int unlock_file(sqlite3_file *file, int level)
{
    return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int check_lock(sqlite3_file *file, int *out)
{
    return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int control_file(sqlite3_file *file, int operation, void *argument)
{
    return real_of(file)->pMethods->xFileControl(real_of(file), operation, argument);
}

static int sector_of(sqlite3_file *file)
{
    return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int traits_of(sqlite3_file *file)
{
    return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int map_shared(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int lock_shared(sqlite3_file *file, int offset, int count, int flags)
{
    return real_of(file)->pMethods->xShmLock(real_of(file), offset, count, flags);
}

static void order_shared(sqlite3_file *file)
{
    real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int unmap_shared(sqlite3_file *file, int erase)
{
    return real_of(file)->pMethods->xShmUnmap(real_of(file), erase);
}

/* Version 2: no memory maps, which would write behind our back. */
static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_file,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = size_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_of,
    .xDeviceCharacteristics = traits_of,
    .xShmMap = map_shared,
    .xShmLock = lock_shared,
    .xShmBarrier = order_shared,
    .xShmUnmap = unmap_shared,
};

/* ---- all files ---- */

/* The number of a file by its name; a new one gets one when `add`. */
static int number_of(const char *name, bool add)
{
    for (int i = 0; i < history.file_count; i++)
        if (strcmp(history.files[i], name) == 0)
            return i;
    if (!add || history.file_count == FILES_MAX)
        return -1;
    history.files[history.file_count] = need(strdup(name));
    return history.file_count++;
}

static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags)
{
    handle *opened = (handle *)file;
    (void)vfs;
    pthread_mutex_lock(&history.lock);
    opened->file = name != NULL ? number_of(name, !history.is_stopped) : -1;
    pthread_mutex_unlock(&history.lock);
    int code = history.real->xOpen(history.real, name, real_of(file), flags, out_flags);
    opened->base.pMethods = code == SQLITE_OK ? &methods : NULL;
    return code;
}

void powercut_start(void)
{
    history.real = sqlite3_vfs_find(NULL);
    history.vfs = *history.real;
    history.vfs.zName = "powercut";
    history.vfs.pNext = NULL;
    history.vfs.szOsFile = (int)sizeof(handle) + history.real->szOsFile;
    history.vfs.xOpen = open_file;
    sqlite3_vfs_register(&history.vfs, 1);
}

void powercut_stop(void)
{
    history.is_stopped = true;
    sqlite3_vfs_unregister(&history.vfs);
}

size_t powercut_now(void)
{
    pthread_mutex_lock(&history.lock);
    size_t now = history.count;
    pthread_mutex_unlock(&history.lock);
    return now;
}

/* ---- rebuilding ---- */

uint64_t powercut_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

typedef struct image {
    char *bytes;
    size_t length, capacity;
} image;

static void grow(image *to, size_t length)
{
    if (to->bytes == NULL || length > to->capacity) {
        to->capacity = length * 2 + SECTOR;
        to->bytes = need(realloc(to->bytes, to->capacity));
    }
    if (length > to->length) {
        memset(to->bytes + to->length, 0, length - to->length);
        to->length = length;
    }
}

static void copy(image *to, const event *from, size_t at, size_t length)
{
    grow(to, from->offset + at + length);
    memcpy(to->bytes + from->offset + at, from->bytes + at, length);
}

static void apply(image *to, const event *happened)
{
    if (happened->kind == WRITE)
        copy(to, happened, 0, happened->length);
    else if (happened->kind == TRUNCATE && happened->length < to->length)
        to->length = happened->length;
    else if (happened->kind == TRUNCATE)
        grow(to, happened->length);
}

/* It was on its way: all of it, nothing, or some sectors. */
static void apply_some(image *to, const event *happened, uint64_t *random)
{
    uint64_t luck = powercut_random(random) % 4;
    if (luck == 0)
        return;
    if (luck == 1 || happened->kind != WRITE) {
        apply(to, happened);
        return;
    }
    for (size_t at = 0; at < happened->length; at += SECTOR) {
        size_t left = happened->length - at;
        if (powercut_random(random) % 2 == 0)
            copy(to, happened, at, left < SECTOR ? left : SECTOR);
    }
}

static size_t last_sync(int file, const powercut *how)
{
    size_t end = how->cut;
    if (how->ignore_syncs > 0 && how->ignore_syncs < end)
        return how->ignore_syncs;
    while (end > 0 &&
           (history.events[end - 1].kind != SYNC || history.events[end - 1].file != file))
        end--;
    return end;
}

void powercut_rebuild(const char *from, const char *to, const powercut *how)
{
    image made = {0};
    int file = number_of(from, false);
    size_t synced = last_sync(file, how);
    for (size_t i = 0; i < how->cut && file >= 0; i++) {
        if (history.events[i].file != file)
            continue;
        if (i < synced)
            apply(&made, &history.events[i]);
        else
            apply_some(&made, &history.events[i], how->random);
    }
    FILE *out = need(fopen(to, "wb"));
    if (made.length > 0 && fwrite(made.bytes, 1, made.length, out) != made.length)
        abort();
    if (fclose(out) != 0)
        abort();
    free(made.bytes);
}
