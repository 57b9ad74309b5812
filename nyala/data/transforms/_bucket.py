"""`bucket_by_sequence_length`: batches of elements of similar length."""

from __future__ import annotations

import bisect
from collections.abc import Callable
from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._bookmarks import Bookmarks, go_to, reread
from nyala.data._elements import stack
from nyala.data._functions import ElementFunction
from nyala.data._random_scope import ElementKeys
from nyala.data._specs import add_axis
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator, Transform, TransformIterator
from nyala.data.transforms._padded_batch import Padding


class Bucket(Transform):
    """Collects elements by length and yields full buckets as padded batches.

    Args:
        source: the stage before.
        length_function: the user's; returns an element's length.
        boundaries: upper ends (exclusive) of all buckets but the last.
        batch_sizes: elements of a batch, for each bucket.
        padding: how elements are filled up; `None` for elements of equal shapes in a bucket.
        to_boundary: whether they are filled up to the boundary less one.
        drop_remainder: whether buckets that are not full at the end are left out.
    """

    random = True

    def __init__(self, source: Stage, length_function: Callable, boundaries: list[int],
                 batch_sizes: list[int], padding: Padding | None, to_boundary: bool,
                 drop_remainder: bool):  # fmt: skip
        super().__init__(source)
        if len(batch_sizes) != len(boundaries) + 1:
            raise ValueError(
                "bucket_by_sequence_length: bucket_batch_sizes must have one entry more than "
                f"bucket_boundaries; got {len(batch_sizes)} and {len(boundaries)}."
            )
        if sorted(boundaries) != list(boundaries):
            raise ValueError(
                f"bucket_by_sequence_length: bucket_boundaries must increase; got {boundaries}."
            )
        self.function = ElementFunction(length_function, "bucket_by_sequence_length")
        self.boundaries, self.batch_sizes = list(boundaries), list(batch_sizes)
        self.padding, self.to_boundary = padding, to_boundary
        self.drop_remainder = bool(drop_remainder)

    @property
    def spec(self) -> Any:
        """The input's spec with a first axis."""
        if self.padding is None:
            return add_axis(self.source.spec, None)
        return self.padding.spec(self.source.spec, None)

    @property
    def length(self) -> int:
        """Unknown, but for an empty or endless input."""
        return UNKNOWN if self.source.length > 0 else self.source.length

    @property
    def uniform(self) -> bool:
        """Not promised."""
        return False

    def batch(self, elements: list, bucket: int) -> Any:
        """Return elements of a bucket as a batch."""
        if self.padding is None:
            return stack(elements)
        if not self.to_boundary:
            return self.padding.stack(elements)
        if bucket == len(self.boundaries):
            raise ValueError(
                "bucket_by_sequence_length: with pad_to_bucket_boundary=True every element must be "
                f"shorter than the last boundary, {self.boundaries[-1]}."
            )
        shapes = [
            tuple(self.boundaries[bucket] - 1 if n is None else n for n in shape)
            for shape in self._open_shapes(elements[0])
        ]
        padding = Padding(self.source.spec, None, None)
        padding.shapes, padding.values = shapes, self.padding.values
        return padding.stack(elements)

    def _open_shapes(self, element: Any) -> list:
        leaves, specs = tree.flatten(element), tree.flatten(self.source.spec)
        given = zip(self.padding.shapes, specs, leaves, strict=True)
        return [
            shape if shape is not None else (spec.shape or (None,) * leaf.ndim if leaf.ndim else ())
            for shape, spec, leaf in given
        ]

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over full buckets."""
        return BucketIterator(self, where)


class BucketIterator(TransformIterator):
    """Holds the elements of the buckets, each with its number."""

    def __init__(self, stage: Bucket, where: Pass):
        super().__init__(stage, where)
        self.keys = ElementKeys(stage, where)
        self._reading = Bookmarks(self.source)
        self._buckets: dict[int, list[tuple[int, Any]]] = {}
        self._ended = False

    def __next__(self) -> Any:
        while not self._ended:
            number = self._reading.position
            try:
                element = self._reading.read()
            except StopIteration:
                self._ended = True
                break
            bucket = self._bucket_of(element, number)
            held = self._buckets.setdefault(bucket, [])
            held.append((number, element))
            if len(held) == self.stage.batch_sizes[bucket]:
                return self._emptied(bucket)
        if self.stage.drop_remainder or not self._buckets:
            raise StopIteration
        return self._emptied(min(self._buckets))

    def _bucket_of(self, element: Any, number: int) -> int:
        length = self.stage.function.one(element, self.keys.one(number), number)
        return bisect.bisect_right(self.stage.boundaries, int(np.asarray(length).item()))

    def _emptied(self, bucket: int) -> Any:
        elements = [element for _, element in self._buckets.pop(bucket)]
        self._reading.forget_before(self._oldest())
        return self.stage.batch(elements, bucket)

    def _oldest(self) -> int:
        return min(
            (number for held in self._buckets.values() for number, _ in held),
            default=self._reading.position,
        )

    def get_state(self) -> dict:
        numbers = [[b, [n for n, _ in held]] for b, held in self._buckets.items()]
        oldest = self._oldest()
        return {
            "buckets": numbers,
            "read": self._reading.position,
            "oldest": oldest,
            "ended": self._ended,
            "source": self._reading.state_at(oldest),
        }

    def set_state(self, state: dict) -> None:
        go_to(self.source, state["source"])
        self._reading.position, self._ended = state["oldest"], state["ended"]
        wanted = {n for _, numbers in state["buckets"] for n in numbers}
        held = reread(self._reading, state["read"], wanted)
        self._buckets = {b: [(n, held[n]) for n in numbers] for b, numbers in state["buckets"]}
