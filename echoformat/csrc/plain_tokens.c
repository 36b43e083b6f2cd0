/* Tokens of plain Python: words, numbers and strings. */
#include "plain.h"

enum { LONGEST_KEYWORD = 8 };

typedef enum { SIMPLE, RAW, BYTES, FORMATTED } StringKind;

typedef struct {
    const char *word;
    Word kind;
} Keyword;

/* By the alphabet. */
static const Keyword KEYWORDS[] = {
    {"and", AND_WORD},       {"as", AS_WORD},          {"assert", ASKING_WORD}, {"async", OTHER_WORD},
    {"await", OTHER_WORD},   {"break", BARE_WORD},     {"case", SOFT_WORD},     {"class", CLASS_WORD},
    {"continue", BARE_WORD}, {"def", DEF_WORD},        {"del", ASKING_WORD},    {"elif", ELIF_WORD},
    {"else", ELSE_WORD},     {"except", EXCEPT_WORD},  {"exec", OTHER_WORD},    {"finally", FINALLY_WORD},
    {"for", FOR_WORD},       {"from", FROM_WORD},      {"global", OUTER_WORD},  {"if", IF_WORD},
    {"import", IMPORT_WORD}, {"in", IN_WORD},          {"is", IS_WORD},         {"lambda", LAMBDA_WORD},
    {"match", SOFT_WORD},    {"nonlocal", OUTER_WORD}, {"not", NOT_WORD},       {"or", OR_WORD},
    {"pass", BARE_WORD},     {"print", PRINT_WORD},    {"raise", ASKING_WORD},  {"return", RETURN_WORD},
    {"try", TRY_WORD},       {"type", SOFT_WORD},      {"while", WHILE_WORD},   {"with", WITH_WORD},
    {"yield", OTHER_WORD},
};

/* Where those that begin with a letter begin among them, and where they end. */
static const unsigned char FIRST_KEYWORD[] = {
    0, 5, 6, 9, 11, 15, 18, 19, 19, 23, 23, 23, 24, 25, 27, 28, 30, 30, 32, 32, 34, 34, 34, 36, 36, 37, 37,
};

/* --- Words and what stands between them --- */

static int is_same(const unsigned char *word, Py_ssize_t size, const char *known) {
    return strlen(known) == (size_t)size && memcmp(known, word, (size_t)size) == 0;
}

static Word kind_of(const unsigned char *word, Py_ssize_t size) {
    unsigned char c = word[0];
    if (c == 'T' || c == 'F' || c == 'N') {
        int is_constant = is_same(word, size, "True") || is_same(word, size, "False") || is_same(word, size, "None");
        return is_constant ? CONSTANT_WORD : NAME_WORD;
    }
    if (c == '_') {
        return is_same(word, size, "__future__") ? OTHER_WORD : NAME_WORD;
    }
    if (c < 'a' || c > 'z' || size > LONGEST_KEYWORD) {
        return NAME_WORD;
    }
    for (int k = FIRST_KEYWORD[c - 'a']; k < FIRST_KEYWORD[c - 'a' + 1]; k++) {
        if (is_same(word, size, KEYWORDS[k].word)) {
            return KEYWORDS[k].kind;
        }
    }
    return NAME_WORD;
}

Py_ssize_t ef_word(const Reading *r, Word *word) {
    const unsigned char *end = r->at;
    if (end == r->end || !is_letter(*end)) {
        return 0;
    }
    while (end < r->end && is_wordy(*end)) {
        end++;
    }
    // A letter beyond ASCII may go on with it.
    *word = end < r->end && *end >= 0x80 ? OTHER_WORD : kind_of(r->at, end - r->at);
    return end - r->at;
}

int ef_past_sign(Reading *r, int sign) {
    if (ef_now(r) != sign) {
        return 0;
    }
    ef_take(r, 1);
    return 1;
}

int ef_past_word(Reading *r, Word word) {
    Word found;
    Py_ssize_t size = ef_word(r, &found);
    if (!size || found != word) {
        return 0;
    }
    ef_take(r, size);
    return 1;
}

int ef_past_name(Reading *r) { return ef_past_word(r, NAME_WORD); }

int ef_past_dotted(Reading *r) {
    do {
        if (!ef_past_name(r)) {
            return 0;
        }
    } while (ef_past_sign(r, '.'));
    return 1;
}

int ef_past_space(Reading *r, int is_inside) {
    ef_past_blanks(r);
    if (!is_inside || r->at == r->end || (*r->at != '\n' && *r->at != '#')) {
        return 1;
    }
    Py_ssize_t column = r->indent;
    for (; r->at < r->end; r->at++) {
        unsigned char c = *r->at;
        if (c == '\n') {
            column = 0;
        } else if (c == ' ' || c == '\t') {
            column += c == ' ' ? 1 : COLUMNS_OF_TAB;
        } else if (c == '#' && column >= r->indent) {
            const unsigned char *end = memchr(r->at, '\n', (size_t)(r->end - r->at));
            r->at = (end == NULL ? r->end : end) - 1;
            r->tokens++;
        } else {
            break;
        }
    }
    // What is indented less would end the block that it stands in. In a formatted string no line ends.
    return column >= r->indent && !r->formats;
}

