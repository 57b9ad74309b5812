"""Layers that work on the host: on strings, or with tables that no device holds."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from nyala.core import tree
from nyala.eager import Tensor, array_of_texts, is_tracer, wrap
from nyala.layers.base import Layer
from nyala.ops._dtypes import jax_dtype


class HostLayer(Layer):
    """A layer whose `call` works on NumPy arrays and cannot be compiled.

    In a functional model such layers run on the host before the compiled part, see
    `nyala.symbolic.split_stages`.
    """

    runs_on_host = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the layer; integers that would not survive on the device are refused."""
        for leaf in tree.flatten(args):
            self._require_narrow(leaf)
        return super().__call__(*args, **kwargs)

    def _require_narrow(self, leaf: Any) -> None:
        wide = type(leaf) is int or (isinstance(leaf, np.ndarray) and leaf.dtype.itemsize == 8)
        if not wide or jax.config.jax_enable_x64 or np.asarray(leaf).dtype.kind not in "iu":
            return
        if np.any(np.asarray(leaf) != np.asarray(leaf).astype(np.int32)):
            raise ValueError(
                f"{type(self).__name__} {self.name!r}: there are integers of more than 32 bits, "
                "which tensors hold only in JAX's 64-bit mode: switch it on by "
                'jax.config.update("jax_enable_x64", True), or pass them as strings.'
            )

    def _host_array(self, inputs: Any) -> np.ndarray:
        """Return the inputs as a NumPy array; strings as one of objects (`str` or `bytes`)."""
        value = inputs._value if isinstance(inputs, Tensor) else inputs
        if is_tracer(value):
            raise TypeError(
                f"{type(self).__name__} {self.name!r} works on the host, but it was called in "
                "compiled code, where values are not known yet. Apply it in Dataset.map(), or "
                "before all layers with weights in a model made of inputs and outputs."
            )
        texts = array_of_texts(value)
        if texts is not None:
            return texts
        array = np.asarray(value)
        return array.astype(object) if array.dtype.kind in "UST" else array


def to_device(array: np.ndarray, dtype: Any) -> Tensor:
    """Return numbers as a Tensor, in the width that the device computes in."""
    return wrap(jnp.asarray(np.asarray(array).astype(jax_dtype(dtype), copy=False)))


def of_strings(array: np.ndarray) -> Tensor:
    """Return an array of strings, of NumPy's objects, as a Tensor."""
    return wrap(np.asarray(array, object))


def device_dtype(dtype: Any) -> str:
    """Return the dtype that values have once they are a Tensor."""
    return "string" if dtype == "string" else jax_dtype(dtype).name
