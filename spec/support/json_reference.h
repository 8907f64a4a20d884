/* json_reference.h: a second opinion on JSON texts, written the other way round: recursive, by
 * copying, with strtod, slow. Only says yes or no. For json_spec.c only; texts are short and
 * hold no NUL. */
#ifndef OE_SPEC_JSON_REFERENCE_H
#define OE_SPEC_JSON_REFERENCE_H

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { REFERENCE_NAMES = 64, REFERENCE_TEXT = 512 };

typedef struct reference_name {
    char text[REFERENCE_TEXT];
    size_t length;
} reference_name;

static const char *reference_value(const char *at, int depth);

static const char *reference_space(const char *at)
{
    return at + strspn(at, " \t\r\n");
}

static long reference_unit(const char *at)
{
    char digits[5] = "";
    if (at[0] != '\\' || at[1] != 'u' || strspn(at + 2, "0123456789abcdefABCDEF") < 4)
        return -1;
    memcpy(digits, at + 2, 4);
    return strtol(digits, NULL, 16);
}

static void reference_put(reference_name *out, unsigned long character)
{
    char *to = out->text + out->length;
    if (character < 0x80) {
        to[0] = (char)character;
        out->length += 1;
    } else if (character < 0x800) {
        to[0] = (char)(0xC0 + character / 64);
        to[1] = (char)(0x80 + character % 64);
        out->length += 2;
    } else if (character < 0x10000) {
        to[0] = (char)(0xE0 + character / 4096);
        to[1] = (char)(0x80 + character / 64 % 64);
        to[2] = (char)(0x80 + character % 64);
        out->length += 3;
    } else {
        to[0] = (char)(0xF0 + character / 262144);
        to[1] = (char)(0x80 + character / 4096 % 64);
        to[2] = (char)(0x80 + character / 64 % 64);
        to[3] = (char)(0x80 + character % 64);
        out->length += 4;
    }
}

/* Decodes, and takes the character only if encoding gives the same bytes again. */
static const char *reference_utf8(const char *at, reference_name *out)
{
    unsigned char first = (unsigned char)at[0];
    int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : -1;
    unsigned long character = more == 3 ? first & 7U : more == 2 ? first & 15U : first & 31U;
    if (more < 0 || first >= 0xF8)
        return NULL;
    for (int i = 1; i <= more; i++) {
        if (((unsigned char)at[i] & 0xC0U) != 0x80)
            return NULL;
        character = character * 64 + ((unsigned char)at[i] & 0x3FU);
    }
    if (character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
        return NULL;
    size_t before = out->length;
    reference_put(out, character);
    bool same = out->length - before == (size_t)more + 1 &&
                memcmp(out->text + before, at, (size_t)more + 1) == 0;
    return same ? at + more + 1 : NULL;
}

static const char *reference_escape(const char *at, reference_name *out)
{
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    long unit = reference_unit(at);
    if (unit < 0) {
        const char *letter = at[1] != '\0' ? strchr(letters, at[1]) : NULL;
        if (letter == NULL)
            return NULL;
        reference_put(out, (unsigned char)meanings[letter - letters]);
        return at + 2;
    }
    if (unit == 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return NULL;
    if (unit < 0xD800 || unit > 0xDFFF) {
        reference_put(out, (unsigned long)unit);
        return at + 6;
    }
    long low = reference_unit(at + 6);
    if (low < 0xDC00 || low > 0xDFFF)
        return NULL;
    reference_put(out, 0x10000UL + (unsigned long)(unit - 0xD800) * 1024 +
                           (unsigned long)(low - 0xDC00));
    return at + 12;
}

static const char *reference_string(const char *at, reference_name *out)
{
    out->length = 0;
    for (at++; at != NULL && *at != '"';) {
        unsigned char byte = (unsigned char)*at;
        if (byte < 0x20)
            return NULL;
        if (byte == '\\')
            at = reference_escape(at, out);
        else if (byte >= 0x80)
            at = reference_utf8(at, out);
        else
            out->text[out->length++] = *at++;
    }
    return at != NULL ? at + 1 : NULL;
}

static const char *reference_number(const char *at)
{
    const char *start = at, *digits = "0123456789";
    at += *at == '-';
    size_t whole = strspn(at, digits);
    if (whole == 0 || (whole > 1 && *at == '0'))
        return NULL;
    at += whole;
    if (*at == '.') {
        size_t fraction = strspn(at + 1, digits);
        if (fraction == 0)
            return NULL;
        at += 1 + fraction;
    }
    if (*at == 'e' || *at == 'E') {
        at += 1 + (at[1] == '+' || at[1] == '-');
        size_t exponent = strspn(at, digits);
        if (exponent == 0)
            return NULL;
        at += exponent;
    }
    return isinf(strtod(start, NULL)) ? NULL : at;
}

static const char *reference_object(const char *at, int depth)
{
    reference_name names[REFERENCE_NAMES];
    size_t count = 0;
    at = reference_space(at + 1);
    if (*at == '}')
        return at + 1;
    for (;; at = reference_space(at + 1)) {
        if (*at != '"' || count == REFERENCE_NAMES)
            return NULL;
        at = reference_string(at, &names[count]);
        for (size_t i = 0; at != NULL && i < count; i++)
            if (names[i].length == names[count].length &&
                memcmp(names[i].text, names[count].text, names[i].length) == 0)
                return NULL;
        count++;
        at = at != NULL ? reference_space(at) : NULL;
        at = at != NULL && *at == ':' ? reference_value(at + 1, depth) : NULL;
        if (at == NULL || *at == '}')
            return at != NULL ? at + 1 : NULL;
        if (*at != ',')
            return NULL;
    }
}

static const char *reference_array(const char *at, int depth)
{
    at = reference_space(at + 1);
    if (*at == ']')
        return at + 1;
    for (;; at++) {
        at = reference_value(at, depth);
        if (at == NULL || *at == ']')
            return at != NULL ? at + 1 : NULL;
        if (*at != ',')
            return NULL;
    }
}

/* Behind the value and the space behind it, NULL if there is none. */
static const char *reference_value(const char *at, int depth)
{
    reference_name text;
    at = reference_space(at);
    if ((*at == '{' || *at == '[') && depth == 16)
        return NULL;
    if (*at == '{')
        at = reference_object(at, depth + 1);
    else if (*at == '[')
        at = reference_array(at, depth + 1);
    else if (*at == '"')
        at = reference_string(at, &text);
    else if (strncmp(at, "true", 4) == 0 || strncmp(at, "null", 4) == 0)
        at += 4;
    else if (strncmp(at, "false", 5) == 0)
        at += 5;
    else
        at = reference_number(at);
    return at != NULL ? reference_space(at) : NULL;
}

/* `text` is terminated and shorter than REFERENCE_TEXT / 2. */
static bool reference_accepts(const char *text)
{
    const char *end = reference_value(text, 0);
    return end != NULL && *end == '\0';
}

#endif
