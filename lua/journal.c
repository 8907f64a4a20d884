/* journal.c: reading the journal. Completions run below C
 * only, so they copy and never touch Lua; what is visited may raise, which is passed on when
 * the store is through. */
#include "journal.h"

#include <lauxlib.h>

#include "buffer.h"
#include "codec/record.h"
#include "failure.h"
#include "store.h"
#include "store/hash.h"

/* ---- One operation ---- */

/* What a completion leaves. */
typedef struct journal_answer {
    bool is_done;
    oe_status status;
    oe_error error;
    oe__buffer *text;
} journal_answer;

static void take_answer(void *context, const oe_store_result *result)
{
    journal_answer *answer = context;
    answer->status = result->status;
    answer->error = result->error;
    answer->is_done = true;
    oe__buffer_add(answer->text, result->value.data, result->value.length);
}

/* Submits and waits. Returns 0, or the number of values pushed. */
static int run(lua_State *L, oe_store_submission *submission, journal_answer *answer)
{
    oe_store_port *port = oe_lua_check_port(L, 1);
    answer->text = oe_lua_new_buffer(L);
    submission->completion = take_answer;
    submission->context = answer;
    if (oe_port_submit(port, submission, &answer->error) != OE_OK)
        return oe_lua_fail(L, &answer->error);
    while (!answer->is_done)
        (void)oe_port_wait(port, -1);
    if (answer->text->failed)
        return luaL_error(L, "store: out of memory");
    return answer->status == OE_OK ? 0 : oe_lua_fail(L, &answer->error);
}

int oe_lua_decision_record(lua_State *L)
{
    size_t length = 0;
    const char *text = luaL_checklstring(L, 2, &length);
    unsigned char id[OE_RECORD_ID_SIZE];
    if (!oe__record_id_read(text, length, id))
        return oe_lua_fail_text(L, OE_E_INVALID, "decision_id: must be 32 hexadecimal digits");
    journal_answer answer = {.status = OE_OK};
    oe_store_submission submission = {.operation = OE_STORE_JOURNAL_GET,
                                      .id = {(const char *)id, sizeof id}};
    int refused = run(L, &submission, &answer);
    if (refused > 0)
        return refused;
    lua_pushlstring(L, answer.text->data, answer.text->length);
    return 1;
}

/* ---- Visits ---- */

typedef struct visit {
    lua_State *L;
    int function; /* its index */
    bool has_raised;
} visit;

/* Calls the function with the values on top; false: it raised, and the error is on top. */
static bool call(visit *self, int count)
{
    lua_pushvalue(self->L, self->function);
    lua_insert(self->L, -1 - count);
    self->has_raised = lua_pcall(self->L, count, 0, 0) != LUA_OK;
    return !self->has_raised;
}

static bool show_record(void *context, const oe_store_record *record)
{
    static const char *const states[] = {"sound", "erased", "damaged"};
    visit *self = context;
    lua_State *L = self->L;
    lua_pushlstring(L, record->bytes.data != NULL ? record->bytes.data : "",
                    record->bytes.length);
    lua_pushstring(L, states[record->state]);
    lua_pushinteger(L, (lua_Integer)record->block);
    lua_pushinteger(L, (lua_Integer)record->place);
    return call(self, 4);
}

/* Memory for the values of a call is had before, so that pushing them does not raise into the
 * store but for memory, which ends the program's work anyway. */
int oe_lua_decision_records(lua_State *L)
{
    oe_store *store = oe_lua_check_open_store(L, 1);
    visit self = {.L = L, .function = 4};
    oe_store_journal_range range = {luaL_checkinteger(L, 2), luaL_checkinteger(L, 3),
                                    show_record, &self, 0};
    luaL_checktype(L, 4, LUA_TFUNCTION);
    luaL_checkstack(L, 16, NULL);
    oe_error error = {0};
    oe_status status = oe_store_journal_scan(store, &range, &error);
    if (self.has_raised)
        return lua_error(L);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    lua_pushboolean(L, 1);
    return 1;
}

static bool show_progress(void *context, uint64_t done, uint64_t all)
{
    visit *self = context;
    lua_pushinteger(self->L, (lua_Integer)done);
    lua_pushinteger(self->L, (lua_Integer)all);
    return call(self, 2);
}

static void set_count(lua_State *L, const char *key, uint64_t value)
{
    lua_pushinteger(L, (lua_Integer)value);
    lua_setfield(L, -2, key);
}

static void push_proof(lua_State *L, const oe_store_proof *proof)
{
    char chain[OE__SHA256_HEX_SIZE];
    oe__sha256_to_hex(proof->chain, chain);
    lua_createtable(L, 0, 9);
    lua_pushboolean(L, proof->is_sound);
    lua_setfield(L, -2, "sound");
    set_count(L, "blocks", proof->blocks);
    set_count(L, "records", proof->records);
    set_count(L, "erased", proof->erased);
    set_count(L, "forgotten_blocks", proof->forgotten);
    lua_pushstring(L, chain);
    lua_setfield(L, -2, "chain");
    if (proof->is_sound)
        return;
    set_count(L, "bad_block", proof->bad_block);
    set_count(L, "bad_record", proof->bad_record);
    lua_pushstring(L, proof->damage);
    lua_setfield(L, -2, "damage");
}

int oe_lua_verify(lua_State *L)
{
    oe_store *store = oe_lua_check_open_store(L, 1);
    visit self = {.L = L, .function = 2};
    bool is_shown = !lua_isnoneornil(L, 2);
    oe_store_proof proof;
    oe_error error = {0};
    luaL_checkstack(L, 16, NULL);
    oe_status status =
        oe_store_journal_verify(store, &proof, is_shown ? show_progress : NULL, &self, &error);
    if (self.has_raised)
        return lua_error(L);
    if (status != OE_OK)
        return oe_lua_fail(L, &error);
    push_proof(L, &proof);
    return 1;
}
