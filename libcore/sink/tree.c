#define _GNU_SOURCE /* syncfs */
#include "sink/tree_internal.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hidden_internal.h"
#include "base/out.h"
#include "base/target_internal.h"
#include "lists/names_internal.h"

struct Tree {
    char *path;   /* of the folder */
    char *hidden; /* where it is while it grows */
    int lock;     /* descriptor that keeps it ours, or -1 */
    Out out;      /* the tar */
    struct archive *archive;
    bool given_up;   /* what libarchive still writes is discarded */
    locale_t locale; /* in which libarchive knows UTF-8 */
    Names seen;      /* the paths in the tar */
};

static Tree *tree_new(const char *path, Err *err)
{
    Tree *tree = calloc(1, sizeof *tree);
    if (tree != NULL)
        tree->lock = -1;
    if (tree != NULL && (tree->path = strdup(path)) != NULL)
        return tree;
    free(tree);
    err_memory(err, "an output", strlen(path));
    return NULL;
}

/* Folders ----------------------------------------------------------------------------------- */

static void drop_slashes(char *path)
{
    for (size_t end = strlen(path); end > 1 && path[end - 1] == '/'; end--)
        path[end - 1] = '\0';
}

static int begin_folder(Tree *tree, Err *err)
{
    struct stat st;
    drop_slashes(tree->path);
    if (stat(tree->path, &st) == 0 && (!S_ISDIR(st.st_mode) || rmdir(tree->path) != 0))
        return err_set(err, "cannot write the folder %s: it exists already", tree->path);
    char *parent = target_folder(tree->path);
    tree->hidden = parent != NULL ? hidden_folder(parent, &tree->lock) : NULL;
    int why = errno;
    free(parent);
    errno = why;
    if (tree->hidden == NULL)
        return err_errno(err, "cannot write the folder %s", tree->path);
    mode_t mask = umask(0);
    umask(mask);
    chmod(tree->hidden, 0777 & ~mask);
    return 0;
}

Tree *tree_folder(const char *path, Err *err)
{
    Tree *tree = tree_new(path, err);
    if (tree == NULL || begin_folder(tree, err) == 0)
        return tree;
    tree_abort(tree);
    return NULL;
}

/* Makes the folders that lead to the file. */
static int make_folders(char *file, size_t from, Err *err)
{
    for (char *slash = strchr(file + from, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(file, 0777) != 0 && errno != EEXIST)
            return err_errno(err, "cannot make the folder %s", file);
        *slash = '/';
    }
    return 0;
}

/* A new file of the folder, which grows under its hidden name */
FILE *tree_create(Tree *tree, const char *path, Err *err)
{
    size_t before = strlen(tree->hidden), room = before + strlen(path) + 2;
    char *file = malloc(room);
    if (file == NULL) {
        err_memory(err, "a path", room);
        return NULL;
    }
    snprintf(file, room, "%s/%s", tree->hidden, path);
    FILE *f = NULL;
    if (make_folders(file, before + 1, err) == 0) {
        int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno == EEXIST)
            err_set(err, "there is already a file %s", path);
        else if (fd < 0 || (f = fdopen(fd, "wb")) == NULL)
            err_errno(err, "cannot write %s", file);
    }
    free(file);
    return f;
}

static int put_in_folder(Tree *tree, const char *path, const void *bytes, size_t size, Err *err)
{
    FILE *f = tree_create(tree, path, err);
    int rc = 0;
    if (f == NULL)
        return -1;
    if (size > 0 && fwrite(bytes, 1, size, f) != size)
        rc = err_errno(err, "cannot write %s", path);
    if (fclose(f) != 0)
        rc = err_errno(err, "cannot write %s", path);
    return rc;
}

/* Tar --------------------------------------------------------------------------------------- */

static la_ssize_t write_tar(struct archive *archive, void *state, const void *bytes, size_t size)
{
    Tree *tree = state;
    if (tree->given_up || fwrite(bytes, 1, size, tree->out.f) == size)
        return (la_ssize_t)size;
    archive_set_error(archive, errno, "%s", strerror(errno));
    return -1;
}

