#include "model/foreign_internal.h"

#include <string.h>
#include <strings.h>

typedef struct Mark {
    size_t at;
    const char *bytes;
    size_t size;
    const char *what;
} Mark;

#define MARK(at, bytes, what)                                                                      \
    {                                                                                              \
        at, bytes, sizeof(bytes) - 1, what                                                         \
    }

static const Mark marks[] = {
    MARK(
        0, "\x89HDF\r\n\x1a\n",
        "HDF5, as written by Keras (.h5); tf2onnx converts a Keras net to ONNX, which can be read"),
    MARK(4, "TFL3", "TensorFlow Lite; tf2onnx --tflite converts it to ONNX, which can be read"),
    MARK(4, "ORTM", "ONNX Runtime's own format (.ort); the .onnx it was made from can be read"),
    MARK(0, "\x08\x01\x12",
         "a TensorFlow SavedModel; tf2onnx --saved-model converts it to ONNX, which can be read"),
    MARK(0, "\x12\x01\0\0\0\0\0\0\0\0\0\0",
         "MXNet parameters; mxnet.onnx.export_model() converts them, with the .json beside them, "
         "to ONNX, which can be read"),
    MARK(0, "\x93NUMPY", "a NumPy array (.npy), not a net"),
    MARK(0, "version https://git-lfs",
         "a Git LFS pointer to the file, not the file; \"git lfs pull\" fetches it"),
    MARK(0, "GGUF", "GGUF, a language model"),
    MARK(0, "7767517\n", "an ncnn net; the ONNX it was made from can be read"),
    MARK(0, "7z\xbc\xaf\x27\x1c", "a 7-Zip archive; it may contain a model"),
    MARK(0, "Rar!\x1a\x07", "a RAR archive; it may contain a model"),
    MARK(0, "BZh", "compressed with bzip2; unpack it"),
    MARK(0,
         "\xfd"
         "7zXZ",
         "compressed with xz; unpack it"),
    MARK(0, "\x28\xb5\x2f\xfd", "compressed with zstd; unpack it"),
};

/* Text, but for white space before it */
static const char *foreign_text(const uint8_t *bytes, size_t size)
{
    char text[16] = "";
    size_t at = size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (at < size && at < 4096 && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != '\0')
        at++;
    memcpy(text, bytes + at, size - at < sizeof text - 1 ? size - at : sizeof text - 1);
    if (strncasecmp(text, "<!doctype html", 14) == 0 || strncasecmp(text, "<html", 5) == 0)
        return "an HTML page, perhaps downloaded instead of the file";
    if (strncmp(text, "<?xml", 5) == 0)
        return "XML, perhaps OpenVINO's; the ONNX it was made from can be read";
    return NULL;
}

/* PyTorch 0.1 wrote tars of four files. */
static const char *foreign_tar(const uint8_t *bytes, size_t size)
{
    static const char *const members[] = {"sys_info", "pickle", "storages", "tensors"};
    if (size < 512 || memcmp(bytes + 257, "ustar", 5) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp((const char *)bytes, members[i]) == 0)
            return "a checkpoint of PyTorch 0.1, a tar; PyTorch up to 2.5 reads it with "
                   "torch.load(), and torch.save(model.state_dict(), FILE) writes a file that can "
                   "be read";
    return "a tar archive; it may contain a model";
}

/* Protobuf whose first field is a name or a message: a net of Caffe's, a graph of TensorFlow's. */
static const char *foreign_proto(const uint8_t *bytes, size_t size)
{
    if (size < 16 || bytes[0] != 0x0a || bytes[1] < 2 || bytes[1] > 0x7f ||
        (bytes[4] | bytes[5] | bytes[6] | bytes[7]) == 0)
        return NULL;
    if (bytes[2] == 0x0a && bytes[3] < bytes[1] && bytes[3] + 4u < size &&
        bytes[4 + bytes[3]] == 0x12)
        return "a TensorFlow graph (.pb); tf2onnx --graphdef converts it to ONNX, which can be "
               "read";
    for (size_t i = 2; i < 2u + bytes[1] && i < size; i++)
        if (bytes[i] < ' ' || bytes[i] > '~')
            return NULL;
    return "a Caffe net (.caffemodel); converted to ONNX it can be read";
}

const char *model_foreign(const uint8_t *bytes, size_t size)
{
    const char *what;
    if (size == 0)
        return "it is empty";
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (size >= marks[i].at + marks[i].size &&
            memcmp(bytes + marks[i].at, marks[i].bytes, marks[i].size) == 0)
            return marks[i].what;
    if ((what = foreign_text(bytes, size)) == NULL && (what = foreign_tar(bytes, size)) == NULL)
        what = foreign_proto(bytes, size);
    return what;
}
