/* The options that say how a model wants its pixels, of tools that read models. */
#ifndef CMD_PIXELS_H
#define CMD_PIXELS_H

#include "cli.h"
#include "onnx/net.h"

typedef struct PixelOptions {
    const char *mean, *scale; /* as they were given */
    double means[COLOURS], scales[COLOURS];
} PixelOptions;

#define PIXEL_OPTIONS(options)                                                                     \
    CLI_TEXT(0, "mean", "X|R,G,B", &(options).mean, "what is subtracted from bytes"),              \
        CLI_TEXT(0, "scale", "X|R,G,B", &(options).scale, "and what they are multiplied with")

/* number[COLOURS] from one number for all colours or three; or exits with CLI_MISUSED. */
static inline const double *pixel_numbers(double *number, const char *option, const char *text)
{
    if (text == NULL)
        return NULL;
    int n =
        cli_numbers(number, COLOURS, option, text, -1e6, 1e6, false, "a number from -1e6 to 1e6");
    if (n == 2)
        cli_misuse("--%s: %s are two numbers, not one for all colours or three", option, text);
    if (n == 1)
        number[1] = number[2] = number[0];
    return number;
}

/* After cli_start() */
static inline void pixel_choice(ImportOptions *choice, PixelOptions *options)
{
    choice->mean = pixel_numbers(options->means, "mean", options->mean);
    choice->scale = pixel_numbers(options->scales, "scale", options->scale);
}

#endif
