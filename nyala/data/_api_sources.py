"""`Dataset`'s constructors."""

from __future__ import annotations

from typing import Any

from nyala.data import sources


class Sources:
    """Where a dataset comes from."""

    @classmethod
    def from_tensor_slices(cls, tensors: Any, name: str | None = None) -> Any:
        """Return a dataset of the rows of arrays.

        Args:
            tensors: a structure of arrays (NumPy, tensors, pandas columns, lists) of equal length
                along their first axis; a list is one array. A `numpy.memmap` stays in its file.
            name: accepted for TensorFlow's sake.

        Raises:
            ValueError: the lengths differ, or an array has no axis to cut along.

        >>> import nyala
        >>> dataset = nyala.data.Dataset.from_tensor_slices(([1, 2, 3], ["a", "b", "c"]))
        >>> list(dataset.as_numpy_iterator())
        [(np.int32(1), 'a'), (np.int32(2), 'b'), (np.int32(3), 'c')]
        """
        return cls(sources.Slices(tensors))
