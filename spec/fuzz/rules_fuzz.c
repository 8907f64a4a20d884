/* rules_fuzz.c: one rule file beside a small vocabulary: loaded with all its findings and
 * proofs, and when it is sound, customers are decided and explained by it, functions included.
 * The answers are JSON, and without functions those of the naive interpreter. */
#include "codec/json.h"
#include "fuzz.h"
#include "lua/caller.h"
#include "lua/load.h"
#include "naive.h"
#include "server/embed.h"

enum { MODULES_MAX = 256, ANSWER_MAX = 1 << 18 };

static const char schema[] =
    "attribute \"age\" { type = \"integer\", range = { 0, 130 }, words = { \"age\" }, "
    "protected = true, immutable = true }\n"
    "attribute \"income\" { type = \"money\", range = { 0, nil }, words = { \"income\" } }\n"
    "attribute \"existing_products\" { type = \"product_set\" }\n"
    "attribute \"score\" { type = \"integer\", range = { 300, 850 }, nullable = true }\n"
    "attribute \"region\" { type = \"text\", optional = true }\n"
    "attribute \"staff\" { type = \"flag\", optional = true }\n"
    "category \"credit\" { name = \"Credit\", regulated = \"credit\" }\n"
    "category \"saving\" { name = \"Saving\" }\n"
    "scoring { income = { weight = 40, ideal = 100000 }, score = { weight = 30, ideal = 800 }, "
    "age = { weight = 10, curve = \"gate\", every = true } }\n";

static oe_vm_source sources[MODULES_MAX];
static size_t source_count;

/* "lua/offerengine/language/schema.lua" is the module offerengine.language.schema. */
static void find_sources(void)
{
    size_t count = 0;
    const oe_embedded_file *files = oe_embedded_all(&count);
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(files[i].name);
        if (strncmp(files[i].name, "lua/", 4) != 0 || source_count == MODULES_MAX)
            continue;
        char *name = fuzz_copy((const uint8_t *)files[i].name + 4, length - 8, 1);
        for (char *at = name; *at != '\0'; at++)
            *at = *at == '/' ? '.' : *at;
        sources[source_count++] =
            (oe_vm_source){name, (const char *)files[i].data, files[i].length};
    }
}

static void add_file(oe_load *load, const char *path, const uint8_t *bytes, size_t length)
{
    oe_rule_file *file = oe__rule_files_add(&load->files);
    FUZZ_CHECK(file != NULL);
    file->path = fuzz_copy((const uint8_t *)path, strlen(path), 1);
    file->bytes = fuzz_copy(bytes, length, 1);
    file->length = length;
}

static void check_answer(size_t length, const char *answer)
{
    FUZZ_CHECK(length < ANSWER_MAX);
    FUZZ_CHECK(oe__json_validate(answer, length, NULL) == OE_OK);
}

static void decide(oe_decider *decider, oe_profile *profile)
{
    static const char *const profiles[] = {
        "{\"customer_id\":\"a\",\"age\":35,\"income\":95000,\"existing_products\":[],"
        "\"score\":735,\"region\":\"north\",\"staff\":true}",
        "{\"customer_id\":\"b\",\"age\":19,\"income\":0,\"existing_products\":[\"a\",\"b\"],"
        "\"score\":null}",
        "{\"customer_id\":\"c\",\"age\":64,\"income\":50000.5,\"existing_products\":[\"c\"],"
        "\"score\":300,\"staff\":false}",
    };
    static char answer[ANSWER_MAX];
    static oe_read_report report;
    for (size_t i = 0; i < sizeof profiles / sizeof *profiles; i++) {
        oe_options options = {.at_ms = 1795000000000, .category = -1};
        if (oe_profile_read(profile, profiles[i], strlen(profiles[i]), &report, NULL) != OE_OK)
            continue; /* the file at hand may declare further attributes */
        const oe_decision *decision = oe_decide(decider, profile, &options);
        FUZZ_CHECK(!naive_can(decision->ruleset) || naive_agrees(decision, profile, &options));
        check_answer(oe_decision_write(decision, answer, sizeof answer), answer);
        check_answer(oe_explanation_write(decider, profile, &options, answer, sizeof answer),
                     answer);
    }
}

static void use(const oe_ruleset *ruleset)
{
    oe_caller *caller = NULL;
    oe_decider *decider = oe_decider_new(ruleset);
    oe_profile *profile = oe_profile_new(ruleset);
    FUZZ_CHECK(decider != NULL && profile != NULL);
    FUZZ_CHECK(oe__caller_attach(&caller, ruleset, decider));
    decide(decider, profile);
    oe__caller_free(caller);
    oe_profile_free(profile);
    oe_decider_free(decider);
}

static bool has_errors(const oe_load *load)
{
    for (size_t i = 0; i < load->finding_count; i++) {
        FUZZ_CHECK(strcmp(load->findings[i].code, "E040") != 0); /* a fault of the language */
        FUZZ_CHECK(load->findings[i].message != NULL && load->findings[i].message[0] != '\0');
        if (load->findings[i].severity == OE_ERROR)
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t length)
{
    oe_load load = {.check = length % 4 == 0};
    oe_error error;
    if (source_count == 0)
        find_sources();
    add_file(&load, "schema.lua", (const uint8_t *)schema, sizeof schema - 1);
    add_file(&load, "rules.lua", data, length);
    oe_status status = oe__load_rules(&load, NULL, sources, source_count, &error);
    FUZZ_CHECK(status == OE_OK || status == OE_E_INVALID);
    FUZZ_CHECK((status == OE_OK) == (load.ruleset != NULL));
    FUZZ_CHECK(has_errors(&load) == (status != OE_OK));
    if (load.ruleset != NULL)
        use(load.ruleset);
    oe__load_free(&load);
    return 0;
}
