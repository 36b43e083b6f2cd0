/* How little zlib can make of a text at least: what cannot be copied, and what copies take. */
#include "deflated.h"
#include "bits.h"

#include <stddef.h>

enum { BITS = 1 << 15, GRAM = 3, AROUND = 6, STRIDE = 16 };
/* Longer groups, by which ends of copies are told; places by the hash of a group of three; the longest text whose
   copies are weighed; what is read at once; a distance that there is not. */
enum { GROUP = 6, PLACES = 1 << 14, LONGEST = 8192, WORD = 64, READ = 8, NOWHERE = UINT16_MAX };
enum { MOST_STARTS = LONGEST / GRAM + 1, WORDS = LONGEST / WORD };
/* Of what would be enough: copies are seldom worth so much more. */
static const double WORTH_A_LOOK = 0.7;

/* One of some places must begin a copy or a letter: the last of them and its byte, how far it lies behind the last
   of those before, and how far back a copy goes at least that begins at any of them. */
typedef struct {
    uint16_t between, distance;
    uint8_t byte, is_first;
} Start;

typedef struct {
    uint8_t grams[BITS / 8];
    /* Literals by their byte, and starts. */
    uint32_t counts[256], ends[256];
    /* One more than where a group of three stood last. */
    uint16_t places[PLACES];
    /* From each place back to where its group of three stood last; which places have one, which can be copied,
       where a group of six begins that is new. */
    uint16_t distances[LONGEST];
    uint64_t stood[WORDS], copied[WORDS], fresh[WORDS];
    Start starts[MOST_STARTS];
} Room;

/* Literals so far, rows of what can be copied, and whether such a one goes on. */
typedef struct {
    Py_ssize_t literals, rows;
    uint64_t last;
} Told;

const size_t EF_DEFLATED_ROOM = sizeof(Room);

/* Logarithm to base 2 of one or more, to nine digits, by the series of its inverse hyperbolic tangent. */
static double log_of(double value) {
    double whole = 0, power = 0, sum = 0;
    for (; value >= 2; value /= 2) {
        whole++;
    }
    double ratio = (value - 1) / (value + 1);
    power = ratio;
    for (int term = 1; term < 20; term += 2) {
        sum += power / term;
        power *= ratio * ratio;
    }
    return whole + sum * 2.8853900817779268;
}

static double weighed(double count) { return count < 1 ? 0 : count * log_of(count); }

/* Bits for so many literals and tokens by their best code: tokens share the code of one literal, or none. */
static double entropy_bits(const EfWeights *weights, const uint32_t *counts, double literals, double tokens) {
    double sum = 0, most = 0;
    for (int byte = 0; byte < 256; byte++) {
        sum += counts[byte] < EF_WEIGHTS ? weights->of[counts[byte]] : weighed(counts[byte]);
        most = counts[byte] > most ? counts[byte] : most;
    }
    double apart = sum + weighed(tokens), shared = sum - weighed(most) + weighed(most + tokens);
    return weighed(literals + tokens) - (apart > shared ? apart : shared);
}

/* How many bits follow the code of a distance. */
static int bits_behind(unsigned distance) {
    int bits = 0;
    for (unsigned left = (distance - 1) >> 2; left; left >>= 1) {
        bits++;
    }
    return bits;
}

/* Up to eight bytes from a place on, zeros behind the end. */
static uint64_t read_at(EfSpan span, Py_ssize_t place) {
    uint64_t bytes = 0;
    Py_ssize_t left = span.size - place;
    memcpy(&bytes, span.at + place, (size_t)(left < READ ? left : READ));
    return bytes;
}

/* Takes down the group of three at a place; how far back it stood last, which is no further than it did where two
   have the same hash. */
static inline uint16_t back_from(uint16_t *places, uint64_t bytes, Py_ssize_t place) {
    uint16_t *last = &places[(uint32_t)((uint32_t)bytes << 8) * 2654435761u >> 18], before = *last;
    uint16_t here = (uint16_t)(place + 1);
    *last = here;
    return before ? (uint16_t)(here - before) : NOWHERE;
}

