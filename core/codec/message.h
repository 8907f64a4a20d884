/* message.h: an offer's message: the template's texts joined once, values written in their
 * formats. */
#ifndef OE_CODEC_MESSAGE_H
#define OE_CODEC_MESSAGE_H

#include "codec/pieces.h"

/* Fills `words`, which has room for each part of a message about a product. Returns the most
 * bytes that oe__message_put takes for it, 0 when it is empty. */
size_t oe__message_join(oe__pieces *pieces, const oe_ruleset *ruleset, size_t product,
                        const oe__message *message, oe__piece *words);

/* Puts ,"message":"…" where room for it is reserved; nothing when the product has no message,
 * a value that it shows is not on file, or a dimension that its words name earned less than
 * half its weight; or what its function said. Returns the end. */
char *oe__message_put(char *at, const oe__pieces *pieces, const oe_decision *decision,
                      const oe_offer *offer);

enum { OE_AMOUNT_TEXT_MAX = 48 };

/* The same of what a function says. */
size_t oe__message_said_max(void);

/* Writes a number as people read it: with commas between thousands. Money to the nearest cent,
 * the cents only where they are not 00, behind the currency and a space (NULL: none); integers
 * to the nearest one; percent as 100 times the share, to the nearest tenth, which is left out
 * where it is 0. Ties go away from zero. `kind` is one of the numeric ones. Not terminated.
 * Returns the length. */
size_t oe__amount_write(double value, int kind, const char *currency,
                        char out[OE_AMOUNT_TEXT_MAX]);

#endif
