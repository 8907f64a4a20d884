/* profile.h: profiles as JSON, beside the public oe_profile_read and oe_profile_write. Knows
 * nothing of decisions. */
#ifndef OE_CODEC_PROFILE_H
#define OE_CODEC_PROFILE_H

#include "engine/text.h"
#include "offerengine.h"

/* Changes a profile by a JSON merge patch (RFC 7396): members replace, null takes an optional
 * or nullable attribute off the file, a list replaces the owned products. customer_id may be
 * there and must be the profile's own. A required attribute that is still not on file is
 * "missing". Failures and report as of oe_profile_read; after one the profile's content is
 * unspecified but valid. */
oe_status oe__profile_patch(oe_profile *profile, const char *json, size_t length,
                            oe_read_report *report, oe_error *error);

/* Appends what oe_profile_write writes: customer_id, then the attributes in schema order.
 * Numbers as oe__number_write, owned products as oe_profile_owned orders them. Not on file:
 * left out where optional, else null. */
void oe__profile_write(oe__buffer *buffer, const oe_profile *profile);

#endif
