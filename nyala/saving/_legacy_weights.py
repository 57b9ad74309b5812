"""Weights in Keras 2's HDF5 layout: lists by layer, each under its layer's name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from nyala.saving._h5_writer import H5Writer
from nyala.saving._hdf5 import H5Reader
from nyala.saving._limits import ModelFileError
from nyala.saving._mismatch import Mismatch, report

KERAS_VERSION = "3.15.1"  # of the Keras whose form the attributes have
_TOP = "top_level_model_weights"
_LONGEST_ATTRIBUTE = 60_000  # bytes; HDF5 has room for 64 KiB


def write_legacy_weights(model: Any, group: Any, writer: H5Writer) -> None:
    """Put each layer's weights into a group of its name."""
    layers = list(model.layers)
    _write_names(group, "layer_names", [layer.name for layer in layers])
    group.attrs["backend"] = "jax"
    group.attrs["keras_version"] = KERAS_VERSION
    for layer in layers:
        write_list(group.require_group(layer.name), _weights(layer), writer)
    write_list(group.require_group(_TOP), _top_level(model), writer)


def write_list(group: Any, variables: list, writer: H5Writer) -> None:
    """Put variables into a group, with the list of their names in an attribute."""
    names = _unique([variable.path for variable in variables])
    _write_names(group, "weight_names", names)
    for name, variable in zip(names, variables, strict=True):
        *parents, last = name.split("/")
        place = group.require_group("/".join(parents)) if parents else group
        writer.add(place, last, variable.value)


def _write_names(group: Any, key: str, names: list[str]) -> None:
    """Put a list of names into an attribute; of a long one, the parts into numbered attributes."""
    encoded = np.array([name.encode() for name in names], "S") if names else np.empty(0, "S1")
    parts = np.array_split(encoded, -(-encoded.nbytes // _LONGEST_ATTRIBUTE) or 1)
    for i, part in enumerate(parts):
        group.attrs[key if len(parts) == 1 else f"{key}{i}"] = part


def read_legacy_weights(model: Any, reader: H5Reader, skip_mismatch: bool = False,
                        by_name: bool = False) -> None:  # fmt: skip
    """Set a model's weights from a file of Keras 2's layout.

    Raises:
        ModelFileError: it does not fit, with a table of what was expected and found; no weight was
            changed.
    """
    place = "model_weights" if "model_weights" in reader.file else ""
    with reader.damage_reported():
        stored = dict(_stored_layers(reader, place))
    layers = [layer for layer in model.layers if _weights(layer)]
    if by_name:
        pairs = [
            (one.name, _weights(one), stored[one.name]) for one in layers if one.name in stored
        ]
    else:
        filled = [(name, arrays) for name, arrays in stored.items() if arrays]
        own = [(layer.name, _weights(layer)) for layer in layers]
        pairs = _in_order(own, filled)
    top = _top_level(model)
    if top and not by_name:
        pairs.append((_TOP, top, _stored_top(reader, place)))
    plan, mismatches = [], []
    for name, weights, arrays in pairs:
        expected = [tuple(w.shape) for w in weights]
        if expected == [tuple(a.shape) for _, a in arrays]:
            plan += [(w, a) for w, (_, a) in zip(weights, arrays, strict=True)]
        else:
            found = [(weight, tuple(a.shape)) for weight, a in arrays]
            mismatches.append(Mismatch(name, [w.path for w in weights], expected, found))
    if not skip_mismatch:
        report(reader.what, model, mismatches, skip=False)
    for variable, dataset in plan:
        variable.assign(reader.read(dataset))
    report(reader.what, model, mismatches, skip=skip_mismatch)


def _in_order(own: list, stored: list) -> list[tuple[str, list, list]]:
    """Pair layers with weights by their order; what is left over has no partner."""
    pairs = [(name, weights, arrays)
             for (_, weights), (name, arrays) in zip(own, stored, strict=False)]  # fmt: skip
    pairs += [(name, weights, []) for name, weights in own[len(stored) :]]
    pairs += [(name, [], arrays) for name, arrays in stored[len(own) :]]
    return pairs


def _stored_layers(reader: H5Reader, place: str) -> Iterator[tuple[str, list]]:
    group = reader.file[place] if place else reader.file
    for name in names_in(group, "layer_names", reader.what):
        if name not in group:
            raise ModelFileError(f"{reader.what} lists the layer {name!r}, but does not hold it.")
        yield name, read_list(group[name], reader.what)


def _stored_top(reader: H5Reader, place: str) -> list:
    group = reader.file[place] if place else reader.file
    with reader.damage_reported():
        return read_list(group[_TOP], reader.what) if _TOP in group else []


def read_list(group: Any, what: str) -> list[tuple[str, Any]]:
    """Return the names and arrays that `write_list` put into a group."""
    arrays = []
    for weight in names_in(group, "weight_names", what):
        if weight not in group or not hasattr(group[weight], "dtype"):
            raise ModelFileError(f"{what} lacks the weight {weight!r} of {group.name!r}.")
        arrays.append((weight, group[weight]))
    return arrays


def names_in(group: Any, key: str, what: str) -> list[str]:
    """Return a list of names that stands in an attribute, or in numbered parts of it."""
    if key in group.attrs:
        parts = [group.attrs[key]]
    else:  # attributes are short: Keras cuts long lists into name0, name1, …
        parts = []
        while f"{key}{len(parts)}" in group.attrs:
            parts.append(group.attrs[f"{key}{len(parts)}"])
        if not parts:
            raise ModelFileError(f"{what}: {group.name} has no attribute {key!r}.")
    names = [n for part in parts for n in np.asarray(part).reshape(-1)]
    return [n.decode() if isinstance(n, bytes) else str(n) for n in names]


def _weights(layer: Any) -> list:
    """Return a layer's weights in Keras 2's order: those that training may change come first."""
    return list(layer.trainable_weights) + list(layer.non_trainable_weights)


def _top_level(model: Any) -> list:
    """Return the weights that a subclassed model holds itself, in none of its layers."""
    inside = {id(weight) for layer in model.layers for weight in layer.weights}
    return [weight for weight in _weights(model) if id(weight) not in inside]


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        unique.append(f"{name}_{count}" if count else name)
    return unique
