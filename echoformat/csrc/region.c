/* Region: where in a completion its code stands, and whether its first line is one that no Python has.

   Twin: `echoformat.detectors.region`. */
#include "plain.h"

enum { LONGEST_LINE = 400, SHORT_TAG = 24, FENCE_SIZE = 3 };
/* What a first line says: its place, or one of these. */
enum { NOWHERE = -1, ASK_TWIN = -2 };
/* What is asked of code: whether it is unlike Python where it is all there is, where it is not, and what plain
   code holds. */
enum { ASKS_WHOLE = 1, ASKS_PART = 2, ASKS_PLAIN = 4, IS_WHOLE = 128 };

typedef struct {
    const char *at;
    Py_ssize_t size;
    int is_whole;
} Code;

static const char *const OPENINGS[] = {"<llm-code>", "```python", "```py", "```Python", "```"};
enum { COUNT_OPENINGS = sizeof OPENINGS / sizeof *OPENINGS };
static const char CLOSING[] = "</llm-code>", FENCE[] = "```";

/* --- Where code stands --- */

static const char *find(const char *text, const char *end, const char *mark) {
    size_t size = strlen(mark);
    while (text < end && (text = memchr(text, mark[0], (size_t)(end - text))) != NULL) {
        if ((size_t)(end - text) >= size && memcmp(text, mark, size) == 0) {
            return text;
        }
        text++;
    }
    return NULL;
}

static int begins_character(char c) { return ((unsigned char)c & 0xC0) != 0x80; }

/* The place so many characters behind another, or the end. */
static const char *characters_on(const char *text, const char *end, Py_ssize_t count) {
    if (end - text <= count) {
        return end;
    }
    for (; text < end; text++) {
        if (begins_character(*text) && count-- == 0) {
            break;
        }
    }
    return text;
}

static Code block(const char *start, const char *end, const char *closing) {
    const char *line_end = start < end ? memchr(start, '\n', (size_t)(end - start)) : NULL;
    if (line_end != NULL && line_end <= characters_on(start, end, SHORT_TAG)) {
        start = line_end + 1;
    }
    const char *stop = find(start, end, closing);
    return (Code){start, (stop == NULL ? end : stop) - start, 0};
}

/* `code_bounds` for a text that is not blank. */
static Code code_of(const char *text, Py_ssize_t size) {
    const char *end = text + size;
    const char *fence = find(text, end, FENCE), *tag = find(text, end, OPENINGS[0]);
    if (fence == NULL && tag == NULL) {
        return (Code){text, size, 1};
    }
    for (int k = 0; k < COUNT_OPENINGS; k++) {
        const char *at = k == 0 ? tag : fence == NULL ? NULL : find(fence, end, OPENINGS[k]);
        if (at != NULL) {
            return block(at + strlen(OPENINGS[k]), end, k == 0 ? CLOSING : FENCE);
        }
    }
    return (Code){text, size, 1};
}

/* --- What no first line of Python holds --- */

/* White space of ASCII, as a text's own `strip` has it. */
static int is_blank(unsigned char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f); }

/* Whether a line may begin with a sign; `next` is what follows it. */
static int begins_badly(unsigned char c, unsigned char next) {
    return memchr("%<>=/|&^!,;:)]}", c, 15) != NULL || (c == '*' && next == '*');
}

static int is_prefix(const unsigned char *word, Py_ssize_t size) {
    unsigned char first = word[0] | 0x20, other = size > 1 ? word[1] | 0x20 : 0;
    if (size == 1) {
        return first == 'r' || first == 'b' || first == 'f' || first == 'u';
    }
    return size == 2 && ((other == 'r' && (first == 'b' || first == 'f')) ||
                         (first == 'r' && (other == 'b' || other == 'f')));
}

/* Behind what shows at a word that it is no Python, 0 where nothing does: the next word, or a quote. */
static Py_ssize_t bad_word(const unsigned char *line, Py_ssize_t size, Py_ssize_t at) {
    Py_ssize_t end = at, next;
    while (end < size && is_wordy(line[end])) {
        end++;
    }
    if (end < size && is_quote(line[end])) {
        return is_prefix(line + at, end - at) || is_digit(line[end - 1]) ? 0 : end + 1;
    }
    for (next = end; next < size && line[next] == ' '; next++) {
    }
    if (next == end || next == size || !is_letter(line[next]) || !is_letter(line[at])) {
        return 0;
    }
    Py_ssize_t behind = next;
    while (behind < size && is_wordy(line[behind])) {
        behind++;
    }
    int is_fine = ef_stands_before(line + at, end - at) || ef_stands_behind(line + next, behind - next);
    return is_fine ? 0 : next + 1;
}

/* Whether a backslash stands before more than white space. */
static int is_stray(const unsigned char *line, Py_ssize_t size, Py_ssize_t at) {
    for (at++; at < size; at++) {
        if (line[at] != ' ' && !(line[at] >= '\t' && line[at] <= '\r')) {
            return 1;
        }
    }
    return 0;
}

/* Behind the first thing that no Python holds in a line of ASCII, up to a quote or comment; 0 for nothing. */
static Py_ssize_t bad_place(const unsigned char *line, Py_ssize_t size) {
    if (size && begins_badly(line[0], size > 1 ? line[1] : 0)) {
        return line[0] == '*' ? 2 : 1;
    }
    for (Py_ssize_t at = 0; at < size; at++) {
        unsigned char c = line[at];
        if (c == '$' || c == '?' || c == '`' || (c == '\\' && is_stray(line, size, at))) {
            return at + 1;
        }
        if (is_wordy(c) && (at == 0 || !is_wordy(line[at - 1]))) {
            Py_ssize_t end = bad_word(line, size, at);
            if (end) {
                return end;
            }
        }
    }
    return 0;
}

