/* What no Python can hold: shared by those that look for it. */
#ifndef ECHOFORMAT_UNLIKE_H
#define ECHOFORMAT_UNLIKE_H

#include "native.h"

/* Just behind the first byte of the first token that no Python has there, in UTF-8; -1 where none is certain. */
Py_ssize_t ef_unlike(const unsigned char *text, Py_ssize_t size);

/* Whether a word may stand right before another word, and whether it may stand right behind one. */
int ef_stands_before(const unsigned char *word, Py_ssize_t size);
int ef_stands_behind(const unsigned char *word, Py_ssize_t size);

static inline int is_letter(unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static inline int is_digit(unsigned char c) { return c >= '0' && c <= '9'; }
static inline int is_quote(unsigned char c) { return c == '"' || c == '\''; }
static inline int is_wordy(unsigned char c) { return is_letter(c) || is_digit(c); }

#endif
