/* Classes of bytes: what no pattern tells apart takes one column of every table. */
#include <string.h>

#include "scan.h"
#include "wide.h"

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

static void one_by_one(const uint8_t *of_byte, const uint8_t *data, size_t size, uint8_t *into) {
    size_t i = 0;
    for (; i + 8 <= size; i += 8) {
        uint8_t own[8];
        for (int k = 0; k < 8; k++) {
            own[k] = of_byte[data[i + k]];
        }
        memcpy(into + i, own, 8);
    }
    for (; i < size; i++) {
        into[i] = of_byte[data[i]];
    }
}

#ifdef EF_AVX2
#define SIXTEENS 8

/* For ASCII a table for each sixteen characters: a shuffle gives nothing for a byte that is none of them. */
EF_FOR_AVX2 static void by_blocks(const uint8_t *of_byte, const uint8_t *data, size_t size, uint8_t *into) {
    __m256i tables[SIXTEENS];
    const __m256i others = _mm256_set1_epi8(0x70);
    size_t i = 0;
    for (int k = 0; k < SIXTEENS; k++) {
        tables[k] = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(of_byte + 16 * k)));
    }
    for (; i + 32 <= size; i += 32) {
        __m256i block = _mm256_loadu_si256((const __m256i *)(data + i)), found = _mm256_setzero_si256();
        if (_mm256_movemask_epi8(block)) {
            one_by_one(of_byte, data + i, 32, into + i);
            continue;
        }
        for (int k = 0; k < SIXTEENS; k++) {
            __m256i place = _mm256_xor_si256(block, _mm256_set1_epi8((char)(16 * k)));
            place = _mm256_adds_epu8(place, others);
            found = _mm256_or_si256(found, _mm256_shuffle_epi8(tables[k], place));
        }
        _mm256_storeu_si256((__m256i *)(into + i), found);
    }
    one_by_one(of_byte, data + i, size - i, into + i);
}

/* The classes of 64 bytes. */
EF_FOR_VBMI static inline __m512i of_block(const __m512i *tables, __m512i block) {
    __m512i ascii = _mm512_permutex2var_epi8(tables[0], block, tables[1]);
    __m512i others = _mm512_permutex2var_epi8(tables[2], block, tables[3]);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(block), ascii, others);
}

EF_FOR_VBMI static void by_tables(const uint8_t *of_byte, const uint8_t *data, size_t size, uint8_t *into) {
    __m512i tables[4];
    size_t i = 0;
    for (int k = 0; k < 4; k++) {
        tables[k] = _mm512_loadu_si512(of_byte + 64 * k);
    }
    for (; i + 64 <= size; i += 64) {
        _mm512_storeu_si512(into + i, of_block(tables, _mm512_loadu_si512(data + i)));
    }
    if (i < size) {
        __mmask64 left = ~(__mmask64)0 >> (64 - (size - i));
        _mm512_mask_storeu_epi8(into + i, left, of_block(tables, _mm512_maskz_loadu_epi8(left, data + i)));
    }
}
#endif

void ef_classes_of(const EfClasses *classes, const uint8_t *data, size_t size, uint8_t *into) {
#ifdef EF_AVX2
    if (ef_has_vbmi()) {
        by_tables(classes->of_byte, data, size, into);
        return;
    }
    if (ef_has_avx2()) {
        by_blocks(classes->of_byte, data, size, into);
        return;
    }
#endif
    one_by_one(classes->of_byte, data, size, into);
}
