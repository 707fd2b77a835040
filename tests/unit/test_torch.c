/* format/torch and format/zip_read: numbers, views, and what is refused */
#include "format/torch_internal.h"
#include "format/zip_read_internal.h"
#include "model/file_internal.h"
#include "model/foreign_internal.h"
#include "torch_seed.h"
#include "unit.h"

enum { ROOM = 1 << 14 };

static const float *floats(const Frame *frame, const char *name)
{
    const Tensor *tensor = frame_find(frame, name);
    return tensor != NULL && tensor->dtype == DTYPE_F32 ? tensor->data : NULL;
}

static bool same(const float *a, const float *b, int n)
{
    for (int i = 0; i < n; i++)
        if (a == NULL || a[i] != b[i])
            return false;
    return true;
}

static void test_numbers(void)
{
    static const float weight[] = {1, -2, .5f, 4, 5, 6}, bias[] = {-2, .5f, 65504};
    static const float turn[] = {1, 4, -2, 5, .5f, 6};
    uint8_t bytes[ROOM];
    Frame frame = {0}, outline = {0};
    Err err = {0};
    size_t size = torch_bare(bytes, object, sizeof object - 1);
    TorchFile *file = torchfile_open(bytes, size, &err);
    CHECK(file != NULL && torchfile_entries(file) == 1 && torchfile_tensors(file, 0) == 3 &&
              strcmp(torchfile_entry(file, 0), "state_dict") == 0,
          "one state_dict of three tensors, and its key: %s", err.text);
    CHECK(torchfile_read(&frame, file, 0, &err) == 0 && frame.tensors == 3, "read: %s", err.text);
    CHECK(same(floats(&frame, "weight"), weight, 6), "a matrix");
    CHECK(same(floats(&frame, "bias"), bias, 3), "a part of a storage of halves");
    CHECK(same(floats(&frame, "turn"), turn, 6), "a parameter that is the matrix turned round");
    const Tensor *t = frame_find(&frame, "turn");
    CHECK(t != NULL && t->ndim == 2 && t->shape[0] == 3 && t->shape[1] == 2, "and its shape");
    CHECK(torchfile_outline(&outline, file, 0, &err) == 0 && outline.tensors == 3 &&
              outline.tensor[0].data == NULL,
          "names and shapes alone");
    frame_release(&frame);
    frame_release(&outline);
    torchfile_close(file);
}

/* A state_dict of one tensor whose call ends as given */
static void test_pickle(const char *tail, size_t size, const char *say)
{
    static const char begin[] = "\x80\2}X\1\0\0\0w";
    char pickle[1024];
    uint8_t bytes[ROOM];
    Frame frame = {0};
    Err err = {0};
    memcpy(pickle, begin, sizeof begin - 1);
    memcpy(pickle + sizeof begin - 1, tail, size);
    size_t whole = torch_bare(bytes, pickle, sizeof begin - 1 + size);
    TorchFile *file = torchfile_open(bytes, whole, &err);
    int rc = file != NULL ? torchfile_read(&frame, file, 0, &err) : -1;
    if (say == NULL)
        CHECK(rc == 0, "read: %s", err.text);
    else
        CHECK(rc != 0 && strstr(err.text, say) != NULL, "refused: %s", err.text);
    frame_release(&frame);
    torchfile_close(file);
}

#define ONE STORAGE("FloatStorage", "0", "\6")
#define OTHER                                                                                      \
    "X\1\0\0\0h" REBUILD STORAGE("HalfStorage", "1", "\4") "K\0K\4\x85K\1\x85\x89" ORDERED "tRs."
#define VIEW(offset, size, stride, say)                                                            \
    test_pickle(LITERAL(REBUILD ONE offset size stride "\x89" ORDERED "tRs" OTHER), say)

