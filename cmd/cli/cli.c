#include "cli.h"

#include <cblas.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array_internal.h"
#include "base/cpu_internal.h"
#include "base/num_internal.h"
#include "base/out.h"
#include "base/pool.h"
#include "kernels.h"
#include "tool.h"

enum { OPTION_HELP = 1000, OPTION_VERSION, OPTION_QUIET, OPTION_FIRST };

/* Help -------------------------------------------------------------------------------------- */

/* The default, taken from the variable: " [256]", or nothing when there is none. */
static void print_default(const CliOption *option)
{
    switch (option->type) {
    case CLI_TYPE_INT:
        if (*(int64_t *)option->value >= (int64_t)option->min)
            printf(" [%lld]", (long long)*(int64_t *)option->value);
        break;
    case CLI_TYPE_REAL:
        if (*(double *)option->value >= option->min)
            printf(" [%g]", *(double *)option->value);
        break;
    case CLI_TYPE_TEXT:
    case CLI_TYPE_FILE:
    case CLI_TYPE_OUT:
        if (*(const char **)option->value != NULL)
            printf(" [%s]", *(const char **)option->value);
        break;
    case CLI_TYPE_CHOICE:
        printf(" [%.*s]", (int)strcspn(cli_chosen(option), "|"), cli_chosen(option));
        break;
    default:
        break;
    }
}

static void print_option(char letter, const char *name, const char *argument, const char *help)
{
    char left[80];
    snprintf(left, sizeof left, "%c%c%s --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ',
             letter ? "," : " ", name, argument ? " " : "", argument ? argument : "");
    if (strlen(left) > 28)
        printf("  %s\n  %-28s  %s", left, "", help);
    else
        printf("  %-28s  %s", left, help);
}

static void print_help(void)
{
    printf("usage: %s [option ...] %s\n%s\n\n", cli_tool->name, cli_tool->operands,
           cli_tool->summary);
    for (const CliOption *o = cli_tool->options; o->type != CLI_TYPE_END; o++) {
        if (o->type == CLI_TYPE_WAS)
            continue;
        print_option(o->letter, o->name, o->argument, o->help);
        print_default(o);
        putchar('\n');
    }
    print_option('q', "quiet", NULL, "report errors only\n");
    print_option('h', "help", NULL, "print this\n");
    print_option(0, "version", NULL, "print the version\n");
    printf("\nThe manual: man %s\n", cli_tool->name);
}

static void print_version(void)
{
    printf("%s %s\n", cli_tool->name, VERSION);
    if (cli_tool->nets)
        cli_print_kernels();
    else if (cli_tool->blas)
        cli_print_blas();
}

/* Options ----------------------------------------------------------------------------------- */

static void set_choice(const CliOption *option, const char *text)
{
    int index = 0;
    for (const char *at = option->argument; *at != '\0'; index++) {
        size_t length = strcspn(at, "|");
        if (strlen(text) == length && memcmp(text, at, length) == 0) {
            *(int *)option->value = index;
            return;
        }
        at += length + (at[length] == '|');
    }
    cli_misuse("--%s: '%s' is not one of %s", option->name, text, option->argument);
}

static void append(CliList *list, const char *text)
{
    if (!array_resize(list->item, (size_t)list->n + 1))
        cli_no_memory();
    list->item[list->n++] = text;
}

