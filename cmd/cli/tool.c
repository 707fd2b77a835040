#include "tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Cli *cli_tool;
bool cli_bar_shown;

static bool given[CLI_MAX_OPTIONS];

int cli_index(const char *name)
{
    for (int i = 0; cli_tool->options[i].type != CLI_TYPE_END; i++)
        if (cli_tool->options[i].type != CLI_TYPE_WAS &&
            strcmp(cli_tool->options[i].name, name) == 0)
            return i;
    abort();
}

bool cli_was_given(int index)
{
    return given[index];
}

void cli_set_given(int index)
{
    given[index] = true;
}

const char *cli_chosen(const CliOption *option)
{
    const char *at = option->argument;
    for (int i = 0; i < *(int *)option->value; i++)
        at = strchr(at, '|') + 1;
    return at;
}

void cli_choice_text(char *text, size_t size, const CliOption *option)
{
    const char *word = cli_chosen(option);
    snprintf(text, size, "%.*s", (int)strcspn(word, "|"), word);
}

void cli_clear_bar(void)
{
    if (cli_bar_shown)
        fputs("\r\033[K", stderr);
    cli_bar_shown = false;
}
