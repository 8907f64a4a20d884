/* hash.c: the only user of libcrypto's digests: of the functions that hash into memory of the
 * caller. Those that replace them set up and free a context for each digest, which costs more
 * than a short text's hash. */
#define OPENSSL_API_COMPAT 0x10101000L /* the version from which on others are preferred */
#include "store/hash.h"

#include "engine/ruleset.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

struct oe__sha256 {
    SHA256_CTX context;
    bool failed;
};

oe__sha256 *oe__sha256_new(void)
{
    oe__sha256 *hash = malloc(sizeof *hash);
    if (hash != NULL)
        hash->failed = SHA256_Init(&hash->context) != 1;
    return hash;
}

void oe__sha256_add(oe__sha256 *hash, const void *bytes, size_t length)
{
    if (hash != NULL && length > 0 && SHA256_Update(&hash->context, bytes, length) != 1)
        hash->failed = true;
}

void oe__sha256_add_piece(oe__sha256 *hash, const void *bytes, size_t length)
{
    unsigned char prefix[8];
    for (int i = 0; i < 8; i++)
        prefix[i] = (unsigned char)(((uint64_t)length >> (8 * i)) & 0xff);
    oe__sha256_add(hash, prefix, sizeof prefix);
    oe__sha256_add(hash, bytes, length);
}

oe_status oe__sha256_take(oe__sha256 *hash, unsigned char digest[OE__SHA256_SIZE])
{
    bool ok = hash != NULL && !hash->failed && SHA256_Final(digest, &hash->context) == 1;
    if (!ok)
        memset(digest, 0, OE__SHA256_SIZE);
    if (hash != NULL) /* one that failed stays so */
        hash->failed = SHA256_Init(&hash->context) != 1 || !ok;
    return ok ? OE_OK : OE_E_MEMORY;
}

void oe__sha256_free(oe__sha256 *hash)
{
    free(hash);
}

oe_status oe__sha256_finish(oe__sha256 *hash, unsigned char digest[OE__SHA256_SIZE])
{
    oe_status status = oe__sha256_take(hash, digest);
    oe__sha256_free(hash);
    return status;
}

oe_status oe__sha256_hex(const void *bytes, size_t length, char hex[OE__SHA256_HEX_SIZE])
{
    unsigned char digest[OE__SHA256_SIZE];
    oe__sha256 *hash = oe__sha256_new();
    oe__sha256_add(hash, bytes, length);
    oe_status status = oe__sha256_finish(hash, digest);
    if (status == OE_OK)
        oe__sha256_to_hex(digest, hex);
    else
        hex[0] = '\0';
    return status;
}

static void add_meaning(void *context, const char *bytes, size_t length)
{
    oe__sha256_add(context, bytes, length);
}

oe_status oe__hash_meaning(const oe_ruleset *ruleset, char meaning[OE__MEANING_SIZE])
{
    unsigned char digest[OE__SHA256_SIZE];
    char hex[OE__SHA256_HEX_SIZE];
    oe__sha256 *hash = oe__sha256_new();
    oe_status written = oe__ruleset_canonical(ruleset, (oe__byte_sink){add_meaning, hash});
    oe_status hashed = oe__sha256_finish(hash, digest);
    meaning[0] = '\0';
    if (written != OE_OK || hashed != OE_OK)
        return OE_E_MEMORY;
    oe__sha256_to_hex(digest, hex);
    memcpy(meaning, hex, OE__MEANING_SIZE - 1);
    meaning[OE__MEANING_SIZE - 1] = '\0';
    return OE_OK;
}

void oe__sha256_to_hex(const unsigned char digest[OE__SHA256_SIZE],
                       char hex[OE__SHA256_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < OE__SHA256_SIZE; i++) {
        hex[2 * i] = digits[digest[i] >> 4];
        hex[2 * i + 1] = digits[digest[i] & 15];
    }
    hex[OE__SHA256_HEX_SIZE - 1] = '\0';
}
