#include "memory.h"

#include <stdio.h>

#include "base/counted_internal.h"
#include "base/memory_internal.h"
#include "comm/comm_internal.h"

enum { TEXT = 32 };

static const char *size_text(char text[TEXT], double bytes)
{
    static const char unit[] = "KMGT";
    int i = 0;
    for (bytes /= 1024; bytes >= 1024 && unit[i + 1] != '\0'; i++)
        bytes /= 1024;
    snprintf(text, TEXT, bytes < 10 ? "%.2f %ciB" : "%.0f %ciB", bytes, unit[i]);
    return text;
}

static size_t total(const TrainingMemory *m)
{
    return m->head.centres + m->head.momentum + m->head.working + m->net + m->activations;
}

static void tell(const Options *options, const TrainingMemory *m)
{
    char all[TEXT], centres[TEXT], momentum[TEXT], working[TEXT], net[TEXT], image[TEXT],
        batch[TEXT], cosines[TEXT];
    cli_note("needs %s: the net with momentum and gradients %s,",
             size_text(all, (double)(total(m) + m->head.cosines)), size_text(net, (double)m->net));
    cli_note("  activations %s (%s of %s),", size_text(batch, (double)m->activations),
             counted(m->images, "image", "images").text,
             size_text(image, (double)m->activations / m->images));
    cli_note("  centres %s, their momentum %s, the head's work %s",
             size_text(centres, (double)m->head.centres),
             size_text(momentum, (double)m->head.momentum),
             size_text(working, (double)(m->head.working + m->head.cosines)));
    if (m->head.cosines > 0)
        cli_note("cosines are kept between the passes over the centres, in %s",
                 size_text(cosines, (double)m->head.cosines));
    else
        cli_note("cosines are computed twice: to keep them takes more than %s allows",
                 options->max_memory > 0 ? "--max-memory" : "the machine");
}

/* The bound, and what sets it. */
static uint64_t bound(const Options *options, size_t held, const char **what)
{
    uint64_t available, most = options->max_memory;
    if (memory_available("", &available) != 0)
        available = UINT64_MAX;
    available /= (uint64_t)comm_neighbours(options->training.comm);
    most -= held < most ? held : most;
    *what = "--max-memory allows";
    if (options->max_memory > 0 && most <= available)
        return most;
    *what = "are available on this machine";
    return available;
}

int memory_plan(Options *options, Kernels *kernels, size_t held, Err *err)
{
    TrainingConfig *config = &options->training;
    TrainingMemory m;
    char need[TEXT], have[TEXT];
    const char *what;
    uint64_t most = bound(options, held, &what);
    config->head_memory = 0;
    if (training_memory(&m, config, (int)options->threads, kernels, err) != 0)
        return -1;
    size_t least = total(&m);
    if (least > most) {
        tell(options, &m);
        return err_set(err,
                       "training needs %s, more than the %s that %s; a smaller --batch, "
                       "--accumulate N or --sample-rate R need less",
                       size_text(need, (double)least), size_text(have, (double)most), what);
    }
    /* A quarter of what is left stays free unless --max-memory was given. */
    size_t left = most - least;
    if (options->max_memory == 0)
        left -= left / 4;
    config->head_memory = m.head.working + left;
    if (training_memory(&m, config, (int)options->threads, kernels, err) != 0)
        return -1;
    tell(options, &m);
    return 0;
}
