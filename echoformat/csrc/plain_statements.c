/* Simple statements of plain Python. */
#include "plain.h"

int ef_is_at_end(Reading *r) {
    ef_past_blanks(r);
    return r->at == r->end || *r->at == '\n' || *r->at == '#';
}

/* --- Names --- */

/* Names with commas between. */
static int past_names(Reading *r) {
    do {
        ef_past_blanks(r);
        if (!ef_past_name(r)) {
            return 0;
        }
        ef_past_blanks(r);
    } while (ef_past_sign(r, ','));
    return 1;
}

/* What is imported, and what it is called here. */
static int past_imported(Reading *r) {
    do {
        ef_past_blanks(r);
        if (!ef_past_dotted(r)) {
            return 0;
        }
        ef_past_blanks(r);
        if (ef_past_word(r, AS_WORD)) {
            ef_past_blanks(r);
            if (!ef_past_name(r)) {
                return 0;
            }
            ef_past_blanks(r);
        }
    } while (ef_past_sign(r, ','));
    return 1;
}

/* Where it is imported from, too. */
static int past_from(Reading *r) {
    ef_past_blanks(r);
    if (!ef_past_dotted(r)) {
        return 0;
    }
    ef_past_blanks(r);
    if (!ef_past_word(r, IMPORT_WORD)) {
        return 0;
    }
    ef_past_blanks(r);
    return ef_past_sign(r, '*') || past_imported(r);
}

/* --- Types --- */

/* A name in a type, with dots; whether brackets may follow it. */
static int past_type_name(Reading *r, int *is_bare) {
    *is_bare = ef_now(r) == 'N' && ef_past_word(r, CONSTANT_WORD);
    return *is_bare || ef_past_dotted(r);
}

int ef_past_type(Reading *r, int is_inside) {
    int depth = 0, is_bare;
    for (;;) {
        if (!ef_past_space(r, is_inside || depth) || !past_type_name(r, &is_bare)) {
            return 0;
        }
        if (!is_bare && ef_past_sign(r, '[')) {
            depth++;
            continue;
        }
        while (ef_past_space(r, depth) && depth && ef_past_sign(r, ']')) {
            depth--;
        }
        if (!ef_past_sign(r, '|') && !(depth && ef_past_sign(r, ','))) {
            return !depth;
        }
    }
}

/* --- Values --- */

/* How many bytes an operator has that adds to what a name stands for; 0 for none. */
static int augmented_size(const Reading *r) {
    int c = ef_now(r), next = ef_next(r), after = ef_third(r);
    if (c && memchr("+-*/%&|^", c, 8) != NULL && next == '=') {
        return 2;
    }
    return c && memchr("*/<>", c, 4) != NULL && next == c && after == '=' ? 3 : 0;
}

/* A name, parts of it and items. */
static int past_place(Reading *r) {
    ef_past_blanks(r);
    if (!ef_past_name(r)) {
        return 0;
    }
    while (ef_now(r) == '.' || ef_now(r) == '[') {
        int is_past = ef_past_sign(r, '.') ? ef_past_part(r) != UNSURE : ef_past_brackets(r);
        if (!is_past) {
            return 0;
        }
    }
    ef_past_blanks(r);
    return 1;
}

/* What can be given values, with commas between; how many, 0 for none. */
static int past_places(Reading *r) {
    int count = 0;
    do {
        if (!past_place(r)) {
            return 0;
        }
        count++;
    } while (ef_past_sign(r, ','));
    return count;
}

static int gives(const Reading *r) { return ef_now(r) == '=' && ef_next(r) != '='; }

/* What is given, which may be given to more places first. */
static int past_values(Plain *code) {
    Reading *r = &code->reading;
    code->found |= ASSIGNS;
    while (ef_past_sign(r, '=')) {
        ef_past_blanks(r);
        const unsigned char *start = r->at;
        if (!past_places(r) || !gives(r)) {
            r->at = start;
            return ef_past_expressions(r);
        }
    }
    return 0;
}

/* The type of a place, and the value that may go with it. */
static int past_typed(Plain *code, int answer) {
    Reading *r = &code->reading;
    if (!ef_past_sign(r, ':') || !ef_past_type(r, 0)) {
        return 0;
    }
    if (!gives(r)) {
        return 1;
    }
    code->found |= answer;
    return past_values(code);
}

/* A statement that begins with an expression. */
static int past_expression_first(Plain *code, int is_outer) {
    Reading *r = &code->reading;
    const unsigned char *start = r->at;
    int c = ef_now(r), places = is_letter((unsigned char)c) ? past_places(r) : 0, size;
    int answer = is_outer && r->behind - start == 3 && memcmp(start, "ans", 3) == 0 ? ANSWERS : 0;
    if (places && gives(r)) {
        code->found |= answer;
        return past_values(code);
    }
    if (places == 1 && ef_now(r) == ':') {
        return past_typed(code, answer);
    }
    if (places == 1 && (size = augmented_size(r)) > 0) {
        ef_take(r, size);
        return ef_past_expressions(r);
    }
    r->at = start;
    // A bracket here may hold what is given values, or what is only told.
    return c != '(' && c != '[' && c != '{' && ef_past_expressions(r);
}

/* --- Statements --- */

/* A call of `print`. A parse goes through it twice: an older Python has a statement of that name. */
static int past_print(Plain *code, Py_ssize_t size) {
    Reading *r = &code->reading;
    Py_ssize_t before = r->tokens;
    ef_take(r, size);
    code->found |= PRINTS;
    int is_past = ef_now(r) == '(' && ef_past_brackets(r);
    r->tokens += r->tokens - before;
    return is_past;
}

static int past_return(Plain *code, Py_ssize_t size) {
    ef_take(&code->reading, size);
    if (ef_is_at_end(&code->reading)) {
        return 1;
    }
    code->found |= RETURNS;
    return ef_past_expressions(&code->reading);
}

static int past_import(Plain *code, Word word, Py_ssize_t size) {
    ef_take(&code->reading, size);
    code->found |= IMPORTS;
    return word == FROM_WORD ? past_from(&code->reading) : past_imported(&code->reading);
}

static int past_simple(Plain *code, Word word, Py_ssize_t size, int is_outer) {
    Reading *r = &code->reading;
    switch (word) {
    case PRINT_WORD:
        return past_print(code, size);
    case RETURN_WORD:
        return past_return(code, size);
    case IMPORT_WORD:
    case FROM_WORD:
        return past_import(code, word, size);
    case BARE_WORD:
        ef_take(r, size);
        return 1;
    case ASKING_WORD:
        ef_take(r, size);
        return ef_past_expressions(r);
    case OUTER_WORD:
        ef_take(r, size);
        return past_names(r);
    case NAME_WORD:
    case NOT_WORD:
    case CONSTANT_WORD:
    case LAMBDA_WORD:
        return past_expression_first(code, is_outer);
    default:
        return 0;
    }
}

int ef_past_line(Plain *code, Word word, Py_ssize_t size, int is_outer) {
    Reading *r = &code->reading;
    while (past_simple(code, word, size, is_outer)) {
        if (ef_is_at_end(r)) {
            return 1;
        }
        if (!ef_past_sign(r, ';')) {
            return 0;
        }
        if (ef_is_at_end(r)) {
            return 1;
        }
        word = NAME_WORD;
        size = ef_word(r, &word);
    }
    return 0;
}
