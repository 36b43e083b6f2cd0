/* What rules alone say of a completion: the rules, and what is written down while one row of flags is looked at.

   Twin: `echoformat.rule_columns`. Every number comes from the same steps in the same order as there. */
#ifndef ECHOFORMAT_RULES_H
#define ECHOFORMAT_RULES_H

#include "native.h"

enum { EF_NONE = -1, EF_MOST_FORMATS = 32767, EF_FLAGS = 64 };

/* Which words of the label stand for what follows from rules. */
typedef struct {
    uint8_t rules, unknown, ambiguous;
} ef_reasons;

typedef struct {
    PyObject_HEAD
    Py_ssize_t rules, formats, variants;
    int32_t *own;       /* format of each rule, -1 for none on the shelf */
    double *weights;    /* what each rule adds to its format's evidence */
    int32_t *finer;     /* variant that each rule votes for, -1 for none */
    double *votes;      /* how much each vote counts */
    int32_t *by_name;   /* place of each format among all, sorted by name */
    uint8_t *below;     /* [formats, formats], whether the first outranks the second */
    uint8_t *has_finer; /* of each format, then of none on the shelf, whether any rule votes for a variant */
    double least_score, least_margin, most_evidence;
    ef_reasons reasons;
    int is_wide; /* whether the processor lists bits by itself */
} EfRules;

/* What is written down about one row while it is looked at. */
typedef struct {
    int32_t *hits, *positive;
    double *totals, *scores, *sums;
    uint8_t *beaten;
    Py_ssize_t hit, stood;
} ef_sheet;

/* Where in each column of verdicts a row stands. */
typedef struct {
    int16_t *codes, *variants;
    uint8_t *reasons;
    double *confidence, *top;
} ef_verdicts;

/* Whether the processor lists bits by itself. */
int ef_lists_widely(void);

/* Room for rows, -1 with an exception set; drop it once. */
int ef_make_sheet(const EfRules *self, ef_sheet *sheet);
void ef_drop_sheet(ef_sheet *sheet);

/* The verdict on a row of flags. */
void ef_rule_on(const EfRules *self, const uint8_t *flags, ef_sheet *sheet, const ef_verdicts *into, Py_ssize_t row);

/* Its capped sums, one for each format. */
void ef_cap(const EfRules *self, const uint8_t *flags, ef_sheet *sheet, double *sums);

/* The finer form of a given format that it points to, -1 for none. */
int16_t ef_name(const EfRules *self, const uint8_t *flags, ef_sheet *sheet, int32_t code);

#endif
