"""The features that have a name of their own."""

from __future__ import annotations

from typing import Any

from nyala import layers
from nyala.core import auto_name
from nyala.utils._feature_space._features import Cross, Feature
from nyala.utils._feature_space._layers import Passing


def _named(name: str | None, kind: str) -> str:
    return f"{name or auto_name(kind)}_preprocessor"


class Kinds:
    """The class methods of `FeatureSpace` that make features.

    All take `name`, from which the name of the layer is made.
    """

    @classmethod
    def cross(cls, feature_names: Any, crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Return columns whose combinations are hashed.

        Args:
            feature_names: of two or more columns.
            crossing_dim: how many bins there are.
            output_mode: `"one_hot"` or `"int"`.
        """
        return Cross(feature_names, crossing_dim, output_mode=output_mode)

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """Return a column with a layer of your own.

        Args:
            dtype: of the column's values.
            preprocessor: the layer; it is adapted where it has `adapt`.
            output_mode: `"int"`, `"one_hot"` (of the indices that a layer of nyala returns) or
                `"float"`.
        """
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Return numbers as they are."""
        layer = Passing(dtype="float32", name=_named(name, "float"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_rescaled(
        cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None
    ) -> Feature:
        """Return numbers times `scale` plus `offset`."""
        layer = layers.Rescaling(scale=scale, offset=offset, name=_named(name, "float_rescaled"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Return numbers shifted and scaled to mean 0 and variance 1."""
        layer = layers.Normalization(axis=-1, name=_named(name, "float_normalized"))
        return Feature("float32", layer, "float")

    @classmethod
    def float_discretized(cls, num_bins: int | None, bin_boundaries: Any = None,
                          output_mode: str = "one_hot",
                          name: str | None = None) -> Feature:  # fmt: skip
        """Return the interval in which numbers lie.

        Args:
            num_bins: how many intervals `adapt` makes; `None` with `bin_boundaries`.
            bin_boundaries: the ends of the intervals.
            output_mode: `"one_hot"` or `"int"`.
            name: of the feature.
        """
        layer = layers.Discretization(
            num_bins=num_bins, bin_boundaries=bin_boundaries,
            name=_named(name, "float_discretized"),
        )  # fmt: skip
        return Feature("float32", layer, output_mode)

    @classmethod
    def integer_categorical(cls, max_tokens: int | None = None, num_oov_indices: int = 1,
                            output_mode: str = "one_hot",
                            name: str | None = None) -> Feature:  # fmt: skip
        """Return the place of integers in a vocabulary that `adapt` makes.

        Args:
            max_tokens: the most places of the vocabulary.
            num_oov_indices: how many places unknown integers share.
            output_mode: `"one_hot"` or `"int"`.
            name: of the feature.
        """
        layer = layers.IntegerLookup(
            max_tokens=max_tokens, num_oov_indices=num_oov_indices,
            name=_named(name, "integer_categorical"),
        )  # fmt: skip
        return Feature("int32", layer, output_mode)

    @classmethod
    def string_categorical(cls, max_tokens: int | None = None, num_oov_indices: int = 1,
                           output_mode: str = "one_hot",
                           name: str | None = None) -> Feature:  # fmt: skip
        """Return the place of strings in a vocabulary that `adapt` makes.

        Args:
            max_tokens: the most places of the vocabulary.
            num_oov_indices: how many places unknown strings share.
            output_mode: `"one_hot"` or `"int"`.
            name: of the feature.
        """
        layer = layers.StringLookup(
            max_tokens=max_tokens, num_oov_indices=num_oov_indices,
            name=_named(name, "string_categorical"),
        )  # fmt: skip
        return Feature("string", layer, output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot",
                      name: str | None = None) -> Feature:  # fmt: skip
        """Return the bin of strings, `num_bins` in all, by a hash."""
        layer = layers.Hashing(num_bins=num_bins, name=_named(name, "string_hashed"))
        return Feature("string", layer, output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot",
                       name: str | None = None) -> Feature:  # fmt: skip
        """Return the bin of integers, `num_bins` in all, by a hash."""
        layer = layers.Hashing(num_bins=num_bins, name=_named(name, "integer_hashed"))
        return Feature("int32", layer, output_mode)


KINDS = (
    "float", "float_normalized", "float_rescaled", "float_discretized", "integer_categorical",
    "string_categorical", "integer_hashed", "string_hashed",
)  # fmt: skip
