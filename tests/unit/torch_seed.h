/* A checkpoint of PyTorch's in its smallest form, by hand: for tests and fuzzers. */
#ifndef UNIT_TORCH_SEED_H
#define UNIT_TORCH_SEED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LITERAL(text) text, sizeof(text) - 1
#define STORAGE(type, key, n)                                                                      \
    "((X\7\0\0\0storagectorch\n" type "\nX\1\0\0\0" key "X\3\0\0\0cpuK" n "tQ"
#define REBUILD "ctorch._utils\n_rebuild_tensor_v2\n"
#define ORDERED "ccollections\nOrderedDict\n)R"

/* An epoch, NumPy's number, a Namespace, and a state_dict of a matrix, of half of a vector, and of
 * the matrix turned round as a Parameter */
static const char object[] =
    "\x80\2}(X\5\0\0\0epochK\3X\1\0\0\0n"
    "cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\n(X\2\0\0\0f8K\0K\1tR(K\3X\1\0\0\0<"
    "NNNJ\xff\xff\xff"
    "\xffJ\xff\xff\xff\xffK\0tbc_codecs\nencode\nX\10\0\0\0abcdefghX\6\0\0\0latin1\x86R\x86R"
    "X\4\0\0\0argscargparse\nNamespace\n)\x81}X\2\0\0\0lrG?\xb9\x99\x99\x99\x99\x99\x9asb"
    "X\12\0\0\0state_dict" ORDERED "(X\6\0\0\0weight" REBUILD STORAGE(
        "FloatStorage", "0",
        "\6") "K\0K\2K\3\x86K\3K\1\x86\x89" ORDERED "tR"
              "X\4\0\0\0bias" REBUILD STORAGE(
                  "HalfStorage", "1",
                  "\4") "K\1K\3\x85K\1\x85\x89" ORDERED "tR"
                        "X\4\0\0\0turnctorch._utils\n_rebuild_parameter\n(" REBUILD STORAGE(
                            "FloatStorage", "0", "\6") "K\0K\3K\2\x86K\1K\3\x86\x89" ORDERED
                                                       "tR\x88" ORDERED "tRu"
                                                       "X\11\0\0\0optimizer}X\5\0\0\0state}su.";

static const float numbers[6] = {1, -2, .5f, 4, 5, 6};
static const uint16_t halves[4] = {0x3c00, 0xc000, 0x3800, 0x7bff};

static size_t put(uint8_t *out, const void *bytes, size_t size)
{
    memcpy(out, bytes, size);
    return size;
}

/* The form before PyTorch 1.6 of any pickle that names the storages 0 and 1: its size. */
static size_t torch_bare(uint8_t *out, const char *pickle, size_t size)
{
    static const uint64_t six = 6, four = 4;
    uint8_t *at = out;
    at += put(at, LITERAL("\x80\2\x8a\12l\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\2M\xe9\3."));
    at +=
        put(at, LITERAL("\x80\2}(X\15\0\0\0little_endian\x88X\20\0\0\0protocol_versionM\xe9\3u."));
    at += put(at, pickle, size);
    at += put(at, LITERAL("\x80\2](X\1\0\0\0"
                          "0X\1\0\0\0"
                          "1e."));
    at += put(at, &six, sizeof six);
    at += put(at, numbers, sizeof numbers);
    at += put(at, &four, sizeof four);
    at += put(at, halves, sizeof halves);
    return (size_t)(at - out);
}

#endif
