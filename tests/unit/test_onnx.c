/* onnx/: models written and read again, models by hand, refusals; and nets as text */
#include <fcntl.h>
#include <unistd.h>

#include "nn/graph_text_internal.h"
#include "nn/infer.h"
#include "nn/model.h"
#include "nn/profile_internal.h"
#include "onnx/import.h"
#include "onnx_models.h"

enum { IMAGES = 3 };

static const ImportOptions as_it_says = {0};

/* Embeddings of random images, or NULL. */
static real *embed(const Graph *graph, uint8_t *rgb)
{
    Err err = {0};
    Pool *pool = pool_new(1, &err);
    size_t bytes = IMAGES * graph_image_bytes(graph);
    Rng rng = rng_at(7, 0, 0, 0);
    uint8_t *images = rgb != NULL ? rgb : malloc(bytes);
    for (size_t i = 0; i < bytes; i++)
        images[i] = (uint8_t)rng_below(&rng, 256);
    real *y = malloc(IMAGES * (size_t)graph->embedding * sizeof *y);
    Infer *infer = infer_new(graph, IMAGES, pool, NULL, &err);
    infer_run(infer, y, images, IMAGES, false);
    infer_free(infer);
    pool_free(pool);
    if (rgb == NULL)
        free(images);
    return y;
}

static double difference(const Graph *a, const Graph *b)
{
    real *x = embed(a, NULL), *y = embed(b, NULL);
    double worst = 0, largest = 0;
    for (int i = 0; i < IMAGES * a->embedding; i++) {
        worst = fmax(worst, fabs(x[i] - y[i]));
        largest = fmax(largest, fabs(x[i]));
    }
    free(x);
    free(y);
    return largest > 0 ? worst / largest : INFINITY;
}

static void test_round_trip(const Graph *graph, int opset, bool fold)
{
    Err err = {0};
    size_t size = 0;
    const ExportOptions options = {.opset = opset, .fold = fold};
    uint8_t *bytes = onnx_export(graph, &options, &size, &err);
    Graph *again = bytes != NULL ? onnx_import(bytes, size, ".", &as_it_says, &err) : NULL;
    if (CHECK(again != NULL, "opset %d, fold %d: written and read %s", opset, fold, err.text)) {
        double error = difference(graph, again);
        CHECK(error < 1e-5, "opset %d, fold %d: computes the same: %.1e", opset, fold, error);
        CHECK(pixels_same(&again->pixels, &graph->pixels), "opset %d: pixels as they were", opset);
    }
    graph_free(again);
    free(bytes);
}

static void test_round_trips(void)
{
    static const int opsets[] = {10, 11, 13, 14, 18, 21};
    const ExportOptions oldest = {.opset = 9};
    Err err = {0};
    size_t size;
    Graph *graph = every_layer();
    graph->pixels =
        (Pixels){.mean = {100, 110, 120}, .scale = {1 / 64.0, 1 / 60.0, 1 / 50.0}, .bgr = true};
    for (size_t i = 0; i < sizeof opsets / sizeof *opsets; i++)
        for (int fold = 0; fold < 2; fold++)
            test_round_trip(graph, opsets[i], fold != 0);
    CHECK(onnx_export(graph, &oldest, &size, &err) == NULL && strstr(err.text, "opset 10") != NULL,
          "what rounds needs opset 10: %s", err.text);
    graph->nodes[1].kind =
        LAYER_ADD; /* of what is left opset 9 has everything: a sum with itself */
    graph->nodes[1].input[1] = 0;
    test_round_trip(graph, 9, false);
    test_round_trip(graph, 9, true);
    graph_free(graph);
}

/* rgb[n,2,2,3] of a model by hand; x is pixel number p, channel c */
typedef double Expected(const uint8_t *rgb, int out);

static void test_by_hand(const char *name, uint8_t *bytes, size_t size, Expected *expected)
{
    Err err = {0};
    uint8_t rgb[IMAGES * 12];
    double worst = 0;
    const double raw[COLOURS] = {1, 1, 1}, nothing[COLOURS] = {0, 0, 0};
    const ImportOptions options = {.h = 2, .w = 2, .mean = nothing, .scale = raw};
    Graph *graph = onnx_import(bytes, size, ".", &options, &err);
    free(bytes);
    if (!CHECK(graph != NULL, "%s: read %s", name, err.text))
        return;
    real *y = embed(graph, rgb);
    for (int i = 0; i < IMAGES; i++)
        for (int j = 0; j < graph->embedding; j++) {
            double want = expected(rgb + 12 * i, j);
            worst = fmax(worst, fabs(y[i * graph->embedding + j] - want) / fmax(1, fabs(want)));
        }
    CHECK(worst < 1e-5, "%s: computed as it says: %.1e", name, worst);
    graph_free(graph);
    free(y);
}

