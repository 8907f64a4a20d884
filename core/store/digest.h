/* digest.h: the digest of a decision's bytes in the journal: XXH3-128, by libxxhash. It tells
 * whether a decision made again came out the same; that nobody forged it is what the journal's
 * SHA-256 chain tells. A server computes one for each answer: it takes a tenth of the time of
 * SHA-256. */
#ifndef OE_STORE_DIGEST_H
#define OE_STORE_DIGEST_H

#include "offerengine.h"

enum { OE__DIGEST_SIZE = 16, OE__DIGEST_SHORT = 240 };

/* The clock is part of it, for the bytes do not show it. */
void oe__digest(const void *bytes, size_t length, int64_t at_ms,
                unsigned char digest[OE__DIGEST_SIZE]);

/* XXH3-128 of the bytes, low half first, by two programs with one result. The wide one must not
 * be called where oe__digest_is_wide says no; up to OE__DIGEST_SHORT bytes it brings nothing.
 */
bool oe__digest_is_wide(void);
void oe__digest_plain(const void *bytes, size_t length, uint64_t halves[2]);
void oe__digest_wide(const void *bytes, size_t length, uint64_t halves[2]);

#endif
