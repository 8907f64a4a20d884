/* json_fuzz.c: the JSON validator and reader against two others: what we take, cJSON takes and
 * reads the same; a text that both the strict reference of the specs and we can read is valid
 * for both or for none. */
#include "codec/json.h"
#include "fuzz.h"
#include "json_reference.h"

#include <cjson/cJSON.h>
#include <math.h>

static oe__json_reader reader;
static oe__json_token token;

static void next(void)
{
    FUZZ_CHECK(oe__json_next(&reader, &token, NULL) == OE_OK);
}

static void same_text(const char *expected)
{
    static char text[1 << 16];
    size_t length = oe__json_unescape(token.bytes, token.length, text, sizeof text);
    FUZZ_CHECK(length <= token.length && length < sizeof text);
    FUZZ_CHECK(strlen(expected) == length && memcmp(expected, text, length) == 0);
}

static void same_value(const cJSON *value);

static void same_parts(const cJSON *value, bool is_object)
{
    const cJSON *part = NULL;
    cJSON_ArrayForEach(part, value)
    {
        next();
        if (is_object) {
            FUZZ_CHECK(token.type == OE_JSON_NAME);
            same_text(part->string);
            next();
        }
        same_value(part);
    }
    next();
    FUZZ_CHECK(token.type == (is_object ? OE_JSON_OBJECT_END : OE_JSON_ARRAY_END));
}

/* The token at hand begins the value. */
static void same_value(const cJSON *value)
{
    if (cJSON_IsObject(value) || cJSON_IsArray(value)) {
        FUZZ_CHECK(token.type == (cJSON_IsObject(value) ? OE_JSON_OBJECT : OE_JSON_ARRAY));
        same_parts(value, cJSON_IsObject(value));
    } else if (cJSON_IsString(value)) {
        FUZZ_CHECK(token.type == OE_JSON_STRING);
        same_text(value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        FUZZ_CHECK(token.type == OE_JSON_NUMBER && isfinite(token.number));
        FUZZ_CHECK(!(token.number < value->valuedouble || token.number > value->valuedouble));
    } else {
        FUZZ_CHECK(token.type == (cJSON_IsNull(value)   ? OE_JSON_NULL
                                  : cJSON_IsTrue(value) ? OE_JSON_TRUE
                                                        : OE_JSON_FALSE));
    }
}

/* cJSON cuts numbers at 63 characters and reads only the front of a longer one. */
static bool has_long_number(const char *bytes, size_t length)
{
    size_t run = 0;
    for (size_t i = 0; i < length && run < 63; i++)
        run = bytes[i] != '\0' && strchr("0123456789+-.eE", bytes[i]) != NULL ? run + 1 : 0;
    return run >= 63;
}

static void agrees_with_cjson(const char *text, size_t length)
{
    if (has_long_number(text, length))
        return;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, length + 1, NULL, true);
    FUZZ_CHECK(tree != NULL);
    oe__json_reader_begin(&reader, text, length);
    next();
    same_value(tree);
    next();
    FUZZ_CHECK(token.type == OE_JSON_END);
    cJSON_Delete(tree);
}

/* What cJSON prints is JSON, but for bytes that it does not look at and what has limits. */
static void takes_what_cjson_prints(const char *text, size_t length)
{
    cJSON *tree = cJSON_ParseWithLength(text, length);
    char *printed = tree != NULL ? cJSON_PrintUnformatted(tree) : NULL;
    oe_error error = {0};
    if (printed != NULL && oe__text_is_utf8(printed, strlen(printed)) &&
        oe__json_validate(printed, strlen(printed), &error) == OE_E_SYNTAX)
        FUZZ_CHECK(strstr(error.message, "repeated") != NULL);
    cJSON_free(printed);
    cJSON_Delete(tree);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    char *text = fuzz_copy(data, length, 1);
    oe_error error = {.position = -1};
    oe_status status = oe__json_validate(text, length, &error);
    FUZZ_CHECK(status == OE_OK || status == OE_E_SYNTAX || status == OE_E_INVALID ||
               status == OE_E_LIMIT);
    FUZZ_CHECK(status == OE_OK || (error.position >= 0 && (size_t)error.position <= length));
    bool is_text = memchr(text, '\0', length) == NULL;
    if (is_text && length < REFERENCE_TEXT / 2)
        FUZZ_CHECK((status == OE_OK) == reference_accepts(text));
    if (status == OE_OK)
        agrees_with_cjson(text, length);
    takes_what_cjson_prints(text, length);
    free(text);
    return 0;
}
