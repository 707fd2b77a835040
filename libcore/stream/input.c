#include "stream/input_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/file_internal.h"

enum { BUFFER_BYTES = 1 << 16 };

struct Input {
    char *name;
    int fd;                      /* -1 where there is memory: */
    const unsigned char *memory; /* what is left of it */
    size_t left;
    bool gzip, inside; /* inside: a gzip member has begun and not ended */
    int64_t size;
    z_stream z;
    size_t at, filled; /* the unread part of buffer */
    unsigned char buffer[BUFFER_BYTES];
};

static int64_t read_fd(Input *input, void *bytes, size_t n, Err *err)
{
    ssize_t got;
    if (input->fd < 0) {
        n = n < input->left ? n : input->left;
        if (n > 0)
            memcpy(bytes, input->memory, n);
        input->memory += n;
        input->left -= n;
        return (int64_t)n;
    }
    do
        got = read(input->fd, bytes, n);
    while (got < 0 && errno == EINTR);
    return got >= 0 ? got : err_errno(err, "cannot read %s", input->name);
}

/* Fills the empty buffer: bytes in it now, 0 at the end, or -1. */
static int64_t refill(Input *input, Err *err)
{
    int64_t got = read_fd(input, input->buffer, BUFFER_BYTES, err);
    input->at = 0;
    input->filled = got > 0 ? (size_t)got : 0;
    return got;
}

/* The first bytes say whether this is gzip; a pipe may hand them over one by one. */
static int detect_gzip(Input *input, Err *err)
{
    while (input->filled < 2) {
        int64_t got =
            read_fd(input, input->buffer + input->filled, BUFFER_BYTES - input->filled, err);
        if (got <= 0)
            return (int)got;
        input->filled += (size_t)got;
    }
    input->gzip = input->buffer[0] == 0x1f && input->buffer[1] == 0x8b;
    if (input->gzip && inflateInit2(&input->z, 16 + MAX_WBITS) != Z_OK)
        return err_memory(err, "gzip", sizeof input->z);
    return 0;
}

static int open_file(Input *input, const char *path, Err *err)
{
    struct stat st;
    bool standard = strcmp(path, "-") == 0;
    input->fd = standard ? STDIN_FILENO : file_open(path);
    input->name = strdup(standard ? "standard input" : path);
    if (input->fd < 0 || input->name == NULL)
        return err_errno(err, "cannot open %s", path);
    if (fstat(input->fd, &st) != 0)
        return err_errno(err, "cannot read %s", input->name);
    if (S_ISDIR(st.st_mode))
        return err_set(err, "cannot read %s: it is a directory", path);
    bool whole = S_ISREG(st.st_mode) && lseek(input->fd, 0, SEEK_CUR) == 0;
    if (detect_gzip(input, err) != 0)
        return -1;
    input->size = whole && !input->gzip ? st.st_size : -1;
    return 0;
}

Input *input_open(const char *path, Err *err)
{
    Input *input = calloc(1, sizeof *input);
    if (input == NULL) {
        err_memory(err, "an input", sizeof *input);
        return NULL;
    }
    if (open_file(input, path, err) != 0) {
        input_close(input);
        return NULL;
    }
    return input;
}

Input *input_open_bytes(const char *name, const void *bytes, size_t size, Err *err)
{
    Input *input = calloc(1, sizeof *input);
    if (input != NULL)
        *input = (Input){.name = strdup(name), .fd = -1, .memory = bytes, .left = size};
    if (input == NULL || input->name == NULL)
        err_memory(err, "an input", sizeof *input);
    else if (detect_gzip(input, err) == 0) {
        input->size = input->gzip ? -1 : (int64_t)size;
        return input;
    }
    input_close(input);
    return NULL;
}

void input_close(Input *input)
{
    if (input == NULL)
        return;
    if (input->gzip)
        inflateEnd(&input->z);
    if (input->fd > STDIN_FILENO)
        close(input->fd);
    free(input->name);
    free(input);
}

static int64_t read_plain(Input *input, void *bytes, size_t n, Err *err)
{
    size_t done = input->filled - input->at < n ? input->filled - input->at : n;
    memcpy(bytes, input->buffer + input->at, done);
    input->at += done;
    while (done < n) {
        int64_t got = read_fd(input, (char *)bytes + done, n - done, err);
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (int64_t)done;
}

/* One call of inflate on what the buffer holds, refilled when empty: 1 went on, 0 the end. */
static int inflate_some(Input *input, Err *err)
{
    if (input->at == input->filled) {
        int64_t got = refill(input, err);
        if (got < 0)
            return -1;
        if (got == 0)
            return !input->inside ? 0 : err_set(err, "%s: the gzip data was cut", input->name);
    }
    if (!input->inside)
        inflateReset(&input->z);
    input->inside = true;
    input->z.next_in = input->buffer + input->at;
    input->z.avail_in = (uInt)(input->filled - input->at);
    int rc = inflate(&input->z, Z_NO_FLUSH);
    input->at = input->filled - input->z.avail_in;
    if (rc == Z_STREAM_END)
        input->inside = false;
    else if (rc != Z_OK && rc != Z_BUF_ERROR)
        return err_set(err, "%s: damaged gzip data: %s", input->name,
                       input->z.msg != NULL ? input->z.msg : "not gzip");
    return 1;
}

static int64_t read_gzip(Input *input, void *bytes, size_t n, Err *err)
{
    size_t done = 0;
    while (done < n) {
        size_t want = n - done < 1 << 30 ? n - done : 1 << 30;
        input->z.next_out = (unsigned char *)bytes + done;
        input->z.avail_out = (uInt)want;
        int rc = inflate_some(input, err);
        if (rc < 0)
            return -1;
        if (rc == 0)
            break;
        done += want - input->z.avail_out;
    }
    return (int64_t)done;
}

int64_t input_read(Input *input, void *bytes, size_t n, Err *err)
{
    return input->gzip ? read_gzip(input, bytes, n, err) : read_plain(input, bytes, n, err);
}

const char *input_name(const Input *input)
{
    return input->name;
}

int64_t input_size(const Input *input)
{
    return input->size;
}
