/* json_read.c: the pull reader and, on top of it, the validator. Iterative; what is open is a
 * bit per level. */
#include "codec/json.h"
#include "codec/json_string.h"
#include "codec/number.h"
#include "engine/status.h"

#include <string.h>

enum expectation {
    EXPECT_VALUE,
    EXPECT_VALUE_OR_END, /* behind '[' */
    EXPECT_NAME,         /* behind ',' in an object */
    EXPECT_NAME_OR_END,  /* behind '{' */
    EXPECT_NEXT          /* behind a value */
};

void oe__json_reader_begin(oe__json_reader *reader, const char *bytes, size_t length)
{
    reader->bytes = bytes;
    reader->length = length;
    reader->at = 0;
    reader->fault = NULL;
    reader->status = OE_OK;
    reader->expect = EXPECT_VALUE;
    reader->depth = 0;
    reader->objects = 0;
    reader->name_count = 0;
    memset(reader->chains, 0, sizeof reader->chains);
    if (length >= UINT32_MAX) {
        reader->fault = "text of 4 GiB or more";
        reader->status = OE_E_LIMIT;
    }
}

static void fail(oe__json_reader *reader, oe_status status, const char *fault)
{
    reader->status = status;
    reader->fault = fault;
}

static void refuse(oe__json_reader *reader, const char *fault)
{
    fail(reader, OE_E_SYNTAX, fault);
}

/* The byte at the reader's place; NUL, which begins nothing, at the end of the text. */
static char byte_here(const oe__json_reader *reader)
{
    return reader->at < reader->length ? reader->bytes[reader->at] : '\0';
}

