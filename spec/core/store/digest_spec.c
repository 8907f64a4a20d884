/* digest_spec.c: the digest stays what it was, and is another for other bytes and clocks. */
#include "check.h"
#include "store/digest.h"

/* So that a journal can still be replayed when this is built anew. */
static void it_stays_what_it_was(void)
{
    static const unsigned char expected[OE__DIGEST_SIZE] = {0xfe, 0xb6, 0xc5, 0x3a, 0x99, 0x09,
                                                            0x30, 0x1a, 0x03, 0xd7, 0x1d, 0xef,
                                                            0xf1, 0xec, 0x5c, 0x5f};
    unsigned char digest[OE__DIGEST_SIZE];
    oe__digest("offer", 5, 1700000000000, digest);
    CHECK(memcmp(digest, expected, sizeof digest) == 0);
}

static void it_differs_for_other_bytes_and_clocks(void)
{
    unsigned char first[OE__DIGEST_SIZE], other[OE__DIGEST_SIZE];
    oe__digest("offer", 5, 7, first);
    oe__digest("offex", 5, 7, other);
    CHECK(memcmp(first, other, sizeof first) != 0);
    oe__digest("offer", 5, 8, other);
    CHECK(memcmp(first, other, sizeof first) != 0);
}

static void it_is_one_by_both_programs(void)
{
    enum { LONGEST = 5000 };
    static unsigned char bytes[LONGEST];
    uint64_t plain[2], wide[2];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(i * 131 + i / 7);
    for (size_t length = 0; oe__digest_is_wide() && length <= sizeof bytes; length++) {
        oe__digest_plain(bytes, length, plain);
        oe__digest_wide(bytes, length, wide);
        CHECK(memcmp(plain, wide, sizeof plain) == 0);
    }
}

int main(void)
{
    RUN("stays what it was", it_stays_what_it_was);
    RUN("differs for other bytes and clocks", it_differs_for_other_bytes_and_clocks);
    RUN("is one, whichever program makes it", it_is_one_by_both_programs);
    return check_report();
}
