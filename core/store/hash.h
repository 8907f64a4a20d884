/* hash.h: SHA-256, by libcrypto: names and meanings of rulesets, digests of writes, the
 * journal's chain. Knows nothing of what is hashed. */
#ifndef OE_STORE_HASH_H
#define OE_STORE_HASH_H

#include "offerengine.h"

enum { OE__SHA256_SIZE = 32, OE__SHA256_HEX_SIZE = 65 };

/* A hash in the making; NULL when memory is out. Adding to NULL does nothing. */
typedef struct oe__sha256 oe__sha256;

oe__sha256 *oe__sha256_new(void);
void oe__sha256_add(oe__sha256 *hash, const void *bytes, size_t length);

/* The length as eight bytes, then the bytes: pieces cannot run into each other. */
void oe__sha256_add_piece(oe__sha256 *hash, const void *bytes, size_t length);

/* Ends and frees the hash. OE_E_MEMORY when it was NULL or libcrypto failed on the way;
 * `digest` is then zeroed. */
oe_status oe__sha256_finish(oe__sha256 *hash, unsigned char digest[OE__SHA256_SIZE]);

/* The same, but the hash begins anew instead of being freed. */
oe_status oe__sha256_take(oe__sha256 *hash, unsigned char digest[OE__SHA256_SIZE]);

void oe__sha256_free(oe__sha256 *hash);

/* The hash of one run of bytes as 64 lower case hexadecimal digits and a terminator.
 * OE_E_MEMORY leaves the empty text. */
oe_status oe__sha256_hex(const void *bytes, size_t length, char hex[OE__SHA256_HEX_SIZE]);

enum { OE__MEANING_SIZE = 13 };

/* The first 12 digits of the hash of what a ruleset means (oe__ruleset_canonical). OE_E_MEMORY
 * leaves the empty text. */
oe_status oe__hash_meaning(const oe_ruleset *ruleset, char meaning[OE__MEANING_SIZE]);

/* A digest as text. */
void oe__sha256_to_hex(const unsigned char digest[OE__SHA256_SIZE],
                       char hex[OE__SHA256_HEX_SIZE]);

#endif
