"""Dropout of whole feature maps."""

from __future__ import annotations

from typing import Any

from nyala import random
from nyala.core import enrol, standardize_data_format
from nyala.layers.base import InputSpec, spatial_axes
from nyala.layers.regularization._random_layer import RandomLayer, probability


class SpatialDropout(RandomLayer):
    """Drops each channel of a sample as a whole, along all `_rank` axes of space or time."""

    _rank = 1

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(probability(rate, f"{type(self).__name__}(rate=...)"), seed, **kwargs)
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=self._rank + 2)

    def _perturb(self, inputs: Any) -> Any:
        shape = list(inputs.shape)
        for axis in spatial_axes(self.data_format, self._rank):
            shape[axis] = 1
        return random.dropout(inputs, self.rate, noise_shape=tuple(shape), seed=self.seed_generator)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = super().get_config()
        # Real Keras' layers of this kind take neither `trainable` nor a policy as a dict.
        return {
            "rate": self.rate,
            "seed": self.seed,
            "name": self.name,
            "dtype": config["dtype"]["config"]["name"],
            "data_format": self.data_format,
        }


@enrol("keras.layers")
class SpatialDropout1D(SpatialDropout):
    """Drops whole features of sequences in training.

    Neighbouring steps are alike, so that dropping single elements would take little away.

    Args:
        rate: the part of the features that is dropped, from 0 to 1.
        seed: an integer, for reproducible choices.
        name, dtype: as of any layer.

    Input and output shape: `(batch, time, features)`.

    >>> import nyala
    >>> layer = nyala.layers.SpatialDropout1D(0.5, seed=3)
    >>> y = layer(nyala.ops.ones((1, 2, 4)), training=True).numpy()
    >>> bool((y[:, 0] == y[:, 1]).all())
    True

    Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks",
    arXiv:1411.4280.
    """

    def __init__(self, rate: float, seed: int | None = None, name: str | None = None,
                 dtype: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(rate, "channels_last", seed, name=name, dtype=dtype, **kwargs)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = super().get_config()
        del config["data_format"]
        return config


@enrol("keras.layers")
class SpatialDropout2D(SpatialDropout):
    """Drops whole channels of images in training.

    Args:
        rate: the part of the channels that is dropped, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.
        name, dtype: as of any layer.

    Input and output shape: `(batch, height, width, channels)`, or
    `(batch, channels, height, width)` with channels first.

    >>> import nyala
    >>> layer = nyala.layers.SpatialDropout2D(0.5, seed=3)
    >>> y = layer(nyala.ops.ones((1, 2, 2, 4)), training=True).numpy()
    >>> bool((y == y[:, :1, :1]).all())
    True

    Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks",
    arXiv:1411.4280.
    """

    _rank = 2

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None,
                 name: str | None = None, dtype: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(rate, data_format, seed, name=name, dtype=dtype, **kwargs)


@enrol("keras.layers")
class SpatialDropout3D(SpatialDropout):
    """Drops whole channels of volumes in training.

    Args:
        rate: the part of the channels that is dropped, from 0 to 1.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.
        seed: an integer, for reproducible choices.
        name, dtype: as of any layer.

    Input and output shape: `(batch, depth, height, width, channels)`, or
    `(batch, channels, depth, height, width)` with channels first.

    >>> import nyala
    >>> layer = nyala.layers.SpatialDropout3D(0.5, seed=3)
    >>> y = layer(nyala.ops.ones((1, 2, 2, 2, 4)), training=True).numpy()
    >>> bool((y == y[:, :1, :1, :1]).all())
    True

    Source: Tompson et al., "Efficient Object Localization Using Convolutional Networks",
    arXiv:1411.4280.
    """

    _rank = 3

    def __init__(self, rate: float, data_format: str | None = None, seed: int | None = None,
                 name: str | None = None, dtype: Any = None, **kwargs: Any):  # fmt: skip
        super().__init__(rate, data_format, seed, name=name, dtype=dtype, **kwargs)
