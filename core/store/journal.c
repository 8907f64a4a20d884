/* journal.c: walking, measuring and hashing one block of the journal. */
#include "store/journal.h"

#include "codec/varint.h"
#include "engine/status.h"
#include "store/digest.h"

#include <string.h>

bool oe__block_next(const char *records, size_t length, size_t *at, oe_store_bytes *record)
{
    uint64_t bytes = 0;
    const char *place = records + *at, *end = records + length;
    if (*at >= length || !oe__varint_get(&place, end, &bytes) || bytes == 0 ||
        bytes > (uint64_t)(end - place))
        return false;
    *record = (oe_store_bytes){place, (size_t)bytes};
    *at = (size_t)(place - records) + (size_t)bytes;
    return true;
}

/* ---- filters: ten bits a record and four hashes, which err once in about a hundred ---- */

enum { BITS_PER_RECORD = 10, HASHES = 4, FILTER_LEAST = 8 };

typedef struct filter_hash {
    uint64_t first, step;
} filter_hash;

static filter_hash hash_customer(oe_store_bytes customer)
{
    unsigned char digest[OE__DIGEST_SIZE];
    filter_hash hash;
    oe__digest(customer.data, customer.length, 0, digest);
    memcpy(&hash.first, digest, 8);
    memcpy(&hash.step, digest + 8, 8);
    return hash;
}

static size_t bit_of(filter_hash hash, uint64_t i, size_t length)
{
    return (size_t)((hash.first + i * hash.step) % ((uint64_t)length * 8));
}

static void add_customer(unsigned char *filter, size_t length, oe_store_bytes customer)
{
    filter_hash hash = hash_customer(customer);
    for (uint64_t i = 0; i < HASHES; i++) {
        size_t bit = bit_of(hash, i, length);
        filter[bit / 8] = (unsigned char)(filter[bit / 8] | 1U << bit % 8);
    }
}

bool oe__filter_has(const unsigned char *filter, size_t length, oe_store_bytes customer)
{
    filter_hash hash = hash_customer(customer);
    for (uint64_t i = 0; i < HASHES && length > 0; i++) {
        size_t bit = bit_of(hash, i, length);
        if ((filter[bit / 8] >> bit % 8 & 1) == 0)
            return false;
    }
    return true;
}

static size_t filter_size(size_t count)
{
    size_t bytes = count * BITS_PER_RECORD / 8;
    return bytes < FILTER_LEAST ? FILTER_LEAST : bytes;
}

static void clear_filter(const oe__block *block, unsigned char *filter, size_t *length)
{
    *length = filter_size(block->count);
    memset(filter, 0, *length);
}

static void add_head(const oe__record *head, unsigned char *filter, size_t length)
{
    add_customer(filter, length, (oe_store_bytes){head->customer_id, head->customer_id_length});
}

void oe__block_filter(const oe__block *block, unsigned char filter[OE__FILTER_MAX],
                      size_t *filter_length)
{
    oe__record head;
    oe_store_bytes record;
    size_t used = 0;
    clear_filter(block, filter, filter_length);
    for (size_t at = 0; oe__block_next(block->records, block->records_length, &at, &record);)
        if (oe__record_read_head(record.data, record.length, &head, &used, NULL) == OE_OK)
            add_head(&head, filter, *filter_length);
}

/* ---- measuring ---- */

static oe_status count_records(oe__block *block, oe_error *error)
{
    oe_store_bytes record;
    size_t at = 0;
    block->count = 0;
    while (block->count < OE_STORE_BLOCK_MAX &&
           oe__block_next(block->records, block->records_length, &at, &record))
        block->count++;
    if (at == block->records_length)
        return OE_OK;
    return oe__fail(error, OE_E_INVALID,
                    "store: a block must be 1 to %d records, each behind its length",
                    OE_STORE_BLOCK_MAX);
}

static void add_time(oe__block *block, int64_t at_ms)
{
    block->from_ms = at_ms < block->from_ms ? at_ms : block->from_ms;
    block->until_ms = at_ms > block->until_ms ? at_ms : block->until_ms;
}

oe_status oe__block_measure(oe__block *block, unsigned char filter[OE__FILTER_MAX],
                            size_t *filter_length, oe__block_watch watch, oe_error *error)
{
    oe__record read;
    oe_store_bytes record;
    oe_status status = count_records(block, error);
    if (status != OE_OK)
        return status;
    clear_filter(block, filter, filter_length);
    block->from_ms = INT64_MAX;
    block->until_ms = INT64_MIN;
    for (size_t at = 0; oe__block_next(block->records, block->records_length, &at, &record);) {
        if (oe__record_read(record.data, record.length, &read, NULL) != OE_OK)
            return oe__fail(error, OE_E_INVALID, "store: no record of a decision");
        add_time(block, oe__record_id_ms(read.id));
        add_head(&read, filter, *filter_length);
        status = watch.record(watch.context, &read, error);
        if (status != OE_OK)
            return status;
    }
    if (block->until_ms - block->from_ms > OE_STORE_BLOCK_SPAN_MS)
        return oe__fail(error, OE_E_INVALID,
                        "store: the records of a block must lie within %d ms",
                        OE_STORE_BLOCK_SPAN_MS);
    return OE_OK;
}

/* ---- records and leaves ---- */

bool oe__record_is_erased(oe_store_bytes record)
{
    for (size_t i = 0; i < record.length; i++)
        if (record.data[i] != 0)
            return false;
    return true;
}

bool oe__record_is_of(oe_store_bytes record, oe_store_bytes customer)
{
    oe__record head;
    size_t used = 0;
    return oe__record_read_head(record.data, record.length, &head, &used, NULL) == OE_OK &&
           head.customer_id_length == customer.length &&
           memcmp(head.customer_id, customer.data, customer.length) == 0;
}

void oe__leaf(oe__sha256 *hash, const unsigned char *salt, oe_store_bytes record,
              unsigned char leaf[OE__SHA256_SIZE])
{
    oe__sha256_add(hash, salt, OE__SALT_SIZE);
    oe__sha256_add(hash, record.data, record.length);
    (void)oe__sha256_take(hash, leaf); /* zeros on a failure, which match nothing */
}

static bool is_zero(const unsigned char *bytes, size_t length)
{
    return oe__record_is_erased((oe_store_bytes){(const char *)bytes, length});
}

oe_store_record_state oe__leaf_check(oe__sha256 *hash, const oe__block *block, size_t place,
                                     oe_store_bytes record)
{
    const unsigned char *salt = block->salts + place * OE__SALT_SIZE;
    unsigned char leaf[OE__SHA256_SIZE];
    if (is_zero(salt, OE__SALT_SIZE) && oe__record_is_erased(record))
        return OE_STORE_RECORD_ERASED;
    oe__leaf(hash, salt, record, leaf);
    return memcmp(leaf, block->leaves + place * OE__SHA256_SIZE, sizeof leaf) == 0
               ? OE_STORE_RECORD_SOUND
               : OE_STORE_RECORD_DAMAGED;
}

oe_status oe__chain_next(oe__sha256 *hash, const unsigned char *leaves, size_t count,
                         unsigned char chain[OE__SHA256_SIZE])
{
    oe__sha256_add(hash, chain, OE__SHA256_SIZE);
    oe__sha256_add(hash, leaves, count * OE__SHA256_SIZE);
    return oe__sha256_take(hash, chain);
}
