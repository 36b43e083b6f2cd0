/* Expressions of plain Python: operands and operators in turns, with a stack of what is open. */
#include "plain.h"

/* --- Where an operand is wanted --- */

static int is_closer(int c) { return c == ')' || c == ']' || c == '}'; }

static int closes(const Bracket *bracket, int c) {
    switch (bracket->kind) {
    case CALL:
    case GROUP:
        return c == ')';
    case LIST:
    case PICK:
        return c == ']';
    case BRACE:
        return c == '}';
    default:
        return 0;
    }
}

static State past_closer(Reading *r) {
    r->open--;
    ef_take(r, 1);
    return HAVE;
}

/* What ends right behind its opening, or behind a comma. */
static State past_early_closer(Reading *r, int c) {
    const Bracket *bracket = &r->brackets[r->open];
    return closes(bracket, c) && bracket->kind != PICK && !bracket->loops ? past_closer(r) : UNSURE;
}

static State past_comma(Reading *r) {
    Bracket *bracket = &r->brackets[r->open];
    if (bracket->kind == BASE) {
        return STOP;
    }
    if (bracket->kind == FORMAT || bracket->loops || (bracket->is_keyed && !bracket->colons)) {
        return UNSURE;
    }
    bracket->items = 1;
    bracket->colons = 0;
    ef_take(r, 1);
    return WANT_ITEM;
}

/* Behind a lambda's names and colon. */
static State past_lambda(Reading *r) {
    ef_past_blanks(r);
    while (ef_now(r) != ':') {
        if (!ef_past_name(r)) {
            return UNSURE;
        }
        ef_past_blanks(r);
        if (ef_now(r) == ',') {
            ef_take(r, 1);
            ef_past_blanks(r);
            if (ef_now(r) == ':') {
                return UNSURE;
            }
        } else if (ef_now(r) != ':') {
            return UNSURE;
        }
    }
    ef_take(r, 1);
    return WANT_ANY;
}

/* Behind a name in a call that is given a value, or 0. */
static Py_ssize_t keyword_size(const Reading *r, Py_ssize_t size) {
    const unsigned char *at = r->at + size;
    while (at < r->end && (*at == ' ' || *at == '\t')) {
        at++;
    }
    return r->end - at > 1 && at[0] == '=' && at[1] != '=' ? at + 1 - r->at : 0;
}

static State past_word_wanted(Reading *r, State state) {
    Word word;
    Py_ssize_t size = ef_word(r, &word);
    int next = r->at + size < r->end ? r->at[size] : 0;
    if (is_quote((unsigned char)next)) {
        return ef_past_marked_string(r, size);
    }
    if (word == SOFT_WORD) {
        ef_take(r, size);
        return HAVE;
    }
    if (word == NAME_WORD) {
        Py_ssize_t behind = state == WANT_ITEM && r->brackets[r->open].kind == CALL ? keyword_size(r, size) : 0;
        if (!behind) {
            ef_take(r, size);
            return HAVE;
        }
        r->tokens++;
        r->brackets[r->open].items = 1;
        ef_take(r, behind);
        return WANT_ANY;
    }
    ef_take(r, size);
    if (word == CONSTANT_WORD) {
        return HAVE_CONSTANT;
    }
    if (word == NOT_WORD && state != WANT_OPERAND) {
        return WANT_ANY;
    }
    int is_free = !r->formats && !r->brackets[r->open].loops && !r->brackets[r->open].ifs;
    return word == LAMBDA_WORD && state != WANT_OPERAND && is_free ? past_lambda(r) : UNSURE;
}

static State past_opening(Reading *r, int c) {
    if (r->brackets[r->open].kind == FORMAT && c == '{') {
        return UNSURE;
    }
    ef_take(r, 1);
    return ef_push(r, c == '(' ? GROUP : c == '[' ? LIST : BRACE, 0) ? WANT_ITEM : UNSURE;
}

static State past_colon_of_pick(Reading *r) {
    Bracket *bracket = &r->brackets[r->open];
    if (bracket->kind != PICK || bracket->colons == 2 || bracket->loops || bracket->ifs) {
        return UNSURE;
    }
    bracket->colons++;
    ef_take(r, 1);
    return WANT_ITEM;
}

