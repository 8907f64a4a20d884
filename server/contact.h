/* contact.h: told of every event that is stored, once each: at its commit, and again when the
 * service starts. */
#ifndef OE_SERVER_CONTACT_H
#define OE_SERVER_CONTACT_H

#include "codec/outcome.h"
#include "server/service.h"

typedef struct oe_contact_event {
    const char *customer, *product, *channel;
    size_t customer_length;
    oe_outcome outcome;
    int64_t at_ms;
    bool is_replayed;
} oe_contact_event;

/* Any thread. `product` and `channel` are terminated, `channel` is "" when none was given. */
void oe__contact_note(oe_service *service, const oe_contact_event *event);

#endif