static int begin_tar(Tree *tree, Err *err)
{
    tree->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (out_open(&tree->out, tree->path, err) != 0)
        return -1;
    struct archive *archive = tree->archive = archive_write_new();
    if (archive == NULL || archive_write_set_format_pax_restricted(archive) != ARCHIVE_OK ||
        archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK ||
        archive_write_open(archive, tree, NULL, write_tar, NULL) != ARCHIVE_OK)
        return err_set(err, "cannot write %s: cannot begin a tar", tree->out.path);
    return 0;
}

Tree *tree_tar(const char *path, Err *err)
{
    Tree *tree = tree_new(path, err);
    if (tree == NULL || begin_tar(tree, err) == 0)
        return tree;
    tree_abort(tree);
    return NULL;
}

static int tar_failed(const Tree *tree, const char *path, Err *err)
{
    const char *reason = archive_error_string(tree->archive);
    return err_set(err, "cannot write %.300s: %.300s: %s", tree->out.path, path,
                   reason != NULL ? reason : "no memory");
}

/* Without owner and time, so that the same files are the same bytes; the names and the mode are
 * those of WebDataset's own writer. */
static int put_entry(Tree *tree, struct archive_entry *entry, const char *path, const void *bytes,
                     size_t size, Err *err)
{
    archive_entry_set_pathname(entry, path);
    archive_entry_set_size(entry, (la_int64_t)size);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0444);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_uname(entry, "bigdata");
    archive_entry_set_gname(entry, "bigdata");
    locale_t before = (locale_t)0;
    if (tree->locale != (locale_t)0)
        before = uselocale(tree->locale);
    int rc = archive_write_header(tree->archive, entry);
    if (tree->locale != (locale_t)0)
        uselocale(before);
    if (rc < ARCHIVE_WARN || archive_write_data(tree->archive, bytes, size) != (la_ssize_t)size)
        return tar_failed(tree, path, err);
    return 0;
}

static int put_in_tar(Tree *tree, const char *path, const void *bytes, size_t size, Err *err)
{
    int64_t before = tree->seen.n;
    if (names_add(&tree->seen, path, strlen(path), err) < 0)
        return -1;
    if (tree->seen.n == before)
        return err_set(err, "there is already a file %s", path);
    struct archive_entry *entry = archive_entry_new();
    if (entry == NULL)
        return err_memory(err, "a file", size);
    int rc = put_entry(tree, entry, path, bytes, size, err);
    archive_entry_free(entry);
    return rc;
}

/* ------------------------------------------------------------------------------------------- */

int tree_put(Tree *tree, const char *path, const void *bytes, size_t size, Err *err)
{
    return tree->archive != NULL ? put_in_tar(tree, path, bytes, size, err)
                                 : put_in_folder(tree, path, bytes, size, err);
}

/* One call has all its files written to disk, whatever their number. */
static int finish_folder(Tree *tree, Err *err)
{
    if (tree->lock >= 0 && syncfs(tree->lock) != 0)
        return err_errno(err, "cannot write the folder %s", tree->path);
    if (rename(tree->hidden, tree->path) != 0)
        return err_errno(err, "cannot create the folder %s", tree->path);
    free(tree->hidden);
    tree->hidden = NULL;
    if (target_settle(tree->path) != 0)
        return err_errno(err, "%s is whole, but may be gone after a crash of the machine",
                         tree->path);
    return 0;
}

static int finish(Tree *tree, Err *err)
{
    if (tree->archive != NULL)
        return archive_write_close(tree->archive) == ARCHIVE_OK ? out_commit(&tree->out, err)
                                                                : tar_failed(tree, "its end", err);
    return finish_folder(tree, err);
}

int tree_close(Tree *tree, Err *err)
{
    int rc = finish(tree, err);
    tree_abort(tree);
    return rc;
}

void tree_abort(Tree *tree)
{
    if (tree == NULL)
        return;
    tree->given_up = true;
    if (tree->archive != NULL)
        archive_write_free(tree->archive); /* which ends the tar first */
    out_abort(&tree->out);
    if (tree->locale != (locale_t)0)
        freelocale(tree->locale);
    if (tree->hidden != NULL)
        hidden_remove(tree->hidden);
    if (tree->lock >= 0)
        close(tree->lock);
    free(tree->hidden);
    free(tree->path);
    names_release(&tree->seen);
    free(tree);
}
