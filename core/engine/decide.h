/* decide.h: the working memory of one thread, shared by the single decision, the page and the
 * explanation. */
#ifndef OE_ENGINE_DECIDE_H
#define OE_ENGINE_DECIDE_H

#include "engine/cell.h"
#include "engine/profile.h"

enum { OE__PAGE = 256 };

/* One customer as the cells see it. */
typedef struct oe__subject {
    const double *values;  /* by attribute */
    const uint64_t *owned; /* by dictionary number */
    const uint8_t *truth;  /* by condition node */
    const char *id;
    size_t id_length;
    const char *extras; /* oe__extra records (profile.h): texts */
    size_t extras_length;
    const double *shares; /* by function (cell.h); NULL: the rules have none */
} oe__subject;

typedef struct oe__candidate {
    uint32_t product;
    bool above; /* its threshold */
    double confidence, priority;
} oe__candidate;

/* What contact policies say in one decision. */
typedef struct oe__contacting {
    uint8_t *holding;  /* by policy: policy.c */
    uint32_t *left;    /* by slot */
    uint32_t *touched; /* the slots that are not as in the ruleset */
    size_t touched_count;
    uint32_t *cut; /* by product, of candidates: 1 + the policy that had nothing left */
    const oe_contacts *contacts;
    oe__list entries, uses, allowances, held; /* contact.c; they grow with histories */
} oe__contacting;

struct oe_decider {
    const oe_ruleset *ruleset;
    oe__arena arena; /* everything below, taken once */
    oe__arena trace; /* the explanation's, reset by each */
    uint8_t *truth;
    uint8_t *trial_truth;      /* change.c: of the profile with changes tried on */
    uint8_t *pass;             /* by product */
    oe__candidate *candidates; /* in rank order once it is decided */
    size_t candidate_count;
    oe_offer *offers;
    oe_contribution *contributions;
    oe_adjustment *adjustments;
    uint32_t *segments, *gaps;
    uint32_t *category_counts, *group_counts;
    oe_decision decision;
    oe__subject decided;          /* whom the decision is about */
    struct oe__page_memory *page; /* page.c */
    oe_profile *changed;          /* change.c: the profile with changes tried on */
    oe_profile *derived;          /* derive.c: whom a decision is about, with derived values */
    oe_profile *explained;        /* explain.c: the same, while changes are tried on */
    oe_profile *row;              /* block.c: one customer of a page, for functions */
    oe_calls calls;               /* none: NULLs */
    double *shares;               /* by function (cell.h) */
    bool *stopped;                /* by function, since the question began */
    char *texts;                  /* of messages, OE_MESSAGE_MAX + 1 bytes each */
    const char **degraded;
    oe__contacting contacting; /* policy.c */
    bool bare; /* decisions without contributions, adjustments and gaps, for who only counts */
};

/* Fills the truth of every condition for one customer. */
void oe__evaluate(const oe_ruleset *ruleset, const double *values, const uint64_t *owned,
                  uint8_t *truth);

/* oe_decide as a part of a question that was begun before: `again` of oe_calls. */
const oe_decision *oe__decide(oe_decider *decider, const oe_profile *profile,
                              const oe_options *options, bool again);

/* call.c: what functions say. Conditions that ask them are OE__PENDING in decider->truth, which
 * passes every guard and grants nothing, until they are needed. */
void oe__calls_begin(oe_decider *decider, const oe_profile *profile, bool again);
/* The truth of a condition, asked for now if it is pending. */
uint8_t oe__calls_truth(oe_decider *decider, oe_condition condition);
/* Asks for what the answer lists: every segment. */
void oe__calls_segments(oe_decider *decider);
/* Asks for the guards of a product until one refuses; false: refused. */
bool oe__calls_open(oe_decider *decider, const oe__compiled *product, int64_t at_ms);
/* Asks for everything that can give a product points. */
void oe__calls_grants(oe_decider *decider, const oe__compiled *product, int64_t at_ms);
/* Asks for every share that scores a product; false: one was stopped. */
bool oe__calls_curves(oe_decider *decider, const oe__compiled *product, const double *values);
/* Asks for the messages of the decision's offers. */
void oe__calls_messages(oe_decider *decider);
/* Asks for the value of a derived attribute. */
oe_said oe__calls_derive(oe_decider *decider, const oe__derivation *derivation,
                         oe_value *value);
