"""Keras 2's HDF5 layout: the config in attributes, weights in lists by layer."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np

from nyala.core import CustomObjectScope, deserialize_keras_object, serialize_keras_object
from nyala.saving._h5_reader import H5Reader
from nyala.saving._h5_writer import H5Writer
from nyala.saving._json import read_json
from nyala.saving._limits import ModelFileError, rebuilding

_VERSION = "3.15.1"  # of the Keras whose form the attributes have


# -- weights -------------------------------------------------------------------------------------


def write_legacy_weights(model: Any, group: Any, writer: H5Writer) -> None:
    """Put each layer's weights into a group of its name."""
    layers = _layers(model)
    group.attrs["layer_names"] = [layer.name.encode() for layer in layers]
    group.attrs["backend"] = "jax"
    group.attrs["keras_version"] = _VERSION
    for layer in layers:
        part = group.require_group(layer.name)
        weights = _weights(layer)
        names = _unique([variable.path for variable in weights])
        part.attrs["weight_names"] = [name.encode() for name in names]
        for name, variable in zip(names, weights, strict=True):
            *parents, last = name.split("/")
            writer.add(part.require_group("/".join(parents)) if parents else part, last,
                       variable.numpy())  # fmt: skip
    top = group.require_group("top_level_model_weights")
    top.attrs["weight_names"] = np.empty(0, "S1")


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
    layers = [layer for layer in _layers(model) if _weights(layer)]
    if by_name:
        pairs = [(layer, stored[layer.name]) for layer in layers if layer.name in stored]
        complaints: list[str] = []
    else:
        filled = [arrays for arrays in stored.values() if arrays]
        pairs = list(zip(layers, filled, strict=False))
        complaints = _count_complaint(layers, [name for name, a in stored.items() if a])
    plan = []
    for layer, arrays in pairs:
        weights = _weights(layer)
        expected = [tuple(w.shape) for w in weights]
        found = [tuple(a.shape) for _, a in arrays]
        if expected == found:
            plan += [(w, a) for w, (_, a) in zip(weights, arrays, strict=True)]
        else:
            complaints.append(f"{layer.name}: the model expects {expected}, the file holds {found}")
    if complaints:
        message = f"{reader.what} does not fit model {model.name!r}:\n" + "\n".join(complaints)
        if not skip_mismatch:
            raise ModelFileError(message)
        warnings.warn(message, stacklevel=4)
    for variable, dataset in plan:
        variable.assign(reader.read(dataset))


def _count_complaint(layers: list, names: list[str]) -> list[str]:
    if len(layers) == len(names):
        return []
    own = [layer.name for layer in layers]
    return [
        f"{len(own)} layers of the model have weights: {own}; in the file {len(names)}: {names}"
    ]


def _stored_layers(reader: H5Reader, place: str) -> Any:
    group = reader.file[place] if place else reader.file
    for name in _names(group, "layer_names", reader.what):
        if name not in group:
            raise ModelFileError(f"{reader.what} lists the layer {name!r}, but does not hold it.")
        part = group[name]
        arrays = []
        for weight in _names(part, "weight_names", reader.what):
            if weight not in part or not hasattr(part[weight], "dtype"):
                raise ModelFileError(f"{reader.what} lacks the weight {weight!r} of {name!r}.")
            arrays.append((weight, part[weight]))
        yield name, arrays


def _names(group: Any, key: str, what: str) -> list[str]:
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


def _layers(model: Any) -> list:
    return list(model.layers)


def _weights(layer: Any) -> list:
    """Return a layer's weights in Keras 2's order: those that training may change come first."""
    return list(layer.trainable_weights) + list(layer.non_trainable_weights)


def _unique(names: list[str]) -> list[str]:
    seen: dict[str, int] = {}
    unique = []
    for name in names:
        count = seen.get(name, 0)
        seen[name] = count + 1
        unique.append(f"{name}_{count}" if count else name)
    return unique


