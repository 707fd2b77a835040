/* What processes do together: every sum is that of one binary tree, and everything arrives. */
#include "base/rng_internal.h"
#include "comm/later_internal.h"
#include "crew.h"
#include "unit.h"

enum { LEAVES = 16, LONG = 5000 };

/* What the tree gives one process alone. */
static real leaf[LEAVES][LONG];
static real total[LONG];
static char order[64];

static void make_leaves(void)
{
    static real sum[LEAVES][LONG];
    Rng rng = rng_at(1, 0, 0, 0);
    for (int i = 0; i < LEAVES; i++)
        for (int k = 0; k < LONG; k++)
            leaf[i][k] = sum[i][k] = (real)(rng_normal(&rng) * exp(3 * rng_normal(&rng)));
    for (int half = 1; half < LEAVES; half *= 2)
        for (int i = 0; i < LEAVES; i += 2 * half)
            for (int k = 0; k < LONG; k++)
                sum[i][k] += sum[i + half][k];
    memcpy(total, sum[0], sizeof total);
}

/* "((0+1)+(2+3))" */
static void join_names(void *arg, void *lower, const void *higher, int first, int half)
{
    char text[2 * sizeof order];
    int *levels = arg;
    *levels += first % (2 * half) == 0;
    snprintf(text, sizeof text, "(%s+%s)", (char *)lower, (const char *)higher);
    snprintf(lower, sizeof order, "%.63s", text);
}

typedef struct Found {
    pthread_mutex_t lock;
    int size, later, sums, shorts, doubles, names, gathered, shared, brought, same, other;
} Found;

static void check_sums(Comm *comm, Found *found)
{
    static const int lengths[] = {1, 7, 1024, 1025, LONG};
    Leaves own = comm_leaves(comm, LEAVES);
    int right = 0;
    for (int i = 0; i < 5; i++) {
        int n = lengths[i];
        real(*part)[LONG] = calloc((size_t)own.count, sizeof *part);
        for (int s = 0; s < own.count; s++)
            memcpy(part[s], leaf[own.first + s], sizeof *part);
        for (int half = 1; half < own.count; half *= 2)
            for (int s = 0; s < own.count; s += 2 * half)
                for (int k = 0; k < n; k++)
                    part[s][k] += part[s + half][k];
        comm_sum(comm, part[0], (size_t)n);
        right += memcmp(part[0], total, (size_t)n * sizeof(real)) == 0;
        free(part);
    }
    double three[3] = {1, comm_rank(comm), 0.5};
    comm_sum_doubles(comm, three, 3);
    int p = comm_size(comm);
    pthread_mutex_lock(&found->lock);
    found->sums += right == 5;
    found->doubles += three[0] == p && three[1] == p * (p - 1) / 2 && three[2] == 0.5 * p;
    pthread_mutex_unlock(&found->lock);
}

/* Sums that travel in a thread of their own, while others are exchanged. */
static void check_later(Comm *comm, Found *found)
{
    enum { SUMS = 3, N = 1500 };
    static const int first[SUMS + 1] = {0, 3, 700, N};
    Err err = {0};
    Leaves own = comm_leaves(comm, LEAVES);
    int right = 0, p = comm_size(comm);
    Later *later = later_new(comm, &err);
    for (int round = 0; round < 2; round++) {
        real x[N];
        double more = 1;
        for (int k = 0; k < N; k++)
            x[k] = (real)(own.first + k);
        for (int i = 0; i < SUMS; i++)
            later_sum(later, x + first[i], (size_t)(first[i + 1] - first[i]));
        comm_sum_doubles(comm, &more, 1);
        later_wait(later);
        bool same = more == p;
        for (int k = 0; k < N; k++)
            same = same && x[k] == (real)(p * k + LEAVES * (p - 1) / 2);
        right += same;
    }
    later_free(later);
    pthread_mutex_lock(&found->lock);
    found->later += right == 2;
    pthread_mutex_unlock(&found->lock);
}

static void work(Comm *comm, void *arg)
{
    Found *found = arg;
    int rank = comm_rank(comm), size = comm_size(comm), levels = 0;
    char name[sizeof order] = "", block[CREW_MOST * 3] = "", word[8] = "";
    size_t first[CREW_MOST + 1] = {0};
    Err err = {0};
    check_sums(comm, found);
    check_later(comm, found);
    snprintf(name, sizeof name, "%d", rank);
    if (size <= 8)
        comm_join(comm, name, sizeof name, join_names, &levels);
    for (int r = 0; r < size; r++)
        first[r + 1] = first[r] + (size_t)(r % 3); /* some have nothing */
    memset(block + first[rank], 'a' + rank, first[rank + 1] - first[rank]);
    comm_gather(comm, block, first);
    bool gathered = true;
    for (int r = 0; r < size; r++)
        for (size_t k = first[r]; k < first[r + 1]; k++)
            gathered = gathered && block[k] == 'a' + r;
    if (rank == 0)
        memcpy(word, "shared", 7);
    comm_share(comm, word, 7);
    bool shared = strcmp(word, "shared") == 0;
    char own = (char)('A' + rank);
    comm_bring(comm, &own, 1, size - 1);
    comm_wait(comm);
    pthread_mutex_lock(&found->lock);
    if (found->names == 0)
        snprintf(order, sizeof order, "%s", name);
    found->names += size > 8 || strcmp(order, name) == 0;
    found->gathered += gathered;
    found->shared += shared;
    found->brought += rank > 0 || own == 'A' + size - 1;
    pthread_mutex_unlock(&found->lock);
    bool same = comm_same(comm, "set of kernels", "same", &err) == 0;
    bool other = comm_same(comm, "set of kernels", rank == size - 1 ? "slow" : "fast", &err) == 0;
    pthread_mutex_lock(&found->lock);
    found->same += same;
    found->other +=
        other == (size == 1) &&
        (size == 1 || strstr(err.text, "has another set of kernels than process 0") != NULL);
    pthread_mutex_unlock(&found->lock);
}

static void test_crew(int size)
{
    Found found = {.size = size};
    pthread_mutex_init(&found.lock, NULL);
    crew_run(size, work, &found);
    pthread_mutex_destroy(&found.lock);
    CHECK(found.sums == size, "%d processes: sums of the tree of %d, long and short", size, LEAVES);
    CHECK(found.doubles == size, "of doubles");
    CHECK(found.later == size, "and beside other exchanges");
    CHECK(found.names == size, "all have the same tree, %s", size <= 8 ? order : "");
    CHECK(found.gathered == size && found.shared == size && found.brought == size,
          "gathered, shared, brought");
    CHECK(found.same == size && found.other == size, "what differs is named");
}

int main(void)
{
    Err err = {0};
    make_leaves();
    for (int size = 1; size <= CREW_MOST; size *= 2)
        test_crew(size);
    Transport three = {.rank = 0, .size = 3};
    CHECK(comm_new(&three, &err) == NULL && strstr(err.text, "power of two") != NULL, "%s",
          err.text);
    err = (Err){0};
    CHECK(comm_load("/nowhere/npcface-mpi.so", &err) == NULL, "%s", err.text);
    Leaves alone = comm_leaves(NULL, 16);
    double one = 1;
    comm_sum_doubles(NULL, &one, 1);
    CHECK(alone.first == 0 && alone.count == 16 && one == 1 && comm_size(NULL) == 1,
          "a process alone has all leaves, and nothing to do");
    return END_TESTS();
}
