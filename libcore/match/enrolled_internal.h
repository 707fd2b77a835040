/* A folder of photographs of known people as a gallery: embedded once, and kept as a stream.
 *
 * Who is on a photograph, the first folder below the gallery's says, G/Ann/1.jpg; of a photograph
 * that lies in the gallery itself, G/Ann.jpg, its name without the ending. The stream says in its
 * metadata "enrolled" what it was made of: a hash of the recognizer and of all paths and bytes of
 * the folder. Where that is another one, the stream is made anew. */
#ifndef MATCH_ENROLLED_INTERNAL_H
#define MATCH_ENROLLED_INTERNAL_H

#include "match/recognizer_internal.h"

typedef struct Enrolled {
    bool made; /* now, not earlier */
    int64_t faces, photographs, without;
} Enrolled;

/* FOLDER.embeddings, in new memory; NULL on failure. */
char *enrolled_path(const char *folder, Err *err);

/* Sees that the stream `kept` is that of the folder. `told` is shown what has no face or cannot be
 * read, which is left out; the others' faces are taken, all that the recognizer finds. */
int enrolled_update(Enrolled *enrolled, Recognizer *recognizer, const char *folder,
                    const char *kept, const char *by, SeenSink *told, void *arg, Err *err);

#endif
