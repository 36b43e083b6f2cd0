/* One value of JSON out of bytes, where it is certain what it is.

   Numbers that need care and values with others inside go to the caller's own reader. */
#include "json_values.h"

#include <float.h>

#include "wide.h"

enum { MOST_DEPTH = 256, MOST_DIGITS = 15, MOST_INTEGER = 18 };

/* --- Strings --- */

/* What a letter behind a backslash stands for; 0 where it is none of these. */
static const char escaped[256] = {
    ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
};

#ifdef EF_SSE2
enum { BLOCK = 64, STEP = 16 };

/* Which of 16 bytes do not stand for themselves. */
static uint64_t flags_of_16(const char *at) {
    const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), last = _mm_set1_epi8(31);
    __m128i some = _mm_loadu_si128((const __m128i *)at);
    __m128i odd = _mm_or_si128(_mm_cmpeq_epi8(some, quote), _mm_cmpeq_epi8(some, slash));
    return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_or_si128(odd, _mm_cmpeq_epi8(_mm_min_epu8(some, last), some)));
}

static uint64_t flags_of_block(const char *at) {
    return flags_of_16(at) | flags_of_16(at + STEP) << STEP | flags_of_16(at + 2 * STEP) << 2 * STEP |
           flags_of_16(at + 3 * STEP) << 3 * STEP;
}

/* Copy a block's worth of bytes, however few are wanted: to ask how many costs more. */
static void copy_64(const char *from, char *to) {
    __m128i a = _mm_loadu_si128((const __m128i *)from), b = _mm_loadu_si128((const __m128i *)(from + STEP));
    __m128i c = _mm_loadu_si128((const __m128i *)(from + 2 * STEP));
    __m128i d = _mm_loadu_si128((const __m128i *)(from + 3 * STEP));
    _mm_storeu_si128((__m128i *)to, a);
    _mm_storeu_si128((__m128i *)(to + STEP), b);
    _mm_storeu_si128((__m128i *)(to + 2 * STEP), c);
    _mm_storeu_si128((__m128i *)(to + 3 * STEP), d);
}

/* Copy a block and its escapes of one letter; where the next begins, or, with `is_over`, where something else
   is. A step behind the block can be read. What is odd is known for the block at once, so that one escape need
   not wait for the one before it. */
static const char *copy_block(const char *at, char **to, int *is_over) {
    uint64_t flags = flags_of_block(at);
    char *out = *to;
    int begin = 0;
    while (flags != 0) {
        int odd = (int)ef_lowest(flags);
        char stands_for = at[odd] == '\\' ? escaped[(unsigned char)at[odd + 1]] : 0;
        copy_64(at + begin, out);
        out += odd - begin;
        if (stands_for == 0) {
            *to = out;
            *is_over = 1;
            return at + odd;
        }
        *out++ = stands_for;
        begin = odd + 2;
        flags = begin < BLOCK ? flags >> begin << begin : 0;
    }
    if (begin < BLOCK) {
        copy_64(at + begin, out);
        out += BLOCK - begin;
        begin = BLOCK;
    }
    *to = out;
    return at + begin;
}
#endif

/* Copy what stands for itself and escapes of one letter; where something else is, or the end near. There is
   room for `EF_SLACK` bytes more than there are. */
static const char *copy_plain(const char *at, const char *end, char **to) {
#ifdef EF_SSE2
    int is_over = 0;
    while (end - at > 2 * BLOCK) {
        at = copy_block(at, to, &is_over);
        if (is_over) {
            return at;
        }
    }
#endif
    char *out = *to;
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at >= 32) {
        *out++ = *at++;
    }
    *to = out;
    return at;
}

static int hex_of(const char *at) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        char c = at[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0) {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

static char *put_utf8(char *to, unsigned code) {
    if (code < 0x80) {
        *to++ = (char)code;
        return to;
    }
    if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
    } else {
        if (code < 0x10000) {
            *to++ = (char)(0xE0 | code >> 12);
        } else {
            *to++ = (char)(0xF0 | code >> 18);
            *to++ = (char)(0x80 | (code >> 12 & 63));
        }
        *to++ = (char)(0x80 | (code >> 6 & 63));
    }
    *to++ = (char)(0x80 | (code & 63));
    return to;
}

