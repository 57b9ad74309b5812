"""What a worker process runs, as a script: makes batches of a `PyDataset` on request.

It answers on what was its standard output; prints of the user's code go to standard error. It never
imports jax by itself, and ends when its parent does.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import pickle
import runpy
import struct
import sys
import traceback
import types
from pathlib import Path
from typing import Any, BinaryIO

_LENGTH = struct.Struct("<Q")


def send(stream: BinaryIO, message: Any) -> None:
    """Write a message."""
    data = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Return the next message.

    Raises:
        EOFError: there is none: whoever wrote has ended.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    (size,) = _LENGTH.unpack(head)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)


def main() -> None:
    """Serve requests until there are no more."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        setup = receive(requests)
        sys.path[:] = setup["path"]
        os.chdir(setup["folder"])
        for package in ("nyala.data", "nyala.utils"):
            _stand_in(package, Path(setup["nyala"]))
        if setup["hooked"]:
            importlib.import_module(setup["hooked"]).install()
        if setup["main"] is not None:
            _load_main(setup["main"])
        serve(requests, answers)
    except EOFError:
        return


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer `("dataset", bytes)` and `("batch", index)`."""
    dataset = None
    while True:
        kind, value = receive(requests)
        try:
            if kind == "dataset":
                dataset, result = pickle.loads(value), None
            else:
                result = dataset[value]
            answer = (True, result)
        except Exception as error:
            answer = (False, (_that_pickles(error), traceback.format_exc()))
        send(answers, answer)


def _that_pickles(error: Exception) -> Exception:
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


def _stand_in(name: str, folder: Path) -> None:
    """Let `PyDataset` be imported from a package without loading the package, which needs jax.

    Anything else that is asked of the package loads it.
    """
    parent, _, short = name.partition(".")
    path = folder.joinpath(*name.split(".")[1:])
    module = types.ModuleType(name)
    module.__path__ = [str(path)]

    def load(attribute: str) -> Any:
        if attribute in ("PyDataset", "Sequence"):
            from nyala.data._py_dataset import PyDataset

            return PyDataset
        if attribute.startswith("__"):
            raise AttributeError(attribute)
        spec = importlib.util.spec_from_file_location(
            name, path / "__init__.py", submodule_search_locations=[str(path)]
        )
        vars(module).pop("__getattr__", None)
        spec.loader.exec_module(module)
        return getattr(module, attribute)

    module.__getattr__ = load
    sys.modules[name] = module
    setattr(importlib.import_module(parent), short, module)


def _load_main(path: str) -> None:
    """Run the user's script under another name, for the classes that it defines."""
    main_module = types.ModuleType("__mp_main__")
    sys.modules["__main__"] = sys.modules["__mp_main__"] = main_module
    vars(main_module).update(runpy.run_path(path, run_name="__mp_main__"))


if __name__ == "__main__":
    main()
