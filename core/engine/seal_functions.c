/* seal_functions.c: what each function number stands for: a condition, a curve, a message or a
 * derived attribute. */
#include "engine/seal.h"

typedef struct taking {
    oe__function *functions; /* NULL: numbers are only counted */
    size_t count;
} taking;

static void take(taking *state, uint32_t number, const char *rule, oe_where where)
{
    if (number >= OE__FUNCTIONS_MAX)
        return; /* a finding already */
    if (number >= state->count)
        state->count = (size_t)number + 1;
    if (state->functions != NULL) {
        state->functions[number].rule = rule;
        state->functions[number].where = where;
    }
}

static void take_curve(taking *state, const oe_curve *curve, const char *rule)
{
    if (curve->kind == OE_CURVE_CALL)
        take(state, curve->function, rule, curve->where);
}

static void take_all(taking *state, const oe_ruleset *ruleset)
{
    const oe__node *nodes = oe__nodes(ruleset);
    for (size_t i = 0; i < ruleset->declared.nodes.count; i++)
        if (nodes[i].op == OE_CALL)
            take(state, nodes[i].function, nodes[i].name, nodes[i].where);
    for (size_t d = 0; d < ruleset->declared.dimensions.count; d++)
        take_curve(state, &oe__dimension(ruleset, d)->curve, oe__dimension(ruleset, d)->name);
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        const oe_product *product = oe__product(ruleset, p);
        for (size_t i = 0; i < product->curve_count; i++)
            take_curve(state, &product->curves[i].curve, product->id);
    }
    for (size_t i = 0; i < ruleset->declared.messages.count; i++) {
        const oe__message_call *call = oe__message_call_at(ruleset, i);
        take(state, call->function, call->product, call->where);
    }
    for (size_t i = 0; i < ruleset->derivation_count; i++) {
        const oe_derivation *declared = ruleset->derivations[i].declared;
        if (declared->key == NULL && declared->salt == NULL)
            take(state, declared->function, declared->attribute, declared->where);
    }
}

void oe__seal_functions(oe__sealing *sealing)
{
    oe_ruleset *ruleset = sealing->ruleset;
    taking state = {NULL, 0};
    take_all(&state, ruleset);
    state.functions = oe__seal_array(sealing, state.count, sizeof *state.functions);
    if (state.functions == NULL)
        return;
    take_all(&state, ruleset);
    ruleset->functions = state.functions;
    ruleset->function_count = state.count;
    for (size_t p = 0; p < ruleset->declared.products.count; p++) {
        uint32_t number = ruleset->compiled[p].message_function;
        if (number < state.count)
            state.functions[number].slot = (uint32_t)ruleset->spoken_count++;
    }
}
