/* WebDataset: samples of adjacent members that share a name up to its first dot
 * (webdataset/tariterators.py) */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"
#include "base/path_internal.h"
#include "lists/names_internal.h"
#include "source/walk_internal.h"

enum { EXTENSION = 64, PEEKED = 32, PEEKED_BYTES = 1 << 28, LABEL_BYTES = 32 };

static const char *const images[] = {"jpg", "jpeg", "png", "ppm",  "pgm",  "pbm",  "pam",  "webp",
                                     "bmp", "gif",  "tif", "tiff", "heic", "heif", "avif", NULL};
static const char *const arrays[] = {"npy", NULL};

/* The extensions that hold a label, a number in ASCII; the first of them that is there counts. */
static const char *const labels[] = {"cls", "class", "cls2", "index", "inx", "id", NULL};

typedef struct Samples {
    Walk tar;
    bool vectors;  /* what is looked for: arrays, not images */
    Member member; /* of the tar */
    bool pending;  /* it is of the next sample and was not read yet */
    bool ended;
    Names closed; /* keys of samples that are complete */
    char *key;    /* of the sample being read, or NULL */
    Names extensions;
    char *path; /* key and extension of its image or array */
    Bytes content, text;
    int rank; /* of the label that was found, in `labels` */
    int64_t label;
    char problem[256];
} Samples;

static int rank_of(const char *extension, const char *const *list)
{
    int i = 0;
    while (list[i] != NULL && strcmp(list[i], extension) != 0)
        i++;
    return list[i] != NULL ? i : -1;
}

/* The length of the key: up to the first dot of the last part. 0 for what is not part of a sample:
 * names without a dot, hidden files, __metadata__. The extension is in lower case. */
static size_t split(const char *path, char extension[EXTENSION])
{
    const char *base = path_base(path), *dot = strchr(base, '.');
    if (dot == NULL || dot == base || path_hidden(path) || strlen(dot) > EXTENSION)
        return 0;
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        size_t length = strcspn(part, "/");
        for (size_t i = 0; i + 4 <= length; i++)
            if (memcmp(part + i, "__", 2) == 0 && memcmp(part + length - 2, "__", 2) == 0)
                return 0;
    }
    for (int i = 0; dot[i] != '\0'; i++)
        extension[i] = (char)tolower((unsigned char)dot[i + 1]);
    return (size_t)(dot - path);
}

static void close_samples(void *state)
{
    Samples *samples = state;
    samples->tar.close(samples->tar.state);
    names_release(&samples->closed);
    names_release(&samples->extensions);
    free(samples->key);
    free(samples->path);
    bytes_release(&samples->content);
    bytes_release(&samples->text);
    free(samples);
}

static void say(Samples *samples, const char *problem)
{
    if (samples->problem[0] == '\0')
        snprintf(samples->problem, sizeof samples->problem, "%s", problem);
}

static int begin_sample(Samples *samples, const char *path, size_t length, Err *err)
{
    if (names_find(&samples->closed, path, length) >= 0)
        return err_set(err, "%s: the members of its sample are not consecutive", path);
    names_release(&samples->extensions);
    free(samples->path);
    samples->path = NULL;
    samples->content.size = 0;
    samples->rank = -1;
    samples->problem[0] = '\0';
    samples->key = strndup(path, length);
    return samples->key != NULL ? 0 : err_memory(err, "a key", length);
}

static int take_content(Samples *samples, const char *path, Err *err)
{
    if (samples->path != NULL) {
        say(samples, samples->vectors ? "two arrays in one sample" : "two images in one sample");
        return 0;
    }
    samples->path = strdup(path);
    if (samples->path == NULL)
        return err_memory(err, "a path", strlen(path));
    int rc = samples->tar.read(samples->tar.state, &samples->member, &samples->content, err);
    if (rc == 0)
        say(samples, samples->member.problem);
    return rc < 0 ? -1 : 0;
}

static int take_label(Samples *samples, int rank, Err *err)
{
    char number[LABEL_BYTES];
    Bytes *text = &samples->text;
    int rc = samples->tar.read(samples->tar.state, &samples->member, text, err);
    if (rc < 0)
        return -1;
    size_t begin = 0, end = text->size;
    while (begin < end && isspace(text->data[begin]))
        begin++;
    while (end > begin && isspace(text->data[end - 1]))
        end--;
    size_t size = end - begin < LABEL_BYTES ? end - begin : LABEL_BYTES - 1;
    memcpy(number, text->data + begin, size);
    number[size] = '\0';
    if (rc == 0 || !num_int(number, -1, INT32_MAX, &samples->label))
        say(samples, "its label is not an integer from -1 to 2147483647");
    samples->rank = rank;
    return 0;
}

