/* format/safetensors: what is read, and that nothing damaged is */
#include "format/safetensors_internal.h"
#include "unit.h"

typedef struct File {
    uint8_t bytes[1024];
    size_t size;
} File;

static File file_of(const char *json, const void *data, size_t size)
{
    File file = {.size = 8 + strlen(json) + size};
    file.bytes[0] = (uint8_t)strlen(json);
    file.bytes[1] = (uint8_t)(strlen(json) >> 8);
    memcpy(file.bytes + 8, json, strlen(json));
    if (size > 0)
        memcpy(file.bytes + 8 + strlen(json), data, size);
    return file;
}

/* From memory that ends where the file does, so that a sanitizer sees a byte too many. */
static int parse(Frame *frame, const File *file, Err *err)
{
    uint8_t *exact = malloc(file->size > 0 ? file->size : 1);
    memcpy(exact, file->bytes, file->size);
    int rc = safetensors_parse(frame, exact, file->size, err);
    free(exact);
    return rc;
}

static const float six[6] = {0, 1, 2, 3, 4, 5};

static File reference_vector(void)
{
    return file_of("{\"attn.0\":{\"dtype\":\"F32\",\"shape\":[1,2,3],\"data_offsets\":[0,24]}}",
                   six, sizeof six);
}

static void test_reference_vector(void)
{
    Err err = {0};
    Frame frame;
    File file = reference_vector();
    CHECK(parse(&frame, &file, &err) == 0 && frame.tensors == 1, "the reference's own example %s",
          err.text);
    const int64_t shape[3] = {1, 2, 3};
    const Tensor *tensor = frame_need(&frame, "attn.0", DTYPE_F32, 3, shape, &err);
    CHECK(tensor != NULL && memcmp(tensor->data, six, sizeof six) == 0, "its numbers");
    frame_release(&frame);
    file = file_of("{}      ", NULL, 0);
    CHECK(parse(&frame, &file, &err) == 0 && frame.tensors == 0, "an empty file %s", err.text);
    frame_release(&frame);
}

static void test_types(void)
{
    Err err = {0};
    Frame frame;
    /* 0.1, -2.5 and 3 * 2^30 as F64; 1.5, the smallest number, -0, infinity as F16; 1.5, -3 as
     * BF16; a 64-bit integer */
    const double wide[3] = {0.1, -2.5, 3221225472.0};
    const int64_t count = 12345678901;
    const uint16_t half[6] = {0x3e00, 0x0001, 0x8000, 0x7c00, 0x3fc0, 0xc040};
    uint8_t data[44];
    memcpy(data, wide, 24);
    memcpy(data + 24, &count, 8);
    memcpy(data + 32, half, 12);
    File file = file_of("{\"__metadata__\":{\"format\":\"pt\"},"
                        "\"d\":{\"dtype\":\"F64\",\"shape\":[3],\"data_offsets\":[0,24]},"
                        "\"n\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[24,32]},"
                        "\"h\":{\"dtype\":\"F16\",\"shape\":[4],\"data_offsets\":[32,40]},"
                        "\"b\":{\"dtype\":\"BF16\",\"shape\":[2],\"data_offsets\":[40,44]}}",
                        data, sizeof data);
    CHECK(parse(&frame, &file, &err) == 0, "all kinds of numbers %s", err.text);
    const float *d = frame_find(&frame, "d")->data, *h = frame_find(&frame, "h")->data,
                *b = frame_find(&frame, "b")->data;
    CHECK(d[0] == 0.1f && d[1] == -2.5f && d[2] == 3221225472.0f, "F64 becomes F32");
    CHECK(h[0] == 1.5f && h[1] == 0x1p-24f && h[2] == 0 && signbit(h[2]) && isinf(h[3]), "F16");
    CHECK(b[0] == 1.5f && b[1] == -3, "BF16");
    CHECK(frame_find(&frame, "n")->dtype == DTYPE_I64 &&
              memcmp(frame_find(&frame, "n")->data, &count, 8) == 0,
          "integers stay");
    CHECK(strcmp(frame_meta(&frame, "format"), "pt") == 0, "metadata");
    frame_release(&frame);
}

static void test_refused(const char *json, const char *say)
{
    Err err = {0};
    Frame frame;
    File file = file_of(json, six, sizeof six);
    int rc = parse(&frame, &file, &err);
    CHECK(rc == -1 && strstr(err.text, say) != NULL && frame.tensors == 0, "refused: %s", err.text);
}

#define TENSOR(name, shape, begin, end)                                                            \
    "\"" name "\":{\"dtype\":\"F32\",\"shape\":" shape ",\"data_offsets\":[" begin "," end "]}"

static void test_damage(void)
{
    Err err = {0};
    Frame frame;
    File file = reference_vector(), changed;
    int taken = 0, silent = 0;
    for (size_t size = 0; size < file.size; size++) {
        changed = file;
        changed.size = size;
        err = (Err){0};
        taken += parse(&frame, &changed, &err) == 0;
        silent += !err_is_set(&err);
    }
    CHECK(taken == 0 && silent == 0, "cut at every length");
    for (size_t at = 0; at < file.size; at++)
        for (int bit = 0; bit < 8; bit++) {
            changed = file;
            changed.bytes[at] ^= (uint8_t)(1 << bit);
            err = (Err){0};
            int rc = parse(&frame, &changed, &err);
            silent += (rc == 0) == err_is_set(&err);
            frame_release(&frame);
        }
    CHECK(silent == 0, "every bit changed: read, or refused with a reason");
    file.size++;
    err = (Err){0};
    CHECK(parse(&frame, &file, &err) == -1 && strstr(err.text, "25") != NULL, "a byte too many: %s",
          err.text);
}

int main(void)
{
    test_reference_vector();
    test_types();
    test_refused("[1]", "JSON object");
    test_refused("{" TENSOR("a", "[6]", "0", "24") "," TENSOR("a", "[6]", "0", "24") "}", "dup");
    test_refused("{" TENSOR("a", "[2]", "0", "8") "," TENSOR("b", "[3]", "12", "24") "}", "hole");
    test_refused("{" TENSOR("a", "[2]", "0", "8") "," TENSOR("b", "[5]", "4", "24") "}", "overlap");
    test_refused("{" TENSOR("a", "[5]", "0", "24") "}", "shape");
    test_refused("{" TENSOR("a", "[-6]", "0", "24") "}", "integer");
    test_refused("{" TENSOR("a", "[4611686018427387904,4]", "0", "24") "}", "impossible");
    test_refused("{" TENSOR("a", "[5]", "0", "20") "}", "24 follow");
    test_refused("{\"a\":{\"dtype\":\"F4\",\"shape\":[6],\"data_offsets\":[0,24]}}", "F4");
    Err err = {0};
    Frame frame;
    CHECK(safetensors_read(&frame, "nowhere/x", &err) == -1 && strstr(err.text, "nowhere/x"),
          "no file: %s", err.text);
    test_damage();
    return END_TESTS();
}
