/* Unlike Python: where code holds, outside of strings and comments, what no Python can hold there.

   Twin: the parse itself. What is told here with certainty would be an error in the tree too, and costs some
   hundred times as much to learn there. Whatever is not certain (a string that does not end in its line, a
   brace in an f-string, a byte that no code holds) ends the look with nothing told.

   Outside of brackets a parse may put an end of a line between two tokens, and its tree says nothing of that:
   there, tokens that cannot follow each other are no sign. */
#include "unlike.h"

enum { MOST_OPEN = 256, LONGEST_WORD = 8 };
enum { UNSURE = -1 };

/* What stands before a token on its line. */
typedef enum { NOTHING, NAME, WORD, NUMBER, STRING, CLOSED } Before;

typedef struct {
    const unsigned char *text;
    Py_ssize_t size, at;
    Before before;
    Py_ssize_t open;
    unsigned char closers[MOST_OPEN];
} Look;

/* Words that may stand before another word, by the alphabet, and those of them that may stand behind one. */
static const char *const WORDS_BEFORE[] = {
    "and",   "as",    "assert",   "async", "await", "case",  "class", "def",  "del",   "elif",
    "else",  "except", "exec",    "finally", "for", "from",  "global", "if",  "import", "in",
    "is",    "lambda", "match",   "nonlocal", "not", "or",   "print", "raise", "return", "try",
    "type",  "while", "with",     "yield",
};
static const char *const WORDS_AFTER[] = {
    "and", "as", "async", "for", "from", "if", "import", "in", "is", "not", "or", "else",
};
enum { COUNT_AFTER = sizeof WORDS_AFTER / sizeof *WORDS_AFTER };

/* Where the words that begin with a letter begin among those above, and where they end. */
static const unsigned char FIRST_BEFORE[] = {
    0,  5,  5,  7,  9,  13, 16, 17, 17, 21, 21, 21, 22, 23, 25, 26, 27, 27, 29, 29, 31, 31, 31, 33, 33, 34, 34,
};

static int is_word(const char *known, const unsigned char *word, Py_ssize_t size) {
    return strlen(known) == (size_t)size && memcmp(known, word, (size_t)size) == 0;
}

int ef_stands_before(const unsigned char *word, Py_ssize_t size) {
    if (size > LONGEST_WORD || size < 1 || word[0] < 'a' || word[0] > 'z') {
        return 0;
    }
    for (int k = FIRST_BEFORE[word[0] - 'a']; k < FIRST_BEFORE[word[0] - 'a' + 1]; k++) {
        if (is_word(WORDS_BEFORE[k], word, size)) {
            return 1;
        }
    }
    return 0;
}

int ef_stands_behind(const unsigned char *word, Py_ssize_t size) {
    for (int k = 0; ef_stands_before(word, size) && k < COUNT_AFTER; k++) {
        if (is_word(WORDS_AFTER[k], word, size)) {
            return 1;
        }
    }
    return 0;
}

/* Whether all letters may stand right before a quote; `format` and `raw` say what they make of the string. */
static int is_prefix(const unsigned char *word, Py_ssize_t size, int *format, int *raw) {
    *format = *raw = 0;
    for (Py_ssize_t k = 0; k < size; k++) {
        unsigned char c = word[k] | 0x20;
        if (c != 'r' && c != 'b' && c != 'f' && c != 'u' && c != 't') {
            return 0;
        }
        *format |= c == 'f' || c == 't';
        *raw |= c == 'r';
    }
    return 1;
}

/* Each `past_` function moves on and returns 1; 0 where nothing is certain any more; -1 where what stands here
   can stand in no Python. */

/* A token stands where none can: the end of all in brackets, and a new line outside of them. */
static int is_amiss(Look *look) {
    look->before = NOTHING;
    return look->open > 0;
}

static int past_string(Look *look, int format, int raw) {
    const unsigned char *text = look->text;
    Py_ssize_t at = look->at, size = look->size;
    unsigned char quote = text[at], is_broken = 0;
    Py_ssize_t start = at;
    int is_triple = at + 2 < size && text[at + 1] == quote && text[at + 2] == quote;
    for (at += is_triple ? 3 : 1; at < size; at++) {
        unsigned char c = text[at];
        if (c == '\\') {
            at++;
            is_broken = 1;
            if (at >= size || text[at] == 0 || (raw && text[at] == '\n')) {
                return 0;
            }
        } else if (c == quote &&
                   (!is_triple || (at + 2 < size && text[at + 1] == quote && text[at + 2] == quote))) {
            look->at = at + (is_triple ? 3 : 1);
            look->before = STRING;
            return 1;
        } else if (c == '\n' && !is_triple) {
            // The grammar lets a line end where a piece of a string begins.
            look->at = at;
            return is_broken || at == start + 1 ? 0 : -1;
        } else if (c == 0 || c == '\r' || (format && c == '{')) {
            return 0;
        }
    }
    return 0;
}