static double of_shapes(const uint8_t *rgb, int out)
{
    double sum = out == 0 ? .5 : -1;
    for (int k = 0; k < 12; k++)
        sum += (rgb[k] - 127.5) / 128 * hand_weights[2 * k + out];
    return sum;
}

static double of_rows(const uint8_t *rgb, int out)
{
    double sum = 0;
    for (int k = 0; k < 12; k++) /* channel k / 4, pixel k % 4 */
        sum += 0.5 * rgb[k % 4 * 3 + k / 4] * hand_weights[12 * out + k];
    return fmax(0, sum);
}

static double of_means(const uint8_t *rgb, int out)
{
    static const double gamma[] = {1, 2, -1}, beta[] = {.5, 0, 1}, mean[] = {100, 90, 80},
                        var[] = {400, 100, 900};
    double x = (rgb[out] + rgb[3 + out] + rgb[6 + out] + rgb[9 + out]) / 4.0;
    return gamma[out] * (x - mean[out]) / sqrt(var[out] + 0.5) + beta[out] - x;
}

static void test_hand_made(void)
{
    size_t size;
    uint8_t *bytes = model_of_shapes(&size);
    test_by_hand("shapes", bytes, size, of_shapes);
    bytes = model_of_rows(&size, "Clip");
    test_by_hand("rows", bytes, size, of_rows);
    bytes = model_of_means(&size);
    test_by_hand("means", bytes, size, of_means);
}

/* The hand-made weights' bits as half floats, bfloat16: all of them are exact there. */
static uint16_t narrow(float x, int type)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (type == 16)
        return (uint16_t)(bits >> 16);
    int exponent = (int)(bits >> 23 & 255) - 127 + 15;
    return (uint16_t)(x == 0 ? 0
                             : bits >> 31 << 15 | (uint32_t)exponent << 10 | (bits >> 13 & 1023));
}

static Onnx__TensorProto *weights_of(Onnx__ModelProto *model)
{
    Onnx__TensorProto *t = NULL;
    for (size_t i = 0; i < model->graph->n_initializer; i++)
        if (strcmp(model->graph->initializer[i]->name, "w") == 0)
            t = model->graph->initializer[i];
    return t;
}

static uint8_t *packed_again(Onnx__ModelProto *model, size_t *size)
{
    uint8_t *bytes = malloc(onnx__model_proto__get_packed_size(model));
    *size = onnx__model_proto__pack(model, bytes);
    onnx__model_proto__free_unpacked(model, NULL);
    return bytes;
}

/* The weights in another type: raw, or as a list. */
static void test_type(const char *name, int type, bool raw)
{
    size_t size;
    uint8_t *bytes = model_of_shapes(&size);
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, size, bytes);
    Onnx__TensorProto *t = weights_of(model);
    free(bytes);
    t->data_type = type;
    t->raw_data.len = raw ? 24 * sizeof(uint16_t) : 0;
    t->n_int32_data = raw ? 0 : 24;
    t->int32_data = raw ? NULL : calloc(24, sizeof *t->int32_data);
    for (int i = 0; i < 24; i++) {
        uint16_t bits = narrow(hand_weights[i], type);
        if (raw)
            memcpy(t->raw_data.data + 2 * i, &bits, sizeof bits);
        else
            t->int32_data[i] = bits;
    }
    if (!raw) {
        free(t->raw_data.data);
        t->raw_data.data = NULL;
    }
    bytes = packed_again(model, &size);
    test_by_hand(name, bytes, size, of_shapes);
}

