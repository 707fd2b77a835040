/* What the files have in common that stream-cat joins, of which no reader of the whole could know.
 */
#ifndef CMD_STREAM_CAT_JOINED_H
#define CMD_STREAM_CAT_JOINED_H

#include "source/keys_internal.h"
#include "stream/frame.h"

typedef struct Joined {
    Keys keys, people;
    Names called;  /* the people's names, "" where not known */
    int64_t *name; /* [people.names.n] which of them is whose */
    int64_t name_room;
    int64_t twice, shared, clashes; /* keys that came before; labels of more than one file; of
                                       these those with another name in each */
    char key[400], label[800], clash[800]; /* the first of each */
    bool relabelled;                       /* a label means one person whatever the file */
} Joined;                                  /* otherwise zeroed before the first */

int joined_take(Joined *joined, const Frame *frame, const char *path, Err *err);
void joined_tell(const Joined *joined);
void joined_release(Joined *joined);

#endif
