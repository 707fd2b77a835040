/* InsightFace's verification sets (lfw.bin): a pickle of images, two for each pair, and of whether
 * the two show one person
 *
 * The pickle is (bins, issame_list) in protocol 3 with no more opcodes than needed; Python's own
 * unpickler and verification.py's load_bin() read it. The images of pairs are kept in memory until
 * the list can be written in its order. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/counted_internal.h"
#include "base/out.h"
#include "lists/pairs_internal.h"
#include "sink/kind_internal.h"

typedef struct Picture {
    uint8_t *bytes;
    size_t size;
    int64_t label;
} Picture;

typedef struct Bin {
    Out out;
    bool listed;
    PairList list;
    Picture *picture; /* [n]: of the list's images, or of all rows */
    int64_t n, room;
} Bin;

static void bin_release(void *state)
{
    Bin *bin = state;
    for (int64_t i = 0; i < bin->n; i++)
        free(bin->picture[i].bytes);
    free(bin->picture);
    pairs_release(&bin->list);
    out_abort(&bin->out);
    free(bin);
}

static int read_pairs(Bin *bin, const char *path, Err *err)
{
    if (path == NULL)
        return 0;
    bin->listed = true;
    if (pairs_read(&bin->list, path, err) != 0)
        return -1;
    bin->picture = calloc((size_t)bin->list.images + 1, sizeof *bin->picture);
    if (bin->picture == NULL)
        return err_memory(err, "pairs", (size_t)bin->list.images * sizeof *bin->picture);
    bin->n = bin->list.images;
    return 0;
}

static void *bin_open(const SinkOptions *options, Err *err)
{
    Bin *bin = calloc(1, sizeof *bin);
    if (bin == NULL) {
        err_memory(err, "pairs", sizeof *bin);
        return NULL;
    }
    if (read_pairs(bin, options->pairs, err) == 0 && out_open(&bin->out, options->path, err) == 0)
        return bin;
    bin_release(bin);
    return NULL;
}

static int keep(Picture *picture, const SinkRow *row, Err *err)
{
    if (row->file_size > UINT32_MAX)
        return err_set(err, "%zu bytes are too many for an image", row->file_size);
    *picture = (Picture){malloc(row->file_size + 1), row->file_size, row->label};
    if (picture->bytes == NULL)
        return err_memory(err, "an image", row->file_size);
    memcpy(picture->bytes, row->file, row->file_size);
    return 0;
}

/* Keeps the image if a pair has it. */
static int keep_listed(Bin *bin, const SinkRow *row, Err *err)
{
    const int64_t end = (int64_t)row->key_size;
    const EmbeddingRows one = {.n = 1, .key = row->key, .key_end = &end};
    if (pairs_match(&bin->list, &one, err) < 0)
        return -1;
    for (int64_t i = 0; i < bin->list.images; i++) {
        if (bin->list.image[i].row < 0)
            continue;
        if (bin->picture[i].bytes != NULL)
            return err_set(err, "an earlier row was already this image of a pair");
        if (keep(&bin->picture[i], row, err) != 0)
            return -1;
    }
    return 0;
}

static int bin_put(void *state, const SinkRow *row, Err *err)
{
    Bin *bin = state;
    if (bin->listed)
        return keep_listed(bin, row, err);
    if (array_reserve(bin->picture, bin->room, bin->n + 1, "images", err) != 0)
        return -1;
    if (keep(&bin->picture[bin->n], row, err) != 0)
        return -1;
    bin->n++;
    return 0;
}

/* Writing ----------------------------------------------------------------------------------- */

static int64_t pairs_of(const Bin *bin)
{
    return bin->listed ? bin->list.pairs : bin->n / 2;
}

static const Picture *picture_of(const Bin *bin, int64_t pair, int side)
{
    return &bin->picture[bin->listed ? bin->list.pair[pair].image[side] : 2 * pair + side];
}

static bool is_same(const Bin *bin, int64_t pair)
{
    if (bin->listed)
        return bin->list.pair[pair].same;
    int64_t a = picture_of(bin, pair, 0)->label, b = picture_of(bin, pair, 1)->label;
    return a == b && a >= 0;
}

static int check(const Bin *bin, Err *err)
{
    for (int64_t i = 0; bin->listed && i < bin->list.images; i++)
        if (bin->picture[i].bytes == NULL) {
            char name[256];
            pairs_image_text(name, sizeof name, &bin->list.image[i]);
            return err_set(err, "the face %s of a pair is missing", name);
        }
    if (!bin->listed && (bin->n == 0 || bin->n % 2 != 0))
        return err_set(err, "%s cannot be paired two by two",
                       counted(bin->n, "face", "faces").text);
    return 0;
}

/* BINBYTES: 'B', a length of 32 bits, the bytes */
static int write_picture(Bin *bin, const Picture *picture, Err *err)
{
    uint8_t head[5] = {'B'};
    for (int i = 0; i < 4; i++)
        head[1 + i] = (uint8_t)(picture->size >> 8 * i);
    if (out_write(&bin->out, head, sizeof head, err) != 0)
        return -1;
    return out_write(&bin->out, picture->bytes, picture->size, err);
}

static int bin_finish(void *state, Err *err)
{
    /* protocol 3; an empty list, put into the memo, and a mark; the end of what is appended to it;
     * the tuple of both lists and the end */
    static const char begin[] = "\x80\3]q\0(", next[] = "e]q\1(", end[] = "e\x86q\2.";
    Bin *bin = state;
    int rc = check(bin, err);
    if (rc == 0)
        rc = out_write(&bin->out, begin, sizeof begin - 1, err);
    for (int64_t i = 0; i < 2 * pairs_of(bin) && rc == 0; i++)
        rc = write_picture(bin, picture_of(bin, i / 2, (int)(i % 2)), err);
    if (rc == 0)
        rc = out_write(&bin->out, next, sizeof next - 1, err);
    for (int64_t i = 0; i < pairs_of(bin) && rc == 0; i++)
        rc = out_write(&bin->out, is_same(bin, i) ? "\x88" : "\x89", 1, err);
    if (rc == 0)
        rc = out_write(&bin->out, end, sizeof end - 1, err);
    return rc == 0 ? out_commit(&bin->out, err) : -1;
}

const SinkKind sink_bin = {.name = "a verification set",
                           .faces = FACES_FILES,
                           .open = bin_open,
                           .put = bin_put,
                           .finish = bin_finish,
                           .release = bin_release};
