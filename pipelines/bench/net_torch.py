"""net_torch.py ARCH train|embed|onnx BATCH [nchw|nhwc SECONDS | FILE]: PyTorch's speed.

Prints images per second (the median over steps; data, model and one warm-up step are not counted)
and the peak memory in MiB; with onnx, writes the net to FILE instead.
"""
import resource
import statistics
import sys
import time

import torch
from torch.nn import functional

import net_models as nets

IDENTITIES = 100


def rates(step, batch, seconds):
    """Images per second of each step, for at least that long."""
    step()
    begun, found = time.perf_counter(), []
    while not found or time.perf_counter() - begun < seconds:
        since = time.perf_counter()
        step()
        found.append(batch / (time.perf_counter() - since))
    return found


def trainer(net, x):
    """A step with the normface loss and SGD, as npc-train takes it."""
    centres = torch.nn.Parameter(torch.randn(IDENTITIES, 512))
    labels = torch.randint(IDENTITIES, (x.shape[0],))
    parameters = [p for p in net.parameters() if p.requires_grad]
    sgd = torch.optim.SGD([*parameters, centres], lr=0.001, momentum=0.9, weight_decay=1e-4)
    net.train()

    def step():
        sgd.zero_grad(set_to_none=True)
        cosines = functional.normalize(net(x)) @ functional.normalize(centres).T
        functional.cross_entropy(32 * cosines, labels).backward()
        sgd.step()
    return step


def embedder(net, x):
    net.eval()

    def step():
        with torch.inference_mode():
            net(x)
    return step


def main():
    arch, task, batch = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(2)
    torch.manual_seed(1)
    net, x = nets.build(arch), torch.randn(batch, 3, 112, 112)
    if task == "onnx":
        torch.onnx.export(net.eval(), x, sys.argv[4], input_names=["x"], output_names=["y"])
        return
    if sys.argv[4] == "nhwc":
        net = net.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    step = trainer(net, x) if task == "train" else embedder(net, x)
    rate = statistics.median(rates(step, batch, float(sys.argv[5])))
    print(rate, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


main()
