/* Plain Python: code of which it is certain that a parse finds no error in it, and what kinds of statements it
   holds. Nearly all code that is clean is plain, and to read it so costs a twentieth of a parse.

   Twin: the parse itself. Whatever is rare, or what versions of the language disagree on, is not plain: then
   nothing is told, and a parse has to say it. */
#include "plain.h"

enum { LAST_CONTROL = 0x20, DELETE = 0x7f };
/* A parse has a budget of work: more tokens in so many bytes might exhaust it. To end a statement costs too. */
enum { FREE_TOKENS = 100, BYTES_PER_TOKEN = 2, TOKENS_PER_STATEMENT = 3 };

/* --- Headers of blocks --- */

/* What a parameter is by itself, where it is given nothing. */
static int past_default(Reading *r) {
    if (ef_now(r) == ':') {
        ef_take(r, 1);
        if (!ef_past_type(r, 1) || !ef_past_space(r, 1)) {
            return 0;
        }
    }
    return !ef_past_sign(r, '=') || (ef_past_space(r, 1) && ef_past_expression(r));
}

static int past_parameter(Reading *r) {
    int stars = ef_now(r) != '*' ? 0 : ef_next(r) == '*' ? 2 : 1;
    ef_take(r, stars);
    if (!ef_past_name(r) || !ef_past_space(r, 1)) {
        return 0;
    }
    return (stars || past_default(r)) && ef_past_space(r, 1);
}

static int past_parameters(Reading *r) {
    if (!ef_past_sign(r, '(')) {
        return 0;
    }
    do {
        if (!ef_past_space(r, 1)) {
            return 0;
        }
        if (ef_now(r) == ')') {
            break;
        }
        if (!past_parameter(r)) {
            return 0;
        }
    } while (ef_past_sign(r, ','));
    return ef_past_sign(r, ')');
}

static int past_function(Plain *code) {
    Reading *r = &code->reading;
    code->found |= DEFINES;
    if (!ef_past_name(r)) {
        return 0;
    }
    ef_past_blanks(r);
    if (!past_parameters(r)) {
        return 0;
    }
    ef_past_blanks(r);
    if (ef_now(r) != '-' || ef_next(r) != '>') {
        return 1;
    }
    ef_take(r, 2);
    code->is_typed = 1;
    return ef_past_type(r, 0);
}

static int past_class(Plain *code) {
    Reading *r = &code->reading;
    code->found |= DEFINES;
    if (!ef_past_name(r)) {
        return 0;
    }
    ef_past_blanks(r);
    return ef_now(r) != '(' || ef_past_brackets(r);
}

/* An expression, and what it is called. */
static int past_named(Reading *r) {
    if (!ef_past_expression(r)) {
        return 0;
    }
    if (!ef_past_word(r, AS_WORD)) {
        return 1;
    }
    ef_past_blanks(r);
    return ef_past_name(r);
}

static Header header_of(Word word) {
    switch (word) {
    case IF_WORD:
    case ELIF_WORD:
        return CHOICE;
    case FOR_WORD:
    case WHILE_WORD:
        return LOOP;
    case TRY_WORD:
        return ATTEMPT;
    case EXCEPT_WORD:
        return RESCUE;
    case DEF_WORD:
    case CLASS_WORD:
    case WITH_WORD:
    case ELSE_WORD:
    case FINALLY_WORD:
        return OTHER_HEADER;
    default:
        return NO_HEADER;
    }
}

/* Whether what ended right before may be followed by a word. */
static int may_follow(const Plain *code, Word word) {
    Header ended = code->ended_indent == code->column ? code->ended : NO_HEADER;
    switch (word) {
    case ELIF_WORD:
        return ended == CHOICE;
    case ELSE_WORD:
        return ended == CHOICE || ended == LOOP || ended == RESCUE;
    case EXCEPT_WORD:
    case FINALLY_WORD:
        return ended == ATTEMPT || ended == RESCUE;
    default:
        return code->ended != ATTEMPT;
    }
}

/* What stands between the word of a header and its colon. */
static int past_header(Plain *code, Word word) {
    Reading *r = &code->reading;
    ef_past_blanks(r);
    switch (word) {
    case DEF_WORD:
        return past_function(code);
    case CLASS_WORD:
        return past_class(code);
    case FOR_WORD:
        code->found |= FLOWS;
        return ef_past_targets(r) && ef_past_expressions(r);
    case IF_WORD:
    case WHILE_WORD:
        code->found |= FLOWS;
        return ef_past_expression(r);
    case ELIF_WORD:
        return ef_past_expression(r);
    case WITH_WORD:
        code->found |= FLOWS;
        return past_named(r);
    case EXCEPT_WORD:
        return ef_now(r) == ':' || past_named(r);
    case TRY_WORD:
        code->found |= FLOWS;
        return 1;
    default:
        return 1;
    }
}

/* The colon of a header, and its block where that stands on the same line. */
static int past_suite(Plain *code, Header header) {
    Reading *r = &code->reading;
    Word word = NAME_WORD;
    ef_past_blanks(r);
    if (!ef_past_sign(r, ':')) {
        return 0;
    }
    if (ef_is_at_end(r)) {
        code->waiting = header;
        code->waiting_indent = code->column;
        code->is_typed = 0;
        return 1;
    }
    if (code->is_typed) {
        // Behind a type and its colon there may be more of the type.
        return 0;
    }
    code->ended = header;
    code->ended_indent = code->column;
    Py_ssize_t size = ef_word(r, &word);
    return ef_past_line(code, word, size, 0);
}

