"""Cutting off the ends of space or time."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol, standardize_data_format
from nyala.layers.base import InputSpec, Layer, spatial_axes, spatial_pairs, spatial_tuple


class _Cropping(Layer):
    """Cuts off both ends of `rank` spatial axes; see the public classes."""

    rank: int
    data_format = "channels_last"

    def _set_cropping(self, cropping: Any) -> None:
        self.cropping = cropping
        self.input_spec = InputSpec(ndim=self.rank + 2)

    def _pairs(self) -> tuple[tuple[int, int], ...]:
        return self.cropping

    def call(self, inputs: Any) -> Any:
        """Return the inner part of `inputs`."""
        shape = tuple(inputs.shape)
        kept = [slice(None)] * len(shape)
        axes = spatial_axes(self.data_format, self.rank)
        for axis, (before, after) in zip(axes, self._pairs(), strict=True):
            if before + after >= shape[axis]:
                raise ValueError(
                    f"{type(self).__name__} {self.name!r}: cropping={self.cropping} leaves nothing "
                    f"of axis {axis} of an input of shape {shape}. Crop less."
                )
            kept[axis] = slice(before, shape[axis] - after)
        return inputs[tuple(kept)]

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "cropping": self.cropping}


class _SpatialCropping(_Cropping):
    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "data_format": self.data_format}


@enrol("keras.layers")
class Cropping1D(_Cropping):
    """Cuts off the first and last time steps.

    Args:
        cropping: how many at both ends, an integer, or a pair (at the beginning, at the end).

    Input shape: `(batch, steps, features)`.

    >>> import nyala
    >>> nyala.layers.Cropping1D((1, 2))(nyala.ops.ones((2, 7, 3))).shape
    (2, 4, 3)
    """

    rank = 1

    def __init__(self, cropping: Any = (1, 1), **kwargs: Any):
        super().__init__(**kwargs)
        self._set_cropping(spatial_tuple(cropping, 2, "Cropping1D", "cropping", minimum=0))

    def _pairs(self) -> tuple[tuple[int, int], ...]:
        return (self.cropping,)


@enrol("keras.layers")
class Cropping2D(_SpatialCropping):
    """Cuts off the edges of images.

    Args:
        cropping: how much on every side, an integer; or `(height, width)` for both sides of each;
            or `((top, bottom), (left, right))`.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.Cropping2D(((2, 2), (4, 4)))(nyala.ops.ones((1, 28, 28, 3))).shape
    (1, 24, 20, 3)
    """

    rank = 2

    def __init__(self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self._set_cropping(spatial_pairs(cropping, 2, "Cropping2D", "cropping"))


@enrol("keras.layers")
class Cropping3D(_SpatialCropping):
    """Cuts off the edges of volumes.

    Args:
        cropping: how much on every side, an integer; or one integer for both sides of each axis; or
            a pair (before, after) for each axis.
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.Cropping3D(1)(nyala.ops.ones((1, 4, 5, 6, 3))).shape
    (1, 2, 3, 4, 3)
    """

    rank = 3

    def __init__(self, cropping: Any = ((1, 1), (1, 1), (1, 1)), data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self._set_cropping(spatial_pairs(cropping, 3, "Cropping3D", "cropping"))
