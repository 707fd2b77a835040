/* Folders and tars of images, and of MegaFace's features */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/kind_internal.h"
#include "sink/tree_internal.h"

typedef struct Files {
    Tree *tree;
    const SinkOptions *options;
} Files;

static void *files_open(const SinkOptions *options, Tree *tree, Err *err)
{
    Files *files = tree != NULL ? malloc(sizeof *files) : NULL;
    if (files == NULL) {
        err_memory(err, "an output", sizeof *files);
        tree_abort(tree);
        return NULL;
    }
    *files = (Files){tree, options};
    return files;
}

static void *folder_open(const SinkOptions *options, Err *err)
{
    return files_open(options, tree_folder(options->path, err), err);
}

static void *tar_open(const SinkOptions *options, Err *err)
{
    return files_open(options, tree_tar(options->path, err), err);
}

static int files_finish(void *state, Err *err)
{
    Files *files = state;
    Tree *tree = files->tree;
    files->tree = NULL;
    return tree_close(tree, err);
}

static void files_release(void *state)
{
    Files *files = state;
    tree_abort(files->tree);
    free(files);
}

/* Puts bytes under the first `stem` characters of the path and `end`. */
static int put_as(Files *files, const char *path, size_t stem, const char *end, const void *bytes,
                  size_t size, Err *err)
{
    size_t room = stem + strlen(end) + 1;
    char *name = malloc(room);
    if (name == NULL)
        return err_memory(err, "a path", room);
    snprintf(name, room, "%.*s%s", (int)stem, path, end);
    int rc = tree_put(files->tree, name, bytes, size, err);
    free(name);
    return rc;
}

static bool ends_in(const char *text, const char *end)
{
    size_t length = strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

/* The key is the name if its extension fits the file; otherwise it gets the right one. */
static int put_image(void *state, const SinkRow *row, Err *err)
{
    char end[8];
    char *path = row_path(row, err);
    if (path == NULL)
        return -1;
    bool jpg = strcmp(row->extension, "jpg") == 0;
    bool fits = ends_in(path, jpg ? ".jpg" : ".png") || (jpg && ends_in(path, ".jpeg"));
    snprintf(end, sizeof end, "%s%s", fits ? "" : ".", fits ? "" : row->extension);
    int rc = put_as(state, path, fits ? strlen(path) : path_stem(path), end, row->file,
                    row->file_size, err);
    free(path);
    return rc;
}

/* gen_megaface.py: rows, columns, element size and OpenCV's type, then the numbers */
static int put_feature(void *state, const SinkRow *row, Err *err)
{
    enum { HEADER = 16, CV_32F = 5 };
    Files *files = state;
    const int32_t head[4] = {(int32_t)row->d, 1, sizeof(float), CV_32F};
    char end[128];
    int length = snprintf(end, sizeof end, "_%s.bin", files->options->algorithm), rc = -1;
    if (length >= (int)sizeof end || strchr(end, '/') != NULL)
        return err_set(err, "the algorithm's name is too long or has a slash");
    size_t size = (size_t)row->d * sizeof(float);
    char *path = row_path(row, err);
    uint8_t *bytes = malloc(HEADER + size);
    if (bytes == NULL)
        err_memory(err, "a feature", HEADER + size);
    else if (path != NULL) {
        memcpy(bytes, head, HEADER);
        memcpy(bytes + HEADER, row->embedding, size);
        rc = put_as(files, path, strlen(path), end, bytes, HEADER + size, err);
    }
    free(bytes);
    free(path);
    return rc;
}

const SinkKind sink_folder = {.name = "a folder of images",
                              .faces = FACES_FILES,
                              .open = folder_open,
                              .put = put_image,
                              .finish = files_finish,
                              .release = files_release};
const SinkKind sink_tar = {.name = "a tar of images",
                           .faces = FACES_FILES,
                           .open = tar_open,
                           .put = put_image,
                           .finish = files_finish,
                           .release = files_release};
const SinkKind sink_megaface = {.name = "MegaFace features",
                                .embeddings = true,
                                .open = folder_open,
                                .put = put_feature,
                                .finish = files_finish,
                                .release = files_release};
