"""`Input` and `InputLayer`: where a graph begins."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol, standardize_dtype
from nyala.layers.base import InputSpec, Layer
from nyala.symbolic import KerasTensor, Node, is_keras_tensor, standardize_shape


@enrol("keras.layers")
class InputLayer(Layer):
    """The beginning of a graph: one input of a model.

    Args:
        shape: the shape of one sample, without the batch axis; `None` for unknown lengths.
        batch_size: the fixed batch size, or `None`.
        dtype: the dtype; `config.floatx()` by default; `"string"` for text.
        sparse, ragged: must be false or `None`.
        batch_shape: the shape with the batch axis, instead of `shape` and `batch_size`.
        input_tensor: a KerasTensor to begin from, instead of a new one.
        optional: whether the input may be `None`.
        name: a name; automatic by default.

    >>> import nyala
    >>> nyala.layers.InputLayer((784,), name="digits").output.shape
    (None, 784)
    """

    def __init__(self, shape: Any = None, batch_size: int | None = None, dtype: Any = None,
                 sparse: bool | None = None, ragged: bool | None = None, batch_shape: Any = None,
                 input_tensor: Any = None, optional: bool = False, name: str | None = None,
                 **kwargs: Any):  # fmt: skip
        # Keras 2 spelled it input_shape, and batch_input_shape.
        shape = kwargs.pop("input_shape", shape)
        batch_shape = kwargs.pop("batch_input_shape", batch_shape)
        super().__init__(name=name)
        if kwargs:
            raise ValueError(f"Input() does not take the argument {sorted(kwargs)[0]!r}.")
        if sparse or ragged:
            raise ValueError("Input(): sparse and ragged inputs are not supported; use dense ones.")
        self.sparse, self.ragged, self.optional = bool(sparse), bool(ragged), optional
        tensor = input_tensor
        if tensor is None:
            tensor = KerasTensor(_batch_shape(shape, batch_size, batch_shape),
                                 dtype=standardize_dtype(dtype), name=self.name)  # fmt: skip
        elif not is_keras_tensor(tensor):
            raise ValueError(
                f"Input(tensor=...) expects a KerasTensor; got {tensor!r} of type "
                f"{type(tensor).__name__}."
            )
        self.batch_shape = tuple(tensor.shape)
        self._dtype = tensor.dtype
        self._input_tensor = tensor
        Node(self, outputs=tensor)
        self.built = True

    @property
    def dtype(self) -> Any:
        """The dtype of the input."""
        return self._dtype

    def call(self) -> None:
        """Return nothing: an input layer is not called."""
        return

    @property
    def input(self) -> KerasTensor:
        """The symbolic tensor, as in Keras 2 (Keras 3 has an empty list here)."""
        return self.output

    @property
    def output(self) -> KerasTensor:
        """The symbolic tensor with which the graph begins."""
        return self._input_tensor

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {
            "batch_shape": self.batch_shape, "dtype": str(self._dtype), "sparse": self.sparse,
            "ragged": self.ragged, "name": self.name, "optional": self.optional,
        }  # fmt: skip


def _batch_shape(shape: Any, batch_size: int | None, batch_shape: Any) -> Any:
    if batch_shape is not None:
        if shape is not None or batch_size is not None:
            raise ValueError(
                "Input(): pass either shape (and batch_size) or batch_shape, not both."
            )
        return standardize_shape(batch_shape)
    if shape is None:
        raise ValueError("Input(): pass the shape of one sample, such as shape=(784,).")
    return standardize_shape((batch_size, *standardize_shape(shape)))


def Input(shape: Any = None, batch_size: int | None = None, dtype: Any = None,
          sparse: bool | None = None, ragged: bool | None = None, batch_shape: Any = None,
          name: str | None = None, tensor: Any = None, optional: bool = False,
          **kwargs: Any) -> KerasTensor:  # fmt: skip
    """Return a symbolic tensor with which a model's graph begins.

    Args:
        shape: the shape of one sample, without the batch axis; `None` for unknown lengths.
        batch_size: the fixed batch size, or `None`.
        dtype: the dtype; `config.floatx()` by default; `"string"` for text.
        sparse, ragged: must be false or `None`.
        batch_shape: the shape with the batch axis, instead of `shape` and `batch_size`.
        name: the input's name, by which dicts of data are matched.
        tensor: a KerasTensor to use instead of a new one.
        optional: whether the input may be `None`.

    >>> import nyala
    >>> x = nyala.Input((784,), name="digits")
    >>> y = nyala.layers.Dense(10, activation="softmax")(x)
    >>> nyala.Model(x, y).count_params()
    7850
    """
    layer = InputLayer(shape=shape, batch_size=batch_size, dtype=dtype, sparse=sparse,
                       ragged=ragged, batch_shape=batch_shape, input_tensor=tensor,
                       optional=optional, name=name, **kwargs)  # fmt: skip
    return layer.output


def spec_of(tensor: KerasTensor, name: str | None = None) -> InputSpec:
    """Return what a model expects of the value for this input: any batch size."""
    return InputSpec(shape=(None, *tensor.shape[1:]), name=name, allow_last_axis_squeeze=True)
