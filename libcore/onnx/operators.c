#include <string.h>

#include "onnx/importer.h"

typedef struct Entry {
    const char *name;
    Operator *run; /* NULL: of constants only */
} Entry;

static const Entry table[] = {
    {"Add", op_arithmetic},
    {"AveragePool", op_pool},
    {"BatchNormalization", op_norm},
    {"Cast", op_same},
    {"Clip", op_clip},
    {"Concat", op_concat},
    {"Constant", NULL},
    {"ConstantOfShape", NULL},
    {"Conv", op_conv},
    {"Div", op_arithmetic},
    {"Dropout", op_same},
    {"Flatten", op_flatten},
    {"Floor", NULL},
    {"Gather", NULL},
    {"Gemm", op_gemm},
    {"GlobalAveragePool", op_global_pool},
    {"HardSigmoid", op_curve},
    {"HardSwish", op_curve},
    {"Identity", op_same},
    {"LeakyRelu", op_relu},
    {"MatMul", op_matmul},
    {"MaxPool", op_pool},
    {"Mul", op_arithmetic},
    {"PRelu", op_prelu},
    {"Pad", op_pad},
    {"ReduceMean", op_reduce_mean},
    {"Relu", op_relu},
    {"Reshape", op_reshape},
    {"Resize", op_resize},
    {"Shape", NULL},
    {"Sigmoid", op_curve},
    {"Slice", NULL},
    {"Squeeze", op_squeeze},
    {"Sub", op_arithmetic},
    {"Transpose", op_transpose},
    {"Unsqueeze", op_squeeze},
    {"Upsample", op_resize},
};

static int only_of_constants(Importer *im)
{
    return importer_fail(im, "it is supported only where its result follows from shapes");
}

Operator *operator_of(const Onnx__NodeProto *node)
{
    if (node->domain[0] != '\0' && strcmp(node->domain, "ai.onnx") != 0)
        return NULL;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, node->op_type) == 0)
            return table[i].run != NULL ? table[i].run : only_of_constants;
    return NULL;
}
