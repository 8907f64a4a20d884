/* mirror.c: announced customers in a hash table with chains, one lock for all of it. */
#include "server/mirror.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "engine/names.h"

enum { BUCKETS = 1 << 14 };

typedef struct announced {
    struct announced *next;
    int64_t revision; /* of the newest state that was let through */
    uint32_t count;   /* writes on their way */
    uint32_t length;
    char id[];
} announced;

struct oe_mirror {
    pthread_mutex_t lock;
    oe_population *population;
    announced *buckets[BUCKETS];
};

oe_mirror *oe__mirror_new(oe_population *population)
{
    oe_mirror *mirror = calloc(1, sizeof *mirror);
    if (mirror == NULL)
        return NULL;
    mirror->population = population;
    if (pthread_mutex_init(&mirror->lock, NULL) != 0) {
        free(mirror);
        return NULL;
    }
    return mirror;
}

void oe__mirror_free(oe_mirror *mirror)
{
    if (mirror == NULL)
        return;
    for (size_t i = 0; i < BUCKETS; i++)
        for (announced *at = mirror->buckets[i], *next; at != NULL; at = next) {
            next = at->next;
            free(at);
        }
    (void)pthread_mutex_destroy(&mirror->lock);
    free(mirror);
}

/* The place that points at the customer, or at the end of its chain. */
static announced **find(oe_mirror *mirror, const char *id, size_t length)
{
    announced **at = &mirror->buckets[oe__names_hash(id, length) % BUCKETS];
    while (*at != NULL && ((*at)->length != length || memcmp((*at)->id, id, length) != 0))
        at = &(*at)->next;
    return at;
}

bool oe__mirror_announce(oe_mirror *mirror, const char *id, size_t length)
{
    (void)pthread_mutex_lock(&mirror->lock);
    announced **at = find(mirror, id, length);
    if (*at == NULL) {
        announced *made = malloc(sizeof *made + length);
        if (made != NULL) {
            *made = (announced){.revision = INT64_MIN, .length = (uint32_t)length};
            memcpy(made->id, id, length);
            *at = made;
        }
    }
    bool is_there = *at != NULL;
    if (is_there)
        (*at)->count++;
    (void)pthread_mutex_unlock(&mirror->lock);
    return is_there;
}

/* Takes one write off; the customer is forgotten with the last. */
static void settle(announced **at)
{
    announced *entry = *at;
    if (entry == NULL || --entry->count > 0)
        return;
    *at = entry->next;
    free(entry);
}

void oe__mirror_withdraw(oe_mirror *mirror, const char *id, size_t length)
{
    (void)pthread_mutex_lock(&mirror->lock);
    settle(find(mirror, id, length));
    (void)pthread_mutex_unlock(&mirror->lock);
}

void oe__mirror_begin(oe_mirror *mirror)
{
    (void)pthread_mutex_lock(&mirror->lock);
    oe_population_begin(mirror->population);
}

void oe__mirror_commit(oe_mirror *mirror)
{
    oe_population_commit(mirror->population);
    (void)pthread_mutex_unlock(&mirror->lock);
}

/* Whether this state is newer than what was let through; remembers it. */
static bool is_newer(announced *entry, int64_t revision)
{
    if (entry == NULL)
        return true;
    bool newer = revision > entry->revision;
    if (newer)
        entry->revision = revision;
    return newer;
}

oe_status oe__mirror_put(oe_mirror *mirror, const oe_profile *profile, int64_t revision,
                         oe_error *error)
{
    size_t length = 0;
    const char *id = oe_profile_id(profile, &length);
    announced **at = find(mirror, id, length);
    oe_status status = OE_OK;
    if (is_newer(*at, revision))
        status = oe_population_put(mirror->population, profile, NULL, error);
    settle(at);
    return status;
}

void oe__mirror_remove(oe_mirror *mirror, const char *id, size_t length, int64_t revision)
{
    announced **at = find(mirror, id, length);
    if (is_newer(*at, revision))
        (void)oe_population_remove(mirror->population, id, length);
    settle(at);
}
