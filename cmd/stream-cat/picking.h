/* The rows that stream-cat picks, and the file for the others. */
#ifndef CMD_STREAM_CAT_PICKING_H
#define CMD_STREAM_CAT_PICKING_H

#include "lists/pick_internal.h"
#include "stream/writer.h"

/* The frames of a file that cannot be read twice. */
typedef struct Spool {
    Frame *frame;
    int n, room;
    bool whole; /* it holds the file, or will */
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

/* Before a file is looked at: if it can be read only once, its frames will be kept. */
void picking_expect(Picking *picking, int file, const char *path);

/* The first time: the frame is looked at and, if need be, kept. */
int picking_look(Picking *picking, Frame *frame, int file, Err *err);

/* The second time: leaves the picked rows in the frame, perhaps none, and puts the others into
 * *rest. */
int picking_take(Picking *picking, Frame *frame, int file, Frame *rest, Err *err);

/* Writes the others, if there is a file for them, whose provenance is `by`; releases the frame. */
int picking_put_rest(Picking *picking, Frame *rest, const char *by, Err *err);

/* Closes the file of the others and tells which names of the lists were not there. */
int picking_finish(Picking *picking, const char *by, Err *err);

#endif
