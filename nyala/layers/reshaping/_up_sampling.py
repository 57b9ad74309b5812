"""Enlarging space or time by repeating, or by interpolating images."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import did_you_mean, enrol, standardize_data_format
from nyala.layers.base import InputSpec, Layer, spatial_axes, spatial_tuple

_INTERPOLATIONS = ("nearest", "bilinear", "bicubic", "lanczos3", "lanczos5")


def _repeat(x: Any, size: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    for axis, times in zip(axes, size, strict=True):
        x = ops.repeat(x, times, axis=axis)
    return x


@enrol("keras.layers")
class UpSampling1D(Layer):
    """Repeats each time step.

    Args:
        size: how often.

    Input shape: `(batch, steps, features)`.

    >>> import nyala
    >>> nyala.layers.UpSampling1D(3)(nyala.ops.ones((2, 4, 5))).shape
    (2, 12, 5)
    """

    def __init__(self, size: int = 2, **kwargs: Any):
        super().__init__(**kwargs)
        self.size = spatial_tuple(size, 1, "UpSampling1D", "size")[0]
        self.input_spec = InputSpec(ndim=3)

    def call(self, inputs: Any) -> Any:
        """Return `inputs` with each step repeated."""
        return ops.repeat(inputs, self.size, axis=1)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "size": self.size}


@enrol("keras.layers")
class UpSampling2D(Layer):
    """Enlarges images by whole factors.

    Args:
        size: by how much height and width grow, an integer or a pair.
        data_format: `"channels_last"` for inputs `(batch, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.
        interpolation: `"nearest"` (repeats pixels), `"bilinear"`, `"bicubic"`, `"lanczos3"` or
            `"lanczos5"`.

    >>> import nyala
    >>> nyala.layers.UpSampling2D((2, 3))(nyala.ops.ones((1, 4, 4, 3))).shape
    (1, 8, 12, 3)
    """

    def __init__(self, size: Any = (2, 2), data_format: str | None = None,
                 interpolation: str = "nearest", **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.size = spatial_tuple(size, 2, "UpSampling2D", "size")
        self.interpolation = interpolation.lower()
        if self.interpolation not in _INTERPOLATIONS:
            raise ValueError(
                f"UpSampling2D(interpolation=...) expects one of {', '.join(_INTERPOLATIONS)}; got "
                f"{interpolation!r}.{did_you_mean(self.interpolation, _INTERPOLATIONS)}"
            )
        self.input_spec = InputSpec(ndim=4)

    def call(self, inputs: Any) -> Any:
        """Return the enlarged images."""
        axes = spatial_axes(self.data_format, 2)
        if self.interpolation == "nearest":
            return _repeat(inputs, self.size, axes)
        lengths = [inputs.shape[a] * n for a, n in zip(axes, self.size, strict=True)]
        return ops.image.resize(inputs, tuple(lengths), interpolation=self.interpolation,
                                data_format=self.data_format)  # fmt: skip

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "size": self.size,
            "data_format": self.data_format,
            "interpolation": self.interpolation,
        }


@enrol("keras.layers")
class UpSampling3D(Layer):
    """Enlarges volumes by repeating their elements.

    Args:
        size: by how much each spatial axis grows, an integer or three.
        data_format: `"channels_last"` for inputs `(batch, depth, height, width, channels)`, or
            `"channels_first"`; `config.image_data_format()` by default.

    >>> import nyala
    >>> nyala.layers.UpSampling3D(2)(nyala.ops.ones((1, 2, 3, 4, 1))).shape
    (1, 4, 6, 8, 1)
    """

    def __init__(self, size: Any = (2, 2, 2), data_format: str | None = None, **kwargs: Any):
        super().__init__(**kwargs)
        self.data_format = standardize_data_format(data_format)
        self.size = spatial_tuple(size, 3, "UpSampling3D", "size")
        self.input_spec = InputSpec(ndim=5)

    def call(self, inputs: Any) -> Any:
        """Return the enlarged volumes."""
        return _repeat(inputs, self.size, spatial_axes(self.data_format, 3))

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "size": self.size, "data_format": self.data_format}