static void skip_space(oe__json_reader *reader)
{
    for (;;) {
        char byte = byte_here(reader);
        if (byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t')
            return;
        reader->at++;
    }
}

static bool in_object(const oe__json_reader *reader)
{
    return reader->depth > 0 && (reader->objects >> (reader->depth - 1) & 1) != 0;
}

static void finish(oe__json_reader *reader, oe__json_token *token, oe__json_type type)
{
    token->type = type;
    token->bytes = reader->bytes + token->offset;
    token->length = reader->at - token->offset;
    reader->expect = EXPECT_NEXT;
}

static void open_container(oe__json_reader *reader, oe__json_token *token, bool object)
{
    if (reader->depth == OE_JSON_DEPTH_MAX) {
        fail(reader, OE_E_LIMIT, "nested more than 16 deep");
        return;
    }
    uint32_t bit = UINT32_C(1) << reader->depth;
    reader->objects = object ? reader->objects | bit : reader->objects & ~bit;
    reader->first_name[reader->depth++] = (uint16_t)reader->name_count;
    reader->at++;
    finish(reader, token, object ? OE_JSON_OBJECT : OE_JSON_ARRAY);
    reader->expect = object ? EXPECT_NAME_OR_END : EXPECT_VALUE_OR_END;
}

static uint16_t *chain_of(oe__json_reader *reader, uint32_t hash)
{
    return &reader->chains[hash % OE_JSON_NAME_CHAINS];
}

/* Names leave in the reverse order of their coming, so that each is the newest of its chain
 * when it goes. */
static void close_container(oe__json_reader *reader, oe__json_token *token)
{
    bool object = in_object(reader);
    reader->depth--;
    while (reader->name_count > reader->first_name[reader->depth]) {
        const oe__json_name *name = &reader->names[--reader->name_count];
        *chain_of(reader, name->hash) = name->older;
    }
    reader->at++;
    finish(reader, token, object ? OE_JSON_OBJECT_END : OE_JSON_ARRAY_END);
}

/* False when the open object has the name already. Chains run from new to old. */
static bool is_new_name(oe__json_reader *reader, const oe__json_token *token, uint32_t hash)
{
    uint16_t first = reader->first_name[reader->depth - 1];
    for (unsigned i = *chain_of(reader, hash); i > first; i = reader->names[i - 1].older) {
        const oe__json_name *name = &reader->names[i - 1];
        if (name->hash == hash &&
            oe__json_text_same(reader->bytes + name->start, name->length, token->bytes,
                               token->length, name->escaped || token->escaped))
            return false;
    }
    return true;
}

static void remember_name(oe__json_reader *reader, const oe__json_token *token)
{
    uint32_t hash = oe__json_text_hash(token->bytes, token->length, token->escaped);
    size_t behind = reader->at;
    reader->at = token->offset;
    if (!is_new_name(reader, token, hash)) {
        refuse(reader, "repeated member name");
        return;
    }
    if (reader->name_count == OE_JSON_NAMES_MAX) {
        fail(reader, OE_E_LIMIT, "more than 512 members in open objects");
        return;
    }
    uint16_t *chain = chain_of(reader, hash);
    reader->names[reader->name_count] = (oe__json_name){
        .hash = hash,
        .start = (uint32_t)(token->bytes - reader->bytes),
        .length = (uint32_t)token->length,
        .older = *chain,
        .escaped = token->escaped,
    };
    *chain = (uint16_t)++reader->name_count;
    reader->at = behind;
}

static void read_string(oe__json_reader *reader, oe__json_token *token)
{
    size_t start = ++reader->at;
    const char *fault =
        oe__json_scan_string(reader->bytes, reader->length, &reader->at, &token->escaped);
    if (fault != NULL) {
        refuse(reader, fault);
        return;
    }
    token->type = OE_JSON_STRING;
    token->bytes = reader->bytes + start;
    token->length = reader->at++ - start;
    reader->expect = EXPECT_NEXT;
}

static void read_name(oe__json_reader *reader, oe__json_token *token)
{
    read_string(reader, token);
    if (reader->status != OE_OK)
        return;
    remember_name(reader, token);
    if (reader->status != OE_OK)
        return;
    skip_space(reader);
    if (byte_here(reader) != ':') {
        refuse(reader, "expected ':'");
        return;
    }
    reader->at++;
    token->type = OE_JSON_NAME;
    reader->expect = EXPECT_VALUE;
}

static void read_number(oe__json_reader *reader, oe__json_token *token)
{
    size_t used = 0;
    oe_status status = oe__number_scan(reader->bytes + reader->at, reader->length - reader->at,
                                       &used, &token->number);
    if (status == OE_E_INVALID) {
        fail(reader, status, "number out of range");
        return;
    }
    reader->at += used;
    if (status != OE_OK)
        refuse(reader, "expected a digit");
    else
        finish(reader, token, OE_JSON_NUMBER);
}

static void read_word(oe__json_reader *reader, oe__json_token *token)
{
    static const struct {
        const char *text;
        oe__json_type type;
    } words[] = {{"true", OE_JSON_TRUE}, {"false", OE_JSON_FALSE}, {"null", OE_JSON_NULL}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *letter = words[i].text;
        if (byte_here(reader) != *letter)
            continue;
        while (*letter != '\0' && byte_here(reader) == *letter) {
            reader->at++;
            letter++;
        }
        if (*letter != '\0')
            refuse(reader, "expected true, false or null");
        else
            finish(reader, token, words[i].type);
        return;
    }
    refuse(reader,
           reader->expect == EXPECT_VALUE ? "expected a value" : "expected a value or ']'");
}

static void read_value(oe__json_reader *reader, oe__json_token *token)
{
    char first = byte_here(reader);
    if (first == '"')
        read_string(reader, token);
    else if (first == '-' || (first >= '0' && first <= '9'))
        read_number(reader, token);
    else if (first == '{' || first == '[')
        open_container(reader, token, first == '{');
    else if (first == ']' && reader->expect == EXPECT_VALUE_OR_END)
        close_container(reader, token);
    else
        read_word(reader, token);
}

static void read_member(oe__json_reader *reader, oe__json_token *token)
{
    char first = byte_here(reader);
    if (first == '"')
        read_name(reader, token);
    else if (first == '}' && reader->expect == EXPECT_NAME_OR_END)
        close_container(reader, token);
    else
        refuse(reader, reader->expect == EXPECT_NAME
                           ? "expected a member name in quotes"
                           : "expected a member name in quotes or '}'");
}

/* Behind a value. True when a comma was read and a member or value comes next. */
static bool read_separator(oe__json_reader *reader, oe__json_token *token)
{
    bool object = in_object(reader);
    if (reader->depth == 0) {
        if (reader->at < reader->length)
            refuse(reader, "expected the end of the text");
        else
            token->type = OE_JSON_END;
        return false;
    }
    char byte = byte_here(reader);
    if (byte == (object ? '}' : ']')) {
        close_container(reader, token);
        return false;
    }
    if (byte != ',') {
        refuse(reader, object ? "expected ',' or '}'" : "expected ',' or ']'");
        return false;
    }
    reader->at++;
    reader->expect = object ? EXPECT_NAME : EXPECT_VALUE;
    skip_space(reader);
    token->offset = reader->at;
    return true;
}

static void read_token(oe__json_reader *reader, oe__json_token *token)
{
    skip_space(reader);
    *token = (oe__json_token){.offset = reader->at, .bytes = reader->bytes};
    if (reader->expect == EXPECT_NEXT && !read_separator(reader, token))
        return;
    if (reader->expect == EXPECT_NAME || reader->expect == EXPECT_NAME_OR_END)
        read_member(reader, token);
    else
        read_value(reader, token);
}

oe_status oe__json_next(oe__json_reader *reader, oe__json_token *token, oe_error *error)
{
    if (reader->status == OE_OK)
        read_token(reader, token);
    if (reader->status == OE_OK)
        return OE_OK;
    return oe__fail_at(error, reader->status, (int64_t)reader->at, "json: %s at byte %zu%s",
                       reader->fault, reader->at,
                       reader->at == reader->length ? ", where the text ends" : "");
}

oe_status oe__json_skip(oe__json_reader *reader, oe__json_token *token, oe_error *error)
{
    oe_status status = reader->status;
    if (token->type == OE_JSON_NAME)
        status = oe__json_next(reader, token, error);
    if (token->type != OE_JSON_OBJECT && token->type != OE_JSON_ARRAY)
        return status;
    for (int outside = reader->depth - 1; status == OE_OK && reader->depth > outside;)
        status = oe__json_next(reader, token, error);
    return status;
}

oe_status oe__json_validate(const char *bytes, size_t length, oe_error *error)
{
    oe__json_reader reader;
    oe__json_token token = {.type = OE_JSON_END};
    oe__json_reader_begin(&reader, bytes, length);
    oe_status status = oe__json_next(&reader, &token, error);
    while (status == OE_OK && token.type != OE_JSON_END)
        status = oe__json_next(&reader, &token, error);
    return status;
}