/* A decorator, which a definition follows. */
static int past_decorator(Plain *code) {
    Reading *r = &code->reading;
    ef_take(r, 1);
    if (!ef_past_dotted(r)) {
        return 0;
    }
    code->is_decorated = 1;
    code->decorated_indent = code->column;
    return (ef_now(r) != '(' || ef_past_brackets(r)) && ef_is_at_end(r);
}

/* --- Lines --- */

/* At the first token of the next line that has one, with its column; 0 at the end, and at a comment behind a
   decorator: there a parse takes some comments for the end of a block. */
static int next_line(Plain *code) {
    Reading *r = &code->reading;
    Py_ssize_t column = 0;
    while (r->at < r->end) {
        unsigned char c = *r->at;
        if (c == '#' && code->is_decorated) {
            return 0;
        }
        if (c == '#') {
            const unsigned char *end = memchr(r->at, '\n', (size_t)(r->end - r->at));
            r->at = end == NULL ? r->end : end;
            r->tokens++;
        } else if (c == '\n') {
            column = 0;
            r->at++;
        } else if (c == ' ' || c == '\t') {
            column += c == ' ' ? 1 : COLUMNS_OF_TAB;
            r->at++;
        } else {
            code->column = column;
            return 1;
        }
    }
    return 0;
}

/* Begin the block that the header before waits for, or end those that a line is not indented enough for. */
static int is_placed(Plain *code) {
    if (code->waiting != NO_HEADER) {
        if (code->open + 1 == MOST_BLOCKS || code->column <= code->waiting_indent) {
            return 0;
        }
        code->blocks[++code->open] = (Block){code->waiting_indent, code->column, code->waiting};
        code->waiting = code->ended = NO_HEADER;
        return 1;
    }
    while (code->open && code->column < code->blocks[code->open].inner) {
        if (code->ended == ATTEMPT) {
            return 0;
        }
        code->ended = code->blocks[code->open].header;
        code->ended_indent = code->blocks[code->open].indent;
        code->open--;
    }
    return code->column == code->blocks[code->open].inner || !code->open;
}

/* Whether a statement may begin with a word where a decorator stands before it. */
static int is_definition(const Plain *code, Word word) {
    int is_fit = word == DEF_WORD || word == CLASS_WORD || ef_now(&code->reading) == '@';
    return is_fit && code->column == code->decorated_indent;
}

static int past_statement(Plain *code) {
    Reading *r = &code->reading;
    Word word = NAME_WORD;
    if (!is_placed(code)) {
        return 0;
    }
    r->indent = code->blocks[code->open].inner;
    r->tokens += TOKENS_PER_STATEMENT;
    Py_ssize_t size = ef_word(r, &word);
    if (!may_follow(code, word) || (code->is_decorated && !is_definition(code, word))) {
        return 0;
    }
    code->is_decorated = 0;
    Header header = header_of(word);
    if (header != NO_HEADER) {
        ef_take(r, size);
        return past_header(code, word) && past_suite(code, header);
    }
    code->ended = NO_HEADER;
    return ef_now(r) == '@' ? past_decorator(code) : ef_past_line(code, word, size, code->open == 0);
}

/* Whether no byte of control stands in code but ends of lines and tabs. */
static int is_text(const unsigned char *code, Py_ssize_t size) {
    int is_odd = 0;
    // Without a branch several bytes are looked at together.
    for (Py_ssize_t at = 0; at < size; at++) {
        is_odd |= ((code[at] < LAST_CONTROL) & (code[at] != '\n') & (code[at] != '\t')) | (code[at] == DELETE);
    }
    return !is_odd;
}

/* Whether all that was begun has come to its end. */
static int is_complete(const Plain *code) {
    int is_open = code->waiting != NO_HEADER || code->ended == ATTEMPT || code->is_decorated;
    for (int k = 1; k <= code->open; k++) {
        is_open |= code->blocks[k].header == ATTEMPT;
    }
    return !is_open;
}

int ef_plain(const unsigned char *text, Py_ssize_t size) {
    Plain code = {.reading = {.at = text, .end = text + size, .behind = text}};
    if (!is_text(text, size)) {
        return -1;
    }
    while (next_line(&code)) {
        if (!past_statement(&code)) {
            return -1;
        }
    }
    int is_cheap = code.reading.tokens <= FREE_TOKENS + size / BYTES_PER_TOKEN;
    return is_complete(&code) && is_cheap ? code.found : -1;
}

PyDoc_STRVAR(plain_doc, "What kinds of statements stand in plain Python, as bits; -1 for what is not plain.");

static PyObject *plain_python(PyObject *module, PyObject *code) {
    char *text;
    Py_ssize_t size;
    (void)module;
    if (PyBytes_AsStringAndSize(code, &text, &size) < 0) {
        return NULL;
    }
    return PyLong_FromLong(ef_plain((const unsigned char *)text, size));
}

static PyMethodDef functions[] = {
    {"plain_python", plain_python, METH_O, plain_doc},
    {NULL, NULL, 0, NULL},
};

int ef_add_plain(PyObject *module) { return PyModule_AddFunctions(module, functions); }