/* Fills decision.degraded: what was stopped since the question began. */
void oe__calls_degraded(oe_decider *decider);
/* Fails a run that could not be repeated: what a stop decides depends on the machine. */
oe_status oe__fail_stopped(const oe_ruleset *ruleset, const char *rule, oe_error *error);

/* policy.c: contact policies in a decision that has contacts. */
void oe__contacts_begin(oe_decider *decider, const oe_options *options);
/* Whether no policy refuses a product, before anything is taken. */
bool oe__contacts_allow(const oe_decider *decider, uint32_t product);
/* Before offers are taken: nothing is cut yet. */
void oe__contacts_select(oe_decider *decider);
/* Takes what offering the product takes; false: a policy has nothing left, nothing is taken. */
bool oe__contacts_take(oe_decider *decider, uint32_t product);
/* The unit of an offer. */
int64_t oe__contacts_unit(const oe_decider *decider, uint32_t product, int64_t at_ms);
/* Whether a policy holds at a time for what the contacts say of channel and campaign. */
bool oe__policy_holds(const oe_ruleset *ruleset, size_t policy, const oe_contacts *contacts,
                      int64_t at_ms);
/* Whether a quiet period holds; then *end_ms is when it ends, INT64_MAX: never. */
bool oe__policy_quiet(const oe_policy *policy, int64_t at_ms, int64_t *end_ms);
/* What a policy left of a product before the decision, NULL: it is untouched. */
const oe_allowance *oe__policy_allowance(const oe_decider *decider, size_t policy,
                                         uint32_t product);
/* Whether the unit of a product is reserved. */
bool oe__contacts_hold(const oe_decider *decider, uint32_t product);
/* The hold of a policy on a product, NULL: none. */
const oe__hold *oe__policy_hold(const oe_ruleset *ruleset, uint32_t product, size_t policy);
/* What a policy counts a product by (oe_allowance). */
int32_t oe__policy_unit(const oe_ruleset *ruleset, size_t policy, uint32_t product);

/* Availability, ownership and guards of one product (not its bounds, which are columns). */
bool oe__is_open(const oe__compiled *product, const oe__subject *subject,
                 const oe_options *options);

/* Score before adjustments, and what adjustments add up to. */
double oe__score(const oe__compiled *product, const double *values, const double *shares);
double oe__adjustments(const oe__compiled *product, const uint8_t *truth, int64_t at_ms);
double oe__threshold(const oe_ruleset *ruleset, const oe__compiled *product,
                     const uint8_t *truth);

/* rank.c: order, limits and fallback alone: fills decision.offers, whose offers name no
 * contributions and adjustments, and offer_count. */
void oe__select(oe_decider *decider, size_t candidate_count, const oe_options *options);

/* rank.c: ranks candidates, selects, and fills the decision. */
const oe_decision *oe__rank(oe_decider *decider, const oe__subject *subject,
                            size_t candidate_count, const oe_options *options);

/* The adjustments of one product that apply, into `adjustments` (room for grant_count). Returns
 * how many. */
size_t oe__applied(const oe__compiled *product, const uint8_t *truth, int64_t at_ms,
                   oe_adjustment *adjustments);

/* Contributions of one product into `contributions` (term_count of them). */
void oe__contributions(const oe__compiled *product, const double *values, const double *shares,
                       oe_contribution *contributions);

struct oe__page_memory *oe__page_memory_new(const oe_ruleset *ruleset);
void oe__page_memory_free(struct oe__page_memory *memory);

#endif