/* Takes down a group of six: whether it is new, so that no copy holds it. */
static inline int is_fresh(uint8_t *set, uint64_t bytes) {
    uint32_t slot = (uint32_t)((bytes << 16) * 0x9E3779B97F4A7C15u >> 49);
    uint8_t bit = (uint8_t)(1u << (slot & 7)), before = set[slot >> 3];
    set[slot >> 3] = before | bit;
    return (before & bit) == 0;
}

/* A whole word of places, more behind it: their distances, and which have one. */
static EF_APART uint64_t list_whole_word(const uint8_t *at, Py_ssize_t start, uint16_t *places, uint16_t *distances) {
    uint64_t stood = 0, bytes;
    for (int i = 0; i < WORD; i++) {
        memcpy(&bytes, at + i, READ);
        uint16_t back = back_from(places, bytes, start + i);
        distances[i] = back;
        stood |= (uint64_t)(back != NOWHERE) << i;
    }
    return stood;
}

static void list_word(EfSpan span, Room *room, Py_ssize_t word) {
    Py_ssize_t start = word * WORD;
    if (span.size - start >= WORD + READ) {
        room->stood[word] = list_whole_word(span.at + start, start, room->places, room->distances + start);
        return;
    }
    room->stood[word] = 0;
    for (Py_ssize_t i = 0; i < WORD && start + i < span.size; i++) {
        uint16_t back = NOWHERE;
        if (span.size - start - i >= GRAM) {
            back = back_from(room->places, read_at(span, start + i), start + i);
        }
        room->distances[start + i] = back;
        room->stood[word] |= (uint64_t)(back != NOWHERE) << i;
    }
}

/* Which groups of six are new among so many places. */
static EF_APART uint64_t list_some_fresh(const uint8_t *at, Py_ssize_t count, uint8_t *grams) {
    uint64_t fresh = 0, bytes;
    for (Py_ssize_t i = 0; i < count; i++) {
        memcpy(&bytes, at + i, READ);
        fresh |= (uint64_t)is_fresh(grams, bytes) << i;
    }
    return fresh;
}

/* The same for all places but the last, of which nothing is said. */
static void list_fresh(EfSpan span, Room *room) {
    for (Py_ssize_t word = 0; word * WORD < span.size; word++) {
        Py_ssize_t start = word * WORD, left = span.size - start - READ + 1, count = left < WORD ? left : WORD;
        room->fresh[word] = list_some_fresh(span.at + start, count, room->grams);
    }
}

/* Takes down the literals of a word of places, what is in no group of three that stood before, and which places
   can be copied. */
static void count_word(EfSpan span, Room *room, Py_ssize_t word, Told *told) {
    Py_ssize_t start = word * WORD, size = span.size - start;
    uint64_t here = room->stood[word], before = word ? room->stood[word - 1] : 0;
    uint64_t inside = size < WORD ? ((uint64_t)1 << size) - 1 : ~(uint64_t)0;
    uint64_t copied = (here | here << 1 | here << 2 | before >> 63 | before >> 62) & inside;
    for (uint64_t left = ~copied & inside; left; left &= left - 1) {
        room->counts[span.at[start + (Py_ssize_t)ef_lowest(left)]]++;
        told->literals++;
    }
    told->rows += ef_ones(copied & ~(copied << 1 | told->last));
    told->last = copied >> 63;
    room->copied[word] = copied;
}

/* Fewer bytes than this zlib does not write.

   Told from the first bytes alone where these take enough already: what they take is taken in any case.
   A byte that is in no group of three which stood before cannot be copied: it is written as a literal. A row
   of the others takes a token at least, and a bit more: a copy says how far back, and letters are three. A
   code for symbols takes no fewer bits than the entropy of what is written by it. */
static double least_deflated(const EfWeights *weights, EfSpan span, double enough, Room *room) {
    Py_ssize_t words = ((span.size < LONGEST ? span.size : LONGEST) + WORD - 1) / WORD, word = 0;
    Told told = {0, 0, 0};
    double least = 0;
    memset(room, 0, offsetof(Room, distances));
    while (word < words && least < enough) {
        Py_ssize_t end = words - word < STRIDE ? words : word + STRIDE;
        for (; word < end; word++) {
            list_word(span, room, word);
            count_word(span, room, word, &told);
        }
        double literals = (double)told.literals, rows = (double)told.rows;
        double bits = entropy_bits(weights, room->counts, literals, rows) + rows;
        /* A byte less, for what is lost in reckoning. */
        least = AROUND + bits / 8 - 1;
    }
    return least;
}

