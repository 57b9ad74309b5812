"""The one registry through which names in files and configs become classes and functions.

Built-in classes enrol with `@enrol("keras.layers")`, the module that stands in saved files; users
enrol theirs with `@register_keras_serializable()`. A name never reaches `importlib`.
"""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

_builtins: dict[tuple[str, str], Any] = {}
_builtin_names: dict[int, tuple[str, str]] = {}
_custom: dict[str, Any] = {}
_custom_names: dict[int, str] = {}
_local = threading.local()


def enrol(module: str, name: str | None = None, aliases: tuple[str, ...] = ()) -> Callable:
    """Enter a built-in class or function under the public `module` that saved files name.

    Args:
        module: such as `"keras.layers"`.
        name: the name in files; the object's own by default.
        aliases: further names that old files use.
    """

    def decorator(obj):
        own = name or obj.__name__
        for key in (own, *aliases):
            _builtins[module, key] = obj
        _builtin_names[id(obj)] = (module, own)
        return obj

    return decorator


def builtin_key(obj: Any) -> tuple[str, str] | None:
    """Return `(module, name)` of a built-in class or function, or `None`."""
    return _builtin_names.get(id(obj))


def find_builtin(module: str | None, name: str) -> Any:
    """Return the built-in with this name, in this module or (`None`) in any, or `None`."""
    found = _find_enrolled(module, name)
    while found is None and _rest.load_next():
        found = _find_enrolled(module, name)
    return found


def _find_enrolled(module: str | None, name: str) -> Any:
    if module is not None:
        return _builtins.get((module, name))
    return next((obj for (_, key), obj in list(_builtins.items()) if key == name), None)


class _Rest:
    """The rooms that are not imported yet: their classes are not enrolled before."""

    loaded = 0

    def load_next(self) -> bool:
        """Import the next of them; return whether there was one."""
        # The package knows its rooms. It is imported whenever this file is, so no import is needed,
        # which would point downward.
        number = self.loaded
        more = sys.modules["nyala"]._load_builtins(number)
        self.loaded = max(self.loaded, number + 1)  # another thread may have been here as well
        return more


_rest = _Rest()


def builtin_names(module: str) -> list[str]:
    """Return the names enrolled under `module`."""
    return [name for mod, name in _builtins if mod == module]


def register_keras_serializable(package: str = "Custom", name: str | None = None) -> Callable:
    """Enter a class or function of the user, so that saved models can name it.

    Args:
        package: a prefix that keeps equal names of different projects apart.
        name: the name in files; the object's own by default.

    Raises:
        ValueError: a class has no `get_config` method.

    >>> import nyala
    >>> @nyala.saving.register_keras_serializable(package="shop")
    ... def swish2(x):
    ...     return x * nyala.ops.sigmoid(2 * x)
    >>> nyala.saving.get_registered_name(swish2)
    'shop>swish2'
    """

    def decorator(obj):
        if isinstance(obj, type) and not hasattr(obj, "get_config"):
            raise ValueError(
                f"{obj.__name__} cannot be registered for saving: it has no get_config() method. "
                "Return from it the arguments of __init__ as a dict."
            )
        registered = f"{package}>{name or obj.__name__}"
        _custom[registered] = obj
        _custom_names[id(obj)] = registered
        return obj

    return decorator


def get_registered_name(obj: Any) -> str:
    """Return the name under which `obj` was registered, or its own name."""
    return _custom_names.get(id(obj)) or str(getattr(obj, "__name__", type(obj).__name__))


def is_registered(obj: Any) -> bool:
    """Whether the user registered `obj` for saving."""
    return id(obj) in _custom_names


def get_registered_object(
    name: str, custom_objects: dict | None = None, module_objects: dict | None = None
) -> Any:
    """Return the object registered under `name`, or `None`.

    Looks in the open `custom_object_scope`s, then in what the user registered, then in
    `custom_objects`, then in `module_objects`.
    """
    for place in (_scopes_merged(), _custom, custom_objects or {}, module_objects or {}):
        if name in place:
            return place[name]
    return None


def get_custom_objects() -> dict[str, Any]:
    """Return the live dict of what the user registered; entries may be added to it directly."""
    return _custom


def _scopes() -> list[dict]:
    if not hasattr(_local, "scopes"):
        _local.scopes = []
    return _local.scopes


def _scopes_merged() -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for scope in _scopes():
        merged.update(scope)
    return merged


class CustomObjectScope(contextlib.ContextDecorator):
    """Make classes and functions known by name inside a `with` block.

    Args:
        custom_objects: a dict from name to class or function.

    >>> import nyala
    >>> with nyala.saving.custom_object_scope({"twice": lambda x: 2 * x}):
    ...     layer = nyala.layers.Activation("twice")
    """

    def __init__(self, custom_objects: dict[str, Any] | None):
        self.custom_objects = dict(custom_objects or {})

    def __enter__(self) -> CustomObjectScope:
        _scopes().append(self.custom_objects)
        return self

    def __exit__(self, *exc: object) -> None:
        _scopes().pop()


custom_object_scope = CustomObjectScope


def find_custom(name: str, custom_objects: dict | None = None) -> Any:
    """Return the user's object that `name` means here, or `None`.

    A bare name also finds an object registered as `package>name` when only one is.
    """
    scoped = {**_scopes_merged(), **(custom_objects or {})}
    if name in scoped:
        return scoped[name]
    if name in _custom:
        return _custom[name]
    return _custom.get(f"Custom>{name}")


@contextlib.contextmanager
def fresh_registry() -> Iterator[None]:
    """Put the user's registry back as it was, at the end of the block (for tests)."""
    saved, names = dict(_custom), dict(_custom_names)
    try:
        yield
    finally:
        _custom.clear()
        _custom.update(saved)
        _custom_names.clear()
        _custom_names.update(names)
