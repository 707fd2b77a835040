/* All that a pickle may name. Nothing of it is called: what has no role of its own becomes an inert
 * object. A class belongs here when checkpoints of nets for faces come with it and when what it
 * holds does not matter for the weights. */
#include <stddef.h>
#include <string.h>

#include "format/pickle_object_internal.h"

enum { BOTH = PICKLE_IMAGES | PICKLE_WEIGHTS, WEIGHTS = PICKLE_WEIGHTS };

#define STORAGE(name, dtype)                                                                       \
    {"torch", name "Storage", ROLE_STORAGE, WEIGHTS, dtype},                                       \
        {"torch.cuda", name "Storage", ROLE_STORAGE, WEIGHTS, dtype},                              \
    {                                                                                              \
        "torch.storage", name "Storage", ROLE_STORAGE, WEIGHTS, dtype                              \
    }
#define NUMBERS(name, dtype)                                                                       \
    {                                                                                              \
        "torch", name, ROLE_NUMBERS, WEIGHTS, dtype                                                \
    }
#define BUILTIN(name, role)                                                                        \
    {"__builtin__", name, role, WEIGHTS, 0},                                                       \
    {                                                                                              \
        "builtins", name, role, WEIGHTS, 0                                                         \
    }
#define NUMPY(leaf, name, role, uses)                                                              \
    {"numpy.core." leaf, name, role, uses, 0},                                                     \
    {                                                                                              \
        "numpy._core." leaf, name, role, uses, 0                                                   \
    }
#define INERT(module, name)                                                                        \
    {                                                                                              \
        module, name, ROLE_INERT, WEIGHTS, 0                                                       \
    }
#define PATHLIB(name) INERT("pathlib", name), INERT("pathlib._local", name)

