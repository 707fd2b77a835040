"""train_check.py DIRECTORY [CASE...]: optimisers and terms of the loss, step by step, against PyTorch's.

npc-train(1) takes 20 steps and keeps the model after each. From every one of these PyTorch, in double,
takes the next step of MobileFaceNet with the normface loss, and must arrive at the next model. Prints
the largest relative differences over the steps, the median of the gradient's too, and fails above the
bounds. The step is that of PyTorch's optimiser with this project's gradient, which follows from the
momentum: where gradients are as small as their rounding, AdamW makes whole steps of it.
"""
import statistics
import subprocess
import sys

import torch
from torch.nn import functional
from torch.optim import swa_utils

import net_models as nets

STEPS, BATCH, SIZE, IDENTITIES, EMBEDDING, OTHER, SCALE = 20, 16, 32, 8, 64, 48, 32
LR = 0.01
# A PReLU at its corner turns over in float now and then, which moves the gradient of that step; the median
# tells whether it is the right one. A step at the end of a schedule is hardly more than the rounding of weights.
BOUNDS = {"loss": 1e-4, "gradient": 5e-2, "median": 1e-4, "step": 1e-3, "kept": 1e-4}
SGD = {"momentum": 0.9, "weight_decay": 5e-4}
CASES = {
    "SGD": ({}, []),
    "Nesterov": ({}, ["--nesterov"]),
    "cosine schedule": ({}, ["--schedule", "cosine"]),
    "EMA": ({}, ["--ema", 0.8]),
    "label smoothing": ({}, ["--label-smoothing", 0.1]),
    "AdamW": ({}, ["--optimizer", "adamw", "--weight-decay", 0.05, "--beta2", 0.98]),
    "distillation, cos": ({"teacher": EMBEDDING, "weight": 5}, ["--distil", "cos"]),
    "distillation, mse": ({"teacher": EMBEDDING, "weight": 500}, ["--distil", "mse"]),
    "distillation, rkd": ({"teacher": OTHER, "weight": 2}, ["--distil", "rkd"]),
}


def run(*command):
    subprocess.run([str(word) for word in command], check=True)


def double(array):
    return torch.from_numpy(array.copy()).double()


