"""Blocks: batches of equal shape, one after another in arrays on the device."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jax
import numpy as np

from nyala.core import tree
from nyala.data import aligned_empty, on_device

# As much as a processor's caches hold: what was just stacked is read from there.
_BLOCK_BYTES = 8 << 20
_MOST_BATCHES = 64


class Block:
    """A batch, or several in a row.

    Args:
        arrays: `(x, y, sample_weight)`.
        rows: the rows of each batch where there are several, else `None`.
        count: how many there are.
    """

    __slots__ = ("arrays", "count", "rows", "used")

    def __init__(self, arrays: tuple, rows: int | None = None, count: int = 1):
        self.arrays, self.rows, self.count = arrays, rows, count
        self.used = 0

    @property
    def left(self) -> int:
        """Batches that were not used."""
        return self.count - self.used


class Gathering:
    """Puts batches together into blocks.

    Only batches of the first one's shape are stacked, so that one program of many steps serves all;
    others (the last one, sequences of another length) are blocks of their own.

    Args:
        stacks: whether batches are stacked at all.
    """

    def __init__(self, stacks: bool):
        self._stacks = stacks
        self._usual: Any = None  # the signature of batches that are stacked, () for none
        self._capacity = 1
        self._buffers: list[np.ndarray | None] = []
        self._template: Any = None
        self._count = 0

    @property
    def begun(self) -> bool:
        """Whether there is an unfinished block."""
        return self._count > 0

    def expect(self, batch: tuple) -> None:
        """Let batches like this one be those that are stacked, unless others are already."""
        if self._usual is None:
            leaves = tree.flatten(batch)
            self._capacity = _capacity(leaves) if self._stacks else 1
            self._usual = _signature(batch, leaves) if self._capacity > 1 else ()

    def add(self, batch: tuple) -> Iterator[Block]:
        """Take a batch; yield the blocks that are complete by it."""
        leaves = tree.flatten(batch)
        signature = _signature(batch, leaves)
        self.expect(batch)
        if signature != self._usual:
            if self.begun:
                yield self.finish()
            yield Block(tree.map_structure(_placed, batch))
            return
        if not self.begun:
            self._template = batch
            self._buffers = [_buffer(leaf, self._capacity) for leaf in leaves]
        for buffer, leaf in zip(self._buffers, leaves, strict=True):
            if buffer is not None:
                rows = len(leaf)
                buffer[self._count * rows : (self._count + 1) * rows] = leaf
        self._count += 1
        if self._count == self._capacity:
            yield self.finish()

    def finish(self) -> Block:
        """Return the block that was begun."""
        arrays = [None if b is None else _shared(b) for b in self._buffers]
        rows = next(len(b) for b in self._buffers if b is not None) // self._capacity
        block = Block(tree.pack_sequence_as(self._template, arrays), rows, self._count)
        self._buffers, self._template, self._count = [], None, 0
        return block

    def anew(self) -> Gathering:
        """Return one for the next pass, which stacks batches of the same shape."""
        other = Gathering(self._stacks)
        other._usual, other._capacity = self._usual, self._capacity
        return other


def _signature(batch: tuple, leaves: list) -> tuple:
    shapes = tuple(leaf if leaf is None else (leaf.shape, leaf.dtype) for leaf in leaves)
    return shapes, str(tree.map_structure(lambda leaf: None, batch))


def _capacity(leaves: list) -> int:
    """Return how many batches like this one make a block, 1 where they cannot be stacked."""
    arrays = [leaf for leaf in leaves if leaf is not None]
    rows = {leaf.shape[0] if leaf.shape else 0 for leaf in arrays}
    if len(rows) != 1 or 0 in rows or not all(_on_host(leaf) for leaf in arrays):
        return 1
    return min(_MOST_BATCHES, _BLOCK_BYTES // max(sum(leaf.nbytes for leaf in arrays), 1))


def _on_host(leaf: Any) -> bool:
    if isinstance(leaf, jax.Array):
        return jax.default_backend() == "cpu"
    return leaf.dtype != object


def _buffer(leaf: Any, capacity: int) -> np.ndarray | None:
    if leaf is None:
        return None
    return aligned_empty((capacity * leaf.shape[0], *leaf.shape[1:]), leaf.dtype)


def _shared(buffer: np.ndarray) -> Any:
    """Return a buffer that nobody writes to any more as an array on the device."""
    if jax.default_backend() == "cpu":
        return jax.device_put(buffer, may_alias=True)
    return jax.device_put(buffer)


def _placed(leaf: Any) -> Any:
    """Return a batch's array on the device, independent of one that its source may write to."""
    if leaf is None or isinstance(leaf, jax.Array) or leaf.dtype == object:
        return leaf
    return on_device(leaf) if leaf.nbytes > _BLOCK_BYTES else jax.numpy.array(leaf)
