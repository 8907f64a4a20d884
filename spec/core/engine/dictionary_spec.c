/* dictionary_spec.c: the numbers that populations and rulesets share. */
#include "engine/dictionary.h"

#include "check.h"

#include <pthread.h>

static void it_numbers_each_kind_for_itself(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    CHECK_INT(oe__dictionary_find_product(dictionary, "a", 1), -1);
    CHECK_INT(oe__dictionary_find_text(dictionary, "a", 1), -1);
    CHECK(!oe__dictionary_differs(dictionary, "a", OE_NUMBER));
    CHECK_INT(oe__dictionary_product(dictionary, "a", 1), 0);
    CHECK_INT(oe__dictionary_product(dictionary, "b", 1), 1);
    CHECK_INT(oe__dictionary_product(dictionary, "a", 1), 0);
    CHECK_INT(oe__dictionary_text(dictionary, "b", 1), 0);
    CHECK_INT(oe__dictionary_text(dictionary, "", 0), 1);
    CHECK_INT(oe__dictionary_find_product(dictionary, "b", 1), 1);
    CHECK_INT(oe__dictionary_find_text(dictionary, "b", 1), 0);
    CHECK_INT(oe__dictionary_find_text(dictionary, "a", 1), -1);
    oe_dictionary_free(dictionary);
}

static void it_keeps_a_claimed_type(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    char name[16];
    for (int i = 0; i < 40; i++) { /* more than the first table of types holds */
        snprintf(name, sizeof name, "a%d", i);
        oe_type type = i % 2 ? OE_NUMBER : OE_TEXT, other = i % 2 ? OE_MONEY : OE_FLAG;
        CHECK_INT(oe__dictionary_claim(dictionary, name, type), i);
        CHECK_INT(oe__dictionary_claim(dictionary, name, type), i);
        CHECK_INT(oe__dictionary_claim(dictionary, name, other), -2);
        CHECK(!oe__dictionary_differs(dictionary, name, type));
        CHECK(oe__dictionary_differs(dictionary, name, other));
    }
    CHECK_INT(oe__dictionary_claim(dictionary, "a0", OE_TEXT), 0);
    oe_dictionary_free(dictionary);
}

static void it_frees_a_released_type(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    CHECK_INT(oe__dictionary_claim(dictionary, "a", OE_NUMBER), 0);
    CHECK_INT(oe__dictionary_claim(dictionary, "b", OE_NUMBER), 1);
    CHECK_INT(oe__dictionary_claim(dictionary, "b", OE_NUMBER), 1);
    const int32_t both[] = {0, 1}, strange[] = {-1, -2, 2, INT32_MAX};
    oe__dictionary_release(dictionary, strange, 4);
    oe__dictionary_release(dictionary, both, 2);
    CHECK(!oe__dictionary_differs(dictionary, "a", OE_TEXT));
    CHECK(oe__dictionary_differs(dictionary, "b", OE_TEXT));
    CHECK_INT(oe__dictionary_claim(dictionary, "b", OE_TEXT), -2);
    CHECK_INT(oe__dictionary_claim(dictionary, "a", OE_TEXT), 0); /* the number stays */
    CHECK_INT(oe__dictionary_claim(dictionary, "a", OE_NUMBER), -2);
    oe__dictionary_release(dictionary, &both[1], 1);
    CHECK_INT(oe__dictionary_claim(dictionary, "b", OE_TEXT), 1);
    oe_dictionary_free(dictionary);
}

static void it_lists_products(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    oe__name names[3] = {{NULL, 0}};
    CHECK_INT(oe__dictionary_products(dictionary, names, 3), 0);
    oe__dictionary_product(dictionary, "first", 5);
    oe__dictionary_product(dictionary, "second", 6);
    CHECK_INT(oe__dictionary_products(dictionary, NULL, 0), 2);
    CHECK_INT(oe__dictionary_products(dictionary, names, 1), 2);
    CHECK_TEXT(names[0].text, "first");
    CHECK(names[1].text == NULL);
    CHECK_INT(oe__dictionary_products(dictionary, names, 3), 2);
    CHECK_TEXT(names[1].text, "second");
    CHECK_INT(names[1].length, 6);
    oe_dictionary_free(dictionary);
}

static void it_lives_as_long_as_somebody_holds_it(void)
{
    oe_dictionary *dictionary = oe_dictionary_new();
    CHECK(oe__dictionary_hold(dictionary) == dictionary);
    oe_dictionary_free(dictionary);
    CHECK_INT(oe__dictionary_product(dictionary, "a", 1), 0);
    oe_dictionary_free(dictionary);
    oe_dictionary_free(NULL);
}

enum { THREADS = 3, NAMES = 400 };

typedef struct worker {
    oe_dictionary *dictionary;
    int32_t numbers[NAMES];
} worker;

static void *add_names(void *context)
{
    worker *self = context;
    char name[16];
    for (int i = 0; i < NAMES; i++)
        self->numbers[i] = oe__dictionary_product(
            self->dictionary, name, (size_t)snprintf(name, sizeof name, "p%d", i));
    return NULL;
}

static void it_gives_all_threads_the_same_numbers(void)
{
    static worker workers[THREADS];
    pthread_t threads[THREADS];
    oe_dictionary *dictionary = oe_dictionary_new();
    for (int t = 0; t < THREADS; t++) {
        workers[t].dictionary = dictionary;
        CHECK_INT(pthread_create(&threads[t], NULL, add_names, &workers[t]), 0);
    }
    for (int t = 0; t < THREADS; t++)
        pthread_join(threads[t], NULL);
    for (int t = 1; t < THREADS; t++)
        CHECK_INT(memcmp(workers[t].numbers, workers[0].numbers, sizeof workers[0].numbers), 0);
    CHECK_INT(oe__dictionary_products(dictionary, NULL, 0), NAMES);
    oe_dictionary_free(dictionary);
}

int main(void)
{
    RUN("products and texts are numbered for themselves, and never twice",
        it_numbers_each_kind_for_itself);
    RUN("an attribute keeps its type while somebody claims it", it_keeps_a_claimed_type);
    RUN("an attribute may get another type once it is released as often as claimed",
        it_frees_a_released_type);
    RUN("product ids are listed in the order of their numbers", it_lists_products);
    RUN("a dictionary is freed with its last reference", it_lives_as_long_as_somebody_holds_it);
    RUN("all threads get the same numbers", it_gives_all_threads_the_same_numbers);
    return check_report();
}
