/* sqlite_activity.c: counts of what happened, kept up within the transaction that stores it,
 * and read for reports. Blocks are counted in memory: one row is written for each product of a
 * transaction, not for each of its decisions. */
#include "codec/record.h"
#include "engine/status.h"
#include "store/journal.h"
#include "store/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MS = 86400000, PRODUCTS_MAX = 1 << 20 };

typedef oe__sqlite_group group;

/* Days before 1970 count downwards from -1. */
static int64_t day_of(int64_t at_ms)
{
    return at_ms / DAY_MS - (at_ms % DAY_MS < 0);
}

/* ---- writing ---- */

static oe_status put(oe__sqlite_writer *writer, const oe_store_activity *activity,
                     oe_error *error)
{
    sqlite3_stmt *count = writer->connection.statements[OE__SQL_COUNT_ACTIVITY];
    if (activity->count == 0)
        return OE_OK;
    sqlite3_bind_int64(count, 1, activity->day);
    sqlite3_bind_int64(count, 2, (int64_t)activity->generation);
    oe__sqlite_bind_text(count, 3, activity->channel);
    oe__sqlite_bind_text(count, 4, activity->campaign);
    oe__sqlite_bind_text(count, 5, activity->product);
    sqlite3_bind_int(count, 6, (int)activity->step);
    sqlite3_bind_int64(count, 7, (int64_t)activity->count);
    return oe__sqlite_run(&writer->connection, OE__SQL_COUNT_ACTIVITY, error);
}

static oe_status put_step(oe__sqlite_writer *writer, const group *counted, oe_store_step step,
                          uint64_t count, oe_error *error)
{
    oe_store_activity activity = {.day = counted->day,
                                  .generation = counted->generation,
                                  .channel = counted->channel,
                                  .campaign = counted->campaign,
                                  .step = step,
                                  .count = count};
    return put(writer, &activity, error);
}

/* The names lie in the order of the numbers. */
static oe_status put_offers(oe__sqlite_writer *writer, const group *counted, oe_error *error)
{
    oe_store_bytes name;
    size_t at = 0;
    oe_status status = counted->products > 0
                           ? oe__sqlite_name_products(writer, counted->generation, error)
                           : OE_OK;
    for (size_t i = 0; status == OE_OK && i < counted->products; i++) {
        char number[24];
        if (!oe__block_next(writer->names.data, writer->names.length, &at, &name))
            name = (oe_store_bytes){number, (size_t)snprintf(number, sizeof number, "#%zu", i)};
        oe_store_activity activity = {.day = counted->day,
                                      .generation = counted->generation,
                                      .channel = counted->channel,
                                      .campaign = counted->campaign,
                                      .product = name,
                                      .step = OE_STORE_STEP_OFFERED,
                                      .count = counted->offered[i]};
        status = put(writer, &activity, error);
    }
    return status;
}

oe_status oe__sqlite_put_counts(oe__sqlite_writer *writer, oe_error *error)
{
    oe_status status = OE_OK;
    for (size_t i = 0; status == OE_OK && i < writer->counts.count; i++) {
        const group *counted = &writer->counts.groups[i];
        status = put_step(writer, counted, OE_STORE_STEP_DECIDED, counted->decided, error);
        if (status == OE_OK)
            status = put_step(writer, counted, OE_STORE_STEP_WITHOUT_OFFER,
                              counted->without_offer, error);
        if (status == OE_OK)
            status = put_offers(writer, counted, error);
    }
    oe__sqlite_drop_counts(writer);
    return status;
}

void oe__sqlite_drop_counts(oe__sqlite_writer *writer)
{
    for (size_t i = 0; i < writer->counts.count; i++)
        free(writer->counts.groups[i].offered);
    writer->counts.count = 0;
}

/* ---- counting ---- */

static bool is_same(oe_store_bytes known, const char *text, size_t length)
{
    return known.length == length && (length == 0 || memcmp(known.data, text, length) == 0);
}

static bool is_of(const group *known, int64_t day, const oe__record *record)
{
    return known->day == day && known->generation == record->generation &&
           is_same(known->channel, record->channel, record->channel_length) &&
           is_same(known->campaign, record->campaign, record->campaign_length);
}

/* The newest first: records that follow each other are mostly alike. */
static oe_status find_group(oe__sqlite_writer *writer, const oe__record *record, group **found,
                            oe_error *error)
{
    oe__sqlite_counts *counts = &writer->counts;
    int64_t day = day_of(oe__record_id_ms(record->id));
    oe_status status = OE_OK;
    for (size_t i = counts->count; i > 0; i--)
        if (is_of(&counts->groups[i - 1], day, record)) {
            *found = &counts->groups[i - 1];
            return OE_OK;
        }
    if (counts->count == OE__SQLITE_COUNTED_GROUPS)
        status = oe__sqlite_put_counts(writer, error);
    *found = &counts->groups[counts->count++];
    **found = (group){.day = day,
                      .generation = record->generation,
                      .channel = {record->channel, record->channel_length},
                      .campaign = {record->campaign, record->campaign_length}};
    return status;
}

