/* journal.h: the inside of one block of the journal: its records, leaves, chain value and the
 * filter that tells which customers may be in it. Knows no database. */
#ifndef OE_STORE_JOURNAL_H
#define OE_STORE_JOURNAL_H

#include "codec/record.h"
#include "store/hash.h"
#include "store/store.h"

enum { OE__SALT_SIZE = 16, OE__FILTER_MAX = OE_STORE_BLOCK_MAX * 10 / 8 };

/* A block; the bytes are borrowed. */
typedef struct oe__block {
    size_t count;
    int64_t from_ms, until_ms; /* of its records' ids, both inclusive */
    const unsigned char *salts, *leaves;
    const char *records; /* each with its length before it */
    size_t records_length;
} oe__block;

/* Takes the next record at *at (an offset, 0 at first). false: there is none, or what is there
 * does not fit. */
bool oe__block_next(const char *records, size_t length, size_t *at, oe_store_bytes *record);

/* Who looks at each record while a block is measured: they are read once. */
typedef oe_status (*oe__block_record_fn)(void *context, const oe__record *record,
                                         oe_error *error);
typedef struct oe__block_watch {
    oe__block_record_fn record;
    void *context;
} oe__block_watch;

/* Counts the records, finds their times, fills the filter and calls with each, whose failure is
 * the end. OE_E_INVALID: see OE_STORE_JOURNAL_APPEND. */
oe_status oe__block_measure(oe__block *block, unsigned char filter[OE__FILTER_MAX],
                            size_t *filter_length, oe__block_watch watch, oe_error *error);

/* Whether the customer may be in the block; false is certain. */
bool oe__filter_has(const unsigned char *filter, size_t length, oe_store_bytes customer);

/* The filter of a block from which records were erased. */
void oe__block_filter(const oe__block *block, unsigned char filter[OE__FILTER_MAX],
                      size_t *filter_length);

bool oe__record_is_erased(oe_store_bytes record);
bool oe__record_is_of(oe_store_bytes record, oe_store_bytes customer);

void oe__leaf(oe__sha256 *hash, const unsigned char *salt, oe_store_bytes record,
              unsigned char leaf[OE__SHA256_SIZE]);

/* Whether a record is what its leaf says. */
oe_store_record_state oe__leaf_check(oe__sha256 *hash, const oe__block *block, size_t place,
                                     oe_store_bytes record);

/* `chain` becomes that of the block. OE_E_MEMORY. */
oe_status oe__chain_next(oe__sha256 *hash, const unsigned char *leaves, size_t count,
                         unsigned char chain[OE__SHA256_SIZE]);

#endif
