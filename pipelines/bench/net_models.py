"""The nets of this project in PyTorch, with the same parameter names, and safetensors files.

MobileFaceNet and the ResNet-irs are those FaceX-Zoo trains, the IResNets and mbf those of
InsightFace's arcface_torch.
"""
import json
import struct
import zlib

import numpy as np
import torch
from torch import nn

BLOCKS = {"iresnet18": (2, 2, 2, 2), "iresnet34": (3, 4, 6, 3),
          "iresnet50": (3, 4, 14, 3), "iresnet100": (3, 13, 30, 3)}
IR_UNITS = {"resnet50-ir": (3, 4, 14, 3), "resnet100-ir": (3, 13, 30, 3)}
ARCHS = ["mobilefacenet", *BLOCKS, "mbf", *IR_UNITS]


class Normed(nn.Module):
    """A convolution, batch norm and perhaps PReLU."""

    def __init__(self, c, out, kernel, stride=1, pad=0, groups=1, prelu=True):
        super().__init__()
        self.conv = nn.Conv2d(c, out, kernel, stride, pad, groups=groups, bias=False)
        self.bn = nn.BatchNorm2d(out)
        self.prelu = nn.PReLU(out) if prelu else None

    def forward(self, x):
        x = self.bn(self.conv(x))
        return x if self.prelu is None else self.prelu(x)


class Bottleneck(nn.Module):
    def __init__(self, c, wide, out, stride, residual=False):
        super().__init__()
        self.conv = Normed(c, wide, 1)
        self.conv_dw = Normed(wide, wide, 3, stride, 1, groups=wide)
        self.project = Normed(wide, out, 1, prelu=False)
        self.residual = residual

    def forward(self, x):
        y = self.project(self.conv_dw(self.conv(x)))
        return x + y if self.residual else y


class Residuals(nn.Module):
    def __init__(self, c, wide, count):
        super().__init__()
        self.model = nn.Sequential(*[Bottleneck(c, wide, c, 1, True) for _ in range(count)])

    def forward(self, x):
        return self.model(x)


class MobileFaceNet(nn.Module):
    def __init__(self, embedding=512):
        super().__init__()
        self.conv1 = Normed(3, 64, 3, 2, 1)
        self.conv2_dw = Normed(64, 64, 3, 1, 1, groups=64)
        self.conv_23 = Bottleneck(64, 128, 64, 2)
        self.conv_3 = Residuals(64, 128, 4)
        self.conv_34 = Bottleneck(64, 256, 128, 2)
        self.conv_4 = Residuals(128, 256, 6)
        self.conv_45 = Bottleneck(128, 512, 128, 2)
        self.conv_5 = Residuals(128, 256, 2)
        self.conv_6_sep = Normed(128, 512, 1)
        self.conv_6_dw = Normed(512, 512, 7, groups=512, prelu=False)
        self.linear = nn.Linear(512, embedding, bias=False)
        self.bn = nn.BatchNorm1d(embedding)

    def forward(self, x):
        x = self.conv_23(self.conv2_dw(self.conv1(x)))
        x = self.conv_45(self.conv_4(self.conv_34(self.conv_3(x))))
        x = self.conv_6_dw(self.conv_6_sep(self.conv_5(x)))
        return self.bn(self.linear(x.flatten(1)))


