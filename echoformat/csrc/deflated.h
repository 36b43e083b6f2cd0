/* How little zlib can make of a text at least, told without it. */
#ifndef ECHOFORMAT_DEFLATED_H
#define ECHOFORMAT_DEFLATED_H

#include "spans.h"

enum { EF_WEIGHTS = 256 };

/* What so many of one kind weigh, so that hardly any logarithm is reckoned for a text. */
typedef struct {
    double of[EF_WEIGHTS];
} EfWeights;

extern const size_t EF_DEFLATED_ROOM;

void ef_weigh(EfWeights *weights);

/* Whether zlib writes so many bytes for certain. */
int ef_is_deflated_to(const EfWeights *weights, EfSpan span, double enough, void *room);

#endif
