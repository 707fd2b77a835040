/* Failures to acquire: counts of pairs against a direct count over all faces, of random small sets,
 * by label and of lists. */
#include <stdio.h>
#include <unistd.h>

#include "base/rng_internal.h"
#include "unit.h"
#include "verify/failures_internal.h"

enum { CASES = 40, MOST = 24, PEOPLE = 5, KEY = 24 };

typedef struct Faces {
    int64_t n;
    int64_t label[MOST]; /* -1: not known */
    bool failed[MOST];
} Faces;

static char folder[] = "/tmp/test_failures.XXXXXX";

static const char *in_folder(char path[64], const char *name)
{
    snprintf(path, 64, "%s/%s", folder, name);
    return path;
}

static Faces draw(int number)
{
    Rng rng = rng_at(7, (uint64_t)number, 0, 0);
    Faces faces = {.n = 2 + (int64_t)rng_below(&rng, MOST - 1)};
    for (int64_t i = 0; i < faces.n; i++) {
        faces.label[i] = (int64_t)rng_below(&rng, PEOPLE + 1) - 1;
        faces.failed[i] = i > 1 && rng_below(&rng, 3) == 0;
    }
    return faces;
}

/* The failures as a file, and the rest as embeddings, whose arrays must outlive them. */
static Embeddings split(const Faces *faces, const char *path)
{
    static int64_t label[MOST], end[MOST];
    static char key[MOST * KEY];
    static float one[MOST];
    FILE *f = fopen(path, "w");
    int64_t n = 0, used = 0;
    for (int64_t i = 0; i < faces->n; i++) {
        if (faces->failed[i]) {
            fprintf(f, "set/p%lld.jpg\t%lld\n", (long long)i, (long long)faces->label[i]);
            continue;
        }
        used += snprintf(key + used, KEY, "set/p%lld.jpg", (long long)i);
        one[n] = 1;
        label[n] = faces->label[i];
        end[n++] = used;
    }
    fclose(f);
    return (Embeddings){
        .rows = {.n = n, .d = 1, .embedding = one, .label = label, .key = key, .key_end = end},
        .label = label,
        .has_labels = true,
        .has_keys = true};
}

static void check(const Failures *f, const Failures *expected, const char *what, int number)
{
    CHECK(f->faces == expected->faces && f->acquired == expected->acquired &&
              f->unlabelled == expected->unlabelled && f->genuine == expected->genuine &&
              f->impostor == expected->impostor,
          "%s %d: %lld of %lld failed, %lld genuine, %lld impostor; not %lld of %lld, %lld, %lld",
          what, number, (long long)f->faces, (long long)(f->faces + f->acquired),
          (long long)f->genuine, (long long)f->impostor, (long long)expected->faces,
          (long long)(expected->faces + expected->acquired), (long long)expected->genuine,
          (long long)expected->impostor);
}

static void test_labels(int number)
{
    char path[64];
    Err err = {0};
    Failures expected = {0};
    Faces faces = draw(number);
    Embeddings embeddings = split(&faces, in_folder(path, "failures"));
    Comparison c = {.input = "memory", .embeddings = embeddings};
    for (int64_t i = 0; i < faces.n; i++) {
        bool known = faces.label[i] >= 0;
        expected.faces += faces.failed[i] && known;
        expected.acquired += !faces.failed[i] && known;
        expected.unlabelled += faces.failed[i] && !known;
        for (int64_t j = 0; j < i; j++) {
            if (!known || faces.label[j] < 0 || !(faces.failed[i] || faces.failed[j]))
                continue;
            *(faces.label[i] == faces.label[j] ? &expected.genuine : &expected.impostor) += 1;
        }
    }
    CHECK(failures_read(&c, path, &err) == 0, "read %s", err.text);
    check(&c.failures, &expected, "labels", number);
}

