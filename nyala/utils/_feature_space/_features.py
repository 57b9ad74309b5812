"""What is made of a column, or of several columns together."""

from __future__ import annotations

from typing import Any

from nyala.core import deserialize_keras_object, did_you_mean, enrol, serialize_keras_object

# The module that stands in Keras' files.
MODULE = "keras.src.layers.preprocessing.feature_space"


@enrol(MODULE)
class Feature:
    """A column, and the layer that prepares it.

    Args:
        dtype: of the column's values, such as `"float32"`, `"int32"` or `"string"`.
        preprocessor: the layer.
        output_mode: `"int"` where the layer's indices are wanted as they are, `"one_hot"` where
            they become vectors, `"float"` where the layer returns floats.

    >>> import nyala
    >>> feature = nyala.utils.FeatureSpace.string_categorical(name="color")
    >>> feature.dtype, feature.output_mode, feature.preprocessor.name
    ('string', 'one_hot', 'color_preprocessor')
    """

    def __init__(self, dtype: str, preprocessor: Any, output_mode: str):
        self.dtype = dtype
        if isinstance(preprocessor, dict):
            preprocessor = deserialize_keras_object(preprocessor)
        if not callable(preprocessor):
            raise TypeError(
                f"FeatureSpace.feature: preprocessor must be a layer; got {preprocessor!r} of type "
                f"{type(preprocessor).__name__}."
            )
        self.preprocessor = preprocessor
        self.output_mode = one_of(
            output_mode, ("int", "one_hot", "float"), "output_mode", "feature"
        )

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal feature can be made."""
        return {
            "dtype": self.dtype,
            "preprocessor": serialize_keras_object(self.preprocessor),
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict) -> Feature:
        """Return a feature from `get_config()`."""
        return cls(**config)


@enrol(MODULE)
class Cross:
    """Columns whose combinations are put into bins by a hash.

    Args:
        feature_names: of the columns, two or more.
        crossing_dim: how many bins there are.
        output_mode: `"int"`, the bin, or `"one_hot"`, a vector.
    """

    def __init__(self, feature_names: Any, crossing_dim: int, output_mode: str = "one_hot"):
        names = tuple(feature_names)
        if isinstance(feature_names, str) or len(names) < 2:
            raise ValueError(
                "FeatureSpace.cross: feature_names must be a tuple of two or more names; got "
                f"{feature_names!r}."
            )
        self.feature_names, self.crossing_dim = names, crossing_dim
        self.output_mode = one_of(output_mode, ("int", "one_hot"), "output_mode", "cross")

    @property
    def name(self) -> str:
        """The names of the columns with `_X_` between them."""
        return "_X_".join(self.feature_names)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal cross can be made."""
        return {
            "feature_names": self.feature_names,
            "crossing_dim": self.crossing_dim,
            "output_mode": self.output_mode,
        }

    @classmethod
    def from_config(cls, config: dict) -> Cross:
        """Return a cross from `get_config()`."""
        return cls(**config)


def one_of(value: Any, names: tuple[str, ...], argument: str, who: str = "") -> Any:
    """Return `value` where it is among `names`; raise otherwise."""
    if value not in names:
        raise ValueError(
            f"FeatureSpace{'.' + who if who else ''}: {argument} must be one of "
            f"{', '.join(map(repr, names))}; got {value!r}.{did_you_mean(str(value), names)}"
        )
    return value
