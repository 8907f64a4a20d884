/* format_spec.c: what is not ours, newer or damaged is refused and left as it was. */
#include "check.h"
#include "store_fixture.h"

#include <stdlib.h>
#include <unistd.h>

/* Places in the header of an SQLite file, big-endian numbers of four bytes. */
enum { PAGE_SIZE = 8192, USER_VERSION = 60, APPLICATION_ID = 68 };

typedef struct file {
    unsigned char *bytes;
    size_t length;
} file;

static file read_file(const char *path)
{
    file content = {.bytes = malloc(1 << 20)};
    FILE *stream = fopen(path, "rb");
    if (content.bytes == NULL || stream == NULL)
        abort();
    content.length = fread(content.bytes, 1, 1 << 20, stream);
    fclose(stream);
    return content;
}

static void write_file(const char *path, file content)
{
    FILE *stream = fopen(path, "wb");
    if (stream == NULL || fwrite(content.bytes, 1, content.length, stream) != content.length)
        abort();
    fclose(stream);
}

/* A closed database of a few pages, and its bytes. */
static file make_database(store_fixture *fixture)
{
    char body[2000];
    memset(body, 'x', sizeof body);
    body[sizeof body - 1] = '\0';
    fixture_open(fixture, FIXTURE_SQLITE);
    for (int i = 0; i < 20; i++) {
        char id[16];
        snprintf(id, sizeof id, "C%03d", i);
        fixture_put(fixture, id, body);
    }
    oe_store_port_free(fixture->port);
    oe_store_close(fixture->store);
    fixture->port = NULL;
    fixture->store = NULL;
    return read_file(fixture->path);
}

static oe_status try_open(const char *path, bool read_only, oe_error *error)
{
    oe_store_options options = {.url = path, .read_only = read_only};
    oe_store *store = NULL;
    oe_status status = oe_store_open(&options, &store, error);
    oe_store_close(store);
    return status;
}

/* Writes `content`, opens it both ways, expects the status and the same bytes afterwards. */
static void expect_refusal(const char *path, file content, oe_status expected,
                           const char *words)
{
    oe_error error = {.status = OE_OK};
    write_file(path, content);
    CHECK_INT(try_open(path, true, &error), expected);
    CHECK_INT(try_open(path, false, &error), expected);
    CHECK(strstr(error.message, words) != NULL);
    CHECK(strncmp(error.message, "store: ", 7) == 0);
    file after = read_file(path);
    CHECK_INT(after.length, content.length);
    CHECK(memcmp(after.bytes, content.bytes, content.length) == 0);
    free(after.bytes);
}

static void it_leaves_a_file_that_is_no_database(void)
{
    store_fixture fixture;
    file content = make_database(&fixture);
    memset(content.bytes, 'z', 100);
    expect_refusal(fixture.path, content, OE_E_CORRUPT, "not a database");
    content.length = 10;
    expect_refusal(fixture.path, content, OE_E_CORRUPT, "not a database");
    free(content.bytes);
    fixture_close(&fixture);
}

static void it_leaves_a_truncated_database(void)
{
    store_fixture fixture;
    file content = make_database(&fixture);
    CHECK(content.length > 4 * (size_t)PAGE_SIZE);
    size_t lengths[] = {content.length - PAGE_SIZE, content.length / 2, PAGE_SIZE};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        content.length = lengths[i];
        expect_refusal(fixture.path, content, OE_E_CORRUPT, "malformed");
    }
    free(content.bytes);
    fixture_close(&fixture);
}

static void it_leaves_a_database_of_a_newer_version(void)
{
    store_fixture fixture;
    file content = make_database(&fixture);
    CHECK_INT(content.bytes[USER_VERSION + 3], 6);
    content.bytes[USER_VERSION + 3] = 7;
    expect_refusal(fixture.path, content, OE_E_VERSION, "has format 7 of a newer version");
    content.bytes[USER_VERSION + 3] = 6;
    write_file(fixture.path, content);
    CHECK_INT(try_open(fixture.path, false, NULL), OE_OK);
    free(content.bytes);
    fixture_close(&fixture);
}

static void it_leaves_a_database_of_another_program(void)
{
    store_fixture fixture;
    file content = make_database(&fixture);
    content.bytes[APPLICATION_ID]++;
    expect_refusal(fixture.path, content, OE_E_CORRUPT, "another program");
    memset(content.bytes + APPLICATION_ID, 0, 4);
    expect_refusal(fixture.path, content, OE_E_CORRUPT, "another program");
    memset(content.bytes + USER_VERSION, 0, 4);
    expect_refusal(fixture.path, content, OE_E_CORRUPT, "another program");
    free(content.bytes);
    fixture_close(&fixture);
}

static void it_starts_anew_in_an_empty_file(void)
{
    store_fixture fixture;
    file content = make_database(&fixture);
    content.length = 0;
    write_file(fixture.path, content);
    CHECK_INT(try_open(fixture.path, true, NULL), OE_E_NOT_FOUND);
    CHECK_INT(try_open(fixture.path, false, NULL), OE_OK);
    CHECK_INT(try_open(fixture.path, true, NULL), OE_OK);
    free(content.bytes);
    fixture_close(&fixture);
}

/* A page is broken in the middle: opening need not see it, the check does, no read crashes. */
static void it_finds_damage_inside_when_asked_to_check(void)
{
    store_fixture fixture;
    file content = make_database(&fixture);
    int found = 0, pages = (int)(content.length / PAGE_SIZE);
    for (int page = 1; page < pages; page++) {
        unsigned char *start = content.bytes + (size_t)page * PAGE_SIZE;
        unsigned char kept[16];
        memcpy(kept, start, sizeof kept);
        memset(start, 0xa5, sizeof kept);
        write_file(fixture.path, content);
        memcpy(start, kept, sizeof kept);
        oe_store_options options = {.url = fixture.path};
        oe_store *store = NULL;
        oe_error error = {.status = OE_OK};
        oe_status status = oe_store_open(&options, &store, &error);
        if (status == OE_OK)
            status = oe_store_check(store, &error);
        oe_store_close(store);
        found += status == OE_E_CORRUPT ? 1 : 0;
    }
    CHECK(pages > 10);
    CHECK_INT(found, pages - 1);
    free(content.bytes);
    fixture_close(&fixture);
}

static void it_refuses_places_that_cannot_be(void)
{
    static const struct {
        const char *url;
        oe_status status;
        const char *words;
    } cases[] = {
        {"", OE_E_INVALID, "no path"},
        {"postgresql://host/base", OE_E_INVALID, "no backend 'postgresql'"},
        {"/nowhere/at/all/db", OE_E_IO, "No such file"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        oe_error error = {.status = OE_OK};
        CHECK_INT(try_open(cases[i].url, false, &error), cases[i].status);
        CHECK(strstr(error.message, cases[i].words) != NULL);
    }
}

int main(void)
{
    RUN("leaves a file that is no database", it_leaves_a_file_that_is_no_database);
    RUN("leaves a truncated database", it_leaves_a_truncated_database);
    RUN("leaves a database of a newer version", it_leaves_a_database_of_a_newer_version);
    RUN("leaves a database of another program", it_leaves_a_database_of_another_program);
    RUN("starts anew in an empty file", it_starts_anew_in_an_empty_file);
    RUN("finds damage inside when asked to check", it_finds_damage_inside_when_asked_to_check);
    RUN("refuses places that cannot be", it_refuses_places_that_cannot_be);
    return check_report();
}