static State past_wanted(Reading *r, State state) {
    int c = ef_now(r);
    if (is_letter((unsigned char)c)) {
        return past_word_wanted(r, state);
    }
    if (is_digit((unsigned char)c) || (c == '.' && is_digit((unsigned char)ef_next(r)))) {
        return ef_past_number(r);
    }
    if (is_quote((unsigned char)c)) {
        return ef_past_string(r);
    }
    if (c == '(' || c == '[' || c == '{') {
        return past_opening(r, c);
    }
    if (c == '.' && ef_next(r) == '.' && ef_third(r) == '.') {
        ef_take(r, 3);
        return HAVE_CONSTANT;
    }
    if (c == '-' || c == '+' || c == '~') {
        ef_take(r, 1);
        return WANT_OPERAND;
    }
    if (state != WANT_ITEM) {
        return UNSURE;
    }
    if (c == '*' && r->brackets[r->open].kind == CALL) {
        r->brackets[r->open].items = 1;
        ef_take(r, ef_next(r) == '*' ? 2 : 1);
        return WANT_ANY;
    }
    if (c == ':') {
        return past_colon_of_pick(r);
    }
    if (r->brackets[r->open].kind == PICK && r->brackets[r->open].colons && (c == ']' || c == ',')) {
        return c == ']' ? past_closer(r) : past_comma(r);
    }
    return is_closer(c) ? past_early_closer(r, c) : UNSURE;
}

/* --- Behind an operand --- */

/* How a value is shown in a string, and the end of what it asks for. */
static State past_format(Reading *r) {
    if (ef_now(r) == '!') {
        int how = ef_next(r);
        if (how != 'r' && how != 's' && how != 'a') {
            return UNSURE;
        }
        ef_take(r, 2);
    } else if (ef_now(r) == ':') {
        const unsigned char *start = ++r->at;
        while (r->at < r->end && (is_wordy(*r->at) || memchr(".,+-<>^%", *r->at, 8) != NULL)) {
            r->at++;
        }
        if (r->at == start) {
            return UNSURE;
        }
        ef_take(r, 0);
    }
    if (ef_now(r) != '}') {
        return UNSURE;
    }
    unsigned char quote = r->brackets[r->open].quote;
    r->open--;
    r->formats--;
    ef_take(r, 1);
    return ef_past_rest(r, quote);
}

static State past_colon(Reading *r) {
    Bracket *bracket = &r->brackets[r->open];
    switch (bracket->kind) {
    case BASE:
        return STOP;
    case PICK:
        return past_colon_of_pick(r);
    case FORMAT:
        return past_format(r);
    case BRACE:
        if (bracket->colons || bracket->loops || (bracket->items && !bracket->is_keyed)) {
            return UNSURE;
        }
        bracket->colons = bracket->is_keyed = 1;
        ef_take(r, 1);
        return WANT_ANY;
    default:
        return UNSURE;
    }
}

static State past_closing(Reading *r, int c) {
    const Bracket *bracket = &r->brackets[r->open];
    if (bracket->kind == FORMAT) {
        return c == '}' ? past_format(r) : UNSURE;
    }
    return closes(bracket, c) && (!bracket->is_keyed || bracket->colons) ? past_closer(r) : UNSURE;
}

/* One name of a loop, or several in brackets. */
static int past_target(Reading *r) {
    ef_past_blanks(r);
    int is_group = ef_past_sign(r, '(');
    do {
        ef_past_blanks(r);
        if (!ef_past_name(r)) {
            return 0;
        }
        ef_past_blanks(r);
    } while (is_group && ef_past_sign(r, ','));
    if (is_group && !ef_past_sign(r, ')')) {
        return 0;
    }
    ef_past_blanks(r);
    return 1;
}

int ef_past_targets(Reading *r) {
    do {
        if (!past_target(r)) {
            return 0;
        }
    } while (ef_past_sign(r, ','));
    return ef_past_word(r, IN_WORD);
}

static State past_for(Reading *r) {
    Bracket *bracket = &r->brackets[r->open];
    int is_fit = bracket->kind == CALL || bracket->kind == GROUP || bracket->kind == LIST || bracket->kind == BRACE;
    if (!is_fit || bracket->items || bracket->ifs) {
        return UNSURE;
    }
    bracket->loops = 1;
    return ef_past_targets(r) ? WANT_OPERAND : UNSURE;
}

static State past_if(Bracket *bracket) {
    if (bracket->ifs) {
        return UNSURE;
    }
    // Behind `for` it chooses; elsewhere it waits for the other value.
    bracket->ifs = !bracket->loops;
    return WANT_ANY;
}

