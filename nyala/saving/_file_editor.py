"""`KerasFileEditor`: the weights of a file as nested dicts that can be changed and saved again."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nyala.core import atomic_file, did_you_mean
from nyala.saving._archive import open_archive
from nyala.saving._h5_writer import H5Writer
from nyala.saving._hdf5 import Group, H5Reader
from nyala.saving._json import read_json
from nyala.saving._overwrite import may_write
from nyala.saving._pieces import write_pieces
from nyala.saving._walk import join, walk
from nyala.saving._weights_file import WEIGHTS, is_legacy

_VARS = "vars"  # the group of an object that holds its arrays
_SUFFIX = ".weights.h5"
_Store = dict[str, Any]


class KerasFileEditor:
    """Looks into a model file, compares it with a model, and changes its weights.

    Args:
        filepath: a `.keras` or `.weights.h5` file, or a directory with the members of a `.keras`
            archive. It is read as `load_weights` reads it, within its limits, and never changed.

    Attributes:
        weights_dict: what the file holds, by name: dicts for objects, arrays for their weights.
        object_metadata: what the file says of objects beside their weights, by path.
        config, metadata: of a `.keras` file, else `None`.

    Raises:
        ModelFileError: the file is damaged, too large, or none of these.

    >>> import nyala, numpy as np, pathlib, tempfile
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> model = nyala.Sequential([nyala.Input((2,)), nyala.layers.Dense(1, name="last")])
    >>> model.save(folder / "a.keras")
    >>> editor = nyala.saving.KerasFileEditor(folder / "a.keras")
    Keras model file ...
    >>> editor.add_object("layers/more", weights={"0": np.zeros((1, 3), "float32")})
    >>> editor.rename_object("dense", "first")
    >>> sorted(editor.weights_dict["layers"])
    ['first', 'more']
    >>> editor.save(folder / "edited.weights.h5")
    """

    def __init__(self, filepath: str | os.PathLike):
        self.filepath = os.fspath(filepath)
        self.config: Any = None
        self.metadata: Any = None
        self.console = _console()
        self.object_metadata: dict[str, dict] = {}
        self.weights_dict: _Store = {}
        if self.filepath.endswith(_SUFFIX):
            with H5Reader(self.filepath, self.filepath) as reader:
                self._take(reader)
        elif self.filepath.endswith(".keras") or os.path.isdir(self.filepath):
            self._open_archive()
        else:
            raise ValueError(
                f"KerasFileEditor reads '.keras' and '{_SUFFIX}' files; got {self.filepath!r}. "
                "Load another kind of file into its model, and save that."
            )
        self._print_head()

    def _open_archive(self) -> None:
        with open_archive(self.filepath) as archive:
            for name in ("config", "metadata"):
                text = archive.read(f"{name}.json")
                setattr(self, name, read_json(text, f"{name}.json of {self.filepath}"))
            weights = archive.open(WEIGHTS)
            archive.verify(weights)
            with H5Reader(weights, f"{WEIGHTS} of {self.filepath}") as reader:
                self._take(reader)

    def _take(self, reader: H5Reader) -> None:
        if is_legacy(reader.file):
            raise ValueError(
                f"{self.filepath} has Keras 2's layout. Load it into its model and save the "
                f"weights as '{_SUFFIX}'."
            )
        for full in reader.groups_with_arrays():
            found = reader.group(full)
            if found is None:
                continue
            arrays = {name: found[name] for name in found.shapes()}
            _made(self.weights_dict, full.removesuffix(_VARS).strip("/")).update(arrays)
        self._take_attributes(reader.file)

    def _take_attributes(self, group: Group) -> None:
        for member in group.members.values():
            if not isinstance(member, Group):
                continue
            said = {key: _text(value) for key, value in member.attrs.items()}
            if said:
                self.object_metadata[member.name.strip("/").removesuffix("/" + _VARS)] = said
            self._take_attributes(member)

    # -- looking ---------------------------------------------------------------------------------

    def summary(self) -> None:
        """Print the objects of the file with the shapes of their weights."""
        from rich.tree import Tree

        tree = Tree("Weights structure")
        self._add_to(tree, self.weights_dict, "")
        self.console.print(tree)

    def _add_to(self, tree: Any, store: _Store, path: str) -> None:
        for name, value in store.items():
            if not isinstance(value, dict):
                tree.add(_line(name, f": shape={value.shape}, dtype={value.dtype}"))
                continue
            inner = join(path, name)
            said = self.object_metadata.get(inner, {}).get("name")
            self._add_to(tree.add(_line(name, f" ('{said}')" if said else "")), value, inner)

    def compare(self, reference_model: Any) -> dict[str, Any]:
        """Print how the file's weights differ from those of a model.

        Args:
            reference_model: a model that was built.

        Returns:
            `status` (`"success"` or `"error"`), `error_count` (objects and weights that only one
            of them has, or whose shapes differ) and `match_count` (weights of the same shape).
        """
        expected: _Store = {}
        for path, owner in walk(reference_model):
            own: _Store = {}
            owner.save_own_variables(own)
            if own:
                _made(expected, path).update({key: np.asarray(value) for key, value in own.items()})
        errors = list(_differences(expected, self.weights_dict, ""))
        matches = _count(expected, self.weights_dict)
        for error in errors:
            self.console.print(f"...{error}", style="red", markup=False)
        what = "is not" if errors else "is"
        self.console.print(
            f"{len(errors)} error(s), {matches} matching weight(s): the file {what} compatible "
            "with the reference model"
        )
        status = "error" if errors else "success"
        return {"status": status, "error_count": len(errors), "match_count": matches}

    def _print_head(self) -> None:
        self.console.print(f"Keras model file '{self.filepath}'", markup=False)
        if isinstance(self.metadata, dict):
            version, date = (self.metadata.get(key) for key in ("keras_version", "date_saved"))
            self.console.print(f"Saved with Keras {version} - date: {date}", markup=False)

    # -- changing --------------------------------------------------------------------------------

    def rename_object(self, object_name: str, new_name: str) -> None:
        """Give an object, such as a layer, another name.

        Args:
            object_name: its name, if that occurs once, or its path, such as `"layers/dense_2"`.
            new_name: without a path: the object stays where it is.
        """
        if "/" in new_name:
            raise ValueError(
                f"rename_object: new_name is a name, not a path; got {new_name!r}. The object "
                "stays where it is."
            )
        store, name = self._find(object_name)
        if new_name in store and new_name != name:
            raise ValueError(f"rename_object: there is a {new_name!r} beside {object_name!r}.")
        items = [(new_name if key == name else key, value) for key, value in store.items()]
        store.clear()
        store.update(items)

    def delete_object(self, object_name: str) -> None:
        """Remove an object with all its weights; it is named as in `rename_object`."""
        store, name = self._find(object_name)
        del store[name]

    def add_object(self, object_path: str, weights: Mapping[str, Any]) -> None:
        """Add an object.

        Args:
            object_path: such as `"layers/dense_2"`; what is above it is there already.
            weights: its arrays by name, such as `{"0": kernel, "1": bias}`.
        """
        parent, _, name = object_path.rpartition("/")
        store = self.weights_dict
        for part in parent.split("/") if parent else ():
            store = self._below(store, part, object_path)
        store[name] = _arrays(weights, "add_object")

    def delete_weight(self, object_name: str, weight_name: str) -> None:
        """Remove a weight, such as `"0"`, of an object; that is named as in `rename_object`."""
        store = self._object(object_name, "delete_weight")
        if weight_name not in store:
            raise ValueError(
                f"delete_weight: {object_name!r} has no weight {weight_name!r}; it has "
                f"{list(store)}."
            )
        del store[weight_name]

    def add_weights(self, object_name: str, weights: Mapping[str, Any]) -> None:
        """Add weights to an object, or replace them.

        Args:
            object_name: as in `rename_object`.
            weights: arrays by name, such as `{"0": kernel, "1": bias}`.
        """
        new = _arrays(weights, "add_weights")
        self._object(object_name, "add_weights").update(new)

    def save(self, filepath: str | os.PathLike) -> None:
        """Write the weights as they are now to a `.weights.h5` file."""
        path = os.fspath(filepath)
        if not path.endswith(_SUFFIX):
            raise ValueError(f"KerasFileEditor.save writes '{_SUFFIX}' files; got {path!r}.")
        if not may_write(path, True):
            return
        writer = H5Writer()
        self._write(writer, self.weights_dict, "")
        with atomic_file(path) as file:
            write_pieces(file, writer.pieces())

    def resave_weights(self, filepath: str | os.PathLike) -> None:
        """Do as `save`."""
        self.save(filepath)

    def _write(self, writer: H5Writer, store: _Store, path: str) -> None:
        arrays = {key: value for key, value in store.items() if not isinstance(value, dict)}
        if arrays:
            said = self.object_metadata.get(path)
            writer.group(join(path, _VARS), said).update(arrays)
        for key, value in store.items():
            if isinstance(value, dict):
                self._write(writer, value, join(path, key))

    # -- finding ---------------------------------------------------------------------------------

    def _object(self, object_name: str, who: str) -> _Store:
        store, name = self._find(object_name)
        if not isinstance(store[name], dict):
            raise ValueError(f"{who}: {object_name!r} is a weight, not an object.")
        return store[name]

    def _find(self, object_name: str) -> tuple[_Store, str]:
        """Return the dict that holds an object, and its name there."""
        *parents, name = object_name.split("/")
        if parents:
            store = self.weights_dict
            for part in parents:
                store = self._below(store, part, object_name)
            self._below_is_there(store, name, object_name)
            return store, name
        found = [store for store in _stores(self.weights_dict) if name in store]
        if len(found) > 1:
            raise ValueError(f"{name!r} occurs {len(found)} times in the file; give its path.")
        if not found:
            self._below_is_there({}, name, object_name)
        return found[0], name

    def _below(self, store: _Store, part: str, whole: str) -> _Store:
        self._below_is_there(store, part, whole)
        if not isinstance(store[part], dict):
            raise ValueError(f"{whole!r}: {part!r} is a weight, not an object.")
        return store[part]

    def _below_is_there(self, store: _Store, name: str, whole: str) -> None:
        if name in store:
            return
        names = {name for one in _stores(self.weights_dict) for name in one}
        raise ValueError(
            f"There is no {whole!r} in {self.filepath}.{did_you_mean(name, names)} summary() "
            "prints what there is."
        )


def _console() -> Any:
    from rich.console import Console  # here: `import nyala` must not wait for it

    return Console(highlight=False, soft_wrap=True)


def _line(name: str, rest: str) -> Any:
    from rich.text import Text

    return Text.assemble((name, "bold"), rest)


def _stores(store: _Store) -> Iterator[_Store]:
    yield store
    for value in store.values():
        if isinstance(value, dict):
            yield from _stores(value)


def _made(store: _Store, path: str) -> _Store:
    """Return the dict at a path, made where it is missing."""
    for part in path.split("/") if path else ():
        store = store.setdefault(part, {})
    return store


def _arrays(weights: Any, who: str) -> _Store:
    if not isinstance(weights, Mapping):
        raise ValueError(
            f"{who}: weights is a dict from names (usually '0', '1', …) to arrays; got "
            f"{type(weights).__name__}."
        )
    return {str(name): np.asarray(value) for name, value in weights.items()}


def _text(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _differences(expected: _Store, found: _Store, path: str) -> Iterator[str]:
    for name in dict.fromkeys([*expected, *found]):
        inner = join(path, name)
        here, there = expected.get(name), found.get(name)
        what = "Object" if isinstance(there if here is None else here, dict) else "Weight"
        if there is None:
            yield f"{what} {inner} is in the reference model, and missing from the file"
        elif here is None:
            yield f"{what} {inner} is in the file, and missing from the reference model"
        elif isinstance(here, dict) != isinstance(there, dict):
            yield f"{inner} is a weight in one and an object in the other"
        elif isinstance(here, dict):
            yield from _differences(here, there, inner)
        elif here.shape != there.shape:
            yield (
                f"Weight {inner} has the shape {here.shape} in the reference model, and "
                f"{there.shape} in the file"
            )


def _count(expected: Any, found: Any) -> int:
    """Count the weights that have the same place and shape in both."""
    if isinstance(expected, dict) and isinstance(found, dict):
        return sum(_count(value, found.get(name)) for name, value in expected.items())
    both = isinstance(expected, np.ndarray) and isinstance(found, np.ndarray)
    return int(both and expected.shape == found.shape)
