/* hash_spec.c: SHA-256 against the examples of FIPS 180-4. */
#include "check.h"
#include "store/hash.h"

static void it_hashes_the_examples_of_the_standard(void)
{
    static const struct {
        const char *text, *hex;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char hex[OE__SHA256_HEX_SIZE];
        CHECK_INT(oe__sha256_hex(cases[i].text, strlen(cases[i].text), hex), OE_OK);
        CHECK_TEXT(hex, cases[i].hex);
    }
}

static void finish_hex(oe__sha256 *hash, char hex[OE__SHA256_HEX_SIZE])
{
    unsigned char digest[OE__SHA256_SIZE];
    CHECK_INT(oe__sha256_finish(hash, digest), OE_OK);
    oe__sha256_to_hex(digest, hex);
}

static void it_hashes_parts_as_their_whole(void)
{
    char parts[OE__SHA256_HEX_SIZE], whole[OE__SHA256_HEX_SIZE];
    oe__sha256 *hash = oe__sha256_new();
    oe__sha256_add(hash, "a", 1);
    oe__sha256_add(hash, "", 0);
    oe__sha256_add(hash, "bc", 2);
    finish_hex(hash, parts);
    oe__sha256_hex("abc", 3, whole);
    CHECK_TEXT(parts, whole);
}

static void it_keeps_pieces_apart(void)
{
    char one[OE__SHA256_HEX_SIZE], other[OE__SHA256_HEX_SIZE];
    oe__sha256 *hash = oe__sha256_new();
    oe__sha256_add_piece(hash, "ab", 2);
    oe__sha256_add_piece(hash, "c", 1);
    finish_hex(hash, one);
    hash = oe__sha256_new();
    oe__sha256_add_piece(hash, "a", 1);
    oe__sha256_add_piece(hash, "bc", 2);
    finish_hex(hash, other);
    CHECK(strcmp(one, other) != 0);
}

static void it_says_when_there_was_no_memory(void)
{
    unsigned char digest[OE__SHA256_SIZE] = {1};
    oe__sha256_add(NULL, "a", 1);
    CHECK_INT(oe__sha256_finish(NULL, digest), OE_E_MEMORY);
    CHECK_INT(digest[0], 0);
}

int main(void)
{
    RUN("hashes the examples of the standard", it_hashes_the_examples_of_the_standard);
    RUN("hashes parts as their whole", it_hashes_parts_as_their_whole);
    RUN("keeps pieces apart", it_keeps_pieces_apart);
    RUN("says when there was no memory", it_says_when_there_was_no_memory);
    return check_report();
}
