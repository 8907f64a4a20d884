/* status_spec.c: names of statuses and the filling of errors. */
#include "engine/status.h"

#include "check.h"
#include "engine/text.h"

static void it_names_every_status(void)
{
    static const char *const names[] = {
        "ok",        "out_of_memory", "bad_argument", "syntax_error", "invalid",
        "not_found", "conflict",      "too_large",    "io_error",     "busy",
        "corrupt",   "newer_version", "closed",
    };
    CHECK_INT(sizeof names / sizeof *names, OE_STATUS_COUNT);
    for (int i = 0; i < OE_STATUS_COUNT; i++)
        CHECK_TEXT(oe_status_name((oe_status)i), names[i]);
    CHECK_TEXT(oe_status_name(OE_STATUS_COUNT), "unknown");
    CHECK_TEXT(oe_status_name((oe_status)1000), "unknown");
    CHECK(oe_version() != NULL && oe_version()[0] != '\0');
}

static void it_fills_an_error(void)
{
    oe_error error = {OE_OK, 5, "old"};
    CHECK_INT(oe__fail(&error, OE_E_INVALID, "catalog: '%s' %d", "x", 7), OE_E_INVALID);
    CHECK_INT(error.status, OE_E_INVALID);
    CHECK_INT(error.position, -1);
    CHECK_TEXT(error.message, "catalog: 'x' 7");
    CHECK_INT(oe__fail_at(&error, OE_E_SYNTAX, 12, "json: unexpected"), OE_E_SYNTAX);
    CHECK_INT(error.status, OE_E_SYNTAX);
    CHECK_INT(error.position, 12);
    CHECK_TEXT(error.message, "json: unexpected");
    CHECK_INT(oe__fail(NULL, OE_E_IO, "store: %s", "gone"), OE_E_IO);
    CHECK_INT(oe__fail_at(NULL, OE_E_IO, 3, "store: %s", "gone"), OE_E_IO);
}

/* `before` bytes of ASCII, then the character as often as it takes. */
static void check_cut(size_t before, const char *character)
{
    char text[OE_ERROR_MESSAGE_MAX * 2] = "";
    size_t length = strlen(character);
    memset(text, 'a', before);
    size_t end = before;
    while (end + length < sizeof text) {
        memcpy(text + end, character, length);
        end += length;
    }
    oe_error error;
    oe__fail(&error, OE_E_INVALID, "%s", text);
    size_t kept = strlen(error.message);
    CHECK(kept < OE_ERROR_MESSAGE_MAX);
    CHECK(kept + length >= OE_ERROR_MESSAGE_MAX - 1); /* no more is lost than a character */
    CHECK(oe__text_is_utf8(error.message, kept));
    CHECK_INT(memcmp(error.message, text, kept), 0);
}

static void it_cuts_a_message_between_characters(void)
{
    static const char *const characters[] = {"a", "\xC3\xA9", "\xE2\x82\xAC",
                                             "\xF0\x9F\x99\x82"};
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
        for (size_t before = 0; before < 9; before++)
            check_cut(before, characters[i]);
}

static void it_keeps_what_fits(void)
{
    for (size_t length = OE_ERROR_MESSAGE_MAX - 2; length <= OE_ERROR_MESSAGE_MAX; length++) {
        char text[OE_ERROR_MESSAGE_MAX + 1];
        memset(text, 'x', length);
        text[length] = '\0';
        oe_error error;
        oe__fail(&error, OE_E_INVALID, "%s", text);
        size_t most = OE_ERROR_MESSAGE_MAX - 1;
        CHECK_INT(strlen(error.message), length < most ? length : most);
    }
}

int main(void)
{
    RUN("every status has its name", it_names_every_status);
    RUN("a failure fills status, position and message, or nothing", it_fills_an_error);
    RUN("a message that is too long is cut between characters",
        it_cuts_a_message_between_characters);
    RUN("a message of 255 bytes is kept whole", it_keeps_what_fits);
    return check_report();
}
