#include "roc-plot/gnuplot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file_internal.h"
#include "base/lines_internal.h"

enum { NO_GNUPLOT = 127 };

/* In the child: becomes gnuplot. */
static _Noreturn void become(FILE *script, int drawing, FILE *complaints)
{
    rewind(script);
    lseek(fileno(script), 0, SEEK_SET);
    if (dup2(fileno(script), STDIN_FILENO) >= 0 && dup2(drawing, STDOUT_FILENO) >= 0 &&
        dup2(fileno(complaints), STDERR_FILENO) >= 0)
        execlp("gnuplot", "gnuplot", (char *)NULL);
    _exit(errno == ENOENT ? NO_GNUPLOT : NO_GNUPLOT - 1);
}

static int copy(FILE *out, int from, Err *err)
{
    char bytes[1 << 14];
    for (;;) {
        ssize_t n = read(from, bytes, sizeof bytes);
        if (n == 0)
            return 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_errno(err, "reading gnuplot's output");
        if (fwrite(bytes, 1, (size_t)n, out) < (size_t)n)
            return err_errno(err, "writing gnuplot's output");
    }
}

/* The last line that is not empty. */
static int blame(FILE *complaints, int status, Err *err)
{
    char *text, last[256] = "it did not say why";
    size_t size = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == NO_GNUPLOT)
        return err_set(err, "gnuplot is not installed (Debian: gnuplot-nox)");
    rewind(complaints);
    if ((text = file_read_stream(complaints, "gnuplot's complaints", 1 << 20, &size, err)) == NULL)
        return -1;
    Lines lines = lines_of(text, size);
    while (lines_next(&lines))
        if (strspn(lines.at, " \t") < lines.size)
            snprintf(last, sizeof last, "%.*s", (int)lines.size, lines.at);
    free(text);
    return err_set(err, "gnuplot failed: %s", last);
}

static int run(FILE *out, FILE *script, FILE *complaints, Err *err)
{
    int ends[2], status = 0;
    if (fflush(script) != 0 || pipe(ends) != 0)
        return err_errno(err, "gnuplot's script");
    pid_t child = fork();
    if (child == 0)
        become(script, ends[1], complaints);
    close(ends[1]);
    int rc = child > 0 ? copy(out, ends[0], err) : err_errno(err, "starting gnuplot");
    close(ends[0]);
    while (child > 0 && waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return err_errno(err, "waiting for gnuplot");
    return rc == 0 && status != 0 ? blame(complaints, status, err) : rc;
}

int gnuplot_run(FILE *out, FILE *script, Err *err)
{
    FILE *complaints = tmpfile();
    if (complaints == NULL)
        return err_errno(err, "a temporary file");
    int rc = run(out, script, complaints, err);
    fclose(complaints);
    return rc;
}
