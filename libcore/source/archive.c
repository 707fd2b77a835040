#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/kind_internal.h"
#include "source/walk_internal.h"

enum { BLOCK = 1 << 17, HEAD = 512 };

typedef struct Reader {
    struct archive *archive;
    char *name; /* for messages */
    char *path; /* of the member before the one that could not be found, or NULL */
    locale_t locale;
    bool standard;
    uint8_t *block;     /* standard input: what was read last, `size` bytes, `total` with it */
    uint8_t head[HEAD]; /* how it begins */
    size_t size, heads;
    int64_t total;
} Reader;

/* What the file begins with */
static size_t read_head(const Reader *reader, uint8_t head[HEAD])
{
    memcpy(head, reader->head, reader->heads);
    if (reader->standard)
        return reader->heads;
    FILE *f = fopen(reader->name, "rb");
    size_t size = f != NULL ? fread(head, 1, HEAD, f) : 0;
    if (f != NULL)
        fclose(f);
    return size;
}

/* Of what is no archive libarchive says no more than that. */
static int refuse(const Reader *reader, Err *err)
{
    uint8_t head[HEAD];
    size_t size = read_head(reader, head);
    const char *kind = kind_of_file(head, size), *advice = kind_advice(kind);
    if (size == 0)
        return err_set(err, "%s: empty", reader->name);
    return err_set(err, "%s: neither an archive nor an image that can be read%s%s%s%s",
                   reader->name, kind != NULL ? ": " : "", kind != NULL ? kind : "",
                   advice != NULL ? "; " : "", advice != NULL ? advice : "");
}

static int failed(const Reader *reader, Err *err)
{
    const char *reason = archive_error_string(reader->archive);
    if (reason != NULL && strncmp(reason, "Unrecognized", 12) == 0)
        return refuse(reader, err);
    return err_set(err, "%s: %s%s%s%s", reader->name, reason != NULL ? reason : "damaged",
                   reader->path != NULL ? " (after " : "", reader->path != NULL ? reader->path : "",
                   reader->path != NULL ? ")" : "");
}

static void close_reader(void *state)
{
    Reader *reader = state;
    archive_read_free(reader->archive);
    if (reader->locale != NULL)
        freelocale(reader->locale);
    free(reader->block);
    free(reader->name);
    free(reader->path);
    free(reader);
}

static void say_too_large(Member *member)
{
    snprintf(member->problem, sizeof member->problem, "larger than the limit of %u bytes",
             WALK_MAX_MEMBER);
}

static void say_kind(Member *member, struct archive_entry *entry)
{
    const char *problem = "";
    if (archive_entry_hardlink(entry) != NULL)
        problem = "a hard link to another member, not a file of its own (tar --hard-dereference "
                  "makes it one)";
    else if (archive_entry_filetype(entry) == AE_IFLNK)
        problem =
            "a symbolic link, which cannot be followed in an archive (tar -h packs its target)";
    else if (archive_entry_filetype(entry) != AE_IFREG)
        problem = "not a regular file";
    else if (archive_entry_is_encrypted(entry))
        problem = "encrypted";
    snprintf(member->problem, sizeof member->problem, "%s", problem);
    member->size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
    if (member->problem[0] == '\0' && member->size > WALK_MAX_MEMBER)
        say_too_large(member);
}

static bool is_ascii(const char *text)
{
    while (*text > 0 && *text < 127)
        text++;
    return *text == '\0';
}

/* In UTF-8; names that libarchive cannot convert come as the bytes they are. It converts by way of
 * wide characters, which is skipped for names that need none. */
static const char *path_of(struct archive_entry *entry)
{
    const char *plain = archive_entry_pathname(entry);
    if (plain != NULL && is_ascii(plain))
        return plain;
    const char *path = archive_entry_pathname_utf8(entry);
    return path != NULL ? path : plain;
}

/* Whether bytes are not zero; of a ZIP, whether another member begins in them, even across calls */
typedef struct Rest {
    bool zip, junk;
    uint32_t last; /* four bytes */
} Rest;

static void look_at(Rest *rest, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n && !rest->junk; i++) {
        rest->last = rest->last << 8 | bytes[i];
        rest->junk = rest->zip ? rest->last == 0x504b0304 : bytes[i] != 0; /* "PK\3\4" */
    }
}

