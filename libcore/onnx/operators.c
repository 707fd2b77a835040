#include <string.h>

#include "onnx/importer_internal.h"

typedef struct Entry {
    const char *name;
    Operator *run; /* NULL: of constants only */
} Entry;

static const Entry table[] = {
    {"Abs", op_abs},
    {"Add", op_arithmetic},
    {"AveragePool", op_pool},
    {"BatchNormalization", op_norm},
    {"Cast", op_cast},
    {"Ceil", NULL},
    {"Celu", op_celu},
    {"Clip", op_clip},
    {"Concat", op_concat},
    {"Constant", NULL},
    {"ConstantOfShape", NULL},
    {"Conv", op_conv},
    {"DequantizeLinear", op_dequantise},
    {"Div", op_arithmetic},
    {"Dropout", op_same},
    {"Elu", op_activation},
    {"Equal", NULL},
    {"Erf", op_activation},
    {"Exp", op_activation},
    {"Expand", op_expand},
    {"Flatten", op_flatten},
    {"Floor", NULL},
    {"Gather", op_gather},
    {"Gelu", op_gelu},
    {"Gemm", op_gemm},
    {"GlobalAveragePool", op_global_pool},
    {"GlobalMaxPool", op_global_pool},
    {"HardSigmoid", op_activation},
    {"HardSwish", op_activation},
    {"Identity", op_same},
    {"InstanceNormalization", op_instance_norm},
    {"LayerNormalization", op_layer_norm},
    {"LeakyRelu", op_relu},
    {"Log", op_activation},
    {"LpNormalization", op_lp_norm},
    {"MatMul", op_matmul},
    {"Max", op_variadic},
    {"MaxPool", op_pool},
    {"Mean", op_variadic},
    {"Min", op_variadic},
    {"Mish", op_gated},
    {"Mul", op_arithmetic},
    {"Neg", op_neg},
    {"PRelu", op_prelu},
    {"Pad", op_pad},
    {"Pow", op_pow},
    {"QuantizeLinear", op_quantise},
    {"Reciprocal", op_activation},
    {"ReduceL1", op_reduce},
    {"ReduceL2", op_reduce},
    {"ReduceMax", op_reduce},
    {"ReduceMean", op_reduce},
    {"ReduceMin", op_reduce},
    {"ReduceSum", op_reduce},
    {"ReduceSumSquare", op_reduce},
    {"Relu", op_relu},
    {"Reshape", op_reshape},
    {"Resize", op_resize},
    {"Selu", op_activation},
    {"Shape", NULL},
    {"Sigmoid", op_activation},
    {"Slice", op_slice},
    {"Softplus", op_activation},
    {"Softsign", op_activation},
    {"Split", op_split},
    {"Sqrt", op_activation},
    {"Squeeze", op_squeeze},
    {"Sub", op_arithmetic},
    {"Sum", op_variadic},
    {"Swish", op_gated},
    {"Tanh", op_activation},
    {"Transpose", op_transpose},
    {"Unsqueeze", op_squeeze},
    {"Upsample", op_resize},
    {"Where", NULL},
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
