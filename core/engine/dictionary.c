/* dictionary.c: three name tables behind one lock. Never taken while deciding. */
#include "engine/dictionary.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct claimed {
    oe_type type;
    size_t claims; /* 0: the next one says the type anew */
} claimed;

struct oe_dictionary {
    atomic_uint references;
    pthread_mutex_t lock;
    oe__names attributes, products, texts;
    claimed *types; /* by attribute number */
    size_t type_capacity;
};

oe_dictionary *oe_dictionary_new(void)
{
    oe_dictionary *dictionary = calloc(1, sizeof *dictionary);
    if (dictionary == NULL)
        return NULL;
    if (pthread_mutex_init(&dictionary->lock, NULL) != 0) {
        free(dictionary);
        return NULL;
    }
    atomic_init(&dictionary->references, 1);
    return dictionary;
}

oe_dictionary *oe__dictionary_hold(oe_dictionary *dictionary)
{
    atomic_fetch_add_explicit(&dictionary->references, 1, memory_order_relaxed);
    return dictionary;
}

void oe_dictionary_free(oe_dictionary *dictionary)
{
    if (dictionary == NULL ||
        atomic_fetch_sub_explicit(&dictionary->references, 1, memory_order_acq_rel) != 1)
        return;
    oe__names_free(&dictionary->attributes);
    oe__names_free(&dictionary->products);
    oe__names_free(&dictionary->texts);
    free(dictionary->types);
    pthread_mutex_destroy(&dictionary->lock);
    free(dictionary);
}

static bool reserve_type(oe_dictionary *dictionary)
{
    if (dictionary->attributes.count < dictionary->type_capacity)
        return true;
    size_t capacity = dictionary->type_capacity ? dictionary->type_capacity * 2 : 16;
    claimed *types = realloc(dictionary->types, capacity * sizeof *types);
    if (types == NULL)
        return false;
    dictionary->types = types;
    dictionary->type_capacity = capacity;
    return true;
}

static bool differs(const oe_dictionary *dictionary, int32_t number, oe_type type)
{
    return number >= 0 && dictionary->types[number].claims > 0 &&
           dictionary->types[number].type != type;
}

static int32_t claim(oe_dictionary *dictionary, const char *name, oe_type type)
{
    int32_t number = oe__names_find(&dictionary->attributes, name, strlen(name));
    if (differs(dictionary, number, type))
        return -2;
    if (number < 0) {
        number = reserve_type(dictionary)
                     ? oe__names_add(&dictionary->attributes, name, strlen(name))
                     : -1;
        if (number < 0)
            return -1;
        dictionary->types[number].claims = 0;
    }
    dictionary->types[number].type = type;
    dictionary->types[number].claims++;
    return number;
}

int32_t oe__dictionary_claim(oe_dictionary *dictionary, const char *name, oe_type type)
{
    pthread_mutex_lock(&dictionary->lock);
    int32_t number = claim(dictionary, name, type);
    pthread_mutex_unlock(&dictionary->lock);
    return number;
}

void oe__dictionary_release(oe_dictionary *dictionary, const int32_t *numbers, size_t count)
{
    pthread_mutex_lock(&dictionary->lock);
    for (size_t i = 0; i < count; i++)
        if (numbers[i] >= 0 && (size_t)numbers[i] < dictionary->attributes.count)
            dictionary->types[numbers[i]].claims--;
    pthread_mutex_unlock(&dictionary->lock);
}

bool oe__dictionary_differs(oe_dictionary *dictionary, const char *name, oe_type type)
{
    pthread_mutex_lock(&dictionary->lock);
    int32_t number = oe__names_find(&dictionary->attributes, name, strlen(name));
    bool is_other = differs(dictionary, number, type);
    pthread_mutex_unlock(&dictionary->lock);
    return is_other;
}

typedef int32_t (*add_name)(oe__names *table, const char *text, size_t length);

static int32_t find_name(oe__names *table, const char *text, size_t length)
{
    return oe__names_find(table, text, length);
}

static int32_t locked(oe_dictionary *dictionary, oe__names *table, add_name add,
                      const oe__name *name)
{
    pthread_mutex_lock(&dictionary->lock);
    int32_t number = add(table, name->text, name->length);
    pthread_mutex_unlock(&dictionary->lock);
    return number;
}

int32_t oe__dictionary_product(oe_dictionary *dictionary, const char *id, size_t length)
{
    oe__name name = {(char *)(uintptr_t)id, (uint32_t)length};
    return locked(dictionary, &dictionary->products, oe__names_add, &name);
}

int32_t oe__dictionary_text(oe_dictionary *dictionary, const char *text, size_t length)
{
    oe__name name = {(char *)(uintptr_t)text, (uint32_t)length};
    return locked(dictionary, &dictionary->texts, oe__names_add, &name);
}

int32_t oe__dictionary_find_product(oe_dictionary *dictionary, const char *id, size_t length)
{
    oe__name name = {(char *)(uintptr_t)id, (uint32_t)length};
    return locked(dictionary, &dictionary->products, find_name, &name);
}

int32_t oe__dictionary_find_text(oe_dictionary *dictionary, const char *text, size_t length)
{
    oe__name name = {(char *)(uintptr_t)text, (uint32_t)length};
    return locked(dictionary, &dictionary->texts, find_name, &name);
}

size_t oe__dictionary_products(oe_dictionary *dictionary, oe__name *names, size_t count)
{
    pthread_mutex_lock(&dictionary->lock);
    size_t all = dictionary->products.count;
    if (count > all)
        count = all;
    if (count > 0)
        memcpy(names, dictionary->products.names, count * sizeof *names);
    pthread_mutex_unlock(&dictionary->lock);
    return all;
}
