/* decisions.c: the layout of codec/record.h, by hand. */
#include "decisions.h"

#include <string.h>

#include "codec/varint.h"

static oe_store_bytes bytes_of(const char *terminated)
{
    return (oe_store_bytes){terminated, strlen(terminated)};
}

oe_store_submission decisions_setup(int step)
{
    oe_store_submission products = {.operation = OE_STORE_META_PUT,
                                    .operation_id = bytes_of("products"),
                                    .id = bytes_of("products.hash5"),
                                    .body = bytes_of("\2p0\2p1\2p2")};
    oe_store_submission generation = {
        .operation = OE_STORE_GENERATION_PUT,
        .operation_id = bytes_of("generation"),
        .generation = {.number = 5, .hash = bytes_of("hash5"), .texts = bytes_of("texts")}};
    return step == 0 ? products : generation;
}

void decisions_id(unsigned char id[OE_RECORD_ID_SIZE], int64_t at_ms, uint32_t sequence)
{
    oe__record_make_id(id, at_ms, sequence, 99);
}

void decisions_add(oe__buffer *block, int64_t at_ms, uint32_t sequence, const char *customer)
{
    oe__buffer record = {0};
    unsigned char id[OE_RECORD_ID_SIZE];
    char length[OE_VARINT_MAX];
    decisions_id(id, at_ms, sequence);
    oe__buffer_add(&record, (const char *)id, sizeof id);
    oe__buffer_add(&record, "\2\5\0\34", 4); /* version, generation, clock, flags */
    oe__buffer_add_text(&record, "\2ch\2ca");
    oe__buffer_add_char(&record, (char)strlen(customer));
    oe__buffer_add_text(&record, customer);
    oe__buffer_add(&record, "digest of sixtee", OE_RECORD_DIGEST_SIZE);
    oe__buffer_add(&record, "\0\0\0\0", 4);          /* attributes, owned, unknown, stopped */
    oe__buffer_add(&record, "\2\2\10\16\1\6\16", 7); /* offers: p2, then p1 */
    oe__buffer_add(&record, "\0\0", 2);              /* allowances, held */
    oe__buffer_add(block, length, (size_t)(oe__varint_put(length, record.length) - length));
    oe__buffer_add(block, record.data, record.length);
    oe__buffer_free(&record);
}