static int past_word(Look *look) {
    const unsigned char *word = look->text + look->at;
    Py_ssize_t size = 0, left = look->size - look->at;
    int format, raw;
    while (size < left && (is_letter(word[size]) || is_digit(word[size]))) {
        size++;
    }
    if (size < left && word[size] >= 0x80) {
        while (size < left && (is_letter(word[size]) || is_digit(word[size]) || word[size] >= 0x80)) {
            size++;
        }
        look->at += size;
        look->before = NOTHING;
        return 1;
    }
    int is_before = ef_stands_before(word, size);
    if (size < left && is_quote(word[size]) && !is_before) {
        if ((!is_prefix(word, size, &format, &raw) || look->before == NAME) && is_amiss(look)) {
            return -1;
        }
        look->at += size;
        return past_string(look, format, raw);
    }
    if (look->before != NOTHING && look->before != WORD && !ef_stands_behind(word, size) &&
        is_amiss(look)) {
        return -1;
    }
    look->at += size;
    look->before = is_before ? WORD : NAME;
    return 1;
}

static int past_number(Look *look) {
    int is_plain = 1;
    if ((look->before == NAME || look->before == NUMBER || look->before == CLOSED) && is_amiss(look)) {
        return -1;
    }
    while (look->at < look->size) {
        unsigned char c = look->text[look->at];
        if (is_letter(c) || c >= 0x80) {
            is_plain = 0;
        } else if (!is_digit(c) && c != '.') {
            break;
        }
        look->at++;
    }
    look->before = is_plain ? NUMBER : NOTHING;
    return 1;
}

static int past_opening(Look *look, unsigned char c) {
    if (c == '{' && (look->before == NAME || look->before == NUMBER || look->before == CLOSED) && is_amiss(look)) {
        return -1;
    }
    if (look->open == MOST_OPEN) {
        return 0;
    }
    look->closers[look->open++] = c == '(' ? ')' : c == '[' ? ']' : '}';
    look->at++;
    look->before = NOTHING;
    return 1;
}

static int past_closing(Look *look, unsigned char c) {
    if (!look->open || look->closers[look->open - 1] != c) {
        return -1;
    }
    look->open--;
    look->at++;
    look->before = CLOSED;
    return 1;
}

static int past_comment(Look *look) {
    while (look->at < look->size && look->text[look->at] != '\n') {
        if (look->text[look->at] == 0 || look->text[look->at] == '\r') {
            return 0;
        }
        look->at++;
    }
    return 1;
}

static int past_sign(Look *look, unsigned char c) {
    unsigned char next = look->at + 1 < look->size ? look->text[look->at + 1] : 0;
    if (c == '`') {
        // A quote, to the grammar.
        return 0;
    }
    if (c == '$' || c == '?' || (c == ';' && look->open)) {
        return -1;
    }
    if (c == '\\' && next != '\n') {
        return next > ' ' && next < 0x7f ? -1 : 0;
    }
    if ((c == '!' && next != '=') || ((c == '&' || c == '|') && next == c)) {
        return next ? -1 : 0;
    }
    // A run of more than ASCII may be a word or a space.
    look->at += c == '\\' ? 2 : 1;
    look->before = NOTHING;
    return c >= 0x80 || (c > ' ' && c < 0x7f);
}

static int past_token(Look *look) {
    unsigned char c = look->text[look->at];
    if (c == ' ' || c == '\t') {
        look->at++;
        return 1;
    }
    if (c == '\n') {
        look->at++;
        look->before = NOTHING;
        return 1;
    }
    if (is_letter(c)) {
        return past_word(look);
    }
    if (is_digit(c)) {
        return past_number(look);
    }
    if (is_quote(c)) {
        return look->before == NAME && is_amiss(look) ? -1 : past_string(look, 0, 0);
    }
    if (c == '#') {
        return past_comment(look);
    }
    if (c == '(' || c == '[' || c == '{') {
        return past_opening(look, c);
    }
    if (c == ')' || c == ']' || c == '}') {
        return past_closing(look, c);
    }
    return past_sign(look, c);
}

Py_ssize_t ef_unlike(const unsigned char *text, Py_ssize_t size) {
    Look look = {.text = text, .size = size, .at = 0, .before = NOTHING, .open = 0};
    while (look.at < size) {
        int is_past = past_token(&look);
        if (is_past < 0) {
            return look.at + 1;
        }
        if (!is_past) {
            return UNSURE;
        }
    }
    return UNSURE;
}

PyDoc_STRVAR(unlike_doc, "Where UTF-8 code certainly holds what no Python can, in bytes; -1 where nowhere.");

static PyObject *unlike_python(PyObject *module, PyObject *code) {
    char *text;
    Py_ssize_t size;
    (void)module;
    if (PyBytes_AsStringAndSize(code, &text, &size) < 0) {
        return NULL;
    }
    return PyLong_FromSsize_t(ef_unlike((const unsigned char *)text, size));
}

static PyMethodDef functions[] = {
    {"unlike_python", unlike_python, METH_O, unlike_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_unlike(PyObject *module) { return PyModule_AddFunctions(module, functions); }
