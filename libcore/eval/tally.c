#include "eval/tally.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "base/real.h"
#include "eval/cell.h"

enum {
    CHUNK = 512,       /* scores looked at at a time */
    PENDING = 1 << 15, /* places a worker notes before it counts them */
    NEAR = 16          /* genuine scores that every impostor is compared with */
};

/* Twice a number of pairs (genuine, impostor), which overflows 64 bits for large sets. */
typedef __int128 Wins;

/* As many keys, at any place a key may be. */
typedef uint32_t NearKeys __attribute__((vector_size(4 * NEAR), aligned(4), may_alias));

typedef struct Cell {
    uint32_t count; /* impostors seen by a worker; with SPECIAL */
    uint32_t begin; /* the first genuine score in this cell or a higher one */
} Cell;

/* In a worker's count of a cell: an impostor in it needs more than counting. */
#define SPECIAL 0x80000000u

typedef struct Worker {
    Cell *cell;      /* [CELLS] */
    int64_t counted; /* the sum of these counts, less than SPECIAL */
    Wins wins;       /* within cells */
    int pending;
    uint32_t place[PENDING + CHUNK];
} Worker;

struct Tally {
    const Scores *scores;
    uint32_t *genuine; /* sorted keys, and NEAR that are above them all */
    _Atomic int64_t genuine_seen;
    int64_t *below;  /* [CELLS + 1], impostors in lower cells; while walking, those of each cell */
    uint32_t *begin; /* [CELLS + 1], the first genuine score in this cell or a higher one */
    uint32_t *place; /* [CELLS], one more than where the table has its first float; 0: unmarked */
    int32_t *mark;   /* [marks], the marked cells */
    int marks, marks_room;
    int counted;    /* marks that a walk has followed */
    int64_t *table; /* [places], counts, then impostors in lower places of the cell */
    int64_t places, table_counted; /* of all marked cells, of those a walk has followed */
    bool lost;                     /* a mark, for want of memory */
    bool walked;
    pthread_mutex_t lock; /* of table and below, while walking */
    Wins wins;
    Worker *worker; /* while walking */
};

