/* number.h: numbers as text, independent of the process locale. Owns the grammar of a JSON
 * number and how the product prints one; knows nothing of what a number means. */
#ifndef OE_CODEC_NUMBER_H
#define OE_CODEC_NUMBER_H

#include "offerengine.h"

enum { OE_NUMBER_TEXT_MAX = 32 };

/* Writes `value` rounded to the nearest tenth with exactly one decimal ("91.3", "0.0", never
 * "-0.0"). Rounding looks at the exact binary value; exact ties (only n.25 and n.75 can be) go
 * away from zero, so that 0.35, which is stored as 0.34999…, becomes "0.3". From 1e28 on, where
 * the digits would not fit, the form is that of oe__number_write. `out` is terminated. Returns
 * the length without the terminator. */
size_t oe__number_write_tenths(double value, char out[OE_NUMBER_TEXT_MAX]);

/* What the former shows, as a whole number of tenths; 0 <= `magnitude` < 1e18. */
uint64_t oe__number_tenths(double magnitude);

/* Writes the shortest digits (at most 17) that read back as the same double: "95000",
 * "28000.5", "-0", "1e+21", "1.5e-7". No exponent from 0.000001 up to below 1e21. A value that
 * is not finite is written as "null", the only JSON there is for it. `out` is terminated.
 * Returns the length. */
size_t oe__number_write(double value, char out[OE_NUMBER_TEXT_MAX]);

/* Reads the JSON number that begins `bytes` and stops behind its last byte, correctly rounded
 * (nearest, ties to even; too small becomes zero). `used` is set to the bytes read.
 * OE_E_SYNTAX: no number; `used` is the offset of the first byte that does not fit (`length`
 * when the text ends too early). OE_E_INVALID: beyond the range of a double; `used` as on
 * success. */
oe_status oe__number_scan(const char *bytes, size_t length, size_t *used, double *value);

/* The same for a text that must be a number and nothing else. `value` is untouched on failure.
 */
oe_status oe__number_read(const char *bytes, size_t length, double *value);

#endif
