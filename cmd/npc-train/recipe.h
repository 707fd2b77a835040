/* The recipe of a model: every option that decides its bytes and is not found elsewhere in the
 * file, as the metadata "recipe", "key=value ...", for people to read and for a run to go on with.
 *
 * The keys are the options' names with _ for -. Besides there are
 *     batch        of a stream: the rows of its first batch
 *     total        steps in all, as the schedule had it, and total_from: option or batches
 *     order        of shuffles and draws: 2, or 1 for a training that began with the first one
 *     teacher      a fingerprint of its embeddings, where there is one
 *     data         a fingerprint: pack:CRC, or batch:CRC of the first batch of a stream
 *
 * Version 0.1.0 at first wrote fewer keys and no order; what is missing there is taken from the
 * provenance, the command line of that time. */
#ifndef CMD_NPC_TRAIN_RECIPE_H
#define CMD_NPC_TRAIN_RECIPE_H

#include "cli/cli.h"

enum { RECIPE_TEXT = 4096, RECIPE_VALUE = 512, RECIPE_PARTS = 16 };

/* What a model says of its training. */
typedef struct Recipe {
    char *text, *by;           /* as they stand in the file; NULL: there is no model */
    bool early;                /* without `order` */
    bool changed;              /* --changed: what must not differ may */
    char given[RECIPE_TEXT];   /* "option now (was then), ..." of all that differs */
    char differs[RECIPE_TEXT]; /* the same of what must not */
    char missing[RECIPE_TEXT]; /* options that it says nothing of */
    char milestones[RECIPE_VALUE];
    void *part[RECIPE_PARTS]; /* of lists */
    int parts;
} Recipe;

int recipe_take(Recipe *recipe, const char *text, const char *by, Err *err);
void recipe_release(Recipe *recipe); /* safe on a zeroed one */

/* value = what the recipe says of the key; false when it does not. */
bool recipe_value(const Recipe *recipe, const char *key, char value[RECIPE_VALUE]);

/* Sets the options that were not given to what the recipe says; those of batches only where they
 * are made here. */
int recipe_apply(Recipe *recipe, const Cli *cli, bool batches, Err *err);

/* The same for the total: one that was counted from the batches is counted again. */
void recipe_total(Recipe *recipe, bool given, int64_t *total);

/* Notes that `what` is not what it was. */
void recipe_differs(Recipe *recipe, const char *what, const char *now, const char *was);

/* Fails when something differs that must not, unless --changed. */
int recipe_check(const Recipe *recipe, const char *model, Err *err);

/* text = the options as they are, as far as they belong to a recipe. false when it does not fit. */
bool recipe_write(char text[RECIPE_TEXT], const Cli *cli, bool batches);

/* Appends " key=value". */
bool recipe_add(char text[RECIPE_TEXT], const char *key, const char *value);

#endif
