/* record.h: one decision as the journal keeps it: what it was made of, and a digest of its
 * bytes. Knows nothing of where records are kept.
 *
 * A decision is a pure function of the rules, the profile, the clock, the options and the
 * functions that were stopped; all but the rules are in the record, the rules are named by
 * their generation. Products, attributes, categories and functions are written as the numbers
 * that the rules give them in their order of declaration.
 *
 * Layout (numbers are varints unless said otherwise, a text is its length and its bytes):
 *   16 bytes id, version, generation, clock less the id's time (folded), flags (1: limit,
 *   2: category, 4: channel, 8: campaign, 16: contacts), limit, category, text channel, text
 *   campaign, text customer id, 16 bytes digest;
 *   attributes: how many, a bit for each that is on file, their values;
 *   owned products: how many, numbers; unknown products: how many, texts;
 *   stopped functions: how many, numbers; offers: how many, each product and tenths << 1 |
 *   fallback, with contacts the clock less its unit (folded), in rank order; with contacts,
 * what contact policies left: how many, each policy + 1 (0: an opt-out), unit + 1, left, until
 * less clock (folded, 0: not by itself, else + 1); held units: how many, each product and clock
 * less unit (folded). Version 1 knows neither campaigns nor contacts; a decision without them
 * is written so. A value is tagged in its low two bits: 0 whole and 1 hundredths, folded; 2 an
 * IEEE double, whose eight bytes (low first) follow; 3 a text's length, its bytes follow. */
#ifndef OE_CODEC_RECORD_H
#define OE_CODEC_RECORD_H

#include "engine/text.h"
#include "offerengine.h"

enum {
    OE_RECORD_ID_SIZE = 16,
    OE_RECORD_ID_TEXT = 32, /* hexadecimal digits */
    OE_RECORD_DIGEST_SIZE = 16
};

/* A part of a record that was read: `count` items between two places. */
typedef struct oe__record_part {
    const char *at, *end;
    size_t count;
    bool has_units; /* offers: */
    int64_t at_ms;  /* what units are less than */
} oe__record_part;

typedef struct oe__record {
    unsigned char id[OE_RECORD_ID_SIZE];
    uint64_t generation;
    oe_options options;             /* read: contacts are NULL, see has_contacts */
    const char *channel, *campaign; /* NULL: none was given */
    size_t channel_length, campaign_length;
    const char *customer_id;
    size_t customer_id_length;
    unsigned char digest[OE_RECORD_DIGEST_SIZE];
    /* Of a record that was read; borrowed, as are the texts above. */
    bool has_contacts;
    oe__record_part attributes, owned, unknown, stopped, offers, allowances, held;
    const char *on_file; /* a bit by attribute */
} oe__record;

/* What the layout is made of. */
enum {
    OE__RECORD_BARE = 1, /* the versions */
    OE__RECORD_VERSION = 2,
    OE__RECORD_LIMIT = 1,
    OE__RECORD_CATEGORY = 2,
    OE__RECORD_CHANNEL = 4,
    OE__RECORD_CAMPAIGN = 8,
    OE__RECORD_CONTACTS = 16,
    OE__RECORD_WHOLE = 0,
    OE__RECORD_HUNDREDTHS = 1,
    OE__RECORD_DOUBLE = 2,
    OE__RECORD_TEXT = 3
};

typedef struct oe__record_offer {
    uint64_t product; /* by declaration */
    uint32_t tenths;  /* of the confidence */
    bool fallback;
    int64_t unit_ms; /* as in oe_offer */
} oe__record_offer;

/* ---- Ids ---- */

/* An id that sorts by its time: the layout of UUID version 7 (RFC 9562): 48 bits of
 * milliseconds, then 26 bits of `sequence` and 48 of `random`. */
void oe__record_make_id(unsigned char id[OE_RECORD_ID_SIZE], int64_t at_ms, uint32_t sequence,
                        uint64_t random);
int64_t oe__record_id_ms(const unsigned char id[OE_RECORD_ID_SIZE]);

/* The text form: lower case hexadecimal digits, which UUID readers take. */
void oe__record_id_write(const unsigned char id[OE_RECORD_ID_SIZE],
                         char text[OE_RECORD_ID_TEXT]);
/* Takes upper case and the dashes of a UUID as well. */
bool oe__record_id_read(const char *text, size_t length, unsigned char id[OE_RECORD_ID_SIZE]);

/* ---- Records ---- */

/* Appends the record of the decision that `decider` holds for `profile`; `record` says the
 * rest (the parts are not looked at). The buffer grows when it must and fails as buffers do. */
void oe__record_write(oe__buffer *buffer, const oe__record *record, const oe_profile *profile,
                      const oe_decider *decider);

/* Reads a whole record without its rules. OE_E_CORRUPT: not one, or bytes are left over. */
oe_status oe__record_read(const char *bytes, size_t length, oe__record *record,
                          oe_error *error);

/* The same up to the digest; *used is where the parts begin, and they are not looked at. */
oe_status oe__record_read_head(const char *bytes, size_t length, oe__record *record,
                               size_t *used, oe_error *error);

/* The profile that was decided for. OE_E_CONFLICT: the record was made by other rules than
 * those of `profile`. OE_E_MEMORY. */
oe_status oe__record_profile(const oe__record *record, oe_profile *profile, oe_error *error);

/* Takes the next offer from `part`, a copy of record->offers. false: there is none. */
bool oe__record_next_offer(oe__record_part *part, oe__record_offer *offer);

/* The contacts that were decided with, of a record that has some, into `allowances` and `held`,
 * which have room for record->allowances.count and record->held.count. */
void oe__record_contacts(const oe__record *record, oe_allowance *allowances, oe_held *held,
                         oe_contacts *contacts);

/* Marks the functions that were stopped. OE_E_CONFLICT: one has a number of `count` or more. */
oe_status oe__record_stopped(const oe__record *record, bool *stopped, size_t count,
                             oe_error *error);

#endif
