/* Rows of bits, a bit a byte of a text. */
#ifndef ECHOFORMAT_BITS_H
#define ECHOFORMAT_BITS_H

#include "skeleton.h"

/* The first place from one on where the bit is set, `size` where there is none before that; `flipped` is all ones
   to look for where it is not set. */
static inline Py_ssize_t ef_next_bit(const uint64_t *bits, Py_ssize_t place, Py_ssize_t size, uint64_t flipped) {
    while (place < size) {
        uint64_t left = (bits[place / 64] ^ flipped) >> place % 64;
        if (left) {
            place += (Py_ssize_t)ef_lowest(left);
            return place < size ? place : size;
        }
        place = (place / 64 + 1) * 64;
    }
    return size;
}

#endif
