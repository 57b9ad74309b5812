"""`FeatureSpace`: what a table's columns are, and all of them to one vector a row."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import layers, ops
from nyala.core import deserialize_keras_object, did_you_mean, enrol, serialize_keras_object
from nyala.layers import Layer
from nyala.saving import save_model
from nyala.symbolic import KerasTensor
from nyala.utils._feature_space._adapting import as_dataset, column_of, learns
from nyala.utils._feature_space._encoding import encoder_of
from nyala.utils._feature_space._features import Cross, Feature, one_of
from nyala.utils._feature_space._kinds import KINDS, Kinds
from nyala.utils._feature_space._layers import Joined


@enrol("keras.utils")
class FeatureSpace(Kinds, Layer):
    """Prepares tables: each column in its own way, and all of them together to vectors.

    Args:
        features: a dict from the columns' names to what they are: one of the names `"float"`,
            `"float_normalized"`, `"float_rescaled"`, `"float_discretized"`,
            `"integer_categorical"`, `"string_categorical"`, `"integer_hashed"`, `"string_hashed"`,
            or what the class methods of these names (and `feature`, for layers of your own)
            return.
        output_mode: `"concat"`, one vector for each row, or `"dict"`, one for each column.
        crosses: tuples of columns whose combinations are hashed, or what `FeatureSpace.cross`
            returns.
        crossing_dim: how many bins crosses have.
        hashing_dim: how many bins hashed features have.
        num_discretization_bins: how many intervals discretized features have.
        name: of the layer.

    Input: a dict of columns of the shapes `(rows,)` or `(rows, 1)`, or of single values, as arrays,
    lists or tensors. Output: floats `(rows, places)`, or `(places,)`; the columns by name in
    order, the crosses behind them. With `output_mode="dict"` a dict with the names of columns and
    crosses.

    It works on dicts of arrays, in `Dataset.map`, and at the beginning of a functional model, of
    which `get_inputs()` and `get_encoded_features()` are the beginning.

    >>> import nyala
    >>> table = {"age": [20.0, 40.0], "color": ["red", "blue"]}
    >>> space = nyala.utils.FeatureSpace({"age": "float_normalized", "color": "string_categorical"})
    >>> space.adapt(table)
    >>> space({"age": [40.0], "color": ["red"]}).numpy()
    array([[1., 0., 1., 0.]], dtype=float32)
    """

    runs_on_host = True

    def __init__(self, features: Any, output_mode: str = "concat", crosses: Any = None,
                 crossing_dim: int = 32, hashing_dim: int = 32, num_discretization_bins: int = 32,
                 name: str | None = None):  # fmt: skip
        super().__init__(name=name)
        if not features:
            raise ValueError(
                "FeatureSpace: features must be a dict from columns to what they are; got "
                f"{features!r}."
            )
        self.crossing_dim, self.hashing_dim = crossing_dim, hashing_dim
        self.num_discretization_bins = num_discretization_bins
        self.output_mode = one_of(output_mode, ("concat", "dict"), "output_mode")
        self.features = {key: self._feature(key, value) for key, value in features.items()}
        self.crosses = [self._crossed(cross) for cross in crosses or ()]
        self.crosses_by_name = {cross.name: cross for cross in self.crosses}
        self.preprocessors = {key: value.preprocessor for key, value in self.features.items()}
        self.crossers = {
            cross.name: layers.HashedCrossing(cross.crossing_dim, name=cross.name)
            for cross in self.crosses
        }
        self.inputs = {
            key: layers.Input(shape=(1,), dtype=value.dtype, name=key)
            for key, value in self.features.items()
        }
        self.encoded_features: Any = None
        self.one_hot_encoders: dict[str, Any] = {}
        self.concat: Any = None
        self._adapted = not any(map(learns, self.preprocessors.values()))

    def _feature(self, name: str, value: Any) -> Feature:
        if isinstance(value, dict):
            value = deserialize_keras_object(value)
        if isinstance(value, Feature):
            return value
        if not isinstance(value, str) or value not in KINDS:
            raise ValueError(
                f"FeatureSpace: feature {name!r} must be one of {', '.join(map(repr, KINDS))}, or "
                f"what a method of that name returns; got {value!r}."
                f"{did_you_mean(str(value), KINDS)}"
            )
        sizes = {"float_discretized": self.num_discretization_bins,
                 "integer_hashed": self.hashing_dim, "string_hashed": self.hashing_dim}  # fmt: skip
        given = (sizes[value],) if value in sizes else ()
        return getattr(self, value)(*given, name=name)

    def _crossed(self, cross: Any) -> Cross:
        if isinstance(cross, dict):
            cross = deserialize_keras_object(cross)
        if not isinstance(cross, Cross):
            cross = Cross(cross, self.crossing_dim)
        for name in cross.feature_names:
            if name not in self.features:
                raise ValueError(
                    f"FeatureSpace: the cross of {cross.feature_names} names the column {name!r}; "
                    f"features has {sorted(self.features)}.{did_you_mean(name, self.features)}"
                )
        return cross

    # -- learning ----------------------------------------------------------------------------------

    def adapt(self, dataset: Any) -> None:
        """Let the columns' layers learn from data: vocabularies, means, intervals.

        Args:
            dataset: a dict of columns, or a `Dataset` of such dicts, of batches or of single rows.
        """
        learning = [key for key, layer in self.preprocessors.items() if learns(layer)]
        dataset = as_dataset(dataset, learning, f"FeatureSpace {self.name!r}")
        for key in learning:
            column = column_of(dataset, key, f"FeatureSpace {self.name!r}")
            self.preprocessors[key].adapt(column)
        self._adapted = True
        # What was drawn and made for other vocabularies is no longer right.
        self.encoded_features, self.concat, self.one_hot_encoders = None, None, {}
        self.get_encoded_features()

    def _require_adapted(self) -> None:
        if not self._adapted:
            learning = [key for key, layer in self.preprocessors.items() if learns(layer)]
            raise ValueError(
                f"FeatureSpace {self.name!r} must learn from data before it is used: call "
                f"adapt(data) with the columns {learning}."
            )

    # -- tables to vectors -------------------------------------------------------------------------

    def get_inputs(self) -> dict[str, KerasTensor]:
        """Return the inputs of a functional model, by column."""
        self.get_encoded_features()
        return self.inputs

    def get_encoded_features(self) -> Any:
        """Return what a functional model goes on with: a symbolic tensor, or a dict of them."""
        self._require_adapted()
        if self.encoded_features is None:
            self.encoded_features = self._encoded(self.inputs)
            self.built = True
        return self.encoded_features

    def __call__(self, data: Any) -> Any:
        """Turn a table, or one row of it, into vectors.

        Args:
            data: a dict of columns; those that are no features are left alone.
        """
        if not isinstance(data, dict):
            raise ValueError(
                f"FeatureSpace {self.name!r} expects a dict of columns; got {data!r:.80} of type "
                f"{type(data).__name__}."
            )
        missing = [name for name in self.features if name not in data]
        if missing:
            raise ValueError(
                f"FeatureSpace {self.name!r}: the column {missing[0]!r} is missing; the data has "
                f"{sorted(data)}."
            )
        self.get_encoded_features()  # makes the layers that encode
        columns = {name: _as_column(data[name]) for name in self.features}
        encoded = self._encoded({name: column for name, (column, _) in columns.items()})
        if not any(single for _, single in columns.values()):
            return encoded
        if isinstance(encoded, dict):
            return {name: _first_row(value) for name, value in encoded.items()}
        return _first_row(encoded)

    def _encoded(self, columns: dict) -> Any:
        prepared = {name: self.preprocessors[name](columns[name]) for name in self.features}
        crossed = {
            cross.name: self.crossers[cross.name]([prepared[name] for name in cross.feature_names])
            for cross in self.crosses
        }
        outputs = {
            name: self._output(name, values)
            for part in (prepared, crossed)
            for name, values in sorted(part.items())
        }
        if self.output_mode == "dict":
            return outputs
        if self.concat is None:
            _require_floats(outputs)
            self.concat = Joined(axis=-1)
        return self.concat(list(outputs.values()))

    def _output(self, name: str, values: Any) -> Any:
        spec = self.features.get(name) or self.crosses_by_name[name]
        if spec.output_mode != "one_hot":
            return values
        if name not in self.one_hot_encoders:
            layer = self.preprocessors.get(name) or self.crossers[name]
            self.one_hot_encoders[name] = encoder_of(name, layer, values.dtype)
        return self.one_hot_encoders[name](values)

    # -- files -------------------------------------------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal space can be made."""
        return {
            "features": serialize_keras_object(dict(self.features)),
            "output_mode": self.output_mode,
            "crosses": serialize_keras_object(list(self.crosses)),
            "crossing_dim": self.crossing_dim,
            "hashing_dim": self.hashing_dim,
            "num_discretization_bins": self.num_discretization_bins,
        }

    @classmethod
    def from_config(cls, config: dict) -> FeatureSpace:
        """Return a space from `get_config()`."""
        return cls(**config)

    def get_build_config(self) -> dict:
        """Return with what shapes the columns' layers were built."""
        return {name: layer.get_build_config() for name, layer in self.preprocessors.items()}

    def build_from_config(self, config: dict) -> None:
        """Build the columns' layers as `get_build_config` says."""
        for name, shapes in config.items():
            layer = self.preprocessors[name]
            if shapes and not layer.built:
                layer.build_from_config(shapes)
        self._adapted = True

    def save(self, filepath: Any) -> None:
        """Write the space to a `.keras` file, which `nyala.models.load_model` reads."""
        self._require_adapted()
        save_model(self, filepath)

    def save_own_variables(self, store: dict) -> None:
        """Do nothing: the layers of the columns hold all there is."""

    def load_own_variables(self, store: dict) -> None:
        """Do nothing: the layers of the columns hold all there is."""


def _as_column(values: Any) -> tuple[Any, bool]:
    """Return values in two axes or more, and whether they were a single one."""
    if isinstance(values, (list, tuple, str, bytes)) or not hasattr(values, "shape"):
        values = np.asarray(values)
    if values.dtype == object or getattr(values.dtype, "kind", "") in ("U", "S"):
        values = ops.convert_to_tensor(values)
    if len(values.shape) == 0:
        return ops.reshape(values, (1, 1)), True
    return (ops.expand_dims(values, -1) if len(values.shape) == 1 else values), False


def _first_row(values: Any) -> Any:
    return ops.squeeze(values, 0) if len(values.shape) == 2 and values.shape[0] == 1 else values


def _require_floats(outputs: dict) -> None:
    for name, values in outputs.items():
        if not str(values.dtype).startswith(("float", "bfloat")):
            raise ValueError(
                f"FeatureSpace: feature {name!r} cannot be joined with others, it is "
                f"{values.dtype}: use output_mode='one_hot' for it, or output_mode='dict' for the "
                "space."
            )
