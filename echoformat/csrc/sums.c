/* From a text to its sums: n-grams are looked up, each row of weights that they name is added once. */
#include "sums.h"

#include <math.h>

/* Mark the kept n-grams that begin at the first `symbols` places. */
static EF_APART void mark_rows(const ef_model *model, ef_room *room, Py_ssize_t symbols) {
    const uint64_t third = model->factors[2], fourth = model->factors[3], fifth = model->factors[4];
    const uint16_t *rows = &model->rows[0][0];
    uint8_t *seen = room->seen;
    memset(seen, 0, (size_t)model->kept + 1 + EF_BLOCK);
    for (Py_ssize_t i = 0; i < symbols; i++) {
        uint64_t every = ef_load(room->look.symbols + i);
        seen[model->single[every & 0xFF]] = 1;
        seen[model->pairs_of[every & 0xFFFF]] = 1;
        seen[rows[2 * EF_BUCKETS + (every * third >> 48)]] = 1;
        seen[rows[3 * EF_BUCKETS + (every * fourth >> 48)]] = 1;
        seen[rows[4 * EF_BUCKETS + (every * fifth >> 48)]] = 1;
    }
    /* What is not kept. */
    seen[0] = 0;
}

#ifdef EF_WIDEST
/* Write down the rows that are marked, counted from 0. */
static EF_APART Py_ssize_t list_rows(const ef_model *model, ef_room *room) {
    uint16_t *next = room->hits;
    for (Py_ssize_t start = 0; start <= model->kept; start += EF_BLOCK) {
        next = ef_list_bits(ef_gathered(room->seen + start, 0), start - 1, next);
    }
    return next - room->hits;
}

static inline void spill(__m256i part, int32_t *sums) {
    __m512i all = _mm512_add_epi32(_mm512_loadu_si512(sums), _mm512_cvtepi16_epi32(part));
    _mm512_storeu_si512(sums, all);
}

/* Add rows of 32 columns and of as many as one more tile has: all of a row at once, its lines are near then. */
static void add_tiles(const int16_t *weights, Py_ssize_t width, const uint16_t *rows, Py_ssize_t count,
                      int32_t *sums) {
    __m512i wide = _mm512_setzero_si512();
    __m256i narrow = _mm256_setzero_si256();
    for (Py_ssize_t i = 0; i < count; i++) {
        const int16_t *row = weights + rows[i] * width;
        wide = _mm512_add_epi16(wide, _mm512_loadu_si512(row));
        narrow = _mm256_add_epi16(narrow, _mm256_loadu_si256((const __m256i *)(const void *)(row + 2 * EF_TILE)));
    }
    spill(_mm512_castsi512_si256(wide), sums);
    spill(_mm512_extracti64x4_epi64(wide, 1), sums + EF_TILE);
    spill(narrow, sums + 2 * EF_TILE);
}

static void add_tile(const int16_t *weights, Py_ssize_t width, const uint16_t *rows, Py_ssize_t count,
                     int32_t *sums) {
    __m256i all = _mm256_setzero_si256();
    for (Py_ssize_t i = 0; i < count; i++) {
        const int16_t *row = weights + rows[i] * width;
        all = _mm256_add_epi16(all, _mm256_loadu_si256((const __m256i *)(const void *)row));
    }
    spill(all, sums);
}

static EF_APART void add_rows(const ef_model *model, ef_room *room, Py_ssize_t count) {
    const int16_t *weights = model->weights + (model->counted + EF_LEVELS) * model->width;
    for (Py_ssize_t i = 0; i < count; i += model->together) {
        Py_ssize_t part = count - i < model->together ? count - i : model->together, tile = 0;
        for (; tile + 3 * EF_TILE <= model->width; tile += 3 * EF_TILE) {
            add_tiles(weights + tile, model->width, room->hits + i, part, room->sums + tile);
        }
        for (; tile < model->width; tile += EF_TILE) {
            add_tile(weights + tile, model->width, room->hits + i, part, room->sums + tile);
        }
    }
}
#else
/* Write down the rows that are marked, counted from 0. Eight at a time, of which most may be none: how many there
   are nobody could guess, and a wrong guess costs more. */
static EF_APART Py_ssize_t list_rows(const ef_model *model, ef_room *room) {
    Py_ssize_t count = 0;
    for (Py_ssize_t start = 0; start <= model->kept; start += EF_BLOCK) {
        uint64_t left = ef_gathered(room->seen + start, 0);
        uint16_t *next = room->hits + count;
        count += ef_ones(left);
        do {
            for (int i = 0; i < EF_AHEAD; i++) {
                *next++ = (uint16_t)(start - 1 + ef_lowest(left | (uint64_t)1 << 63));
                left &= left - 1;
            }
        } while (left);
    }
    return count;
}

/* Add rows of one tile of columns. */
static void add_tile(const int16_t *weights, Py_ssize_t width, const uint16_t *rows, Py_ssize_t count,
                     int32_t *sums) {
    int16_t parts[EF_TILE] = {0};
    for (Py_ssize_t i = 0; i < count; i++) {
        const int16_t *row = weights + rows[i] * width;
        for (int column = 0; column < EF_TILE; column++) {
            parts[column] = (int16_t)(parts[column] + row[column]);
        }
    }
    for (int column = 0; column < EF_TILE; column++) {
        sums[column] += parts[column];
    }
}

static EF_APART void add_rows(const ef_model *model, ef_room *room, Py_ssize_t count) {
    const int16_t *weights = model->weights + (model->counted + EF_LEVELS) * model->width;
    for (Py_ssize_t tile = 0; tile < model->width; tile += EF_TILE) {
        for (Py_ssize_t i = 0; i < count; i += model->together) {
            Py_ssize_t part = count - i < model->together ? count - i : model->together;
            add_tile(weights + tile, model->width, room->hits + i, part, room->sums + tile);
        }
    }
}