static Start *put_start(EfSpan span, Room *room, Start *next, Py_ssize_t place, Py_ssize_t before) {
    Start start = {0, NOWHERE, span.at[place], before < 0};
    room->ends[start.byte]++;
    if (before < 0) {
        start.distance = room->distances[place];
    } else {
        start.between = (uint16_t)(place - before - 1);
        for (Py_ssize_t at = before + 1; at <= place; at++) {
            start.distance = room->distances[at] < start.distance ? room->distances[at] : start.distance;
        }
    }
    *next = start;
    return next + 1;
}

/* The places that copies or letters begin at in each row of bytes that can be copied: its first; and within six
   bytes that are new, behind the first of them. Such groups do not overlap by more than a byte. */
static Py_ssize_t list_starts(EfSpan span, Room *room) {
    Start *next = room->starts;
    Py_ssize_t row = ef_next_bit(room->copied, 0, span.size, 0);
    while (row < span.size) {
        Py_ssize_t end = ef_next_bit(room->copied, row, span.size, ~(uint64_t)0), place = row;
        next = put_start(span, room, next, row, -1);
        while ((place = ef_next_bit(room->fresh, row, end, 0) + GROUP - 1) < end) {
            next = put_start(span, room, next, place, row);
            row = place;
        }
        row = ef_next_bit(room->copied, end, span.size, 0);
    }
    return next - room->starts;
}

static double weight_of(const EfWeights *weights, double count) {
    return count < EF_WEIGHTS ? weights->of[(int)count] : weighed(count);
}

/* What starts cost beyond what their symbols cost if all were copies: a copy what says how far back, a letter what
   its code is longer for. A letter may only be the last place of a start, so the next begins right behind; where
   that is a letter too, all places between are, of a bit or more each. */
static double least_spread(const Room *room, Py_ssize_t count, const double *letters) {
    double copy = 0, letter = 0;
    for (const Start *start = room->starts; start < room->starts + count; start++) {
        double on = letter + (start->is_first ? 0 : start->between), before = copy < letter ? copy : letter;
        letter = (copy < on ? copy : on) + letters[start->byte];
        copy = before + (start->distance == NOWHERE ? 8.0 * LONGEST : 1.0 + bits_behind(start->distance));
    }
    return copy < letter ? copy : letter;
}

/* Fewer bytes than this zlib does not write: as `least_deflated`, which was asked before, closer and slower.

   A symbol for each literal and one for each start take no fewer bits than their entropy, T log T - sum n log n for
   T symbols and n of each kind. Which starts are letters is not known; n log n is convex, so that each of up to n
   more of a kind adds no more than their mean. So every start has prices of its own, and the best choice is found
   from one to the next. */
static double least_copied(const EfWeights *weights, EfSpan span, Room *room) {
    double letters[256] = {0};
    double literals = 0;
    for (int byte = 0; byte < 256; byte++) {
        literals += room->counts[byte];
    }
    list_fresh(span, room);
    Py_ssize_t count = list_starts(span, room);
    double starts = (double)count, most = count ? log_of(starts) : 0;
    double bits = weight_of(weights, literals + starts) - weight_of(weights, starts);
    for (int byte = 0; byte < 256; byte++) {
        double own = weight_of(weights, room->counts[byte]), more = room->ends[byte];
        bits -= own;
        letters[byte] = more ? most - (weight_of(weights, room->counts[byte] + more) - own) / more : 0;
    }
    return AROUND + (bits + least_spread(room, count, letters)) / 8 - 1;
}

void ef_weigh(EfWeights *weights) {
    for (int count = 0; count < EF_WEIGHTS; count++) {
        weights->of[count] = weighed(count);
    }
}

int ef_is_deflated_to(const EfWeights *weights, EfSpan span, double enough, void *given) {
    Room *room = given;
    double least = least_deflated(weights, span, enough, room);
    if (least >= enough || least < WORTH_A_LOOK * enough || span.size > LONGEST) {
        return least >= enough;
    }
    return least_copied(weights, span, room) >= enough;
}
