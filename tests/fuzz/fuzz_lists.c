/* Damaged texts through the readers of lists: pairs, trials, templates, noise, landmarks, labels */
#include "identify/templates_internal.h"
#include "lists/label_list_internal.h"
#include "lists/noise_internal.h"
#include "lists/pairs_internal.h"
#include "lists/trial_internal.h"
#include "mutate.h"

static const char *const texts[] = {
    "1\t2\nAnn\t1\t2\nAnn\t1\t3\nAnn\t1\tBob\t1\nAnn\t2\tBob\t2\n",
    "Ann 1 2\nAnn 1 Bob 1\n",
    "d/Ann_0001.jpg d/Ann_0002.jpg 1 0.5\nd/Ann_0001.jpg,d/Bob_0001.jpg,-1\n",
    "Ann_0001.jpg 1\nAnn_0002.jpg 1\nAnn_0001.jpg 0\nBob_0001.jpg 0\n",
    "train 1 2\ntest 1 2 3\ngallery 1\nprobe 2 3\n",
    "Ann_0001.jpg 7 1 \nAnn_0002.jpg 7 1 0.9\nBob_0001.jpg 9 2 0.25\n",
    "# noise\n1\td/Ann_0001.jpg\nd/Bob_0001.jpg\n",
    "Ann_0001.jpg 1.5 2 3 4 -5e-1 6 7 8.25 9 10\n",
    "{\"path\": [\"d/Ann_0001.jpg\", \"d/Bob_0001.jpg\"], \"id\": [\"Ann\", 7]}",
    "0\t1\td/Ann_0001.jpg\n7\t4\td/Bob_0001.jpg\n",
};
enum { TEXTS = sizeof texts / sizeof texts[0], ROWS = 4 };

static float embedding[ROWS] = {1, 2, 3, 4};
static int64_t label[ROWS] = {0, 0, 0, 1};
static const char key[] = "d/Ann_0001.jpg"
                          "d/Ann_0002.jpg"
                          "d/Ann_0003.jpg"
                          "d/Bob_0001.jpg";
static const int64_t key_end[ROWS] = {14, 28, 42, 56};
static EmbeddingRows rows;
static Lookup lookup;

static bool read_pairs(const char *path, Err *err)
{
    PairList list;
    if (pairs_read(&list, path, err) != 0)
        return false;
    bool read = pairs_match(&list, &rows, err) >= 0;
    for (int64_t i = 0; i < list.pairs; i++)
        if (list.pair[i].image[0] >= list.images || list.pair[i].image[1] >= list.images ||
            list.pair[i].fold >= list.folds)
            abort();
    pairs_release(&list);
    return read;
}

static bool read_noise(const char *path, Err *err)
{
    NoiseList list = {0};
    bool read = noise_read(&list, path, err) == 0;
    for (int64_t i = 0; read && i < ROWS; i++)
        noise_has(&list, &rows, i);
    noise_release(&list);
    return read;
}

/* The text as the list of images and as the trial that numbers them */
static bool read_trial(const char *path, Err *err)
{
    ImageList images = {0};
    Trial trial = {0};
    bool read = image_list_read(&images, path, &lookup, err) == 0 &&
                trial_read(&trial, path, &images, err) == 0;
    for (int64_t i = 0; i < trial.test.n; i++)
        if (trial.test.row[i] < 0 || trial.test.row[i] >= ROWS)
            abort();
    trial_release(&trial);
    image_list_release(&images);
    return read;
}

static bool read_templates(const char *path, Err *err)
{
    TemplateImages images = {0};
    if (templates_read(&images, path, path, &lookup, NULL, err) != 0)
        return false;
    for (int64_t i = 0; i < images.templates; i++)
        if (templates_find(&images, images.template[i]) != i)
            abort();
    templates_release(&images);
    return true;
}

static bool read_points(const char *path, Err *err)
{
    Table table = {0};
    bool read = table_read(&table, path, 10, err) == 0;
    table_release(&table);
    return read;
}

static bool read_labels(const char *path, Err *err)
{
    Table table = {0};
    const char *form;
    bool read = label_list_read(&table, path, &form, err) == 0;
    table_release(&table);
    return read;
}

static bool read_list(const char *path, const Blob *input, uint64_t run)
{
    static bool (*const reader[])(const char *, Err *) = {read_pairs,     read_noise,  read_trial,
                                                          read_templates, read_points, read_labels};
    Err err = {0};
    (void)input;
    bool read = reader[run % (sizeof reader / sizeof reader[0])](path, &err);
    if (read == err_is_set(&err))
        abort();
    return read;
}

int main(int argc, char **argv)
{
    Blob seeds[TEXTS];
    Err err = {0};
    rows = (EmbeddingRows){
        .embedding = embedding, .label = label, .key = key, .key_end = key_end, .n = ROWS, .d = 1};
    if (lookup_init(&lookup, &rows, 1, &err) != 0)
        return 1;
    for (int i = 0; i < TEXTS; i++) {
        seeds[i] = (Blob){malloc(strlen(texts[i])), strlen(texts[i])};
        memcpy(seeds[i].at, texts[i], seeds[i].size);
    }
    int rc = fuzz("lists", read_list, seeds, TEXTS, argc, argv);
    for (int i = 0; i < TEXTS; i++)
        free(seeds[i].at);
    lookup_release(&lookup);
    return rc;
}
