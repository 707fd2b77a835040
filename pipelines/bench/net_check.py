"""net_check.py DIRECTORY ARCH...: this project's nets against PyTorch's, with the same weights.

Forward: PyTorch's weights, and running statistics it took from a batch, embedded by embed(1).
Training: one step of npc-train(1) at learning rate 0, whose model holds the weights it began with,
the moved running statistics and, as momentum, the gradients of the normface loss; PyTorch does the
same step with those weights. Prints the largest differences and fails above the bounds.
"""
import subprocess
import sys

import torch
from torch.nn import functional

import net_models as nets

# Gradients in float: PyTorch's own are 1e-3 from PyTorch's in double (MobileFaceNet).
FORWARD, RUNNING, LOSS, GRADIENT = 1e-4, 1e-4, 1e-4, 5e-3
IMAGES, IDENTITIES = 8, 4


def double(numbers):
    return torch.tensor(numbers) if isinstance(numbers, float) else torch.as_tensor(numbers).double()


def difference(ours, theirs, scale=None):
    """The largest difference, relative to the largest number or to scale."""
    scale = double(theirs).abs().max() if scale is None else scale
    return float((double(ours) - double(theirs)).abs().max() / scale)


def distance(ours, theirs):
    """The same for the Euclidean length, which one kink of a PReLU does not decide."""
    return float((double(ours) - double(theirs)).norm() / double(theirs).norm())


def run(*command):
    subprocess.run([str(word) for word in command], check=True)


def check_forward(directory, arch, faces):
    torch.manual_seed(1)
    net = nets.build(arch)
    for name, p in net.named_parameters():
        if p.dim() == 1 and p.requires_grad:
            p.data += 0.1 * torch.randn_like(p)
    x = nets.pixels(nets.column(faces, "image"))
    for module in net.modules():
        if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.momentum = 1.0
    with torch.no_grad():
        net.train()(x)
        theirs = net.eval()(x)
    model, out = f"{directory}/{arch}.safetensors", f"{directory}/{arch}.embeddings"
    nets.save(model, arch, net.state_dict())
    run("embed", "-q", "-m", model, "-o", out, faces)
    return difference(nets.column(out, "embedding"), theirs)


def check_training(directory, arch, faces):
    model, log = f"{directory}/{arch}.trained", f"{directory}/{arch}.tsv"
    run("npc-train", "-q", "-i", faces, "--no-shuffle", "-b", IMAGES, "-e", 1, "--arch", arch,
        "--head", "normface", "--lr", 0, "--weight-decay", 0, "--log", log, "--log-every", 1,
        "-o", model)
    (_, ours), = nets.frames(model)
    net = nets.build(arch)
    state = {k: torch.from_numpy(ours[k]) if not is_state(k) else v
             for k, v in net.state_dict().items()}
    net.load_state_dict(state)
    centres = functional.normalize(torch.from_numpy(ours["head.weight"]))
    labels = torch.from_numpy(nets.column(faces, "label"))
    x = net.train()(nets.pixels(nets.column(faces, "image")))
    loss = functional.cross_entropy(32 * functional.normalize(x) @ centres.T, labels)
    loss.backward()
    gradients = {k: p.grad for k, p in net.named_parameters() if p.requires_grad}
    with open(log, encoding="ascii") as lines:
        heading, *_, line = (row.rstrip("\n").split("\t") for row in lines)
    return (running(ours, net.state_dict()),
            difference(float(line[heading.index("loss")]), loss.detach()),
            total(ours, gradients), max(distance(ours["momentum." + k], g)
                                        for k, g in gradients.items() if matters(k, gradients)))


def is_state(name):
    return name.endswith(("running_mean", "running_var", "num_batches_tracked"))


def running(ours, theirs):
    """The largest difference of running statistics; of a mean, relative to the deviation."""
    deviation = lambda name: theirs[name.replace("running_mean", "running_var")].max().sqrt()
    return max(difference(ours[k], v, deviation(k) if k.endswith("running_mean") else None)
               for k, v in theirs.items() if is_state(k))


def total(ours, gradients):
    """The distance of all gradients taken as one vector."""
    flat = lambda parts: torch.cat([torch.as_tensor(p).flatten() for p in parts])
    return distance(flat(ours["momentum." + k] for k in gradients), flat(gradients.values()))


def matters(name, gradients):
    """Not a parameter whose gradient is zero but for rounding, as of a bias before batch norm."""
    largest = max(g.norm() for g in gradients.values())
    return gradients[name].norm() > 1e-4 * largest


def main():
    directory, archs = sys.argv[1], sys.argv[2:] or nets.ARCHS
    torch.set_num_threads(2)
    faces, failed = f"{directory}/check.faces", False
    run("face-synth", "-q", "-n", IDENTITIES, "-m", IMAGES // IDENTITIES, "-o", faces)
    print(f"{'largest relative difference':28} {'forward':>9} {'running':>9} {'loss':>9} "
          f"{'gradient':>9} {'worst of a parameter':>21}")
    print(f"{'allowed':28} {FORWARD:9.0e} {RUNNING:9.0e} {LOSS:9.0e} {GRADIENT:9.0e}")
    for arch in archs:
        forward = check_forward(directory, arch, faces)
        moved, loss, gradient, worst = check_training(directory, arch, faces)
        bad = forward > FORWARD or moved > RUNNING or loss > LOSS or gradient > GRADIENT
        failed = failed or bad
        print(f"{arch:28} {forward:9.1e} {moved:9.1e} {loss:9.1e} {gradient:9.1e} {worst:21.1e}"
              f"{'  too much' if bad else ''}", flush=True)
    sys.exit(failed)


main()