static oe_status count_offer(group *counted, uint64_t product, oe_error *error)
{
    if (product >= PRODUCTS_MAX)
        return oe__fail(error, OE_E_INVALID, "store: a record offers no such product");
    if (product >= counted->products) {
        size_t products = (size_t)product + 1 + 16;
        uint32_t *offered = realloc(counted->offered, products * sizeof *offered);
        if (offered == NULL)
            return oe__fail(error, OE_E_MEMORY, "store: memory is out");
        memset(offered + counted->products, 0,
               (products - counted->products) * sizeof *offered);
        counted->offered = offered;
        counted->products = products;
    }
    counted->offered[product]++;
    return OE_OK;
}

oe_status oe__sqlite_count_record(oe__sqlite_writer *writer, const oe__record *record,
                                  oe_error *error)
{
    oe__record_part offers = record->offers;
    oe__record_offer offer;
    group *counted = NULL;
    oe_status status = find_group(writer, record, &counted, error);
    writer->counts.records++;
    counted->decided++;
    counted->without_offer += offers.count == 0;
    while (status == OE_OK && oe__record_next_offer(&offers, &offer))
        status = count_offer(counted, offer.product, error);
    return status;
}

oe_status oe__sqlite_count_outcome(oe__sqlite_writer *writer, const oe_store_outcome *outcome,
                                   uint64_t generation, oe_error *error)
{
    oe_store_activity activity = {
        .day = day_of(oe__record_id_ms(outcome->decision)),
        .generation = generation,
        .channel = outcome->decided_channel,
        .campaign = outcome->campaign,
        .product = outcome->product,
        .step = (oe_store_step)(OE_STORE_STEP_OUTCOME + (int)outcome->outcome),
        .count = 1};
    return put(writer, &activity, error);
}

/* ---- reading ---- */

static bool pass_activity(sqlite3_stmt *row, const void *context)
{
    const oe_store_activity_range *range = context;
    oe_store_activity activity = {.day = sqlite3_column_int64(row, 0),
                                  .generation = (uint64_t)sqlite3_column_int64(row, 1),
                                  .channel = oe__sqlite_column(row, 2),
                                  .campaign = oe__sqlite_column(row, 3),
                                  .product = oe__sqlite_column(row, 4),
                                  .step = (oe_store_step)sqlite3_column_int(row, 5),
                                  .count = (uint64_t)sqlite3_column_int64(row, 6)};
    return range->activity(range->context, &activity);
}

/* Sorts by nothing that was not asked for: that would be most of the work. */
static void write_sql(unsigned by, oe__buffer *sql)
{
    static const struct {
        unsigned bit;
        const char *column, *none;
    } columns[] = {{OE_STORE_BY_DAY, "day", "0"},
                   {OE_STORE_BY_GENERATION, "generation", "0"},
                   {OE_STORE_BY_CHANNEL, "channel", "''"},
                   {OE_STORE_BY_CAMPAIGN, "campaign", "''"},
                   {OE_STORE_BY_PRODUCT, "product", "''"}};
    enum { COLUMNS = sizeof columns / sizeof columns[0] };
    oe__buffer_add_text(sql, "SELECT ");
    for (size_t i = 0; i < COLUMNS; i++) {
        oe__buffer_add_text(sql,
                            (by & columns[i].bit) != 0 ? columns[i].column : columns[i].none);
        oe__buffer_add_text(sql, ", ");
    }
    oe__buffer_add_text(sql, "step, sum(count) FROM activity WHERE day >= ?1 AND day < ?2"
                             " GROUP BY ");
    for (size_t i = 0; i < COLUMNS; i++)
        if ((by & columns[i].bit) != 0) {
            oe__buffer_add_text(sql, columns[i].column);
            oe__buffer_add_text(sql, ", ");
        }
    oe__buffer_add_text(sql, "step ORDER BY 1, 2, 3, 4, 5, 6");
    oe__buffer_add_char(sql, '\0');
}

oe_status oe__sqlite_activity_scan(const char *path, const oe_store_activity_range *range,
                                   oe_error *error)
{
    oe__buffer sql = {0};
    write_sql(range->by, &sql);
    oe__sqlite_walk self = {.sql = sql.data,
                            .numbers = {range->from_day, range->until_day},
                            .count = 2,
                            .row = pass_activity,
                            .context = range};
    oe_status status = sql.failed ? oe__fail(error, OE_E_MEMORY, "store: memory is out")
                                  : oe__sqlite_walk_rows(path, &self, error);
    oe__buffer_free(&sql);
    return status;
}