static int take_member(Samples *samples, const char *path, const char *extension, Err *err)
{
    int64_t before = samples->extensions.n;
    if (names_add(&samples->extensions, extension, strlen(extension), err) < 0)
        return -1;
    if (samples->extensions.n == before)
        return err_set(err, "%s: its sample already has a member with this extension", path);
    int rank = rank_of(extension, labels);
    if (rank_of(extension, samples->vectors ? arrays : images) >= 0)
        return take_content(samples, path, err);
    if (rank >= 0 && (samples->rank < 0 || rank < samples->rank))
        return take_label(samples, rank, err);
    return 0;
}

/* Ends the sample: 1 with `out` set. */
static int give(Samples *samples, Member *out, Err *err)
{
    if (names_add(&samples->closed, samples->key, strlen(samples->key), err) < 0)
        return -1;
    if (samples->path == NULL) {
        say(samples, samples->vectors ? "a sample without an array" : "a sample without an image");
        samples->path = samples->key;
    } else {
        free(samples->key);
    }
    samples->key = NULL;
    out->path = samples->path;
    out->labelled = samples->rank >= 0;
    out->label = samples->label;
    snprintf(out->problem, sizeof out->problem, "%s", samples->problem);
    return 1;
}

static int next_sample(void *state, Member *out, Err *err)
{
    Samples *samples = state;
    while (!samples->ended) {
        char extension[EXTENSION];
        int rc = 1;
        if (!samples->pending)
            rc = samples->tar.next(samples->tar.state, &samples->member, err);
        samples->pending = false;
        if (rc < 0)
            return -1;
        samples->ended = rc == 0;
        if (rc == 0)
            break;
        const char *path = path_clean(samples->member.path);
        size_t length = split(path, extension);
        if (length == 0 || samples->member.problem[0] != '\0')
            continue; /* links and the like are not part of samples */
        if (samples->key != NULL &&
            (strlen(samples->key) != length || memcmp(samples->key, path, length) != 0)) {
            samples->pending = true;
            return give(samples, out, err);
        }
        if (samples->key == NULL && begin_sample(samples, path, length, err) != 0)
            return -1;
        if (take_member(samples, path, extension, err) != 0)
            return -1;
    }
    return samples->key != NULL ? give(samples, out, err) : 0;
}

static int read_sample(void *state, Member *member, Bytes *bytes, Err *err)
{
    Samples *samples = state;
    (void)member;
    bytes->size = 0;
    const Bytes *content = &samples->content;
    return bytes_append(bytes, content->data, content->size, "a member", err) == 0 ? 1 : -1;
}

int webdataset_walk(Walk *walk, const char *operand, bool vectors, Err *err)
{
    Samples *samples = calloc(1, sizeof *samples);
    if (samples == NULL)
        return err_memory(err, "samples", sizeof *samples);
    if (archive_walk(&samples->tar, operand, err) != 0) {
        free(samples);
        return -1;
    }
    samples->vectors = vectors;
    *walk = (Walk){samples, next_sample, read_sample, close_samples, NULL};
    return 0;
}

/* What, beside an image and under its name, makes a sample: a label, or what img2dataset writes */
static bool tells_sample(const char *extension, bool beside_image)
{
    static const char *const others[] = {"json", "txt", NULL};
    return rank_of(extension, labels) >= 0 || (beside_image && rank_of(extension, others) >= 0);
}

bool webdataset_known(const char *operand)
{
    Err ignored = {0};
    Walk tar;
    Member member = {0};
    bool known = false;
    char *image = NULL; /* the key of the image that came last */
    int64_t left = PEEKED_BYTES;
    if (archive_walk(&tar, operand, &ignored) != 0)
        return false;
    for (int i = 0; i < PEEKED && left > 0 && !known && tar.next(tar.state, &member, &ignored) > 0;
         i++) {
        left -= member.size;
        char extension[EXTENSION];
        const char *path = path_clean(member.path);
        size_t length = split(path, extension);
        if (length == 0)
            continue;
        bool beside = image != NULL && strlen(image) == length && memcmp(image, path, length) == 0;
        known = tells_sample(extension, beside);
        if (rank_of(extension, images) >= 0) {
            free(image);
            image = strndup(path, length);
        }
    }
    free(image);
    tar.close(tar.state);
    return known;
}