static void set_option(const CliOption *option, const char *text)
{
    int64_t low = option->min <= -0x1p63 ? INT64_MIN : (int64_t)option->min;
    int64_t high = option->max >= 0x1p63 ? INT64_MAX : (int64_t)option->max;
    switch (option->type) {
    case CLI_TYPE_FLAG:
        *(bool *)option->value = true;
        break;
    case CLI_TYPE_INT:
        if (!num_int(text, low, high, option->value))
            cli_misuse("--%s: '%s' is not an integer from %lld to %lld", option->name, text,
                       (long long)low, (long long)high);
        break;
    case CLI_TYPE_REAL:
        if (!num_double(text, option->min, option->max, option->value))
            cli_misuse("--%s: '%s' is not a number from %g to %g", option->name, text, option->min,
                       option->max);
        break;
    case CLI_TYPE_SIZE:
        if (!num_size(text, 1, UINT64_MAX, option->value))
            cli_misuse("--%s: '%s' is not a size (such as 512M)", option->name, text);
        break;
    case CLI_TYPE_TEXT:
    case CLI_TYPE_FILE:
    case CLI_TYPE_OUT:
        *(const char **)option->value = text;
        break;
    case CLI_TYPE_CHOICE:
        set_choice(option, text);
        break;
    case CLI_TYPE_LIST:
        append(option->value, text);
        break;
    case CLI_TYPE_WAS:
    case CLI_TYPE_END:
        break;
    }
}

/* Does it take an argument? An older name does if the option it stands for does. */
static bool takes_argument(const CliOption *option)
{
    if (option->type == CLI_TYPE_WAS)
        option = &cli_tool->options[cli_index(option->argument)];
    return option->argument != NULL;
}

/* getopt's two tables from ours. short_options: ":qh" and two characters an option. */
static void build_tables(struct option *long_options, char *short_options)
{
    int n = 0;
    char *s = short_options;
    *s++ = ':';
    for (int i = 0; cli_tool->options[i].type != CLI_TYPE_END; i++) {
        const CliOption *o = &cli_tool->options[i];
        int has = takes_argument(o) ? required_argument : no_argument;
        if (o->name[0] != '\0')
            long_options[n++] = (struct option){o->name, has, NULL, OPTION_FIRST + i};
        if (o->letter != 0) {
            *s++ = o->letter;
            if (has == required_argument)
                *s++ = ':';
        }
    }
    *s++ = 'q';
    *s++ = 'h';
    *s = '\0';
    long_options[n++] = (struct option){"quiet", no_argument, NULL, OPTION_QUIET};
    long_options[n++] = (struct option){"help", no_argument, NULL, OPTION_HELP};
    long_options[n++] = (struct option){"version", no_argument, NULL, OPTION_VERSION};
    long_options[n] = (struct option){0};
}

static int option_index(int code)
{
    int i = code - OPTION_FIRST;
    if (code < OPTION_FIRST)
        for (i = 0; cli_tool->options[i].letter != code;)
            i++;
    const CliOption *option = &cli_tool->options[i];
    return option->type == CLI_TYPE_WAS ? cli_index(option->argument) : i;
}

static void take_option(int code, char **argv)
{
    switch (code) {
    case 'h':
    case OPTION_HELP:
        print_help();
        exit(cli_done());
    case OPTION_VERSION:
        print_version();
        exit(cli_done());
    case 'q':
    case OPTION_QUIET:
        cli_tool->quiet = true;
        return;
    case ':':
        cli_misuse("option '%s' needs an argument", argv[optind - 1]);
    case '?':
        if (optopt != 0 && optopt < OPTION_HELP)
            cli_misuse("unknown option '-%c'", optopt);
        if (optopt != 0)
            cli_misuse("option '%.*s' takes no argument", (int)strcspn(argv[optind - 1], "="),
                       argv[optind - 1]);
        cli_misuse_unknown(argv[optind - 1]);
    default: {
        int i = option_index(code);
        set_option(&cli_tool->options[i], optarg);
        cli_set_given(i);
    }
    }
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

/* The provenance of this tool: what was given and can change the output, in the table's order. */
static char *describe_self(void)
{
    char *text = NULL;
    size_t size;
    char number[NUM_TEXT];
    FILE *f = open_memstream(&text, &size);
    if (f == NULL)
        cli_no_memory();
    fprintf(f, "%s %s", cli_tool->name, VERSION);
    for (int i = 0; cli_tool->options[i].type != CLI_TYPE_END; i++) {
        const CliOption *o = &cli_tool->options[i];
        if (!cli_was_given(i) || o->local)
            continue;
        if (o->type == CLI_TYPE_FLAG)
            fprintf(f, " --%s", o->name);
        else if (o->type == CLI_TYPE_INT)
            fprintf(f, " --%s=%lld", o->name, (long long)*(int64_t *)o->value);
        else if (o->type == CLI_TYPE_REAL)
            fprintf(f, " --%s=%s", o->name, num_text(number, *(double *)o->value));
        else if (o->type == CLI_TYPE_TEXT)
            fprintf(f, " --%s=%s", o->name, *(const char **)o->value);
        else if (o->type == CLI_TYPE_FILE)
            fprintf(f, " --%s=%s", o->name, last_part(*(const char **)o->value));
        else if (o->type == CLI_TYPE_CHOICE)
            fprintf(f, " --%s=%.*s", o->name, (int)strcspn(cli_chosen(o), "|"), cli_chosen(o));
        for (int k = 0; o->type == CLI_TYPE_LIST && k < ((CliList *)o->value)->n; k++)
            fprintf(f, " --%s=%s", o->name, ((CliList *)o->value)->item[k]);
    }
    if (fclose(f) != 0)
        cli_no_memory();
    return text;
}

static void set_threads(void)
{
    for (const CliOption *o = cli_tool->options; o->type != CLI_TYPE_END; o++)
        if (strcmp(o->name, "threads") == 0 && *(int64_t *)o->value == 0)
            *(int64_t *)o->value = pool_processors();
}

/* If we were started without one of the descriptors 0 to 2, the next file opened would get it, and
 * messages would land there: a descriptor that fails like a closed one takes its place. */
static void occupy_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            exit(CLI_FAILED);
}

