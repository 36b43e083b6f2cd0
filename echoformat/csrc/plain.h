/* Plain Python: what the files that read it share. */
#ifndef ECHOFORMAT_PLAIN_H
#define ECHOFORMAT_PLAIN_H

#include "unlike.h"

enum { MOST_BRACKETS = 48, MOST_BLOCKS = 32, COLUMNS_OF_TAB = 8 };

/* What code holds; as `echoformat.detectors.plain_code` has it. */
enum { DEFINES = 1, IMPORTS = 2, FLOWS = 4, ASSIGNS = 8, RETURNS = 16, PRINTS = 32, ANSWERS = 64 };

/* What a word is; what is no keyword is a name. */
typedef enum {
    NAME_WORD,
    AND_WORD,
    OR_WORD,
    NOT_WORD,
    IN_WORD,
    IS_WORD,
    IF_WORD,
    ELSE_WORD,
    ELIF_WORD,
    FOR_WORD,
    WHILE_WORD,
    TRY_WORD,
    EXCEPT_WORD,
    FINALLY_WORD,
    WITH_WORD,
    DEF_WORD,
    CLASS_WORD,
    LAMBDA_WORD,
    RETURN_WORD,
    IMPORT_WORD,
    FROM_WORD,
    AS_WORD,
    PRINT_WORD,
    CONSTANT_WORD,
    BARE_WORD,   /* a statement by itself */
    ASKING_WORD, /* a statement with expressions behind it */
    OUTER_WORD,  /* a statement with names behind it */
    SOFT_WORD,   /* a name, but where it begins a statement */
    OTHER_WORD,  /* not plain */
} Word;

/* What may come next: an item of brackets or their end, an expression, or what stands between operators; what
   follows a number or its like, another operand, a string; or nothing, at a token of someone else's. */
typedef enum { WANT_ITEM, WANT_ANY, WANT_OPERAND, HAVE_CONSTANT, HAVE, HAVE_STRING, STOP, UNSURE } State;

/* BASE is no bracket at all, PICK those of an item, and FORMAT those within a formatted string. */
typedef enum { BASE, CALL, GROUP, LIST, PICK, BRACE, FORMAT } Opened;

/* What is open, and what stood in it: whether anything that no `for` may follow, how many colons since the last
   comma, whether an `if` waits for its `else`, whether a `for`, and whether keys with values. */
typedef struct {
    unsigned char kind, quote, items, colons, ifs, loops, is_keyed;
} Bracket;

typedef struct {
    const unsigned char *at, *end;
    const unsigned char *behind; /* behind the last token */
    Py_ssize_t tokens;
    Py_ssize_t indent; /* how far a line within brackets is indented at least */
    int open, formats;
    Bracket brackets[MOST_BRACKETS];
} Reading;

/* What a block belongs to: what may follow it depends on that. */
typedef enum { NO_HEADER, CHOICE, LOOP, ATTEMPT, RESCUE, OTHER_HEADER } Header;

typedef struct {
    Py_ssize_t indent; /* of the header */
    Py_ssize_t inner;  /* of what it holds */
    Header header;
} Block;

typedef struct {
    Reading reading;
    int found, open;
    Header waiting; /* whose block begins on the next line */
    Header ended;   /* whose block ended right before this statement */
    Py_ssize_t waiting_indent, ended_indent, decorated_indent, column;
    int is_decorated, is_typed;
    Block blocks[MOST_BLOCKS];
} Plain;

/* What stands in plain code, or -1 where code is not plain. */
int ef_plain(const unsigned char *code, Py_ssize_t size);

static inline int ef_now(const Reading *r) { return r->at < r->end ? *r->at : 0; }
static inline int ef_next(const Reading *r) { return r->end - r->at > 1 ? r->at[1] : 0; }
static inline int ef_third(const Reading *r) { return r->end - r->at > 2 ? r->at[2] : 0; }

/* Behind a token, which ends so many bytes on. */
static inline void ef_take(Reading *r, Py_ssize_t size) {
    r->at += size;
    r->behind = r->at;
    r->tokens++;
}

static inline void ef_past_blanks(Reading *r) {
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t')) {
        r->at++;
    }
}

/* How many bytes a word has that begins here, 0 for none, and what it is. */
Py_ssize_t ef_word(const Reading *r, Word *word);

/* Each of those below goes past something, and returns 0, or `UNSURE`, where code is not plain. */

/* A token, where it stands here. */
int ef_past_sign(Reading *r, int sign);

/* Blanks, and within brackets ends of lines and comments too. */
int ef_past_space(Reading *r, int is_inside);

/* A name; names with dots between. */
int ef_past_name(Reading *r);
int ef_past_dotted(Reading *r);

/* One word, where it stands here. */
int ef_past_word(Reading *r, Word word);

State ef_past_number(Reading *r);

/* A string; with a letter before it, a word of so many bytes that says what string it is; the rest of a formatted
   one behind something it shows. */
State ef_past_string(Reading *r);
State ef_past_marked_string(Reading *r, Py_ssize_t size);
State ef_past_rest(Reading *r, unsigned char quote);

/* Go into brackets. */
int ef_push(Reading *r, Opened kind, int quote);

/* The names that a loop gives what it goes through, and the word behind them. */
int ef_past_targets(Reading *r);

/* The name of a part, behind its dot. */
State ef_past_part(Reading *r);

/* An expression, up to the first token that is none of it; several, with commas between. */
int ef_past_expression(Reading *r);
int ef_past_expressions(Reading *r);

/* The brackets that open here, as those of a call or of an item. */
int ef_past_brackets(Reading *r);

/* A type: names, what they hold in brackets, and others that it may be instead. */
int ef_past_type(Reading *r, int is_inside);

/* Whether a line ends here but for a comment. */
int ef_is_at_end(Reading *r);

/* The simple statements of a line, which begins with a word of so many bytes. */
int ef_past_line(Plain *code, Word word, Py_ssize_t size, int is_outer);

#endif
