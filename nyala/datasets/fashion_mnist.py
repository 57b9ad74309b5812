"""Fashion-MNIST: 70,000 grey images of 28 × 28 pixels of clothes in ten classes."""

from __future__ import annotations

import gzip
import math
import zlib

import numpy as np

from nyala.datasets._cache import cached_file

__all__ = ["load_data"]

_BASE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
_FOLDER = "fashion-mnist/"
# The md5 digests that the authors publish: https://github.com/zalandoresearch/fashion-mnist.
_FILES = {
    "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
}
_LARGEST = 1 << 28  # bytes of a file, unpacked; the real ones have 47 million at most


def load_data() -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return Fashion-MNIST, fetched once (31 MB in four files) and then read from the disk.

    The classes are T-shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag and ankle
    boot, in this order. The files are looked for in the folder `fashion-mnist` of the places where
    `mnist.load_data` looks.

    Returns:
        `(x_train, y_train), (x_test, y_test)`: grey images, uint8 from 0 to 255 of shapes
        (60000, 28, 28) and (10000, 28, 28), and classes, uint8 of shapes (60000,) and (10000,).

    Raises:
        FileNotFoundError: a file is nowhere and could not be fetched.
        ValueError: a file placed by hand does not hold these arrays.

    Example, not run here because it needs the files::

        (x_train, y_train), (x_test, y_test) = nyala.datasets.fashion_mnist.load_data()

    Source: H. Xiao, K. Rasul and R. Vollgraf, "Fashion-MNIST: a Novel Image Dataset for
    Benchmarking Machine Learning Algorithms" (2017), https://arxiv.org/abs/1708.07747; MIT.
    """
    x_train, y_train, x_test, y_test = (
        _read(name, file_hash, ("images" in name) * 2 + 1) for name, file_hash in _FILES.items()
    )
    for x, y in ((x_train, y_train), (x_test, y_test)):
        if len(x) != len(y):
            raise ValueError(
                f"The files of Fashion-MNIST do not belong together: {len(x)} images, {len(y)} "
                "labels. Remove or replace them."
            )
    return (x_train, y_train), (x_test, y_test)


def _read(name: str, file_hash: str, rank: int) -> np.ndarray:
    """Read bytes in the format of MNIST's original files, with `rank` axes."""
    path = cached_file(_FOLDER + name, url=_BASE + name, file_hash=file_hash)
    try:
        with gzip.open(path, "rb") as file:
            data = file.read(_LARGEST)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"{path} is damaged: {error}. Remove or replace it.") from error
    head, body = data[: 4 + 4 * rank], data[4 + 4 * rank :]
    shape = tuple(int.from_bytes(head[4 * i : 4 * i + 4], "big") for i in range(1, rank + 1))
    if head[:4] != bytes([0, 0, 8, rank]) or len(body) != math.prod(shape):
        raise ValueError(
            f"{path} is not the file it should be: it does not hold bytes with {rank} axes as its "
            "head says. Remove or replace it."
        )
    return np.frombuffer(bytearray(body), np.uint8).reshape(shape)