# -- whole models --------------------------------------------------------------------------------


def write_legacy_model(model: Any, writer: H5Writer, include_optimizer: bool = True) -> None:
    """Put a model's config, weights and optimizer into the file."""
    attributes = writer.file.attrs
    config = serialize_keras_object(model)
    compiled = config.pop("compile_config", None)
    attributes["keras_version"] = _VERSION
    attributes["backend"] = "jax"
    attributes["model_config"] = json.dumps(config).encode()
    write_legacy_weights(model, writer.file.require_group("model_weights"), writer)
    optimizer = getattr(model, "optimizer", None)
    if compiled and include_optimizer and optimizer is not None:
        training = {key: compiled.get(key) for key in ("loss", "metrics", "weighted_metrics",
                                                       "loss_weights")}  # fmt: skip
        training["optimizer_config"] = compiled["optimizer"]
        attributes["training_config"] = json.dumps(training).encode()
        group = writer.file.require_group("optimizer_weights")
        names = _unique([variable.path for variable in optimizer.variables])
        group.attrs["weight_names"] = [name.encode() for name in names]
        for name, variable in zip(names, optimizer.variables, strict=True):
            *parents, last = name.split("/")
            writer.add(group.require_group("/".join(parents)) if parents else group, last,
                       variable.numpy())  # fmt: skip


def read_legacy_model(reader: H5Reader, custom_objects: dict | None = None, compile: bool = True,
                      safe_mode: bool = True) -> Any:  # fmt: skip
    """Return the model of a file of Keras 2's layout."""
    text = reader.attribute(reader.file, "model_config")
    if text is None:
        raise ModelFileError(
            f"{reader.what} holds weights but no model: make the model, then load_weights()."
        )
    config = read_json(text, f"model_config of {reader.what}")
    rest = {"custom_objects": custom_objects, "safe_mode": safe_mode}
    with CustomObjectScope(custom_objects):
        with rebuilding(reader.what):
            model = deserialize_keras_object(config, **rest)
        if "model_weights" in reader.file:
            read_legacy_weights(model, reader)
        training = reader.attribute(reader.file, "training_config")
        if compile and training is not None:
            settings = read_json(training, f"training_config of {reader.what}")
            with rebuilding(reader.what):
                _compile(model, settings, rest)
            _read_optimizer(model, reader)
    return model


def _compile(model: Any, training: dict, rest: dict) -> None:
    arguments = {
        key: deserialize_keras_object(training.get(key), **rest)
        for key in ("loss", "metrics", "weighted_metrics", "loss_weights")
    }
    optimizer = deserialize_keras_object(training["optimizer_config"], **rest)
    model.compile(optimizer=optimizer, **arguments)
    if model.built and model.optimizer is not None:
        model.optimizer.build(model.trainable_variables)


def _read_optimizer(model: Any, reader: H5Reader) -> None:
    """Set the optimizer's variables where the file holds as many of the same shapes."""
    if "optimizer_weights" not in reader.file:
        return
    with reader.damage_reported():
        group = reader.file["optimizer_weights"]
        names = _names(group, "weight_names", reader.what)
        arrays = [group[name] for name in names if name in group]
    variables = _as_stored(model.optimizer, arrays)
    if variables is None:
        warnings.warn(
            f"The optimizer's state in {reader.what} is that of an older Keras or of another "
            "optimizer; training goes on with a new state.",
            stacklevel=4,
        )
        return
    for variable, dataset in zip(variables, arrays, strict=True):
        variable.assign(reader.read(dataset))


def _as_stored(optimizer: Any, arrays: list) -> list | None:
    """Return the variables that the arrays belong to; Keras 2 may not have stored the rate."""
    own = list(optimizer.variables)
    for variables in (own, own[:1] + own[2:]):
        if [tuple(v.shape) for v in variables] == [tuple(a.shape) for a in arrays]:
            return variables
    return None
