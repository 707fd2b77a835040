/* Rules between options; messages name those that break them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

enum { NAMES_ROOM = 256, WORD_ROOM = 64 };

/* A word of a rule: the option's name, the choice it is to have ("" for none), and both as a user
 * writes them: "--store jpeg". */
typedef struct Word {
    char name[WORD_ROOM], value[WORD_ROOM], shown[2 * WORD_ROOM + 4];
} Word;

/* The next of the words separated by spaces; false at the end. */
static bool next_word(Word *word, const char **at)
{
    *at += strspn(*at, " ");
    size_t length = strcspn(*at, " "), name = strcspn(*at, " =");
    int value = length > name ? (int)(length - name - 1) : 0;
    snprintf(word->name, sizeof word->name, "%.*s", (int)name, *at);
    snprintf(word->value, sizeof word->value, "%.*s", value, *at + length - value);
    snprintf(word->shown, sizeof word->shown, "--%s%s%s", word->name, value > 0 ? " " : "",
             word->value);
    *at += length;
    return length > 0;
}

/* "name" was given, or the choice "name=value" is the one in force. */
static bool holds(const Word *word)
{
    int i = cli_index(word->name);
    if (word->value[0] == '\0')
        return cli_was_given(i);
    char chosen[WORD_ROOM];
    cli_choice_text(chosen, sizeof chosen, &cli_tool->options[i]);
    return strcmp(chosen, word->value) == 0;
}

/* The first of the words that holds, in *word. */
static bool any_holds(Word *word, const char *words)
{
    while (next_word(word, &words))
        if (holds(word))
            return true;
    return false;
}

/* "--a, --b or --c" */
static void print_names(char text[NAMES_ROOM], const char *words, const char *last)
{
    Word word, next;
    size_t n = 0;
    const char *between = "";
    text[0] = '\0';
    for (bool more = next_word(&word, &words); more && n < NAMES_ROOM; word = next) {
        more = next_word(&next, &words);
        const char *join = between[0] != '\0' && !more ? last : between;
        n += (size_t)snprintf(text + n, NAMES_ROOM - n, "%s%s", join, word.shown);
        between = ", ";
    }
}

static void check_needs(const CliRule *rule)
{
    char names[NAMES_ROOM];
    Word one, other;
    if (!any_holds(&one, rule->options) || any_holds(&other, rule->others))
        return;
    print_names(names, rule->others, " or ");
    cli_misuse("%s needs %s", one.shown, names);
}

static void check_excludes(const CliRule *rule)
{
    Word one, other;
    if (any_holds(&one, rule->options) && any_holds(&other, rule->others))
        cli_misuse("%s and %s cannot be combined", one.shown, other.shown);
}

static void check_together(const CliRule *rule)
{
    char names[NAMES_ROOM];
    Word word;
    const char *at = rule->options;
    int all = 0, there = 0;
    while (next_word(&word, &at)) {
        all++;
        there += holds(&word);
    }
    print_names(names, rule->options, " and ");
    if (there > 0 && there < all)
        cli_misuse("%s are needed together", names);
}

static void check_one_of(const CliRule *rule)
{
    char names[NAMES_ROOM];
    Word word;
    print_names(names, rule->options, " or ");
    if (!any_holds(&word, rule->options))
        cli_misuse("%s is needed", names);
}

static bool is_word(const char *name, const char *words)
{
    Word word;
    while (next_word(&word, &words))
        if (strcmp(word.name, name) == 0)
            return true;
    return false;
}

static void check_goes_with(const CliRule *rule)
{
    char names[NAMES_ROOM];
    Word one;
    if (!any_holds(&one, rule->options))
        return;
    print_names(names, rule->others, " and ");
    for (int i = 0; cli_tool->options[i].type != CLI_TYPE_END; i++) {
        const char *name = cli_tool->options[i].name;
        if (cli_was_given(i) && !is_word(name, rule->options) && !is_word(name, rule->others))
            cli_misuse("%s can only be combined with %s, not with --%s", one.shown, names, name);
    }
}

void cli_check_rules(void)
{
    static void (*const check[])(const CliRule *) = {[CLI_NEEDS] = check_needs,
                                                     [CLI_EXCLUDES] = check_excludes,
                                                     [CLI_TOGETHER] = check_together,
                                                     [CLI_ONE_OF] = check_one_of,
                                                     [CLI_GOES_WITH] = check_goes_with};
    for (const CliRule *rule = cli_tool->rules; rule != NULL && rule->kind != CLI_RULES_END; rule++)
        check[rule->kind](rule);
}
