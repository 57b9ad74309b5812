"""Writes the golden files beside it with real TensorFlow: `python make_records.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

FOLDER = Path(__file__).parent


def examples():
    """Some `tf.train.Example`s."""
    for n in range(5):
        yield tf.train.Example(features=tf.train.Features(feature={
            "id": tf.train.Feature(int64_list=tf.train.Int64List(value=[n - 2])),
            "name": tf.train.Feature(bytes_list=tf.train.BytesList(value=[f"ä{n}".encode()])),
            "vector": tf.train.Feature(float_list=tf.train.FloatList(value=[n, n / 3, -n])),
            "any": tf.train.Feature(int64_list=tf.train.Int64List(
                value=[10**k - 1 for k in range(n)])),
            "empty": tf.train.Feature(),
        }))  # fmt: skip


TENSORS = {
    "float32": np.arange(6, dtype="float32").reshape(2, 3) / 4,
    "int64": np.array(-5, "int64"),
    "uint8": np.arange(4, dtype="uint8"),
    "bool": np.array([True, False]),
    "float16": np.array([0.5, 2], "float16"),
    "string": np.array([["a", "bc"], ["", "d" * 200]], object),
    "empty": np.zeros((0, 2), "float32"),
}

if __name__ == "__main__":
    for kind in ("", "GZIP", "ZLIB"):
        path = str(FOLDER / f"examples{kind and '.' + kind.lower()}.tfrecord")
        with tf.io.TFRecordWriter(path, kind) as writer:
            for example in examples():
                writer.write(example.SerializeToString(deterministic=True))
    with tf.io.TFRecordWriter(str(FOLDER / "tensors.tfrecord")) as writer:
        for array in TENSORS.values():
            writer.write(tf.io.serialize_tensor(array).numpy())
        # The same as constants of a graph are written: value by value.
        for array in TENSORS.values():
            dtype = "string" if array.dtype == object else array.dtype
            proto = tf.make_tensor_proto(array.tolist(), dtype=dtype, shape=array.shape)
            writer.write(proto.SerializeToString())
        writer.write(tf.make_tensor_proto(7.0, shape=(2, 2)).SerializeToString())
