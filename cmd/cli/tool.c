#include "cli/tool.h"

#include <stdio.h>

Cli *cli_tool;
bool cli_bar_shown;

void cli_clear_bar(void)
{
    if (cli_bar_shown)
        fputs("\r\033[K", stderr);
    cli_bar_shown = false;
}
