"""onnx_nets.py: small ONNX nets for the tests, in the current folder, written by hand."""
import os
import random
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../pipelines/bench"))
# pylint: disable=wrong-import-position
from onnx_write import INT64, model, node, tensor, value  # noqa: E402

RNG = random.Random(7)
INPUT = [value("input", [1, 3, 32, 32])]


def reals(name, *shape, scale=0.3):
    n = 1
    for size in shape:
        n *= size
    return tensor(name, list(shape), [RNG.gauss(0, scale) for _ in range(n)])


def whole(name, *numbers):
    return tensor(name, [len(numbers)], numbers, INT64)


def number(name, x):
    return tensor(name, [], [x])


# Convolution, ReLU, global mean, eight numbers called e
TRUNK = [node("Conv", ["input", "w", "b"], "c", strides=[2, 2], pads=[1, 1, 1, 1]),
         node("Relu", ["c"], "r"), node("GlobalAveragePool", ["r"], "p"),
         node("Flatten", ["p"], "f"), node("Gemm", ["f", "gw", "gb"], "e", transB=1)]
WEIGHTS = [reals("w", 4, 3, 3, 3), reals("b", 4), reals("gw", 8, 4), reals("gb", 8)]


def write(name, nodes, tensors=(), outputs=(("out", [1, 8]),), opset=13, trunk=None):
    with open(f"{name}.onnx", "wb") as f:
        f.write(model((TRUNK if trunk is None else trunk) + nodes, WEIGHTS + list(tensors), INPUT,
                      [value(*output) for output in outputs], opset))


def unit_length():
    """x / |x| in the ways that exporters write it."""
    length = node("ReduceL2", ["e"], "q", axes=[1], keepdims=1)
    div = node("Div", ["e", "q"], "out")
    eps, axes = number("eps", 1e-12), whole("ax", 1)
    write("unit_l2", [length, div])
    write("unit_l2_last", [node("ReduceL2", ["e"], "q", axes=[-1], keepdims=1), div])
    write("unit_l2_18", [node("ReduceL2", ["e", "ax"], "q"), div], [axes], opset=18)
    write("unit_norm_too", [length, div], outputs=(("out", [1, 8]), ("q", [1, 1])))
    write("unit_flat", [node("ReduceL2", ["e"], "l", axes=[1], keepdims=0),
                        node("Unsqueeze", ["l", "ax"], "q"), div], [axes])
    write("unit_reciprocal", [length, node("Reciprocal", ["q"], "i"),
                              node("Mul", ["i", "e"], "out")])
    write("unit_clip", [length, node("Clip", ["q", "eps"], "m"), node("Shape", ["e"], "s"),
                        node("Expand", ["m", "s"], "x"), node("Div", ["e", "x"], "out")], [eps])
    write("unit_add", [length, node("Add", ["q", "eps"], "m"), node("Div", ["e", "m"], "out")],
          [eps])
    write("unit_where", [  # expand_as, as PyTorch writes it with sizes of -1
        length, node("Shape", ["e"], "s"), node("ConstantOfShape", ["two"], "ones", value=tensor("", [1], [1], INT64)),
        node("Mul", ["ones", "minus"], "m1"), node("Equal", ["s", "m1"], "same"),
        node("Where", ["same", "ones", "s"], "to"), node("Expand", ["q", "to"], "x"),
        node("Div", ["e", "x"], "out")], [whole("two", 2), tensor("minus", [], [-1], INT64)])
    write("unit_pow", [node("Pow", ["e", "k"], "s"), node("ReduceSum", ["s", "ax"], "t"),
                       node("Sqrt", ["t"], "q"), div], [number("k", 2), axes])
    write("unit_tensorflow", [
        node("Mul", ["e", "e"], "s"), node("ReduceSum", ["s", "ax"], "t"),
        node("Max", ["t", "eps"], "m"), node("Sqrt", ["m"], "q"), div], [eps, axes])
    write("unit_rsqrt", [
        node("ReduceSumSquare", ["e"], "s", axes=[1]), node("Max", ["eps", "s"], "m"),
        node("Pow", ["m", "k"], "i"), node("Mul", ["e", "i"], "out")], [eps, number("k", -0.5)])
    write("unit_lp", [node("LpNormalization", ["e"], "out", axis=1, p=2)])
    write("unit_lp_last", [node("LpNormalization", ["e"], "out")])


def several_outputs():
    quality = node("Gemm", ["f", "qw", "qb"], "q", transB=1)
    more = [reals("qw", 1, 4), reals("qb", 1)]
    write("quality_first", [quality], more, (("q", [1, 1]), ("e", [1, 8])))
    write("two_rows", [node("Relu", ["e"], "o")], outputs=(("o", [1, 8]), ("e", [1, 8])))
    write("one_number", [quality], more, (("q", [1, 1]),))
    write("picture", [], outputs=(("r", [1, 4, 16, 16]),))


def main():
    write("plain", [], outputs=(("e", [1, 8]),))
    unit_length()
    several_outputs()
    for opset in (7, 22, 25, 26):
        write(f"opset{opset}", [], outputs=(("e", [1, 8]),), opset=opset)
    # Means and scales of the colours in the net itself; and a net that divides by what may be 0
    colours = [node("Sub", ["input", "m"], "d"), node("Mul", ["d", "s"], "n"),
               node("Conv", ["n", "w", "b"], "c", strides=[2, 2], pads=[1, 1, 1, 1])] + TRUNK[1:]
    write("colours", [], [tensor("m", [1, 3, 1, 1], [123.5, 116, 103.5]),
                          tensor("s", [1, 3, 1, 1], [0.0625, 0.03125, 0.015625])],
          (("e", [1, 8]),), trunk=colours)
    write("zero", [node("Sub", ["e", "e"], "z"), node("Div", ["z", "z"], "out")])
    write("infinite", [], [tensor("inf", [8, 8], [float("inf")] * 64)], (("out", [1, 8]),),
          trunk=TRUNK + [node("MatMul", ["e", "inf"], "out")])


main()
