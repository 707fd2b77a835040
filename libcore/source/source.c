#include "source/source.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "image/decode.h"
#include "source/path.h"
#include "source/walk.h"

struct Source {
    const SourceOptions *options;
    int operand; /* the one that is being walked, or the next when walk is closed */
    bool open;
    Walk walk;
    Member member;
    Bytes bytes;
};

int bytes_grow(Bytes *bytes, size_t more, Err *err)
{
    if (bytes->room - bytes->size >= more)
        return 0;
    size_t room = 2 * bytes->room > bytes->size + more ? 2 * bytes->room : bytes->size + more;
    uint8_t *data = realloc(bytes->data, room);
    if (data == NULL)
        return err_memory(err, "a member", room);
    bytes->data = data;
    bytes->room = room;
    return 0;
}

Source *source_open(const SourceOptions *options, Err *err)
{
    Source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        err_memory(err, "a source", sizeof *source);
        return NULL;
    }
    source->options = options;
    return source;
}

void source_close(Source *source)
{
    if (source == NULL)
        return;
    if (source->open)
        source->walk.close(source->walk.state);
    free(source->bytes.data);
    free(source);
}

bool source_rereadable(const SourceOptions *options)
{
    for (int i = 0; i < options->operands; i++) {
        struct stat st;
        if (strcmp(options->operand[i], "-") == 0 ||
            (stat(options->operand[i], &st) == 0 && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
            return false;
    }
    return true;
}

static bool begins_like_image(const char *file)
{
    uint8_t head[16];
    FILE *f = fopen(file, "rb");
    if (f == NULL)
        return false;
    size_t size = fread(head, 1, sizeof head, f);
    fclose(f);
    return image_known(head, size);
}

static int open_operand(Source *source, Err *err)
{
    const char *operand = source->options->operand[source->operand];
    struct stat st = {0};
    if (strcmp(operand, "-") != 0 && stat(operand, &st) != 0)
        return err_errno(err, "cannot open %s", operand);
    bool files = S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && begins_like_image(operand));
    int rc = files ? folder_walk(&source->walk, operand, err)
                   : archive_walk(&source->walk, operand, err);
    source->open = rc == 0;
    return rc;
}

static bool passed_over(const Source *source, const char *path)
{
    const SourceOptions *options = source->options;
    for (int i = 0; i < options->excludes; i++)
        if (fnmatch(options->exclude[i], path, 0) == 0 ||
            fnmatch(options->exclude[i], path_base(path), 0) == 0)
            return true;
    return path_hidden(path);
}

/* Goes to the next member of any operand: 1, 0, -1. */
static int next_member(Source *source, Err *err)
{
    for (; source->operand < source->options->operands; source->operand++) {
        if (!source->open && open_operand(source, err) != 0)
            return -1;
        source->member.labelled = false;
        int rc = source->walk.next(source->walk.state, &source->member, err);
        if (rc != 0)
            return rc;
        source->walk.close(source->walk.state);
        source->open = false;
    }
    return 0;
}

int source_next(Source *source, Item *item, Err *err)
{
    Member *member = &source->member;
    const char *path;
    do {
        int rc = next_member(source, err);
        if (rc <= 0)
            return rc;
        path = path_clean(member->path);
    } while (passed_over(source, path));
    *item = (Item){.operand = source->options->operand[source->operand],
                   .path = path,
                   .labelled = member->labelled,
                   .label = member->labelled ? member->label : -1};
    if (member->problem[0] == '\0' && !source->options->names_only) {
        if (source->walk.read(source->walk.state, member, &source->bytes, err) < 0)
            return -1;
        item->bytes = source->bytes.data;
        item->size = source->bytes.size;
    }
    if (member->problem[0] != '\0') {
        item->bytes = NULL;
        item->size = 0;
        item->problem = member->problem;
    }
    return 1;
}
