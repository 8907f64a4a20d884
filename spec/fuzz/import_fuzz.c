/* import_fuzz.c: the stream that imports read customers from, CSV or NDJSON by its first byte,
 * as a file. Every record becomes a profile that can be written and read again, or a fault. */
#include "engine/text.h"
#include "fuzz.h"
#include "lua/records.h"
#include "sample_rules.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static oe_dictionary *dictionary;
static oe_ruleset *ruleset;
static oe_lua_chunk chunk;
static oe_lua_reading reading;
static oe_profile *again;
static int file = -1;

static void open_desk(void)
{
    dictionary = oe_dictionary_new();
    ruleset = sample_rules(dictionary);
    again = oe_profile_new(ruleset);
    char name[40];
    snprintf(name, sizeof name, "/oe_import_fuzz_%ld", (long)getpid());
    file = shm_open(name, O_RDWR | O_CREAT, 0600);
    FUZZ_CHECK(ruleset != NULL && again != NULL && file >= 0);
    shm_unlink(name);
}

static void check_written(void)
{
    static char first[1 << 16], second[1 << 16];
    static oe_read_report report;
    size_t length = oe_profile_write(reading.profile, first, sizeof first);
    FUZZ_CHECK(length <= sizeof first);
    FUZZ_CHECK(oe_profile_read(again, first, length, &report, NULL) == OE_OK);
    FUZZ_CHECK(oe_profile_write(again, second, sizeof second) == length);
    FUZZ_CHECK(memcmp(first, second, length) == 0);
}

static void read_records(oe_lua_stream *stream)
{
    oe_error error;
    while (oe_lua_stream_next(stream, &chunk, &error) == OE_OK && chunk.count > 0)
        for (size_t i = 0; i < chunk.count; i++) {
            oe__buffer words = {0};
            oe_status status = oe_lua_record_read(stream, &chunk, i, &reading);
            if (status == OE_OK)
                check_written();
            else
                oe_lua_reading_explain(&reading, chunk.records[i].row, &words);
            FUZZ_CHECK(status == OE_OK || words.length > 0);
            oe__buffer_free(&words);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    char path[32];
    oe_lua_stream *stream = NULL;
    oe_error error;
    if (file < 0)
        open_desk();
    reading.profile = oe_profile_new(ruleset);
    FUZZ_CHECK(reading.profile != NULL && ftruncate(file, 0) == 0);
    FUZZ_CHECK(pwrite(file, data, length, 0) == (ssize_t)length);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    oe_lua_stream_options options = {.path = path, .format = OE_LUA_AUTO, .ruleset = ruleset};
    if (oe_lua_stream_open(&options, &stream, &error) == OE_OK)
        read_records(stream);
    oe_lua_stream_close(stream);
    oe_lua_chunk_free(&chunk);
    oe_lua_reading_free(&reading);
    return 0;
}
