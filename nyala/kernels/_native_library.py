"""The shared library of native kernels: found, checked and loaded when the first one is wanted.

Without it, or with one that does not fit, every kernel runs as XLA operations; `native_state` says
why. How the library comes to be: `docs/decisions/0007-native-kernels.md`.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import jax

from nyala.kernels._native_build import LIBRARY, source_hash

# Names another library than the one beside the sources, and trusts it.
_ENVIRONMENT = "NYALA_NATIVE_LIBRARY"


class _Unusable(Exception):
    """Why there are no native kernels."""


@cache
def _load() -> ctypes.CDLL | _Unusable:
    try:
        return _checked(os.environ.get(_ENVIRONMENT))
    except _Unusable as reason:
        return reason


def _checked(named: str | None) -> ctypes.CDLL:
    path = LIBRARY if named is None else Path(named)
    if not path.is_file():
        raise _Unusable(
            f"{path} does not exist: no C++ compiler was there when nyala was installed. Install "
            "one, then run `python -m nyala.kernels._native_build`"
        )
    try:
        library = ctypes.CDLL(str(path))
        library.nyala_source_hash.restype = library.nyala_isa.restype = ctypes.c_char_p
        built = (library.nyala_ffi_major(), library.nyala_ffi_minor())
        built_from = library.nyala_source_hash().decode()
    except (OSError, AttributeError) as error:
        raise _Unusable(f"{path} cannot be loaded: {error}") from error
    running = _running_version()
    if built[0] != running[0] or built[1] > running[1]:
        raise _Unusable(
            f"{path} was built for version {built[0]}.{built[1]} of XLA's foreign-function "
            f"interface; jaxlib has {running[0]}.{running[1]}. {_BUILD_AGAIN}"
        )
    if named is None and built_from != source_hash():
        raise _Unusable(f"{path} was built from other sources. {_BUILD_AGAIN}")
    return library


_BUILD_AGAIN = "Build it again: `python -m nyala.kernels._native_build`"


def _running_version() -> tuple[int, int]:
    """The version of the interface that the installed jaxlib's headers declare."""
    header = (Path(jax.ffi.include_dir()) / "xla/ffi/api/c_api.h").read_text("utf-8")
    found = [re.search(rf"#define XLA_FFI_API_{part} (\d+)", header) for part in _PARTS]
    if None in found:
        raise _Unusable("jaxlib's headers do not tell the version of their interface")
    return int(found[0][1]), int(found[1][1])


_PARTS = ("MAJOR", "MINOR")


@cache
def register(target: str) -> bool:
    """Register `nyala_<target>` with XLA; whether that is possible."""
    library = _load()
    function = getattr(library, f"nyala_{target}", None)
    if function is None:
        return False
    jax.ffi.register_ffi_target(f"nyala_{target}", jax.ffi.pycapsule(function), platform="cpu")
    return True


def host_function(name: str, types: tuple) -> Callable[..., int] | None:
    """A function of the library for Python's own threads, `None` where there is no library.

    Args:
        name: of the function, which returns an `int`.
        types: of its arguments.
    """
    function = getattr(_load(), name, None)
    if function is not None:
        function.argtypes, function.restype = types, ctypes.c_int
    return function


def native_state() -> str:
    """Whether native kernels are there, and with which instructions, or why they are not."""
    library = _load()
    if isinstance(library, _Unusable):
        return f"none: {library}"
    return f"{library._name} ({library.nyala_isa().decode()})"