/* --- Numbers --- */

static void past_digits(Reading *r) {
    while (r->at < r->end && is_digit(*r->at)) {
        r->at++;
    }
}

State ef_past_number(Reading *r) {
    past_digits(r);
    if (ef_now(r) == '.') {
        r->at++;
        past_digits(r);
    }
    if ((ef_now(r) | 0x20) == 'e') {
        r->at += ef_next(r) == '-' || ef_next(r) == '+' ? 2 : 1;
        if (!is_digit((unsigned char)ef_now(r))) {
            return UNSURE;
        }
        past_digits(r);
    }
    unsigned char next = (unsigned char)ef_now(r);
    ef_take(r, 0);
    return is_wordy(next) || next == '.' || next >= 0x80 || is_quote(next) ? UNSURE : HAVE_CONSTANT;
}

/* --- Strings --- */

int ef_push(Reading *r, Opened kind, int quote) {
    if (r->open + 1 >= MOST_BRACKETS) {
        return 0;
    }
    r->brackets[++r->open] = (Bracket){.kind = (unsigned char)kind, .quote = (unsigned char)quote};
    r->formats += kind == FORMAT;
    return 1;
}

/* How many bytes stand together where a backslash is in a string, 0 where that is not certain. */
static int escaped_size(const Reading *r, StringKind kind) {
    unsigned char next = (unsigned char)ef_next(r);
    if (next < ' ' || next >= 0x80) {
        return 0;
    }
    if (kind == RAW) {
        return next == '\\' || is_quote(next) ? 2 : 1;
    }
    if (kind == BYTES) {
        return next == 'N' || next == 'u' || next == 'U' ? 0 : 2;
    }
    return kind == FORMATTED && (next == '{' || next == '}' || next == 'N') ? 0 : 2;
}

/* The rest of a string that ends in its line; in a formatted one up to what it asks for. */
static State past_short_string(Reading *r, unsigned char quote, StringKind kind) {
    while (r->at < r->end && *r->at != '\n') {
        unsigned char c = *r->at;
        if (c == quote) {
            ef_take(r, 1);
            return HAVE_STRING;
        }
        int size = c == '\\' ? escaped_size(r, kind) : 1;
        if (!size) {
            return UNSURE;
        }
        if (kind == FORMATTED && (c == '{' || c == '}')) {
            if (c != ef_next(r)) {
                ef_take(r, 1);
                return c == '{' && ef_push(r, FORMAT, quote) ? WANT_ANY : UNSURE;
            }
            size = 2;
        }
        r->tokens += size - 1;
        r->at += size;
    }
    return UNSURE;
}

static State past_long_string(Reading *r, unsigned char quote, StringKind kind) {
    while (r->end - r->at >= 3) {
        if (r->at[0] == quote && r->at[1] == quote && r->at[2] == quote) {
            ef_take(r, 3);
            return HAVE_STRING;
        }
        int size = r->at[0] == '\\' ? escaped_size(r, kind) : 1;
        if (!size) {
            return UNSURE;
        }
        r->tokens += size - 1;
        r->at += size;
    }
    return UNSURE;
}

static State past_string(Reading *r, StringKind kind) {
    unsigned char quote = *r->at;
    for (int k = r->open; r->formats && k > 0; k--) {
        if (kind == FORMATTED || (r->brackets[k].kind == FORMAT && r->brackets[k].quote == quote)) {
            return UNSURE;
        }
    }
    int is_long = r->end - r->at >= 3 && r->at[1] == quote && r->at[2] == quote;
    ef_take(r, is_long ? 3 : 1);
    if (is_long) {
        return kind == FORMATTED || r->formats ? UNSURE : past_long_string(r, quote, kind);
    }
    return past_short_string(r, quote, kind);
}

State ef_past_string(Reading *r) { return past_string(r, SIMPLE); }

State ef_past_rest(Reading *r, unsigned char quote) { return past_short_string(r, quote, FORMATTED); }

State ef_past_marked_string(Reading *r, Py_ssize_t size) {
    int mark = size == 1 ? *r->at | 0x20 : 0;
    r->at++;
    switch (mark) {
    case 'f':
        return past_string(r, FORMATTED);
    case 'r':
        return past_string(r, RAW);
    case 'b':
        return past_string(r, BYTES);
    case 'u':
        return past_string(r, SIMPLE);
    default:
        return UNSURE;
    }
}
