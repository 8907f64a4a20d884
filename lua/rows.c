/* rows.c: rows of a CSV from the bytes of an answer. Whatever the answer gets added to it,
 * these columns stay. */
#include "rows.h"

#include <stdio.h>
#include <string.h>

#include "codec/csv.h"
#include "codec/json.h"

typedef enum row_field {
    FIELD_ID,
    FIELD_NAME,
    FIELD_CATEGORY,
    FIELD_CONFIDENCE,
    FIELD_PRIORITY,
    FIELD_REASON,
    FIELD_COUNT
} row_field;

typedef struct answer_reader {
    oe__json_reader json;
    oe__json_token token;
    oe__json_token customer; /* its value */
    oe__buffer text;         /* unescaped */
} answer_reader;

static bool next(answer_reader *reader)
{
    return oe__json_next(&reader->json, &reader->token, NULL) == OE_OK &&
           reader->token.type != OE_JSON_END;
}

static bool is_name(const oe__json_token *token, const char *name)
{
    return token->type == OE_JSON_NAME && strlen(name) == token->length &&
           memcmp(token->bytes, name, token->length) == 0;
}

static void write_field(answer_reader *reader, const oe__json_token *value, oe__buffer *out)
{
    if (!value->escaped) {
        oe__csv_write_field(out, value->bytes, value->length);
        return;
    }
    reader->text.length = 0;
    char *room = oe__buffer_reserve(&reader->text, value->length);
    if (room == NULL)
        out->failed = true;
    else
        oe__csv_write_field(
            out, room, oe__json_unescape(value->bytes, value->length, room, value->length));
}

static int field_of(const oe__json_token *name)
{
    static const char *const names[FIELD_COUNT] = {
        "product_id", "product_name", "category", "confidence_score", "priority", "reason",
    };
    for (int i = 0; i < FIELD_COUNT; i++) {
        if (is_name(name, names[i]))
            return i;
    }
    return -1;
}

static void write_row(answer_reader *reader, const oe__json_token *fields, unsigned rank,
                      oe__buffer *out)
{
    char digits[16];
    (void)snprintf(digits, sizeof digits, ",%u", rank);
    write_field(reader, &reader->customer, out);
    oe__buffer_add_text(out, digits);
    for (int i = 0; i < FIELD_COUNT; i++) {
        oe__buffer_add_char(out, ',');
        bool is_neutral = i == FIELD_PRIORITY && fields[i].bytes == NULL;
        write_field(reader, &fields[is_neutral ? FIELD_CONFIDENCE : i], out);
    }
    oe__buffer_add_char(out, '\n');
}

/* The object of one offer, whose bracket has just been read. */
static void write_offer(answer_reader *reader, unsigned rank, oe__buffer *out)
{
    oe__json_token fields[FIELD_COUNT];
    memset(fields, 0, sizeof fields);
    while (next(reader) && reader->token.type == OE_JSON_NAME) {
        int field = field_of(&reader->token);
        oe__json_token *kept = field >= 0 ? &fields[field] : &reader->token;
        if (oe__json_next(&reader->json, kept, NULL) != OE_OK)
            return;
        if (kept->type == OE_JSON_OBJECT || kept->type == OE_JSON_ARRAY)
            (void)oe__json_skip(&reader->json, kept, NULL);
    }
    write_row(reader, fields, rank, out);
}

void oe__rows_write(const char *json, size_t length, oe__buffer *out)
{
    answer_reader reader = {.text = {0}};
    oe__json_reader_begin(&reader.json, json, length);
    bool more = next(&reader);
    while (more && next(&reader) && reader.token.type == OE_JSON_NAME) {
        if (is_name(&reader.token, "recommendations")) {
            more = next(&reader);
            for (unsigned rank = 1; next(&reader) && reader.token.type == OE_JSON_OBJECT;
                 rank++)
                write_offer(&reader, rank, out);
        } else if (is_name(&reader.token, "customer_id")) {
            more = next(&reader);
            reader.customer = reader.token;
        } else {
            more = oe__json_skip(&reader.json, &reader.token, NULL) == OE_OK;
        }
    }
    oe__buffer_free(&reader.text);
}
