/* A pack: a tensor stream of rows in a regular, uncompressed file, mapped into memory.
 *
 * One walk over the frame headers indexes it, so that any row can be reached at once and a
 * shuffle over the whole pack needs no memory for its pictures. The CRC-32 of a frame is checked
 * when the frame is first asked for. A pack may be used by several threads at once. */
#ifndef STREAM_PACK_INTERNAL_H
#define STREAM_PACK_INTERNAL_H

#include "stream/frame.h"

typedef struct Pack Pack;

/* NULL on failure; a pipe, a gzip-ed or a cut file is refused with a message that says so. */
Pack *pack_open(const char *path, Err *err);
void pack_close(Pack *pack); /* NULL is fine */

int64_t pack_rows(const Pack *pack);
const char *pack_name(const Pack *pack); /* the path */
const char *pack_by(const Pack *pack);   /* the provenance of its first frame, or "" */

/* The CRC-32 of what the headers say of every frame: its rows and the CRC-32 of its bytes, so that
 * different data differ, whatever their names, without reading a picture. */
uint32_t pack_fingerprint(const Pack *pack);

/* The frame that holds row i of the pack, and i's place in it. The frame belongs to the pack; the
 * data lie in the map, at any alignment. NULL when its CRC is wrong. */
const Frame *pack_frame(Pack *pack, int64_t i, int64_t *row, Err *err);

/* The index of the frame that holds row i, in 0 .. pack_frames()-1, for callers that keep something
 * per frame; pack_frame_at() is the frame itself. */
size_t pack_frames(const Pack *pack);
size_t pack_locate(const Pack *pack, int64_t i, int64_t *row);
const Frame *pack_frame_at(Pack *pack, size_t index, Err *err);

/* The same without checking its CRC, for callers that read only a little of a frame. */
const Frame *pack_frame_unchecked(const Pack *pack, size_t index);

#endif
