/* json_cases.h: JSON texts and what a strict reader says to them: accepted, or the offset of
 * the first offending byte (the length of the text when it ends too early). For json_spec.c
 * only. */
#ifndef OE_SPEC_JSON_CASES_H
#define OE_SPEC_JSON_CASES_H

#include <stddef.h>
#include <stdint.h>

enum { ACCEPTED = -1 };

typedef struct json_case {
    const char *text;
    size_t length;
    int64_t position;
} json_case;

/* A literal may hold NUL bytes. */
#define TEXT(literal) (literal), sizeof(literal) - 1

/* clang-format off */
static const json_case json_cases[] = {
    /* Values standing alone */
    {TEXT("null"), ACCEPTED}, {TEXT("true"), ACCEPTED}, {TEXT("false"), ACCEPTED},
    {TEXT("0"), ACCEPTED}, {TEXT("\"\""), ACCEPTED}, {TEXT("\"a\""), ACCEPTED},
    {TEXT("[]"), ACCEPTED}, {TEXT("{}"), ACCEPTED}, {TEXT(" \t\r\n null \t\r\n "), ACCEPTED},
    {TEXT(""), 0}, {TEXT(" "), 1}, {TEXT("\n\n"), 2}, {TEXT("\0"), 0}, {TEXT("null\0"), 4},
    {TEXT("\v1"), 0}, {TEXT("\f1"), 0}, {TEXT("1\v"), 1}, {TEXT("1\f"), 1}, {TEXT("\xC2\xA0" "1"), 0},
    {TEXT("\xEF\xBB\xBF{}"), 0}, {TEXT("{}\xEF\xBB\xBF"), 2}, {TEXT("\xFF\xFE{\0}\0"), 0},
    {TEXT("\xE2\x80\xA8" "1"), 0}, {TEXT("1\x7F"), 1},
    /* Words */
    {TEXT("nul"), 3}, {TEXT("nulll"), 4}, {TEXT("nullx"), 4}, {TEXT("null null"), 5}, {TEXT("Null"), 0},
    {TEXT("NULL"), 0}, {TEXT("tru"), 3}, {TEXT("truE"), 3}, {TEXT("True"), 0}, {TEXT("trues"), 4},
    {TEXT("t"), 1}, {TEXT("f"), 1}, {TEXT("n"), 1}, {TEXT("fals"), 4}, {TEXT("falze"), 3}, {TEXT("nil"), 1},
    {TEXT("None"), 0}, {TEXT("undefined"), 0}, {TEXT("NaN"), 0}, {TEXT("nan"), 1}, {TEXT("Infinity"), 0},
    {TEXT("-Infinity"), 1}, {TEXT("-NaN"), 1}, {TEXT("inf"), 0}, {TEXT("yes"), 0}, {TEXT("a"), 0},
    {TEXT("[truefalse]"), 5}, {TEXT("[nu ll]"), 3}, {TEXT("truefalse"), 4},
    /* Numbers */
    {TEXT("1"), ACCEPTED}, {TEXT("-0"), ACCEPTED}, {TEXT("-1"), ACCEPTED}, {TEXT("10"), ACCEPTED},
    {TEXT("0.0"), ACCEPTED}, {TEXT("-0.0"), ACCEPTED}, {TEXT("1.25"), ACCEPTED}, {TEXT("0.5e1"), ACCEPTED},
    {TEXT("1e5"), ACCEPTED}, {TEXT("1E5"), ACCEPTED}, {TEXT("1e+5"), ACCEPTED}, {TEXT("1E-5"), ACCEPTED},
    {TEXT("0e0"), ACCEPTED}, {TEXT("0e+999999"), ACCEPTED}, {TEXT("1e007"), ACCEPTED}, {TEXT("1e308"), ACCEPTED},
    {TEXT("1e-999"), ACCEPTED}, {TEXT("-1e-400"), ACCEPTED}, {TEXT("1.7976931348623157e308"), ACCEPTED},
    {TEXT("5e-324"), ACCEPTED}, {TEXT("123456789012345678901234567890"), ACCEPTED},
    {TEXT("0.1234567890123456789012345678901234567890"), ACCEPTED}, {TEXT(" 7 "), ACCEPTED},
    {TEXT("01"), 1}, {TEXT("-01"), 2}, {TEXT("00"), 1}, {TEXT("-00"), 2}, {TEXT("007"), 1}, {TEXT("1."), 2},
    {TEXT("-1."), 3}, {TEXT("1.e1"), 2}, {TEXT(".5"), 0}, {TEXT("-.5"), 1}, {TEXT("+1"), 0}, {TEXT("-"), 1},
    {TEXT("--1"), 1}, {TEXT("-+1"), 1}, {TEXT("- 1"), 1}, {TEXT("1e"), 2}, {TEXT("1e+"), 3}, {TEXT("1e-"), 3},
    {TEXT("1E"), 2}, {TEXT("1ee5"), 2}, {TEXT("1e+-5"), 3}, {TEXT("1e5.5"), 3}, {TEXT("1.2.3"), 3},
    {TEXT("1-2"), 1}, {TEXT("1+2"), 1}, {TEXT("0x10"), 1}, {TEXT("0b1"), 1}, {TEXT("0o7"), 1}, {TEXT("1_000"), 1},
    {TEXT("1,000"), 1}, {TEXT("1 000"), 2}, {TEXT("1a"), 1}, {TEXT("1f"), 1}, {TEXT("1L"), 1}, {TEXT("1e 5"), 2},
    {TEXT("[1.]"), 3}, {TEXT("[-]"), 2}, {TEXT("[01]"), 2}, {TEXT("[1e]"), 3}, {TEXT("[.1]"), 1}, {TEXT("[+1]"), 1},
    {TEXT("[-a]"), 2}, {TEXT("[1 2]"), 3}, {TEXT("[0.]"), 3}, {TEXT("[2.e3]"), 3}, {TEXT("[1e+]"), 4},
    {TEXT("\xEF\xBC\x91"), 0}, {TEXT("1\xEF\xBC\x91"), 1}, {TEXT("1e999"), 0}, {TEXT("-1e999"), 0},
    {TEXT("[1, 1e309]"), 4}, {TEXT("{\"a\":-1e400}"), 5}, {TEXT("1.7976931348623159e308"), 0},
    {TEXT("[1e99999999999999999999]"), 1}, {TEXT("1e999x"), 0},
    /* Strings: plain, control characters, ends */
    {TEXT("\"hello\""), ACCEPTED}, {TEXT("\"0123456789abcdef\""), ACCEPTED}, {TEXT("\"\x7F\""), ACCEPTED},
    {TEXT("\"'\""), ACCEPTED}, {TEXT("\" \""), ACCEPTED}, {TEXT("\"/\""), ACCEPTED}, {TEXT("\"<b>&\""), ACCEPTED},
    {TEXT("\""), 1}, {TEXT("\"a"), 2}, {TEXT("\"abcdefgh"), 9}, {TEXT("\"abcdefghi"), 10}, {TEXT("'a'"), 0},
    {TEXT("\"a'"), 3}, {TEXT("\"a\"b"), 3}, {TEXT("\"a\"\"b\""), 3}, {TEXT("\"\t\""), 1}, {TEXT("\"\n\""), 1},
    {TEXT("\"a\r\n\""), 2}, {TEXT("\"\0\""), 1}, {TEXT("\"abc\0def\""), 4}, {TEXT("\"\x1F\""), 1},
    {TEXT("\"\x01\""), 1}, {TEXT("\"abcdefg\x1Fhijklmno\""), 8}, {TEXT("\"abcdefgh\x1Fijklmno\""), 9},
    {TEXT("\"abcdefghijklmno\n\""), 16}, {TEXT("\"\x20\""), ACCEPTED}, {TEXT("[\"a]"), 4}, {TEXT("[\"a\"\"b\"]"), 4},
    {TEXT("`a`"), 0}, {TEXT("\xE2\x80\x9C" "a\xE2\x80\x9D"), 0}, {TEXT("\"a\n"), 2},
    /* Escapes */
    {TEXT("\"\\\"\""), ACCEPTED}, {TEXT("\"\\\\\""), ACCEPTED}, {TEXT("\"\\/\\b\\f\\n\\r\\t\""), ACCEPTED},
    {TEXT("\"\\u0041\""), ACCEPTED}, {TEXT("\"\\u00e9\\u00E9\""), ACCEPTED}, {TEXT("\"\\u0001\""), ACCEPTED},
    {TEXT("\"\\uFFFF\""), ACCEPTED}, {TEXT("\"\\uD7FF\\uE000\""), ACCEPTED}, {TEXT("\"\\\\u0000\""), ACCEPTED},
    {TEXT("\"\\uD83D\\uDE00\""), ACCEPTED}, {TEXT("\"\\ud800\\udc00\\uDBFF\\uDFFF\""), ACCEPTED},
    {TEXT("\"\\\""), 3}, {TEXT("\"\\"), 2}, {TEXT("\"\\x41\""), 2}, {TEXT("\"\\a\""), 2}, {TEXT("\"\\'\""), 2},
    {TEXT("\"\\0\""), 2}, {TEXT("\"\\U0041\""), 2}, {TEXT("\"\\N\""), 2}, {TEXT("\"\\ \""), 2}, {TEXT("\"\\\n\""), 2},
    {TEXT("\"\\\0\""), 2}, {TEXT("\"\\\xC3\xA9\""), 2}, {TEXT("\"\\v\""), 2}, {TEXT("\\n"), 0}, {TEXT("\"\\u\""), 3},
    {TEXT("\"\\u"), 3}, {TEXT("\"\\u0\""), 4}, {TEXT("\"\\u00\""), 5}, {TEXT("\"\\u004\""), 6}, {TEXT("\"\\u004"), 6},
    {TEXT("\"\\u0041"), 7}, {TEXT("\"\\u00G0\""), 5}, {TEXT("\"\\ug000\""), 3}, {TEXT("\"\\u-041\""), 3},
    {TEXT("\"\\u 041\""), 3}, {TEXT("\"\\u{41}\""), 3}, {TEXT("\"\\u0x41\""), 4}, {TEXT("\"\\u@041\""), 3},
    {TEXT("\"\\u`041\""), 3}, {TEXT("\"\\u:041\""), 3}, {TEXT("\"\\u/041\""), 3}, {TEXT("\"\\u0000\""), 1},
    {TEXT("\"ab\\u0000cd\""), 3}, {TEXT("{\"\\u0000\":1}"), 2}, {TEXT("\"\\u0000"), 1},
    /* Surrogates */
    {TEXT("\"\\uD83D\""), 7}, {TEXT("\"\\uD83Dx\""), 7}, {TEXT("\"\\uD83D"), 7}, {TEXT("\"\\uD83D\\"), 8},
    {TEXT("\"\\uD83D\\u"), 9}, {TEXT("\"\\uD83D\\uDE"), 11}, {TEXT("\"\\uD83D\\n\""), 8},
    {TEXT("\"\\uD83D\\u0041\""), 1}, {TEXT("\"\\uD83D\\uD83D\""), 1}, {TEXT("\"\\uD83D\\uDBFF\""), 1},
    {TEXT("\"\\uD83D\\uE000\""), 1}, {TEXT("\"\\uDE00\""), 1}, {TEXT("\"\\uDC00\\uD800\""), 1},
    {TEXT("\"\\uDFFF\""), 1}, {TEXT("\"\\uDBFF\""), 7}, {TEXT("\"\\uD83D\\uDE00\\uDE00\""), 13},
    {TEXT("\"a\\uD800\\uDC0G\""), 13}, {TEXT("\"\\uD800\xED\xB0\x80\""), 7},
    /* UTF-8 */
    {TEXT("\"\xC3\xA9\""), ACCEPTED}, {TEXT("\"\xE2\x82\xAC\""), ACCEPTED}, {TEXT("\"\xF0\x9F\x98\x80\""), ACCEPTED},
    {TEXT("\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\""), ACCEPTED}, {TEXT("\"\xED\x9F\xBF\xEE\x80\x80\""), ACCEPTED},
    {TEXT("\"\xF4\x8F\xBF\xBF\""), ACCEPTED}, {TEXT("\"\xE2\x80\xA8\xE2\x80\xA9\""), ACCEPTED},
    {TEXT("\"\xEF\xBB\xBF\""), ACCEPTED}, {TEXT("\"\x80\""), 1}, {TEXT("\"\xBF\""), 1}, {TEXT("\"a\xFF\""), 2},
    {TEXT("\"\xFE\""), 1}, {TEXT("\"\xC0\xAF\""), 1}, {TEXT("\"\xC0\x80\""), 1}, {TEXT("\"\xC1\xBF\""), 1},
    {TEXT("\"\xE0\x80\x80\""), 1}, {TEXT("\"\xE0\x9F\xBF\""), 1}, {TEXT("\"\xF0\x80\x80\x80\""), 1},
    {TEXT("\"\xF0\x8F\xBF\xBF\""), 1}, {TEXT("\"\xED\xA0\x80\""), 1}, {TEXT("\"\xED\xBF\xBF\""), 1},
    {TEXT("\"\xED\xA0\xBD\xED\xB8\x80\""), 1}, {TEXT("\"\xF4\x90\x80\x80\""), 1}, {TEXT("\"\xF5\x80\x80\x80\""), 1},
    {TEXT("\"\xF8\x88\x80\x80\x80\""), 1}, {TEXT("\"\xC3\""), 1}, {TEXT("\"\xC3"), 1}, {TEXT("\"\xE2\x82\""), 1},
    {TEXT("\"\xE2\x82"), 1}, {TEXT("\"\xF0\x9F\x98\""), 1}, {TEXT("\"\xC3(\""), 1}, {TEXT("\"\xE2(\xA1\""), 1},
    {TEXT("\"\xC3\xA9\xC3\xA9\xFF\xC3\xA9\""), 5}, {TEXT("\"\xC3\xA9\xC3\""), 3}, {TEXT("\"a\xC3\xA9\x80\""), 4},
    {TEXT("\"abcdefgh\xE9\""), 9}, {TEXT("{\"\xE9\":1}"), 2}, {TEXT("[\"ok\",\"\xE9\"]"), 7},
    {TEXT("\xC3\xA9"), 0}, {TEXT("[\xC3\xA9]"), 1}, {TEXT("\xFF"), 0},
    /* Arrays */
    {TEXT("[1]"), ACCEPTED}, {TEXT("[ ]"), ACCEPTED}, {TEXT("[1,2]"), ACCEPTED}, {TEXT("[[],[]]"), ACCEPTED},
    {TEXT("[null , true,\n\"x\" ,{}]"), ACCEPTED}, {TEXT("[1\n]"), ACCEPTED}, {TEXT("[[[]]]"), ACCEPTED},
    {TEXT("["), 1}, {TEXT("[1"), 2}, {TEXT("[1,"), 3}, {TEXT("[1,]"), 3}, {TEXT("[,1]"), 1}, {TEXT("[,]"), 1},
    {TEXT("[1,,2]"), 3}, {TEXT("[1;2]"), 2}, {TEXT("[1:2]"), 2}, {TEXT("[1}"), 2}, {TEXT("]"), 0}, {TEXT("[]]"), 2},
    {TEXT("[]["), 2}, {TEXT("[] []"), 3}, {TEXT("[[]"), 3}, {TEXT("[ "), 2}, {TEXT("[}"), 1}, {TEXT("[1, }"), 4},
    {TEXT("[\"a\":1]"), 4}, {TEXT("[1 true]"), 3}, {TEXT("[a]"), 1}, {TEXT("[\"\"\n"), 4}, {TEXT("[...]"), 1},
    {TEXT("[1/**/]"), 2}, {TEXT("[//\n]"), 1}, {TEXT("/*x*/[]"), 0}, {TEXT("[]//"), 2}, {TEXT("[]#"), 2},
    {TEXT("[1,\v2]"), 3}, {TEXT("[\0]"), 1}, {TEXT("(1)"), 0}, {TEXT("<1>"), 0}, {TEXT("[*]"), 1}, {TEXT("[$]"), 1},
    /* Objects */
    {TEXT("{\"a\":1}"), ACCEPTED}, {TEXT("{ \"a\" : 1 , \"b\" : 2 }"), ACCEPTED}, {TEXT("{\"\":0}"), ACCEPTED},
    {TEXT("{\"a\":{},\"b\":[]}"), ACCEPTED}, {TEXT("{\"a\":null}"), ACCEPTED}, {TEXT("{\n}"), ACCEPTED},
    {TEXT("{"), 1}, {TEXT("{ "), 2}, {TEXT("{\"a\""), 4}, {TEXT("{\"a\":"), 5}, {TEXT("{\"a\":1"), 6},
    {TEXT("{\"a\":1,"), 7}, {TEXT("{\"a\":1,}"), 7}, {TEXT("{,}"), 1}, {TEXT("{\"a\":1,,\"b\":2}"), 7},
    {TEXT("{a:1}"), 1}, {TEXT("{'a':1}"), 1}, {TEXT("{1:1}"), 1}, {TEXT("{null:1}"), 1}, {TEXT("{[]:1}"), 1},
    {TEXT("{\"a\" 1}"), 5}, {TEXT("{\"a\",1}"), 4}, {TEXT("{\"a\"=1}"), 4}, {TEXT("{\"a\"::1}"), 5},
    {TEXT("{\"a\":}"), 5}, {TEXT("{\"a\"}"), 4}, {TEXT("{\"a\":1]"), 6}, {TEXT("{\"a\":1 \"b\":2}"), 7},
    {TEXT("{\"a\":1;\"b\":2}"), 6}, {TEXT("{\"a\":1:2}"), 6}, {TEXT("}"), 0}, {TEXT("{}}"), 2}, {TEXT("{}{}"), 2},
    {TEXT("{} x"), 3}, {TEXT("{]"), 1}, {TEXT("{\"a\":1}\0"), 7}, {TEXT("{:1}"), 1}, {TEXT("{\"a\":a}"), 5},
    {TEXT("{\"a\":'b'}"), 5}, {TEXT("{\"a\":1/*x*/}"), 6}, {TEXT("{\"a\" :\n]"), 7}, {TEXT("{\"a"), 3},
    {TEXT("{\"a\":\"b}"), 8}, {TEXT("{\"a\":1,\"b\"}"), 10}, {TEXT("{\"a\":1,2}"), 7}, {TEXT("{{}}"), 1},
    {TEXT("{\"a\":[1,{\"b\":[}]}"), 14}, {TEXT("{\"a\":[}"), 6}, {TEXT("{\"a\":{]}"), 6}, {TEXT(",{}"), 0},
    {TEXT(":1"), 0}, {TEXT("{},"), 2}, {TEXT("\"a\":1"), 3}, {TEXT("{\"a\":01}"), 6}, {TEXT("{\"a\":1.}"), 7},
    /* Repeated names */
    {TEXT("{\"a\":1,\"A\":2}"), ACCEPTED}, {TEXT("{\"a\":1,\"aa\":2}"), ACCEPTED}, {TEXT("{\"a\":{\"a\":1}}"), ACCEPTED},
    {TEXT("[{\"a\":1},{\"a\":2}]"), ACCEPTED}, {TEXT("{\"a\":{\"b\":1},\"b\":2}"), ACCEPTED},
    {TEXT("{\"\\n\":1,\"n\":2}"), ACCEPTED}, {TEXT("{\"\xC3\xA9\":1,\"e\xCC\x81\":2}"), ACCEPTED},
    {TEXT("{\"a\":1,\"a\":2}"), 7}, {TEXT("{\"a\":1,\"b\":2,\"a\":3}"), 13}, {TEXT("{\"\":1,\"\":2}"), 6},
    {TEXT("{\"a\":1,\"\\u0061\":2}"), 7}, {TEXT("{\"\\u0061\":1,\"a\":2}"), 12},
    {TEXT("{\"\\u0061\":1,\"\\u0061\":2}"), 12}, {TEXT("{\"\xC3\xA9\":1,\"\\u00e9\":2}"), 8},
    {TEXT("{\"\\ud83d\\ude00\":1,\"\xF0\x9F\x98\x80\":2}"), 18}, {TEXT("{\"\\/\":1,\"/\":2}"), 8},
    {TEXT("{\"\\n\":1,\"\\u000a\":2}"), 8}, {TEXT("{\"\\u004D\":1,\"\\u004d\":2}"), 12},
    {TEXT("{\"customer_id\":1,\"x\":0,\"customer_id\":2}"), 23}, {TEXT("{\"a\":{\"b\":1,\"b\":2}}"), 12},
    {TEXT("{\"a\":{\"b\":1},\"a\":2}"), 13}, {TEXT("[{\"a\":1},{\"b\":1,\"b\":2}]"), 16},
    {TEXT("{\"a\":[{\"a\":1}],\"a\":2}"), 15}, {TEXT("{\"a\":1,\"a\""), 7},
    {TEXT("{\"customer_id_long\":1,\"customer_id_lon\\u0067\":2}"), 22},
};
/* clang-format on */

enum { JSON_CASE_COUNT = sizeof json_cases / sizeof *json_cases };

#endif
