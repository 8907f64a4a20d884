/* ladder.c: products that customers take one after the other, and how far a customer is. */
#include "engine/decide.h"
#include "engine/seal.h"

#include <string.h>

static void check_id(oe__sealing *sealing, size_t ladder)
{
    const oe_ladder *declared = oe__ladder(sealing->ruleset, ladder);
    if (!oe__text_is_id(declared->id, strlen(declared->id)))
        oe__builder_error(
            sealing->builder, "E050", declared->where, NULL,
            "ladder: a name must be 1 to 128 bytes of text without control characters");
    for (size_t i = 0; i < ladder; i++) {
        const oe_ladder *first = oe__ladder(sealing->ruleset, i);
        if (strcmp(first->id, declared->id) != 0)
            continue;
        oe__builder_error(sealing->builder, "E051", declared->where, NULL,
                          "ladder: \"%s\" is declared twice, first at %s:%d", declared->id,
                          first->where.file ? first->where.file : "?", first->where.line);
        return;
    }
}

static void seal_step(oe__sealing *sealing, const oe_ladder *ladder, size_t step,
                      uint32_t *numbers)
{
    const oe_step *declared = &ladder->steps[step];
    int32_t product = oe__seal_find(sealing, OE_PRODUCTS, declared->product, declared->where);
    if (product >= 0)
        numbers[step] = sealing->ruleset->compiled[product].number;
    for (size_t i = 0; i < step; i++)
        if (product >= 0 && strcmp(ladder->steps[i].product, declared->product) == 0) {
            oe__builder_error(sealing->builder, "E094", declared->where, NULL,
                              "ladder \"%s\": \"%s\" is a step of it already", ladder->id,
                              declared->product);
            return;
        }
}

static void seal_ladder(oe__sealing *sealing, size_t index)
{
    const oe_ladder *ladder = oe__ladder(sealing->ruleset, index);
    uint32_t *numbers = oe__seal_array(sealing, ladder->step_count, sizeof *numbers);
    sealing->ruleset->ladder_steps[index] = numbers;
    if (ladder->step_count < 2)
        oe__builder_error(sealing->builder, "E093", ladder->where, NULL,
                          "ladder \"%s\": needs at least two steps", ladder->id);
    check_id(sealing, index);
    for (size_t i = 0; numbers != NULL && i < ladder->step_count; i++)
        seal_step(sealing, ladder, i, numbers);
}

void oe__seal_ladders(oe__sealing *sealing)
{
    size_t count = sealing->ruleset->declared.ladders.count;
    sealing->ruleset->ladder_steps = oe__seal_array(sealing, count, sizeof(uint32_t *));
    for (size_t i = 0; i < count && !sealing->builder->failed; i++)
        seal_ladder(sealing, i);
}

size_t oe_ruleset_ladder_count(const oe_ruleset *ruleset)
{
    return ruleset->declared.ladders.count;
}

const oe_ladder *oe_ruleset_ladder(const oe_ruleset *ruleset, size_t index)
{
    return index < ruleset->declared.ladders.count ? oe__ladder(ruleset, index) : NULL;
}

size_t oe_decision_ladder_step(const oe_decision *decision, size_t ladder)
{
    const oe_ruleset *ruleset = decision->ruleset;
    if (ladder >= ruleset->declared.ladders.count || decision->subject == NULL)
        return 0;
    size_t step = oe__ladder(ruleset, ladder)->step_count;
    while (step > 0 &&
           !oe__owns(decision->subject->owned, ruleset->ladder_steps[ladder][step - 1]))
        step--;
    return step;
}
