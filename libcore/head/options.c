/* The constants of a head: by name, by preset, as text. */
#include <stdio.h>
#include <string.h>

#include "base/num_internal.h"
#include "head/rule_internal.h"

/* Appends " NAME" while it fits: the lists in messages. */
static void list_add(char *list, size_t size, const char *name)
{
    size_t used = strlen(list);
    snprintf(list + used, size - used, " %s", name);
}

int head_options_init(HeadOptions *options, const char *head, Err *err)
{
    char known[512] = "";
    *options = (HeadOptions){0};
    for (int i = 0; head_info(i) != NULL; i++) {
        const HeadInfo *info = head_info(i);
        list_add(known, sizeof known, info->name);
        if (strcmp(info->name, head) != 0)
            continue;
        options->info = info;
        for (int k = 0; info->options[k].name != NULL; k++)
            options->value[k] = info->options[k].value;
        return 0;
    }
    return err_set(err, "no head is called '%s'; there are:%s", head, known);
}

int head_options_set(HeadOptions *options, const char *key, const char *value, Err *err)
{
    char known[512] = "";
    const HeadInfo *info = options->info;
    for (int k = 0; info->options[k].name != NULL; k++) {
        const HeadOption *option = &info->options[k];
        list_add(known, sizeof known, option->name);
        if (strcmp(option->name, key) != 0)
            continue;
        if (!num_double(value, option->min, option->max, &options->value[k]))
            return err_set(err, "head %s: '%s' for %s is not a number from %g to %g", info->name,
                           value, key, option->min, option->max);
        return 0;
    }
    return err_set(err, "head %s has no option '%s'; it has:%s", info->name, key, known);
}

int head_options_parse(HeadOptions *options, const char *settings, Err *err)
{
    static const char space[] = " ,";
    while (*(settings += strspn(settings, space)) != '\0') {
        char pair[128];
        size_t length = strcspn(settings, space);
        if (length >= sizeof pair)
            return err_set(err, "head %s: the setting '%.40s...' is too long", options->info->name,
                           settings);
        memcpy(pair, settings, length);
        pair[length] = '\0';
        settings += length;
        char *equals = strchr(pair, '=');
        if (equals == NULL)
            return err_set(err, "head %s: the setting '%s' is not KEY=VALUE", options->info->name,
                           pair);
        *equals = '\0';
        if (head_options_set(options, pair, equals + 1, err) != 0)
            return -1;
    }
    return 0;
}

int head_options_preset(HeadOptions *options, const char *preset, Err *err)
{
    char known[512] = "";
    const HeadInfo *info = options->info;
    for (int i = 0; info->presets != NULL && info->presets[i].name != NULL; i++) {
        if (strcmp(info->presets[i].name, preset) == 0)
            return head_options_parse(options, info->presets[i].settings, err);
        list_add(known, sizeof known, info->presets[i].name);
    }
    return err_set(err, "head %s has no preset '%s'; it has:%s", info->name, preset,
                   known[0] != '\0' ? known : " none");
}

double head_option(const HeadOptions *options, const char *name)
{
    for (int k = 0; options->info->options[k].name != NULL; k++)
        if (strcmp(options->info->options[k].name, name) == 0)
            return options->value[k];
    return 0;
}

bool head_options_text(const HeadOptions *options, char *text, size_t size)
{
    size_t used = 0;
    if (size > 0)
        text[0] = '\0';
    for (int k = 0; options->info->options[k].name != NULL; k++) {
        char number[NUM_TEXT];
        int n = snprintf(text + used, size - used, "%s%s=%s", k == 0 ? "" : " ",
                         options->info->options[k].name, num_text(number, options->value[k]));
        if (n < 0 || (size_t)n >= size - used)
            return false;
        used += (size_t)n;
    }
    return true;
}
