/* What every tool has in common: options, messages, progress, exit status.
 *
 * A tool declares its options once, as a table bound to variables; parsing, defaults, --help, the
 * provenance string and (through --help) shell completion all come from that table, and rules
 * between options from another. --help,
 * --version and -q, --quiet are there for every tool.
 *
 *     static Cli cli = {.name = "face-cut", .operands = "[PACK]", .summary = "Cuts faces."};
 *     int main(int argc, char **argv)
 *     {
 *         int64_t rows = 10;
 *         const char *output = "-";
 *         CliOption options[] = {
 *             CLI_INT('n', "rows", "N", &rows, 1, INT64_MAX, "rows to keep"),
 *             CLI_OUTPUT(&output),
 *             CLI_END,
 *         };
 *         int operands = cli_start(&cli, options, argc, argv);
 *         ...
 *         return failed ? cli_fail(&err) : cli_done();
 *     }
 */
#ifndef CMD_CLI_CLI_H
#define CMD_CLI_CLI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { CLI_OK = 0, CLI_FAILED = 1, CLI_MISUSED = 2 };

typedef enum CliType {
    CLI_TYPE_END,
    CLI_TYPE_FLAG,   /* bool: set to true */
    CLI_TYPE_INT,    /* int64_t in [min, max] */
    CLI_TYPE_REAL,   /* double in [min, max] */
    CLI_TYPE_SIZE,   /* uint64_t bytes, K M G T understood */
    CLI_TYPE_TEXT,   /* const char * */
    CLI_TYPE_FILE,   /* const char *: a path; the provenance has its last part only */
    CLI_TYPE_OUT,    /* const char *: a file to write; cli_start() fails where none can be */
    CLI_TYPE_CHOICE, /* int: index into "one|two|three", which is the argument's name */
    CLI_TYPE_LIST,   /* CliList: may be given several times */
    CLI_TYPE_WAS,    /* an older name or letter of another option, still taken, never shown */
} CliType;

/* In the order given; the caller frees item. */
typedef struct CliList {
    const char **item;
    int n;
} CliList;

typedef struct CliOption {
    CliType type;
    char letter; /* 0: none */
    const char *name, *argument;
    void *value;
    double min, max;
    const char *help;
    bool local; /* cannot change the bytes of the output: left out of the provenance */
} CliOption;

#define CLI_FLAG(letter, name, value, help)                                                        \
    {                                                                                              \
        CLI_TYPE_FLAG, letter, name, NULL, value, 0, 0, help, false                                \
    }
/* A FLAG that cannot change the bytes of the output. */
#define CLI_LOCAL_FLAG(letter, name, value, help)                                                  \
    {                                                                                              \
        CLI_TYPE_FLAG, letter, name, NULL, value, 0, 0, help, true                                 \
    }
#define CLI_INT(letter, name, argument, value, min, max, help)                                     \
    {                                                                                              \
        CLI_TYPE_INT, letter, name, argument, value, (double)(min), (double)(max), help, false     \
    }
/* An INT that cannot change the bytes of the output. */
#define CLI_LOCAL(letter, name, argument, value, min, max, help)                                   \
    {                                                                                              \
        CLI_TYPE_INT, letter, name, argument, value, (double)(min), (double)(max), help, true      \
    }
#define CLI_REAL(letter, name, argument, value, min, max, help)                                    \
    {                                                                                              \
        CLI_TYPE_REAL, letter, name, argument, value, min, max, help, false                        \
    }
#define CLI_SIZE(letter, name, argument, value, help)                                              \
    {                                                                                              \
        CLI_TYPE_SIZE, letter, name, argument, value, 0, 0, help, true                             \
    }
#define CLI_TEXT(letter, name, argument, value, help)                                              \
    {                                                                                              \
        CLI_TYPE_TEXT, letter, name, argument, value, 0, 0, help, false                            \
    }
/* A text that says where something is read, or written when not to a file of its own (a folder). */
#define CLI_PATH(letter, name, argument, value, help)                                              \
    {                                                                                              \
        CLI_TYPE_TEXT, letter, name, argument, value, 0, 0, help, true                             \
    }
/* A file that is read and shapes the output. Its folder is this machine's business: the provenance
 * has its name alone. */
#define CLI_FILE(letter, name, argument, value, help)                                              \
    {                                                                                              \
        CLI_TYPE_FILE, letter, name, argument, value, 0, 0, help, false                            \
    }
#define CLI_CHOICE(letter, name, choices, value, help)                                             \
    {                                                                                              \
        CLI_TYPE_CHOICE, letter, name, choices, value, 0, 0, help, false                           \
    }
#define CLI_LIST(letter, name, argument, value, help)                                              \
    {                                                                                              \
        CLI_TYPE_LIST, letter, name, argument, value, 0, 0, help, false                            \
    }
