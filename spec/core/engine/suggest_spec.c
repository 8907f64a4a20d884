/* suggest_spec.c: "did you mean". */
#include "check.h"
#include "offerengine.h"

static const char *const words[] = {"income", "credit_score", "age", "balance", "region"};
enum { WORD_COUNT = sizeof words / sizeof *words };

static void it_finds_the_nearest_word(void)
{
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        {"income", "income"},
        {"incme", "income"},   /* one missing */
        {"inncome", "income"}, /* one too many */
        {"incame", "income"},  /* one other */
        {"inocme", "income"},  /* two swapped count as one */
        {"icnoem", "income"},  /* two swaps, a third of six */
        {"imcame", "income"},  /* two of six */
        {"imcamx", NULL},      /* three of six */
        {"ag", "age"},         /* one of two: at least one is allowed */
        {"gae", "age"},        /* a swap */
        {"agx", "age"},
        {"xgx", NULL}, /* two of three */
        {"credit_scroe", "credit_score"},
        {"cerdit_scroe", "credit_score"},
        {"crdit_scre", "credit_score"},
        {"xxxxxt_score", NULL},           /* five of twelve */
        {"xxxxit_score", "credit_score"}, /* four of twelve */
        {"regoin", "region"},
        {"Region", "region"},
        {"", NULL},
        {"quite_another", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_TEXT(oe_suggest(cases[i].word, words, WORD_COUNT), cases[i].nearest);
}

static void it_takes_the_first_of_equals(void)
{
    static const char *const near[] = {"cat", "bat", "hat"};
    CHECK_TEXT(oe_suggest("rat", near, 3), "cat");
    CHECK_TEXT(oe_suggest("rat", near + 1, 2), "bat");
    CHECK_TEXT(oe_suggest("hat", near, 3), "hat"); /* nearer beats earlier */
    CHECK_TEXT(oe_suggest("rat", near, 0), NULL);
    static const char *const opposite[] = {"known", "unknown", "unknownx"};
    CHECK_TEXT(oe_suggest("uknown", opposite, 3), "unknown"); /* begins like the word */
    CHECK_TEXT(oe_suggest("nown", opposite, 3), "known");
}

static void it_bounds_the_length(void)
{
    char word[66], other[66];
    for (size_t length = 63; length <= 65; length++) {
        memset(word, 'w', length);
        word[length] = '\0';
        memcpy(other, word, length + 1);
        other[0] = 'v';
        const char *vocabulary[] = {other};
        CHECK_INT(oe_suggest(word, vocabulary, 1) != NULL, length <= 64);
        CHECK_TEXT(oe_suggest("income", vocabulary, 1), NULL);
    }
}

int main(void)
{
    RUN("the nearest word within a third of the length is suggested",
        it_finds_the_nearest_word);
    RUN("of equally near words the first that begins alike is suggested, else the first",
        it_takes_the_first_of_equals);
    RUN("words of more than 64 bytes are never near", it_bounds_the_length);
    return check_report();
}