/* Finds now what would otherwise fail only when the work is done. */
void cli_check_output(const char *path)
{
    Err err = {0};
    bool in_place;
    if (out_check(path, &in_place, &err) != 0)
        exit(cli_fail(&err));
    if (in_place)
        cli_note("%s: its folder takes no new file, so the file itself will be overwritten", path);
}

static void check_outputs(void)
{
    for (const CliOption *o = cli_tool->options; o->type != CLI_TYPE_END; o++)
        if (o->type == CLI_TYPE_OUT && *(const char **)o->value != NULL)
            cli_check_output(*(const char **)o->value);
}

int cli_start(Cli *cli, CliOption *options, int argc, char **argv)
{
    struct option long_options[CLI_MAX_OPTIONS + 4];
    char short_options[2 * CLI_MAX_OPTIONS + 4];
    cli_tool = cli;
    cli->options = options;
    signal(SIGPIPE, SIG_DFL); /* a reader that leaves ends us quietly, whoever started us */
    occupy_descriptors();
    build_tables(long_options, short_options);
    opterr = 0;
    for (int code; (code = getopt_long(argc, argv, short_options, long_options, NULL)) != -1;)
        take_option(code, argv);
    cli_check_rules();
    set_threads();
    cli->by = describe_self();
    if (cli->blas)
        cli_limit_blas();
    check_outputs();
    return optind;
}

int cli_numbers(double *value, int room, const char *option, const char *text, double min,
                double max, bool whole, const char *kind)
{
    int n = 0;
    for (const char *at = text;; at++) {
        char one[32];
        int length = (int)strcspn(at, ",");
        if (n == room)
            cli_misuse("--%s: given more than %d times", option, room);
        snprintf(one, sizeof one, "%.*s", length, at);
        if (length >= (int)sizeof one || !num_double(one, min, max, &value[n]) ||
            (whole && value[n] != floor(value[n])))
            cli_misuse("--%s: '%.*s' is not %s", option, length, at, kind);
        n++;
        at += length;
        if (*at == '\0')
            return n;
    }
}

bool cli_given(const char *name)
{
    return cli_was_given(cli_index(name));
}

char *cli_by(const char *before)
{
    size_t size = strlen(before) + strlen(cli_tool->by) + 2;
    char *text = malloc(size);
    if (text == NULL)
        cli_no_memory();
    snprintf(text, size, "%s%s%s", before, before[0] != '\0' ? "\n" : "", cli_tool->by);
    return text;
}
