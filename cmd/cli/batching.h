/* The options of face-batch, which npc-train shares for making its batches itself. */
#ifndef CMD_CLI_BATCHING_H
#define CMD_CLI_BATCHING_H

#include "batch/batcher_internal.h"
#include "cli.h"

#define BATCHING_OPTIONS(options, in_order)                                                        \
    CLI_INT('b', "batch", "N", &(options).order.batch, 1, 1 << 20, "faces per batch"),             \
        CLI_INT('e', "epochs", "N", &(options).order.epochs, 0, INT32_MAX,                         \
                "passes through the pack"),                                                        \
        CLI_FLAG(0, "no-shuffle", &(in_order), "keep the order of the faces"),                     \
        CLI_INT(0, "buffer", "N", &(options).buffer, 1, INT32_MAX,                                 \
                "faces in the shuffle buffer of a pipe"),                                          \
        CLI_FLAG(0, "drop-last", &(options).order.drop_last,                                       \
                 "leave out the last batch of an epoch if it is short"),                           \
        CLI_REAL(0, "flip", "P", &(options).augment.flip, 0, 1,                                    \
                 "probability of mirroring a face"),                                               \
        CLI_REAL(0, "crop", "P", &(options).augment.crop, 0, 1,                                    \
                 "probability of a random crop, the rest blacked out"),                            \
        CLI_REAL(0, "low-res", "P", &(options).augment.low_res, 0, 1,                              \
                 "probability of reduced resolution"),                                             \
        CLI_REAL(0, "photometric", "P", &(options).augment.photometric, 0, 1,                      \
                 "probability of changed brightness, contrast, saturation"),                       \
        CLI_INT(0, "per-identity", "K", &(options).order.per_identity, 1, 1 << 20,                 \
                "make batches of K faces of each of N/K identities")

/* After cli_start(): completes the options, or exits with CLI_MISUSED where they contradict each
 * other. */
static inline void batching_finish(BatcherOptions *options, bool in_order)
{
    SamplerOptions *order = &options->order;
    order->shuffle = !in_order;
    if (order->per_identity > 0 && order->batch % order->per_identity != 0)
        cli_misuse("--batch %lld is not a multiple of --per-identity %lld", (long long)order->batch,
                   (long long)order->per_identity);
}

#endif
