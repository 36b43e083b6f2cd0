/* One value of JSON out of bytes; see json_values.c. */
#ifndef ECHOFORMAT_JSON_VALUES_H
#define ECHOFORMAT_JSON_VALUES_H

#include "native.h"

/* Bytes of room beyond those of the longest string. */
enum { EF_SLACK = 96 };

/* Room to write a string out, the end of what can be read, and what reads what is not read here. Where a
   value is to end before that, a line end or the end of all stands. */
typedef struct {
    char *room;
    const char *readable;
    PyObject *loads;
} EfJson;

static inline int ef_is_digit(char c) { return c >= '0' && c <= '9'; }

/* Whether a number may go on with it. */
static inline int ef_is_of_number(char c) {
    return ef_is_digit(c) || c == '+' || c == '-' || c == '.' || c == 'e' || c == 'E';
}

/* The value that begins at a place: a new reference, and the place behind it; NULL where it is not certain
   that there is one, or with the exception of `loads`. */
PyObject *ef_json_value(const EfJson *json, const char **at, const char *end);

#endif
