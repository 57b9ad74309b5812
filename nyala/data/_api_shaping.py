"""`Dataset`'s methods that put elements together and take them apart."""

from __future__ import annotations

from typing import Any

from nyala.data import transforms


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
