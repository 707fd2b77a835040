/* A teacher: embeddings that were computed once, found by the keys of the faces. */
#ifndef TRAIN_TEACHER_INTERNAL_H
#define TRAIN_TEACHER_INTERNAL_H

#include "base/index.h"
#include "stream/embeddings.h"
#include "stream/faces.h"

typedef struct Teacher {
    const char *path; /* borrowed */
    Embeddings embeddings;
    Index index;
} Teacher;

/* A row without a key, a key that another row has, an embedding without a direction are errors. */
int teacher_open(Teacher *teacher, const char *path, Err *err);
void teacher_close(Teacher *teacher); /* safe on a zeroed one */

/* A CRC-32 that distinguishes these embeddings and keys from others. */
uint32_t teacher_fingerprint(const Teacher *teacher);

enum { TEACHER_KEY = 200 };

/* How many of the faces that were looked for the teacher has no embedding of. */
typedef struct TeacherMissing {
    int64_t faces, missing;
    char first[TEACHER_KEY]; /* the key of the first one missing */
} TeacherMissing;

/* target[n,d] (or NULL) = the embeddings of the faces; adds to what is missing. */
void teacher_find(float *target, TeacherMissing *missing, const Teacher *teacher,
                  const Faces *faces);

/* An error if anything is missing; `faces` is the name of what was looked through. */
int teacher_check(const TeacherMissing *missing, const Teacher *teacher, const char *faces,
                  Err *err);

/* The same for all faces of a pack. */
int teacher_check_pack(const Teacher *teacher, const char *path, Err *err);

#endif
