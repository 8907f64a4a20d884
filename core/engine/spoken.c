/* spoken.c: whether a text speaks of an attribute. */
#include "engine/spoken.h"

#include <string.h>
#include <strings.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
}

/* In any case; an underscore of a name stands for a space. */
static bool starts_with(const char *text, const char *word, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (word[i] == '_' ? text[i] != '_' && text[i] != ' '
                           : strncasecmp(text + i, word + i, 1) != 0)
            return false;
    return true;
}

/* Whether `text` holds `word` (or its plural in -s) as a word of its own. */
static bool names_word(const char *text, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = text; length > 0 && *at != '\0'; at++) {
        if ((at > text && is_letter(at[-1])) || !starts_with(at, word, length))
            continue;
        const char *end = at + length;
        if (*end == 's' || *end == 'S')
            end++;
        if (!is_letter(*end))
            return true;
    }
    return false;
}

bool oe__speaks_of(const char *text, const oe_attribute *attribute)
{
    for (size_t i = 0; i < attribute->word_count; i++)
        if (names_word(text, attribute->words[i]))
            return true;
    return attribute->word_count == 0 &&
           names_word(text, attribute->label ? attribute->label : attribute->name);
}
