#include "train/log_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_internal.h"
#include "base/out.h"
#include "base/target_internal.h"

const char *const log_of_steps =
    "step\tepoch\timages_per_second\twaiting\tlr\tloss\town_cosine\t"
    "hard_negatives\tmargin\tgradient_norm\tcorrelation\tnorm_q05\tnorm_q50\t"
    "norm_q95\tpast_pi\ttop1\trewinds\tnearest_correlation\tdistillation\n";

enum { LOG_LIMIT = 1 << 30 };

static int columns(const char *line, size_t length)
{
    int n = 1;
    for (size_t i = 0; i < length; i++)
        n += line[i] == '\t';
    return n;
}

/* The columns that a log of an earlier version lacks: its heading is a part of ours. -1 when it has
 * another one. */
static int lacking(const char *heading, const char *text, size_t size, size_t *length)
{
    const char *newline = memchr(text, '\n', size);
    *length = newline != NULL ? (size_t)(newline - text) : 0;
    if (*length == 0 || *length >= strlen(heading) || memcmp(text, heading, *length) != 0 ||
        strchr("\t\n", heading[*length]) == NULL)
        return -1;
    return columns(heading, strlen(heading)) - columns(text, *length);
}

/* How many bytes of a log are whole lines of steps up to `done`; 0 when it has another heading. */
static size_t keep(const char *heading, const char *text, size_t size, int64_t done)
{
    size_t kept;
    if (lacking(heading, text, size, &kept) < 0)
        return 0;
    kept++;
    for (;;) {
        const char *newline = memchr(text + kept, '\n', size - kept);
        char *end;
        long long step = strtoll(text + kept, &end, 10);
        if (newline == NULL || *end != '\t' || step > done)
            return kept;
        kept = (size_t)(newline - text) + 1;
    }
}

/* Writes the lines of an earlier version anew with the columns it lacks. */
static int64_t widen(const char *heading, const char *path, const char *text, size_t kept, int more,
                     Err *err)
{
    Out out;
    int64_t size = 0;
    if (out_open(&out, path, err) != 0)
        return -1;
    for (const char *at = text, *end = text + kept, *next; at < end; at = next) {
        next = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        if (at == text)
            size += fprintf(out.f, "%s", heading);
        else {
            size += fprintf(out.f, "%.*s", (int)(next - at - 1), at);
            for (int i = 0; i < more; i++)
                size += fprintf(out.f, "\tNA");
            size += fprintf(out.f, "\n");
        }
    }
    return out_commit(&out, err) == 0 ? size : -1;
}

static int64_t kept_of(const char *heading, const char *path, int64_t done, Err *err)
{
    size_t size;
    if (done == 0 || access(path, F_OK) != 0)
        return 0;
    char *text = file_read(path, LOG_LIMIT, &size, err);
    if (text == NULL)
        return -1;
    size_t kept = keep(heading, text, size, done), length;
    int more = kept > 0 ? lacking(heading, text, size, &length) : 0;
    int64_t rc = more > 0 ? widen(heading, path, text, kept, more, err) : (int64_t)kept;
    free(text);
    return rc;
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

bool log_is_stream(const char *path)
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

int log_open(TrainLog *log, const char *path, const char *heading, int64_t done, Err *err)
{
    *log = (TrainLog){.heading = heading};
    bool stream = log_is_stream(path);
    int64_t kept = stream ? 0 : kept_of(heading, path, done, err);
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

int log_back(TrainLog *log, int64_t done, Err *err)
{
    char *path = log->path;
    const char *heading = log->heading;
    if (log->f == NULL || log_is_stream(path))
        return 0;
    log->path = NULL;
    int rc = log_close(log, err);
    if (rc == 0)
        rc = log_open(log, path, heading, done, err);
    free(path);
    return rc;
}

void log_number(TrainLog *log, const char *format, double value)
{
    fputc('\t', log->f);
    if (isfinite(value))
        fprintf(log->f, format, value);
    else
        fputs("NA", log->f);
}

int log_end_line(TrainLog *log, Err *err)
{
    fputc('\n', log->f);
    return fflush(log->f) == 0 ? 0 : err_errno(err, "cannot write the log %s", log->path);
}

int log_put(TrainLog *log, const LogLine *line, Err *err)
{
    fprintf(log->f, "%" PRId64 "\t%" PRId64, line->step, line->epoch);
    log_number(log, "%.1f", line->images_per_second);
    log_number(log, "%.4f", line->waiting);
    log_number(log, "%.6g", line->lr);
    log_number(log, "%.6f", line->loss);
    log_number(log, "%.6f", line->own_cosine);
    log_number(log, "%.3f", line->hard);
    log_number(log, "%.6f", line->margin);
    log_number(log, "%.5g", line->gradient);
    log_number(log, "%.4f", line->correlation);
    for (int k = 0; k < 3; k++)
        log_number(log, "%.5g", line->norm[k]);
    log_number(log, "%.5f", line->past_pi);
    log_number(log, "%.5f", line->top1);
    fprintf(log->f, "\t%" PRId64, line->rewinds);
    log_number(log, "%.4f", line->nearest);
    log_number(log, "%.6f", line->distil);
    return log_end_line(log, err);
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