/* Goes through what is left of standard input. */
static int drain(Reader *reader, int64_t used, Rest *rest, Err *err)
{
    int64_t begin = reader->total - (int64_t)reader->size;
    size_t at = used > begin ? (size_t)(used - begin) : 0;
    rest->junk = used < begin && !rest->zip;
    if (at < reader->size)
        look_at(rest, reader->block + at, reader->size - at);
    for (ssize_t got = 1; got != 0;) {
        got = read(STDIN_FILENO, reader->block, BLOCK);
        if (got < 0 && errno != EINTR)
            return err_errno(err, "cannot read %s", reader->name);
        look_at(rest, reader->block, got > 0 ? (size_t)got : 0);
    }
    return 0;
}

static int scan_rest(const Reader *reader, int64_t used, Rest *rest, Err *err)
{
    uint8_t bytes[4096];
    size_t got = 1;
    FILE *f = fopen(reader->name, "rb");
    if (f == NULL || fseeko(f, used, SEEK_SET) != 0) {
        err_errno(err, "cannot read %s", reader->name);
        got = 0;
    }
    while (!rest->junk && got > 0) {
        got = fread(bytes, 1, sizeof bytes, f);
        look_at(rest, bytes, got);
    }
    if (f != NULL)
        fclose(f);
    return err_is_set(err) ? -1 : 0;
}

/* Whether libarchive saw everything. It reads all of joined tars, but only the first of other
 * joined archives, and silently drops data behind a compressed one; padding zeros are fine. */
static int check_end(Reader *reader, Err *err)
{
    const int format = archive_format(reader->archive) & ARCHIVE_FORMAT_BASE_MASK;
    const bool plain = archive_filter_count(reader->archive) == 1;
    const int64_t used = archive_filter_bytes(reader->archive, -1);
    Rest rest = {.zip = format == ARCHIVE_FORMAT_ZIP};
    if (format != ARCHIVE_FORMAT_TAR && !(format == ARCHIVE_FORMAT_CPIO && plain) &&
        !(rest.zip && plain && reader->standard))
        return 0;
    if ((reader->standard ? drain(reader, used, &rest, err)
                          : scan_rest(reader, used, &rest, err)) != 0)
        return -1;
    if (!rest.junk)
        return 0;
    return err_set(
        err, "%s: byte %" PRId64 ": the archive ends here, but more follows that is not part of it",
        reader->name, used);
}

static int find_member(Reader *reader, Member *member, Err *err)
{
    struct archive_entry *entry;
    int rc;
    do {
        rc = archive_read_next_header(reader->archive, &entry);
        if (rc == ARCHIVE_EOF)
            return check_end(reader, err);
        /* A warning is about owners or the spelling of a name, of no concern here. */
        if (rc != ARCHIVE_OK && rc != ARCHIVE_WARN)
            return failed(reader, err);
    } while (archive_entry_filetype(entry) == AE_IFDIR);
    const char *path = path_of(entry);
    if (path == NULL)
        return err_set(err, "%s: a member without a name", reader->name);
    free(reader->path);
    reader->path = strdup(path);
    if (reader->path == NULL)
        return err_memory(err, "a path", strlen(path));
    member->path = reader->path;
    say_kind(member, entry);
    return 1;
}

/* libarchive loses names from zip and 7z that the locale has no characters for, so this thread has
 * a UTF-8 locale while it looks for a member, whatever the locale of the process. */
static int next_member(void *state, Member *member, Err *err)
{
    Reader *reader = state;
    if (reader->locale == NULL)
        return find_member(reader, member, err);
    locale_t before = uselocale(reader->locale);
    int rc = find_member(reader, member, err);
    uselocale(before);
    return rc;
}

static int read_member(void *state, Member *member, Bytes *bytes, Err *err)
{
    Reader *reader = state;
    bytes->size = 0;
    for (;;) {
        if (bytes_reserve(bytes, BLOCK, "a member", err) != 0)
            return -1;
        la_ssize_t got = archive_read_data(reader->archive, bytes->data + bytes->size,
                                           bytes->room - bytes->size);
        if (got == 0)
            return 1;
        if (got == ARCHIVE_FATAL)
            return failed(reader, err);
        if (got < 0) {
            const char *reason = archive_error_string(reader->archive);
            snprintf(member->problem, sizeof member->problem, "damaged: %s",
                     reason != NULL ? reason : "unreadable");
            return 0;
        }
        bytes->size += (size_t)got;
        if (bytes->size > WALK_MAX_MEMBER) {
            say_too_large(member);
            return 0;
        }
    }
}

