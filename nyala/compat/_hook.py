"""The import hook: a finder that answers for TensorFlow's and Keras' names."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from nyala.compat._names import ROOTS, target_of
from nyala.core import did_you_mean


def install() -> None:
    """Let `import tensorflow`, `keras`, `tf_keras` and `keras_tuner` give nyala from now on.

    Submodules and `from … import …` are included: `tensorflow.keras.layers` is `nyala.layers`
    itself. It holds for this process, whether or not the real packages are installed; calling it
    again changes nothing. `nyala run` calls it before it runs a script.

    Raises:
        RuntimeError: one of these packages has been imported already.

    >>> import nyala.compat
    >>> nyala.compat.install()
    >>> from tensorflow.keras import layers
    >>> layers is nyala.layers
    True
    >>> nyala.compat.uninstall()
    """
    if is_installed():
        return
    _refuse_real_packages()
    sys.meta_path.insert(0, _FINDER)


def uninstall() -> None:
    """Let these names mean what they meant before `install`; modules imported since stay usable."""
    if _FINDER in sys.meta_path:
        sys.meta_path.remove(_FINDER)
    for name in [
        n for n in sys.modules if n.partition(".")[0] in ROOTS and _is_ours(sys.modules[n])
    ]:
        del sys.modules[name]


def is_installed() -> bool:
    """Return whether TensorFlow's and Keras' names give nyala."""
    return _FINDER in sys.meta_path


def _refuse_real_packages() -> None:
    real = [n for n in ROOTS if n in sys.modules and not _is_ours(sys.modules[n])]
    if real:
        raise RuntimeError(
            f"nyala.compat.install(): the real {' and '.join(real)} has been imported in this "
            "process already, so that its objects would meet nyala's. Call install() before the "
            "first such import, or start the script with `nyala run script.py`."
        )


def _is_ours(module: ModuleType | None) -> bool:
    return getattr(module, "__name__", "").partition(".")[0] == "nyala"


class _Finder(MetaPathFinder):
    """Answers for the names in `ROOTS` and for nothing else."""

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        meant = target_of(fullname)
        if meant is None:
            return None
        module = _module(meant)
        if module is None:
            raise ModuleNotFoundError(_absence(fullname, meant), name=fullname)
        return ModuleSpec(fullname, _Alias(module), is_package=hasattr(module, "__path__"))


class _Alias(Loader):
    """Puts a module that exists already under one more name."""

    def __init__(self, module: ModuleType):
        self._module = module

    def create_module(self, spec: ModuleSpec) -> None:
        """Let the import system make its usual empty module, which is dropped right away."""

    def exec_module(self, module: ModuleType) -> None:
        """Replace the empty module; the import system then hands out what stands in its place."""
        sys.modules[module.__name__] = self._module


_FINDER = _Finder()


def _module(name: str) -> ModuleType | None:
    """Return a module of nyala, also where it is only an attribute of its parent."""
    parent, _, last = name.rpartition(".")
    if parent:
        around = _module(parent)
        if around is None:
            return None
        if not hasattr(around, "__path__") or importlib.util.find_spec(name) is None:
            value = getattr(around, last, None)
            return value if isinstance(value, ModuleType) else None
    return importlib.import_module(name)


def _absence(fullname: str, meant: str) -> str:
    root = fullname.partition(".")[0]
    message = f"No module named {fullname!r}: nyala stands for {root} here and has no {meant!r}."
    parent, _, last = meant.rpartition(".")
    around = _module(parent)
    return message + (did_you_mean(last, dir(around)) if around is not None else "")