#endif

static double count_of(const ef_look *look, Py_ssize_t kind) {
    return look->counts[0][kind] + look->counts[1][kind] + look->counts[2][kind] + look->counts[3][kind];
}

/* To the next whole number, halves to the even one, as `numpy.rint` does: numbers that large have no halves. */
static double rounded(double level) { return level + 4503599627370496.0 - 4503599627370496.0; }

#ifdef EF_WIDEST
/* How often each dense feature that is a share of bytes counts. */
static void weigh_kinds(const ef_model *model, const ef_look *look, double size, double *levels) {
    const uint32_t(*counts)[EF_CLASSES] = look->counts;
    for (Py_ssize_t kind = 0; kind < model->counted; kind += 8) {
        __m256i all = _mm256_setzero_si256();
        for (int part = 0; part < 4; part++) {
            all = _mm256_add_epi32(all, _mm256_loadu_si256((const __m256i *)(const void *)(counts[part] + kind)));
        }
        __m512d share = _mm512_div_pd(_mm512_cvtepu32_pd(all), _mm512_set1_pd(size));
        _mm512_storeu_pd(levels + kind, _mm512_mul_pd(_mm512_set1_pd(EF_TOP), _mm512_sqrt_pd(share)));
    }
}
#else
static void weigh_kinds(const ef_model *model, const ef_look *look, double size, double *levels) {
    for (Py_ssize_t kind = 0; kind < model->counted; kind++) {
        levels[kind] = EF_TOP * sqrt(count_of(look, kind) / size);
    }
}
#endif

/* How often each dense feature counts: 0 to `EF_TOP`. */
static EF_APART void weigh_dense(const ef_model *model, const ef_look *look, double *levels) {
    /* The twin counts four more blanks behind a window. */
    double size = (double)(look->size + 4), lines = count_of(look, model->newline) + 1;
    double *last = levels + model->counted;
    weigh_kinds(model, look, size, levels);
    last[0] = 2 * log2(1 + (double)look->characters);
    last[1] = 3 * log2(lines);
    last[2] = 3 * log2(1 + size / lines);
    last[3] = 15 * ((double)look->indented / lines);
    last[4] = 15 * ((double)look->blank / lines);
    for (Py_ssize_t i = 0; i < model->counted + EF_LEVELS; i++) {
        levels[i] = rounded(levels[i] < EF_TOP ? levels[i] : EF_TOP);
    }
}

#ifdef EF_WIDEST
static EF_APART void add_dense(const ef_model *model, ef_room *room) {
    double levels[EF_CLASSES + EF_LEVELS];
    int16_t times[EF_CLASSES + EF_LEVELS + 1];
    Py_ssize_t count = model->counted + EF_LEVELS;
    weigh_dense(model, &room->look, levels);
    for (Py_ssize_t i = 0; i < count; i++) {
        times[i] = (int16_t)levels[i];
    }
    times[count] = 0;
    for (Py_ssize_t tile = 0; tile < model->width; tile += EF_TILE) {
        __m512i all = _mm512_loadu_si512(room->sums + tile);
        const int16_t *two = model->pairs + 2 * tile;
        for (Py_ssize_t i = 0; i < count; i += 2, two += 2 * model->width) {
            int32_t both;
            memcpy(&both, times + i, sizeof both);
            all = _mm512_add_epi32(all, _mm512_madd_epi16(_mm512_loadu_si512(two), _mm512_set1_epi32(both)));
        }
        _mm512_storeu_si512(room->sums + tile, all);
    }
}
#else
/* Add rows of one tile of columns, each as often as its level says. */
static void add_dense_tile(const int16_t *weights, Py_ssize_t width, const int16_t *times, const uint8_t *rows,
                           Py_ssize_t count, int32_t *sums) {
    int32_t parts[EF_TILE] = {0};
    for (Py_ssize_t i = 0; i < count; i++) {
        const int16_t *row = weights + rows[i] * width;
        for (int column = 0; column < EF_TILE; column++) {
            parts[column] += row[column] * times[i];
        }
    }
    for (int column = 0; column < EF_TILE; column++) {
        sums[column] += parts[column];
    }
}

static EF_APART void add_dense(const ef_model *model, ef_room *room) {
    double levels[EF_CLASSES + EF_LEVELS];
    int16_t times[EF_CLASSES + EF_LEVELS + 1];
    uint8_t rows[EF_CLASSES + EF_LEVELS + 1];
    Py_ssize_t count = 0;
    weigh_dense(model, &room->look, levels);
    for (Py_ssize_t i = 0; i < model->counted + EF_LEVELS; i++) {
        times[count] = (int16_t)levels[i];
        rows[count] = (uint8_t)i;
        count += levels[i] > 0;
    }
    for (Py_ssize_t tile = 0; tile < model->width; tile += EF_TILE) {
        add_dense_tile(model->weights + tile, model->width, times, rows, count, room->sums + tile);
    }
}
#endif

void ef_sum(const ef_model *model, ef_room *room, const uint8_t *text, Py_ssize_t size, Py_ssize_t characters) {
    ef_look_at(&model->tables, &room->look, text, size, characters);
    Py_ssize_t symbols = ef_skeleton(&model->tables, &room->look);
    mark_rows(model, room, symbols);
    memset(room->sums, 0, (size_t)model->width * sizeof *room->sums);
    add_rows(model, room, list_rows(model, room));
    add_dense(model, room);
}
