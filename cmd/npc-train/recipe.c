#include "recipe.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"

typedef struct Field {
    const char *option;
    bool batches; /* only where batches are made here */
    bool firm;    /* decides which faces a step gets: must not change unless --changed */
    bool later;   /* early recipes lack it: it had its default */
} Field;

static const Field fields[] = {
    {"lr", false, false, false},
    {"optimizer", false, false, true},
    {"momentum", false, false, false},
    {"beta1", false, false, true},
    {"beta2", false, false, true},
    {"epsilon", false, false, true},
    {"weight-decay", false, false, false},
    {"spare", false, false, false},
    {"clip", false, false, false},
    {"schedule", false, false, false},
    {"milestones", false, false, false},
    {"gamma", false, false, false},
    {"power", false, false, false},
    {"warmup", false, false, false},
    {"margin-warmup", false, false, true},
    {"dropout", false, false, false},
    {"nesterov", false, false, true},
    {"ema", false, false, true},
    {"label-smoothing", false, false, true},
    {"distil", false, false, true},
    {"distil-weight", false, false, true},
    {"centres", false, false, true},
    {"freeze", false, false, true},
    {"lr-scale", false, false, true},
    {"freeze-norms", false, false, true},
    {"accumulate", false, false, false},
    {"slices", false, false, true},
    {"norm-group", false, false, true},
    {"seed", false, true, false},
    {"batch", true, true, false},
    {"epochs", true, false, false},
    {"no-shuffle", true, true, false},
    {"buffer", true, true, false},
    {"drop-last", true, true, false},
    {"per-identity", true, true, false},
    {"flip", true, false, false},
    {"crop", true, false, false},
    {"low-res", true, false, false},
    {"photometric", true, false, false},
};

enum { FIELDS = sizeof fields / sizeof fields[0] };

static const CliOption *option_of(const Cli *cli, const char *name)
{
    const CliOption *option = cli->options;
    while (strcmp(option->name, name) != 0)
        option++;
    return option;
}

/* "weight-decay" -> "weight_decay" */
static void key_of(char key[RECIPE_VALUE], const char *option)
{
    size_t i = 0;
    for (; i < RECIPE_VALUE - 1 && option[i] != '\0'; i++)
        key[i] = option[i] == '-' ? '_' : option[i];
    key[i] = '\0';
}

/* value = what follows "name=" in words separated by spaces, or "1" for a word "name". */
static bool find_word(char value[RECIPE_VALUE], const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = text; *(at += strspn(at, " ")) != '\0'; at += strcspn(at, " ")) {
        size_t word = strcspn(at, " ");
        if (word < length || strncmp(at, name, length) != 0)
            continue;
        if (word == length) {
            snprintf(value, RECIPE_VALUE, "1");
            return true;
        }
        if (at[length] == '=' && word - length - 1 < RECIPE_VALUE) {
            snprintf(value, RECIPE_VALUE, "%.*s", (int)(word - length - 1), at + length + 1);
            return true;
        }
    }
    return false;
}

int recipe_take(Recipe *recipe, const char *text, const char *by, Err *err)
{
    char order[RECIPE_VALUE];
    recipe->text = strdup(text);
    recipe->by = strdup(by);
    if (recipe->text == NULL || recipe->by == NULL)
        return err_memory(err, "a recipe", strlen(text) + strlen(by));
    recipe->early = !find_word(order, text, "order");
    return 0;
}

void recipe_release(Recipe *recipe)
{
    free(recipe->text);
    free(recipe->by);
    for (int i = 0; i < recipe->parts; i++)
        free(recipe->part[i]);
    *recipe = (Recipe){0};
}

bool recipe_value(const Recipe *recipe, const char *key, char value[RECIPE_VALUE])
{
    return recipe->text != NULL && find_word(value, recipe->text, key);
}

/* The command line that ends the provenance. */
static const char *last_line(const char *by)
{
    const char *newline = strrchr(by, '\n');
    return newline != NULL ? newline + 1 : by;
}

/* What an early model says of an option: its recipe has few of them, and only the number of
 * milestones; the others are in the command line unless they had their defaults. */
