"""`tf.experimental`: NumPy's interface."""

from __future__ import annotations

from nyala.ops import numpy
from nyala.tf._absent import refuse_others

__all__ = ["numpy"]

__getattr__ = refuse_others(
    "tf.experimental", __all__, {"dtensor": "Use nyala.distribution.", "dlpack": "Use jax.dlpack."}
)
