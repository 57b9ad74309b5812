"""`map`: a function of every element."""

from __future__ import annotations

import os
import weakref
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from nyala.core import tree
from nyala.data._bookmarks import Bookmarks, go_to
from nyala.data._elements import as_element, count_rows, one_row, stack
from nyala.data._functions import ElementFunction
from nyala.data._random_scope import ElementKeys
from nyala.data._specs import TensorSpec, spec_of
from nyala.data._stage import Pass, Stage, StageIterator, Transform, TransformIterator
from nyala.symbolic import KerasTensor, infer_output_spec

_AUTOTUNE = -1


class Map(Transform):
    """Calls a function on every element.

    Args:
        source: the stage before.
        function: the user's.
        threads: how many elements are worked on at once where the function runs in Python; `None`
            for one, -1 for one a processor.
    """

    random = True
    _spec: Any = None

    def __init__(self, source: Stage, function: Callable, threads: int | None = None):
        super().__init__(source)
        self.function = ElementFunction(function, "map")
        self.threads = _number_of(threads)

    @property
    def spec(self) -> Any:
        """What the function returns for the input's spec, else for the first element."""
        if self._spec is None:
            self._spec = _inferred(self.function.function, self.source.spec)
        if self._spec is None:
            iterator = self.iterate(Pass())
            try:
                self._spec = spec_of(next(iterator))
            except StopIteration:
                raise ValueError(
                    "map: the spec of the elements is not known: the function runs in Python, and "
                    "the dataset is empty."
                ) from None
            finally:
                iterator.close()
        return self._spec

    @property
    def uniform(self) -> bool:
        """Whether the function is known to compile, on uniform elements."""
        return self.function.compiled is True and self.source.uniform

    @property
    def row_count(self) -> int | None:
        """The input's."""
        return self.source.row_count

    def rows(self, index: Any, where: Pass) -> Any:
        """Return what the function makes of the input's rows."""
        numbers = np.arange(self.row_count)[index] if isinstance(index, slice) else index
        return self.make_rows(self.source.rows(index, where), where, numbers, len(numbers))

    def make_rows(self, rows: Any, where: Pass, numbers: np.ndarray, width: int) -> Any:
        """Return what the function makes of stacked elements with these numbers."""
        keys = ElementKeys(self, where).of(numbers)
        result = self.function.over_rows(rows, keys, width)
        if result is not None:
            return result
        return stack([
            self.function.one(one_row(rows, i), keys[i], int(n)) for i, n in enumerate(numbers)
        ])  # fmt: skip

    def iterate(self, where: Pass) -> StageIterator:
        """Return an iterator over the function's results."""
        return MapIterator(self, where)


