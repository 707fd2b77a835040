/* Walking through one operand: what source.c asks of archives and folders. */
#ifndef SOURCE_WALK_INTERNAL_H
#define SOURCE_WALK_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes_internal.h"
#include "base/err.h"

#define WALK_MAX_MEMBER (1u << 28)

/* The next member that is not a folder. problem: "" for a regular file. */
typedef struct Member {
    const char *path;
    char problem[256];
    bool labelled; /* the operand itself says who it is: label, -1 unknown */
    int64_t label;
    int64_t size;    /* as an archive announces it, 0 unknown */
    int64_t at;      /* the byte where it begins, -1: not told */
    int64_t meta;    /* counts what describes others and is not itself a member */
    int64_t unnamed; /* counts what an index does not name and is passed over for it */
} Member;

/* One kind of operand. next(): 1, 0 at the end, -1. read(): the bytes of the member that next()
 * gave; 1, or 0 with member->problem set when only this member is bad, or -1. */
typedef struct Walk {
    void *state;
    int (*next)(void *state, Member *member, Err *err);
    int (*read)(void *state, Member *member, Bytes *bytes, Err *err);
    void (*close)(void *state);
    const char *form; /* what the operand was found to be, more exactly than its kind; or NULL */
} Walk;

int archive_walk(Walk *walk, const char *operand, Err *err); /* "-" is standard input */
int folder_walk(Walk *walk, const char *operand, Err *err);  /* a folder or a single file */

/* WebDataset: a tar, or one on standard input, of which each sample is a member, its image or
 * with `vectors` its .npy. Whether a file looks like one: labels, KEY.cls, are among its first
 * members. */
int webdataset_walk(Walk *walk, const char *operand, bool vectors, Err *err);
bool webdataset_known(const char *operand);

/* An .npy, or an .npz, of images: each row is a member, a PPM or PGM. */
int arrays_walk(Walk *walk, const char *operand, bool npz, Err *err);

/* RecordIO: each record with an image is a member. */
int records_walk(Walk *walk, const char *operand, Err *err);

/* A verification set: each image of a pair is a member, STEM_0001.jpg the first. */
int pairset_walk(Walk *walk, const char *operand, Err *err);

#endif
