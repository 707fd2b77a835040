/* ONNX models and the text of nets, cut at every length and with every byte changed: nothing may
 * crash, hang, or ask for much memory. */
#include "../unit/onnx_models.h"
#include "mutate.h"
#include "nn/graph_text_internal.h"
#include "onnx/import.h"

/* Sanitizers stop the program when it asks for more than this at once. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "max_allocation_size_mb=64:allocator_may_return_null=1";
}

typedef bool Reader(const uint8_t *bytes, size_t size, Err *err);

static bool read_model(const uint8_t *bytes, size_t size, Err *err)
{
    const ImportOptions options = {.all = true};
    Graph *graph = onnx_import(bytes, size, "/nowhere", &options, err);
    graph_free(graph);
    return graph != NULL;
}

static bool read_outline(const uint8_t *bytes, size_t size, Err *err)
{
    char *text = malloc(size + 1);
    memcpy(text, bytes, size);
    text[size] = '\0';
    Graph *graph = graph_new_sized(IMPORTED, 6, 10, err);
    bool sound = graph_from_text(graph, text, err) == 0;
    graph_free(graph);
    free(text);
    return sound;
}

static bool try(Reader *read, const uint8_t *bytes, size_t size)
{
    Err err = {0};
    bool sound = read(bytes, size, &err);
    if (sound == err_is_set(&err))
        abort();
    return sound;
}

static void test(const char *name, Reader *read, const uint8_t *bytes, size_t size)
{
    static const uint8_t change[] = {0xff, 0x01, 0x10};
    uint8_t *copy = malloc(size);
    size_t accepted = 0;
    CHECK(try(read, bytes, size), "%s: read as it is, %zu bytes", name, size);
    for (size_t cut = 0; cut < size; cut++) {
        memcpy(copy, bytes, cut);
        accepted += try(read, copy, cut);
    }
    /* Large models have many bytes of numbers: one change each has to do. */
    size_t changes = size < 2000 ? sizeof change : 1;
    for (size_t at = 0; at < size; at++)
        for (size_t c = 0; c < changes; c++) {
            memcpy(copy, bytes, size);
            copy[at] ^= change[(c + at) % sizeof change];
            accepted += try(read, copy, size);
        }
    CHECK(accepted < size * 4, "%s: cut at every length, every byte changed", name);
    free(copy);
}

enum { MODELS = 5, SEEDS }; /* and an outline */

__attribute__((unused)) static bool read_guided(const char *path, const Blob *input, uint64_t run)
{
    (void)path;
    return try(run % 4 == 0 ? read_outline : read_model, input->at, input->size);
}

static void make_seeds(Blob seed[SEEDS])
{
    Err err = {0};
    Graph *graph = every_layer();
    for (int fold = 0; fold < 2; fold++) {
        const ExportOptions options = {.opset = fold ? 10 : 13, .fold = fold != 0};
        seed[fold].at = onnx_export(graph, &options, &seed[fold].size, &err);
    }
    seed[2].at = model_of_shapes(&seed[2].size);
    seed[3].at = model_of_means(&seed[3].size);
    seed[4].at = model_of_parts(&seed[4].size);
    seed[MODELS].at = (uint8_t *)graph_to_text(graph, &err);
    if (err_is_set(&err))
        exit(1);
    seed[MODELS].size = strlen((char *)seed[MODELS].at);
    graph_free(graph);
}

int main(int argc, char **argv)
{
    static const char *const name[SEEDS] = {
        "every layer", "every layer, folded", "shapes", "means", "parts", "outline"};
    Blob seed[SEEDS];
    make_seeds(seed);
#ifdef FUZZ_GUIDED
    return fuzz("onnx", read_guided, seed, SEEDS, argc, argv);
#endif
    (void)argc, (void)argv;
    for (int i = 0; i < SEEDS; i++) {
        test(name[i], i < MODELS ? read_model : read_outline, seed[i].at, seed[i].size);
        free(seed[i].at);
    }
    return END_TESTS();
}
