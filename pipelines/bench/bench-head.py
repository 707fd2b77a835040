"""The npcface head in PyTorch, for pipelines/bench-head.mk; the same commands as bench-head.

    bench-head.py check FILE                          compares with what `bench-head check` wrote
    bench-head.py BATCH IDENTITIES RATE WARM STEPS    prints the same lines as bench-head
"""
import json
import math
import os
import struct
import sys
import time

import torch
import torch.nn.functional as F

DIM = 512
SIDE = 2048
SGD = dict(lr=0.1, momentum=0.9, weight_decay=1e-4)


def npcface(x, w, label, s=32, m=0.35, m0=0.40, m1=0.20, t=1.10, a=0.20):
    """The loss of heads(7) with the preset facexzoo; w[C,D], one row for each identity."""
    c = F.linear(F.normalize(x), F.normalize(w)).clamp(-1, 1)
    own = label[:, None]
    g = c.gather(1, own)
    sine = (1 - g * g).clamp_min(1e-12).sqrt()
    with torch.no_grad():
        hard = c > g * math.cos(m) - sine * math.sin(m)
        hard.scatter_(1, own, False)
        mean = (c * hard).sum(1, keepdim=True) / hard.sum(1, keepdim=True).clamp_min(1)
        margin = m0 + m1 * mean
    positive = torch.where(g > 0, margin.cos() * g - margin.sin() * sine, g)
    z = torch.where(hard, t * c + a, c).scatter(1, own, positive)
    return F.cross_entropy(s * z, label)


def sample(label, identities, rate):
    """The identities of a step (Partial FC): those of the batch, and others at random."""
    rank = torch.rand(identities)
    rank[label] = 2
    return rank.topk(int(rate * identities)).indices.sort().values


def loss_of(x, w, label, chosen):
    if chosen is None:
        return npcface(x, w, label)
    return npcface(x, w[chosen], torch.searchsorted(chosen, label))


def frames(path):
    """The frames of a tensor stream, each a dictionary of tensors."""
    kinds = {"F32": torch.float32, "I64": torch.int64}
    data = bytearray(open(path, "rb").read())
    at = 0
    while at < len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        header = json.loads(data[at + 8 : at + 8 + size])
        header.pop("__metadata__", None)
        base = at + 8 + size
        frame, end = {}, 0
        for name, entry in header.items():
            first, last = entry["data_offsets"]
            flat = torch.frombuffer(data[base + first : base + last], dtype=kinds[entry["dtype"]])
            frame[name] = flat.reshape(entry["shape"])
            end = max(end, last)
        at = base + end
        yield frame


def check(path):
    worst = 0

    def compare(what, got, want):
        nonlocal worst
        off = ((got - want).abs().max() / want.abs().max()).item()
        worst = max(worst, off)
        print(f"bench-head.py: {what}: off by {off:.1e}", file=sys.stderr)

    for frame in frames(path):
        which = "sampled" if "id0" in frame else "all"
        w = frame["weight"].clone().requires_grad_()
        optimizer = torch.optim.SGD([w], **SGD)
        for step in range(2):
            x = frame[f"x{step}"].clone().requires_grad_()
            optimizer.zero_grad(set_to_none=True)
            loss = loss_of(x, w, frame[f"label{step}"], frame.get(f"id{step}"))
            loss.backward()
            compare(f"{which}, loss of step {step}", loss.detach(), frame[f"loss{step}"])
            compare(f"{which}, dx of step {step}", x.grad, frame[f"dx{step}"])
            compare(f"{which}, dw of step {step}", w.grad, frame[f"dw{step}"])
            optimizer.step()
        compare(f"{which}, centres after", w.detach(), frame["after"])
        compare(f"{which}, momentum", optimizer.state[w]["momentum_buffer"], frame["momentum"])
    if not worst <= 1e-4:
        sys.exit("bench-head.py: the two do not compute the same")
    print(f"PyTorch and this head agree: largest relative difference {worst:.1e}")


def status_bytes(name):
    with open("/proc/self/status") as f:
        return next(int(line.split()[1]) * 1024 for line in f if line.startswith(name))


def run(rows, identities, rate, warm, steps):
    program = status_bytes("VmRSS:")
    w = F.normalize(torch.rand(identities, DIM).mul_(2).sub_(1)).requires_grad_()
    optimizer = torch.optim.SGD([w], **SGD)

    def step():
        x = torch.randn(rows, DIM, requires_grad=True)
        label = torch.randint(identities, (rows,))
        start = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        chosen = sample(label, identities, rate) if rate < 1 else None
        loss_of(x, w, label, chosen).backward()
        optimizer.step()
        return time.perf_counter() - start

    unmeasured = [step() for _ in range(warm)]
    peak = status_bytes("VmHWM:")
    working = peak - program - 2 * identities * DIM * 4
    a, b = torch.rand(SIDE, SIDE), torch.rand(SIDE, SIDE)
    c = a @ b.T
    for _ in range(steps):
        start = time.perf_counter()
        for _ in range(2):
            torch.mm(a, b.T, out=c)
        gflops = 2 * 2 * SIDE**3 / (time.perf_counter() - start) * 1e-9
        print(f"{step():.4f}\t{peak}\t{working}\t{gflops:.1f}\t{unmeasured[0]:.4f}\t"
              f"{unmeasured[-1]:.4f}", flush=True)


# Left alone it may decide for one thread, and is slower; what it decides is measured on request.
if "TORCH_OWN_THREADS" not in os.environ:
    torch.set_num_threads(len(os.sched_getaffinity(0)))
torch.manual_seed(1)
if len(sys.argv) == 3 and sys.argv[1] == "check":
    check(sys.argv[2])
elif len(sys.argv) == 6:
    run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
else:
    sys.exit(__doc__)