class Block(nn.Module):
    def __init__(self, c, out, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(c)
        self.conv1 = nn.Conv2d(c, out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(out)
        self.prelu = nn.PReLU(out)
        self.conv2 = nn.Conv2d(out, out, 3, stride, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out)
        self.downsample = None
        if stride != 1:
            self.downsample = nn.Sequential(nn.Conv2d(c, out, 1, stride, bias=False),
                                            nn.BatchNorm2d(out))

    def forward(self, x):
        y = self.prelu(self.bn2(self.conv1(self.bn1(x))))
        y = self.bn3(self.conv2(y))
        return y + (x if self.downsample is None else self.downsample(x))


class IResNet(nn.Module):
    def __init__(self, blocks, embedding=512):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.prelu = nn.PReLU(64)
        c = 64
        for stage, count in enumerate(blocks):
            out = 64 << stage
            units = [Block(c if b == 0 else out, out, 2 if b == 0 else 1) for b in range(count)]
            setattr(self, f"layer{stage + 1}", nn.Sequential(*units))
            c = out
        self.bn2 = nn.BatchNorm2d(512)
        self.fc = nn.Linear(512 * 7 * 7, embedding)
        self.features = nn.BatchNorm1d(embedding)
        self.features.weight.requires_grad = False
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.normal_(module.weight, 0, 0.1)

    def forward(self, x):
        x = self.prelu(self.bn1(self.conv1(x)))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.features(self.fc(self.bn2(x).flatten(1)))


class Layers(nn.Module):
    """Modules one after the other, whose parameters are called layers.N; with `skip` their input is
    added to what they make."""

    def __init__(self, *layers, skip=False):
        super().__init__()
        self.layers = nn.Sequential(*layers)
        self.skip = skip

    def forward(self, x):
        y = self.layers(x)
        return x + y if self.skip else y


def convolved(c, out, kernel, stride=1, pad=0, groups=1, prelu=True):
    last = [nn.PReLU(out)] if prelu else []
    return Layers(nn.Conv2d(c, out, kernel, stride, pad, groups=groups, bias=False),
                  nn.BatchNorm2d(out), *last)


def squeezed(c, wide, out, stride, skip=False):
    return Layers(convolved(c, wide, 1), convolved(wide, wide, 3, stride, 1, wide),
                  convolved(wide, out, 1, prelu=False), skip=skip)


class Mbf(nn.Module):
    def __init__(self, embedding=512):
        super().__init__()
        self.layers = nn.Sequential(
            convolved(3, 128, 3, 2, 1), convolved(128, 128, 3, 1, 1, 64),
            squeezed(128, 128, 128, 2),
            Layers(*[squeezed(128, 128, 128, 1, True) for _ in range(4)]),
            squeezed(128, 256, 256, 2),
            Layers(*[squeezed(256, 256, 256, 1, True) for _ in range(6)]),
            squeezed(256, 512, 256, 2),
            Layers(*[squeezed(256, 256, 256, 1, True) for _ in range(2)]))
        self.conv_sep = convolved(256, 512, 1)
        self.features = Layers(convolved(512, 512, 7, groups=512, prelu=False), nn.Flatten(),
                               nn.Linear(512, embedding, bias=False), nn.BatchNorm1d(embedding))

    def forward(self, x):
        return self.features(self.conv_sep(self.layers(x)))


class IrUnit(nn.Module):
    def __init__(self, c, out, stride):
        super().__init__()
        self.shortcut_layer = nn.MaxPool2d(1, stride)
        if c != out:
            self.shortcut_layer = nn.Sequential(nn.Conv2d(c, out, 1, stride, bias=False),
                                                nn.BatchNorm2d(out))
        self.res_layer = nn.Sequential(
            nn.BatchNorm2d(c), nn.Conv2d(c, out, 3, 1, 1, bias=False), nn.PReLU(out),
            nn.Conv2d(out, out, 3, stride, 1, bias=False), nn.BatchNorm2d(out))

    def forward(self, x):
        return self.res_layer(x) + self.shortcut_layer(x)


class ResNetIr(nn.Module):
    def __init__(self, units, embedding=512):
        super().__init__()
        self.input_layer = nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False),
                                         nn.BatchNorm2d(64), nn.PReLU(64))
        body, c = [], 64
        for stage, count in enumerate(units):
            for u in range(count):
                body.append(IrUnit(c, 64 << stage, 2 if u == 0 else 1))
                c = 64 << stage
        self.body = nn.Sequential(*body)
        self.output_layer = nn.Sequential(nn.BatchNorm2d(512), nn.Identity(), nn.Flatten(),
                                          nn.Linear(512 * 7 * 7, embedding),
                                          nn.BatchNorm1d(embedding))

    def forward(self, x):
        return self.output_layer(self.body(self.input_layer(x)))


def build(arch):
    if arch in BLOCKS:
        return IResNet(BLOCKS[arch])
    if arch in IR_UNITS:
        return ResNetIr(IR_UNITS[arch])
    return Mbf() if arch == "mbf" else MobileFaceNet()


def pixels(rgb):
    """float[n,3,h,w] of bytes[n,h,w,3], as FaceX-Zoo has it: BGR, (p - 127.5) / 128."""
    x = torch.from_numpy(np.ascontiguousarray(rgb)).permute(0, 3, 1, 2).float().flip(1)
    return (x - 127.5) / 128


TYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "u1"}


def frames(path):
    """(metadata, tensors by name) of each safetensors file of a stream."""
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        size, = struct.unpack_from("<Q", data, at)
        header, base = json.loads(data[at + 8:at + 8 + size]), at + 8 + size
        meta, tensors, at = header.pop("__metadata__", {}), {}, base
        for name, t in header.items():
            begin, end = t["data_offsets"]
            raw = np.frombuffer(data[base + begin:base + end], TYPES[t["dtype"]]).copy()
            tensors[name] = raw.reshape(t["shape"])
            at = max(at, base + end)
        yield meta, tensors


def column(path, name):
    """One column of all rows of a stream."""
    return np.concatenate([t[name] for _, t in frames(path) if name in t])


def save(path, arch, state):
    """A state_dict as a model of this project."""
    header, chunks, at = {}, [], 0
    arrays = {k: v.detach().contiguous().numpy() for k, v in state.items()}
    for name in sorted(arrays, key=lambda k: -arrays[k].itemsize):
        a = arrays[name]
        header[name] = {"dtype": "I64" if a.dtype == np.int64 else "F32", "shape": a.shape,
                        "data_offsets": [at, at + a.nbytes]}
        chunks.append(a.tobytes())
        at += a.nbytes
    data = b"".join(chunks)
    header["__metadata__"] = {
        "kind": "model", "last": "1", "crc32": f"{zlib.crc32(data):08x}", "arch": arch,
        "embedding": "512", "size": "112", "pixel_mean": "127.5", "pixel_scale": "0.0078125",
        "pixel_order": "bgr"}
    text = json.dumps(header).encode()
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)
