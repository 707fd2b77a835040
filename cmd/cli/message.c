/* Messages on standard error, a line each. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape_internal.h"
#include "tool.h"

/* What a message quotes (a file's name, a key) can only be read, not control the terminal. */
static void say(const char *format, va_list args)
{
    Err message = {0};
    char shown[ESCAPE_GROWTH * sizeof message.text];
    err_vset(&message, format, args);
    escape_text(shown, sizeof shown, message.text, strlen(message.text));
    cli_clear_bar();
    fprintf(stderr, "%s: %s\n", cli_tool->name, shown);
}

/* Of several processes, which this is and whether it is silent. */
static char who[160];
static bool silent;

void cli_speak_as(int rank, const char *host)
{
    snprintf(who, sizeof who, "process %d on %s: ", rank, host);
    silent = rank > 0;
    cli_tool->quiet |= silent;
}

void cli_note(const char *format, ...)
{
    va_list args;
    if (cli_tool->quiet)
        return;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

void cli_warn(const char *format, ...)
{
    va_list args;
    if (silent)
        return;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

int cli_fail(const Err *err)
{
    silent = false;
    cli_warn("%s%s", who, err->text);
    return CLI_FAILED;
}

void cli_misuse(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    say(format, args);
    va_end(args);
    fprintf(stderr, "Try '%s --help'.\n", cli_tool->name);
    exit(CLI_MISUSED);
}

void cli_misused(const Err *err)
{
    if (err->memory)
        exit(cli_fail(err));
    cli_misuse("%s", err->text);
}

void cli_no_memory(void)
{
    Err err = {0};
    err_set(&err, "out of memory");
    exit(cli_fail(&err));
}

int cli_done(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return CLI_OK;
    cli_warn("cannot write standard output");
    return CLI_FAILED;
}
