"""`Checkpoint`: objects of a loop of one's own, saved and restored together."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nyala.eager import Variable, global_seed_generator
from nyala.saving.checkpoints._generation import read_generation, write_generation
from nyala.saving.checkpoints._objects import parts, value_of
from nyala.saving.checkpoints._restoration import POSITIONS, Restoration

_GLOBAL_SEED = "_global_seed"


class Checkpoint:
    """Saves variables, layers, models, optimizers, metrics and iterators of datasets together.

    A checkpoint is a directory that appears whole or not at all, with checksums. The state of the
    global random generator (`random` operations without a seed) is saved with it.

    Args:
        root: an object whose state is saved under no name of its own, or `None`.
        **kwargs: objects by name, and lists and dicts of them; each becomes an attribute. More can
            be assigned as attributes later.

    Attributes:
        save_counter: a variable: how often `save` was called.

    Raises:
        TypeError: an object that holds no state.

    >>> import nyala, os, tempfile
    >>> prefix = os.path.join(tempfile.mkdtemp(), "ckpt")
    >>> step = nyala.Variable(1, name="step")
    >>> checkpoint = nyala.saving.Checkpoint(step=step)
    >>> path = checkpoint.save(prefix)
    >>> _ = step.assign(7)
    >>> _ = checkpoint.restore(path).assert_consumed()
    >>> os.path.basename(path), int(step)
    ('ckpt-1', 1)
    """

    save_counter: Variable

    def __init__(self, root: Any = None, **kwargs: Any):
        self._objects: dict[str, Any] = {}
        if root is not None:
            self._objects[""] = root
        self.save_counter = Variable(0, name="save_counter", dtype="int32", trainable=False)
        for name, value in kwargs.items():
            setattr(self, name, value)
        list(parts(self._checkpointed(), "", set()))  # what holds no state is found now

    def __setattr__(self, name: str, value: Any) -> None:
        if not name.startswith("_"):
            self._objects[name] = value
        object.__setattr__(self, name, value)

    def _checkpointed(self) -> dict[str, Any]:
        return self._objects

    def _everything(self) -> dict[str, Any]:
        return {**self._objects, _GLOBAL_SEED: global_seed_generator()}

    # -- saving ----------------------------------------------------------------------------------

    def save(self, file_prefix: Any, options: Any = None) -> str:
        """Write a checkpoint with the next number; return its path, `prefix-number`.

        Args:
            file_prefix: a path without the number, such as `"runs/ckpt"`.
            options: accepted for TensorFlow's sake.

        Raises:
            OSError: the disk is full, or refuses; with the path and the free space.
        """
        self.save_counter.assign_add(1)
        return self.write(f"{os.fspath(file_prefix)}-{int(self.save_counter)}")

    def write(self, file_prefix: Any, options: Any = None) -> str:
        """Write a checkpoint under this very name; return its path."""
        arrays, positions = {}, {}
        for name, part in parts(self._everything(), "", set()):
            if isinstance(part, Variable):
                arrays[name] = value_of(part)
            else:
                positions[name] = part.get_state()
        path = os.fspath(file_prefix)
        write_generation(Path(path), {POSITIONS: positions}, arrays)
        return path

    # -- restoring -------------------------------------------------------------------------------

    def restore(self, save_path: Any, options: Any = None) -> Restoration:
        """Put back what `save` or `write` saved.

        Args:
            save_path: the path; with `None` nothing happens, so that what `latest_checkpoint`
                returns can be passed.
            options: accepted for TensorFlow's sake.

        Returns:
            What became of it; `assert_consumed()` makes sure that everything matched.

        Raises:
            FileNotFoundError: there is no such checkpoint.
            ModelFileError: it is damaged, or a shape or dtype differs.
        """
        saved = None if save_path is None else read_generation(os.fspath(save_path))
        return Restoration(self._everything(), saved)

    def read(self, save_path: Any, options: Any = None) -> Restoration:
        """Put back what `write` wrote; as `restore`."""
        return self.restore(save_path, options)
