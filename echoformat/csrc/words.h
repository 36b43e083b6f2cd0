/* Words at the end of a text: whether they follow each other in a few ways only. */
#ifndef ECHOFORMAT_WORDS_H
#define ECHOFORMAT_WORDS_H

#include "spans.h"

/* The longest tail whose words there is room for; the words of a group. */
enum { EF_LONGEST_TAIL = 2048, EF_MOST_IN_A_ROW = 4 };

/* So many words at least; of groups of so many in a row, no more than a part differ. */
typedef struct {
    Py_ssize_t least_words, in_a_row;
    double most_distinct;
} EfWays;

extern const size_t EF_WORDS_ROOM;

enum { EF_VARIES = 0, EF_MAY_VARY_LITTLE = 1, EF_VARIES_LITTLE = 2 };

/* Whether the words of a tail vary as little as a loop's and go on; certain where all are ASCII. */
int ef_vary_little(const EfWays *ways, EfSpan tail, int is_ascii, void *room);

#endif
