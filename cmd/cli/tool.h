/* What the parts of cli share: this process's tool. */
#ifndef CMD_CLI_TOOL_H
#define CMD_CLI_TOOL_H

#include <stddef.h>

#include "cli.h"

enum { CLI_MAX_OPTIONS = 96 };

extern Cli *cli_tool; /* set by cli_start() */

/* The place of the option of that name in the table; aborts when there is none, which is a bug. */
int cli_index(const char *name);
bool cli_was_given(int index);
void cli_set_given(int index);

/* The word of a CHOICE that is in force: where it begins in "one|two|three", and as a text. */
const char *cli_chosen(const CliOption *option);
void cli_choice_text(char *text, size_t size, const CliOption *option);

/* Exits with CLI_MISUSED if the options given break one of the tool's rules. */
void cli_check_rules(void);

/* Exits with CLI_MISUSED and what "--argument" may have meant. */
void cli_misuse_unknown(const char *argument) __attribute__((noreturn));

/* From now on this is process number `rank` of several, on that host: only number 0 says anything
 * but errors, and these name the process. */
void cli_speak_as(int rank, const char *host);

extern bool cli_bar_shown; /* a progress bar, on the terminal */

/* Clears the progress bar before a message, if one is shown. */
void cli_clear_bar(void);

#endif