/* The character that four digits, or twice four, name; -1 for none, and for half of a pair. */
static long named(const char **at, const char *end) {
    long code = end - *at < 4 ? -1 : hex_of(*at);
    if (code < 0) {
        return -1;
    }
    *at += 4;
    if (code < 0xD800 || code > 0xDFFF) {
        return code;
    }
    long low = code < 0xDC00 && end - *at >= 6 && (*at)[0] == '\\' && (*at)[1] == 'u' ? hex_of(*at + 2) : -1;
    if (low < 0xDC00 || low > 0xDFFF) {
        return -1;
    }
    *at += 6;
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/* Copy what an escape stands for; where it ends, NULL where it is none. */
static const char *copy_escape(const char *at, const char *end, char **to) {
    if (end - at < 2) {
        return NULL;
    }
    char letter = at[1], stands_for = escaped[(unsigned char)letter];
    at += 2;
    if (stands_for != 0) {
        *(*to)++ = stands_for;
        return at;
    }
    long code = letter == 'u' ? named(&at, end) : -1;
    if (code < 0) {
        return NULL;
    }
    *to = put_utf8(*to, (unsigned)code);
    return at;
}

/* A str of a string behind its first quote; NULL where it is none that is certain. `at`: behind its end. */
static PyObject *string_at(const EfJson *json, const char **at, const char *end) {
    char *to = json->room;
    const char *from = *at;
    while (1) {
        // What ends a line ends a string too, so that this may look beyond.
        from = copy_plain(from, json->readable, &to);
        if (from >= end || (unsigned char)*from < 32) {
            return NULL;
        }
        if (*from == '"') {
            break;
        }
        from = copy_escape(from, end, &to);
        if (from == NULL) {
            return NULL;
        }
    }
    *at = from + 1;
    return PyUnicode_DecodeUTF8(json->room, to - json->room, NULL);
}

/* --- Other values --- */

static PyObject *by_loads(const EfJson *json, const char *at, const char *end) {
    PyObject *bytes = PyBytes_FromStringAndSize(at, end - at);
    PyObject *value = bytes == NULL ? NULL : PyObject_CallFunctionObjArgs(json->loads, bytes, NULL);
    Py_XDECREF(bytes);
    return value;
}

/* A decimal of few digits: the nearest double, since both parts of the quotient are exact. */
static PyObject *decimal(const char *at, const char *end, int minus) {
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD == 0
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    int64_t digits = 0;
    int after = -1;
    if (end - at > MOST_DIGITS + 1) {
        return NULL;
    }
    for (; at < end; at++) {
        if (*at == '.') {
            if (after >= 0) {
                return NULL;
            }
            after = 0;
        } else if (ef_is_digit(*at)) {
            digits = digits * 10 + (*at - '0');
            after += after >= 0;
        } else {
            return NULL;
        }
    }
    double value = after < 1 ? 0 : (double)digits / powers[after];
    return after < 1 ? NULL : PyFloat_FromDouble(minus ? -value : value);
#else
    (void)at, (void)end, (void)minus;
    return NULL;
#endif
}

static PyObject *whole(const char *at, const char *end, int minus) {
    long long value = 0;
    if (end - at > MOST_INTEGER) {
        return NULL;
    }
    for (; at < end; at++) {
        if (!ef_is_digit(*at)) {
            return NULL;
        }
        value = value * 10 + (*at - '0');
    }
    return PyLong_FromLongLong(minus ? -value : value);
}

static PyObject *number_at(const EfJson *json, const char **at, const char *end) {
    const char *begin = *at, *stop = begin;
    while (stop < end && ef_is_of_number(*stop)) {
        stop++;
    }
    *at = stop;
    int minus = begin < stop && *begin == '-';
    const char *first = begin + minus;
    // What begins with a nought is a nought or a fraction; "-0" is none of the easy ones.
    int is_easy = first < stop && ef_is_digit(*first) && (*first != '0' || (!minus && stop == first + 1) ||
                                                       (stop > first + 1 && first[1] == '.'));
    PyObject *value = is_easy ? whole(first, stop, minus) : NULL;
    if (value == NULL && is_easy && !PyErr_Occurred()) {
        value = decimal(first, stop, minus);
    }
    return value != NULL || PyErr_Occurred() ? value : by_loads(json, begin, stop);
}

/* Behind the end of a list or an object, as far as brackets and strings show it; NULL where none is seen. */
static const char *end_of_nested(const char *at, const char *end) {
    int depth = 0, is_text = 0;
    for (; at < end; at++) {
        if (is_text) {
            if (*at == '\\' && end - at > 1) {
                at++;
            } else if (*at == '"') {
                is_text = 0;
            }
        } else if (*at == '"') {
            is_text = 1;
        } else if (*at == '[' || *at == '{') {
            if (++depth > MOST_DEPTH) {
                return NULL;
            }
        } else if ((*at == ']' || *at == '}') && --depth == 0) {
            return at + 1;
        }
    }
    return NULL;
}

static PyObject *word_at(const char **at, const char *end) {
    static const char *const words[] = {"null", "true", "false"};
    PyObject *const values[] = {Py_None, Py_True, Py_False};
    for (int i = 0; i < 3; i++) {
        size_t size = strlen(words[i]);
        if ((size_t)(end - *at) >= size && memcmp(*at, words[i], size) == 0) {
            *at += size;
            Py_INCREF(values[i]);
            return values[i];
        }
    }
    return NULL;
}

PyObject *ef_json_value(const EfJson *json, const char **at, const char *end) {
    if (*at >= end) {
        return NULL;
    }
    if (**at == '"') {
        ++*at;
        return string_at(json, at, end);
    }
    if (**at == '[' || **at == '{') {
        const char *begin = *at, *stop = end_of_nested(begin, end);
        *at = stop;
        return stop == NULL ? NULL : by_loads(json, begin, stop);
    }
    return **at == '-' || ef_is_digit(**at) ? number_at(json, at, end) : word_at(at, end);
}
