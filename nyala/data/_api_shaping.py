"""`Dataset`'s methods that put elements together and take them apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala.data import sources, transforms


class Shaping:
    """Batches, windows and their undoing."""

    def batch(self, batch_size: int, drop_remainder: bool = False, num_parallel_calls: Any = None,
              deterministic: bool | None = None, name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of batches: elements stacked along a new first axis.

        Args:
            batch_size: elements of a batch.
            drop_remainder: whether a last smaller batch is left out.
            num_parallel_calls, deterministic, name: accepted for TensorFlow's sake.

        Raises:
            ValueError: on iteration, where elements differ in shape (use `padded_batch`).

        >>> import nyala
        >>> list(nyala.data.Dataset.range(5).batch(2).as_numpy_iterator())
        [array([0, 1], dtype=int32), array([2, 3], dtype=int32), array([4], dtype=int32)]
        """
        return self._then(transforms.Batch(self._stage, batch_size, drop_remainder))

    def padded_batch(self, batch_size: int, padded_shapes: Any = None, padding_values: Any = None,
                     drop_remainder: bool = False, name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of batches of elements that differ in shape, filled up at the ends.

        Args:
            batch_size: elements of a batch.
            padded_shapes: a structure of shapes to fill up to, `None` or -1 in one for the longest
                of the batch; `None` for the longest along all axes.
            padding_values: what to fill with, one value or a structure; 0 or `""` if `None`.
            drop_remainder: whether a last smaller batch is left out.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> ragged = nyala.data.Dataset.from_generator(lambda: ([1] * n for n in (1, 3)))
        >>> next(ragged.padded_batch(2).as_numpy_iterator())
        array([[1, 0, 0],
               [1, 1, 1]], dtype=int32)
        """
        padding = transforms.Padding(self._stage.spec, padded_shapes, padding_values)
        return self._then(transforms.PaddedBatch(self._stage, batch_size, padding, drop_remainder))

    def unbatch(self, name: str | None = None) -> Any:
        """Return a dataset of the rows of every element.

        >>> import nyala
        >>> [int(x) for x in nyala.data.Dataset.range(3).batch(2).unbatch()]
        [0, 1, 2]
        """
        return self._then(transforms.Unbatch(self._stage))

    def rebatch(
        self, batch_size: Any, drop_remainder: bool = False, name: str | None = None
    ) -> Any:
        """Return a dataset of the same rows in batches of another size.

        Args:
            batch_size: rows of a batch; a list of sizes is used in turn.
            drop_remainder: whether a last smaller batch is left out.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> [len(x) for x in nyala.data.Dataset.range(8).batch(4).rebatch([1, 3])]
        [1, 3, 1, 3]
        """
        return self._then(transforms.Rebatch(self._stage, batch_size, drop_remainder))

    def window(self, size: int, shift: int | None = None, stride: int = 1,
               drop_remainder: bool = False, name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of windows: datasets of neighbouring elements.

        Args:
            size: elements of a window.
            shift: from the beginning of a window to that of the next; `size` if `None`.
            stride: from one element of a window to the next.
            drop_remainder: whether smaller windows at the end are left out.
            name: accepted for TensorFlow's sake.

        Elements with several components become one dataset for each component.

        >>> import nyala
        >>> windows = nyala.data.Dataset.range(4).window(3, shift=1, drop_remainder=True)
        >>> [[int(x) for x in window] for window in windows]
        [[0, 1, 2], [1, 2, 3]]
        """
        cls = type(self._then(self._stage))
        return self._then(
            transforms.Window(self._stage, size, shift, stride, drop_remainder,
                              lambda elements: cls(sources.Elements(elements)))
        )  # fmt: skip

    def bucket_by_sequence_length(
        self, element_length_func: Callable, bucket_boundaries: list[int],
        bucket_batch_sizes: list[int], padded_shapes: Any = None, padding_values: Any = None,
        pad_to_bucket_boundary: bool = False, no_padding: bool = False,
        drop_remainder: bool = False, name: str | None = None,
    ) -> Any:  # fmt: skip
        """Return a dataset of padded batches of elements of similar length.

        Args:
            element_length_func: returns the length of an element.
            bucket_boundaries: upper ends (exclusive) of the buckets' lengths; a last bucket takes
                what is longer.
            bucket_batch_sizes: elements of a batch, one for each bucket.
            padded_shapes, padding_values: as in `padded_batch`.
            pad_to_bucket_boundary: whether to fill up to the boundary less one, not to the longest.
            no_padding: whether elements of a bucket have equal shapes already.
            drop_remainder: whether buckets that are not full at the end are left out.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> ragged = nyala.data.Dataset.from_generator(lambda: ([n] * n for n in (1, 4, 2, 5)))
        >>> buckets = ragged.bucket_by_sequence_length(len, [3], [2, 2])
        >>> [tuple(batch.shape) for batch in buckets]
        [(2, 2), (2, 5)]
        """
        padding = None
        if not no_padding:
            padding = transforms.Padding(self._stage.spec, padded_shapes, padding_values)
        return self._then(
            transforms.Bucket(self._stage, element_length_func, bucket_boundaries,
                              bucket_batch_sizes, padding, pad_to_bucket_boundary, drop_remainder)
        )  # fmt: skip

    def group_by_window(self, key_func: Callable, reduce_func: Callable,
                        window_size: int | None = None, window_size_func: Callable | None = None,
                        name: str | None = None) -> Any:  # fmt: skip
        """Return a dataset of what is made of windows of elements that have a key in common.

        Args:
            key_func: returns the key of an element, an integer.
            reduce_func: called with a key and a dataset of the elements of a window; returns a
                dataset, whose elements come in place of those.
            window_size: the number of elements of a window; what is left at the end makes smaller
                ones.
            window_size_func: returns that number for a key; in place of `window_size`.
            name: accepted for TensorFlow's sake.

        >>> import nyala
        >>> numbers = nyala.data.Dataset.range(7)
        >>> batches = numbers.group_by_window(
        ...     lambda n: n % 2, lambda key, window: window.batch(3), window_size=3)
        >>> [batch.numpy().tolist() for batch in batches]
        [[0, 2, 4], [1, 3, 5], [6]]
        """
        if (window_size is None) == (window_size_func is None):
            raise ValueError("group_by_window takes window_size or window_size_func, one of them.")
        cls = type(self._then(self._stage))
        return self._then(
            transforms.GroupByWindow(
                self._stage, key_func, reduce_func,
                lambda key: window_size if window_size_func is None else int(window_size_func(key)),
                lambda elements: cls(sources.Elements(elements)),
            )
        )  # fmt: skip