/* The filters and formats that run no other program and can be trusted with foreign bytes. */
static void choose_formats(struct archive *archive)
{
    archive_read_support_filter_gzip(archive);
    archive_read_support_filter_bzip2(archive);
    archive_read_support_filter_xz(archive);
    archive_read_support_filter_lzma(archive);
    archive_read_support_filter_zstd(archive);
    archive_read_support_filter_lz4(archive);
    archive_read_support_format_tar(archive);
    archive_read_support_format_zip(archive);
    archive_read_support_format_7zip(archive);
    archive_read_support_format_cpio(archive);
    /* cat a.tar b.tar */
    archive_read_set_format_option(archive, "tar", "read_concatenated_archives", "1");
}

static la_ssize_t read_standard(struct archive *archive, void *state, const void **bytes)
{
    Reader *reader = state;
    ssize_t got;
    while ((got = read(STDIN_FILENO, reader->block, BLOCK)) < 0 && errno == EINTR)
        continue;
    if (got < 0) {
        archive_set_error(archive, errno, "cannot be read: error %d", errno);
        return -1;
    }
    for (size_t i = 0; i < (size_t)got && reader->heads < HEAD; i++)
        reader->head[reader->heads++] = reader->block[i];
    if (got > 0) /* at the end the block before stays, for drain() */
        reader->size = (size_t)got;
    reader->total += got;
    *bytes = reader->block;
    return got;
}

/* Of joined ZIPs only the last has a directory that counts: the first begins the file, but is not
 * where the directory says that the archive begins. ZIPs of more than 4 GB say so elsewhere. */
static int check_zip(const char *operand, Err *err)
{
    enum { END = 22, COMMENT = 0xffff };
    uint8_t head[4] = {0}, *tail = malloc(END + COMMENT);
    FILE *f = fopen(operand, "rb");
    int64_t size = 0, before = 0;
    size_t got = 0;
    if (tail != NULL && f != NULL && fread(head, 1, 4, f) == 4 && memcmp(head, "PK\3\4", 4) == 0 &&
        fseeko(f, 0, SEEK_END) == 0 && (size = ftello(f)) > END &&
        fseeko(f, size > END + COMMENT ? size - END - COMMENT : 0, SEEK_SET) == 0)
        got = fread(tail, 1, END + COMMENT, f);
    for (size_t i = got; i >= END && before == 0; i--) {
        const uint8_t *end = tail + i - END;
        if (memcmp(end, "PK\5\6", 4) != 0)
            continue;
        uint32_t length, offset;
        memcpy(&length, end + 12, 4);
        memcpy(&offset, end + 16, 4);
        if (length != UINT32_MAX && offset != UINT32_MAX)
            before = size - (int64_t)(got - (i - END)) - length - offset;
        break;
    }
    if (f != NULL)
        fclose(f);
    free(tail);
    return before <= 0
               ? 0
               : err_set(
                     err,
                     "%s: %" PRId64
                     " bytes, perhaps of another ZIP, precede the archive and would not be read",
                     operand, before);
}

static int open_reader(Reader *reader, const char *operand, Err *err)
{
    if (reader->name == NULL || reader->archive == NULL || reader->block == NULL)
        return err_memory(err, "an archive", BLOCK);
    if (!reader->standard && check_zip(operand, err) != 0)
        return -1;
    choose_formats(reader->archive);
    int rc = reader->standard
                 ? archive_read_open(reader->archive, reader, NULL, read_standard, NULL)
                 : archive_read_open_filename(reader->archive, operand, BLOCK);
    return rc == ARCHIVE_OK ? 0 : failed(reader, err);
}

int archive_walk(Walk *walk, const char *operand, Err *err)
{
    Reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return err_memory(err, "an archive", sizeof *reader);
    reader->standard = strcmp(operand, "-") == 0;
    reader->name = strdup(reader->standard ? "standard input" : operand);
    reader->block = malloc(BLOCK);
    reader->archive = archive_read_new();
    reader->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    *walk = (Walk){reader, next_member, read_member, close_reader, NULL};
    if (open_reader(reader, operand, err) == 0)
        return 0;
    close_reader(reader);
    return -1;
}