static inline int64_t shorter(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

CLONES
static void make_keys(uint32_t *key, const float *score, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        key[i] = score_key(score[i]);
}

static void keep_genuine(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Tally *tally = arg;
    (void)worker;
    (void)genuine;
    make_keys(tally->genuine + atomic_fetch_add(&tally->genuine_seen, n), score, n);
}

CLONES
static void make_cells(int32_t *cell, const float *score, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        cell[i] = cell_of(score[i]);
}

/* Counts the impostors score[n] of cell[n]; special[] = the positions of *specials of them that are
 * in special cells. Returns twice the number of pairs in which one of the NEAR genuine scores that
 * begin with those of the impostor's cell is higher, plus the number in which it is equal. Further
 * ones are higher anyway, unless the cell is crowded. */
CLONES
static int64_t count_cells(Cell *cells, int32_t *special, int64_t *specials,
                           const uint32_t *genuine, const int32_t *cell, const float *score,
                           int64_t n)
{
    NearKeys wins = {0};
    int64_t sum = 0, found = 0;
    for (int64_t i = 0; i < n; i++) {
        Cell *at = &cells[cell[i]];
        uint32_t before = at->count;
        const NearKeys *near = (const NearKeys *)(genuine + at->begin);
        NearKeys key = score_key(score[i]) - (NearKeys){0};
        at->count = before + 1;
        special[found] = (int32_t)i;
        found += before >> 31;
        wins -= (NearKeys)(*near > key) + (NearKeys)(*near >= key);
    }
    for (int lane = 0; lane < NEAR; lane++)
        sum += wins[lane];
    *specials = found;
    return sum;
}

/* The same for the other genuine scores of a crowded cell. */
static int64_t wins_crowd(uint32_t key, const uint32_t *genuine, int64_t n)
{
    int64_t less = keys_less(genuine, n, key), equal = 0;
    while (less + equal < n && genuine[less + equal] == key)
        equal++;
    return 2 * (n - less - equal) + equal;
}

/* Where the comparisons of an impostor of this cell end. */
static inline int64_t compared(const Tally *tally, int32_t cell)
{
    int64_t near = (int64_t)tally->begin[cell] + NEAR, end = tally->begin[cell + 1];
    return near > end ? near : end;
}

static void count_special(const Tally *tally, Worker *worker, const int32_t *special, int64_t n,
                          const int32_t *cells, const float *score)
{
    for (int64_t j = 0; j < n; j++) {
        int32_t cell = cells[special[j]];
        uint32_t key = score_key(score[special[j]]), place = tally->place[cell];
        int64_t begin = (int64_t)tally->begin[cell] + NEAR, end = tally->begin[cell + 1];
        if (begin < end)
            worker->wins += (Wins)wins_crowd(key, tally->genuine + begin, end - begin);
        if (place > tally->table_counted)
            worker->place[worker->pending++] = place - 1 + (key - (uint32_t)cell_key(cell));
    }
}

static void count_pending(Tally *tally, Worker *worker)
{
    pthread_mutex_lock(&tally->lock);
    for (int i = 0; i < worker->pending; i++)
        tally->table[worker->place[i]]++;
    pthread_mutex_unlock(&tally->lock);
    worker->pending = 0;
}

/* Adds a worker's counts to those of all before they could overflow. */
static void gather(Tally *tally, Worker *worker)
{
    pthread_mutex_lock(&tally->lock);
    for (int32_t cell = 0; cell < CELLS; cell++) {
        uint32_t count = worker->cell[cell].count;
        if ((count & ~SPECIAL) == 0)
            continue;
        if (!tally->walked)
            tally->below[cell] += count & ~SPECIAL;
        worker->cell[cell].count = count & SPECIAL;
    }
    pthread_mutex_unlock(&tally->lock);
    worker->counted = 0;
}

static void count_scores(void *arg, int index, const float *score, int64_t n, bool genuine)
{
    Tally *tally = arg;
    Worker *worker = &tally->worker[index];
    (void)genuine;
    for (int64_t begin = 0; begin < n; begin += CHUNK) {
        int32_t cell[CHUNK], special[CHUNK + 1];
        int64_t m = shorter(n - begin, CHUNK), specials;
        if (worker->pending >= PENDING)
            count_pending(tally, worker);
        if (worker->counted + m >= (int64_t)SPECIAL)
            gather(tally, worker);
        make_cells(cell, score + begin, m);
        worker->wins += (Wins)count_cells(worker->cell, special, &specials, tally->genuine, cell,
                                          score + begin, m);
        count_special(tally, worker, special, specials, cell, score + begin);
        worker->counted += m;
    }
}

/* Special are the cells marked since the last walk, and the crowded ones. */
static void fill_cells(const Tally *tally, Cell *cells)
{
    for (int32_t cell = 0; cell < CELLS; cell++) {
        bool crowded = tally->begin[cell + 1] - tally->begin[cell] > NEAR;
        cells[cell] = (Cell){crowded ? SPECIAL : 0, tally->begin[cell]};
    }
    for (int i = tally->counted; i < tally->marks; i++)
        cells[tally->mark[i]].count = SPECIAL;
}

static int workers_new(Tally *tally, int n, Err *err)
{
    tally->worker = calloc((size_t)n, sizeof *tally->worker);
    bool got = tally->worker != NULL;
    for (int i = 0; got && i < n; i++) {
        tally->worker[i].cell = malloc(CELLS * sizeof(Cell));
        got = tally->worker[i].cell != NULL;
        if (got)
            fill_cells(tally, tally->worker[i].cell);
    }
    return got ? 0 : err_memory(err, "counts", (size_t)n * CELLS * sizeof(Cell));
}

static void workers_free(Tally *tally, int n)
{
    for (int i = 0; tally->worker != NULL && i < n; i++)
        free(tally->worker[i].cell);
    free(tally->worker);
    tally->worker = NULL;
}

static int sort_genuine(Tally *tally, int64_t n, Err *err)
{
    uint32_t *scratch = malloc(((size_t)n + 1) * sizeof *scratch);
    if (scratch == NULL)
        return err_memory(err, "sorting the genuine scores", (size_t)n * sizeof *scratch);
    keys_sort(tally->genuine, scratch, n);
    free(scratch);
    return 0;
}

/* Where the genuine scores of each cell begin. */
static void find_genuine(Tally *tally, int64_t n)
{
    int32_t cell = 0;
    for (int64_t i = 0; i < n; i++)
        for (int32_t of = cell_of(key_score(tally->genuine[i])); cell <= of; cell++)
            tally->begin[cell] = (uint32_t)i;
    for (; cell <= CELLS; cell++)
        tally->begin[cell] = (uint32_t)n;
}

static int allocate(Tally *tally, int64_t n, Err *err)
{
    if (n >= (int64_t)UINT32_MAX)
        return err_set(err, "%lld genuine pairs are more than can be counted", (long long)n);
    tally->genuine = malloc(((size_t)n + NEAR) * sizeof *tally->genuine);
    tally->below = calloc(CELLS + 1, sizeof *tally->below);
    tally->begin = calloc(CELLS + 1, sizeof *tally->begin);
    tally->place = calloc(CELLS, sizeof *tally->place);
    if (!tally->genuine || !tally->below || !tally->begin || !tally->place)
        return err_memory(err, "counts and genuine scores", ((size_t)n + 4 * CELLS) * 4);
    return 0;
}

Tally *tally_new(const Scores *scores, Pool *pool, Err *err)
{
    int64_t n = scores_genuine(scores);
    Tally *tally = calloc(1, sizeof *tally);
    if (tally == NULL) {
        err_memory(err, "counts", sizeof *tally);
        return NULL;
    }
    pthread_mutex_init(&tally->lock, NULL);
    tally->scores = scores;
    if (allocate(tally, n, err) != 0 ||
        scores_walk(scores, SCORES_GENUINE, pool, keep_genuine, tally, err) != 0 ||
        sort_genuine(tally, n, err) != 0) {
        tally_free(tally);
        return NULL;
    }
    memset(tally->genuine + n, 0xff, NEAR * sizeof *tally->genuine);
    find_genuine(tally, n);
    return tally;
}

void tally_free(Tally *tally)
{
    if (tally == NULL)
        return;
    pthread_mutex_destroy(&tally->lock);
    free(tally->genuine);
    free(tally->below);
    free(tally->begin);
    free(tally->place);
    free(tally->mark);
    free(tally->table);
    free(tally);
}

void tally_mark(Tally *tally, int32_t cell)
{
    if (tally->place[cell] != 0)
        return;
    if (tally->marks == tally->marks_room) {
        int room = 2 * tally->marks_room + 1024;
        int32_t *grown = realloc(tally->mark, (size_t)room * sizeof *grown);
        tally->lost = tally->lost || grown == NULL;
        if (grown == NULL)
            return;
        tally->mark = grown;
        tally->marks_room = room;
    }
    tally->mark[tally->marks++] = cell;
    tally->place[cell] = (uint32_t)tally->places + 1;
    tally->places += (int64_t)(cell_key(cell + 1) - cell_key(cell));
}

bool tally_wanting(const Tally *tally)
{
    return tally->marks > tally->counted;
}

/* Room for the places of the cells marked since the last walk. */
static int grow_table(Tally *tally, Err *err)
{
    size_t bytes = (size_t)tally->places * sizeof(int64_t);
    if (tally->lost || tally->places >= (int64_t)UINT32_MAX)
        return err_memory(err, "counts", bytes);
    if (tally->places == tally->table_counted)
        return 0;
    int64_t *table = tally->table == NULL ? calloc(1, bytes) : realloc(tally->table, bytes);
    if (table == NULL)
        return err_memory(err, "counts", bytes);
    if (tally->table != NULL)
        memset(table + tally->table_counted, 0,
               (size_t)(tally->places - tally->table_counted) * sizeof *table);
    tally->table = table;
    return 0;
}

/* Counts become sums of the counts before them, within each cell marked since the last walk. */
static void sum_places(Tally *tally)
{
    for (int i = tally->counted; i < tally->marks; i++) {
        int32_t cell = tally->mark[i];
        int64_t *table = tally->table + (tally->place[cell] - 1), sum = 0;
        int64_t places = (int64_t)(cell_key(cell + 1) - cell_key(cell));
        for (int64_t place = 0; place < places; place++) {
            int64_t count = table[place];
            table[place] = sum;
            sum += count;
        }
    }
}

/* The same over all cells. Each impostor also loses to the genuine scores it was not compared
 * with; the keys above them all, which count like others, are fewer than none. */
static void sum_cells(Tally *tally)
{
    int64_t sum = 0, genuine = scores_genuine(tally->scores);
    for (int32_t cell = 0; cell < CELLS; cell++) {
        int64_t count = tally->below[cell];
        tally->wins += (Wins)2 * (Wins)count * (Wins)(genuine - compared(tally, cell));
        tally->below[cell] = sum;
        sum += count;
    }
    tally->below[CELLS] = sum;
}

int tally_count(Tally *tally, Pool *pool, Err *err)
{
    int workers = pool_threads(pool);
    int rc = grow_table(tally, err) != 0 ? -1 : workers_new(tally, workers, err);
    if (rc == 0)
        rc = scores_walk(tally->scores, SCORES_IMPOSTOR, pool, count_scores, tally, err);
    for (int i = 0; rc == 0 && i < workers; i++) {
        count_pending(tally, &tally->worker[i]);
        gather(tally, &tally->worker[i]);
        if (!tally->walked)
            tally->wins += tally->worker[i].wins;
    }
    workers_free(tally, workers);
    if (rc != 0)
        return rc;
    sum_places(tally);
    if (!tally->walked)
        sum_cells(tally);
    tally->counted = tally->marks;
    tally->table_counted = tally->places;
    tally->walked = true;
    return 0;
}

int64_t tally_cells_below(const Tally *tally, int32_t cell)
{
    return tally->below[cell];
}

int64_t tally_impostors_below(const Tally *tally, int32_t cell, uint64_t key)
{
    int64_t place = (int64_t)(key - cell_key(cell));
    if (place == 0)
        return tally->below[cell];
    if (key == cell_key(cell + 1))
        return tally->below[cell + 1];
    return tally->below[cell] + tally->table[tally->place[cell] - 1 + place];
}

int64_t tally_genuine_below(const Tally *tally, uint64_t key)
{
    int64_t n = scores_genuine(tally->scores);
    return key > UINT32_MAX ? n : keys_less(tally->genuine, n, (uint32_t)key);
}

const uint32_t *tally_genuine(const Tally *tally)
{
    return tally->genuine;
}

double tally_area(const Tally *tally)
{
    double genuine = (double)scores_genuine(tally->scores);
    double impostor = (double)scores_impostor(tally->scores);
    if (genuine == 0 || impostor == 0)
        return NAN;
    return (double)tally->wins / (2 * genuine * impostor);
}
