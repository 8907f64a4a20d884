/* message.c: templates of messages. {income:money} is a value in a format, {{ and }} are
 * braces. */
#include "engine/message.h"

#include "engine/seal.h"
#include "engine/spoken.h"

#include <string.h>

/* A message being taken apart. Of the template only `at` moves. */
typedef struct template
{
    oe__sealing *sealing;
    size_t product;
    const char *of, *id; /* whose it is */
    oe_where where;      /* of the message */
    oe__message *into;
    const char *at;
    oe__message_part *parts;
    size_t count;
    oe__buffer words;  /* of the part that is being read */
    oe__buffer spoken; /* all words, a space for each value */
    bool faulty;
}
template;

static const char *const formats[] = {"money", "number", "integer", "percent"};
enum { FORMATS = sizeof formats / sizeof *formats };

static const char *const own[] = {"name", "category", "customer_id", "confidence"};
enum { OWN = sizeof own / sizeof *own };

static void refuse(template *read, const char *code, const char *suggestion, const char *fault,
                   const char *what)
{
    read->faulty = true;
    oe__builder_error(read->sealing->builder, code, read->where, suggestion,
                      "message of %s \"%s\": %s%s%s%s", read->of, read->id, fault,
                      what ? " \"" : "", what ? what : "", what ? "\"" : "");
}

static oe__message_part *add_part(template *read, oe__message_kind kind)
{
    oe__message_part *part = &read->parts[read->count++];
    part->kind = kind;
    return part;
}

static void end_words(template *read)
{
    if (read->words.length == 0)
        return;
    const char *copy =
        oe__arena_text(&read->sealing->ruleset->arena, read->words.data, read->words.length);
    if (copy == NULL)
        read->sealing->builder->failed = true;
    else
        add_part(read, OE__MESSAGE_WORDS)->words = copy;
    read->words.length = 0;
}

