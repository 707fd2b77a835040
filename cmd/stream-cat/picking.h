/* The rows that stream-cat picks, and the file for the others. */
#ifndef CMD_STREAM_CAT_PICKING_H
#define CMD_STREAM_CAT_PICKING_H

#include "lists/pick_internal.h"
#include "stream/writer.h"

/* The frames of a file that cannot be read twice. */
typedef struct Spool {
    Frame *frame;
    int n, room;
    bool whole; /* it holds the file */
} Spool;

typedef struct Picking {
    PickOptions options;
    const char *rest_path; /* or NULL */
    Pick *pick;            /* NULL: all rows */
    StreamWriter rest;
    bool opened;
    Spool *spool; /* [files] */
    int files;
} Picking;

/* Is any of its options given? Then reads the lists, for so many files. */
bool picking_asked(const Picking *picking);
int picking_begin(Picking *picking, int files, Err *err);
void picking_release(Picking *picking); /* no file appears if it was not finished */

/* Can the file be read only once, so that its frames are to be spooled? */
bool picking_spools(const char *path);

/* The first time: the frame is looked at and, if `spool`, kept. */
int picking_look(Picking *picking, Frame *frame, int file, bool spool, Err *err);

/* The second time: leaves the picked rows in the frame, perhaps none, and puts the others into
 * *rest. */
int picking_take(Picking *picking, Frame *frame, int file, Frame *rest, Err *err);

/* Writes the others, if there is a file for them, whose provenance is `by`; releases the frame. */
int picking_put_rest(Picking *picking, Frame *rest, const char *by, Err *err);

/* Closes the file of the others and tells which names of the lists were not there. */
int picking_finish(Picking *picking, const char *by, Err *err);

#endif
