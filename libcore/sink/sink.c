#include "sink/sink_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "image/decode.h"
#include "image/encode_internal.h"
#include "sink/kind_internal.h"
#include "stream/embedding_store_internal.h"
#include "stream/faces.h"

enum { MAX_WIDTH = 1 << 24 };

struct Sink {
    const SinkKind *kind;
    const SinkOptions *options;
    void *state;
    Encoder *encoder;
    Decoder *decoder;
    float *embedding; /* [d] of one row */
    int64_t d, rows;
};

Sink *sink_open(SinkFormat format, const SinkOptions *options, Err *err)
{
    static const SinkKind *const kinds[SINK_COUNT] = {
        [SINK_WDS] = &sink_wds,         [SINK_FOLDER] = &sink_folder,
        [SINK_TAR] = &sink_tar,         [SINK_NPY] = &sink_npy,
        [SINK_NPZ] = &sink_npz,         [SINK_MEGAFACE] = &sink_megaface,
        [SINK_MAGFACE] = &sink_magface, [SINK_REC] = &sink_rec,
        [SINK_BIN] = &sink_bin,
    };
    Sink *sink = calloc(1, sizeof *sink);
    if (sink == NULL) {
        err_memory(err, "an output", sizeof *sink);
        return NULL;
    }
    sink->kind = kinds[format];
    sink->options = options;
    sink->encoder = encoder_new(err);
    sink->decoder = decoder_new(err);
    if (sink->encoder != NULL && sink->decoder != NULL)
        sink->state = sink->kind->open(options, err);
    if (sink->state != NULL)
        return sink;
    sink_abort(sink);
    return NULL;
}

void sink_abort(Sink *sink)
{
    if (sink == NULL)
        return;
    if (sink->state != NULL)
        sink->kind->release(sink->state);
    encoder_free(sink->encoder);
    decoder_free(sink->decoder);
    free(sink->embedding);
    free(sink);
}

int sink_close(Sink *sink, Err *err)
{
    int rc = sink->kind->finish(sink->state, err);
    sink_abort(sink);
    return rc;
}

/* Faces ------------------------------------------------------------------------------------- */

/* A face's pixels, decoded if need be */
static int pixels_of(Sink *sink, SinkRow *row, const Faces *faces, int64_t i, Err *err)
{
    size_t size;
    if (faces->image != NULL) {
        row->image = (Image){(uint8_t *)column_row(faces->image, i, &size), faces->h, faces->w};
        return 0;
    }
    const uint8_t *file = column_row(faces->jpeg, i, &size);
    return decoder_read(sink->decoder, &row->image, file, size, err);
}

/* A face as a file: the one it is, if that is what is wanted, or a new one. */
static int file_of(Sink *sink, SinkRow *row, const Faces *faces, int64_t i, Err *err)
{
    bool png = sink->options->png;
    row->extension = png ? "png" : "jpg";
    if (faces->jpeg != NULL && !png) {
        row->file = column_row(faces->jpeg, i, &row->file_size);
        if (image_is_jpeg(row->file, row->file_size))
            return 0;
    }
    if (pixels_of(sink, row, faces, i, err) != 0)
        return -1;
    return png ? encoder_png(sink->encoder, &row->file, &row->file_size, &row->image, err)
               : encoder_jpeg(sink->encoder, &row->file, &row->file_size, &row->image,
                              sink->options->quality, err);
}

static int put_face(Sink *sink, const Faces *faces, int64_t i, Err *err)
{
    SinkRow row = {.row = sink->rows, .labelled = faces->label != NULL};
    row.key = faces_key(faces, i, &row.key_size);
    row.label = faces_label(faces, i);
    int rc = sink->kind->faces == FACES_FILES ? file_of(sink, &row, faces, i, err)
                                              : pixels_of(sink, &row, faces, i, err);
    return rc == 0 ? sink->kind->put(sink->state, &row, err) : -1;
}

/* Embeddings -------------------------------------------------------------------------------- */

/* The columns of embeddings; what they share with faces stands where faces have it. */
static int embeddings_of(Faces *columns, StoredEmbeddings *embedding, const Frame *frame, Err *err)
{
    *columns = (Faces){0};
    if (rows_of(&columns->rows, frame, err) != 0)
        return -1;
    const Column *label = columns->label = rows_find(&columns->rows, "label");
    columns->key = rows_find(&columns->rows, "key");
    if (stored_embeddings(embedding, &columns->rows, err) != 0)
        return -1;
    if (embedding->d > MAX_WIDTH)
        return err_set(err, "embeddings of %lld dimensions are too wide", (long long)embedding->d);
    if (label != NULL && (label->dtype != DTYPE_I64 || label->ragged || label->ndim != 0))
        return err_set(err, "column 'label' is not I64 [n]");
    if (columns->key != NULL && !columns->key->ragged)
        return err_set(err, "column 'key' has no 'key_end'");
    return 0;
}

static int make_room(Sink *sink, int64_t d, Err *err)
{
    if (sink->embedding != NULL && d == sink->d)
        return 0;
    free(sink->embedding);
    sink->embedding = malloc((size_t)d * sizeof(float) + 1);
    sink->d = d;
    return sink->embedding != NULL ? 0 : err_memory(err, "an embedding", (size_t)d * 4);
}

static int put_embedding(Sink *sink, const Faces *columns, const StoredEmbeddings *embedding,
                         int64_t i, Err *err)
{
    SinkRow row = {.row = sink->rows, .labelled = columns->label != NULL, .d = embedding->d};
    if (make_room(sink, row.d, err) != 0)
        return -1;
    row.key = faces_key(columns, i, &row.key_size);
    row.label = faces_label(columns, i);
    stored_embedding(sink->embedding, embedding, i);
    row.embedding = sink->embedding;
    return sink->kind->put(sink->state, &row, err);
}

/* ------------------------------------------------------------------------------------------- */

static int put_rows(Sink *sink, const Faces *faces, const StoredEmbeddings *embedding, Err *err)
{
    for (int64_t i = 0; i < faces->rows.n; i++, sink->rows++) {
        Err inner = {0};
        int rc = embedding != NULL ? put_embedding(sink, faces, embedding, i, &inner)
                                   : put_face(sink, faces, i, &inner);
        if (rc != 0)
            return faces_blame(faces, i, sink->rows, inner.text, err);
    }
    return 0;
}

int sink_put(Sink *sink, const Frame *frame, Err *err)
{
    const char *kind = frame_meta(frame, "kind");
    bool is_faces = kind != NULL && strcmp(kind, "faces") == 0;
    StoredEmbeddings embedding = {0};
    Faces faces;
    if (frame->tensors == 0)
        return 0;
    if (is_faces ? sink->kind->faces == FACES_REFUSED : !sink->kind->embeddings)
        return err_set(err, "%s cannot be written as %s", is_faces ? "faces" : "anything but faces",
                       sink->kind->name);
    int rc =
        is_faces ? faces_of(&faces, frame, err) : embeddings_of(&faces, &embedding, frame, err);
    if (rc == 0)
        rc = put_rows(sink, &faces, is_faces ? NULL : &embedding, err);
    faces_release(&faces);
    return rc;
}