/* A model whose weights lie in `location`, from byte 8 on. */
static uint8_t *model_beside(const char *location, size_t *size)
{
    static const char *const keys[] = {"location", "offset", "length"};
    const char *const values[] = {location, "8", "96"};
    uint8_t *bytes = model_of_shapes(size);
    Onnx__ModelProto *model = onnx__model_proto__unpack(NULL, *size, bytes);
    Onnx__TensorProto *t = weights_of(model);
    free(bytes);
    free(t->raw_data.data);
    t->raw_data = (ProtobufCBinaryData){0, NULL};
    t->data_location = 1;
    t->external_data = malloc(3 * sizeof *t->external_data);
    for (int i = 0; i < 3; i++) {
        t->external_data[i] = malloc(sizeof **t->external_data);
        onnx__string_string_entry_proto__init(t->external_data[i]);
        t->external_data[i]->key = strdup(keys[i]);
        t->external_data[i]->value = strdup(values[i]);
    }
    t->n_external_data = 3;
    return packed_again(model, size);
}

static void refused(uint8_t *bytes, size_t size, const ImportOptions *options, const char *why)
{
    Err err = {0};
    Graph *graph = onnx_import(bytes, size, ".", options, &err);
    CHECK(graph == NULL && strstr(err.text, why) != NULL, "refused: %s", err.text);
    graph_free(graph);
    free(bytes);
}

static void refused_beside(const char *location, const char *why)
{
    const ImportOptions options = {.h = 2, .w = 2};
    size_t size;
    uint8_t *bytes = model_beside(location, &size);
    refused(bytes, size, &options, why);
}

static void test_external(void)
{
    char dir[] = "/tmp/test_onnx.XXXXXX", path[] = "weights.XXXXXX";
    size_t size;
    int here = open(".", O_RDONLY); /* which may take no file; names are relative to the folder */
    bool there = mkdtemp(dir) != NULL && chdir(dir) == 0;
    int fd = there ? mkstemp(path) : -1;
    float numbers[26] = {0};
    memcpy(numbers + 2, hand_weights, sizeof hand_weights);
    CHECK(fd >= 0 && write(fd, numbers, sizeof numbers) == sizeof numbers, "a file of weights");
    uint8_t *bytes = model_beside(path, &size);
    test_by_hand("weights in a file", bytes, size, of_shapes);
    CHECK(ftruncate(fd, 100) == 0, "which is cut");
    refused_beside(path, "behind the end");
    close(fd);
    unlink(path);
    refused_beside(path, "cannot open");
    refused_beside("../secret", "not a location beside");
    refused_beside("a/../../secret", "not a location beside");
    refused_beside("/etc/hostname", "not a location beside");
    CHECK(fchdir(here) == 0 && rmdir(dir) == 0, "back again");
    close(here);
}

/* The parts by themselves are tested with others' numbers; here that they go out and come back. */
static void test_parts(void)
{
    Err err = {0};
    size_t size;
    uint8_t *bytes = model_of_parts(&size);
    Graph *graph = onnx_import(bytes, size, ".", &as_it_says, &err);
    free(bytes);
    if (!CHECK(graph != NULL, "a model of parts is read %s", err.text))
        return;
    real *y = embed(graph, NULL);
    double squares = 0;
    for (int j = 0; j < 6; j++)
        squares += (y[j] > 0 ? y[j] / 1.0507 : 0) * (y[j] > 0 ? y[j] / 1.0507 : 0);
    CHECK(fabs(squares - 1) < 1e-3, "and its last norm makes 1: %g", squares);
    free(y);
    test_round_trip(graph, 13, false);
    test_round_trip(graph, 21, true);
    graph_free(graph);
}

/* A small file with much to do is refused before it takes memory. */
static void test_boasts(void)
{
    size_t size;
    Message m;
    char last[16] = "x", name[16];
    message_init(&m);
    for (int i = 0; i < 40; i++) { /* twice as many channels each time */
        char inputs[40];
        snprintf(inputs, sizeof inputs, "%s %s", last, last);
        snprintf(name, sizeof name, "c%d", i);
        message_node(&m, "Concat", inputs, name);
        message_int(&m, "axis", 1);
        strcpy(last, name);
    }
    message_node(&m, "GlobalAveragePool", last, "p");
    message_node(&m, "Flatten", "p", "y");
    uint8_t *bytes = pack_model(&m, 2, 13, &size);
    refused(bytes, size, &as_it_says, "its output would be");
    message_init(&m);
    strcpy(last, "x");
    for (int i = 0; i < 15; i++) {
        char inputs[40];
        snprintf(inputs, sizeof inputs, "%s %s", last, last);
        snprintf(name, sizeof name, "c%d", i);
        message_node(&m, "Concat", inputs, name);
        message_int(&m, "axis", 1);
        strcpy(last, name);
    }
    for (int i = 0; i < 200; i++) { /* and a slope for each of them, again and again */
        snprintf(name, sizeof name, "r%d", i);
        message_node(&m, "Relu", last, name);
        strcpy(last, name);
    }
    message_node(&m, "GlobalAveragePool", last, "p");
    message_node(&m, "Flatten", "p", "y");
    bytes = pack_model(&m, 2, 13, &size);
    refused(bytes, size, &as_it_says, "more parameters than the file");
}

