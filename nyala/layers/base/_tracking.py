"""Finding the state that a layer holds: what is set on it, also inside lists and dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Tracker:
    """Sorts what is assigned to a layer's attributes into lists by kind.

    Args:
        kinds: pairs of a test on a value and the list that takes the values that pass it; the
            first test that passes decides.
        locked: returns a reason why nothing new may be tracked now, or `None`.
    """

    def __init__(self, kinds: list[tuple[Callable[[Any], bool], list]]):
        self.kinds = kinds
        self._seen: list[set[int]] = [{id(v) for v in values} for _, values in kinds]

    def track(self, value: Any) -> Any:
        """Track `value` and what it contains; return it, or a container that goes on tracking."""
        for (test, values), seen in zip(self.kinds, self._seen, strict=True):
            if test(value):
                if id(value) not in seen:
                    seen.add(id(value))
                    values.append(value)
                return value
        cls = type(value)
        if cls is list or cls is TrackedList:
            return TrackedList(value, self)
        if cls is dict or cls is TrackedDict:
            return TrackedDict(value, self)
        if cls is tuple or (isinstance(value, tuple) and hasattr(value, "_fields")) or cls is set:
            for item in value:
                self.track(item)
        return value

    def untrack(self, value: Any) -> None:
        """Forget `value`."""
        for (_, values), seen in zip(self.kinds, self._seen, strict=True):
            if id(value) in seen:
                seen.remove(id(value))
                values[:] = [v for v in values if v is not value]


class TrackedList(list):
    """A list that tracks what is put into it later."""

    def __init__(self, values: Iterable = (), tracker: Tracker | None = None):
        self.tracker = tracker
        super().__init__(self._track(v) for v in values)

    def _track(self, value: Any) -> Any:
        return self.tracker.track(value) if self.tracker is not None else value

    def append(self, value: Any) -> None:
        """Append, tracking."""
        super().append(self._track(value))

    def insert(self, index: int, value: Any) -> None:
        """Insert, tracking."""
        super().insert(index, self._track(value))

    def extend(self, values: Iterable) -> None:
        """Extend, tracking."""
        super().extend(self._track(v) for v in values)

    def __iadd__(self, values: Iterable) -> TrackedList:
        self.extend(values)
        return self

    def __setitem__(self, index: Any, value: Any) -> None:
        value = [self._track(v) for v in value] if isinstance(index, slice) else self._track(value)
        super().__setitem__(index, value)

    def __delitem__(self, index: Any) -> None:
        removed = self[index] if isinstance(index, slice) else [self[index]]
        super().__delitem__(index)
        self._untrack(removed)

    def remove(self, value: Any) -> None:
        """Remove and stop tracking."""
        super().remove(value)
        self._untrack([value])

    def pop(self, index: int = -1) -> Any:
        """Remove the item at `index`, stop tracking it and return it."""
        value = super().pop(index)
        self._untrack([value])
        return value

    def clear(self) -> None:
        """Remove everything and stop tracking it."""
        removed = list(self)
        super().clear()
        self._untrack(removed)

    def _untrack(self, values: Iterable) -> None:
        if self.tracker is not None:
            for value in values:
                self.tracker.untrack(value)

    def __reduce__(self):
        return (list, (list(self),))


class TrackedDict(dict):
    """A dict that tracks what is put into it later."""

    def __init__(self, values: Any = (), tracker: Tracker | None = None):
        self.tracker = tracker
        super().__init__()
        self.update(values)

    def __setitem__(self, key: Any, value: Any) -> None:
        if self.tracker is not None:
            value = self.tracker.track(value)
        super().__setitem__(key, value)

    def update(self, values: Any = (), **more: Any) -> None:
        """Update, tracking."""
        for key, value in dict(values, **more).items():
            self[key] = value

    def setdefault(self, key: Any, default: Any = None) -> Any:
        """Set the default, tracking."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: Any, *default: Any) -> Any:
        """Remove the entry, stop tracking it and return it."""
        value = super().pop(key, *default)
        if self.tracker is not None:
            self.tracker.untrack(value)
        return value

    def __delitem__(self, key: Any) -> None:
        self.pop(key)

    def __reduce__(self):
        return (dict, (dict(self),))
