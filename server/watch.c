/* watch.c: one uv_fs_event per folder and one for the folder above. All of them are made anew
 * after each change, before it is told: what happens in between is seen by whoever looks then.
 */
#include "server/watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 8, FOLDERS_MAX = 1000, PATH_BYTES = 4096 };

typedef struct watched {
    uv_fs_event_t event;
    oe_watch *watch;
    struct watched *next;
    bool is_above; /* the folder that holds the rules folder */
} watched;

struct oe_watch {
    uv_loop_t *loop;
    const char *folder;
    const char *name; /* of the folder within the one above */
    void (*on_change)(void *data);
    void *data;
    watched *first;
    unsigned count;
    uv_timer_t quiet, missing;
    uint64_t changed_ms; /* of the first change that was not told yet; 0: none */
    unsigned open_timers;
};

static void free_watched(uv_handle_t *handle)
{
    free(handle->data);
}

static void forget_folders(oe_watch *watch)
{
    for (watched *at = watch->first, *next; at != NULL; at = next) {
        next = at->next;
        uv_close((uv_handle_t *)&at->event, free_watched);
    }
    watch->first = NULL;
    watch->count = 0;
}

static void tell(uv_timer_t *timer);

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
    const watched *folder = event->data;
    oe_watch *watch = folder->watch;
    (void)events;
    (void)status;
    if (folder->is_above && name != NULL && strcmp(name, watch->name) != 0)
        return;
    uint64_t now_ms = uv_now(watch->loop), wait_ms = OE_WATCH_QUIET_MS;
    if (watch->changed_ms == 0)
        watch->changed_ms = now_ms;
    uint64_t latest_ms = watch->changed_ms + OE_WATCH_PATIENCE_MS;
    if (now_ms + wait_ms > latest_ms)
        wait_ms = latest_ms > now_ms ? latest_ms - now_ms : 0;
    (void)uv_timer_start(&watch->quiet, tell, wait_ms, 0);
}

static void add_folder(oe_watch *watch, const char *path, bool is_above)
{
    watched *made = watch->count < FOLDERS_MAX ? calloc(1, sizeof *made) : NULL;
    if (made == NULL)
        return;
    made->watch = watch;
    made->is_above = is_above;
    made->event.data = made;
    (void)uv_fs_event_init(watch->loop, &made->event);
    if (uv_fs_event_start(&made->event, on_event, path, 0) != 0) {
        uv_close((uv_handle_t *)&made->event, free_watched);
        return;
    }
    made->next = watch->first;
    watch->first = made;
    watch->count++;
}

/* By open: thread sanitizers do not see that libuv closes descriptors, and take one that
 * opendir makes itself for the connection that had its number before. */
static DIR *open_folder(const char *path)
{
    int descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = descriptor >= 0 ? fdopendir(descriptor) : NULL;
    if (folder == NULL && descriptor >= 0)
        (void)close(descriptor);
    return folder;
}

/* A link may be named in a rules folder, so `lstat` decides what is a subfolder. */
static void add_tree(oe_watch *watch, const char *path, int depth)
{
    char inner[PATH_BYTES];
    struct stat facts;
    add_folder(watch, path, false);
    DIR *folder = depth < DEPTH_MAX ? open_folder(path) : NULL;
    if (folder == NULL)
        return;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        int length = snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
        if (entry->d_name[0] != '.' && length > 0 && (size_t)length < sizeof inner &&
            lstat(inner, &facts) == 0 && S_ISDIR(facts.st_mode))
            add_tree(watch, inner, depth + 1);
    }
    (void)closedir(folder);
}

static void add_above(oe_watch *watch)
{
    char path[PATH_BYTES];
    size_t length = (size_t)(watch->name - watch->folder);
    if (length >= sizeof path)
        return;
    memcpy(path, watch->folder, length);
    path[length] = '\0';
    add_folder(watch, length > 0 ? path : ".", true);
}

static bool is_there(const oe_watch *watch)
{
    struct stat facts;
    return stat(watch->folder, &facts) == 0 && S_ISDIR(facts.st_mode);
}

static void look_again(uv_timer_t *timer);

static void watch_folders(oe_watch *watch)
{
    forget_folders(watch);
    add_above(watch);
    if (is_there(watch))
        add_tree(watch, watch->folder, 0);
    else
        (void)uv_timer_start(&watch->missing, look_again, OE_WATCH_MISSING_MS, 0);
}

static void tell(uv_timer_t *timer)
{
    oe_watch *watch = timer->data;
    watch->changed_ms = 0;
    watch_folders(watch);
    watch->on_change(watch->data);
}

static void look_again(uv_timer_t *timer)
{
    oe_watch *watch = timer->data;
    if (is_there(watch))
        tell(timer);
    else
        (void)uv_timer_start(timer, look_again, OE_WATCH_MISSING_MS, 0);
}

oe_watch *oe__watch_new(uv_loop_t *loop, const char *folder, void (*on_change)(void *data),
                        void *data)
{
    oe_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    const char *slash = strrchr(folder, '/');
    *watch = (oe_watch){.loop = loop, .folder = folder, .on_change = on_change, .data = data};
    watch->name = slash != NULL ? slash + 1 : folder;
    (void)uv_timer_init(loop, &watch->quiet);
    (void)uv_timer_init(loop, &watch->missing);
    watch->quiet.data = watch->missing.data = watch;
    watch->open_timers = 2;
    watch_folders(watch);
    return watch;
}

static void free_watch(uv_handle_t *handle)
{
    oe_watch *watch = handle->data;
    if (--watch->open_timers == 0)
        free(watch);
}

void oe__watch_close(oe_watch *watch)
{
    if (watch == NULL)
        return;
    forget_folders(watch);
    uv_close((uv_handle_t *)&watch->quiet, free_watch);
    uv_close((uv_handle_t *)&watch->missing, free_watch);
}
