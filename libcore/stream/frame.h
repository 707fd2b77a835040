/* One frame of a tensor stream: named tensors and string metadata, that is, one safetensors file.
 *
 * The format is described in tensor-stream(5). A Frame in memory knows nothing of byte layout but
 * the order of its tensors; frame_header() and frame_parse() convert between it and the JSON
 * header. The metadata "crc32" and "last" belong to the layout: the reader checks and removes them,
 * the writer adds them, and Frame.meta never has them. */
#ifndef STREAM_FRAME_H
#define STREAM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/err.h"
#include "base/index.h"

API_BEGIN

enum {
    TENSOR_MAX_DIMS = 8,
    FRAME_MAX_TENSORS = 16384,
    FRAME_MAX_METAS = 4096,
    FRAME_ALIGN = 64,            /* tensor bytes start at a multiple of this from the frame */
    FRAME_MAX_HEADER = 16 << 20, /* bytes of JSON: a few kilobytes for each of 4,096 tensors, say */
};

/* The largest frame a reader takes, 64 GiB: twenty times a million identities with momentum. */
#define FRAME_MAX_BYTES (UINT64_C(1) << 36)

/* safetensors' types in the order of its reference writer: widest first */
typedef enum Dtype {
    DTYPE_I64,
    DTYPE_U64,
    DTYPE_F64,
    DTYPE_I32,
    DTYPE_U32,
    DTYPE_F32,
    DTYPE_I16,
    DTYPE_U16,
    DTYPE_F16,
    DTYPE_BF16,
    DTYPE_I8,
    DTYPE_U8,
    DTYPE_F8_E4M3,
    DTYPE_F8_E5M2,
    DTYPE_BOOL,
    DTYPE_COUNT
} Dtype;

const char *dtype_name(Dtype dtype); /* "F32" */
size_t dtype_size(Dtype dtype);      /* bytes of an element */

typedef struct Tensor {
    char *name;
    Dtype dtype;
    int ndim; /* 0 is a scalar */
    int64_t shape[TENSOR_MAX_DIMS];
    size_t bytes; /* product of the shape times the element's size */
    void *data;   /* row-major, little-endian */
    bool owned;   /* data is freed with the frame */
} Tensor;

typedef struct Meta {
    char *key, *value;
} Meta;

typedef struct Frame {
    Tensor *tensor;
    size_t tensors;
    Meta *meta;
    size_t metas;
    Index names;     /* of the tensors, once there are many */
    void *block;     /* what the reader allocated for all tensors at once, or NULL */
    uint64_t offset; /* where in its stream the frame began, for messages */
    bool last;       /* read with "last": the stream may end here */
    bool crc_bad;    /* only a reader told to tolerate_crc returns a frame with this set */
} Frame;

void frame_release(Frame *frame); /* safe on a zeroed frame; leaves it zeroed */

/* Adds a tensor. frame_add() borrows data, which must live as long as the frame; frame_alloc()
 * returns new zeroed memory owned by the frame, or NULL. Names must be new to the frame. */
int frame_add(Frame *frame, const char *name, Dtype dtype, int ndim, const int64_t *shape,
              const void *data, Err *err);
void *frame_alloc(Frame *frame, const char *name, Dtype dtype, int ndim, const int64_t *shape,
                  Err *err);

/* The tensor of that name, or NULL. */
const Tensor *frame_find(const Frame *frame, const char *name);
const Tensor *frame_find_bytes(const Frame *frame, const char *name, size_t length);

/* Puts the tensors into another order, as qsort() would. */
int frame_sort(Frame *frame, int (*order)(const void *, const void *), Err *err);

/* The tensor of that name if it has this type and these dimensions (-1 matches any), otherwise NULL
 * with a message that says what is there instead. */
const Tensor *frame_need(const Frame *frame, const char *name, Dtype dtype, int ndim,
                         const int64_t *shape, Err *err);

/* Metadata by key: NULL when absent; frame_set_meta() replaces. */
const char *frame_meta(const Frame *frame, const char *key);
int frame_set_meta(Frame *frame, const char *key, const char *value, Err *err);
int frame_set_number(Frame *frame, const char *key, int64_t value, Err *err);

/* Copies all metadata of `from` but "kind" and "by" that `frame` does not have yet. */
int frame_inherit_meta(Frame *frame, const Frame *from, Err *err);

/* The 8 bytes of length and the padded JSON header, in new memory that the caller frees; *size is
 * a multiple of FRAME_ALIGN. Sorts frame->tensor into the order in which the tensors' bytes must
 * follow: widest element first, then by name. Computes the CRC-32 of the bytes on the way. */
char *frame_header(Frame *frame, bool last, size_t *size, Err *err);

/* The reverse: fills a zeroed frame from `size` bytes of JSON. Every tensor's data is set to the
 * *offset* of its bytes (cast to a pointer) for the caller to add a base to; *data_bytes is how
 * many follow, crc the expected CRC-32 (has_crc says whether there is one). On failure nothing
 * needs to be released; the message does not say which stream it was. */
typedef struct FrameLayout {
    size_t data_bytes;
    bool has_crc;
    uint32_t crc;
} FrameLayout;
int frame_parse(Frame *frame, FrameLayout *layout, const char *json, size_t size, Err *err);

/* Makes every tensor's offset a pointer into data. */
void frame_rebase(Frame *frame, void *data);

API_END

#endif