static bool early_value(const Recipe *recipe, const CliOption *option, const char *key,
                        char value[RECIPE_VALUE])
{
    char name[RECIPE_VALUE];
    const char *line = last_line(recipe->by);
    snprintf(name, sizeof name, "--%s", option->name);
    if (strncmp(line, "npc-train ", 10) == 0 && find_word(value, line, name))
        return true;
    if (strcmp(key, "spare") == 0 && find_word(name, recipe->text, "spare_norms")) {
        snprintf(value, RECIPE_VALUE, strcmp(name, "1") == 0 ? "norms" : "none");
        return true;
    }
    if (strcmp(key, "dropout") == 0) { /* there was none */
        snprintf(value, RECIPE_VALUE, "0");
        return true;
    }
    return strcmp(key, "milestones") != 0 && find_word(value, recipe->text, key);
}

/* With commas between, which are in none of them. */
static void print_list(char text[RECIPE_VALUE], const CliList *list)
{
    size_t used = (size_t)snprintf(text, RECIPE_VALUE, "%s", list->n > 0 ? "" : "none");
    for (int i = 0; i < list->n; i++)
        used += (size_t)snprintf(text + used, RECIPE_VALUE - used, "%s%s", i > 0 ? "," : "",
                                 list->item[i]);
}

/* The option's value as a recipe has it. */
static void print_value(char text[RECIPE_VALUE], const CliOption *option)
{
    char number[NUM_TEXT];
    const char *choice = option->argument;
    switch (option->type) {
    case CLI_TYPE_FLAG:
        snprintf(text, RECIPE_VALUE, "%d", *(const bool *)option->value);
        break;
    case CLI_TYPE_INT:
        snprintf(text, RECIPE_VALUE, "%" PRId64, *(const int64_t *)option->value);
        break;
    case CLI_TYPE_REAL:
        snprintf(text, RECIPE_VALUE, "%s", num_text(number, *(const double *)option->value));
        break;
    case CLI_TYPE_CHOICE:
        for (int i = *(const int *)option->value; i > 0; i--)
            choice = strchr(choice, '|') + 1;
        snprintf(text, RECIPE_VALUE, "%.*s", (int)strcspn(choice, "|"), choice);
        break;
    case CLI_TYPE_LIST:
        print_list(text, option->value);
        break;
    default: {
        const char *value = *(const char *const *)option->value;
        snprintf(text, RECIPE_VALUE, "%s", value[0] != '\0' ? value : "none");
    }
    }
}

/* Memory that lasts as long as the recipe. */
static void *keep(Recipe *recipe, void *memory)
{
    if (recipe->parts < RECIPE_PARTS && memory != NULL)
        return recipe->part[recipe->parts++] = memory;
    free(memory);
    return NULL;
}

static bool set_choice(const CliOption *option, const char *text)
{
    int i = 0;
    for (const char *at = option->argument; at != NULL; at = strchr(at, '|'), i++) {
        at += *at == '|';
        if (strlen(text) == strcspn(at, "|") && strncmp(at, text, strlen(text)) == 0) {
            *(int *)option->value = i;
            return true;
        }
    }
    return false;
}

static bool set_list(Recipe *recipe, CliList *list, const char *text)
{
    *list = (CliList){0};
    if (strcmp(text, "none") == 0)
        return true;
    char *copy = keep(recipe, strdup(text));
    const char **item = keep(recipe, calloc(strlen(text) + 1, sizeof *item));
    if (copy == NULL || item == NULL)
        return false;
    list->item = item;
    for (char *at = copy; at != NULL && *at != '\0';) {
        item[list->n++] = at;
        at = strchr(at, ',');
        if (at != NULL)
            *at++ = '\0';
    }
    return true;
}

/* Sets an option as the recipe has it; false when that is none of its values. */
static bool set_value(Recipe *recipe, const CliOption *option, const char *text)
{
    int64_t flag;
    switch (option->type) {
    case CLI_TYPE_FLAG:
        if (!num_int(text, 0, 1, &flag))
            return false;
        *(bool *)option->value = flag == 1;
        return true;
    case CLI_TYPE_INT:
        /* 0 is what --per-identity is unless it is given */
        return num_int(text, 0, option->max >= 0x1p63 ? INT64_MAX : (int64_t)option->max,
                       option->value);
    case CLI_TYPE_REAL:
        return num_double(text, option->min, option->max, option->value);
    case CLI_TYPE_CHOICE:
        return set_choice(option, text);
    case CLI_TYPE_LIST:
        return set_list(recipe, option->value, text);
    default:
        snprintf(recipe->milestones, sizeof recipe->milestones, "%s",
                 strcmp(text, "none") == 0 ? "" : text);
        *(const char **)option->value = recipe->milestones;
        return true;
    }
}

