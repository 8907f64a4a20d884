/* record_fuzz.c: stored records of decisions, damaged. An odd first byte: the rest is the
 * record itself. Otherwise a sound record is made of the second byte, each further pair of
 * bytes is a place and what is added to the byte there, and the last byte cuts the end off. */
#include "codec/record.h"
#include "engine/decide.h"
#include "fuzz.h"
#include "random_rules.h"
#include "sample_rules.h"

static struct {
    oe_dictionary *dictionary;
    oe_ruleset *ruleset;
    oe_decider *decider;
    oe_profile *profile;
    oe__buffer sound;
} desk;

static void open_desk(void)
{
    desk.dictionary = oe_dictionary_new();
    desk.ruleset = sample_rules(desk.dictionary);
    desk.decider = oe_decider_new(desk.ruleset);
    desk.profile = oe_profile_new(desk.ruleset);
    FUZZ_CHECK(desk.decider != NULL && desk.profile != NULL);
}

static void write_sound(uint64_t seed)
{
    oe__record record = {.generation = seed, .options = {.at_ms = 1764000000, .category = -1}};
    uint64_t state = seed * 2 + 1;
    sample_random(desk.profile, &state, (uint32_t)seed);
    record.options.limit = random_below(&state, 3);
    record.customer_id = oe_profile_id(desk.profile, &record.customer_id_length);
    oe__record_make_id(record.id, record.options.at_ms, 1, state);
    oe_decide(desk.decider, desk.profile, &record.options);
    desk.sound.length = 0;
    oe__record_write(&desk.sound, &record, desk.profile, desk.decider);
}

/* A record that is taken can be walked over to its end, and becomes a profile or nothing. */
static void use(const oe__record *record)
{
    bool stopped[4];
    oe__record_part offers = record->offers;
    oe__record_offer offer = {0};
    size_t count = 0;
    while (oe__record_next_offer(&offers, &offer))
        count++;
    FUZZ_CHECK(count == record->offers.count && offer.tenths <= 1000);
    (void)oe__record_stopped(record, stopped, sizeof stopped / sizeof *stopped, NULL);
    oe_status status = oe__record_profile(record, desk.profile, NULL);
    FUZZ_CHECK(status == OE_OK || status == OE_E_CONFLICT || status == OE_E_CORRUPT);
    if (status == OE_OK)
        oe_decide(desk.decider, desk.profile, &(oe_options){.at_ms = 1, .category = -1});
}

static void read_all(const char *bytes, size_t length)
{
    oe__record record, head;
    size_t used = 0;
    oe_error error;
    oe_status status = oe__record_read(bytes, length, &record, &error);
    oe_status front = oe__record_read_head(bytes, length, &head, &used, NULL);
    FUZZ_CHECK(status == OE_OK || status == OE_E_CORRUPT || status == OE_E_VERSION);
    FUZZ_CHECK(front != OE_OK || used <= length);
    if (status != OE_OK)
        return;
    FUZZ_CHECK(front == OE_OK);
    use(&record);
}

static void damage(const uint8_t *data, size_t length)
{
    write_sound(data[0]);
    char *bytes = fuzz_copy((const uint8_t *)desk.sound.data, desk.sound.length, 0);
    for (size_t i = 1; i + 1 < length; i += 2)
        bytes[data[i] % desk.sound.length] =
            (char)((unsigned char)bytes[data[i] % desk.sound.length] + data[i + 1]);
    size_t cut = length % 2 == 0 ? data[length - 1] % desk.sound.length : 0;
    char *rest = fuzz_copy((const uint8_t *)bytes, desk.sound.length - cut, 0);
    read_all(rest, desk.sound.length - cut);
    free(rest);
    free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    if (desk.ruleset == NULL)
        open_desk();
    if (length < 2)
        return 0;
    if (data[0] % 2 == 0) {
        damage(data + 1, length - 1);
        return 0;
    }
    char *bytes = fuzz_copy(data + 1, length - 1, 0);
    read_all(bytes, length - 1);
    free(bytes);
    return 0;
}
