/* What the parts of cli share: this process's tool. */
#ifndef CMD_CLI_TOOL_H
#define CMD_CLI_TOOL_H

#include "cli.h"

extern Cli *cli_tool; /* set by cli_start() */

/* Clears the progress bar before a message, if one is shown. */
void cli_clear_bar(void);

#endif
