"""The peer of bench-roc.mk: all pairs with NumPy and scikit-learn; planted identities.

usage: roc_bench.py all-pairs EMBEDDINGS FIGURES   for each line of standard input all scores and the
                                                   curve, once more; TAR and threshold at each FAR
                                                   into FIGURES
       roc_bench.py planted N D IMAGES SEED        a stream of N unit embeddings on standard output
"""
import sys

import numpy as np

from streams import frames, write_frame

FARS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
ROUNDING = 1e-6  # more than two sums of 512 products of unit vectors differ by, in float


def all_pairs(path, figures):
    """Reads, says so, and then answers each line when its round is done."""
    from sklearn.metrics import roc_curve
    columns = [c for c in frames(path) if "embedding" in c]
    x = np.concatenate([c["embedding"] for c in columns])
    label = np.concatenate([c["label"] for c in columns])
    print("ready", flush=True)
    for _ in sys.stdin:
        # what a round leaves is gone before the next one, so that the peak is that of one
        score = same = fpr = tpr = threshold = None
        unit = x / np.linalg.norm(x, axis=1, keepdims=True)
        pairs = np.triu_indices(len(unit), 1)
        score, same = (unit @ unit.T)[pairs], (label[:, None] == label[None, :])[pairs]
        del pairs
        fpr, tpr, threshold = roc_curve(same, score, drop_intermediate=False)
        print("done", flush=True)
    genuine = score[same]
    with open(figures, "w") as f:
        print(f"genuine\t{len(genuine)}", file=f)
        for far in FARS:
            k = len(fpr) - 1 - int(np.argmin(np.abs(fpr[::-1] - far)))
            near = int(np.sum(np.abs(genuine - threshold[k]) <= ROUNDING))
            print(f"tar\t{far:g}\t{tpr[k]:.9g}\t{threshold[k]:.9g}\t{near}", file=f)


def planted(n, d, images, seed):
    rng = np.random.default_rng(seed)
    centre = rng.standard_normal((-(-n // images), d), dtype=np.float32)
    for begin in range(0, n, 4096):
        label = np.arange(begin, min(begin + 4096, n), dtype=np.int64) // images
        noise = rng.standard_normal((len(label), d), dtype=np.float32)
        x = centre[label] + rng.uniform(.5, 2.5, (len(label), 1)).astype(np.float32) * noise
        write_frame(sys.stdout.buffer, {"label": label, "embedding": x}, begin + 4096 >= n)


if sys.argv[1] == "all-pairs":
    all_pairs(*sys.argv[2:4])
else:
    planted(*map(int, sys.argv[2:6]))
