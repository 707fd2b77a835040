/* nn/: the architectures' sizes, names and shapes, and how parameters start */
#include "nn/arch_internal.h"
#include "unit.h"

typedef struct Known {
    const char *name;
    int embedding, entries;
    size_t parameters;
    uint64_t multiply_adds;
    const char *names; /* a file of the specification */
} Known;

static const Known known[] = {
    {"mobilefacenet", 512, 333, 1200512, 221161984, "mobilefacenet.txt"},
    {"mobilefacenet", 128, 333, 1003136, 0, NULL},
    {"iresnet18", 512, 187, 24025600, 2609954816, "names_iresnet18.txt"},
    {"iresnet34", 512, 331, 34139328, 4459642880, "names_iresnet34.txt"},
    {"iresnet50", 512, 475, 43590848, 6309330944, "names_iresnet50.txt"},
    {"iresnet100", 512, 925, 65156160, 12089606144, "names_iresnet100.txt"},
    {"mbf", 512, 333, 2059520, 437520896, "insightface_mbf.txt"},
    {"resnet50-ir", 512, 349, 43574976, 6296485888, "facexzoo_r50_ir.txt"},
    {"resnet100-ir", 512, 674, 65129792, 12076761088, NULL},
};

/* "name<TAB>(a, b)<TAB>type" as the specification's files have it, trailing comma and all */
static void describe(const Param *p, char *line, size_t size)
{
    snprintf(line, size, "%s\t(", p->name);
    for (int i = 0; i < p->rank; i++)
        snprintf(line + strlen(line), size - strlen(line), "%s%lld", i > 0 ? ", " : "",
                 (long long)p->shape[i]);
    snprintf(line + strlen(line), size - strlen(line), "%s)\ttorch.%s", p->rank == 1 ? "," : "",
             p->role == PARAM_COUNT ? "int64" : "float32");
}

static void test_names(const Graph *graph, const char *file)
{
    const char *spec = getenv("FACE_SPEC");
    char path[500], line[300], own[300], first_wrong[300] = "";
    int lines = 0, right = 0;
    snprintf(path, sizeof path, "%s/names/%s", spec != NULL ? spec : "../shared/spec", file);
    FILE *f = fopen(path, "r");
    if (f == NULL) {
        CHECK(true, "%s # SKIP no %s", graph->arch, path);
        return;
    }
    for (; fgets(line, sizeof line, f) != NULL; lines++) {
        line[strcspn(line, "\n")] = '\0';
        char name[300];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(line, "\t"), line);
        const Param *p = graph_param(graph, name);
        own[0] = '\0';
        if (p != NULL)
            describe(p, own, sizeof own);
        if (strcmp(own, line) == 0)
            right++;
        else if (first_wrong[0] == '\0')
            snprintf(first_wrong, sizeof first_wrong, "%s", line);
    }
    fclose(f);
    CHECK(lines == graph->param_count && right == lines, "%s: %d of %d names and shapes %s",
          graph->arch, right, lines, first_wrong);
}

static void test_architectures(void)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const Known *k = &known[i];
        Err err = {0};
        Graph *graph = arch_new(k->name, k->embedding, 112, &err);
        if (!CHECK(graph != NULL, "%s-%d built %s", k->name, k->embedding, err.text))
            continue;
        CHECK(graph_parameter_count(graph) == k->parameters, "%s: %zu parameters", k->name,
              graph_parameter_count(graph));
        CHECK(graph->param_count == k->entries, "%s: %d entries", k->name, graph->param_count);
        if (k->multiply_adds != 0)
            CHECK(graph_multiply_adds(graph) == k->multiply_adds, "%s: %llu multiply-adds", k->name,
                  (unsigned long long)graph_multiply_adds(graph));
        if (k->names != NULL)
            test_names(graph, k->names);
        graph_free(graph);
    }
}

static void test_refusals(void)
{
    Err err = {0};
    CHECK(arch_new("resnet", 512, 112, &err) == NULL && strstr(err.text, "iresnet50") != NULL,
          "an unknown name is answered with the known: %s", err.text);
    err = (Err){0};
    CHECK(arch_new("iresnet18", 512, 100, &err) == NULL && strstr(err.text, "100") != NULL,
          "an odd size: %s", err.text);
    err = (Err){0};
    CHECK(arch_new("iresnet18", 0, 112, &err) == NULL && strstr(err.text, "embedding") != NULL,
          "no embedding: %s", err.text);
}

static double spread(const Graph *graph, const char *name, double *largest)
{
    const Param *p = graph_param(graph, name);
    double squares = 0;
    *largest = 0;
    for (size_t i = 0; i < p->count; i++) {
        double v = (double)graph->values[p->offset + i];
        squares += v * v;
        *largest = fmax(*largest, fabs(v));
    }
    return sqrt(squares / (double)p->count);
}

static void test_init(void)
{
    Err err = {0};
    Graph *graph = arch_new("iresnet18", 512, 32, &err);
    Graph *wider = arch_new("iresnet18", 256, 32, &err);
    double largest, bound = 1 / sqrt(512 * 4.0);
    graph_init(graph, 7);
    CHECK(fabs(spread(graph, "layer1.0.conv1.weight", &largest) - 0.1) < 0.002 && largest > 0.3,
          "iresnet: convolutions N(0, 0.1)");
    double sd = spread(graph, "fc.weight", &largest);
    CHECK(largest <= bound && fabs(sd - bound / sqrt(3)) < 0.01 * bound, "fc as PyTorch's default");
    CHECK(fabs(spread(graph, "prelu.weight", &largest) - 0.25) < 1e-6 && largest == 0.25 &&
              spread(graph, "bn1.weight", &largest) == 1 &&
              spread(graph, "bn1.bias", &largest) == 0,
          "PReLU 0.25, norms 1 and 0");
    CHECK(!graph_param(graph, "features.weight")->trainable &&
              graph_param(graph, "features.bias")->trainable,
          "features.weight is frozen");
    graph_init(wider, 7);
    const Param *p = graph_param(graph, "layer4.1.conv2.weight");
    CHECK(memcmp(graph->values + p->offset, wider->values + p->offset, p->count * sizeof(real)) ==
              0,
          "a parameter's start does not depend on later ones");
    real first = graph->values[p->offset];
    graph_init(graph, 8);
    CHECK(graph->values[p->offset] != first, "another seed, other numbers");
    graph_free(graph);
    graph_free(wider);
    graph = arch_new("mobilefacenet", 128, 64, &err);
    graph_init(graph, 1);
    spread(graph, "conv_6_dw.conv.weight", &largest);
    CHECK(graph_param(graph, "conv_6_dw.conv.weight")->shape[2] == 4 && largest <= 0.25 &&
              largest > 0.24,
          "mobilefacenet at 64x64: a global kernel of 4x4, U(-1/4, 1/4)");
    graph_free(graph);
}

static void test_layout(void)
{
    /* PyTorch [2][3 channels][2 taps] and ours [2][2][3] */
    Param p = {.count = 12, .channels = 3, .taps = 2};
    float torch[12], back[12];
    real ours[12];
    for (int i = 0; i < 12; i++)
        torch[i] = (float)i;
    param_from_torch(&p, ours, torch);
    const real expected[12] = {0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11};
    CHECK(memcmp(ours, expected, sizeof ours) == 0, "from PyTorch's layout");
    param_to_torch(&p, back, ours);
    CHECK(memcmp(torch, back, sizeof torch) == 0, "and back");
}

int main(void)
{
    test_architectures();
    test_refusals();
    test_init();
    test_layout();
    return END_TESTS();
}