/* A list of pairs of the same faces, of which the one behind the last is missing. */
static void test_list(int number)
{
    char path[64], list[64];
    Err err = {0};
    Failures expected = {0};
    Faces faces = draw(number);
    Rng rng = rng_at(8, (uint64_t)number, 0, 0);
    bool met[MOST + 1] = {false};
    int64_t skipped = 0;
    Embeddings embeddings = split(&faces, in_folder(path, "failures"));
    Comparison c = {
        .input = "memory", .list_name = in_folder(list, "pairs"), .embeddings = embeddings};
    FILE *f = fopen(list, "w");
    for (int i = 0; i < 60; i++) {
        int64_t a = (int64_t)rng_below(&rng, (uint64_t)faces.n + 1);
        int64_t b = (int64_t)rng_below(&rng, (uint64_t)faces.n + 1);
        bool same = rng_below(&rng, 2), missing = a == faces.n || b == faces.n;
        fprintf(f, "p%lld.png p%lld.png %d\n", (long long)a, (long long)b, same);
        met[a] = met[b] = true;
        skipped += missing;
        if (!missing && (faces.failed[a] || faces.failed[b]))
            *(same ? &expected.genuine : &expected.impostor) += 1;
    }
    fclose(f);
    for (int64_t i = 0; i < faces.n; i++)
        *(faces.failed[i] ? &expected.faces : &expected.acquired) += met[i];
    CHECK(pairs_read(&c.list, list, &err) == 0 &&
              (c.missing = pairs_match(&c.list, &c.embeddings.rows, &err)) >= 0 &&
              failures_read(&c, path, &err) == 0 && comparison_score(&c, &err) == 0,
          "a list %s", err.text);
    check(&c.failures, &expected, "list", number);
    CHECK(c.missing == met[faces.n] && c.skipped == skipped &&
              c.listed.n + expected.genuine + expected.impostor + skipped == 60,
          "%lld scored, %lld missing, %lld left out", (long long)c.listed.n, (long long)c.missing,
          (long long)c.skipped);
    c.embeddings = (Embeddings){0};
    comparison_release(&c);
}

static void test_rates(void)
{
    Failures f = {.faces = 1, .acquired = 3, .genuine = 4, .impostor = 50};
    TransactionRates rates = failures_rates(&f, error_rate_of(2, 100), error_rate_of(1, 6));
    CHECK(failures_to_acquire(&f).value == 0.25, "FTA %g", failures_to_acquire(&f).value);
    CHECK(rates.far.wrong == 2 && rates.far.pairs == 150 && rates.far.value == 2.0 / 150, "FAR %g",
          rates.far.value);
    CHECK(rates.frr.wrong == 5 && rates.frr.pairs == 10 && rates.frr.value == 0.5, "FRR %g",
          rates.frr.value);
    CHECK(isnan(failures_to_acquire(&(Failures){0}).value), "FTA of nobody");
}

/* What is wrong with a file, in a message. */
static void refuse(const char *text, const char *message)
{
    char path[64];
    Err err = {0};
    Faces faces = {.n = 2, .label = {0, 1}};
    Embeddings embeddings = split(&faces, in_folder(path, "failures"));
    Comparison c = {.input = "memory", .embeddings = embeddings};
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    CHECK(failures_read(&c, path, &err) != 0 && strstr(err.text, message) != NULL, "refused: %s",
          err.text);
}

int main(void)
{
    char path[64];
    CHECK(mkdtemp(folder) != NULL, "a folder");
    for (int i = 0; i < CASES; i++) {
        test_labels(i);
        test_list(i);
    }
    test_rates();
    refuse("a.jpg\n", "line 1: not a path, a tab and a label");
    refuse("a.jpg\t0\t1\n", "line 1: not a path, a tab and a label");
    refuse("a.jpg\t0\nb.jpg\tx\n", "line 2: field 2");
    refuse("a.jpg\t-2\n", "line 1: field 2");
    refuse("a.jpg\t0\na.jpg\t1\n", "line 2: 'a.jpg' occurs before");
    refuse("set/p1.jpg\t0\n", "set/p1.jpg has an embedding (row 1 of memory)");
    unlink(in_folder(path, "failures"));
    unlink(in_folder(path, "pairs"));
    rmdir(folder);
    return END_TESTS();
}
