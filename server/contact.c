/* contact.c: nothing is counted yet. */
#include "server/contact.h"

void oe__contact_note(oe_service *service, const oe_contact_event *event)
{
    (void)service;
    (void)event;
}