const PickleName pickle_names[] = {
    {"_codecs", "encode", ROLE_ENCODE, BOTH, 0},
    NUMPY("multiarray", "_reconstruct", ROLE_RECONSTRUCT, BOTH),
    {"numpy", "ndarray", ROLE_NDARRAY, BOTH, 0},
    {"numpy", "dtype", ROLE_DTYPE, BOTH, 0},
    NUMPY("numeric", "_frombuffer", ROLE_FROMBUFFER, BOTH),
    NUMPY("multiarray", "scalar", ROLE_SCALAR, BOTH),

    {"torch._utils", "_rebuild_tensor", ROLE_TENSOR, WEIGHTS, 0},
    {"torch._utils", "_rebuild_tensor_v2", ROLE_TENSOR, WEIGHTS, 0},
    {"torch._utils", "_rebuild_tensor_v3", ROLE_TENSOR_V3, WEIGHTS, 0},
    {"torch._utils", "_rebuild_parameter", ROLE_PARAMETER, WEIGHTS, 0},
    {"torch._utils", "_rebuild_parameter_with_state", ROLE_PARAMETER, WEIGHTS, 0},
    {"torch._tensor", "_rebuild_from_type_v2", ROLE_TYPED, WEIGHTS, 0},
    {"torch", "Size", ROLE_SIZE, WEIGHTS, 0},
    STORAGE("Float", DTYPE_F32),
    STORAGE("Double", DTYPE_F64),
    STORAGE("Half", DTYPE_F16),
    STORAGE("BFloat16", DTYPE_BF16),
    STORAGE("Long", DTYPE_I64),
    STORAGE("Int", DTYPE_I32),
    STORAGE("Short", DTYPE_I16),
    STORAGE("Char", DTYPE_I8),
    STORAGE("Byte", DTYPE_U8),
    STORAGE("Bool", DTYPE_BOOL),
    STORAGE("Untyped", DTYPE_U8),
    STORAGE("_Untyped", DTYPE_U8),
    STORAGE("ComplexFloat", DTYPE_COUNT),
    STORAGE("ComplexDouble", DTYPE_COUNT),
    STORAGE("QInt8", DTYPE_COUNT),
    STORAGE("QUInt8", DTYPE_COUNT),
    STORAGE("QInt32", DTYPE_COUNT),
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
    INERT("torch", "device"),
    INERT("torch.serialization", "_get_layout"),
    INERT("torch.nn.parameter", "Parameter"),
    INERT("torch", "Tensor"),
    INERT("torch.torch_version", "TorchVersion"),

    {"collections", "OrderedDict", ROLE_DICT, WEIGHTS, 0},
    {"collections", "defaultdict", ROLE_DICT, WEIGHTS, 0},
    {"collections", "Counter", ROLE_DICT, WEIGHTS, 0},
    INERT("collections", "deque"),
    BUILTIN("dict", ROLE_DICT),
    BUILTIN("bytes", ROLE_BYTES),
    BUILTIN("bytearray", ROLE_INERT),
    BUILTIN("set", ROLE_INERT),
    BUILTIN("frozenset", ROLE_INERT),
    BUILTIN("list", ROLE_INERT),
    BUILTIN("tuple", ROLE_INERT),
    BUILTIN("int", ROLE_INERT),
    BUILTIN("long", ROLE_INERT),
    BUILTIN("float", ROLE_INERT),
    BUILTIN("bool", ROLE_INERT),
    BUILTIN("complex", ROLE_INERT),
    BUILTIN("str", ROLE_INERT),
    BUILTIN("unicode", ROLE_INERT),
    BUILTIN("object", ROLE_INERT),
    BUILTIN("range", ROLE_INERT),
    BUILTIN("xrange", ROLE_INERT),
    BUILTIN("slice", ROLE_INERT),
    INERT("copy_reg", "_reconstructor"),
    INERT("copyreg", "_reconstructor"),
    INERT("argparse", "Namespace"),
    INERT("types", "SimpleNamespace"),
    PATHLIB("Path"),
    PATHLIB("PosixPath"),
    PATHLIB("WindowsPath"),
    PATHLIB("PurePath"),
    PATHLIB("PurePosixPath"),
    PATHLIB("PureWindowsPath"),
    INERT("datetime", "datetime"),
    INERT("datetime", "date"),
    INERT("datetime", "time"),
    INERT("datetime", "timedelta"),
    INERT("datetime", "timezone"),
    INERT("decimal", "Decimal"),
    INERT("fractions", "Fraction"),
    INERT("uuid", "UUID"),
    {"easydict", "EasyDict", ROLE_DICT, WEIGHTS, 0},
    {"addict.addict", "Dict", ROLE_DICT, WEIGHTS, 0},
    {"yacs.config", "CfgNode", ROLE_DICT, WEIGHTS, 0},
    {"fvcore.common.config", "CfgNode", ROLE_DICT, WEIGHTS, 0},
    {"pytorch_lightning.utilities.parsing", "AttributeDict", ROLE_DICT, WEIGHTS, 0},
    {"lightning_fabric.utilities.data", "AttributeDict", ROLE_DICT, WEIGHTS, 0},
    {"lightning.fabric.utilities.data", "AttributeDict", ROLE_DICT, WEIGHTS, 0},
    INERT("numpy", "float64"),
    INERT("numpy", "float32"),
    INERT("numpy", "int64"),
    INERT("numpy", "int32"),
    INERT("numpy", "bool_"),
    {NULL, NULL, ROLE_INERT, 0, 0},
};

static bool is(const char *text, const char *bytes, size_t size)
{
    return strlen(text) == size && memcmp(text, bytes, size) == 0;
}

int pickle_find_name(PickleUse use, const char *module, size_t module_size, const char *name,
                     size_t name_size)
{
    for (int i = 0; pickle_names[i].name != NULL; i++)
        if ((pickle_names[i].uses & use) != 0 && is(pickle_names[i].name, name, name_size) &&
            is(pickle_names[i].module, module, module_size))
            return i;
    return -1;
}
