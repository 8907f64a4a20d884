/* fairness.h: how often each product is offered to the groups of each protected attribute, what
 * refuses it to them, and whether one gate alone makes the difference. Counting belongs to a
 * comparison's threads; judging to whoever has all counts. */
#ifndef OE_ENGINE_FAIRNESS_H
#define OE_ENGINE_FAIRNESS_H

#include "engine/compare.h"

enum { OE__AUDITS_MAX = 8, OE__GROUPS_MAX = 32 };

/* One protected attribute of the new rules. Groups: of a number those between its limits, of a
 * flag true and false, of a text its values by first appearance (the last: all others); one
 * more is not on file. */
typedef struct oe__audit {
    uint32_t attribute;
    oe_type type;
    size_t group_count; /* with the one that is not on file, which comes last */
    size_t first;       /* of its counters of one product, among those of all attributes */
} oe__audit;

/* Checks of one product, in this order: low and high end of each range, guards, then these. */
enum {
    OE__CHECK_AVAILABLE,
    OE__CHECK_OWNED,
    OE__CHECK_AFTER,
    OE__CHECK_NOT_WITH,
    OE__CHECK_THRESHOLD,
    OE__CHECK_SELECTION,
    OE__CHECKS_COMMON
};
size_t oe__check_count(const oe__compiled *product);

/* Somebody whom one end of one range alone refuses a product. */
typedef struct oe__lone {
    double value;
    uint8_t groups[OE__AUDITS_MAX];
} oe__lone;

enum { OE__LONE_MAX = 1 << 22 }; /* kept by one thread */

typedef struct oe__fairness {
    size_t width;         /* counters of one product: groups of all audits */
    uint64_t *customers;  /* by group */
    uint64_t *offered[2]; /* by side, common product, group */
    uint64_t *refused;    /* by check, group */
    oe__list *lone;       /* oe__lone by check; ends of ranges only */
    size_t lone_count;
    oe__names texts[OE__AUDITS_MAX]; /* the groups of text attributes */
    uint8_t *taken; /* by product of the new rules, lane: it is offered; of this page */
    bool overflow;  /* more lone ones than are kept */
} oe__fairness;

/* Fills the comparison's audits and checks. false: out of memory. */
bool oe__audits_find(oe__comparison *comparison);
oe__fairness *oe__fairness_new(const oe__comparison *comparison);
void oe__fairness_free(const oe__comparison *comparison, oe__fairness *fairness);
/* The group of a text, added when new; the last one when there are too many. -1: out of memory.
 */
int32_t oe__text_group(oe__names *texts, const char *text, size_t length);
bool oe__fairness_add(const oe__comparison *comparison, oe__fairness *into,
                      const oe__fairness *from);

/* Counts the page that the comparer has just decided. false: out of memory. */
bool oe__fairness_page(oe__comparer *comparer, const oe__page *page);

/* ---- Judging (judge.c) ---- */

typedef enum oe__verdict { OE__PASS_RATIO, OE__FAIL_RATIO, OE__TOO_FEW } oe__verdict;

typedef struct oe__fair_limits {
    double ratio;       /* 0.8: at least so much of the highest group's rate */
    uint64_t customers; /* groups of fewer are too few to judge */
} oe__fair_limits;

typedef struct oe__fair_group {
    uint64_t customers, offered[2];
    double rate[2];      /* by side; NAN: nobody there */
    double ratio[2];     /* to the highest rate of a group that is judged; NAN: none */
    oe__verdict verdict; /* of the new rules; too few for what is not on file as well */
} oe__fair_group;

typedef enum oe__relief { OE__RELIEF_NONE, OE__RELIEF_VALUE, OE__RELIEF_UNKNOWN } oe__relief;

typedef struct oe__judgement {
    size_t group_count, highest; /* highest == group_count: no group is judged */
    oe__fair_group groups[OE__GROUPS_MAX + 2];
    oe__verdict verdict; /* fail: some group fails; too few: fewer than two were judged */
    size_t worst;        /* of the groups that fail; group_count: none */
    size_t check;        /* that makes most of the worst group's gap, of the product's checks;
                            SIZE_MAX: none */
    double share[2];     /* who fails it, of the worst group and of the highest */
    oe__relief relief;   /* of a check that is the end of a range */
    double relief_value; /* the nearest value at which the ratio passes, points as they are */
} oe__judgement;

/* Of a product by common number (the new rules must have it) and an audit. Sorts lists of the
 * fairness. */
typedef struct oe__case {
    size_t product, audit;
} oe__case;
void oe__fairness_judge(const oe__comparison *comparison, oe__fairness *fairness,
                        oe__case asked, const oe__fair_limits *limits,
                        oe__judgement *judgement);

#endif
