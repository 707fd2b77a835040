"""ONNX models by hand, with the standard library alone."""
import struct

FLOAT, INT64 = 1, 7


def varint(n):
    n &= (1 << 64) - 1
    out = b""
    while n > 127:
        out += bytes([n & 127 | 128])
        n >>= 7
    return out + bytes([n])


def number(field, n):
    return varint(field << 3) + varint(n)


def block(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def attribute(name, value):
    out = block(1, name)
    if isinstance(value, bytes):
        return out + block(5, value) + number(20, 4)
    if isinstance(value, int):
        return out + number(3, value) + number(20, 2)
    if isinstance(value, float):
        return out + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
    if isinstance(value, str):
        return out + block(4, value) + number(20, 3)
    return out + b"".join(number(8, x) for x in value) + number(20, 7)


def node(op, inputs, outputs, **attributes):
    outputs = [outputs] if isinstance(outputs, str) else outputs
    return (b"".join(block(1, x) for x in inputs) + b"".join(block(2, x) for x in outputs) +
            block(4, op) + b"".join(block(5, attribute(k, v)) for k, v in attributes.items()))


def tensor(name, shape, values, kind=FLOAT):
    code = {FLOAT: "f", INT64: "q"}[kind]
    return (b"".join(number(1, x) for x in shape) + number(2, kind) + block(8, name) +
            block(9, struct.pack(f"<{len(values)}{code}", *values)))


def value(name, shape):
    dims = b"".join(block(1, number(1, x)) for x in shape)
    return block(1, name) + block(2, block(1, number(1, FLOAT) + block(2, dims)))


def model(nodes, tensors, inputs, outputs, opset):
    graph = (b"".join(block(1, n) for n in nodes) + block(2, "g") +
             b"".join(block(5, t) for t in tensors) + b"".join(block(11, v) for v in inputs) +
             b"".join(block(12, v) for v in outputs))
    return number(1, 7) + block(7, graph) + block(8, block(1, "") + number(2, opset))