/* A file to write, "-" for standard output. */
#define CLI_OUT(letter, name, argument, value, help)                                               \
    {                                                                                              \
        CLI_TYPE_OUT, letter, name, argument, value, 0, 0, help, true                              \
    }
#define CLI_OUTPUT(value) CLI_OUT('o', "output", "FILE", value, "write to FILE")
/* value is an int64_t, 0 until the option is given: cli_start() puts the number of processors */
#define CLI_THREADS(value)                                                                         \
    {                                                                                              \
        CLI_TYPE_INT, 'j', "threads", "N", value, 1, 1024,                                         \
            "threads to use; by default one per processor", true                                   \
    }
/* value is what cli_kernels() takes (cli/kernels.h) */
#define CLI_KERNELS(value)                                                                         \
    {                                                                                              \
        CLI_TYPE_CHOICE, 0, "kernels", "auto|openblas|onednn|onednn:avx2", value, 0, 0,            \
            "which library computes products", true                                                \
    }
/* What `now` was called; "" for `name` when only its letter was another one. */
#define CLI_WAS(letter, name, now)                                                                 \
    {                                                                                              \
        CLI_TYPE_WAS, letter, name, now, NULL, 0, 0, NULL, true                                    \
    }
#define CLI_END                                                                                    \
    {                                                                                              \
        CLI_TYPE_END, 0, NULL, NULL, NULL, 0, 0, NULL, false                                       \
    }

/* Rules between options. Both lists are names with spaces between them; "name=word" stands for a
 * CHOICE that is `word`, given or not, where "name" alone stands for an option that was given. */
typedef enum CliRuleKind {
    CLI_RULES_END,
    CLI_NEEDS,     /* any of `options` needs one of `others` */
    CLI_EXCLUDES,  /* none of `options` with any of `others` */
    CLI_TOGETHER,  /* all of `options` or none */
    CLI_ONE_OF,    /* one of `options` at least */
    CLI_GOES_WITH, /* any of `options` with none but these and `others` */
} CliRuleKind;

typedef struct CliRule {
    CliRuleKind kind;
    const char *options, *others;
} CliRule;

typedef struct Cli {
    const char *name, *operands, *summary;
    const CliRule *rules; /* up to CLI_RULES_END, or NULL; cli_start() checks them in order */
    bool blas;  /* uses OpenBLAS: one thread inside each of ours; --version says which kernels */
    bool nets;  /* computes with nets: --version says which kernels those use by default */
    bool quiet; /* -q was given */
    CliOption *options;
    char *by; /* "NAME VERSION --option=value ..." of what was given and matters */
} Cli;

/* Parses the options and checks the outputs; returns the index in argv of the first operand. Exits
 * with 0 after --help and --version, with 2 after a message when an option is wrong, with 1 when an
 * output cannot be written. `cli` must outlive everything: the messages below use it. */
int cli_start(Cli *cli, CliOption *options, int argc, char **argv);

/* Exits with a message unless the file can be written, and says when it will be overwritten in
 * place. cli_start() does this for every CLI_OUT. */
void cli_check_output(const char *path);

/* Was the option of that name, which must be one of the table's, given? */
bool cli_given(const char *name);

/* "tool: message" on stderr, with control characters escaped (base/escape_internal.h). cli_note()
 * and progress are silenced by -q. */
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints the error and returns CLI_FAILED. */
int cli_fail(const Err *err);

/* value[room] = the numbers of an option's text, separated by commas; returns how many. Misuse
 * unless each is from min to max, and an integer if `whole`; `kind` says in the message what each
 * must be: "a number above 0". */
int cli_numbers(double *value, int room, const char *option, const char *text, double min,
                double max, bool whole, const char *kind);

/* Prints the message and a hint at --help, exits with CLI_MISUSED. */
void cli_misuse(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* The same with the message of a failed check of options; exits with CLI_FAILED where memory was
 * wanting. */
void cli_misused(const Err *err) __attribute__((noreturn));

/* For what cannot be said of a file: exits with CLI_FAILED. */
void cli_no_memory(void) __attribute__((noreturn));

/* The end of main(): CLI_OK, or CLI_FAILED when text on stdout could not be written. */
int cli_done(void);

/* The provenance to write: `before` (that of the input, "" for none), a newline, and this tool's
 * own. In new memory; exits when out of memory. */
char *cli_by(const char *before);

/* Seconds since some start, from a clock that never goes back. */
double cli_clock(void);

/* Progress of long work. On a terminal a bar with rate and time left, redrawn; otherwise a plain
 * line every half minute. total 0: unknown. progress_end() clears the bar. */
typedef struct Progress {
    const char *what; /* "faces" */
    int64_t total, done;
    double begun, shown;
} Progress;

Progress progress_begin(const char *what, int64_t total);
void progress_step(Progress *progress, int64_t more);
void progress_end(void);

#endif
