#include "source/source_internal.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path_internal.h"
#include "format/npy_internal.h"
#include "format/recordio_internal.h"
#include "format/verification_internal.h"
#include "image/decode.h"
#include "lists/pick_list_internal.h"
#include "source/walk_internal.h"

struct Source {
    const SourceOptions *options;
    int operand; /* the one that is being walked, or the next when walk is closed */
    bool open;
    SourceForm form; /* of the open operand */
    Walk walk;
    Member member;
    Bytes bytes;
    PickList listed; /* what is passed over */
};

static int read_list(Source *source, Err *err)
{
    const char *file = source->options->exclude_list;
    if (pick_list_read(&source->listed, file, PICK_ANY, err) != 0)
        return -1;
    return source->listed.by == PICK_KEY
               ? 0
               : err_set(err, "%s: a list of labels or names, not of the keys of files", file);
}

Source *source_open(const SourceOptions *options, Err *err)
{
    Source *source = calloc(1, sizeof *source);
    if (source == NULL) {
        err_memory(err, "a source", sizeof *source);
        return NULL;
    }
    source->options = options;
    if (options->exclude_list == NULL || read_list(source, err) == 0)
        return source;
    source_close(source);
    return NULL;
}

void source_close(Source *source)
{
    if (source == NULL)
        return;
    if (source->open)
        source->walk.close(source->walk.state);
    bytes_release(&source->bytes);
    pick_list_release(&source->listed);
    free(source);
}

int64_t source_meta(const Source *source)
{
    return source->member.meta;
}

int64_t source_unnamed(const Source *source)
{
    return source->member.unnamed;
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

/* Whether the bytes begin like a ZIP whose first member is an array */
static bool begins_like_npz(const uint8_t *head, size_t size)
{
    enum { LENGTH = 26, NAME = 30 };
    if (size < NAME || memcmp(head, "PK\3\4", 4) != 0)
        return false;
    size_t end = NAME + (size_t)(head[LENGTH] | head[LENGTH + 1] << 8);
    return end <= size && end >= NAME + 4 && memcmp(head + end - 4, ".npy", 4) == 0;
}

/* What a regular file is, by its beginning; *image: an image */
static SourceForm form_of_file(const char *file, bool *image)
{
    uint8_t head[256];
    FILE *f = fopen(file, "rb");
    size_t size = f != NULL ? fread(head, 1, sizeof head, f) : 0;
    if (f != NULL)
        fclose(f);
    *image = image_known(head, size);
    if (npy_known(head, size))
        return SOURCE_NPY;
    if (begins_like_npz(head, size))
        return SOURCE_NPZ;
    if (recordio_known(head, size))
        return SOURCE_REC;
    if (verification_known(head, size))
        return SOURCE_BIN;
    return !*image && webdataset_known(file) ? SOURCE_WDS : SOURCE_PHOTOS;
}

static int open_operand(Source *source, Err *err)
{
    const char *operand = source->options->operand[source->operand];
    struct stat st = {0};
    if (strcmp(operand, "-") != 0 && stat(operand, &st) != 0)
        return err_errno(err, "cannot open %s", operand);
    bool image = false;
    SourceForm form = source->options->from;
    SourceForm found = S_ISREG(st.st_mode) ? form_of_file(operand, &image) : SOURCE_PHOTOS;
    source->form = form == SOURCE_AUTO ? found : form;
    int rc = -1;
    source->walk.form = NULL;
    if (source->form == SOURCE_REC)
        rc = records_walk(&source->walk, operand, err);
    else if (source->form == SOURCE_BIN)
        rc = pairset_walk(&source->walk, operand, err);
    else if (source->form == SOURCE_NPY || source->form == SOURCE_NPZ)
        rc = arrays_walk(&source->walk, operand, source->form == SOURCE_NPZ, err);
    else if (source->form == SOURCE_WDS)
        rc = webdataset_walk(&source->walk, operand, false, err);
    else if (S_ISDIR(st.st_mode) || image)
        rc = folder_walk(&source->walk, operand, err);
    else
        rc = archive_walk(&source->walk, operand, err);
    source->open = rc == 0;
    return rc;
}

static const char *form_name(SourceForm form)
{
    static const char *const names[] = {[SOURCE_WDS] = "WebDataset",
                                        [SOURCE_NPY] = "an .npy of images",
                                        [SOURCE_NPZ] = "an .npz of images",
                                        [SOURCE_REC] = "RecordIO",
                                        [SOURCE_BIN] = "a verification set"};
    return (size_t)form < sizeof names / sizeof names[0] ? names[form] : NULL;
}

static bool passed_over(const Source *source, const char *path)
{
    const SourceOptions *options = source->options;
    for (int i = 0; i < options->excludes; i++)
        if (fnmatch(options->exclude[i], path, 0) == 0 ||
            fnmatch(options->exclude[i], path_base(path), 0) == 0)
            return true;
    if (options->exclude_list != NULL && names_find(&source->listed.names, path, strlen(path)) >= 0)
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
        source->member.at = -1;
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
                   .form = source->walk.form != NULL ? source->walk.form : form_name(source->form),
                   .at = member->at,
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
