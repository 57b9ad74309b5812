"""Initializers that keep the variance of signals from layer to layer, by a weight's fans."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nyala.core import did_you_mean, enrol
from nyala.eager import Tensor
from nyala.initializers import _draw
from nyala.initializers._initializer import as_shape, on_device
from nyala.initializers._random import RandomInitializer

_MODULE = "keras.initializers"
_MODES = ("fan_in", "fan_out", "fan_avg")
_DISTRIBUTIONS = ("uniform", "truncated_normal", "untruncated_normal")
# The standard deviation of a unit normal variable cut off at ±2.
_TRUNCATED_STDDEV = 0.87962566103423978


def compute_fans(
    shape: Sequence[int],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[int, int]:
    """Return how many inputs feed an output of a weight, and how many outputs an input feeds.

    Args:
        shape: of a vector, a matrix (inputs, outputs), or a convolution's kernel
            (*window, inputs, outputs).
        input_axes: the axes that count as inputs, for weights of another order.
        output_axes: the axes that count as outputs; used together with `input_axes`.
    """
    shape = tuple(shape)
    if input_axes is not None and output_axes is not None:
        return math.prod(shape[a] for a in input_axes), math.prod(shape[a] for a in output_axes)
    if len(shape) < 2:
        fan = shape[0] if shape else 1
        return fan, fan
    window = math.prod(shape[:-2])
    return shape[-2] * window, shape[-1] * window


@enrol(_MODULE, aliases=("variance_scaling",))
class VarianceScaling(RandomInitializer):
    """Draws values of variance `scale / fan`.

    Args:
        scale: a positive number.
        mode: which fan: `"fan_in"`, `"fan_out"`, or `"fan_avg"` for their mean.
        distribution: `"truncated_normal"` (also `"normal"`; its width is corrected for the cut),
            `"untruncated_normal"`, or `"uniform"`.
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.
        input_axes: the axes that count as inputs, if the weight is not ordered
            (*window, inputs, outputs).
        output_axes: the axes that count as outputs; given together with `input_axes`.

    >>> import nyala
    >>> init = nyala.initializers.VarianceScaling(2.0, "fan_out", "uniform", seed=0)
    >>> bool((abs(init((3, 6))) <= 1.0).all())
    True
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ):
        super().__init__(seed)
        if scale <= 0.0:
            raise ValueError(f"VarianceScaling(scale=...) must be positive; got {scale}.")
        distribution = distribution.lower()
        if distribution == "normal":
            distribution = "truncated_normal"
        _check("mode", mode, _MODES)
        _check("distribution", distribution, _DISTRIBUTIONS)
        self.scale, self.mode, self.distribution = scale, mode, distribution
        self.input_axes, self.output_axes = input_axes, output_axes

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return random values of `shape`."""
        shape = as_shape(shape)
        return on_device(self._drawn(shape, self._variance(shape), dtype), dtype)

    def _variance(self, shape: tuple) -> float:
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        fans = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}
        return self.scale / max(1.0, fans[self.mode])

    def _drawn(self, shape: tuple, variance: float, dtype: Any) -> np.ndarray:
        if self.distribution == "uniform":
            limit = math.sqrt(3.0 * variance)
            return _draw.uniform(self.seed, shape, -limit, limit, dtype)
        stddev = math.sqrt(variance)
        if self.distribution == "untruncated_normal":
            return _draw.normal(self.seed, shape, 0.0, stddev, dtype)
        return _draw.truncated_normal(self.seed, shape, 0.0, stddev / _TRUNCATED_STDDEV, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


def _check(argument: str, value: str, options: tuple) -> None:
    if value not in options:
        raise ValueError(
            f"VarianceScaling({argument}=...) expects one of {', '.join(map(repr, options))}; got "
            f"{value!r}.{did_you_mean(value, options)}"
        )


class _FixedScaling(VarianceScaling):
    """A `VarianceScaling` whose scale, mode and distribution are its name."""

    _scaling: tuple[float, str, str]

    def __init__(
        self,
        seed: Any = None,
        input_axes: Sequence[int] | None = None,
        output_axes: Sequence[int] | None = None,
    ):
        super().__init__(*self._scaling, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        config = super().get_config()
        return {key: config[key] for key in ("seed", "input_axes", "output_axes")}


@enrol(_MODULE, aliases=("glorot_uniform",))
class GlorotUniform(_FixedScaling):
    """Draws evenly from ±sqrt(6 / (fan_in + fan_out)); also known as Xavier uniform.

    After Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks".

    Args:
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.
        input_axes: the axes that count as inputs; see `VarianceScaling`.
        output_axes: the axes that count as outputs.

    >>> import nyala
    >>> nyala.initializers.GlorotUniform()((3, 4)).shape
    (3, 4)
    """

    _scaling = (1.0, "fan_avg", "uniform")


@enrol(_MODULE, aliases=("glorot_normal",))
class GlorotNormal(_FixedScaling):
    """Draws normally (cut at two deviations) with variance 2 / (fan_in + fan_out).

    After Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural
    networks".

    Args:
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.
        input_axes: the axes that count as inputs; see `VarianceScaling`.
        output_axes: the axes that count as outputs.

    >>> import nyala
    >>> nyala.initializers.GlorotNormal()((3, 4)).shape
    (3, 4)
    """

    _scaling = (1.0, "fan_avg", "truncated_normal")


@enrol(_MODULE, aliases=("lecun_normal",))
class LecunNormal(_FixedScaling):
    """Draws normally (cut at two deviations) with variance 1 / fan_in; goes with `selu`.

    After Klambauer et al. 2017, "Self-Normalizing Neural Networks" (arXiv:1706.02515).

    Args:
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.
        input_axes: the axes that count as inputs; see `VarianceScaling`.
        output_axes: the axes that count as outputs.

    >>> import nyala
    >>> nyala.initializers.LecunNormal()((3, 4)).shape
    (3, 4)
    """

    _scaling = (1.0, "fan_in", "truncated_normal")


@enrol(_MODULE, aliases=("lecun_uniform",))
class LecunUniform(_FixedScaling):
    """Draws evenly from ±sqrt(3 / fan_in).

    After Klambauer et al. 2017, "Self-Normalizing Neural Networks" (arXiv:1706.02515).

    Args:
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.
        input_axes: the axes that count as inputs; see `VarianceScaling`.
        output_axes: the axes that count as outputs.

    >>> import nyala
    >>> nyala.initializers.LecunUniform()((3, 4)).shape
    (3, 4)
    """

    _scaling = (1.0, "fan_in", "uniform")


@enrol(_MODULE, aliases=("he_normal",))
class HeNormal(_FixedScaling):
    """Draws normally (cut at two deviations) with variance 2 / fan_in; goes with `relu`.

    After He et al. 2015, "Delving Deep into Rectifiers" (arXiv:1502.01852).

    Args:
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.
        input_axes: the axes that count as inputs; see `VarianceScaling`.
        output_axes: the axes that count as outputs.

    >>> import nyala
    >>> nyala.initializers.HeNormal()((3, 4)).shape
    (3, 4)
    """

    _scaling = (2.0, "fan_in", "truncated_normal")


@enrol(_MODULE, aliases=("he_uniform",))
class HeUniform(_FixedScaling):
    """Draws evenly from ±sqrt(6 / fan_in); goes with `relu`.

    After He et al. 2015, "Delving Deep into Rectifiers" (arXiv:1502.01852).

    Args:
        seed: an integer, a `SeedGenerator`, or `None` for an integer drawn now.
        input_axes: the axes that count as inputs; see `VarianceScaling`.
        output_axes: the axes that count as outputs.

    >>> import nyala
    >>> nyala.initializers.HeUniform()((3, 4)).shape
    (3, 4)
    """

    _scaling = (2.0, "fan_in", "uniform")
