"""The peer of bench-search.mk: faiss, exact inner products of unit embeddings.

usage: search_faiss.py once GALLERY PROBES ANSWERS   reads, searches, writes the nearest row of each probe
       search_faiss.py kept GALLERY PROBES           reads, says so, and searches for each line of standard input
       search_faiss.py compare OURS THEIRS           of face-search's table and those answers
"""
import sys

import numpy as np

from streams import frames

ROUNDING = 2e-6  # of cosines that are printed to six digits


def units(path):
    x = np.concatenate([c["embedding"] for c in frames(path) if "embedding" in c])
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x


def index_of(path):
    import faiss
    x = units(path)
    index = faiss.IndexFlatIP(x.shape[1])
    index.add(x)
    return index


def once(gallery, probes, answers):
    cosine, row = index_of(gallery).search(units(probes), 1)
    np.savetxt(answers, np.hstack([row, cosine]), fmt=("%d", "%.9g"), delimiter="\t")


def kept(gallery, probes):
    index, x = index_of(gallery), units(probes)
    print("ready", flush=True)
    for _ in sys.stdin:
        index.search(x, 1)
        print("done", flush=True)


def compare(ours, theirs):
    with open(ours, encoding="utf-8") as lines:
        heading = next(lines).rstrip("\n").split("\t")
        found = [dict(zip(heading, line.rstrip("\n").split("\t"))) for line in lines]
    other = np.loadtxt(theirs, ndmin=2)
    same = sum(int(a["gallery"]) == int(b[0]) for a, b in zip(found, other))
    apart = max(abs(float(a["score"]) - b[1]) for a, b in zip(found, other))
    print(f"nearest rows that are the same: {same} of {len(other)}; their cosines differ by {apart:.2g} at most")
    if len(found) != len(other) or apart > ROUNDING:
        sys.exit("search_faiss.py: other answers")


{"once": once, "kept": kept, "compare": compare}[sys.argv[1]](*sys.argv[2:])
