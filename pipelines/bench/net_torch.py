"""net_torch.py ARCH train|embed BATCH nchw|nhwc SECONDS WARM STEPS: PyTorch's speed.
net_torch.py ARCH onnx BATCH FILE: writes the net.

Prints the images per second of the first of WARM unmeasured steps, then of each measured one, of
which there are at least STEPS and SECONDS' worth, and last the peak memory in MiB.
"""
import resource
import sys
import time

import torch
from torch.nn import functional

import net_models as nets

IDENTITIES = 100


def rates(step, batch, seconds, warm, least):
    """Images per second of the first step, and of each after the warm-up, for at least so long."""
    def rate():
        since = time.perf_counter()
        step()
        return batch / (time.perf_counter() - since)

    first = [rate() for _ in range(warm)][0]
    begun, found = time.perf_counter(), []
    while len(found) < least or time.perf_counter() - begun < seconds:
        found.append(rate())
    return [first, *found]


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
    print(*rates(step, batch, float(sys.argv[5]), *map(int, sys.argv[6:8])),
          resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


main()
