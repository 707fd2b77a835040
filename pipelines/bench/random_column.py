"""Embeddings again, with a column of random numbers: a quality that says nothing.

usage: random_column.py SEED EMBEDDINGS >EMBEDDINGS
"""
import sys

import numpy as np

from streams import frames, write_frame

rng = np.random.default_rng(int(sys.argv[1]))
every = list(frames(sys.argv[2]))
for i, columns in enumerate(every):
    if "embedding" in columns:
        random = rng.random(len(columns["embedding"])).astype(np.float32)
        write_frame(sys.stdout.buffer, {**columns, "random": random}, i == len(every) - 1)
