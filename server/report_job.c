/* report_job.c: one Lua state per report, made and closed on the job thread. */
#include "server/report_job.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/status.h"
#include "lua/activity.h"
#include "lua/buffer.h"
#include "lua/campaign.h"
#include "lua/population.h"
#include "server/history.h"
#include "server/log.h"
#include "server/lua_service.h"
#include "server/modules.h"

enum { NAME_BYTES = 64 };

typedef struct report_job {
    uv_work_t work;
    oe_desk *desk;
    oe_pending pending;
    oe_generation *rules; /* held */
    char name[NAME_BYTES];
    oe__buffer arguments;
    /* The answer, or an error with a list of faults perhaps. */
    int status;
    bool is_csv;
    oe_http_error error;
    oe__buffer body;
    int64_t began_ms;
} report_job;

static void end_report(report_job *self)
{
    atomic_fetch_sub(&self->desk->service->reports, 1);
    oe__generation_free(self->rules);
    oe__buffer_free(&self->arguments);
    oe__buffer_free(&self->body);
    free(self);
}

/* ---- On the job thread ---- */

static void take_body(lua_State *L, report_job *self, int index)
{
    size_t length = 0;
    const char *text = lua_tolstring(L, index, &length);
    if (text != NULL)
        oe__buffer_add(&self->body, text, length);
    if (self->body.failed)
        luaL_error(L, "report: out of memory");
}

/* Status, body and whether it is CSV, or nil, code and perhaps a list of faults, at 2, 3 and 4.
 */
static void take_answer(lua_State *L, report_job *self)
{
    if (!lua_isnil(L, 2)) {
        self->status = (int)luaL_checkinteger(L, 2);
        take_body(L, self, 3);
        self->is_csv = lua_toboolean(L, 4) != 0;
        self->error = OE_HTTP_OK;
        return;
    }
    const char *code = luaL_checkstring(L, 3);
    for (int error = OE_HTTP_OK + 1; error < OE_HTTP_ERROR_COUNT; error++)
        if (strcmp(oe_http_error_get((oe_http_error)error)->code, code) == 0)
            self->error = (oe_http_error)error;
    take_body(L, self, 4);
}

/* service.texts() -> the texts that the ruleset was loaded from; or nil, message */
static int read_texts(lua_State *L)
{
    const report_job *self = lua_touserdata(L, lua_upvalueindex(1));
    oe__buffer *texts = oe_lua_new_buffer(L);
    oe_kept_rules kept = {0};
    oe_error error = {0};
    oe_store_port *port = oe_store_port_new(self->desk->service->store);
    if (port == NULL)
        return luaL_error(L, "report: out of memory");
    oe_status status = oe__history_get(port, self->rules->number, &kept, &error);
    oe_store_port_free(port);
    *texts = kept.texts;
    if (status == OE_OK) {
        lua_pushlstring(L, texts->data, texts->length);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, error.message);
    return 2;
}

/* service.activity(by, from_day, until_day) -> rows as of store:activity; or nil, message, code
 */
static int read_activity(lua_State *L)
{
    const report_job *self = lua_touserdata(L, lua_upvalueindex(1));
    return oe_lua_push_activity(L, self->desk->service->store, 1);
}

/* service.runs() -> texts as of store:runs; or nil, message, code */
static int read_runs(lua_State *L)
{
    const report_job *self = lua_touserdata(L, lua_upvalueindex(1));
    return oe_lua_push_runs(L, self->desk->service->store);
}

/* Pushes the table `service` of a report. */
static void push_service(lua_State *L, report_job *self)
{
    lua_createtable(L, 0, 5);
    oe__lua_set_rules(L, self->rules);
    lua_getfield(L, -1, "ruleset");
    oe_lua_push_population(L, self->desk->service->population, lua_gettop(L));
    lua_setfield(L, -3, "population");
    lua_pop(L, 1);
    lua_pushstring(L, self->desk->service->config.rules);
    lua_setfield(L, -2, "folder");
    lua_pushlightuserdata(L, self);
    lua_pushcclosure(L, read_texts, 1);
    lua_setfield(L, -2, "texts");
    lua_pushinteger(L, (lua_Integer)oe_population_count(self->desk->service->population));
    lua_setfield(L, -2, "customers");
    lua_pushlightuserdata(L, self);
    lua_pushcclosure(L, read_activity, 1);
    lua_setfield(L, -2, "activity");
    lua_pushlightuserdata(L, self);
    lua_pushcclosure(L, read_runs, 1);
    lua_setfield(L, -2, "runs");
}

