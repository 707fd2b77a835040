"""onnx_check.py DIRECTORY BOUND models|torch|operators [FILE|NET ...]: nets of others through embed(1).

models: ONNX files, against ONNX Runtime.  torch: nets with random weights that PyTorch exports,
against PyTorch; then what model-convert(1) writes of them, with batch norms folded or not, against
PyTorch too, run by ONNX Runtime.  operators: small nets of the operators those lack, exported at
several opsets, against ONNX Runtime.  Prints the largest difference relative to the largest number
and fails where it is above the bound.
"""
import os
import subprocess
import sys
import warnings

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import net_models as nets

MEAN, SCALE = 127.5, 1 / 127.5


class Check:
    def __init__(self, directory, bound):
        self.directory, self.bound, self.failed = directory, bound, False
        self.pixels = nets.column(f"{directory}/faces", "image")
        self.pixels.tofile(f"{directory}/pixels")

    def embed(self, model):
        out = f"{self.directory}/embeddings"
        subprocess.run(["embed", "-q", "-m", model, "--mean", str(MEAN), "--scale", repr(SCALE),
                        "-o", out, f"{self.directory}/faces"], check=True)
        return nets.column(out, "embedding")

    def onnx_runtime(self, model):
        out = f"{self.directory}/numbers"
        path = os.path.abspath(f"{self.directory}/node_modules")
        subprocess.run(["node", "pipelines/bench/onnx_run.js", model, f"{self.directory}/pixels",
                        str(len(self.pixels)), str(MEAN), repr(SCALE), out],
                       check=True, env={**os.environ, "NODE_PATH": path})
        return np.fromfile(out, np.float32).reshape(len(self.pixels), -1)

    def torch(self, net):
        x = torch.from_numpy(self.pixels).permute(0, 3, 1, 2).float()
        with torch.no_grad():
            return net.eval()((x - MEAN) * SCALE).numpy()

    def compare(self, what, found, expected):
        difference = float(np.abs(found - expected).max() / np.abs(expected).max())
        bad = not difference <= self.bound
        self.failed = self.failed or bad
        print(f"{what:64} {difference:9.1e}{'  too much' if bad else ''}", flush=True)


def settle(net, check):
    """Running statistics and parameters as a net has them that has learned something."""
    torch.manual_seed(1)
    for p in net.parameters():
        if p.dim() == 1:
            p.data += 0.1 * torch.randn_like(p)
    for module in net.modules():
        if isinstance(module, nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
    x = torch.from_numpy(check.pixels).permute(0, 3, 1, 2).float()
    with torch.no_grad():
        net.train()((x - MEAN) * SCALE)
    return net.eval()


def export(net, path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net, torch.zeros(1, 3, 112, 112), path, input_names=["input"],
                          output_names=["embedding"], dynamic_axes={"input": {0: "batch"}}, **options)


def check_models(check, files):
    for file in files:
        check.compare(f"{os.path.basename(file)}: embed, ONNX Runtime", check.embed(file),
                      check.onnx_runtime(file))


def check_torch(check, archs):
    for arch in archs:
        net = settle(nets.build(arch), check)
        expected = check.torch(net)
        path, ours = f"{check.directory}/{arch}.onnx", f"{check.directory}/{arch}-again.onnx"
        model = f"{check.directory}/{arch}.model"
        for opset in (9, 13, 16):
            export(net, path, opset_version=opset)
            check.compare(f"{arch}, opset {opset}: embed, PyTorch", check.embed(path), expected)
        export(net, path, training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
        check.compare(f"{arch}, batch norms apart: embed, PyTorch", check.embed(path), expected)
        subprocess.run(["model-convert", "-q", "-o", model, path], check=True)
        check.compare(f"{arch} as a model: embed, PyTorch", check.embed(model), expected)
        for form in (["--opset", "9"], ["--opset", "17", "--unfolded"]):
            subprocess.run(["model-convert", "-q", *form, "-o", ours, model], check=True)
            check.compare(f"{arch} exported again, {' '.join(form)}: ONNX Runtime, PyTorch",
                          check.onnx_runtime(ours), expected)


class Gated(nn.Module):
    """Groups, dilation, strides and padding that differ by axis, a gate, and hard curves."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 12, (3, 5), (2, 3), (1, 2), groups=3)
        self.b = nn.Conv2d(12, 16, 3, 1, (2, 0), dilation=(2, 1), groups=4, bias=False)
        self.down, self.up = nn.Conv2d(16, 4, 1), nn.Conv2d(4, 16, 1)
        self.slope, self.fc = nn.PReLU(), nn.Linear(16, 8)

    def forward(self, x):
        x = functional.hardswish(self.a(x))
        x = self.slope(self.b(x))
        gate = self.up(functional.relu(self.down(functional.adaptive_avg_pool2d(x, 1))))
        x = x * functional.hardsigmoid(gate)
        return self.fc(x.mean((2, 3)))


class Pooled(nn.Module):
    """Pools of all kinds, margins, larger and smaller images, and what is put side by side."""

    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Conv2d(3, 6, 3, 2, 1), nn.Conv2d(12, 10, 1)
        self.norm, self.fc = nn.BatchNorm2d(6, eps=1e-3), nn.Linear(10 * 7 * 7, 9)

    def forward(self, x):
        x = functional.leaky_relu(self.norm(self.a(x)), 0.2)
        y = functional.max_pool2d(x, 3, 2, 1)
        z = functional.avg_pool2d(functional.pad(x, (1, 0, 1, 0), value=0.5), 3, 2, ceil_mode=True,
                                  count_include_pad=False)
        z = functional.interpolate(functional.avg_pool2d(z, 4), scale_factor=4.0, mode="nearest")
        x = self.b(torch.cat([y, z], 1)).clamp(-0.3, 1.5)
        x = functional.avg_pool2d(x, 4, count_include_pad=True)
        return torch.sigmoid(self.fc(torch.flatten(x, 1)))


class Shaped(nn.Module):
    """Channels that move, shapes that are computed, and arithmetic with constants and values."""

    def __init__(self):
        super().__init__()
        self.a = nn.Conv2d(3, 5, 7, 7)
        self.fc = nn.Linear(5 * 16 * 16, 11)
        self.register_buffer("shift", torch.tensor([1.0, -2, 3, -4, 5]).view(1, 5, 1, 1))

    def forward(self, x):
        x = self.a(x * 2 - 0.5)
        x = (x + self.shift) / 3 - x.clamp(min=0) * 0.25
        x = x.permute(0, 2, 3, 1).reshape(x.size(0), -1)
        return 1 - self.fc(functional.dropout(x, 0.5, self.training)).squeeze()


def check_operators(check, _):
    for net in (Gated(), Pooled(), Shaped()):
        settle(net, check)
        name, path = type(net).__name__, f"{check.directory}/operators.onnx"
        for opset in (9, 10, 11, 12, 13, 14, 16):
            try:
                export(net, path, opset_version=opset)
            except (RuntimeError, torch.onnx.errors.UnsupportedOperatorError) as error:
                print(f"{name}, opset {opset}: PyTorch cannot export it: {str(error)[:60]}")
                continue
            check.compare(f"{name}, opset {opset}: embed, ONNX Runtime", check.embed(path),
                          check.onnx_runtime(path))


def main():
    torch.set_num_threads(2)
    check = Check(sys.argv[1], float(sys.argv[2]))
    run = {"models": check_models, "torch": check_torch, "operators": check_operators}
    run[sys.argv[3]](check, sys.argv[4:])
    sys.exit(check.failed)


main()
