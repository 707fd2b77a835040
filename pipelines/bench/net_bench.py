"""net_bench.py DIRECTORY ARCH train|embed BATCH [REPEATS SECONDS]: this project and its peers.

Each contender is a process of its own; they take turns, REPEATS times. In each turn WARM steps
at least go unmeasured. Prints the medians of images per second over the measured steps of all turns,
the ratio of this project's to each, the peak memory of the process, how many steps were measured,
and, to show what the warm-up was worth, the images per second of the first step of a turn.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TUNED = {"MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_MMAP_THRESHOLD_": "100000000000"}
PYTHON = ["/usr/bin/python3"]
WARM, STEPS = 3, 7  # unmeasured steps of a turn, measured ones of all turns: at least


def frame_times(stream):
    """When each frame of a tensor stream came."""
    found = []
    while head := stream.read(8):
        header = json.loads(stream.read(int.from_bytes(head, "little")))
        header.pop("__metadata__", None)
        stream.read(max((t["data_offsets"][1] for t in header.values()), default=0))
        if header:
            found.append(time.perf_counter())
    return found


def measure(command, extra=None, inputs=(), read=lambda stream: stream.read().decode()):
    """Runs a command on files, joined; returns what `read` made of its output, and MiB at the peak."""
    with tempfile.TemporaryFile("w+") as err:
        source = subprocess.Popen(["cat", *inputs], stdout=subprocess.PIPE) if inputs else None
        process = subprocess.Popen([str(c) for c in command], stdout=subprocess.PIPE, stderr=err,
                                   stdin=source.stdout if source else subprocess.DEVNULL,
                                   env={**os.environ, **(extra or {})})
        if source:
            source.stdout.close()
        out = read(process.stdout)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if source:
            source.wait()
        err.seek(0)
        if process.returncode != 0:
            sys.exit(f"net_bench: {command[0]} failed: {err.read()[-2000:]}")
        return out, usage.ru_maxrss / 1024


def this_project(directory, arch, task, batch, steps):
    """Of npc-train on ready-made batches, or of embed, whose frames are timed as they arrive."""
    steps = max(steps + WARM, round(float(os.environ.get("IMAGES", "256")) / batch)) + 1
    inputs = [f"{directory}/faces-{batch}"] * -(-steps * batch // 256)
    if task == "embed":
        at, memory = measure(["embed", "-q", "-m", f"{directory}/{arch}.model"], inputs=inputs,
                             read=frame_times)
        rates = [batch / (b - a) for a, b in zip(at, at[1:])]
    else:
        log = f"{directory}/{arch}.tsv"
        _, memory = measure(["npc-train", "-q", "-a", arch, "--head", "normface", "--lr", "0.001",
                             "--identities", 100, "--log", log, "--log-every", 1,
                             "-o", "/dev/null"], inputs=inputs)
        with open(log, encoding="ascii") as lines:
            rows = [line.split("\t") for line in lines]
        column = rows[0].index("images_per_second")
        rates = [float(row[column]) for row in rows[1:]]
    return rates[0], rates[WARM:], memory


def peer(command, extra=None):
    out, _ = measure(command, extra)
    first, *rates, memory = map(float, out.split())
    return first, rates, memory


def contenders(directory, arch, task, batch, seconds, steps):
    """By name, what returns images/s of its first and of its measured steps, and MiB."""
    torch = [*PYTHON, f"{HERE}/net_torch.py", arch, task, batch]
    limits = [seconds, WARM, steps]
    found = {"this project": lambda: this_project(directory, arch, task, batch, steps)}
    for layout in ("nchw", "nhwc"):
        found[f"PyTorch {layout}"] = lambda l=layout: peer([*torch, l, *limits])
        found[f"PyTorch {layout}, tuned"] = lambda l=layout: peer([*torch, l, *limits], TUNED)
    onnx = f"{directory}/{arch}-{batch}.onnx"
    if task == "embed" and os.path.exists(onnx):
        command = ["node", f"{HERE}/net_onnx.js", onnx, batch, *limits]
        found["ONNX Runtime"] = lambda: peer(command, {"NODE_PATH": f"{directory}/node_modules"})
    only = os.environ.get("ONLY", "").split(",")
    return {k: v for k, v in found.items() if only == [""] or any(o in k for o in only)}


def main():
    directory, arch, task, batch = *sys.argv[1:4], int(sys.argv[4])
    repeats, seconds = (sys.argv[5:] + ["3", "5"])[:2] if len(sys.argv) > 5 else ("3", "5")
    repeats = int(repeats)
    turns = contenders(directory, arch, task, batch, seconds, -(-STEPS // repeats))
    results = {name: [] for name in turns}
    for _ in range(repeats):
        for name, run in turns.items():
            results[name].append(run())
    steps = {name: [r for run in runs for r in run[1]] for name, runs in results.items()}
    rate = {name: statistics.median(rates) for name, rates in steps.items()}
    print(f"{arch}, {task}, batch {batch}: medians, {repeats} turns, {WARM} steps or more to warm up")
    print(f"  {'':24} {'images/s':>9} {'ratio':>6} {'MiB':>7} {'steps':>6} {'first':>7}")
    for name, runs in results.items():
        ratio = rate.get("this project", rate[name]) / rate[name]
        first = statistics.median(r[0] for r in runs)
        print(f"  {name:24} {rate[name]:9.1f} {ratio:6.2f} {max(r[2] for r in runs):7.0f} "
              f"{len(steps[name]):6} {first:7.1f}")


main()
