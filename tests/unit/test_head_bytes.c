/* The classification head: the same bytes for any number of threads and after saving and loading.
 */
#include "test_head_case.h"

/* Every tensor of a has the same bytes in b. */
static bool same_tensors(Head *a, Head *b)
{
    HeadTensor x[HEAD_TENSORS], y[HEAD_TENSORS];
    int n = head_tensors(a, x);
    bool same = head_tensors(b, y) == n;
    for (int k = 0; k < n && same; k++) {
        size_t count = (size_t)(x[k].dims == 2 ? x[k].shape[0] * x[k].shape[1] : x[k].shape[0]);
        same = memcmp(x[k].data, y[k].data, count * sizeof(real)) == 0;
    }
    return same;
}

static void copy_tensors(Head *to, Head *from)
{
    HeadTensor x[HEAD_TENSORS], y[HEAD_TENSORS];
    int n = head_tensors(from, x);
    head_tensors(to, y);
    for (int k = 0; k < n; k++) {
        size_t count = (size_t)(x[k].dims == 2 ? x[k].shape[0] * x[k].shape[1] : x[k].shape[0]);
        memcpy(y[k].data, x[k].data, count * sizeof(real));
    }
}

static Case threads_case(const char *name, const char *settings, int threads, size_t max_memory,
                         double rate)
{
    Case t = case_new(name, settings,
                      (Shape){.b = 40,
                              .c = 300,
                              .d = 24,
                              .tile = 7,
                              .threads = threads,
                              .rate = rate,
                              .max_memory = max_memory});
    case_fill(&t, 1);
    for (int i = 0; i < t.b && without_centres(name); i++)
        t.label[i] = i / 4;
    return t;
}

/* A few steps, each on fewer rows. */
static void take_steps(Case *t, int from, int to)
{
    Optimiser sgd = {.lr = 0.1, .momentum = 0.9, .weight_decay = 5e-4};
    for (int step = from; step < to; step++)
        head_step(t->head, t->dx, t->x, t->label, t->b - 5 * step, &sgd, NULL, &t->err);
}

/* The same bytes with 1, 2 and 3 threads, with the cosines kept, and by a head that got the tensors
 * of another halfway. */
static void test_same_bytes(const char *name, const char *settings, double rate)
{
    Case one = threads_case(name, settings, 1, 0, rate);
    Case half = threads_case(name, settings, 2, 0, rate);
    take_steps(&half, 0, 2);
    Case resumed = threads_case(name, settings, 1, 0, rate);
    copy_tensors(resumed.head, half.head);
    take_steps(&resumed, 2, 4);
    take_steps(&one, 0, 4);
    CHECK(!err_is_set(&one.err) && same_tensors(one.head, resumed.head),
          "%s at sample rate %g: a head that was saved and loaded goes on to the same bytes", name,
          rate);
    for (int threads = 2; threads <= 4; threads++) {
        bool keep = threads == 4;
        Case t = threads_case(name, settings, threads, keep ? 1 << 26 : 0, rate);
        take_steps(&t, 0, 4);
        CHECK(same_tensors(one.head, t.head) &&
                  memcmp(one.dx, t.dx, (size_t)(t.b * t.d) * sizeof(real)) == 0,
              "%s: %d threads%s give the same bytes as one", name, threads,
              keep ? " and kept cosines" : "");
        case_free(&t);
    }
    case_free(&one);
    case_free(&half);
    case_free(&resumed);
}

int main(void)
{
    openblas_set_num_threads(1);
    for (int k = 0; k < REFERENCES; k++) {
        test_same_bytes(references[k].name, "", 0);
        if (!without_centres(references[k].name))
            test_same_bytes(references[k].name, "", 0.4);
    }
    test_same_bytes("npcface", "sub=3 filter=0.3", 0);
    test_same_bytes("adam-softmax", "sub=3 filter=0.3", 0.4);
    test_same_bytes("vpl", "from=0", 0);
    test_same_bytes("vpl", "from=0", 0.4);
    test_same_bytes("triplet", "mine=0 m=3", 0);
    return END_TESTS();
}
