/* Features of one text, times the weights of a linear model: whole numbers throughout.

   The twin of echoformat/detectors/ngrams.py and of `LearnedDetector._sums`. */
#ifndef ECHOFORMAT_SUMS_H
#define ECHOFORMAT_SUMS_H

#include "skeleton.h"

enum {
    EF_ORDERS = 5,
    EF_BUCKETS = 1 << 16,
    /* Formats whose weights are added up together; rows of weights are filled up to whole ones. */
    EF_TILE = 16,
    EF_TOP = 31,
    EF_LEVELS = 5,
    EF_LINE = 64,
    /* Rows that are written down together, needed or not. */
    EF_AHEAD = 4
};

typedef struct {
    ef_tables tables;
    uint64_t factors[EF_ORDERS];
    /* The row of each bucket's weights, and one; 0 where it has none. */
    uint16_t rows[EF_ORDERS][EF_BUCKETS];
    /* The same of the bucket of each symbol and of each pair: their n-grams are their own numbers. */
    uint16_t single[EF_BUCKETS >> 8], pairs_of[EF_BUCKETS];
    /* What is counted of bytes; behind it the dense features have `EF_LEVELS` more. */
    Py_ssize_t counted, newline;
    Py_ssize_t formats, width, kept;
    /* Rows of weights that 16 bits hold the sum of. */
    Py_ssize_t together;
    /* [dense, width], then [kept, width]; where its lines of 64 bytes begin, in `room`. */
    int16_t *weights;
    void *room;
    /* Rows of dense features two and two, their weights in turns: [pairs, width, 2]. */
    int16_t *pairs;
} ef_model;

typedef struct {
    ef_look look;
    /* By the row, and one, of a kept n-gram: 1 where the text has it. */
    uint8_t *seen;
    uint16_t *hits;
    int32_t *sums;
} ef_room;

/* The sums of one text into `room->sums`, [width]; how many characters it has, -1 where that is not known. */
void ef_sum(const ef_model *model, ef_room *room, const uint8_t *text, Py_ssize_t size, Py_ssize_t characters);

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define EF_HAS_WIDE
/* The same for processors with wide registers. */
void ef_sum_wide(const ef_model *model, ef_room *room, const uint8_t *text, Py_ssize_t size, Py_ssize_t characters);
#if __GNUC__ >= 8
#define EF_HAS_WIDEST
/* And for those whose registers are wider still. */
void ef_sum_widest(const ef_model *model, ef_room *room, const uint8_t *text, Py_ssize_t size, Py_ssize_t characters);
#endif
#endif

#endif
