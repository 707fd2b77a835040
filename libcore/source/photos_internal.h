/* A batch of photographs on their way to faces.
 *
 * photos_fill() reads them, in order and alone; photos_make() makes a face of one of them, for any
 * number of them at once, each thread with a FaceMaker of its own; photos_frame() puts the faces
 * together. What is wrong with a photograph is kept with it, to be reported in order. */
#ifndef SOURCE_PHOTOS_INTERNAL_H
#define SOURCE_PHOTOS_INTERNAL_H

#include "image/face_internal.h"
#include "source/keys_internal.h"
#include "source/labels_internal.h"
#include "source/source_internal.h"
#include "source/walk_internal.h"
#include "stream/frame.h"

/* Bytes of photographs read at a time: a batch of large ones ends before its last row. */
#define PHOTOS_BYTES (1u << 26)

/* Bytes of pixels in a frame */
#define PHOTOS_PIXELS (1u << 30)

/* Where photographs come from and what is known about them. Fields that are not set are zero; keys
 * are to be released. */
typedef struct Feed {
    Source *source;
    Labels *labels;
    const Table *landmarks; /* 10 columns; NULL when not needed */
    double landmark_scale;
    int64_t unlisted; /* counts the images that are not in the list */
    FaceMaker *maker; /* where faces are pixels: looks for their size, which is that of the first
                         sound picture unless it is given */
    int h, w;
    Keys keys;          /* those that came: a second one is a problem */
    int64_t begin, end; /* which of the photographs to take, if end > 0; the others are only read */
    int64_t seen;       /* how many came so far, those that were not taken included */
} Feed;

/* Of all photographs in the sources, which must be rereadable, the run that is part `part` (from 0)
 * of `parts`: in begin and end of the feed. Lists the sources in a pass of its own. Joined in their
 * order the parts are the whole. */
int photos_part(Feed *feed, const SourceOptions *source, int64_t part, int64_t parts, Err *err);

typedef struct Photo {
    const char *operand, *form;
    size_t path, bytes, size; /* offsets into paths and bytes, number of bytes */
    int64_t listed;           /* its row in the list */
    bool labelled;            /* its source says who it is: own */
    int64_t own;
    int64_t at;    /* the byte where it begins, -1: not told */
    int64_t label; /* for the caller to set */
    double points[FACE_POINTS][2];
    LandmarkDoubt doubt;
    bool repeated; /* the problem is that an earlier one has its path */
    bool mendable; /* the problem is damage that lenient rules take */
    Err problem;   /* why there is no face of it */
    Bytes jpeg;    /* the face's file, unless it is the photograph's own */
} Photo;

typedef struct Photos {
    Photo *photo; /* [rows], of which n are in use */
    int64_t rows, n;
    Bytes paths, bytes;
    uint8_t *pixels; /* [rows,h,w,3] once reserved */
    const Labels
        *named; /* a frame has a column with the names of these labels; NULL: it has none */
    bool ended; /* nothing is left to read */
    Err failed; /* why reading broke off after these */
} Photos;

int photos_init(Photos *photos, int64_t rows, Err *err);
void photos_release(Photos *photos); /* safe on a zeroed one */

/* Room for faces of this size as pixels. A frame has fewer rows where they would take more than
 * PHOTOS_PIXELS. */
int photos_reserve(Photos *photos, int h, int w, Err *err);

/* Forgets what was there and reads the next photographs. */
void photos_fill(Photos *photos, Feed *feed);

static inline const char *photo_path(const Photos *photos, const Photo *photo)
{
    return (const char *)photos->paths.data + photo->path;
}

static inline const uint8_t *photo_bytes(const Photos *photos, const Photo *photo)
{
    return photo->size == 0 ? NULL : photos->bytes.data + photo->bytes;
}

/* Makes the face of photograph i, as pixels (reserved before) or as a JPEG file. */
void photos_make(Photos *photos, int64_t i, FaceMaker *maker, const FaceForm *form, bool jpeg);

/* What to do about a problem, in brackets, or "" */
static inline const char *photo_advice(const Photo *photo)
{
    return photo->mendable ? " (--lenient accepts it)" : "";
}

/* Adds the faces of all photographs without a problem to an empty frame, which borrows the pixels.
 * Returns how many there are, or -1. */
int64_t photos_frame(Photos *photos, Frame *frame, const FaceForm *form, bool jpeg, Err *err);

#endif
