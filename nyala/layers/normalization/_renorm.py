"""Batch renormalization: the batch's statistics, corrected towards moving ones."""

from __future__ import annotations

from typing import Any

from nyala import initializers, ops
from nyala.layers.normalization._moving import assign_moved

_BOUNDS = ("rmax", "rmin", "dmax")


def check_clipping(clipping: dict | None) -> dict:
    """Return the bounds of the correction, or raise where they are none."""
    clipping = dict(clipping or {})
    unknown = sorted(set(clipping) - set(_BOUNDS))
    if unknown:
        raise ValueError(
            f"BatchNormalization(renorm_clipping=...) expects a dict with any of {_BOUNDS}; got "
            f"the key {unknown[0]!r}."
        )
    rmax, rmin, dmax = (clipping.get(key) for key in _BOUNDS)
    if None not in (rmax, rmin) and rmax < rmin:
        raise ValueError(
            f"BatchNormalization(renorm_clipping=...): rmax={rmax} is below rmin={rmin}."
        )
    if dmax is not None and dmax < 0:
        raise ValueError(f"BatchNormalization(renorm_clipping=...): dmax={dmax} is negative.")
    return clipping


class Renorm:
    """The statistics that a `BatchNormalization` with `renorm=True` keeps besides its own.

    With the batch's mean µ and deviation σ and moving ones µ', σ', outputs are
    (x̂ r + d) γ + β, where r = σ / σ' and d = (µ - µ') / σ' are clipped and taken as constants.
    """

    def __init__(self, layer: Any, options: dict[str, Any]):
        self._layer = layer
        mean, variance = layer.moving_mean_initializer, layer.moving_variance_initializer

        def deviation(shape, dtype=None):
            return ops.sqrt(initializers.get(variance)(shape, dtype=dtype))

        add = layer.add_weight
        layer.moving_stddev = add(name="moving_stddev", initializer=deviation, **options)
        layer.renorm_mean = add(name="renorm_mean", initializer=mean, **options)
        layer.renorm_stddev = add(name="renorm_stddev", initializer=deviation, **options)

    def corrected(self, normalized: Any, mean: Any, variance: Any) -> Any:
        """Return outputs for inputs normalized by the batch's statistics."""
        layer = self._layer
        bounds = layer.renorm_clipping
        deviation = ops.sqrt(ops.add(variance, layer.epsilon))
        target = ops.maximum(layer.renorm_stddev, layer.epsilon**0.5)
        r = ops.divide(deviation, target)
        d = ops.divide(ops.subtract(mean, layer.renorm_mean), target)
        if bounds.get("rmin") is not None:
            r = ops.maximum(r, bounds["rmin"])
        if bounds.get("rmax") is not None:
            r = ops.minimum(r, bounds["rmax"])
        if bounds.get("dmax") is not None:
            d = ops.clip(d, -bounds["dmax"], bounds["dmax"])
        scale, offset = ops.stop_gradient(r), ops.stop_gradient(d)
        if layer.gamma is not None:
            scale, offset = ops.multiply(scale, layer.gamma), ops.multiply(offset, layer.gamma)
        if layer.beta is not None:
            offset = ops.add(offset, layer.beta)
        shape = [1] * len(normalized.shape)
        shape[layer.axis] = -1
        return ops.add(
            ops.multiply(normalized, ops.reshape(scale, shape)), ops.reshape(offset, shape)
        )

    def update(self, mean: Any, variance: Any) -> None:
        """Move all statistics towards those of the batch."""
        layer = self._layer
        deviation = ops.sqrt(ops.add(variance, layer.epsilon))
        assign_moved(layer.renorm_mean, mean, layer.renorm_momentum)
        assign_moved(layer.renorm_stddev, deviation, layer.renorm_momentum)
        assign_moved(layer.moving_mean, mean, layer.momentum)
        assign_moved(layer.moving_stddev, deviation, layer.momentum)
        # The paper averages deviations; inference reads a variance.
        squared = ops.square(layer.moving_stddev)
        layer.moving_variance.assign(ops.maximum(ops.subtract(squared, layer.epsilon), 0.0))
