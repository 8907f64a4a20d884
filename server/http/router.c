/* router.c: the route table, split into segments once. */
#include "server/http/router.h"

#include "engine/status.h"

#include <stdlib.h>

enum { SEGMENTS_MAX = 8 };

typedef struct segment {
    oe_span text; /* the literal, or the name of the capture */
    bool is_capture;
} segment;

typedef struct route_entry {
    oe_route route;
    char *pattern;
    size_t segment_count;
    segment segments[SEGMENTS_MAX];
} route_entry;

struct oe_router {
    size_t count;
    route_entry entries[];
};

/* The raw segments of a path: "/" has one empty segment, "/a/" has "a" and an empty one. 0 when
 * there are more than SEGMENTS_MAX or the path does not start with '/'. */
static size_t split(oe_span path, oe_span *segments)
{
    if (path.length == 0 || path.data[0] != '/')
        return 0;
    size_t count = 0, start = 1;
    for (size_t i = 1; i <= path.length; i++) {
        if (i < path.length && path.data[i] != '/')
            continue;
        if (count == SEGMENTS_MAX)
            return 0;
        segments[count++] = (oe_span){path.data + start, i - start};
        start = i + 1;
    }
    return count;
}

static oe_status read_pattern(route_entry *entry, oe_error *error)
{
    oe_span texts[SEGMENTS_MAX];
    const char *pattern = entry->pattern;
    entry->segment_count = split((oe_span){pattern, strlen(pattern)}, texts);
    if (entry->segment_count == 0)
        return oe__fail(error, OE_E_INVALID,
                        "route: '%s' must start with '/' and have at most %d segments", pattern,
                        SEGMENTS_MAX);
    size_t captures = 0;
    for (size_t i = 0; i < entry->segment_count; i++) {
        oe_span text = texts[i];
        bool is_capture =
            text.length > 2 && text.data[0] == '{' && text.data[text.length - 1] == '}';
        if (is_capture)
            text = (oe_span){text.data + 1, text.length - 2};
        entry->segments[i] = (segment){text, is_capture};
        captures += is_capture;
    }
    if (captures > OE_CAPTURES_MAX)
        return oe__fail(error, OE_E_INVALID, "route: '%s' has more than %d captures", pattern,
                        OE_CAPTURES_MAX);
    return OE_OK;
}

static oe_status add_route(oe_router *router, const oe_route *route, oe_error *error)
{
    for (size_t i = 0; i < router->count; i++)
        if (router->entries[i].route.method == route->method &&
            strcmp(router->entries[i].pattern, route->pattern) == 0)
            return oe__fail(error, OE_E_INVALID, "route: '%s' stands twice for one method",
                            route->pattern);
    size_t size = strlen(route->pattern) + 1;
    route_entry *entry = &router->entries[router->count];
    entry->pattern = malloc(size);
    if (entry->pattern == NULL)
        return oe__fail(error, OE_E_MEMORY, "route: out of memory");
    memcpy(entry->pattern, route->pattern, size);
    entry->route = *route;
    entry->route.pattern = entry->pattern;
    router->count++;
    return read_pattern(entry, error);
}

oe_status oe_router_new(const oe_route *routes, size_t count, oe_router **router,
                        oe_error *error)
{
    oe_router *made = calloc(1, sizeof *made + count * sizeof(route_entry));
    if (made == NULL)
        return oe__fail(error, OE_E_MEMORY, "route: out of memory");
    for (size_t i = 0; i < count; i++) {
        oe_status status = add_route(made, &routes[i], error);
        if (status != OE_OK) {
            oe_router_free(made);
            return status;
        }
    }
    *router = made;
    return OE_OK;
}

void oe_router_free(oe_router *router)
{
    if (router == NULL)
        return;
    for (size_t i = 0; i < router->count; i++)
        free(router->entries[i].pattern);
    free(router);
}

static bool fits(const route_entry *entry, const oe_span *segments, size_t count)
{
    if (entry->segment_count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        const segment *expected = &entry->segments[i];
        oe_span actual = segments[i];
        bool same = expected->is_capture
                        ? actual.length > 0
                        : actual.length == expected->text.length &&
                              memcmp(actual.data, expected->text.data, actual.length) == 0;
        if (!same)
            return false;
    }
    return true;
}

static void take_entry(const route_entry *entry, const oe_span *segments, oe__match *match)
{
    match->route = &entry->route;
    for (size_t i = 0; i < entry->segment_count; i++)
        if (entry->segments[i].is_capture) {
            match->names[match->capture_count] = entry->segments[i].text;
            match->raw[match->capture_count++] = segments[i];
        }
}

void oe__router_match(const oe_router *router, oe_method method, oe_span path, oe__match *match)
{
    oe_span segments[SEGMENTS_MAX];
    const route_entry *fallback = NULL;
    size_t count = split(path, segments);
    match->route = NULL;
    match->capture_count = 0;
    match->allowed = 0;
    for (size_t i = 0; count > 0 && i < router->count; i++) {
        const route_entry *entry = &router->entries[i];
        if (!fits(entry, segments, count))
            continue;
        if (entry->route.method == method) {
            take_entry(entry, segments, match);
            return;
        }
        match->allowed |= 1u << entry->route.method;
        if (method == OE_METHOD_HEAD && entry->route.method == OE_METHOD_GET &&
            fallback == NULL)
            fallback = entry;
    }
    if (fallback != NULL)
        take_entry(fallback, segments, match);
    if ((match->allowed & 1u << OE_METHOD_GET) != 0)
        match->allowed |= 1u << OE_METHOD_HEAD;
    if (match->allowed != 0)
        match->allowed |= 1u << OE_METHOD_OPTIONS;
}

size_t oe__router_allow(unsigned allowed, char *out)
{
    size_t length = 0;
    for (unsigned i = 0; i < OE_METHOD_COUNT; i++) {
        if ((allowed & 1u << i) == 0)
            continue;
        const char *name = oe_method_name((oe_method)i);
        if (length > 0) {
            memcpy(out + length, ", ", 2);
            length += 2;
        }
        memcpy(out + length, name, strlen(name));
        length += strlen(name);
    }
    return length;
}
