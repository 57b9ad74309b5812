"""`from_generator`: what a Python generator yields."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from nyala.core import numpy_dtype, tree
from nyala.data._elements import as_element, as_host
from nyala.data._specs import TensorSpec, spec_of
from nyala.data._stage import UNKNOWN, Pass, Stage, StageIterator


class Generator(Stage):
    """The elements of an iterable that a function makes.

    Args:
        function: called without arguments at the beginning of each pass; returns an iterable.
        signature: a structure of specs that the elements must fit; learnt from the first element if
            `None`.
    """

    def __init__(self, function: Callable, signature: Any = None):
        if not callable(function):
            raise TypeError(
                "from_generator expects a function that returns an iterator, such as a generator "
                f"function; got {function!r}. Pass lambda: {type(function).__name__}_object, or a "
                "function."
            )
        self.function = function
        self.signature = None if signature is None else tree.map_structure(_as_spec, signature)
        self._looked_at: tuple[Iterator, Any] | None = None

    @property
    def spec(self) -> Any:
        """The signature; without one, the spec of the first element."""
        if self.signature is None:
            iterator = iter(self.function())
            try:
                first = next(iterator)
            except StopIteration:
                raise ValueError(
                    "from_generator: the spec of the elements is not known: the generator yielded "
                    "nothing. Pass output_signature."
                ) from None
            # A generator that looks at a file or a queue should not lose what was read of it.
            self._looked_at = (iterator, first)
            self.signature = spec_of(as_element(first))
            self.signature = tree.map_structure(_any_length, self.signature)
        return self.signature

    @property
    def length(self) -> int:
        """Unknown."""
        return UNKNOWN

    @property
    def uniform(self) -> bool:
        """Whether the signature leaves nothing open."""
        return self.signature is not None and all(
            isinstance(s, TensorSpec) and s.shape is not None and None not in s.shape
            for s in tree.flatten(self.signature)
        )

    def begin(self) -> Iterator:
        """Return a new iterator over what the function yields."""
        if self._looked_at is None:
            return iter(self.function())
        (iterator, first), self._looked_at = self._looked_at, None
        return _chained(first, iterator)

    def checked(self, value: Any, number: int) -> Any:
        """Return what was yielded as an element.

        Raises:
            TypeError: it does not fit the signature.
        """
        if self.signature is None:
            return as_element(value, f"element {number} of the generator")
        value = _nested_alike(self.signature, value)
        try:
            return tree.map_structure_up_to(self.signature, _fitted, self.signature, value)
        except (ValueError, TypeError, OverflowError) as error:
            raise TypeError(
                f"from_generator: element {number} does not fit output_signature: expected "
                f"{self.signature}, got {_described(value)}. ({error})"
            ) from None

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over a new generator."""
        return GeneratorIterator(self)


class GeneratorIterator(StageIterator):
    """Counts what was yielded; a restored one lets a new generator run up to there."""

    def __init__(self, stage: Generator):
        self.stage, self.number = stage, 0
        self._iterator: Iterator | None = None

    def _running(self) -> Iterator:
        if self._iterator is None:
            self._iterator = self.stage.begin()
        return self._iterator

    def __next__(self) -> Any:
        try:
            value = next(self._running())
        except StopIteration:
            raise
        except Exception as error:
            error.add_note(
                f"Raised in the generator of Dataset.from_generator, on element {self.number}."
            )
            raise
        self.number += 1
        return self.stage.checked(value, self.number - 1)

    def skip(self, count: int) -> None:
        self.number += sum(1 for _ in islice(self._running(), count))

    def get_state(self) -> int:
        return self.number

    def set_state(self, state: int) -> None:
        self.skip(state)

    def close(self) -> None:
        end = getattr(self._iterator, "close", None)
        if end is not None:
            end()


def _chained(first: Any, rest: Iterator) -> Iterator:
    yield first
    yield from rest


def _as_spec(spec: Any) -> Any:
    if spec is None or isinstance(spec, TensorSpec):
        return spec
    if not hasattr(spec, "shape") or not hasattr(spec, "dtype"):
        raise TypeError(f"output_signature must hold specs with shape and dtype; got {spec!r}.")
    return TensorSpec(spec.shape, spec.dtype)


def _any_length(spec: Any) -> Any:
    """One element does not tell which lengths are those of all."""
    if not isinstance(spec, TensorSpec) or spec.shape is None:
        return spec
    return TensorSpec([None] * len(spec.shape), spec.dtype)


def _nested_alike(signature: Any, value: Any) -> Any:
    """Return a list as the tuple that the signature says it is."""
    if isinstance(signature, tuple) and isinstance(value, (list, tuple)):
        if len(signature) == len(value):
            return tuple(_nested_alike(s, v) for s, v in zip(signature, value, strict=True))
    return value


def _fitted(spec: TensorSpec, value: Any) -> Any:
    if spec is None:
        return None
    if isinstance(value, (tuple, dict)):
        raise TypeError(f"there is a {type(value).__name__} in the place of a tensor")
    array = as_host(value)
    wanted = numpy_dtype(spec.dtype)
    if (array.dtype.kind == "O") is not (wanted.kind == "O") or not (
        array.dtype == wanted or np.can_cast(array.dtype, wanted, "same_kind") or not array.size
    ):
        raise TypeError(f"{array.dtype.name} in the place of {spec.dtype}")
    array = as_host(array.astype(wanted, copy=False))
    if not TensorSpec(spec.shape, array.dtype).fits(array):
        raise TypeError(f"shape {array.shape} in the place of {tuple(spec.shape)}")
    return array


def _described(value: Any) -> Any:
    try:
        return spec_of(as_element(value))
    except (TypeError, ValueError):
        return repr(value)
