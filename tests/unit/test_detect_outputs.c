/* Which output of a detector is what: by number and shapes, in any order. */
#include <string.h>

#include "detect/outputs_internal.h"
#include "unit.h"

static Node nodes[GRAPH_OUTPUTS];
static Graph graph;

enum { H = 64, W = 96 };

static void begin(void)
{
    memset(nodes, 0, sizeof nodes);
    graph = (Graph){.nodes = nodes};
}

static void add(int numbers, int level)
{
    int i = graph.output_count++;
    graph.output[i] = i;
    nodes[i].shape.o = numbers;
    nodes[i].shape.oh = H / (8 << level);
    nodes[i].shape.ow = W / (8 << level);
}

static bool is(DetectorKind kind, int anchors)
{
    DetectorOutputs o;
    Err err = {0};
    if (detector_outputs(&o, &graph, H, W, &err) != 0 || o.kind != kind || o.anchors != anchors)
        return false;
    for (int level = 0; level < DETECTOR_LEVELS; level++) {
        const int part[3] = {o.score[level], o.box[level], o.points[level]};
        const int numbers[3] = {1, 4, 10};
        for (int p = 0; p < 3; p++)
            if (nodes[part[p]].shape.o != numbers[p] * anchors ||
                nodes[part[p]].shape.oh != H / (8 << level))
                return false;
    }
    return true;
}

static bool refused(const char *why)
{
    DetectorOutputs o;
    Err err = {0};
    return detector_outputs(&o, &graph, H, W, &err) != 0 && strstr(err.text, why) != NULL;
}

int main(void)
{
    static const int part[3] = {1, 4, 10}, yunet[4] = {1, 1, 4, 10};
    for (int anchors = 1; anchors <= 4; anchors++) {
        begin(); /* scores of all levels, then boxes, then points */
        for (int i = 0; i < 9; i++)
            add(anchors * part[i / 3], i % 3);
        CHECK(is(DETECTOR_SCRFD, anchors), "by parts, %d anchors", anchors);
        begin(); /* level by level, the largest cells first, points first */
        for (int i = 0; i < 9; i++)
            add(anchors * part[2 - i % 3], 2 - i / 3);
        CHECK(is(DETECTOR_SCRFD, anchors), "by levels, %d anchors", anchors);
        graph.output_count = 8;
        CHECK(refused("no face detector"), "one is missing");
        add(anchors * 10, 1);
        CHECK(refused("no face detector"), "one is there twice");
        begin();
        for (int i = 0; i < 6; i++)
            add(anchors * part[i / 3], i % 3);
        CHECK(refused("no points"), "without points, %d anchors", anchors);
    }
    begin();
    for (int i = 0; i < 12; i++)
        add(yunet[i / 3], i % 3);
    CHECK(is(DETECTOR_YUNET, 1), "YuNet");
    begin();
    add(512, 2);
    CHECK(refused("no face detector"), "a recogniser");
    begin();
    CHECK(refused("no face detector"), "nothing");
    return END_TESTS();
}
