"""onnx_random.py DIRECTORY BOUND SEED NETS [write|read FILE]: random small nets through embed(1), as
they are and as model-convert(1) writes them, against ONNX Runtime. FILE keeps what that makes of them,
so that it need not be there when it is read.

Windows of every size, stride, dilation and padding (wider than the kernel too, another on each side),
groups, pools with ceil_mode and count_include_pad, and what lies between such layers. Prints the
largest difference relative to the net's largest number and fails where it is above BOUND, where a net
is refused, or where ONNX Runtime took less than half of them.
"""
import os
import random
import struct
import subprocess
import sys
import zlib

from onnx_write import INT64, model, node, tensor, value

IMAGES = 2
RAW = ["--mean", "0", "--scale", "1"]
SIZES = ((16, 16), (13, 11), (9, 20))
CURVES = (("Relu", {}), ("LeakyRelu", {"alpha": 0.25}), ("Sigmoid", {}), ("HardSigmoid", {}),
          ("Tanh", {}), ("Elu", {"alpha": 0.7}), ("Selu", {}), ("Softplus", {}), ("Abs", {}),
          ("Neg", {}), ("Exp", {}), ("Erf", {}), ("HardSwish", {}), ("Celu", {"alpha": 1.5}),
          ("Softsign", {}))


