/* The options that say what a model does not say itself, of tools that read models: how its pixels
 * are normalised, and which of several outputs is meant. */
#ifndef CMD_CLI_MODEL_OPTIONS_H
#define CMD_CLI_MODEL_OPTIONS_H

#include "cli.h"
#include "model/net_internal.h"

typedef struct ModelOptions {
    const char *mean, *scale; /* as they were given */
    const char *output;
    double means[COLOURS], scales[COLOURS];
} ModelOptions;

#define MODEL_OPTIONS(options)                                                                     \
    CLI_TEXT(0, "mean", "X|R,G,B", &(options).mean, "value subtracted from pixels"),               \
        CLI_TEXT(0, "scale", "X|R,G,B", &(options).scale,                                          \
                 "factor applied to pixels after the mean is subtracted"),                         \
        CLI_TEXT(0, "output-name", "NAME", &(options).output,                                      \
                 "which output of an ONNX model is the embedding")

/* number[COLOURS] from one number for all colours or three; or exits with CLI_MISUSED. */
static inline const double *pixel_numbers(double *number, const char *option, const char *text)
{
    if (text == NULL)
        return NULL;
    int n =
        cli_numbers(number, COLOURS, option, text, -1e6, 1e6, false, "a number from -1e6 to 1e6");
    if (n == 2)
        cli_misuse("--%s: %s are two numbers; give one for all channels, or three", option, text);
    if (n == 1)
        number[1] = number[2] = number[0];
    return number;
}

/* After cli_start() */
static inline void model_choice(ImportOptions *choice, ModelOptions *options)
{
    choice->mean = pixel_numbers(options->means, "mean", options->mean);
    choice->scale = pixel_numbers(options->scales, "scale", options->scale);
    choice->output = options->output;
}

/* What a state_dict does not say, or what of a checkpoint was left out */
static inline void tell_origin(const NetOrigin *origin)
{
    const StateDictNames *names = &origin->names;
    if (origin->entry[0] != '\0')
        cli_note("the state_dict is '%s'", origin->entry);
    if (origin->other[0] != '\0')
        cli_note("'%s' is another one, and was not taken", origin->other);
    if (names->lefts > 0)
        cli_note("only names that begin with '%s' were taken; '%s' was left out, one of %d",
                 names->prefix, names->left, names->lefts);
    if (origin->assumed)
        cli_note("PyTorch parameters do not say how pixels are normalised: that of the net's "
                 "authors is assumed");
}

#endif
