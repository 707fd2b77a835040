"""precision_cosines.py EMBEDDINGS OTHERS: cosines of each face's two embeddings, floats both: mean, 1 % quantile, least."""
import array
import json
import math
import struct
import sys


def rows(path):
    with open(path, "rb") as stream:
        while head := stream.read(8):
            header = json.loads(stream.read(struct.unpack("<Q", head)[0]))
            tensors = {k: v for k, v in header.items() if k != "__metadata__"}
            data = stream.read(max((t["data_offsets"][1] for t in tensors.values()), default=0))
            if "embedding" not in tensors:
                continue
            begin, end = tensors["embedding"]["data_offsets"]
            numbers, d = array.array("f", data[begin:end]), tensors["embedding"]["shape"][1]
            yield from (numbers[i:i + d] for i in range(0, len(numbers), d))


def dot(x, y):
    return math.fsum(a * b for a, b in zip(x, y))


cosines = sorted(dot(x, y) / math.sqrt(dot(x, x) * dot(y, y)) for x, y in zip(*map(rows, sys.argv[1:3]), strict=True))
print(f"{len(cosines)} faces: cosine {math.fsum(cosines) / len(cosines):.6f} in the mean, "
      f"1 % quantile {cosines[len(cosines) // 100]:.6f}, least {cosines[0]:.6f}")
