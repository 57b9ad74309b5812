"""`tf.strings`: strings into bins by a hash, the same in every process and as in TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.layers.preprocessing.tokens import Strings, fingerprints64, keyed_hashes64
from nyala.tf._text import texts


def to_hash_bucket_fast(input: Any, num_buckets: int, name: str | None = None) -> Any:
    """Return the bin of each string: FarmHash's 64-bit fingerprint modulo `num_buckets`.

    >>> import nyala
    >>> nyala.tf.strings.to_hash_bucket_fast(["a", "b", "a"], 10).numpy()
    array([9, 2, 9], dtype=int32)
    """
    array = texts(input, "to_hash_bucket_fast")
    return _bins(fingerprints64(Strings.of(array.ravel().tolist())), num_buckets, array.shape)


def to_hash_bucket_strong(input: Any, num_buckets: int, key: Any, name: str | None = None) -> Any:
    """Return the bin of each string by SipHash under a key of two integers.

    Which strings meet in a bin cannot be told without the key.
    """
    array = texts(input, "to_hash_bucket_strong")
    if len(key) != 2:
        raise ValueError(f"tf.strings.to_hash_bucket_strong: key must be two integers; got {key}.")
    hashes = keyed_hashes64(Strings.of(array.ravel().tolist()), (int(key[0]), int(key[1])))
    return _bins(hashes, num_buckets, array.shape)


def _bins(hashes: np.ndarray, num_buckets: int, shape: tuple) -> Any:
    if num_buckets < 1:
        raise ValueError(f"tf.strings: num_buckets must be positive; got {num_buckets}.")
    return ops.convert_to_tensor((hashes % int(num_buckets)).astype("int64").reshape(shape))
