/* contacts.h: the contacts of a customer in the options of a decision. */
#ifndef OE_LUA_CONTACTS_H
#define OE_LUA_CONTACTS_H

#include <lua.h>

#include "offerengine.h"

/* Fills `contacts` with what the list `contacts` of the table at `index` leaves, for its
 * channel and campaign; it lives in the decider. false: the table has no such list, and contact
 * policies do not count. Raises on what is no contact. */
bool oe_lua_to_contacts(lua_State *L, int index, oe_decider *decider, int64_t now_ms,
                        oe_contacts *contacts);

#endif
