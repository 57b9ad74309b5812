"""Objects to plain JSON-ready data and back, in Keras 3's format.

Reading looks names up in the registry only: nothing named by a config is imported or called.
"""

from __future__ import annotations

import contextlib
import inspect
import threading
import types
from collections.abc import Iterator
from typing import Any

from nyala.core._dtypes import DType
from nyala.core._errors import did_you_mean
from nyala.core._registry import (
    CustomObjectScope,
    builtin_key,
    find_builtin,
    find_custom,
    get_registered_name,
    is_registered,
)

_PLAIN = (str, bool, int, float, type(None))
# Value types of higher rooms (Tensor, KerasTensor, Lambda functions) add themselves here.
_writers: list[tuple[type, Any]] = []
_readers: dict[str, Any] = {}


class _Trust(threading.local):
    """Whether the caller of the outermost `deserialize_keras_object` said `safe_mode=False`.

    Kept beside the call because classes in between (`from_config`) need not pass it on. Nothing
    that stands in a config can change it, and whatever is not said means safe.
    """

    given = False


_trust = _Trust()


class _Sharing(threading.local):
    """The objects met so far between the beginning and the end of one model's config."""

    written: dict[int, tuple[Any, dict]] | None = None
    read: dict[Any, tuple[Any, Any]] | None = None


_sharing = _Sharing()
_SHARED = "shared_object_id"
_WIDEST = 1 << 16  # bytes of an element of an array that stands in a config


@contextlib.contextmanager
def sharing_objects() -> Iterator[None]:
    """Inside the block, an object that occurs twice is written, and read back, as one.

    >>> import nyala
    >>> from nyala.core import sharing_objects
    >>> layer = nyala.layers.Dense(2)
    >>> with sharing_objects():
    ...     config = nyala.saving.serialize_keras_object([layer, layer])
    >>> with sharing_objects():
    ...     one, other = nyala.saving.deserialize_keras_object(config)
    >>> one is other
    True
    """
    before = _sharing.written, _sharing.read
    _sharing.written, _sharing.read = {}, {}
    try:
        yield
    finally:
        _sharing.written, _sharing.read = before


def _mark_shared(obj: Any, data: dict) -> None:
    """Give both places of an object that is written a second time the same number."""
    if _sharing.written is None:
        return
    # The object is kept, so that no other can get its number while the config is written.
    _, first = _sharing.written.setdefault(id(obj), (obj, data))
    if first is not data:
        first[_SHARED] = data[_SHARED] = id(obj)


def _shared_key(config: dict) -> tuple[Any, Any] | None:
    """Return the number of an object that occurs twice, and what makes it; `None` for others."""
    number = config.get(_SHARED)
    if _sharing.read is None or not isinstance(number, (int, str)):
        return None
    return number, _unnumbered(config)


def _shared_object(key: tuple[Any, Any] | None) -> Any:
    """Return the object that was read under this key, or `None`."""
    if key is None or _sharing.read is None:
        return None
    obj, plain = _sharing.read.get(key[0], (None, None))
    # Keras numbers objects that are gone: two that have nothing in common may have one number.
    return obj if plain == key[1] else None


