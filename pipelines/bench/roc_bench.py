"""The peer of bench-roc.mk: all pairs with NumPy and scikit-learn; planted identities; a watch.

usage: roc_bench.py all-pairs EMBEDDINGS      TAR and threshold at each FAR, seconds, memory
       roc_bench.py planted N D IMAGES SEED   a stream of N unit embeddings on standard output
       roc_bench.py watch RUNS COMMAND...     of a command the median seconds, peak MiB, median processor seconds
"""
import resource
import statistics
import subprocess
import sys
import time

import numpy as np

from streams import frames, write_frame

FARS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
ROUNDING = 1e-6  # more than two sums of 512 products of unit vectors differ by, in float


def all_pairs(path):
    from sklearn.metrics import roc_curve
    columns = [c for c in frames(path) if "embedding" in c]
    x = np.concatenate([c["embedding"] for c in columns])
    label = np.concatenate([c["label"] for c in columns])
    start = time.time()
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    pairs = np.triu_indices(len(x), 1)
    score, same = (x @ x.T)[pairs], (label[:, None] == label[None, :])[pairs]
    del pairs
    scored = time.time()
    fpr, tpr, threshold = roc_curve(same, score, drop_intermediate=False)
    done = time.time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    genuine = score[same]
    print(f"genuine\t{len(genuine)}")
    for far in FARS:
        k = len(fpr) - 1 - int(np.argmin(np.abs(fpr[::-1] - far)))
        near = int(np.sum(np.abs(genuine - threshold[k]) <= ROUNDING))
        print(f"tar\t{far:g}\t{tpr[k]:.9g}\t{threshold[k]:.9g}\t{near}")
    print(f"seconds\t{done - start:.2f}\tscores {scored - start:.2f}\tcurve {done - scored:.2f}")
    print(f"MiB\t{peak}")


def planted(n, d, images, seed):
    rng = np.random.default_rng(seed)
    centre = rng.standard_normal((-(-n // images), d), dtype=np.float32)
    for begin in range(0, n, 4096):
        label = np.arange(begin, min(begin + 4096, n), dtype=np.int64) // images
        noise = rng.standard_normal((len(label), d), dtype=np.float32)
        x = centre[label] + rng.uniform(.5, 2.5, (len(label), 1)).astype(np.float32) * noise
        write_frame(sys.stdout.buffer, {"label": label, "embedding": x}, begin + 4096 >= n)


def watch(runs, command):
    seconds, used = [], []
    for _ in range(runs):
        start, before = time.time(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.time() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    print(f"{statistics.median(seconds):.3f}\t{after.ru_maxrss // 1024}\t{statistics.median(used):.3f}")


if sys.argv[1] == "all-pairs":
    all_pairs(sys.argv[2])
elif sys.argv[1] == "watch":
    watch(int(sys.argv[2]), sys.argv[3:])
else:
    planted(*map(int, sys.argv[2:6]))