/* `unlike_python` of the twin, in bytes. */
static Py_ssize_t first_line(const unsigned char *code, Py_ssize_t size) {
    Py_ssize_t start = 0, end, stop;
    while (start < size && is_blank(code[start])) {
        start++;
    }
    for (end = start; end < size && end < start + LONGEST_LINE && code[end] != '\n'; end++) {
        if (code[end] >= 0x80) {
            return ASK_TWIN;
        }
    }
    for (stop = start; stop < end && !is_quote(code[stop]) && code[stop] != '#'; stop++) {
    }
    Py_ssize_t found = bad_place(code + start, (stop < end ? stop + 1 : end) - start);
    return found ? start + found : NOWHERE;
}

/* Whether the first line says before a part of code that it is unlike Python: 1, 0, or -1 where the twin must say
   it. */
static int begins_unlike(const unsigned char *code, Py_ssize_t size, double part) {
    Py_ssize_t at = first_line(code, size);
    return at == ASK_TWIN ? -1 : at >= 0 && (double)at < part * (double)size;
}

/* Whether what follows says so. */
static int goes_on_unlike(const unsigned char *code, Py_ssize_t size, double part) {
    Py_ssize_t at = ef_unlike(code, size);
    return at >= 0 && (double)at < part * (double)size;
}

/* --- All of it, of many texts --- */

/* What is asked of code. */
typedef struct {
    Py_ssize_t longest;
    double part;
    int asks;
    PyObject *needles;
} Question;

/* Where in a string to begin: a sign in it is rarer in texts than its letters. */
static Py_ssize_t rarest(const char *needle, Py_ssize_t size) {
    for (Py_ssize_t at = 0; at < size; at++) {
        unsigned char c = (unsigned char)(needle[at] | 0x20);
        if ((c < 'a' || c > 'z') && c != ' ') {
            return at;
        }
    }
    return 0;
}

static int holds(const Code *code, const char *needle, Py_ssize_t size) {
    if (!size || code->size < size) {
        return !size;
    }
    Py_ssize_t pivot = rarest(needle, size);
    const char *at = code->at + pivot, *end = code->at + code->size - size + pivot + 1;
    while (at < end && (at = memchr(at, needle[pivot], (size_t)(end - at))) != NULL) {
        if (memcmp(at - pivot, needle, (size_t)size) == 0) {
            return 1;
        }
        at++;
    }
    return 0;
}

/* Whether any of some strings stands in code; with none to look for, nothing is known of it. */
static int holds_one(const Question *question, const Code *code) {
    int is_held = question->needles == NULL;
    for (Py_ssize_t k = 0; !is_held && k < PyTuple_Size(question->needles); k++) {
        char *needle;
        Py_ssize_t size;
        if (PyBytes_AsStringAndSize(PyTuple_GetItem(question->needles, k), &needle, &size) < 0) {
            return -1;
        }
        is_held = holds(code, needle, size);
    }
    return is_held;
}

static PyObject *seen_in(PyObject *data, const Question *question) {
    const char *text;
    Py_ssize_t size;
    if (ef_utf8(data, &text, &size) < 0) {
        return NULL;
    }
    Code code = code_of(text, size);
    code.size = characters_on(code.at, code.at + code.size, question->longest) - code.at;
    const unsigned char *at = (const unsigned char *)code.at;
    int is_held = holds_one(question, &code);
    if (is_held < 0) {
        return NULL;
    }
    int is_asked = question->asks & (code.is_whole ? ASKS_WHOLE : ASKS_PART);
    int unlike = is_asked ? begins_unlike(at, code.size, question->part) : 1;
    if (!is_held && unlike == 0 && question->asks & ASKS_PLAIN) {
        int found = ef_plain(at, code.size);
        if (found >= 0) {
            return PyLong_FromLong(found | (code.is_whole ? IS_WHOLE : 0));
        }
    }
    unlike = unlike == 1 || goes_on_unlike(at, code.size, question->part) ? 1 : unlike;
    if (!is_held && unlike == 1) {
        return PyLong_FromLong(NOWHERE);
    }
    return Py_BuildValue("(y#ii)", code.at, code.size, code.is_whole, unlike);
}

PyDoc_STRVAR(codes_doc, "What the code in each of some texts holds, or that code, where that is not plain.");

static PyObject *codes(PyObject *module, PyObject *args) {
    PyObject *texts;
    Question question = {.needles = NULL, .asks = ASKS_WHOLE | ASKS_PART};
    (void)module;
    if (!PyArg_ParseTuple(args, "O!nd|O!i", &PyList_Type, &texts, &question.longest, &question.part, &PyTuple_Type,
                          &question.needles, &question.asks)) {
        return NULL;
    }
    question.longest = question.longest < 0 ? 0 : question.longest;
    PyObject *found = PyList_New(PyList_Size(texts));
    for (Py_ssize_t row = 0; found != NULL && row < PyList_Size(found); row++) {
        PyObject *text = PyList_GetItem(texts, row);
        PyObject *one = text == NULL ? NULL : seen_in(text, &question);
        if (one == NULL || PyList_SetItem(found, row, one) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}

static PyMethodDef functions[] = {
    {"codes", codes, METH_VARARGS, codes_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_region(PyObject *module) { return PyModule_AddFunctions(module, functions); }