static void test_views(void)
{
    VIEW("K\0", "K\6\x85", "K\1\x85", NULL);
    VIEW("K\5", "K\6\x85", "K\0\x85", NULL);
    VIEW("K\6", "K\0\x85", "K\1\x85", NULL);
    VIEW("K\1", "K\6\x85", "K\1\x85", "'w' reaches beyond its storage of 6 numbers");
    VIEW("K\6", "K\1\x85", "K\1\x85", "reaches beyond");
    VIEW("K\0", "K\2\x85", "\x8a\10\xff\xff\xff\xff\xff\xff\xff\x7f\x85", "reaches beyond");
    VIEW("\x8a\10\xff\xff\xff\xff\xff\xff\xff\x7f", "K\2\x85", "K\1\x85", "reaches beyond");
    VIEW("K\0", "J\0\0\0\1\x85", "K\0\x85", "the tensors up to it take 67108864 bytes");
    VIEW("K\0", "\x8a\10\xff\xff\xff\xff\xff\xff\xff\x7f\x85", "K\0\x85", "reaches beyond");
    VIEW("K\0", "J\xff\xff\xff\xff\x85", "K\1\x85", "not the sizes of a tensor");
    VIEW("K\0", "K\2K\3\x86", "K\1\x85", "different numbers of sizes");
    VIEW("J\xff\xff\xff\xff", "K\1\x85", "K\1\x85", "without its storage");
}

static void test_pickles(void)
{
    test_pickle(LITERAL("h\0s."), "nothing was memoized");
    test_pickle(LITERAL("cos\nsystem\nX\2\0\0\0id\x85Rs."), "'os.system'");
    test_pickle(LITERAL("cposix\nsystem\nX\2\0\0\0id\x85Rs."), "'posix.system'");
    test_pickle(LITERAL("cbuiltins\neval\nX\2\0\0\0id\x85Rs."), "'builtins.eval'");
    test_pickle(LITERAL("\x82\1s."), "opcode 130");
    test_pickle(LITERAL("ctorch.nn.modules.linear\nLinear\n)\x81s."), "a whole module");
    test_pickle(LITERAL("}q\0X\1\0\0\0ah\0ssX\1\0\0\0v" REBUILD ONE "K\0K\6\x85K\1\x85\x89" ORDERED
                        "tRs" OTHER),
                NULL); /* one that holds itself */
    test_pickle(LITERAL(REBUILD "((X\7\0\0\0storagectorch\nQInt8Storage\nX\1\0\0\0"
                                "0X\3\0\0\0cpuK\6tQK\0K\6\x85K\1\x85\x89" ORDERED "tRs" OTHER),
                "quantised");
}

static void test_foreign(const char *bytes, size_t size, const char *say)
{
    uint8_t file[600] = {0};
    memcpy(file, bytes, size);
    const char *what = model_foreign(file, size > 0 ? sizeof file : 0);
    CHECK(what != NULL && strstr(what, say) != NULL, "%s", what != NULL ? what : say);
}

static void test_kinds(void)
{
    static uint8_t tar[512] = "sys_info";
    memcpy(tar + 257, "ustar", 5);
    test_foreign("", 0, "empty");
    test_foreign(LITERAL("\x89HDF\r\n\x1a\n"), "Keras");
    test_foreign(LITERAL("\x1c\0\0\0TFL3"), "TensorFlow Lite");
    test_foreign(LITERAL("\x08\x01\x12\x9a\x05"), "SavedModel");
    test_foreign(LITERAL("\n\x1f\n\5input\x12\x0bPlaceholder"), "TensorFlow graph");
    test_foreign(LITERAL("\n\x09ResNet-50\xa2\6"), "Caffe");
    test_foreign(LITERAL("\x12\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), "MXNet");
    test_foreign(LITERAL("\n <!DOCTYPE HTML>"), "HTML");
    test_foreign(LITERAL("version https://git-lfs.github.com/spec/v1"), "git lfs pull");
    test_foreign((const char *)tar, sizeof tar, "PyTorch 0.1");
    tar[0] = 'x';
    test_foreign((const char *)tar, sizeof tar, "a tar archive");
    CHECK(model_foreign((const uint8_t *)"\x08\7\x12\7pytorch:", 12) == NULL, "ONNX is not");
}

int main(void)
{
    test_numbers();
    test_views();
    test_pickles();
    test_kinds();
    return END_TESTS();
}
