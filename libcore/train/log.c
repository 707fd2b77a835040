#include "train/log_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_internal.h"
#include "base/target_internal.h"

static const char heading[] = "step\tepoch\timages_per_second\twaiting\tlr\tloss\town_cosine\t"
                              "hard_negatives\tmargin\tgradient_norm\tcorrelation\n";

enum { LOG_LIMIT = 1 << 30 };

/* How many bytes of a log are whole lines of steps up to `done`; 0 when it has another heading. */
static size_t keep(const char *text, size_t size, int64_t done)
{
    size_t kept = sizeof heading - 1;
    if (size < kept || memcmp(text, heading, kept) != 0)
        return 0;
    for (;;) {
        const char *newline = memchr(text + kept, '\n', size - kept);
        char *end;
        long long step = strtoll(text + kept, &end, 10);
        if (newline == NULL || *end != '\t' || step > done)
            return kept;
        kept = (size_t)(newline - text) + 1;
    }
}

static int64_t kept_of(const char *path, int64_t done, Err *err)
{
    size_t size;
    if (done == 0 || access(path, F_OK) != 0)
        return 0;
    char *text = file_read(path, LOG_LIMIT, &size, err);
    if (text == NULL)
        return -1;
    size_t kept = keep(text, size, done);
    free(text);
    return (int64_t)kept;
}

/* What is no regular file - a pipe, a terminal, nothing - gets lines and keeps none. */
static FILE *open_stream(const char *path)
{
    int fd = strcmp(path, "-") == 0 ? STDOUT_FILENO : target_descriptor(path);
    if (fd < 0)
        return fopen(path, "wb");
    int copy = dup(fd);
    FILE *f = copy >= 0 ? fdopen(copy, "wb") : NULL;
    if (f == NULL && copy >= 0)
        close(copy);
    return f;
}

static bool is_stream(const char *path)
{
    struct stat st;
    return strcmp(path, "-") == 0 || target_descriptor(path) >= 0 ||
           (stat(path, &st) == 0 && !S_ISREG(st.st_mode));
}

static FILE *open_file(const char *path, int64_t kept)
{
    FILE *f = fopen(path, kept > 0 ? "r+b" : "wb");
    if (f == NULL || (ftruncate(fileno(f), kept) == 0 && fseek(f, 0, SEEK_END) == 0))
        return f;
    fclose(f);
    return NULL;
}

int log_open(TrainLog *log, const char *path, int64_t done, Err *err)
{
    *log = (TrainLog){0};
    bool stream = is_stream(path);
    int64_t kept = stream ? 0 : kept_of(path, done, err);
    if (kept < 0)
        return -1;
    log->path = strdup(path);
    log->f = stream ? open_stream(path) : open_file(path, kept);
    if (log->path == NULL || log->f == NULL ||
        (kept == 0 && (fputs(heading, log->f) == EOF || fflush(log->f) != 0))) {
        err_errno(err, "cannot write the log %s", path);
        log_close(log, err);
        return -1;
    }
    return 0;
}

int log_put(TrainLog *log, const LogLine *line, Err *err)
{
    fprintf(log->f, "%" PRId64 "\t%" PRId64 "\t%.1f\t%.4f\t%.6g\t%.6f\t%.6f\t%.3f\t%.6f\t%.5g\t",
            line->step, line->epoch, line->images_per_second, line->waiting, line->lr, line->loss,
            line->own_cosine, line->hard, line->margin, line->gradient);
    if (isfinite(line->correlation))
        fprintf(log->f, "%.4f\n", line->correlation);
    else
        fputs("NA\n", log->f);
    if (fflush(log->f) != 0)
        return err_errno(err, "cannot write the log %s", log->path);
    return 0;
}

int log_close(TrainLog *log, Err *err)
{
    int rc = 0;
    if (log->f != NULL && fclose(log->f) != 0)
        rc = err_errno(err, "cannot write the log %s", log->path);
    free(log->path);
    *log = (TrainLog){0};
    return rc;
}
