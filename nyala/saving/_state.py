"""The state of a model to an HDF5 file and back, at Keras' places."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator
from typing import Any

from nyala.layers import Layer
from nyala.optimizers import Optimizer
from nyala.saving._h5_reader import GroupReader, H5Reader
from nyala.saving._h5_writer import H5Writer
from nyala.saving._limits import ModelFileError
from nyala.saving._walk import join, seed_states, walk

# Keras 2.13 put the layers of a model under this name.
_KERAS_2_13 = "_layer_checkpoint_dependencies"


@dataclasses.dataclass
class Mismatch:
    """A place where model and file do not agree."""

    path: str
    name: str
    expected: Any
    found: Any
    reason: str = ""


def write_state(model: Any, writer: H5Writer) -> None:
    """Put the variables of everything in `model` into the file."""
    for path, owner in walk(model):
        name = getattr(owner, "name", None)
        store = writer.group(join(path, "vars"), {"name": name} if name else None)
        owner.save_own_variables(store)
        for place, generator in seed_states(owner, path):
            writer.group(join(place, "vars"))["0"] = generator.state.numpy()


def read_state(model: Any, reader: H5Reader, skip_mismatch: bool = False,
               with_optimizer: bool = True) -> None:  # fmt: skip
    """Set the variables of everything in `model` from the file.

    Raises:
        ModelFileError: something does not fit; it shows what was expected and what was found, and
            no variable was changed.
    """
    used: set[str] = set()
    plan: list[tuple[Any, Any, str]] = []
    uncertain: list[tuple[Any, Any, str]] = []
    mismatches: list[Mismatch] = []
    for path, owner in walk(model):
        if isinstance(owner, Optimizer) and not with_optimizer:
            continue
        found_at, store = _find(reader, path)
        used.add(found_at)
        mismatch = _compare(owner, path, store)
        entry = (owner, store if store is not None else {}, path)
        if mismatch is None:
            plan.append(entry)
        elif _reads_its_own_way(owner):
            uncertain.append(entry)
        else:
            mismatches.append(mismatch)
        plan += _seed_plan(reader, owner, path, used)
    mismatches += _left_over(reader, used, with_optimizer)
    if skip_mismatch or not mismatches:
        mismatches += _load_uncertain(uncertain, undo=not skip_mismatch)
    if mismatches and not skip_mismatch:
        raise ModelFileError(_table(reader.what, model, mismatches))
    for owner, store, _ in plan:
        owner.load_own_variables(store)
    if mismatches:
        warnings.warn(_table(reader.what, model, mismatches), stacklevel=4)


def _load_uncertain(entries: list[tuple[Any, Any, str]], undo: bool) -> list[Mismatch]:
    """Let objects that read in their own way read; return those that could not."""
    failed = []
    kept = [(v, v.value) for owner, _, _ in entries for v in owner.variables]
    for owner, store, path in entries:
        try:
            owner.load_own_variables(store)
        except (ValueError, KeyError, TypeError) as error:
            expected = [tuple(v.shape) for v in _own(owner)]
            found = list(store.shapes().values()) if isinstance(store, GroupReader) else []
            failed.append(Mismatch(path, _name(owner), expected, found, str(error)))
    if failed and undo:
        for variable, value in kept:
            variable.assign(value)
    return failed


def _reads_its_own_way(owner: Any) -> bool:
    base = Layer if isinstance(owner, Layer) else Optimizer
    return type(owner).load_own_variables is not base.load_own_variables


def _own(owner: Any) -> list:
    return owner._own_variables() if isinstance(owner, Layer) else list(owner.variables)


def _find(reader: H5Reader, path: str) -> tuple[str, GroupReader | None]:
    for place in (path, path.replace("layers", _KERAS_2_13)):
        full = join(place, "vars")
        store = reader.group(full)
        if store is not None:
            return full, store
    return join(path, "vars"), None


def _seed_plan(reader: H5Reader, owner: Any, path: str, used: set[str]) -> Iterator[tuple]:
    for place, generator in seed_states(owner, path):
        full = join(place, "vars")
        used.add(full)
        store = reader.group(full)
        if store is not None and store.shapes().get("0") == (2,):
            yield _SeedLoader(generator), store, place


@dataclasses.dataclass
class _SeedLoader:
    generator: Any

    def load_own_variables(self, store: Any) -> None:
        self.generator.state.assign(store["0"])


def _compare(owner: Any, path: str, store: GroupReader | None) -> Mismatch | None:
    """Return how an object's variables and its entry in the file differ."""
    expected = [tuple(v.shape) for v in _own(owner)]
    shapes = {} if store is None else store.shapes()
    keys = sorted(shapes, key=lambda key: (len(key), key))
    found = [tuple(shapes[key]) for key in keys]
    if found == expected and keys == [str(i) for i in range(len(expected))]:
        return None
    return Mismatch(path, _name(owner), expected, found)


def _name(owner: Any) -> str:
    return str(getattr(owner, "name", type(owner).__name__))


def _left_over(reader: H5Reader, used: set[str], with_optimizer: bool) -> list[Mismatch]:
    """Return the entries of the file to which nothing in the model belongs."""
    left = []
    for full in reader.groups_with_arrays():
        if full in used or any(full.startswith(place + "/") for place in used):
            continue
        if full.startswith("optimizer/") and not with_optimizer:
            continue
        if full.split("/")[-2:-1] and full.split("/")[-2].startswith("seed_generator"):
            continue  # a model without random layers needs no random state
        shapes = reader.shapes(full)
        left.append(Mismatch(full.removesuffix("/vars"), "-", [], list(shapes.values())))
    return left


def _table(what: str, model: Any, mismatches: list[Mismatch]) -> str:
    rows = [("place in the file", "name", "the model expects", "the file holds")]
    for one in mismatches[:40]:
        if one.reason:
            rows.append((one.path or "(model)", one.name, one.reason, ""))
        else:
            rows.append(
                (one.path or "(model)", one.name, _shapes(one.expected), _shapes(one.found))
            )
    widths = [max(len(row[i]) for row in rows) for i in range(3)]
    lines = [
        "  ".join([*(c.ljust(w) for c, w in zip(r, widths, strict=False)), r[3]]) for r in rows
    ]
    more = f"\n… and {len(mismatches) - 40} more." if len(mismatches) > 40 else ""
    hint = "" if getattr(model, "built", True) else (
        " The model has no weights yet: build it, or call it on data, before loading."
    )  # fmt: skip
    return (
        f"{what} does not fit model {getattr(model, 'name', '')!r} in {len(mismatches)} place(s)."
        f"{hint} Pass skip_mismatch=True to load_weights to load the rest.\n" + "\n".join(lines)
    ) + more


def _shapes(shapes: Any) -> str:
    return ", ".join(str(tuple(shape)) for shape in shapes) if len(shapes) else "nothing"
