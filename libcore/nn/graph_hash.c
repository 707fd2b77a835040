#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "nn/graph_internal.h"
#include "nn/graph_text_internal.h"

/* The hash is written into files, so its key is a constant: the first digits of pi. */
static const HashKey key = {{0x243f6a8885a308d3, 0x13198a2e03707344}};

enum { PIECES = 4 };

int graph_hash(const Graph *graph, uint64_t *hash, Err *err)
{
    char *text =
        strcmp(graph->arch, IMPORTED) == 0 ? graph_to_text(graph, err) : strdup(graph->arch);
    if (text == NULL)
        return err_is_set(err) ? -1 : err_memory(err, "a name", strlen(graph->arch));
    double pixels[2 * COLOURS + 3] = {graph->pixels.bgr, graph->embedding, graph->size};
    memcpy(pixels + 3, graph->pixels.mean, sizeof graph->pixels.mean);
    memcpy(pixels + 3 + COLOURS, graph->pixels.scale, sizeof graph->pixels.scale);
    uint64_t piece[PIECES] = {
        hash_bytes(&key, text, strlen(text)),
        hash_bytes(&key, graph->values, graph->length * sizeof *graph->values),
        hash_bytes(&key, pixels, sizeof pixels), graph->length};
    free(text);
    *hash = hash_bytes(&key, piece, sizeof piece);
    return 0;
}
