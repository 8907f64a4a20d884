/* message_fuzz.c: a product's message template, sealed and written for customers, and amounts.
 * What comes out is JSON. The input is the template; its first eight bytes are an amount, too.
 */
#include "codec/json.h"
#include "codec/message.h"
#include "engine/message.h"
#include "fuzz.h"
#include "small_rules.h"

#include <math.h>

static oe_dictionary *dictionary;

static oe_ruleset *seal(const char *message)
{
    oe_error error;
    oe_ruleset *ruleset = NULL;
    oe_builder *builder = small_rules(dictionary);
    oe_product product = small_product("one", "saving");
    product.message = message;
    product.reason = "Good income";
    oe_builder_product(builder, &product);
    oe_builder_threshold(builder, OE_LEVEL_DEFAULT, NULL, 0, small_where());
    oe_builder_currency(builder, "USD");
    oe_status status = oe_builder_seal(builder, &ruleset, &error);
    FUZZ_CHECK(status == OE_OK || status == OE_E_INVALID);
    FUZZ_CHECK(status == OE_OK || oe_builder_finding_count(builder) > 0);
    oe_builder_free(builder);
    return ruleset;
}

static void speak(oe_decider *decider, oe_profile *profile, uint64_t *state)
{
    static char answer[1 << 16];
    static const char region[] = "no\"rth\\";
    oe_profile_clear(profile);
    oe_profile_set_id(profile, "C\"1", 3, NULL);
    oe_profile_set_number(profile, SMALL_INCOME, (double)fuzz_below(state, 1u << 30) / 4, NULL);
    oe_profile_set_number(profile, SMALL_BALANCE, -1e15 * (double)fuzz_below(state, 3), NULL);
    oe_profile_set_number(profile, SMALL_CREDIT_SCORE, 300 + (double)fuzz_below(state, 551),
                          NULL);
    if (fuzz_below(state, 2) == 0)
        oe_profile_set_text(profile, SMALL_REGION, region, sizeof region - 1, NULL);
    if (fuzz_below(state, 2) == 0)
        oe_profile_set_number(profile, SMALL_MEMBER, 1, NULL);
    const oe_decision *decision =
        oe_decide(decider, profile, &(oe_options){.at_ms = 1, .category = -1});
    size_t length = oe_decision_write(decision, answer, sizeof answer);
    FUZZ_CHECK(length <= sizeof answer);
    FUZZ_CHECK(oe__json_validate(answer, length, NULL) == OE_OK);
}

static void write_amount(const uint8_t *data, size_t length)
{
    double amount = 0;
    if (length < sizeof amount)
        return;
    memcpy(&amount, data, sizeof amount);
    if (!isfinite(amount))
        return;
    for (int kind = OE__MESSAGE_MONEY; kind <= OE__MESSAGE_PERCENT; kind++) {
        char text[OE_AMOUNT_TEXT_MAX];
        size_t written = oe__amount_write(amount, kind, kind % 2 == 0 ? "USD" : NULL, text);
        FUZZ_CHECK(written > 0 && written <= sizeof text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    dictionary = oe_dictionary_new();
    write_amount(data, length);
    char *message = fuzz_copy(data, length, 1);
    uint64_t state = fuzz_seed(data, length);
    /* Rule files are UTF-8. */
    oe_ruleset *ruleset = oe__text_is_utf8(message, strlen(message)) ? seal(message) : NULL;
    if (ruleset != NULL) {
        oe_decider *decider = oe_decider_new(ruleset);
        oe_profile *profile = oe_profile_new(ruleset);
        FUZZ_CHECK(decider != NULL && profile != NULL);
        for (int i = 0; i < 4; i++)
            speak(decider, profile, &state);
        oe_profile_free(profile);
        oe_decider_free(decider);
    }
    oe_ruleset_free(ruleset);
    oe_dictionary_free(dictionary);
    free(message);
    return 0;
}