static void list_add(char list[RECIPE_TEXT], const char *what, const char *now, const char *was)
{
    size_t used = strlen(list);
    snprintf(list + used, RECIPE_TEXT - used, was != NULL ? "%s%s %s (was %s)" : "%s%s",
             used > 0 ? ", " : "", what, now, was);
}

void recipe_differs(Recipe *recipe, const char *what, const char *now, const char *was)
{
    list_add(recipe->given, what, now, was);
    list_add(recipe->differs, what, now, was);
}

/* The option was given, so its value stays; what the recipe says is compared. */
static bool compare(Recipe *recipe, const Field *field, const CliOption *option, const char *saved)
{
    char now[RECIPE_VALUE], was[RECIPE_VALUE];
    union {
        bool flag;
        int choice;
        int64_t number;
        double real;
        const char *text;
        CliList list;
    } value = {0};
    CliOption then = *option;
    then.value = &value;
    if (!set_value(recipe, &then, saved))
        return false;
    print_value(was, &then);
    print_value(now, option);
    if (strcmp(was, now) == 0)
        return true;
    list_add(recipe->given, option->name, now, was);
    if (field->firm)
        list_add(recipe->differs, option->name, now, was);
    return true;
}

static bool was_given(const char *name)
{
    return cli_given(name) || (strcmp(name, "spare") == 0 && cli_given("spare-norms"));
}

int recipe_apply(Recipe *recipe, const Cli *cli, bool batches, Err *err)
{
    for (int i = 0; i < FIELDS; i++) {
        const Field *field = &fields[i];
        const CliOption *option = option_of(cli, field->option);
        char key[RECIPE_VALUE], saved[RECIPE_VALUE];
        bool given = was_given(field->option);
        key_of(key, field->option);
        if (field->batches && !batches)
            continue;
        if (!(recipe->early ? early_value(recipe, option, key, saved)
                            : recipe_value(recipe, key, saved))) {
            if (!recipe->early && !given && !field->later)
                list_add(recipe->missing, option->name, "", NULL);
            else if (strcmp(key, "milestones") == 0 && !given && recipe_value(recipe, key, saved) &&
                     strcmp(saved, "0") != 0)
                return err_set(
                    err, "it had %s milestones, but does not say which: use --milestones", saved);
            continue;
        }
        if (given ? !compare(recipe, field, option, saved) : !set_value(recipe, option, saved))
            return err_set(err, "its recipe has %s=%s, which --%s does not take", key, saved,
                           option->name);
    }
    return 0;
}

void recipe_total(Recipe *recipe, bool given, int64_t *total)
{
    char from[RECIPE_VALUE], was[RECIPE_VALUE], now[24];
    int64_t saved;
    if (recipe->text == NULL)
        return;
    if (recipe->early ? !find_word(was, last_line(recipe->by), "--total")
                      : !recipe_value(recipe, "total_from", from) || strcmp(from, "option") != 0 ||
                            !recipe_value(recipe, "total", was))
        return;
    if (!num_int(was, 1, INT64_MAX, &saved))
        return;
    snprintf(now, sizeof now, "%" PRId64, *total);
    if (!given)
        *total = saved;
    else if (saved != *total)
        list_add(recipe->given, "total", now, was);
}

int recipe_check(const Recipe *recipe, const char *model, Err *err)
{
    if (recipe->differs[0] == '\0' || recipe->changed)
        return 0;
    return err_set(err, "cannot resume from %s: %s; --changed resumes all the same", model,
                   recipe->differs);
}

bool recipe_add(char text[RECIPE_TEXT], const char *key, const char *value)
{
    size_t used = strlen(text);
    int n = snprintf(text + used, RECIPE_TEXT - used, "%s%s=%s", used > 0 ? " " : "", key, value);
    return n > 0 && (size_t)n < RECIPE_TEXT - used;
}

bool recipe_write(char text[RECIPE_TEXT], const Cli *cli, bool batches)
{
    text[0] = '\0';
    for (int i = 0; i < FIELDS; i++) {
        char key[RECIPE_VALUE], value[RECIPE_VALUE];
        if (fields[i].batches && !batches)
            continue;
        key_of(key, fields[i].option);
        print_value(value, option_of(cli, fields[i].option));
        if (!recipe_add(text, key, value))
            return false;
    }
    return true;
}
