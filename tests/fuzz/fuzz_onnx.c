/* ONNX models and the text of nets, cut at every length and with every byte changed: nothing may
 * crash, hang, or ask for much memory. */
#include "../unit/onnx_models.h"
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

int main(void)
{
    Err err = {0};
    size_t size;
    Graph *graph = every_layer();
    for (int fold = 0; fold < 2; fold++) {
        const ExportOptions options = {.opset = fold ? 10 : 13, .fold = fold != 0};
        uint8_t *bytes = onnx_export(graph, &options, &size, &err);
        test(fold ? "every layer, folded" : "every layer", read_model, bytes, size);
        free(bytes);
    }
    uint8_t *bytes = model_of_shapes(&size);
    test("shapes", read_model, bytes, size);
    free(bytes);
    bytes = model_of_means(&size);
    test("means", read_model, bytes, size);
    free(bytes);
    bytes = model_of_parts(&size);
    test("parts", read_model, bytes, size);
    free(bytes);
    char *text = graph_to_text(graph, &err);
    test("outline", read_outline, (uint8_t *)text, strlen(text));
    free(text);
    graph_free(graph);
    return END_TESTS();
}
