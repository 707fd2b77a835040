#include "detect/outputs_internal.h"

#include <stdbool.h>

enum { LEVELS = DETECTOR_LEVELS, YUNET_PARTS = 4, SCRFD_PARTS = 3, ANCHORS_MOST = 16 };

/* Numbers a cell has in each part of the output, for each anchor. */
static const int yunet_size[YUNET_PARTS] = {1, 1, 4, 10};
static const int scrfd_size[SCRFD_PARTS] = {1, 4, 10};

static const Shape *output_shape(const Graph *graph, int i)
{
    return &graph->nodes[graph->output[i]].shape;
}

static bool is_of_level(const Shape *s, int level, int h, int w)
{
    int cell = 8 << level;
    return s->oh == h / cell && s->ow == w / cell;
}

static bool find_yunet(DetectorOutputs *outputs, const Graph *graph, int h, int w)
{
    if (graph->output_count != YUNET_PARTS * LEVELS)
        return false;
    for (int i = 0; i < YUNET_PARTS * LEVELS; i++)
        if (output_shape(graph, i)->o != yunet_size[i / LEVELS] ||
            !is_of_level(output_shape(graph, i), i % LEVELS, h, w))
            return false;
    *outputs = (DetectorOutputs){.kind = DETECTOR_YUNET, .anchors = 1};
    for (int level = 0; level < LEVELS; level++) {
        outputs->score[level] = level;
        outputs->object[level] = LEVELS + level;
        outputs->box[level] = 2 * LEVELS + level;
        outputs->points[level] = 3 * LEVELS + level;
    }
    return true;
}

/* The one output of a level with so many numbers a cell, or -1. */
static int only_output(const Graph *graph, int level, int numbers, int h, int w)
{
    int found = -1;
    for (int i = 0; i < graph->output_count; i++)
        if (output_shape(graph, i)->o == numbers &&
            is_of_level(output_shape(graph, i), level, h, w)) {
            if (found >= 0)
                return -1;
            found = i;
        }
    return found;
}

/* Whether there are scores and boxes, and with `points` points too, for so many anchors. */
static bool find_scrfd(DetectorOutputs *outputs, const Graph *graph, int anchors, bool points,
                       int h, int w)
{
    if (graph->output_count != (points ? SCRFD_PARTS : SCRFD_PARTS - 1) * LEVELS)
        return false;
    *outputs = (DetectorOutputs){.kind = DETECTOR_SCRFD, .anchors = anchors};
    for (int level = 0; level < LEVELS; level++) {
        int *part[SCRFD_PARTS] = {&outputs->score[level], &outputs->box[level],
                                  &outputs->points[level]};
        for (int p = 0; p < (points ? SCRFD_PARTS : SCRFD_PARTS - 1); p++)
            if ((*part[p] = only_output(graph, level, anchors * scrfd_size[p], h, w)) < 0)
                return false;
    }
    return true;
}

int detector_outputs(DetectorOutputs *outputs, const Graph *graph, int h, int w, Err *err)
{
    if (find_yunet(outputs, graph, h, w))
        return 0;
    for (int anchors = 1; anchors <= ANCHORS_MOST; anchors++)
        if (find_scrfd(outputs, graph, anchors, true, h, w))
            return 0;
    for (int anchors = 1; anchors <= ANCHORS_MOST; anchors++)
        if (find_scrfd(outputs, graph, anchors, false, h, w))
            return err_set(err, "a detector that gives boxes but no points, by which faces are "
                                "aligned");
    return err_set(err, "no face detector: its outputs are neither those of a YuNet nor those of "
                        "an SCRFD");
}