class MapIterator(TransformIterator):
    """Works on several elements at once: in threads where the function runs in Python."""

    def __init__(self, stage: Map, where: Pass):
        super().__init__(stage, where)
        self.keys = ElementKeys(stage, where)
        self._reading = Bookmarks(self.source)
        self._handed_out = 0
        self._pending: deque[Future] = deque()
        self._pool: ThreadPoolExecutor | None = None
        self._ended = False

    def __next__(self) -> Any:
        self._work_ahead()
        if not self._pending:
            raise StopIteration
        future = self._pending.popleft()
        self._handed_out += 1
        self._reading.forget_before(self._handed_out)
        return future.result()

    def next_rows(self, count: int) -> Any:
        if self._pending or self._ended or not self.source_is_uniform():
            return super().next_rows(count)
        start = self._handed_out
        rows = self._reading.read_rows(count)
        if rows is None:
            self._ended = True
            return None
        numbers = np.arange(start, start + count_rows(rows))
        self._handed_out = int(numbers[-1]) + 1
        self._reading.forget_before(self._handed_out)
        result = self.stage.function.over_rows(rows, self.keys.of(numbers), count)
        return self._one_by_one(rows, numbers) if result is None else result

    def source_is_uniform(self) -> bool:
        """Whether the input's elements can be stacked before the function has seen them."""
        return self.stage.source.uniform

    def _one_by_one(self, rows: Any, numbers: np.ndarray) -> Any:
        futures = [
            self._submit(one_row(rows, i), int(n), ahead=True) for i, n in enumerate(numbers)
        ]
        return stack([future.result() for future in futures])

    def _work_ahead(self) -> None:
        while not self._ended and len(self._pending) < max(self._width(), 1):
            number = self._reading.position
            try:
                element = self._reading.read()
            except StopIteration:
                self._ended = True
            except Exception as error:  # the source's, in its place among the results
                self._pending.append(_failed(error))
                self._reading.position += 1
                return
            else:
                self._pending.append(self._submit(element, number, ahead=self._width() > 1))

    def _width(self) -> int:
        # Compiled code uses the processors by itself.
        return 1 if self.stage.function.compiled else self.stage.threads

    def _submit(self, element: Any, number: int, ahead: bool) -> Future:
        function, key = self.stage.function, self.keys.one(number)
        if not ahead or self.stage.threads < 2 or function.decide(element):
            return _called(function.one, element, key, number)
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.stage.threads, thread_name_prefix="nyala-map")
            self._end_pool = weakref.finalize(self, _end_pool, self._pool)
        return self._pool.submit(function.in_python, element, key, number)

    def get_state(self) -> dict:
        return {"handed_out": self._handed_out, "source": self._reading.state_at(self._handed_out)}

    def set_state(self, state: dict) -> None:
        self._handed_out = self._reading.position = state["handed_out"]
        go_to(self.source, state["source"])

    def skip(self, count: int) -> None:
        # Functions are not called for elements that nobody sees.
        ahead = min(count, len(self._pending))
        for _ in range(ahead):
            self._pending.popleft()
        left = count - ahead
        self.source.skip(left)
        self._reading.jump(left)
        self._handed_out += count

    def close(self) -> None:
        if self._pool is not None:
            self._end_pool()
        super().close()


def _end_pool(pool: ThreadPoolExecutor) -> None:
    pool.shutdown(wait=True, cancel_futures=True)


def _called(function: Callable, *args: Any) -> Future:
    future: Future = Future()
    try:
        future.set_result(function(*args))
    except Exception as error:
        future.set_exception(error)
    return future


def _failed(error: Exception) -> Future:
    future: Future = Future()
    future.set_exception(error)
    return future


def _number_of(threads: int | None) -> int:
    if threads is None:
        return 1
    if threads == _AUTOTUNE:
        return min(os.cpu_count() or 1, 16)
    if isinstance(threads, bool) or not isinstance(threads, (int, np.integer)) or threads < 1:
        raise ValueError(
            f"map: num_parallel_calls must be a positive integer or AUTOTUNE; got {threads!r}."
        )
    return int(threads)


def _inferred(function: Callable, spec: Any) -> Any:
    """Return the spec of what a function of tensors returns, `None` where it cannot be traced."""
    leaves = tree.flatten(spec)
    if not all(_is_traceable(leaf) for leaf in leaves):
        return None
    given = tree.map_structure(
        lambda leaf: None if leaf is None else KerasTensor(leaf.shape, leaf.dtype), spec
    )
    args = given if type(given) is tuple else (given,)
    try:
        result = infer_output_spec(lambda *values: function(*values), *args)
        return tree.map_structure(_spec_of_result, result)
    except Exception:
        # Called in Python, the function works or says what is wrong.
        return None


def _is_traceable(spec: Any) -> bool:
    if spec is None:
        return True
    return isinstance(spec, TensorSpec) and spec.shape is not None and spec.dtype != "string"


def _spec_of_result(leaf: Any) -> Any:
    if isinstance(leaf, KerasTensor):
        return TensorSpec(leaf.shape, leaf.dtype)
    return spec_of(as_element(leaf))