/* Lua: (report_job) */
static int make_report(lua_State *L)
{
    report_job *self = lua_touserdata(L, 1);
    oe__modules_install(L);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "offerengine.core"); /* brings the types */
    lua_call(L, 1, 0);
    lua_getglobal(L, "require");
    lua_pushliteral(L, "server.reporting");
    lua_call(L, 1, 1);
    lua_pushstring(L, self->name);
    lua_pushlstring(L, self->arguments.data, self->arguments.length);
    push_service(L, self);
    lua_call(L, 3, 3);
    take_answer(L, self);
    return 0;
}

static int add_trace(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

static void run_report(uv_work_t *work)
{
    report_job *self = work->data;
    lua_State *L = luaL_newstate();
    self->error = OE_HTTP_UNAVAILABLE;
    if (L == NULL)
        return;
    self->error = OE_HTTP_INTERNAL;
    lua_pushcfunction(L, add_trace);
    lua_pushcfunction(L, make_report);
    lua_pushlightuserdata(L, self);
    int outcome = lua_pcall(L, 1, 0, 1);
    if (outcome != LUA_OK) {
        self->error = outcome == LUA_ERRMEM ? OE_HTTP_UNAVAILABLE : OE_HTTP_INTERNAL;
        self->body.length = 0;
        const char *message = lua_tostring(L, -1);
        oe__log_message(OE_LOG_ERROR, "report_failed", message != NULL ? message : "no text");
    }
    lua_close(L);
}

/* ---- On the worker's thread ---- */

static void answer(const report_job *self, oe_response *response)
{
    oe_response_header(response, "Cache-Control", "no-store", sizeof "no-store" - 1);
    if (self->error == OE_HTTP_OK) {
        oe_response_status(response, self->status);
        if (self->is_csv)
            oe_response_type(response, "text/csv; charset=utf-8");
        oe__buffer_add(oe_response_body(response), self->body.data, self->body.length);
    } else if (self->body.length > 0) {
        oe_response_error_list(response, self->error, self->body.data, self->body.length);
    } else {
        oe_response_error(response, self->error);
    }
}

static void finish_report(uv_work_t *work, int status)
{
    report_job *self = work->data;
    (void)status;
    oe__log(self->error == OE_HTTP_INTERNAL ? OE_LOG_ERROR : OE_LOG_INFO, "report",
            "name=%s status=%d ms=%lld", self->name,
            self->error == OE_HTTP_OK ? self->status : oe_http_error_get(self->error)->status,
            (long long)(oe__service_now_ms() - self->began_ms));
    oe_response *response = oe_pending_response(self->desk->worker, self->pending);
    if (response != NULL) {
        answer(self, response);
        oe_response_finish(response);
    }
    end_report(self);
}

static bool take_place(oe_service *service)
{
    if (atomic_fetch_add(&service->reports, 1) < OE_REPORTS_MAX)
        return true;
    atomic_fetch_sub(&service->reports, 1);
    return false;
}

static void refuse(oe_response *response)
{
    oe_response_error(response, OE_HTTP_UNAVAILABLE);
    oe_response_header(response, "Retry-After", "2", 1);
}

void oe__report_start(oe_desk *desk, oe_response *response, const char *name, oe_span arguments)
{
    if (!take_place(desk->service)) {
        refuse(response);
        return;
    }
    report_job *self = calloc(1, sizeof *self);
    if (self == NULL) {
        atomic_fetch_sub(&desk->service->reports, 1);
        refuse(response);
        return;
    }
    self->desk = desk;
    self->rules = oe__generation_hold(desk->generation);
    self->began_ms = oe__service_now_ms();
    self->work.data = self;
    (void)snprintf(self->name, sizeof self->name, "%s", name);
    oe__buffer_add(&self->arguments, arguments.data, arguments.length);
    if (self->arguments.failed || uv_queue_work(oe_worker_loop(desk->worker), &self->work,
                                                run_report, finish_report) != 0) {
        refuse(response);
        end_report(self);
        return;
    }
    self->pending = oe_response_defer(response);
}
