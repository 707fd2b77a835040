"""The peer of bench-roc.mk: all pairs with NumPy and scikit-learn; and planted identities.

usage: bench-roc.py all-pairs EMBEDDINGS      TAR, threshold at each FAR, seconds, memory
       bench-roc.py planted N D IMAGES SEED   a stream of N unit embeddings on standard output
"""
import json
import resource
import struct
import sys
import time
import zlib

import numpy as np


def frames(path):
    with open(path, "rb") as f:
        data = f.read()
    at = 0
    while at < len(data):
        size, = struct.unpack_from("<Q", data, at)
        header = json.loads(data[at + 8:at + 8 + size])
        header.pop("__metadata__", None)
        begin, end = at + 8 + size, 0
        columns = {}
        for name, tensor in header.items():
            low, high = tensor["data_offsets"]
            kind = {"F32": "<f4", "I64": "<i8", "U8": "u1"}[tensor["dtype"]]
            columns[name] = np.frombuffer(data[begin + low:begin + high], kind).reshape(tensor["shape"])
            end = max(end, high)
        at = begin + end
        yield columns


def all_pairs(path):
    from sklearn.metrics import roc_curve
    columns = [c for c in frames(path) if "embedding" in c]
    x = np.concatenate([c["embedding"] for c in columns])
    label = np.concatenate([c["label"] for c in columns])
    start = time.time()
    x = x / np.linalg.norm(x, axis=1, keepdims=True)
    pairs = np.triu_indices(len(x), 1)
    score, same = (x @ x.T)[pairs], (label[:, None] == label[None, :])[pairs]
    scored = time.time()
    fpr, tpr, threshold = roc_curve(same, score, drop_intermediate=False)
    done = time.time()
    for far in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6):
        k = len(fpr) - 1 - int(np.argmin(np.abs(fpr[::-1] - far)))
        print(f"tar\t{far:g}\t{tpr[k]:.9g}\t{threshold[k]:.9g}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"seconds\t{done - start:.2f}\tscores {scored - start:.2f}\tcurve {done - scored:.2f}")
    print(f"MiB\t{peak}")


def frame(out, arrays, last):
    tensors, header, at = [], {}, 0
    for name, (kind, array) in arrays.items():
        data = array.tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [at, at + len(data)]}
        tensors.append(data)
        at += len(data)
    data = b"".join(tensors)
    meta = {"kind": "embeddings", "crc32": f"{zlib.crc32(data):08x}"}
    if last:
        meta["last"] = "1"
    text = json.dumps({"__metadata__": meta, **header}).encode()
    text += b" " * (-(len(text) + 8) % 64)
    out.write(struct.pack("<Q", len(text)) + text + data)


def planted(n, d, images, seed):
    rng = np.random.default_rng(seed)
    centre = rng.standard_normal((-(-n // images), d), dtype=np.float32)
    for begin in range(0, n, 4096):
        label = np.arange(begin, min(begin + 4096, n), dtype=np.int64) // images
        noise = rng.standard_normal((len(label), d), dtype=np.float32)
        x = centre[label] + rng.uniform(.5, 2.5, (len(label), 1)).astype(np.float32) * noise
        frame(sys.stdout.buffer, {"label": ("I64", label), "embedding": ("F32", x)},
              begin + 4096 >= n)


if sys.argv[1] == "all-pairs":
    all_pairs(sys.argv[2])
else:
    planted(*map(int, sys.argv[2:6]))
