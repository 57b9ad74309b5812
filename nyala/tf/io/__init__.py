"""`tf.io`: whole files, pictures, raw bytes and records."""

from __future__ import annotations

import base64
import glob
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

from nyala import ops
from nyala.core import atomic_file, numpy_dtype
from nyala.data.records import (
    FixedLenFeature,
    RaggedFeature,
    TFRecordOptions,
    TFRecordWriter,
    VarLenFeature,
    parse_example,
    parse_single_example,
    parse_tensor,
    serialize_tensor,
)
from nyala.tf._absent import refuse_others
from nyala.tf._image_files import (
    decode_bmp,
    decode_gif,
    decode_image,
    decode_jpeg,
    decode_png,
    encode_jpeg,
    encode_png,
)
from nyala.tf._text import one_text
from nyala.tf.io import gfile

_HINTS = {"decode_csv": "Use nyala.data.experimental.make_csv_dataset."}


def read_file(filename: Any, name: str | None = None) -> Any:
    """Return the bytes of a file as a scalar tensor.

    Args:
        filename: a path, as text or as a tensor of it.
        name: accepted for TensorFlow's sake.

    Raises:
        FileNotFoundError: there is no such file (also `tf.errors.NotFoundError`).
    """
    return ops.convert_to_tensor(Path(os.fsdecode(_path(filename))).read_bytes())


def write_file(filename: Any, contents: Any, name: str | None = None) -> None:
    """Write bytes or text to a file, whose folder is made if need be."""
    data = one_text(contents)
    with atomic_file(os.fsdecode(_path(filename))) as file:
        file.write(data.encode() if isinstance(data, str) else data)


def _path(value: Any) -> str | bytes:
    return os.fspath(value) if isinstance(value, os.PathLike) else one_text(value)


def matching_files(pattern: Any, name: str | None = None) -> Any:
    """Return the paths that fit a pattern such as `"images/*.jpg"`, sorted."""
    found = sorted(glob.glob(os.fsdecode(_path(pattern))))
    return ops.convert_to_tensor(np.asarray(found, object))


def decode_raw(input_bytes: Any, out_type: Any, little_endian: bool = True,
               fixed_length: int | None = None, name: str | None = None) -> Any:  # fmt: skip
    """Return the numbers that bytes hold.

    >>> import nyala
    >>> nyala.tf.io.decode_raw(b"ab", "uint8").numpy()
    array([97, 98], dtype=uint8)
    """
    data = one_text(input_bytes)
    data = data.encode("latin-1") if isinstance(data, str) else data
    data = data if fixed_length is None else data[:fixed_length].ljust(fixed_length, b"\0")
    dtype = numpy_dtype(out_type).newbyteorder("<" if little_endian else ">")
    return ops.convert_to_tensor(np.frombuffer(data, dtype).astype(dtype.newbyteorder("=")))


def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Any:
    """Return bytes or text in base64, the kind for web addresses."""
    data = one_text(input)
    text = base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).decode()
    return ops.convert_to_tensor(text if pad else text.rstrip("="))


def decode_base64(input: Any, name: str | None = None) -> Any:
    """Return the bytes that base64, the kind for web addresses, stands for."""
    text = one_text(input)
    text = text.decode() if isinstance(text, bytes) else text
    text = re.sub(r"=+$", "", text)
    return ops.convert_to_tensor(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


__all__ = [
    "FixedLenFeature", "RaggedFeature", "TFRecordOptions", "TFRecordWriter", "VarLenFeature",
    "decode_base64", "decode_bmp", "decode_gif", "decode_image", "decode_jpeg", "decode_png",
    "decode_raw", "encode_base64", "encode_jpeg", "encode_png", "gfile", "matching_files",
    "parse_example", "parse_single_example", "parse_tensor", "read_file", "serialize_tensor",
    "write_file",
]  # fmt: skip

__getattr__ = refuse_others("tf.io", __all__, _HINTS)
