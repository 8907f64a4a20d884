/* names_spec.c: the table that numbers texts. */
#include "engine/names.h"

#include "check.h"

static size_t name_at(char *text, size_t size, int i)
{
    return (size_t)snprintf(text, size, "name_%d", i);
}

static void it_numbers_in_order(void)
{
    oe__names table = {0};
    char text[32];
    size_t wrong = 0;
    for (int i = 0; i < 3000; i++) {
        size_t length = name_at(text, sizeof text, i);
        wrong += oe__names_find(&table, text, length) != OE__NO_NAME;
        wrong += oe__names_add(&table, text, length) != i;
        wrong += oe__names_add(&table, text, length) != i;
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(table.count, 3000);
    CHECK(table.count * 2 <= table.slot_count + 2);
    for (int i = 0; i < 3000; i++) {
        size_t length = name_at(text, sizeof text, i);
        wrong += oe__names_find(&table, text, length) != i;
        wrong += strcmp(table.names[i].text, text) != 0 || table.names[i].length != length;
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(oe__names_find(&table, "name_3000", 9), OE__NO_NAME);
    oe__names_free(&table);
    CHECK_INT(table.count, 0);
    CHECK_INT(oe__names_find(&table, "name_1", 6), OE__NO_NAME);
}

static void it_tells_similar_texts_apart(void)
{
    static const struct {
        const char *text;
        size_t length;
    } texts[] = {{"", 0},     {"a", 1},    {"A", 1},   {"ab", 2},       {"a\0", 2},
                 {"a\0b", 3}, {"a\0c", 3}, {"abc", 3}, {"\xC3\xA9", 2}, {"e\xCC\x81", 3}};
    oe__names table = {0};
    size_t count = sizeof texts / sizeof *texts;
    for (size_t i = 0; i < count; i++)
        CHECK_INT(oe__names_add(&table, texts[i].text, texts[i].length), i);
    for (size_t i = 0; i < count; i++)
        CHECK_INT(oe__names_find(&table, texts[i].text, texts[i].length), i);
    CHECK_INT(oe__names_find(&table, "abc", 2), 3); /* only the length given counts */
    oe__names_free(&table);
}

static void it_never_moves_a_text(void)
{
    oe__names table = {0};
    char source[] = "first", text[32];
    oe__names_add(&table, source, 5);
    const char *first = table.names[0].text;
    source[0] = 'X';
    for (int i = 0; i < 1000; i++)
        oe__names_add(&table, text, name_at(text, sizeof text, i));
    CHECK(table.names[0].text == first);
    CHECK_TEXT(first, "first");
    oe__names_free(&table);
}

static void it_finds_nothing_in_an_empty_table(void)
{
    oe__names table = {0};
    CHECK_INT(oe__names_find(&table, "a", 1), OE__NO_NAME);
    CHECK_INT(oe__names_find(&table, "", 0), OE__NO_NAME);
    oe__names_free(&table);
}

static void it_hashes_bytes(void)
{
    CHECK(oe__names_hash("a", 1) == oe__names_hash("ab", 1));
    CHECK(oe__names_hash("a", 1) != oe__names_hash("b", 1));
    CHECK(oe__names_hash("a", 1) != oe__names_hash("a\0", 2));
    char text[32];
    unsigned used[16] = {0};
    for (int i = 0; i < 1600; i++)
        used[oe__names_hash(text, name_at(text, sizeof text, i)) & 15]++;
    for (int i = 0; i < 16; i++)
        CHECK(used[i] > 50 && used[i] < 200); /* low bits are usable */
}

int main(void)
{
    RUN("texts are numbered in the order of their first appearance", it_numbers_in_order);
    RUN("texts that look alike have numbers of their own", it_tells_similar_texts_apart);
    RUN("a text never moves while the table grows", it_never_moves_a_text);
    RUN("an empty table knows no name", it_finds_nothing_in_an_empty_table);
    RUN("the hash depends on every byte and spreads", it_hashes_bytes);
    return check_report();
}
