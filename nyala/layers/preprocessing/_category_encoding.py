"""`CategoryEncoding`: integers to vectors."""

from __future__ import annotations

from typing import Any

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import Layer, positive_integer
from nyala.layers.preprocessing._encoding import check_mode, encode, refuse_sparse


@enrol("keras.layers")
class CategoryEncoding(Layer):
    """Turns integers from 0 to `num_tokens - 1` into vectors of that length.

    Args:
        num_tokens: how many categories there are.
        output_mode: `"one_hot"`, a vector for each integer; or for each row of them `"multi_hot"`
            (also `"binary"`), which are there, or `"count"`, how often.
        sparse: must be false.

    Input shape: `(batch, length)`, `(length,)` or a single integer; with `"count"` also
    `count_weights` of the same shape. Output shape: `(batch, num_tokens)`; with `"one_hot"`
    `(batch, length, num_tokens)`, without the axis `length` where that is 1.

    >>> import nyala
    >>> layer = nyala.layers.CategoryEncoding(4, output_mode="count")
    >>> layer([[0, 2, 2]], count_weights=[[0.5, 1.0, 2.0]]).numpy()
    array([[0.5, 0. , 3. , 0. ]], dtype=float32)
    """

    def __init__(self, num_tokens: int | None = None, output_mode: str = "multi_hot",
                 sparse: bool = False, **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        who = f"CategoryEncoding {self.name!r}"
        self.output_mode = check_mode(output_mode, ("count", "one_hot", "multi_hot"), who)
        refuse_sparse(sparse, who)
        if num_tokens is None:
            raise ValueError(
                f"{who} needs num_tokens; where the number of categories is not known, use "
                "IntegerLookup."
            )
        self.num_tokens = positive_integer(num_tokens, "CategoryEncoding(num_tokens=...)")
        self.sparse = False
        self.built = True

    def call(self, inputs: Any, count_weights: Any = None) -> Any:
        """Turn integers into vectors."""
        if count_weights is not None:
            if self.output_mode != "count":
                raise ValueError(
                    f"CategoryEncoding {self.name!r}: count_weights belong to output_mode='count'; "
                    f"it is {self.output_mode!r}."
                )
            count_weights = ops.convert_to_tensor(count_weights, self.compute_dtype)
        inputs = ops.cast(inputs, "int32")
        return encode(inputs, self.output_mode, self.num_tokens, self.compute_dtype, count_weights)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            **super().get_config(),
            "num_tokens": self.num_tokens,
            "output_mode": self.output_mode,
        }
