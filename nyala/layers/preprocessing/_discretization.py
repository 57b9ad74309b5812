"""`Discretization`: numbers to the intervals in which they lie."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import Layer
from nyala.layers.preprocessing._encoding import MODES, check_mode, encode, refuse_sparse
from nyala.layers.preprocessing._quantiles import boundaries, empty_summary, extended
from nyala.layers.preprocessing.tokens import steps_of


@enrol("keras.layers")
class Discretization(Layer):
    """Maps numbers to the index of the interval in which they lie, or to vectors of those.

    Args:
        bin_boundaries: the ends of the intervals in rising order: `[0, 1]` makes three, below 0,
            from 0 to below 1, and from 1 on. Without them give `num_bins` and call `adapt`.
        num_bins: how many intervals, with equally many numbers each, `adapt` shall make.
        epsilon: the share of the data by which an interval's end may be off, such as 0.01.
        output_mode: `"int"`; `"one_hot"`, a vector for each number; or for each row `"multi_hot"`
            or `"count"`.
        sparse: must be false.

    Input shape: any. Output shape: the same, int32; vectors are floats, see `CategoryEncoding`.

    >>> import nyala
    >>> layer = nyala.layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    >>> layer([[-1.5, 1.0, 3.4]]).numpy()
    array([[0, 2, 3]], dtype=int32)
    """

    def __init__(self, bin_boundaries: Any = None, num_bins: int | None = None,
                 epsilon: float = 0.01, output_mode: str = "int", sparse: bool = False,
                 dtype: Any = None, name: str | None = None, **kwargs: Any):  # fmt: skip
        super().__init__(name=name, dtype=dtype, **kwargs)
        who = f"Discretization {self.name!r}"
        refuse_sparse(sparse, who)
        if (num_bins is None) == (bin_boundaries is None):
            raise ValueError(
                f"{who}: give either num_bins (and call adapt) or bin_boundaries; got "
                f"num_bins={num_bins} and bin_boundaries={bin_boundaries}."
            )
        if num_bins is not None and num_bins < 1:
            raise ValueError(f"{who}: num_bins must be a positive integer; got {num_bins}.")
        self.output_mode, self.sparse = check_mode(output_mode, MODES, who), False
        self.num_bins, self.epsilon = num_bins, epsilon
        self._set_boundaries(bin_boundaries)
        self.summary = empty_summary()
        self.built = True

    def _set_boundaries(self, values: Any) -> None:
        ends = None if values is None else np.asarray(values, "float64").tolist()
        if ends is not None and any(a > b for a, b in pairwise(ends)):
            raise ValueError(f"Discretization {self.name!r}: bin_boundaries must rise; got {ends}.")
        self.bin_boundaries = ends

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Set the boundaries to quantiles of data.

        Args:
            data: an array, or an iterable of batches.
            steps: how many batches of an iterable to take; all by default.

        Raises:
            ValueError: there are no data, or the layer was made with boundaries.
        """
        who = f"Discretization {self.name!r}: adapt(data)"
        if self.num_bins is None:
            raise ValueError(f"{who}: the layer was made with bin_boundaries; use num_bins.")
        self.reset_state()
        batches = steps_of(data, steps)
        for batch in [data] if batches is None else batches:
            self.update_state(batch)
        if not self.summary.shape[1]:
            raise ValueError(f"{who}: there are no data.")
        self.finalize_state()

    def update_state(self, data: Any) -> None:
        """Take a batch into account."""
        values = np.asarray(data)
        if values.dtype.kind not in "iufb":
            raise TypeError(
                f"Discretization {self.name!r} expects numbers; got values of dtype {values.dtype}."
            )
        if values.size:
            self.summary = extended(self.summary, values.astype("float32"), self.epsilon)

    def finalize_state(self) -> None:
        """Make the boundaries from what was counted."""
        if self.num_bins is not None:
            self._set_boundaries(boundaries(self.summary, self.num_bins))

    def reset_state(self) -> None:
        """Forget what was counted (not the boundaries)."""
        self.summary = empty_summary()

    def call(self, inputs: Any) -> Any:
        """Find the interval of each number."""
        if self.bin_boundaries is None:
            raise RuntimeError(
                f"Discretization {self.name!r} has no boundaries yet: call adapt(data), or make "
                "the layer with bin_boundaries=..., before using it."
            )
        ends = list(self.bin_boundaries)
        indices = ops.digitize(inputs, np.asarray(ends, "float32"))
        dtype = "int32" if self.output_mode == "int" else self.compute_dtype
        return encode(indices, self.output_mode, len(ends) + 1, dtype)

    def load_own_variables(self, store: dict) -> None:
        """Do nothing: the boundaries are part of the config."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        ends = self.bin_boundaries
        return {
            "bin_boundaries": None if ends is None else list(ends),
            "num_bins": self.num_bins,
            "epsilon": self.epsilon,
            "output_mode": self.output_mode,
            "sparse": self.sparse,
            "name": self.name,
            "dtype": str(self.dtype),
        }

    @classmethod
    def from_config(cls, config: dict) -> Discretization:
        """Return a layer from `get_config()`, with the boundaries that `adapt` found."""
        config = dict(config)
        adapted = config.get("num_bins") is not None and config.get("bin_boundaries") is not None
        ends = config.pop("bin_boundaries", None) if adapted else None
        layer = cls(**config)
        if ends is not None:
            layer._set_boundaries(ends)
        return layer
