/* sqlite_recent.c: records that outcomes were held against lately, by the ids of their
 * decisions: what is reported of one decision mostly comes together, and finding it means
 * reading a whole block. Runs on the writer's thread only. Nothing may stay that was erased. */
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE /* explicit_bzero */
#endif
#include "store/sqlite.h"

#include <stdlib.h>
#include <string.h>

enum { LENGTH_MAX = 4096, SEQUENCE_AT = 9 /* the low bits of an id's sequence number */ };

static oe__sqlite_recent_record *slot_of(oe__sqlite_recent *recent,
                                         const unsigned char id[OE_RECORD_ID_SIZE])
{
    return &recent->records[id[SEQUENCE_AT] % OE__SQLITE_RECENT];
}

static void drop(oe__sqlite_recent_record *record)
{
    if (record->bytes != NULL)
        explicit_bzero(record->bytes, record->length);
    free(record->bytes);
    *record = (oe__sqlite_recent_record){.bytes = NULL};
}

bool oe__sqlite_recent_find(oe__sqlite_recent *recent,
                            const unsigned char id[OE_RECORD_ID_SIZE], oe_store_bytes *bytes)
{
    const oe__sqlite_recent_record *record = slot_of(recent, id);
    if (record->bytes == NULL || memcmp(record->bytes, id, OE_RECORD_ID_SIZE) != 0)
        return false;
    *bytes = (oe_store_bytes){record->bytes, record->length};
    return true;
}

void oe__sqlite_recent_keep(oe__sqlite_recent *recent, oe_store_bytes bytes)
{
    if (bytes.length < OE_RECORD_ID_SIZE || bytes.length > LENGTH_MAX)
        return;
    oe__sqlite_recent_record *record = slot_of(recent, (const unsigned char *)bytes.data);
    drop(record);
    record->bytes = malloc(bytes.length);
    if (record->bytes == NULL)
        return;
    memcpy(record->bytes, bytes.data, bytes.length);
    record->length = bytes.length;
}

void oe__sqlite_recent_clear(oe__sqlite_recent *recent)
{
    for (size_t i = 0; i < OE__SQLITE_RECENT; i++)
        drop(&recent->records[i]);
}
