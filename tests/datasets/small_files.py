"""Small files in the formats of the real datasets."""

from __future__ import annotations

import gzip
import io
import pickle
import struct
import tarfile

import numpy as np


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def lists(count, seed):
    """An array of lists of integers, as IMDB's and Reuters' files hold them."""
    random = np.random.default_rng(seed)
    rows = np.empty(count, object)
    for i in range(count):
        rows[i] = random.integers(1, 90, random.integers(2, 12)).tolist()
    return rows


def imdb(seed=0):
    return npz(x_train=lists(30, seed), y_train=np.arange(30) % 2, x_test=lists(20, seed + 1),
               y_test=np.arange(20) % 2)  # fmt: skip


def reuters(seed=0):
    return npz(x=lists(40, seed), y=np.arange(40) % 46)


def housing(features, rows=700):
    random = np.random.default_rng(features)
    return npz(x=random.normal(size=(rows, features)), y=random.uniform(5, 50, rows))


def idx(array):
    head = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(head + array.tobytes())


def fashion_mnist():
    random = np.random.default_rng(0)
    found = {}
    for part, count in (("train", 6), ("t10k", 4)):
        found[f"{part}-images-idx3-ubyte.gz"] = idx(
            random.integers(0, 256, (count, 28, 28), "uint8")
        )
        found[f"{part}-labels-idx1-ubyte.gz"] = idx(random.integers(0, 10, count, "uint8"))
    return found


def tar_gz(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def cifar(names, keys, seed=0, count=4):
    """An archive of pickles as Python 2 wrote them, the way the real files come."""
    random = np.random.default_rng(seed)
    members = {}
    for name in names:
        batch = {key: random.integers(0, 10, count).tolist() for key in keys} | {
            "data": random.integers(0, 256, (count, 3072), "uint8"),
            "batch_label": "a batch",
        }
        members[name] = python_2_pickle(batch)
    return tar_gz({"cifar/readme.html": b"<html>", **members})


def python_2_pickle(value):
    return b"\x80\x02" + _python_2(value) + b"."


def _python_2(value):
    """Opcodes of protocol 2 with Python 2's strings, which Python 3 cannot write."""
    if isinstance(value, dict):
        items = b"".join(_python_2(key) + _python_2(item) for key, item in value.items())
        return b"}(" + items + b"u"
    if isinstance(value, list):
        return b"](" + b"".join(map(_python_2, value)) + b"e"
    if isinstance(value, (str, bytes)):
        data = value.encode() if isinstance(value, str) else value
        return b"T" + struct.pack("<i", len(data)) + data
    if isinstance(value, int):
        return b"J" + struct.pack("<i", value)
    new = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + _python_2("b")
    dtype = b"cnumpy\ndtype\n" + _python_2(value.dtype.str[1:]) + b"K\x00K\x01\x87R"
    dtype += b"(K\x03" + _python_2("|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    shape = b"(" + b"".join(map(_python_2, value.shape)) + b"t"
    return new + b"\x87R(K\x01" + shape + dtype + b"\x89" + _python_2(value.tobytes()) + b"tb"


def check_pickles():
    """What is written here is what Python reads."""
    batch = {"data": np.arange(6, dtype="uint8").reshape(2, 3), "labels": [1, -2]}
    read = pickle.loads(python_2_pickle(batch), encoding="bytes")
    np.testing.assert_array_equal(read[b"data"], batch["data"])
    assert read[b"labels"] == [1, -2]
