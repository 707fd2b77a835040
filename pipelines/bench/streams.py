"""Tensor streams for the Python peers of the benchmarks: columns in, columns out."""
import json
import struct
import zlib

import numpy as np

TYPES = {"F32": "<f4", "I64": "<i8", "U8": "u1"}


def frames(path):
    """The columns of each frame of a stream, as arrays."""
    data = np.memmap(path, "u1", "r")
    at = 0
    while at < len(data):
        size, = struct.unpack("<Q", data[at:at + 8].tobytes())
        header = json.loads(data[at + 8:at + 8 + size].tobytes())
        header.pop("__metadata__", None)
        at += 8 + size
        yield {name: data[at + t["data_offsets"][0]:at + t["data_offsets"][1]]
               .view(TYPES[t["dtype"]]).reshape(t["shape"]) for name, t in header.items()}
        at += max((t["data_offsets"][1] for t in header.values()), default=0)


def keys(columns):
    """The keys of a frame, as text."""
    ends, text = columns["key_end"].tolist(), columns["key"].tobytes()
    return [text[a:b].decode() for a, b in zip([0] + ends, ends)]


def key_columns(names):
    """Names as the columns key and key_end."""
    names = [name.encode() for name in names]
    return {"key": np.frombuffer(b"".join(names), "u1"),
            "key_end": np.cumsum([len(name) for name in names], dtype="<i8")}


def write_frame(out, columns, last):
    """One frame of embeddings."""
    kinds = {np.dtype(kind): name for name, kind in TYPES.items()}
    header, at, crc = {}, 0, 0
    # wide numbers first, so that all are aligned
    columns = {name: np.ascontiguousarray(array) for name, array in
               sorted(columns.items(), key=lambda column: -column[1].itemsize)}
    for name, array in columns.items():
        header[name] = {"dtype": kinds[array.dtype], "shape": list(array.shape),
                        "data_offsets": [at, at + array.nbytes]}
        crc = zlib.crc32(array, crc)
        at += array.nbytes
    meta = {"kind": "embeddings", "crc32": f"{crc:08x}"}
    if last:
        meta["last"] = "1"
    text = json.dumps({"__metadata__": meta, **header}).encode()
    text += b" " * (-(len(text) + 8) % 64)
    out.write(struct.pack("<Q", len(text)) + text)
    for array in columns.values():
        out.write(array.data)
