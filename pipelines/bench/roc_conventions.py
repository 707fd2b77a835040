"""eval-roc's conventions beside scikit-learn and NumPy, on many small sets full of ties.

usage: roc_conventions.py SETS [SEED]     with eval-roc in PATH
"""
import subprocess
import sys
import tempfile

import numpy as np
from sklearn.metrics import roc_curve

from streams import key_columns, write_frame

FARS = [1, .5, .3, .1, .05, .033, .02, .01, .005, .002, .001]


def nearest(same, score, far, drop):
    fpr, tpr, threshold = roc_curve(same, score, drop_intermediate=drop)
    k = len(fpr) - 1 - int(np.argmin(np.abs(fpr[::-1] - far)))
    return tpr[k], threshold[k]


def blufr(same, score, far):
    impostor = np.sort(score[~same])[::-1]
    threshold = impostor[int(np.floor(far * len(impostor) + .5)) - 1]
    return np.mean(score[same] >= threshold), threshold


def conservative(same, score, far):
    impostor = np.sort(score[~same])[::-1]
    k = int(np.floor(far * len(impostor) * (1 + 1e-15)))
    if k >= len(impostor):
        return 1., None
    return np.mean(score[same] > impostor[k]), impostor[k]


def histogram(same, score, far):
    edges = -1 + 2 * np.arange(5001) / 5000
    at_least = lambda s: np.r_[len(s), [(s >= e).sum() for e in edges[1:-1]], 0] / len(s)
    fpr, tpr = at_least(score[~same].astype(np.float64)), at_least(score[same].astype(np.float64))
    k = np.flatnonzero(fpr >= far)[-1]
    part = (far - fpr[k + 1]) / (fpr[k] - fpr[k + 1])
    return tpr[k + 1] + part * (tpr[k] - tpr[k + 1]), edges[k + 1] + part * (edges[k] - edges[k + 1])


RULES = {
    "nearest": lambda *a: nearest(*a, False),
    "dropped": lambda *a: nearest(*a, True),
    "blufr": blufr,
    "conservative": conservative,
    "histogram": histogram,
}


def make_set(rng, folder):
    n, d = int(rng.integers(4, 60)), 2
    angle = rng.integers(0, int(rng.integers(3, 400)), n) * (np.pi / rng.integers(5, 400))
    x = np.c_[np.cos(angle), np.sin(angle)].astype(np.float32) * np.float32(rng.uniform(.5, 3))
    pairs = [(i, j) for i in range(n) for j in range(i)]
    same = rng.random(len(pairs)) < rng.uniform(.02, .9)
    unit = (x / np.sqrt((x.astype(np.float64) ** 2).sum(1, keepdims=True))).astype(np.float32)
    u = unit.astype(np.float64)
    score = np.array([np.float32(u[i] @ u[j]) for i, j in pairs])
    with open(f"{folder}/x.emb", "wb") as out:
        names = [f"f/{i:04d}.jpg" for i in range(n)]
        write_frame(out, {"embedding": x, **key_columns(names)}, True)
    with open(f"{folder}/pairs.txt", "w") as out:
        for (i, j), s in zip(pairs, same):
            print(f"f/{i:04d}.jpg f/{j:04d}.jpg {int(s)}", file=out)
    return same, score


def main(sets, seed):
    rng, compared = np.random.default_rng(seed), 0
    with tempfile.TemporaryDirectory() as folder:
        for one in range(sets):
            same, score = make_set(rng, folder)
            if same.all() or not same.any():
                continue
            for rule, peer in RULES.items():
                text = subprocess.run(
                    ["eval-roc", "--tsv", "--convention", rule, "--far", ",".join(map(str, FARS)),
                     "--pairs", f"{folder}/pairs.txt", f"{folder}/x.emb"],
                    check=True, capture_output=True, text=True).stdout
                for line in text.splitlines():
                    f = line.split("\t")
                    if f[0] != "tar" or f[2] == "NA":
                        continue
                    tar, threshold = peer(same, score, float(f[1]))
                    if threshold is None or threshold > score.max():
                        threshold = float(f[4])
                    if abs(tar - float(f[2])) > 1e-8 or abs(threshold - float(f[4])) > 6e-8:
                        sys.exit(f"set {one} of seed {seed}, {rule} at {f[1]}: "
                                 f"TAR {f[2]}, threshold {f[4]}; the peer {tar}, {threshold}")
                    compared += 1
    print(f"{compared} readings of {sets} sets by {len(RULES)} conventions: the same")


main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)