static void test_pixels(void)
{
    Err err = {0};
    size_t size;
    uint8_t *bytes = model_of_shapes(&size);
    const ImportOptions options = {.h = 2, .w = 2};
    Graph *graph = onnx_import(bytes, size, ".", &options, &err);
    CHECK(graph != NULL && graph->nodes[1].kind == LAYER_LINEAR && graph->pixels.mean[2] == 127.5 &&
              graph->pixels.scale[2] == 1 / 128.0,
          "a scale and shift of the input become part of the pixels");
    graph_free(graph);
    free(bytes);
}

static void test_refusals(void)
{
    size_t size;
    const ImportOptions right = {.h = 2, .w = 2}, wrong = {.h = 4, .w = 2};
    uint8_t *bytes = model_of_rows(&size, "Softmax");
    refused(bytes, size, &right, "node 'y' (Softmax): this operator is not supported");
    bytes = model_of_rows(&size, "Clip");
    refused(bytes, size, &wrong, "2 pixels a side, not 4");
    bytes = model_of_rows(&size, "Transpose");
    refused(bytes, size, &right, "node 'y' (Transpose)");
    refused(calloc(8, 1), 8, &right, "not an ONNX model");
}

static void test_outline(void)
{
    Err err = {0};
    Frame frame = {0};
    Graph *graph = every_layer();
    free(graph->arch);
    graph->arch = strdup(IMPORTED);
    CHECK(model_add(&frame, graph, &err) == 0, "an imported net as a model %s", err.text);
    Graph *again = model_graph(&frame, &err);
    CHECK(again != NULL && difference(graph, again) == 0, "and back, to the bit %s", err.text);
    CHECK(again != NULL && !graph_param(again, "h.weight")->trainable, "what is frozen stays so");
    graph_free(again);
    frame_set_meta(&frame, "nodes", "conv 1 a 4 3 1 1\n", &err);
    err = (Err){0};
    CHECK(model_graph(&frame, &err) == NULL && strstr(err.text, "line 1") != NULL,
          "a node that reads what is not there: %s", err.text);
    frame_release(&frame);
    graph_free(graph);
}

/* Every kind of node has its line. */
static void test_profile(void)
{
    Err err = {0};
    Graph *graph = every_layer();
    Pool *pool = pool_new(1, &err);
    Profile *profile = profile_new(graph, pool, &err);
    Infer *infer = infer_new(graph, IMAGES, pool, NULL, &err);
    uint8_t *rgb = calloc(IMAGES, graph_image_bytes(graph));
    char *text = NULL, find[48];
    size_t size;
    infer_profile(infer, profile);
    infer_run(infer, NULL, rgb, IMAGES, false);
    FILE *f = open_memstream(&text, &size);
    profile_write(f, profile);
    fclose(f);
    for (int k = LAYER_INPUT + 1; k < LAYER_KINDS; k++) {
        snprintf(find, sizeof find, "%-28s %-11s ", "all", layer_of((LayerKind)k)->name);
        CHECK(strstr(text, find) != NULL, "a profile tells of %s", layer_of((LayerKind)k)->name);
    }
    free(text);
    free(rgb);
    infer_free(infer);
    profile_free(profile);
    pool_free(pool);
    graph_free(graph);
}

int main(void)
{
    openblas_set_num_threads(1);
    test_round_trips();
    test_hand_made();
    test_type("float16", 10, true);
    test_type("float16 in a list", 10, false);
    test_type("bfloat16", 16, true);
    test_external();
    test_parts();
    test_boasts();
    test_pixels();
    test_refusals();
    test_outline();
    test_profile();
    return END_TESTS();
}
