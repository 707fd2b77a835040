/* All that a pickle may name. Nothing of it is called: what has no role of its own becomes an inert
 * object. A class belongs here when checkpoints of nets for faces come with it and when what it
 * holds does not matter for the weights. */
#include <stddef.h>
#include <string.h>

#include "format/pickle_object_internal.h"

enum { BOTH = PICKLE_IMAGES | PICKLE_WEIGHTS, WEIGHTS = PICKLE_WEIGHTS };

/* Storages are named in three modules, numpy's and Python's own functions in two each. */
#define STORAGE(name, dtype)                                                                       \
    {"torch", name, ROLE_STORAGE, WEIGHTS, dtype},                                                 \
        {"torch.cuda", name, ROLE_STORAGE, WEIGHTS, dtype},                                        \
    {                                                                                              \
        "torch.storage", name, ROLE_STORAGE, WEIGHTS, dtype                                        \
    }
#define NUMBERS(name, dtype)                                                                       \
    {                                                                                              \
        "torch", name, ROLE_NUMBERS, WEIGHTS, dtype                                                \
    }
#define NUMPY(leaf, name, role, uses)                                                              \
    {"numpy.core." leaf, name, role, uses, 0},                                                     \
    {                                                                                              \
        "numpy._core." leaf, name, role, uses, 0                                                   \
    }
#define BUILTIN(names, role)                                                                       \
    {"__builtin__", names, role, WEIGHTS, 0},                                                      \
    {                                                                                              \
        "builtins", names, role, WEIGHTS, 0                                                        \
    }
#define DICT(module, names)                                                                        \
    {                                                                                              \
        module, names, ROLE_DICT, WEIGHTS, 0                                                       \
    }
#define INERT(module, names)                                                                       \
    {                                                                                              \
        module, names, ROLE_INERT, WEIGHTS, 0                                                      \
    }

static const char plain[] =
    "bytearray set frozenset list tuple int long float bool complex str unicode object range "
    "xrange slice";
static const char paths[] = "Path PosixPath WindowsPath PurePath PurePosixPath PureWindowsPath";

const PickleName pickle_names[] = {
    {"_codecs", "encode", ROLE_ENCODE, BOTH, 0},
    NUMPY("multiarray", "_reconstruct", ROLE_RECONSTRUCT, BOTH),
    {"numpy", "ndarray", ROLE_NDARRAY, BOTH, 0},
    {"numpy", "dtype", ROLE_DTYPE, BOTH, 0},
    NUMPY("numeric", "_frombuffer", ROLE_FROMBUFFER, BOTH),
    NUMPY("multiarray", "scalar", ROLE_SCALAR, BOTH),

    {"torch._utils", "_rebuild_tensor _rebuild_tensor_v2", ROLE_TENSOR, WEIGHTS, 0},
    {"torch._utils", "_rebuild_tensor_v3", ROLE_TENSOR_V3, WEIGHTS, 0},
    {"torch._utils", "_rebuild_parameter _rebuild_parameter_with_state", ROLE_PARAMETER, WEIGHTS,
     0},
    {"torch._tensor", "_rebuild_from_type_v2", ROLE_TYPED, WEIGHTS, 0},
    {"torch", "Size", ROLE_SIZE, WEIGHTS, 0},
    STORAGE("FloatStorage", DTYPE_F32),
    STORAGE("DoubleStorage", DTYPE_F64),
    STORAGE("HalfStorage", DTYPE_F16),
    STORAGE("BFloat16Storage", DTYPE_BF16),
    STORAGE("LongStorage", DTYPE_I64),
    STORAGE("IntStorage", DTYPE_I32),
    STORAGE("ShortStorage", DTYPE_I16),
    STORAGE("CharStorage", DTYPE_I8),
    STORAGE("ByteStorage UntypedStorage _UntypedStorage", DTYPE_U8),
    STORAGE("BoolStorage", DTYPE_BOOL),
    STORAGE("ComplexFloatStorage ComplexDoubleStorage", DTYPE_COUNT),
    STORAGE("QInt8Storage QUInt8Storage QInt32Storage", DTYPE_COUNT),
    NUMBERS("float32", DTYPE_F32),
    NUMBERS("float64", DTYPE_F64),
    NUMBERS("float16", DTYPE_F16),
    NUMBERS("bfloat16", DTYPE_BF16),
    NUMBERS("int64", DTYPE_I64),
    NUMBERS("int32", DTYPE_I32),
    NUMBERS("int16", DTYPE_I16),
    NUMBERS("int8", DTYPE_I8),
    NUMBERS("uint8", DTYPE_U8),
    NUMBERS("uint16", DTYPE_U16),
    NUMBERS("uint32", DTYPE_U32),
    NUMBERS("uint64", DTYPE_U64),
    NUMBERS("bool", DTYPE_BOOL),
    NUMBERS("float8_e4m3fn", DTYPE_F8_E4M3),
    NUMBERS("float8_e5m2", DTYPE_F8_E5M2),
    INERT("torch", "device Tensor"),
    INERT("torch.serialization", "_get_layout"),
    INERT("torch.nn.parameter", "Parameter"),
    INERT("torch.torch_version", "TorchVersion"),

    DICT("collections", "OrderedDict defaultdict Counter"),
    INERT("collections", "deque"),
    BUILTIN("dict", ROLE_DICT),
    BUILTIN("bytes", ROLE_BYTES),
    BUILTIN(plain, ROLE_INERT),
    INERT("copy_reg", "_reconstructor"),
    INERT("copyreg", "_reconstructor"),
    INERT("argparse", "Namespace"),
    INERT("types", "SimpleNamespace"),
    INERT("pathlib", paths),
    INERT("pathlib._local", paths),
    INERT("datetime", "datetime date time timedelta timezone"),
    INERT("decimal", "Decimal"),
    INERT("fractions", "Fraction"),
    INERT("uuid", "UUID"),
    DICT("easydict", "EasyDict"),
    DICT("addict.addict", "Dict"),
    DICT("yacs.config", "CfgNode"),
    DICT("fvcore.common.config", "CfgNode"),
    DICT("pytorch_lightning.utilities.parsing", "AttributeDict"),
    DICT("lightning_fabric.utilities.data", "AttributeDict"),
    DICT("lightning.fabric.utilities.data", "AttributeDict"),
    INERT("numpy", "float64 float32 int64 int32 bool_"),
    {NULL, NULL, ROLE_INERT, 0, 0},
};

static bool is(const char *text, size_t length, const char *bytes, size_t size)
{
    return length == size && memcmp(text, bytes, size) == 0;
}

static bool is_among(const char *names, const char *name, size_t size)
{
    for (size_t length; *names != '\0'; names += length + (names[length] == ' ')) {
        length = strcspn(names, " ");
        if (is(names, length, name, size))
            return true;
    }
    return false;
}

int pickle_find_name(PickleUse use, const char *module, size_t module_size, const char *name,
                     size_t name_size)
{
    for (int i = 0; pickle_names[i].module != NULL; i++) {
        const PickleName *known = &pickle_names[i];
        if ((known->uses & use) != 0 &&
            is(known->module, strlen(known->module), module, module_size) &&
            is_among(known->names, name, name_size))
            return i;
    }
    return -1;
}
