#include "nn/arch_internal.h"

#include <stdio.h>
#include <string.h>

#include "nn/arch_parts_internal.h"

#define FACEX_ZOO   PIXELS_ALIKE(127.5, 1 / 128.0, true)
#define INSIGHTFACE PIXELS_ALIKE(127.5, 1 / 127.5, false)

const Arch arch_table[] = {
    {"mobilefacenet", mobilefacenet_build, FACEX_ZOO},
    {"iresnet18", iresnet18_build, INSIGHTFACE},
    {"iresnet34", iresnet34_build, INSIGHTFACE},
    {"iresnet50", iresnet50_build, INSIGHTFACE},
    {"iresnet100", iresnet100_build, INSIGHTFACE},
    {"mbf", mbf_build, INSIGHTFACE},
    {"resnet50-ir", resnet50_ir_build, FACEX_ZOO},
    {"resnet100-ir", resnet100_ir_build, FACEX_ZOO},
    {NULL, NULL, FACEX_ZOO},
};

static int unknown(const char *name, Err *err)
{
    char known[256] = "";
    for (const Arch *arch = arch_table; arch->name != NULL; arch++)
        snprintf(known + strlen(known), sizeof known - strlen(known), " %s", arch->name);
    return err_set(err, "unknown architecture '%.60s'; there are%s", name, known);
}

Graph *arch_outline(const char *name, int embedding, int size, Err *err)
{
    const Arch *arch = arch_table;
    while (arch->name != NULL && strcmp(arch->name, name) != 0)
        arch++;
    if (arch->name == NULL) {
        unknown(name, err);
        return NULL;
    }
    if (size < 16 || size > 1024 || size % 16 != 0) {
        err_set(err, "input size %d: not a multiple of 16 from 16 to 1024", size);
        return NULL;
    }
    if (embedding < 1 || embedding > 65536) {
        err_set(err, "embedding size %d: not between 1 and 65536", embedding);
        return NULL;
    }
    Graph *graph = graph_new(name, size, err);
    if (graph != NULL)
        arch->build(graph, embedding);
    return graph;
}

Graph *arch_new(const char *name, int embedding, int size, Err *err)
{
    Graph *graph = arch_outline(name, embedding, size, err);
    if (graph == NULL || graph_finish(graph, err) == 0)
        return graph;
    graph_free(graph);
    return NULL;
}

const char *arch_name(int i)
{
    int count = (int)(sizeof arch_table / sizeof arch_table[0]) - 1;
    return i >= 0 && i < count ? arch_table[i].name : NULL;
}
