"""Shapes: tuples that also answer to the methods of Keras 2's `TensorShape`."""

from __future__ import annotations


class Shape(tuple):
    """A tuple of axis lengths (`None` where unknown).

    >>> import nyala
    >>> nyala.ops.zeros((2, 3)).shape
    (2, 3)
    >>> nyala.ops.zeros((2, 3)).shape.as_list()
    [2, 3]
    """

    __slots__ = ()

    def as_list(self) -> list[int | None]:
        """Return the lengths as a list."""
        return list(self)

    @property
    def rank(self) -> int:
        """The number of axes."""
        return len(self)

    @property
    def ndims(self) -> int:
        """The number of axes."""
        return len(self)

    @property
    def dims(self) -> list[int | None]:
        """The lengths as a list."""
        return list(self)

    def is_fully_defined(self) -> bool:
        """Whether every length is known."""
        return None not in self

    def num_elements(self) -> int | None:
        """Return the product of the lengths, or `None` where one is unknown."""
        if None in self:
            return None
        product = 1
        for length in self:
            product *= length
        return product

    def __getitem__(self, index):
        result = tuple.__getitem__(self, index)
        return Shape(result) if isinstance(index, slice) else result

    def __add__(self, other):
        return Shape(tuple(self) + tuple(other))

    def __reduce__(self):
        return (Shape, (tuple(self),))
