"""net_bench.py DIRECTORY ARCH train|embed BATCH [REPEATS SECONDS]: this project and its peers.

Each contender is a process of its own; they take turns, REPEATS times. Prints the medians of
images per second, the ratio of this project's to each, and the peak memory of the process.
"""
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
TUNED = {"MALLOC_TRIM_THRESHOLD_": "100000000000", "MALLOC_MMAP_THRESHOLD_": "100000000000"}
PYTHON = ["/usr/bin/python3"]


def measure(command, extra):
    """Runs a command; returns what it wrote to stdout and to stderr, and its peak memory in MiB."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = subprocess.Popen([str(c) for c in command], stdout=out, stderr=err,
                                   env={**os.environ, **extra})
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if process.returncode != 0:
            sys.exit(f"net_bench: {command[0]} failed: {err.read()[-2000:]}")
        return out.read(), err.read(), usage.ru_maxrss / 1024


def this_project(directory, arch, task, batch, images):
    """images/s and MiB of npc-train on ready-made batches, or of embed."""
    faces = f"{directory}/faces-{batch}"
    count = max(1, round(images / (batch * 4)))
    if task == "embed":
        command = ["embed", "-q", "-m", f"{directory}/{arch}.model", "--profile", "-o", "/dev/null"]
        _, table, memory = measure([*command, *[faces] * count], {})
        return 1000 / float(table.splitlines()[-1].split()[2]), memory
    log = f"{directory}/{arch}.tsv"
    measure_of = measure(["npc-train", "-q", "-a", arch, "--head", "normface", "--lr", "0.001",
                          "--identities", 100, "--log", log, "--log-every", 1,
                          "-o", "/dev/null", faces], {})
    with open(log, encoding="ascii") as lines:
        rows = [line.split("\t") for line in lines]
    column = rows[0].index("images_per_second")
    rates = [float(row[column]) for row in rows[2:]] or [float(rows[1][column])]
    return statistics.median(rates), measure_of[2]


def peer(command, extra=None):
    out, _, _ = measure(command, extra or {})
    rate, memory = out.split()[-2:]
    return float(rate), float(memory)


def contenders(directory, arch, task, batch, seconds):
    """By name, what returns (images/s, MiB)."""
    images = float(os.environ.get("IMAGES", "256"))
    torch = [*PYTHON, f"{HERE}/net_torch.py", arch, task, batch]
    found = {"this project": lambda: this_project(directory, arch, task, batch, images)}
    for layout in ("nchw", "nhwc"):
        found[f"PyTorch {layout}"] = lambda l=layout: peer([*torch, l, seconds])
        found[f"PyTorch {layout}, tuned"] = lambda l=layout: peer([*torch, l, seconds], TUNED)
    onnx = f"{directory}/{arch}-{batch}.onnx"
    if task == "embed" and os.path.exists(onnx):
        command = ["node", f"{HERE}/net_onnx.js", onnx, batch, seconds]
        found["ONNX Runtime"] = lambda: peer(command, {"NODE_PATH": f"{directory}/node_modules"})
    only = os.environ.get("ONLY", "").split(",")
    return {k: v for k, v in found.items() if only == [""] or any(o in k for o in only)}


def main():
    directory, arch, task, batch = *sys.argv[1:4], int(sys.argv[4])
    repeats, seconds = (sys.argv[5:] + ["3", "5"])[:2] if len(sys.argv) > 5 else ("3", "5")
    turns = contenders(directory, arch, task, batch, seconds)
    results = {name: [] for name in turns}
    for _ in range(int(repeats)):
        for name, run in turns.items():
            results[name].append(run())
    rate = {name: statistics.median(r[0] for r in runs) for name, runs in results.items()}
    print(f"{arch}, {task}, batch {batch}: medians of {repeats}")
    print(f"  {'':24} {'images/s':>9} {'ratio':>6} {'MiB':>7}")
    for name, runs in results.items():
        ratio = rate.get("this project", rate[name]) / rate[name]
        print(f"  {name:24} {rate[name]:9.1f} {ratio:6.2f} {max(r[1] for r in runs):7.0f}")


main()