def _unnumbered(config: dict) -> Any:
    """Return what makes an object: its class and config, without the numbers inside."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(item) for key, item in value.items() if key != _SHARED}
        return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value

    return [config.get("module"), config["class_name"], plain(config["config"])]


@contextlib.contextmanager
def _trusted() -> Iterator[None]:
    _trust.given = True
    try:
        yield
    finally:
        _trust.given = False


def add_codec(cls: type | None, name: str, write: Any, read: Any) -> None:
    """Teach the format a value type: `write(obj) -> dict config`, `read(config) -> obj`."""
    if cls is not None:
        _writers.append((cls, lambda obj: {"class_name": name, "config": write(obj)}))
    _readers[name] = read


def serialize_keras_object(obj: Any) -> Any:
    """Return JSON-ready data from which `deserialize_keras_object` makes an equal object.

    Args:
        obj: a layer, loss, metric, optimizer, initializer, …; a function; an array; or a
            structure of those.

    >>> import nyala
    >>> config = nyala.saving.serialize_keras_object(nyala.initializers.Zeros())
    >>> config["module"], config["class_name"]
    ('keras.initializers', 'Zeros')
    """
    if isinstance(obj, DType):
        return str(obj)
    if isinstance(obj, _PLAIN):
        return obj
    if isinstance(obj, (list, tuple)):
        items = [serialize_keras_object(item) for item in obj]
        return tuple(items) if isinstance(obj, tuple) else items
    if isinstance(obj, dict):
        return {key: serialize_keras_object(value) for key, value in obj.items()}
    for cls, write in _writers:
        if isinstance(obj, cls):
            return write(obj)
    special = _serialize_special(obj)
    if special is not None:
        return special
    if hasattr(obj, "get_config") and not inspect.isclass(obj):
        return _serialize_object(obj)
    if callable(obj):
        return _serialize_callable(obj)
    raise TypeError(
        f"Cannot serialize {obj!r} of type {type(obj).__name__}: it has no get_config() method."
    )


def _serialize_special(obj: Any) -> dict | None:
    if isinstance(obj, bytes):
        return {"class_name": "__bytes__", "config": {"value": obj.decode("latin-1")}}
    if isinstance(obj, slice):
        parts = {k: getattr(obj, k) for k in ("start", "stop", "step")}
        return {"class_name": "__slice__", "config": serialize_keras_object(parts)}
    if isinstance(obj, type(Ellipsis)):
        return {"class_name": "__ellipsis__", "config": {}}
    module = type(obj).__module__
    if module == "numpy" and hasattr(obj, "tolist"):
        if hasattr(obj, "ndim") and obj.ndim > 0:
            config = {"value": obj.tolist(), "dtype": obj.dtype.name}
            return {"class_name": "__numpy__", "config": config}
        return obj.tolist()
    return None


def _serialize_object(obj: Any) -> dict:
    cls = type(obj)
    key = builtin_key(cls)
    module, name = key if key else (cls.__module__, cls.__name__)
    data = {
        "module": None if is_registered(cls) and not key else module,
        "class_name": name,
        "config": serialize_keras_object(obj.get_config()),
        "registered_name": None if key else get_registered_name(cls),
    }
    if data["module"] is None:
        data["module"] = module
    if hasattr(obj, "get_build_config"):
        build_config = obj.get_build_config()
        if build_config is not None:
            data["build_config"] = serialize_keras_object(build_config)
    if getattr(obj, "compiled", False) and hasattr(obj, "get_compile_config"):
        compile_config = obj.get_compile_config()
        if compile_config is not None:
            data["compile_config"] = serialize_keras_object(compile_config)
    _mark_shared(obj, data)
    return data


def _serialize_callable(obj: Any) -> Any:
    key = builtin_key(obj)
    if key:
        return {"module": "builtins", "class_name": "function", "config": key[1],
                "registered_name": "function"}  # fmt: skip
    if isinstance(obj, types.FunctionType) and obj.__name__ == "<lambda>":
        raise TypeError(
            "A lambda cannot be written to a config: it has no name to find it by. Define a named "
            "function and decorate it with @nyala.saving.register_keras_serializable()."
        )
    return {
        "module": getattr(obj, "__module__", "builtins"),
        "class_name": "function" if not inspect.isclass(obj) else "type",
        "config": getattr(obj, "__name__", type(obj).__name__),
        "registered_name": get_registered_name(obj),
    }


def deserialize_keras_object(
    config: Any,
    custom_objects: dict | None = None,
    safe_mode: bool = True,
    *,
    module_objects: dict | None = None,
) -> Any:
    """Return the object that `config` describes.

    Args:
        config: what `serialize_keras_object` returned, or a Keras 2 `{"class_name", "config"}`.
        custom_objects: names of the user's classes and functions.
        safe_mode: whether Python bytecode in a config is refused (the default).
        module_objects: names to try first where the config names no module (Keras 2).

    Raises:
        TypeError, ValueError: unknown class or malformed config.

    >>> import nyala
    >>> nyala.saving.deserialize_keras_object(
    ...     {"class_name": "Zeros", "config": {}, "module": "keras.initializers"})
    <nyala.initializers.Zeros>
    """
    if safe_mode is False and not _trust.given:
        with _trusted():
            return deserialize_keras_object(config, custom_objects, module_objects=module_objects)
    rest: dict[str, Any] = {"custom_objects": custom_objects, "safe_mode": not _trust.given}
    if isinstance(config, _PLAIN):
        if isinstance(config, str) and custom_objects and config in custom_objects:
            return custom_objects[config]
        if isinstance(config, str) and module_objects and config in module_objects:
            return module_objects[config]
        return config
    if isinstance(config, (list, tuple)):
        return type(config)(deserialize_keras_object(item, **rest) for item in config)
    if not isinstance(config, dict):
        raise TypeError(f"Cannot deserialize {config!r}: expected plain data.")
    if "class_name" not in config or "config" not in config:
        return {key: deserialize_keras_object(value, **rest) for key, value in config.items()}
    name = config["class_name"]
    if not isinstance(name, str):
        raise ValueError(f"Malformed config: class_name must be a string; got {name!r}.")
    if name in _readers:
        return _readers[name](config["config"], **rest)
    if name.startswith("__"):
        return _deserialize_special(name, config["config"], rest)
    return _deserialize_named(config, rest, module_objects)


def _deserialize_special(name: str, config: dict, rest: dict) -> Any:
    import numpy as np

    if name == "__bytes__":
        return config["value"].encode("latin-1")
    if name == "__numpy__":
        dtype = np.dtype(config["dtype"])
        if dtype.itemsize > _WIDEST:  # a short text could ask for elements of gigabytes
            raise ValueError(f"An array in a config has elements of {dtype.itemsize:,} bytes.")
        return np.array(config["value"], dtype=dtype)
    if name == "__slice__":
        parts = deserialize_keras_object(config, **rest)
        return slice(parts["start"], parts["stop"], parts["step"])
    if name == "__ellipsis__":
        return Ellipsis
    raise ValueError(f"Unknown value type {name!r} in a config.")


def _deserialize_named(config: dict, rest: dict, module_objects: dict | None) -> Any:
    name, inner = config["class_name"], config["config"]
    if name == "function":
        return _find_function(inner, config, rest, module_objects)
    key = _shared_key(config)
    shared = _shared_object(key)
    if shared is not None:
        return shared
    cls = find_class(config, rest["custom_objects"], module_objects)
    if not isinstance(inner, dict) or not hasattr(cls, "from_config"):
        raise TypeError(f"Cannot rebuild {name!r}: its config must be a dict, and the class must "
                        f"have from_config().")  # fmt: skip
    with CustomObjectScope(rest["custom_objects"]):
        obj = _rebuilt(cls, config, rest)
    if key is not None and _sharing.read is not None:
        _sharing.read[key[0]] = (obj, key[1])
    return obj


def _rebuilt(cls: Any, config: dict, rest: dict) -> Any:
    """Make an object as its config says, then build and compile it as it was."""
    obj = _from_config(cls, config["config"], rest)
    build_config = config.get("build_config")
    if build_config and hasattr(obj, "build_from_config") and not getattr(obj, "built", True):
        obj.build_from_config(deserialize_keras_object(build_config, **rest))
    compile_config = config.get("compile_config")
    if compile_config and hasattr(obj, "compile_from_config"):
        obj.compile_from_config(compile_config)
    return obj


def _from_config(cls: Any, inner: dict, rest: dict) -> Any:
    parameters = inspect.signature(cls.from_config).parameters
    extra = {k: v for k, v in rest.items() if k in parameters and v is not None}
    return cls.from_config(inner, **extra)


def find_class(
    config: dict, custom_objects: dict | None = None, module_objects: dict | None = None
) -> Any:
    """Return the class that a config names, out of the registry."""
    name, registered = config["class_name"], config.get("registered_name")
    for key in (registered, name):
        found = find_custom(key, custom_objects) if key else None
        if found is not None:
            return found
    module = config.get("module")
    found = find_builtin(module, name) if module else None
    if found is None and module_objects and name in module_objects:
        found = module_objects[name]
    if found is None and (module is None or str(module).startswith(("keras", "tf_keras", "nyala"))):
        found = find_builtin(None, name)
    if found is None:
        from nyala.core import _registry

        hint = did_you_mean(name, {key for _, key in _registry._builtins})
        raise TypeError(
            f"Unknown class {name!r} in a config{f' (module {module!r})' if module else ''}.{hint} "
            "If it is yours, pass it in custom_objects={...} or decorate it with "
            "@nyala.saving.register_keras_serializable()."
        )
    return found


def _find_function(name: Any, config: dict, rest: dict, module_objects: dict | None) -> Any:
    for key in (config.get("registered_name"), name):
        found = find_custom(key, rest["custom_objects"]) if isinstance(key, str) else None
        if found is not None:
            return found
    if isinstance(name, str):
        if module_objects and name in module_objects:
            return module_objects[name]
        found = find_builtin(None, name)
        if found is not None:
            return found
    raise TypeError(
        f"Unknown function {name!r} in a config. If it is yours, pass it in custom_objects={{...}} "
        "or decorate it with @nyala.saving.register_keras_serializable()."
    )