static State past_word_behind(Reading *r) {
    Word word;
    Py_ssize_t size = ef_word(r, &word);
    Bracket *bracket = &r->brackets[r->open];
    if (word == AS_WORD && bracket->kind == BASE && !bracket->ifs) {
        return STOP;
    }
    ef_take(r, size);
    switch (word) {
    case AND_WORD:
    case OR_WORD:
        return WANT_ANY;
    case IN_WORD:
        return WANT_OPERAND;
    case IS_WORD:
    case NOT_WORD: {
        Word other;
        ef_past_blanks(r);
        Py_ssize_t more = ef_word(r, &other);
        if (more && other == (word == IS_WORD ? NOT_WORD : IN_WORD)) {
            ef_take(r, more);
            return WANT_OPERAND;
        }
        return word == IS_WORD ? WANT_OPERAND : UNSURE;
    }
    case IF_WORD:
        return past_if(bracket);
    case ELSE_WORD:
        if (!bracket->ifs) {
            return UNSURE;
        }
        bracket->ifs = 0;
        return WANT_ANY;
    case FOR_WORD:
        return past_for(r);
    default:
        return UNSURE;
    }
}

State ef_past_part(Reading *r) {
    Word word;
    Py_ssize_t size = ef_word(r, &word);
    ef_take(r, size);
    return size && (word == NAME_WORD || word == SOFT_WORD) ? HAVE : UNSURE;
}

/* How many bytes an operator has that stands between operands; 0 where none does, or one that gives a value. */
static int operator_size(int c, int next, int after) {
    switch (c) {
    case '+':
    case '-':
    case '%':
    case '&':
    case '|':
    case '^':
        return next != '=' && !(c == '-' && next == '>');
    case '*':
    case '/':
        return next == c ? (after != '=') * 2 : next != '=';
    case '<':
    case '>':
        if (next == c) {
            return (after != '=') * 2;
        }
        return next == '=' ? 2 : !(c == '<' && next == '>');
    case '=':
    case '!':
        return next == '=' ? 2 : 0;
    default:
        return 0;
    }
}

static State past_behind(Reading *r, State state) {
    int c = ef_now(r), next = ef_next(r);
    if (state == HAVE_STRING && (is_quote((unsigned char)c) || (is_letter((unsigned char)c) && is_quote((unsigned char)next)))) {
        return past_wanted(r, WANT_OPERAND);
    }
    if (is_letter((unsigned char)c)) {
        return past_word_behind(r);
    }
    if (c == '.' || c == '(' || c == '[') {
        if (state == HAVE_CONSTANT) {
            return UNSURE;
        }
        ef_take(r, 1);
        if (c != '.') {
            return ef_push(r, c == '(' ? CALL : PICK, 0) ? WANT_ITEM : UNSURE;
        }
        return ef_past_part(r);
    }
    int size = operator_size(c, next, ef_third(r));
    if (size) {
        ef_take(r, size);
        return WANT_OPERAND;
    }
    if (c == '!' && r->brackets[r->open].kind == FORMAT) {
        return past_format(r);
    }
    if (r->brackets[r->open].ifs) {
        return UNSURE;
    }
    if (c == ',') {
        return past_comma(r);
    }
    if (c == ':') {
        return past_colon(r);
    }
    if (is_closer(c) && r->brackets[r->open].kind != BASE) {
        return past_closing(r, c);
    }
    // What stands here is for who asked for the expression.
    return r->brackets[r->open].kind == BASE && c != '"' && c != '\'' ? STOP : UNSURE;
}

/* Behind an expression from a state on, or behind the brackets that are open. */
static int is_passed(Reading *r, State state) {
    int is_call = r->open > 0;
    while (state != UNSURE && state != STOP && (r->open || !is_call)) {
        if (!ef_past_space(r, r->open > 0)) {
            return 0;
        }
        state = state < HAVE_CONSTANT ? past_wanted(r, state) : past_behind(r, state);
    }
    return state != UNSURE;
}

static void begin(Reading *r) {
    r->open = 0;
    r->formats = 0;
    r->brackets[0] = (Bracket){.kind = BASE};
}

int ef_past_expression(Reading *r) {
    begin(r);
    return is_passed(r, WANT_ANY);
}

int ef_past_expressions(Reading *r) {
    do {
        if (!ef_past_expression(r)) {
            return 0;
        }
    } while (ef_past_sign(r, ','));
    return 1;
}

int ef_past_brackets(Reading *r) {
    int is_call = ef_now(r) == '(';
    begin(r);
    ef_take(r, 1);
    return ef_push(r, is_call ? CALL : PICK, 0) && is_passed(r, WANT_ITEM);
}
