/* Classes of bytes: what no pattern tells apart takes one column of every table. */
#include <string.h>

#include "scan.h"

/* Characters by how often completions hold them: what is often asked for stands together in a row. */
static const char OFTEN[] = " etaoinsrhldcu\nmpfgyb\\w.,v012=)($}{_x-k345\":T*+6S'>A8</I97C^][`B#PFMDLENRHWOzjJGUVqYKQXZ&%?!;|@~\t";

static int is_line_end(const void *unused, unsigned byte) {
    (void)unused;
    return byte == '\n';
}

static int is_word(const void *unused, unsigned byte) {
    (void)unused;
    return ef_is_word(byte);
}

static int is_in_set(const void *set, unsigned byte) {
    return ef_has(set, byte);
}

/* Classes are numbered by their first byte, so that the same patterns make the same ones in any order. */
static void split(EfClasses *classes, int (*is_in)(const void *, unsigned), const void *what) {
    uint32_t known[512];
    memset(known, 0xFF, sizeof known);
    classes->count = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        uint32_t key = 2u * classes->of_byte[byte] + (is_in(what, byte) != 0);
        if (known[key] == UINT32_MAX) {
            classes->sample[classes->count] = (uint8_t)byte;
            known[key] = classes->count++;
        }
        classes->of_byte[byte] = (uint8_t)known[key];
    }
}

void ef_classes_start(EfClasses *classes) {
    memset(classes, 0, sizeof *classes);
    split(classes, is_line_end, NULL);
    split(classes, is_word, NULL);
}

void ef_classes_split(EfClasses *classes, const EfProgram *program) {
    for (size_t i = 0; i < program->set_count; i++) {
        split(classes, is_in_set, &program->sets[i]);
    }
}

void ef_classes_settle(EfClasses *classes) {
    EfClasses old = *classes;
    uint8_t number[256], is_given[256] = {0};
    uint32_t given = 0;
    for (const char *one = OFTEN; *one; one++) {
        uint8_t class_ = old.of_byte[(unsigned char)*one];
        if (!is_given[class_]) {
            is_given[class_] = 1;
            number[class_] = (uint8_t)given++;
        }
    }
    for (uint32_t class_ = 0; class_ < old.count; class_++) {
        if (!is_given[class_]) {
            number[class_] = (uint8_t)given++;
        }
        classes->sample[number[class_]] = old.sample[class_];
    }
    for (unsigned byte = 0; byte < 256; byte++) {
        classes->of_byte[byte] = number[old.of_byte[byte]];
    }
}
