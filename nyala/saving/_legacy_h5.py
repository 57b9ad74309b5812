"""Whole models in Keras 2's HDF5 layout: the config in attributes, beside weights and optimizer."""

from __future__ import annotations

import json
import warnings
from typing import Any

from nyala import losses
from nyala.core import (
    CustomObjectScope,
    builtin_key,
    deserialize_keras_object,
    serialize_keras_object,
    sharing_objects,
    user_stacklevel,
)
from nyala.saving._h5_writer import H5Writer
from nyala.saving._hdf5 import H5Reader
from nyala.saving._json import read_json
from nyala.saving._keras2 import from_keras2
from nyala.saving._legacy_weights import (
    KERAS_VERSION,
    read_legacy_weights,
    read_list,
    write_legacy_weights,
    write_list,
)
from nyala.saving._limits import ModelFileError
from nyala.saving._optimizer_state import matched_state
from nyala.saving._rebuild import rebuilding, unfilled_model

_COMPILED = ("loss", "metrics", "weighted_metrics", "loss_weights")


def write_legacy_model(model: Any, writer: H5Writer, include_optimizer: bool = True) -> None:
    """Put a model's config, weights and optimizer into the file."""
    attributes = writer.file.attrs
    config = serialize_keras_object(model)
    compiled = config.pop("compile_config", None)
    attributes["keras_version"] = KERAS_VERSION
    attributes["backend"] = "jax"
    attributes["model_config"] = json.dumps(config).encode()
    write_legacy_weights(model, writer.file.require_group("model_weights"), writer)
    optimizer = getattr(model, "optimizer", None)
    if compiled and include_optimizer and optimizer is not None:
        training = {key: compiled.get(key) for key in _COMPILED}
        training["loss"] = _with_full_names(training["loss"])
        training["optimizer_config"] = compiled["optimizer"]
        attributes["training_config"] = json.dumps(training).encode()
        write_list(writer.file.require_group("optimizer_weights"), optimizer.variables, writer)


def _with_full_names(loss: Any) -> Any:
    """Return losses with their full names: Keras does not find its own short ones in `.h5`."""
    if isinstance(loss, dict) and "class_name" not in loss:
        return {key: _with_full_names(one) for key, one in loss.items()}
    if isinstance(loss, list):
        return [_with_full_names(one) for one in loss]
    if isinstance(loss, str):
        key = builtin_key(losses.get(loss))
        return key[1] if key else loss
    return loss


def read_legacy_model(reader: H5Reader, custom_objects: dict | None = None, compile: bool = True,
                      safe_mode: bool = True) -> Any:  # fmt: skip
    """Return the model of a file of Keras 2's layout."""
    text = reader.attribute(reader.file, "model_config")
    if text is None:
        raise ModelFileError(
            f"{reader.what} holds weights but no model: make the model, then load_weights()."
        )
    rest = {"custom_objects": custom_objects, "safe_mode": safe_mode}
    with (
        CustomObjectScope(custom_objects),
        unfilled_model(reader.what, reader.size) as unfilled,
    ):
        config = _read_config(reader, text, "model_config")
        with rebuilding(reader.what), sharing_objects():
            model = deserialize_keras_object(config, **rest)
        _check_is_model(model, reader.what)
        if "model_weights" in reader.file:
            read_legacy_weights(model, reader)
        training = reader.attribute(reader.file, "training_config")
        if compile and training is not None:
            settings = _read_config(reader, training, "training_config")
            with rebuilding(reader.what):
                _compile(model, settings, rest)
            _read_optimizer(model, reader)
    unfilled.fill()
    return model


def _read_config(reader: H5Reader, text: Any, name: str) -> Any:
    if not isinstance(text, bytes):
        raise ModelFileError(f"{name} of {reader.what} is not a text.")
    config = read_json(text, f"{name} of {reader.what}")
    if not isinstance(config, dict):
        raise ModelFileError(f"{name} of {reader.what} does not describe anything.")
    version = reader.attribute(reader.file, "keras_version")
    of_keras3 = isinstance(version, bytes) and version.startswith(b"3.")
    return config if of_keras3 else from_keras2(config)


def _check_is_model(model: Any, what: str) -> None:
    if not hasattr(model, "layers") or not hasattr(model, "compile"):
        raise ModelFileError(f"{what} describes a {type(model).__name__}, not a model.")


def _compile(model: Any, training: dict, rest: dict) -> None:
    arguments = {key: deserialize_keras_object(training.get(key), **rest) for key in _COMPILED}
    optimizer = deserialize_keras_object(training["optimizer_config"], **rest)
    model.compile(optimizer=optimizer, **arguments)
    if model.built and model.optimizer is not None:
        model.optimizer.build(model.trainable_variables)


def _read_optimizer(model: Any, reader: H5Reader) -> None:
    """Set the optimizer's variables where the file holds as many of the same shapes."""
    if "optimizer_weights" not in reader.file or model.optimizer is None:
        return
    with reader.damage_reported():
        arrays = read_list(reader.file["optimizer_weights"], reader.what)
    names = [name for name, _ in arrays]
    pairs = matched_state(model.optimizer, names, [tuple(a.shape) for _, a in arrays])
    if pairs is None:
        warnings.warn(
            f"The optimizer's state in {reader.what} is that of an older Keras or of another "
            "optimizer; training goes on with a new state.",
            stacklevel=user_stacklevel(),
        )
        return
    for variable, number in pairs:
        variable.assign(reader.read(arrays[number][1]))
