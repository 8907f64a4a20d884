/* arena_spec.c: memory that is given back all at once. */
#include "engine/arena.h"

#include "check.h"

#include <stdalign.h>

static bool is_zero(const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (bytes[i] != 0)
            return false;
    return true;
}

static void it_aligns_and_zeroes(void)
{
    static const size_t block_sizes[] = {0, 1, 100, 4096};
    for (size_t b = 0; b < sizeof block_sizes / sizeof *block_sizes; b++) {
        oe__arena arena = {.block_size = block_sizes[b]};
        for (size_t size = 0; size < 600; size++) {
            unsigned char *taken = oe__arena_take(&arena, size);
            if (!CHECK(taken != NULL && (uintptr_t)taken % alignof(max_align_t) == 0 &&
                       is_zero(taken, size)))
                break;
            memset(taken, 0xAB, size);
        }
        oe__arena_reset(&arena); /* the block that is kept is dirty */
        unsigned char *taken = oe__arena_take(&arena, 64);
        CHECK(taken != NULL && is_zero(taken, 64));
        oe__arena_free(&arena);
    }
}

static void it_gives_nobody_the_same_bytes_twice(void)
{
    oe__arena arena = {.block_size = 256};
    unsigned char *taken[200];
    for (size_t i = 0; i < 200; i++) {
        taken[i] = oe__arena_take(&arena, i % 37 + 1);
        memset(taken[i], (int)i, i % 37 + 1);
    }
    size_t wrong = 0;
    for (size_t i = 0; i < 200; i++)
        for (size_t j = 0; j < i % 37 + 1; j++)
            wrong += taken[i][j] != (unsigned char)i;
    CHECK_INT(wrong, 0);
    oe__arena_free(&arena);
}

static void it_takes_what_is_larger_than_a_block(void)
{
    static const size_t sizes[] = {16 * 1024 - 16, 16 * 1024, 16 * 1024 + 1, 1000000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        oe__arena arena = {0};
        char *small = oe__arena_take(&arena, 8);
        unsigned char *large = oe__arena_take(&arena, sizes[i]);
        char *after = oe__arena_take(&arena, 8);
        if (CHECK(small && large && after && is_zero(large, sizes[i])))
            memset(large, 1, sizes[i]);
        oe__arena_free(&arena);
    }
}

static void it_keeps_one_block_on_reset(void)
{
    oe__arena arena = {.block_size = 128};
    oe__arena_reset(&arena); /* of an empty one */
    for (int i = 0; i < 50; i++)
        oe__arena_take(&arena, 100);
    oe__arena_reset(&arena);
    const void *kept = arena.first;
    CHECK(kept != NULL);
    CHECK(oe__arena_take(&arena, 64) != NULL);
    CHECK(arena.first == kept);
    oe__arena_free(&arena);
    CHECK(arena.first == NULL);
    oe__arena_free(&arena);
    CHECK(oe__arena_take(&arena, 1) != NULL); /* usable again */
    oe__arena_free(&arena);
}

static void it_refuses_what_cannot_be(void)
{
    oe__arena arena = {0};
    static const struct {
        size_t count, size;
        bool is_possible;
    } cases[] = {
        {0, 0, true},
        {0, 8, true},
        {8, 0, true},
        {3, 5, true},
        {SIZE_MAX, 1, false},
        {SIZE_MAX - 20, 1, false},
        {SIZE_MAX / 2 + 1, 2, false}, /* the product is 0 */
        {SIZE_MAX / 8 + 2, 8, false}, /* the product is 8 */
        {2, SIZE_MAX / 2 + 1, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        CHECK_INT(oe__arena_array(&arena, cases[i].count, cases[i].size) != NULL,
                  cases[i].is_possible);
    CHECK(oe__arena_take(&arena, SIZE_MAX) == NULL);
    CHECK(oe__arena_text(&arena, "x", SIZE_MAX) == NULL);
    CHECK(oe__arena_take(&arena, 8) != NULL); /* still usable */
    oe__arena_free(&arena);
}

static void it_copies_texts(void)
{
    oe__arena arena = {0};
    char source[] = "abcdef";
    const char *copy = oe__arena_text(&arena, source, 3);
    source[0] = 'X';
    CHECK_TEXT(copy, "abc");
    CHECK_TEXT(oe__arena_text(&arena, NULL, 0), "");
    const char *inner = oe__arena_text(&arena, "a\0b", 3);
    CHECK_BYTES(inner, 4, "a\0b\0");
    oe__arena_free(&arena);
}

int main(void)
{
    RUN("what is taken is aligned and zero, also from a used block", it_aligns_and_zeroes);
    RUN("no two pieces share a byte", it_gives_nobody_the_same_bytes_twice);
    RUN("a piece may be larger than a block", it_takes_what_is_larger_than_a_block);
    RUN("a reset keeps one block, a free none", it_keeps_one_block_on_reset);
    RUN("sizes that overflow are refused and harm nothing", it_refuses_what_cannot_be);
    RUN("a text is copied with a terminator", it_copies_texts);
    return check_report();
}