static int place_of(const char *word, const char *const *words, int count)
{
    for (int i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

static const char *nearest_name(template *read, const char *name)
{
    const oe_ruleset *ruleset = read->sealing->ruleset;
    size_t count = ruleset->declared.attributes.count;
    const char **words = oe__seal_array(read->sealing, count + OWN, sizeof *words);
    if (words == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++)
        words[i] = oe__attribute(ruleset, i)->name;
    memcpy(words + count, own, sizeof own);
    return oe_suggest(name, words, count + OWN);
}

/* In the words of every other unknown name. */
static void refuse_name(template *read, const char *name)
{
    read->faulty = true;
    oe__builder_error(read->sealing->builder, "E012", read->where, nearest_name(read, name),
                      "unknown attribute \"%s\" in message of %s \"%s\"", name, read->of,
                      read->id);
}

static oe__message_kind plain_kind(oe_type type)
{
    static const oe__message_kind kinds[OE_TYPE_COUNT] = {
        [OE_NUMBER] = OE__MESSAGE_NUMBER, [OE_INTEGER] = OE__MESSAGE_INTEGER,
        [OE_MONEY] = OE__MESSAGE_MONEY,   [OE_TEXT] = OE__MESSAGE_TEXT,
        [OE_FLAG] = OE__MESSAGE_FLAG,
    };
    return kinds[type];
}

static void read_value(template *read, size_t number, const char *format)
{
    const oe_attribute *attribute = oe__attribute(read->sealing->ruleset, number);
    int chosen = format ? place_of(format, formats, FORMATS) : 0;
    if ((unsigned)attribute->type >= OE_PRODUCT_SET)
        refuse(read, "E092", NULL, "products cannot be shown:", attribute->name);
    else if (chosen < 0)
        refuse(read, "E091", oe_suggest(format, formats, FORMATS),
               "allowed formats are money, number, integer and percent; unknown format",
               format);
    else if (format != NULL && !oe__type_is_numeric(attribute->type))
        refuse(read, "E092", NULL, "only numbers have a format:", attribute->name);
    else
        add_part(read, format ? (oe__message_kind)((int)OE__MESSAGE_MONEY + chosen)
                              : plain_kind(attribute->type))
            ->attribute = (uint32_t)number;
}

static void read_name(template *read, const char *name, const char *format)
{
    int mine = place_of(name, own, OWN);
    int32_t attribute =
        oe__names_find(&read->sealing->ruleset->index[OE_ATTRIBUTES], name, strlen(name));
    if (mine >= 0 && format != NULL)
        refuse(read, "E092", NULL, "only numbers have a format:", name);
    else if (mine >= 0)
        add_part(read, (oe__message_kind)((int)OE__MESSAGE_NAME + mine));
    else if (attribute < 0)
        refuse_name(read, name);
    else
        read_value(read, (size_t)attribute, format);
}

/* Behind the opening brace. */
static void read_braces(template *read)
{
    char inside[2 * OE_ID_MAX + 2];
    size_t length = strcspn(read->at, "{}");
    if (read->at[length] != '}') {
        refuse(read, "E090", NULL, "a brace { is not closed; a brace itself is written {{",
               NULL);
        read->at += strlen(read->at);
        return;
    }
    if (length >= sizeof inside) {
        refuse(read, "E090", NULL, "between braces stands the name of an attribute", NULL);
    } else {
        memcpy(inside, read->at, length);
        inside[length] = '\0';
        char *colon = strchr(inside, ':');
        if (colon != NULL)
            *colon = '\0';
        end_words(read);
        read_name(read, inside, colon != NULL ? colon + 1 : NULL);
        oe__buffer_add_char(&read->spoken, ' ');
    }
    read->at += length + 1;
}

static void read_template(template *read)
{
    while (*read->at != '\0') {
        size_t plain = strcspn(read->at, "{}");
        bool brace = plain == 0 && read->at[1] == read->at[0];
        if (plain > 0 || brace) {
            oe__buffer_add(&read->words, read->at, plain > 0 ? plain : 1);
            oe__buffer_add(&read->spoken, read->at, plain > 0 ? plain : 1);
            read->at += plain > 0 ? plain : 2;
        } else if (*read->at++ == '{') {
            read_braces(read);
        } else {
            refuse(read, "E090", NULL, "a brace } closes nothing; a brace itself is written }}",
                   NULL);
        }
    }
    end_words(read);
}

static bool shows(const template *read, uint32_t attribute)
{
    for (size_t i = 0; i < read->count; i++)
        if (read->parts[i].kind >= OE__MESSAGE_MONEY && read->parts[i].attribute == attribute)
            return true;
    return false;
}

static void refuse_dimension(template *read, const char *name)
{
    const char *product = oe__product(read->sealing->ruleset, read->product)->id;
    if (strcmp(read->of, "product") == 0)
        oe__builder_error(read->sealing->builder, "E079", read->where, NULL,
                          "product \"%s\": its message speaks of \"%s\", which does not score "
                          "it; add min_%s or change the message",
                          product, name, name);
    else
        oe__builder_error(read->sealing->builder, "E079", read->where, NULL,
                          "%s \"%s\": its message speaks of \"%s\", which does not score "
                          "product \"%s\"; leave that out or change the message",
                          read->of, read->id, name, product);
}

/* Like a reason: what it speaks of must score the product. */
static void check_dimensions(template *read)
{
    const oe_ruleset *ruleset = read->sealing->ruleset;
    const oe__compiled *compiled = &ruleset->compiled[read->product];
    for (size_t d = 0; d < ruleset->declared.dimensions.count; d++) {
        const char *name = oe__dimension(ruleset, d)->attribute;
        int32_t attribute = oe__names_find(&ruleset->index[OE_ATTRIBUTES], name, strlen(name));
        if (attribute < 0)
            continue;
        bool spoken =
            oe__speaks_of(read->spoken.data, oe__attribute(ruleset, (size_t)attribute));
        uint64_t bit = oe__seal_term_bit(compiled, d);
        if (spoken)
            read->into->terms |= bit;
        if (bit == 0 && (spoken || shows(read, (uint32_t)attribute)))
            refuse_dimension(read, name);
    }
}

void oe__seal_message(oe__sealing *sealing, size_t product, const oe__saying *saying)
{
    size_t most = 2;
    for (const char *at = saying->words; *at != '\0'; at++)
        most += *at == '{' ? 2 : 0;
    template read = {.sealing = sealing,
                     .product = product,
                     .of = saying->of,
                     .id = saying->id,
                     .where = saying->where,
                     .into = saying->message};
    read.at = saying->words;
    read.parts = oe__seal_array(sealing, most, sizeof *read.parts);
    if (read.parts != NULL)
        read_template(&read);
    oe__buffer_add_char(&read.spoken, '\0');
    sealing->builder->failed |= read.words.failed || read.spoken.failed;
    if (!sealing->builder->failed && !read.faulty)
        check_dimensions(&read);
    oe__buffer_free(&read.words);
    oe__buffer_free(&read.spoken);
    saying->message->parts = read.parts;
    saying->message->count = read.count;
}

/* What a function may say is checked as far as it is known; the rest when it says it. */
static void seal_call(oe__sealing *sealing, const oe__message_call *call)
{
    oe_ruleset *ruleset = sealing->ruleset;
    int32_t product =
        oe__names_find(&ruleset->index[OE_PRODUCTS], call->product, strlen(call->product));
    if (product < 0)
        return;
    template read = {.sealing = sealing,
                     .product = (size_t)product,
                     .of = "product",
                     .id = call->product,
                     .where = call->where,
                     .into = &ruleset->compiled[product].message};
    if (call->function >= OE__FUNCTIONS_MAX)
        refuse(&read, "E075", NULL, "there are too many functions", NULL);
    oe__buffer_add(&read.spoken, call->texts, strlen(call->texts) + 1);
    sealing->builder->failed |= read.spoken.failed;
    if (!sealing->builder->failed)
        check_dimensions(&read);
    oe__buffer_free(&read.spoken);
    ruleset->compiled[product].message_function = call->function;
    ruleset->compiled[product].message.terms = 0;
}

void oe__seal_messages(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        ruleset->compiled[p].message_function = OE__NO_FUNCTION;
        const oe_product *declared = oe__product(ruleset, p);
        if (declared->message != NULL && !sealing->builder->failed)
            oe__seal_message(sealing, p,
                             &(oe__saying){"product", declared->id, declared->message,
                                           declared->message_where,
                                           &ruleset->compiled[p].message});
    }
    for (size_t i = 0; i < ruleset->declared.messages.count && !sealing->builder->failed; i++)
        seal_call(sealing, oe__message_call_at(ruleset, i));
}
