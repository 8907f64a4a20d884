/* map.c: product ids of another house: a sorted list of pairs, read from a CSV. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records.h"

enum { MAP_BYTES_MAX = 1024 * 1024, MAP_FIELDS_MAX = 16, MAP_RECORD_MAX = 4096 };

typedef struct map_pair {
    char from[OE_ID_MAX + 1];
    char to[OE_ID_MAX + 1]; /* empty: none */
} map_pair;

struct oe_lua_map {
    map_pair *pairs; /* sorted by `from` */
    size_t count, capacity;
};

static oe_status refuse(oe_error *error, oe_status status, const char *message)
{
    error->status = status;
    error->position = -1;
    (void)snprintf(error->message, sizeof error->message, "%s", message);
    return status;
}

/* Puts the file in front of what is wrong with it. */
static void name_file(oe_error *error, const char *path)
{
    char message[OE_ERROR_MESSAGE_MAX];
    memcpy(message, error->message, sizeof message);
    int start = snprintf(error->message, sizeof error->message, "map: '%.200s': ", path);
    size_t room = sizeof error->message - (size_t)start;
    (void)snprintf(error->message + start, room, "%.*s", (int)room - 1, message);
}

void oe_lua_map_free(oe_lua_map *map)
{
    if (map != NULL)
        free(map->pairs);
    free(map);
}

static int compare_pairs(const void *a, const void *b)
{
    const map_pair *left = a;
    const map_pair *right = b;
    int order = strcmp(left->from, right->from);
    return order != 0 ? order : strcmp(left->to, right->to);
}

static bool is_from(const map_pair *pair, const char *id, size_t length)
{
    return strncmp(pair->from, id, length) == 0 && pair->from[length] == '\0';
}

/* The first pair of an id, NULL when it is not listed. */
static const map_pair *find_pair(const oe_lua_map *map, const char *id, size_t length)
{
    size_t low = 0;
    size_t high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *from = map->pairs[middle].from;
        if (oe__text_compare(from, strlen(from), id, length) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < map->count && is_from(&map->pairs[low], id, length) ? &map->pairs[low] : NULL;
}

void oe_lua_map_visit(const oe_lua_map *map, const char *id, size_t length,
                      oe_lua_map_visitor visitor, void *context)
{
    const map_pair *pair =
        map != NULL && length <= OE_ID_MAX ? find_pair(map, id, length) : NULL;
    if (pair == NULL) {
        visitor(context, id, length);
        return;
    }
    const map_pair *end = map->pairs + map->count;
    for (; pair < end && is_from(pair, id, length); pair++) {
        if (pair->to[0] != '\0')
            visitor(context, pair->to, strlen(pair->to));
    }
}

static oe_status add_pair(oe_lua_map *map, const oe__csv_field *from, const oe__csv_field *to,
                          oe_error *error)
{
    if (!oe__text_is_id(from->bytes, from->length))
        return refuse(error, OE_E_INVALID, "'from' must be a product id of 1 to 128 bytes");
    if (to->length > 0 && !oe__text_is_id(to->bytes, to->length))
        return refuse(error, OE_E_INVALID, "'to' must be a product id or empty");
    if (map->count == map->capacity) {
        size_t capacity = map->capacity == 0 ? 32 : map->capacity * 2;
        map_pair *pairs = realloc(map->pairs, capacity * sizeof *pairs);
        if (pairs == NULL)
            return refuse(error, OE_E_MEMORY, "out of memory");
        map->pairs = pairs;
        map->capacity = capacity;
    }
    map_pair *pair = &map->pairs[map->count++];
    *pair = (map_pair){{0}, {0}};
    memcpy(pair->from, from->bytes, from->length);
    memcpy(pair->to, to->bytes, to->length);
    return OE_OK;
}

static oe_status read_pairs(oe_lua_map *map, oe__csv_reader *reader, oe_error *error)
{
    if (oe__csv_next(reader, error) != OE_CSV_RECORD)
        return refuse(error, OE_E_INVALID, "the file must begin with the row from,to");
    size_t from = oe__csv_find(reader, "from");
    size_t to = oe__csv_find(reader, "to");
    if (from == SIZE_MAX || to == SIZE_MAX)
        return refuse(error, OE_E_INVALID, "the file must have the columns from and to");
    oe_status status = OE_OK;
    for (;;) {
        oe__csv_event event = oe__csv_next(reader, error);
        if (event == OE_CSV_FAILED)
            return error->status;
        if (event != OE_CSV_RECORD)
            return status;
        status = add_pair(map, &reader->fields[from], &reader->fields[to], error);
        if (status != OE_OK) {
            error->position = reader->row;
            return status;
        }
    }
}

static oe_status read_text(oe_lua_map *map, const oe__buffer *text, oe_error *error)
{
    char record[MAP_RECORD_MAX];
    oe__csv_field fields[MAP_FIELDS_MAX];
    oe__csv_reader reader;
    oe__csv_begin(&reader, (oe__csv_room){record, sizeof record, fields, MAP_FIELDS_MAX});
    oe__csv_feed(&reader, text->data, text->length, true);
    oe_status status = read_pairs(map, &reader, error);
    if (status == OE_OK && map->count > 0)
        qsort(map->pairs, map->count, sizeof *map->pairs, compare_pairs);
    return status;
}

static oe_status read_file(const char *path, oe__buffer *text, oe_error *error)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return refuse(error, OE_E_NOT_FOUND, strerror(errno));
    char *room = oe__buffer_reserve(text, MAP_BYTES_MAX + 1);
    if (room != NULL)
        text->length = fread(room, 1, MAP_BYTES_MAX + 1, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (room == NULL)
        return refuse(error, OE_E_MEMORY, "out of memory");
    if (failed)
        return refuse(error, OE_E_IO, "the file cannot be read, or is a folder");
    return text->length > MAP_BYTES_MAX ? refuse(error, OE_E_LIMIT, "the file is over 1 MiB")
                                        : OE_OK;
}

oe_status oe_lua_map_read(const char *path, oe_lua_map **map, oe_error *error)
{
    oe__buffer text = {0};
    oe_lua_map *made = calloc(1, sizeof *made);
    oe_status status = made == NULL ? refuse(error, OE_E_MEMORY, "out of memory")
                                    : read_file(path, &text, error);
    if (status == OE_OK)
        status = read_text(made, &text, error);
    oe__buffer_free(&text);
    if (status != OE_OK) {
        name_file(error, path);
        oe_lua_map_free(made);
        made = NULL;
    }
    *map = made;
    return status;
}
