"""Elements as bytes and as JSON: for saved states, caches and saved datasets. No pickle."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from typing import Any

import numpy as np

from nyala.core import numpy_dtype, tree
from nyala.eager import is_host_array

_LENGTH = struct.Struct("<Q")


def describe(structure: Any) -> Any:
    """Return the nesting of a structure as JSON: leaves are numbers in walking order."""
    numbers = iter(range(len(tree.flatten(structure))))
    return _described(tree.map_structure(lambda leaf: next(numbers), structure))


def _described(node: Any) -> Any:
    if isinstance(node, dict):
        return {"dict": [[key, _described(child)] for key, child in node.items()]}
    if isinstance(node, (tuple, list)):
        return {"tuple": [_described(child) for child in node]}
    return node


def rebuild(description: Any, leaves: list) -> Any:
    """Return the structure that `describe` described, with these leaves."""
    if isinstance(description, dict) and "dict" in description:
        return {key: rebuild(child, leaves) for key, child in description["dict"]}
    if isinstance(description, dict):
        return tuple(rebuild(child, leaves) for child in description["tuple"])
    return leaves[description]


def pack_leaf(array: Any) -> tuple[dict | None, bytes]:
    """Return what describes an array (JSON) and its bytes."""
    if array is None:
        return None, b""
    if is_host_array(array):
        items = [_packed_string(item) for item in array.ravel().tolist()]
        return {"dtype": "string", "shape": array.shape}, json.dumps(items).encode()
    return {"dtype": array.dtype.name, "shape": array.shape}, np.ascontiguousarray(array).tobytes()


def unpack_leaf(header: dict | None, data: bytes) -> Any:
    """Return the array that `pack_leaf` was given."""
    if header is None:
        return None
    shape = tuple(header["shape"])
    if header["dtype"] == "string":
        array = np.empty(len(items := json.loads(data)), object)
        array[:] = [_unpacked_string(item) for item in items]
        return array.reshape(shape)
    return np.frombuffer(bytearray(data), numpy_dtype(header["dtype"])).reshape(shape)


def _packed_string(item: Any) -> Any:
    return {"bytes": base64.b64encode(item).decode()} if isinstance(item, bytes) else item


def _unpacked_string(item: Any) -> Any:
    return base64.b64decode(item["bytes"]) if isinstance(item, dict) else item


def to_json(element: Any) -> dict:
    """Return an element as JSON-ready data."""
    leaves = [pack_leaf(leaf) for leaf in tree.flatten(element)]
    coded = [[header, base64.b64encode(data).decode()] for header, data in leaves]
    return {"nesting": describe(element), "leaves": coded}


def from_json(data: dict) -> Any:
    """Return the element that `to_json` was given (named tuples as plain ones)."""
    leaves = [unpack_leaf(header, base64.b64decode(coded)) for header, coded in data["leaves"]]
    return rebuild(data["nesting"], leaves)


def to_bytes(element: Any, compress: bool = False) -> bytes:
    """Return an element as one record: a JSON header and the arrays' bytes."""
    leaves = [pack_leaf(leaf) for leaf in tree.flatten(element)]
    body = b"".join(data for _, data in leaves)
    header = {
        "nesting": describe(element),
        "leaves": [[header, len(data)] for header, data in leaves],
        "zlib": compress,
    }
    coded = json.dumps(header).encode()
    return _LENGTH.pack(len(coded)) + coded + (zlib.compress(body, 1) if compress else body)


def from_bytes(record: bytes) -> Any:
    """Return the element that `to_bytes` was given (named tuples as plain ones)."""
    start = _LENGTH.size + _LENGTH.unpack_from(record)[0]
    header = json.loads(record[_LENGTH.size : start])
    body = zlib.decompress(record[start:]) if header["zlib"] else record[start:]
    leaves, offset = [], 0
    for described, size in header["leaves"]:
        leaves.append(unpack_leaf(described, body[offset : offset + size]))
        offset += size
    return rebuild(header["nesting"], leaves)
