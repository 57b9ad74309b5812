"""Putting a saved state into objects, also into those whose variables are made later."""

from __future__ import annotations

import functools
from typing import Any

from nyala.eager import Variable
from nyala.saving.checkpoints._generation import Generation
from nyala.saving.checkpoints._objects import check_fit, parts, set_value, unbuilt

POSITIONS = "positions"


class Restoration:
    """What became of a restored checkpoint: `Checkpoint.restore` returns it.

    A variable that does not exist yet, such as the weights of a layer that was never called, gets
    its value when its layer or optimizer is built.

    Args:
        objects: the structure of objects.
        saved: what was saved; `None` where nothing was.
    """

    def __init__(self, objects: Any, saved: Generation | None):
        self._objects, self._saved = objects, saved
        self._done: set[str] = set()
        self._watched: dict[int, Any] = {}
        if saved is not None:
            self._apply()

    def _apply(self) -> None:
        for name, part in parts(self._objects, "", set()):
            if name not in self._done:
                self._restore(name, part)
        if self._left():
            for owner in unbuilt(self._objects):
                self._watch(owner)
        else:
            for owner in self._watched.values():
                vars(owner).pop("build", None)
            self._watched.clear()

    def _restore(self, name: str, part: Any) -> None:
        arrays, positions = self._saved.arrays, self._saved.state[POSITIONS]
        if isinstance(part, Variable) and name in arrays:
            check_fit(part, arrays[name], name)
            set_value(part, arrays[name])
        elif not isinstance(part, Variable) and name in positions:
            part.set_state(positions[name])
        else:
            return
        self._done.add(name)

    def _watch(self, owner: Any) -> None:
        if id(owner) in self._watched:
            return
        self._watched[id(owner)] = owner
        build = owner.build

        @functools.wraps(build)
        def building(*args: Any, **kwargs: Any) -> Any:
            vars(owner).pop("build", None)
            result = build(*args, **kwargs)
            self._apply()
            return result

        vars(owner)["build"] = building

    def _left(self) -> list[str]:
        """Return the names in the file that nothing here belongs to, or not yet."""
        if self._saved is None:
            return []
        names = [*self._saved.arrays, *self._saved.state[POSITIONS]]
        return [name for name in names if name not in self._done]

    # -- what a user asks ------------------------------------------------------------------------

    def assert_consumed(self) -> Restoration:
        """Raise `AssertionError` unless objects and file match completely; return `self`."""
        self.assert_existing_objects_matched()
        if left := self._left():
            raise AssertionError(
                f"{self._saved.path} holds values for which there is no variable (yet; those of a "
                f"layer or optimizer exist once it is built): {', '.join(left[:20])}."
            )
        return self

    def assert_existing_objects_matched(self) -> Restoration:
        """Raise `AssertionError` unless all variables there are were restored; return `self`."""
        names = [name for name, _ in parts(self._objects, "", set())]
        missing = [name for name in names if name not in self._done]
        if self._saved is None and names:
            raise AssertionError("Nothing was restored: there was no checkpoint (None).")
        if missing:
            raise AssertionError(
                f"{self._saved.path} holds no value for {', '.join(missing[:20])}."
            )
        return self

    def assert_nontrivial_match(self) -> Restoration:
        """Raise `AssertionError` unless something was restored; return `self`."""
        if not self._done:
            raise AssertionError("Nothing in the checkpoint belongs to these objects.")
        return self

    def expect_partial(self) -> Restoration:
        """Return `self`: what does not match is no reason to complain."""
        return self

    def initialize_or_restore(self, session: Any = None) -> None:
        """Do nothing: values are there already (TensorFlow 1)."""

    run_restore_ops = initialize_or_restore
