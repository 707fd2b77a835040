/* Writes a tensor stream: a file that appears when it is whole, or a pipe. */
#ifndef STREAM_WRITER_H
#define STREAM_WRITER_H

#include "base/api.h"
#include "base/out.h"
#include "stream/frame.h"

API_BEGIN

typedef struct StreamWriter {
    Out out;
    char *by;   /* provenance, put into the first frame */
    bool ended; /* a frame marked last was written, nothing after it */
    bool begun; /* a frame was written */
} StreamWriter;

/* path "-" is standard output, refused when that is a terminal. `by` is the provenance of the
 * whole stream, "" for none. */
int writer_open(StreamWriter *writer, const char *path, const char *by, Err *err);

/* Writes the frame; a pipe gets it at once. The frame's tensors are reordered, its metadata "by"
 * replaced. `last`: the stream may end after this frame. */
int writer_put(StreamWriter *writer, Frame *frame, bool last, Err *err);

/* Ends the stream, with an empty frame that bears "last" if the last one written does not, and
 * gives the file its name. The writer is released, also on failure. */
int writer_close(StreamWriter *writer, Err *err);

/* Gives up: no file appears. Safe on a zeroed or closed writer. */
void writer_abort(StreamWriter *writer);

/* A stream of this frame alone, from open to close. */
int writer_write(const char *path, const char *by, Frame *frame, Err *err);

API_END

#endif