class Net(torch.nn.Module):
    """A net for small images, and centres."""

    def __init__(self):
        super().__init__()
        net = nets.MobileFaceNet(EMBEDDING)
        net.conv_6_dw = nets.Normed(512, 512, SIZE // 16, groups=512, prelu=False)
        self.net = net
        self.centres = torch.nn.Parameter(torch.zeros(IDENTITIES, EMBEDDING))
        self.double().train()

    def names(self):
        """Ours for each parameter."""
        return {p: "head.weight" if name == "centres" else name[len("net."):]
                for name, p in self.named_parameters()}

    def load(self, model):
        state = {name: torch.from_numpy(model[name].copy()) for name in self.net.state_dict()}
        self.net.load_state_dict(state)
        self.centres.data = double(model["head.weight"])


def kept(model, name, what):
    if name == "head.weight":
        return model[f"head.weight.{what}"]
    return model[("momentum." if what == "momentum" else "training.square.") + name]


def gradient(case, w, before, after, name, step):
    """Ours, from the momentum before and after the step."""
    new = double(kept(after, name, "momentum"))
    old = double(kept(before, name, "momentum")) if step > 0 else 0
    if case == "AdamW":
        return (new - 0.9 * old) / (1 - 0.9)
    return new - SGD["momentum"] * old - SGD["weight_decay"] * w


def optimiser(net, case, lr, step, model):
    """As it is before that step."""
    names = net.names()
    if case == "AdamW":
        optim = torch.optim.AdamW(net.parameters(), lr=lr, betas=(0.9, 0.98), weight_decay=0.05)
        for p, name in names.items():
            optim.state[p] = {"step": torch.tensor(float(step)), "exp_avg": double(kept(model, name, "momentum")),
                              "exp_avg_sq": double(kept(model, name, "square"))}
        return optim
    optim = torch.optim.SGD(net.parameters(), lr=lr, nesterov=case == "Nesterov", **SGD)
    for p, name in names.items():
        if step > 0:
            optim.state[p]["momentum_buffer"] = double(kept(model, name, "momentum"))
    return optim


def relations(x):
    """Distances by their mean and cosines of angles, as the authors of RKD compute them."""
    square = x.pow(2).sum(dim=1)
    distance = (square.unsqueeze(1) + square.unsqueeze(0) - 2 * x @ x.T).clamp(min=1e-12).sqrt()
    distance = distance * (1 - torch.eye(len(x), dtype=x.dtype))
    apart = functional.normalize(x.unsqueeze(0) - x.unsqueeze(1), dim=2)
    return distance / distance[distance > 0].mean(), torch.bmm(apart, apart.transpose(1, 2))


def distillation(kind, x, teacher):
    u, t = functional.normalize(x), functional.normalize(teacher)
    if kind == "cos":
        return (1 - functional.cosine_similarity(x, teacher)).mean()
    if kind == "mse":
        return functional.mse_loss(u, t)
    (d, a), (d1, a1) = relations(u), relations(t)
    return 25 * functional.smooth_l1_loss(d, d1) + 50 * functional.smooth_l1_loss(a, a1)


def train(directory, case, extra, options):
    """The models before and after each step."""
    out = f"{directory}/train-check"
    run("rm", "-rf", out)
    run("mkdir", out)
    recipe = ["-i", f"{directory}/small.faces", "--no-shuffle", "-b", BATCH, "--embedding", EMBEDDING,
              "--head", "normface", "--lr", LR, *options]
    if case != "AdamW":
        recipe += ["--weight-decay", SGD["weight_decay"]]
    if extra:
        recipe += ["--teacher", f"{directory}/teacher-{extra['teacher']}", "--distil-weight", extra["weight"]]
    run("npc-train", "-q", *recipe, "-e", 0, "--total", STEPS, "--checkpoint", f"{out}/start", "-o", f"{out}/0")
    run("npc-train", "-q", *recipe, "-e", STEPS * BATCH // (IDENTITIES * 8), "--checkpoint", f"{out}/model",
        "--every", 1, "--keep-last", STEPS, "--log", f"{out}/log", "--log-every", 1, "-o", f"{out}/end")
    with open(f"{out}/log", encoding="ascii") as log:
        heading, *lines = (line.rstrip("\n").split("\t") for line in log)
    log = {name: [line[i] for line in lines] for i, name in enumerate(heading)}
    start = next(iter(nets.frames(f"{out}/0")))[1]
    after = [next(iter(nets.frames(f"{out}/model.{k + 1}")))[1] for k in range(STEPS)]
    return [start, *after], log


def length(parts):
    return torch.cat([part.flatten() for part in parts]).norm()


def apart(ours, theirs, scale):
    return float(length([a - b for a, b in zip(ours, theirs)]) / length(scale))


def check(directory, case):
    extra, options = CASES[case]
    models, log = train(directory, case, extra, options)
    images = nets.pixels(nets.column(f"{directory}/small.faces", "image")).double()
    labels = torch.from_numpy(nets.column(f"{directory}/small.faces", "label"))
    teacher = double(nets.column(f"{directory}/teacher-{extra['teacher']}", "embedding")) if extra else None
    net, found = Net(), {name: [0.0] for name in BOUNDS if name != "median"}
    rates = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LR)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(rates, STEPS)
    ema = swa_utils.AveragedModel(net.net, avg_fn=lambda mean, p, _: 0.8 * mean + 0.2 * p, use_buffers=True)

    def note(what, value):
        found[what].append(value)

    for step in range(STEPS):
        model, after = models[step], models[step + 1]
        rows = slice(step * BATCH % len(images), step * BATCH % len(images) + BATCH)
        lr = rates.param_groups[0]["lr"] if case == "cosine schedule" else LR
        note("step", abs(float(log["lr"][step]) / lr - 1))
        net.load(model)
        before = [p.detach().clone() for p in net.parameters()]
        optim = optimiser(net, case, lr, step, model)
        x = net.net(images[rows])
        cosines = functional.normalize(x) @ functional.normalize(net.centres).T
        smoothing = 0.1 if case == "label smoothing" else 0
        loss = functional.cross_entropy(SCALE * cosines, labels[rows], label_smoothing=smoothing)
        note("loss", abs(float(log["loss"][step]) / float(loss) - 1))
        if extra:
            term = distillation(options[1], x, teacher[rows])
            note("loss", abs(float(log["distillation"][step]) / float(term) - 1) if term > 1e-3 else 0)
            loss = loss + extra["weight"] * term
        optim.zero_grad()
        loss.backward()
        names = net.names()
        theirs = [p.grad for p in names]
        ours = [gradient(case, p.detach(), model, after, name, step) for p, name in names.items()]
        note("gradient", apart(ours, theirs, theirs))
        for p, g in zip(names, ours):
            p.grad = g
        optim.step()
        rates.step()
        schedule.step()
        theirs = [p.detach() for p in names]
        ours = [double(after[name]) for name in names.values()]
        note("step", apart(ours, theirs, [a - b for a, b in zip(theirs, before)]))
        for what, key in {"momentum": "exp_avg", "square": "exp_avg_sq"}.items() if case == "AdamW" else \
                {"momentum": "momentum_buffer"}.items():
            theirs = [optim.state[p][key] for p in names]
            note("kept", apart([double(kept(after, name, what)) for name in names.values()], theirs, theirs))
        if case == "EMA":
            net.load(after)
            ema.update_parameters(net.net)
            state = {k: v for k, v in ema.module.state_dict().items() if "num_batches" not in k}
            ours = [double(after["training.average." + k]) for k in state]
            note("kept", apart(ours, state.values(), state.values()))
    return {**{what: max(values) for what, values in found.items()},
            "median": statistics.median(found["gradient"][1:])}


def main():
    directory, failed = sys.argv[1], False
    torch.set_num_threads(1)
    faces = f"{directory}/small.faces"
    run("face-synth", "-q", "-n", IDENTITIES, "-m", 8, "--size", SIZE, "-o", faces)
    for dim in (EMBEDDING, OTHER):
        run("npc-train", "-q", "-i", faces, "-b", BATCH, "-e", 2, "--embedding", dim, "-o", f"{directory}/teacher")
        run("embed", "-q", "-m", f"{directory}/teacher", "-o", f"{directory}/teacher-{dim}", faces)
    print(f"{f'largest difference in {STEPS} steps':28} " + " ".join(f"{name:>9}" for name in BOUNDS))
    print(f"{'allowed':28} " + " ".join(f"{bound:9.0e}" for bound in BOUNDS.values()))
    for case in sys.argv[2:] or CASES:
        found = check(directory, case)
        bad = any(not found[name] <= bound for name, bound in BOUNDS.items())
        failed = failed or bad
        print(f"{case:28} " + " ".join(f"{found[name]:9.1e}" for name in BOUNDS) + ("  too much" if bad else ""),
              flush=True)
    sys.exit(failed)


main()