class Net:
    def __init__(self, seed):
        self.rng = random.Random(seed)
        self.h, self.w = self.rng.choice(SIZES)
        self.opset = self.rng.choice((14, 17, 18, 21))
        self.shape = [3, self.h, self.w]
        self.nodes, self.tensors, self.count = [], [], 0
        self.last = self.put("Mul", ["input", self.constant([], [1 / 128])])
        self.told = []

    def fresh(self):
        self.count += 1
        return f"v{self.count}"

    def put(self, op, inputs, **attributes):
        out = self.fresh()
        self.nodes.append(node(op, inputs, out, **attributes))
        return out

    def constant(self, shape, values, kind=1):
        name = self.fresh()
        self.tensors.append(tensor(name, shape, values, kind))
        return name

    def whole(self, *values):
        return self.constant([len(values)], values, INT64)

    def reals(self, *shape, low=-1.0, high=1.0):
        n = 1
        for size in shape:
            n *= size
        return self.constant(list(shape), [self.rng.uniform(low, high) for _ in range(n)])

    def window(self, pool):
        """kernel, strides, pads, dilations and the output's sides; None when it does not fit"""
        r = self.rng
        kernel = [r.choice((1, 1, 2, 3, 3, 4, 5)) for _ in range(2)]
        if r.random() < 0.6:
            kernel[1] = kernel[0]
        strides, dilations = [r.choice((1, 1, 2, 3)) for _ in range(2)], [1, 1]
        if r.random() < 0.4:
            strides = [1, 1]
        if r.random() < 0.3 and (pool != "AveragePool" or self.opset >= 19):
            dilations = [r.choice((1, 2, 3)) for _ in range(2)]
        pads = [r.choice((0, 1, 1, 2, 3, 6)) for _ in range(4)]
        if r.random() < 0.5:
            pads = [pads[0]] * 4
        if pool:  # ONNX Runtime wants each smaller than the kernel
            pads = [min(p, kernel[i % 2] - 1) for i, p in enumerate(pads)]
        ceil = bool(pool) and r.random() < 0.4
        sides = []
        for i in range(2):
            reach = (kernel[i] - 1) * dilations[i] + 1
            slide = self.shape[1 + i] + pads[i] + pads[i + 2] - reach
            if slide < 0:
                return None
            if ceil and slide % strides[i]:
                slide += strides[i]
                if slide // strides[i] * strides[i] >= self.shape[1 + i] + pads[i]:
                    return None  # older opsets count a window here that begins behind the image
            sides.append(slide // strides[i] + 1)
        options = {"kernel_shape": kernel, "strides": strides, "pads": pads}
        if dilations != [1, 1]:
            options["dilations"] = dilations
        if ceil:
            options["ceil_mode"] = 1
        return options, sides

    def conv(self):
        window = self.window("")
        if window is None:
            return
        options, sides = window
        c = self.shape[0]
        groups = self.rng.choice([g for g in (1, 1, 2, 3, 4, c) if c % g == 0])
        out = groups * self.rng.choice((1, 2, 3)) if groups > 1 else self.rng.choice((4, 6, 32))
        if groups == c and self.rng.random() < 0.5:
            out = c
        kernel = options["kernel_shape"]
        scale = 2 / (c // groups * kernel[0] * kernel[1]) ** 0.5
        w = self.reals(out, c // groups, *kernel, low=-scale, high=scale)
        self.last = self.put("Conv", [self.last, w, self.reals(out)], group=groups, **options)
        self.shape = [out, *sides]
        self.told.append(f"conv {options} groups {groups}")

    def pool(self):
        kind = self.rng.choice(("MaxPool", "AveragePool"))
        window = self.window(kind)
        if window is None:
            return
        options, sides = window
        if kind == "AveragePool" and self.rng.random() < 0.5:
            options["count_include_pad"] = 1
        self.last = self.put(kind, [self.last], **options)
        self.shape[1:] = sides
        self.told.append(f"{kind} {options}")

    def winograd(self):
        w = self.reals(32, self.shape[0], 1, 1, low=-0.3, high=0.3)
        x = self.put("Conv", [self.last, w])
        w = self.reals(32, 32, 3, 3, low=-0.1, high=0.1)
        self.last = self.put("Conv", [x, w], pads=[1, 1, 1, 1])
        self.shape[0] = 32
        self.told.append("3x3 of 32 channels")

    def curve(self):
        op, options = self.rng.choice(CURVES)
        x = self.last
        if op == "Exp":
            x = self.put("Clip", [x, self.constant([], [-4.0]), self.constant([], [2.0])])
        self.last = self.put(op, [x], **options)
        self.told.append(op)

    def plane(self):
        """A constant of some of the dimensions, before or behind."""
        shape = [size if self.rng.random() < 0.6 else 1 for size in self.shape]
        pair = [self.last, self.reals(1, *shape, low=0.5, high=1.5)]
        if self.rng.random() < 0.3:
            pair.reverse()
        op = self.rng.choice(("Add", "Mul", "Sub"))
        self.last = self.put(op, pair)
        self.told.append(f"{op} {shape}")

    def shuffle(self):
        c, h, w = self.shape
        groups = [g for g in (2, 3, 4, 8) if c % g == 0]
        if not groups:
            return
        g = self.rng.choice(groups)
        x = self.put("Reshape", [self.last, self.whole(1, g, c // g, h, w)])
        x = self.put("Transpose", [x], perm=[0, 2, 1, 3, 4])
        self.last = self.put("Reshape", [x, self.whole(1, c, h, w)])
        self.told.append(f"shuffle {g}")

    def halves(self):
        """Split or Slice, then Max, Min, Add, Sub, Mul or Concat of the halves."""
        c = self.shape[0]
        if c % 2:
            return
        if self.rng.random() < 0.5:
            a, b = self.fresh(), self.fresh()
            split = [self.last] + ([self.whole(c // 2, c // 2)] if self.rng.random() < 0.5 or
                                   self.opset >= 18 else [])
            self.nodes.append(node("Split", split, [a, b], axis=self.rng.choice((1, -3))))
        else:
            cut, axis = self.whole(c // 2), self.whole(1)
            a = self.put("Slice", [self.last, self.whole(0), cut, axis])
            b = self.put("Slice", [self.last, cut, self.whole(1 << 62), axis])
        op = self.rng.choice(("Max", "Min", "Add", "Sub", "Mul", "Concat", "Sum"))
        options = {"axis": 1} if op == "Concat" else {}
        self.last = self.put(op, [b, a], **options)
        self.shape[0] = c if op == "Concat" else c // 2
        self.told.append(f"halves {op}")

    def reduced(self, op, *axes):
        if op == "ReduceSum" or self.opset >= 18:
            return self.put(op, [self.last, self.whole(*axes)])
        return self.put(op, [self.last], axes=list(axes))

    def attention(self):
        """A gate for each pixel or each channel, as CBAM has them."""
        if self.rng.random() < 0.5:
            a, b = self.reduced("ReduceMean", 1), self.reduced("ReduceMax", 1)
            x = self.put("Concat", [a, b], axis=1)
            x = self.put("Conv", [x, self.reals(1, 2, 3, 3)], pads=[1, 1, 1, 1])
        else:
            op = self.rng.choice(("GlobalMaxPool", "GlobalAveragePool", "ReduceMax", "ReduceMean"))
            x = self.reduced(op, 2, 3) if op[0] == "R" else self.put(op, [self.last])
        self.last = self.put(self.rng.choice(("Mul", "Add")),
                             [self.last, self.put("Sigmoid", [x])])
        self.told.append("attention")

    def normal(self):
        c = self.shape[0]
        if self.rng.random() < 0.5:
            self.last = self.put("InstanceNormalization",
                                 [self.last, self.reals(c), self.reals(c)], epsilon=1e-2)
            self.told.append("InstanceNormalization")
            return
        x = self.put("Transpose", [self.last], perm=[0, 2, 3, 1])
        x = self.put("LayerNormalization", [x, self.reals(c), self.reals(c)], epsilon=1e-2) \
            if self.opset >= 17 else self.put("Mul", [x, self.reals(c)])
        self.last = self.put("Transpose", [x], perm=[0, 3, 1, 2])
        self.told.append("LayerNormalization")

    def divided(self):
        x = self.put("Abs", [self.last])
        x = self.put("Add", [x, self.constant([], [1.0])])
        if self.rng.random() < 0.5:
            x = self.put("Sqrt", [x])
        if self.rng.random() < 0.5:
            x = self.put("Pow", [x, self.constant([], [self.rng.choice((2.0, 0.5, 1.5, -1.0))])])
        self.last = self.put("Div", [self.last, x])
        self.told.append("divided")

    def build(self):
        layers = [self.conv] * 6 + [self.pool] * 3 + [
            self.winograd, self.curve, self.plane, self.shuffle, self.halves, self.attention,
            self.normal, self.divided]
        for _ in range(self.rng.randint(2, 7)):
            c, h, w = self.shape
            if c * h * w < 60000:
                self.rng.choice(layers)()
        c, h, w = self.shape
        n = c * h * w
        x = self.put("Flatten", [self.last])
        x = self.put("Gemm", [x, self.reals(8, n, low=-n ** -0.5, high=n ** -0.5), self.reals(8)],
                     transB=1, alpha=self.rng.choice((1.0, 0.5)), beta=self.rng.choice((1.0, 2.0)))
        if self.rng.random() < 0.3:
            self.last = x
            norm = self.reduced("ReduceL2", 1)
            x = self.put("Div", [x, self.put("Max", [norm, self.constant([], [1e-6])])])
        self.nodes.append(node("Identity", [x], "embedding"))
        return model(self.nodes, self.tensors, [value("input", [1, 3, self.h, self.w])],
                     [value("embedding", [1, 8])], self.opset)


def frame(h, w, pixels):
    """A stream of faces: one frame."""
    header = (f'{{"__metadata__":{{"kind":"faces","last":"1","crc32":"{zlib.crc32(pixels):08x}"}},'
              f'"image":{{"dtype":"U8","shape":[{IMAGES},{h},{w},3],"data_offsets":[0,{len(pixels)}]}}}}').encode()
    header += b" " * (-(8 + len(header)) % 64)
    return struct.pack("<Q", len(header)) + header + pixels


def floats(data):
    return struct.unpack(f"<{len(data) // 4}f", data)


def embedded(path, faces, directory, stated):
    out = f"{directory}/e"
    done = subprocess.run(["embed", "-q", "-m", path, *stated, "-o", out, faces],
                          stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return done.stderr.strip()
    subprocess.run(["stream-cat", "-q", "--to", "npy", "-o", f"{out}.npy", out], check=True)
    with open(f"{out}.npy", "rb") as f:
        data = f.read()
    return floats(data[-IMAGES * 8 * 4:])


def write_all(directory, seed, nets):
    for h, w in SIZES:
        pixels = random.Random(h).randbytes(IMAGES * h * w * 3)
        for name, data in (("pixels", pixels), ("faces", frame(h, w, pixels))):
            with open(f"{directory}/{name}.{h}x{w}", "wb") as f:
                f.write(data)
    made = []
    with open(f"{directory}/list", "w", encoding="ascii") as listing:
        for i in range(nets):
            net = Net(f"{seed}.{i}")
            path = f"{directory}/{i:03}.onnx"
            with open(path, "wb") as f:
                f.write(net.build())
            made.append((net, path))
            listing.write(f"{path} {directory}/pixels.{net.h}x{net.w} {IMAGES} {net.h} {net.w} "
                          f"{path}.expected\n")
    return made


def read_expected(made, file):
    """A line a net: its number and the embeddings of all images."""
    with open(file, encoding="ascii") as f:
        for line in f:
            net, *numbers = line.split()
            with open(f"{made[int(net)][1]}.expected", "wb") as out:
                out.write(struct.pack(f"<{len(numbers)}f", *map(float, numbers)))


def write_expected(made, file):
    with open(file, "w", encoding="ascii") as f:
        for i, (_, path) in enumerate(made):
            if os.path.exists(f"{path}.expected"):
                with open(f"{path}.expected", "rb") as found:
                    print(i, *(f"{x:.9g}" for x in floats(found.read())), file=f)


def check(net, path, directory, bound):
    """The difference, or None where it cannot be told; and whether that is a fault."""
    if not os.path.exists(f"{path}.expected"):
        return None, False
    with open(f"{path}.expected", "rb") as f:
        expected = floats(f.read())
    faces, worst = f"{directory}/faces.{net.h}x{net.w}", 0.0
    ways = [path]
    for again in (f"{path}.model", f"{path}.again.onnx"):
        opset = ["--opset", "21"] if net.opset >= 19 and again.endswith(".onnx") else []
        done = subprocess.run(["model-convert", "-q", *RAW, *opset, "-o", again, path],
                              stderr=subprocess.PIPE, text=True)
        ways.append(again)
        if done.returncode != 0:
            print(f"{done.stderr.strip()}\n    {'; '.join(net.told)}")
            return None, True
    for way in ways:
        found = embedded(way, faces, directory, RAW if way == path else [])
        if isinstance(found, str):
            print(f"{found}\n    {'; '.join(net.told)}")
            return None, True
        difference = (max(abs(a - b) for a, b in zip(found, expected)) /
                      max(abs(a) for a in expected))
        if not difference <= bound:
            print(f"{way}: {difference:.1e}, too much: {'; '.join(net.told)}")
            return difference, True
        worst = max(worst, difference)
    return worst, False


def main():
    directory, bound, seed, nets = sys.argv[1], float(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    modules, directory = os.path.abspath(f"{directory}/node_modules"), f"{directory}/random"
    os.makedirs(directory, exist_ok=True)
    for name in os.listdir(directory):
        os.remove(f"{directory}/{name}")
    made = write_all(directory, seed, nets)
    if sys.argv[5:6] == ["read"]:
        read_expected(made, sys.argv[6])
    else:
        subprocess.run(["node", f"{os.path.dirname(__file__)}/onnx_random.js", f"{directory}/list"],
                       check=True, env={**os.environ, "NODE_PATH": modules})
    if sys.argv[5:6] == ["write"]:
        write_expected(made, sys.argv[6])
    found = [check(net, path, directory, bound) for net, path in made]
    told = [difference for difference, _ in found if difference is not None]
    bad = sum(fault for _, fault in found)
    print(f"{nets} random nets, seed {seed}: {len(told)} compared, {bad} at fault, the largest "
          f"difference {max(told, default=0):.1e}")
    sys.exit(bad > 0 or 2 * len(told) < nets)


main()
