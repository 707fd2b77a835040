"""MegaFace's challenge in random numbers: probes, distractors, and NumPy's answer.

usage: megaface_bench.py probes            FaceScrub's size: 80 people, 3,530 probes of 512
       megaface_bench.py distractors N     N distractors of 512; both on standard output
       megaface_bench.py evaluate PROBES DISTRACTORS   measure, at, value; all in memory, in double
       megaface_bench.py compare FOUND EXPECTED        the largest difference; fails above 1e-5
"""
import sys

import numpy as np

import streams

D, BLOCK, PEOPLE, PROBES = 512, 4096, 80, 3530


def probes():
    rng = np.random.default_rng(11)
    label = np.sort(np.arange(PROBES) % PEOPLE)
    centre = rng.standard_normal((PEOPLE, D), dtype=np.float32)
    noise = rng.uniform(.5, 3, (PROBES, 1)).astype(np.float32)
    x = centre[label] + noise * rng.standard_normal((PROBES, D), dtype=np.float32)
    keys = streams.key_columns(f"facescrub/{p}/{p}_{i}.png" for i, p in enumerate(label))
    streams.write_frame(sys.stdout.buffer, {"embedding": x, "label": label, **keys}, True)


def distractors(n):
    rng = np.random.default_rng(12)
    for begin in range(0, n, BLOCK):
        size = min(BLOCK, n - begin)
        keys = streams.key_columns(f"a/{i % 997}/{i}.jpg" for i in range(begin, begin + size))
        x = rng.standard_normal((size, D), dtype=np.float32)
        streams.write_frame(sys.stdout.buffer, {"embedding": x, **keys}, begin + size == n)


def load(path):
    frames = list(streams.frames(path))
    x = np.concatenate([f["embedding"] for f in frames]).astype(float)
    return x / np.linalg.norm(x, axis=1, keepdims=True), frames


def evaluate(probes_path, distractors_path):
    x, frames = load(probes_path)
    label = np.concatenate([f["label"] for f in frames])
    crowd, _ = load(distractors_path)
    score, mates = x @ crowd.T, x @ x.T
    steps = [10 ** k for k in range(1, 8) if 10 ** k < len(crowd)] + [len(crowd)]
    pairs = [np.flatnonzero((label == p) & (np.arange(len(label)) != j))
             for j, p in enumerate(label)]
    for n in steps:
        top = -np.sort(-np.partition(score[:, :n], max(n - 10, 0), axis=1)[:, -10:], axis=1)
        for k in 1, 5, 10:
            hits = sum((mates[mine, j] >= top[j, k - 1]).sum() for j, mine in enumerate(pairs))
            print(f"rank:{n}", k, hits / sum(map(len, pairs)), sep="\t")
    genuine = np.concatenate([mates[mine, j] for j, mine in enumerate(pairs)])
    for far in 1e-4, 1e-5, 1e-6:
        k = round(far * score.size)
        threshold = np.partition(score.ravel(), score.size - k)[score.size - k]
        print("tar", f"{far:g}", (genuine >= threshold).mean(), sep="\t")


def table(path):
    fields = [line.split("\t") for line in open(path)]
    return {(f[0], float(f[1])): f[2] for f in fields if f[0] == "tar" or f[0].startswith("rank:")}


def compare(found, expected):
    found, expected = table(found), table(expected)
    worst = max(abs(float(found[at]) - float(value)) for at, value in expected.items())
    print(f"{len(expected)} figures; the largest difference: {worst:.2g}")
    sys.exit(not expected or worst > 1e-5)


if __name__ == "__main__":
    command, *arguments = sys.argv[1:]
    if command == "distractors":
        distractors(int(arguments[0]))
    else:
        {"probes": probes, "evaluate": evaluate, "compare": compare}[command](*arguments)
