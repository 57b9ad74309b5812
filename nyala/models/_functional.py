"""`Functional`: the model of a graph, as files name it."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.models._model import Model


# The outermost name is the one that is written, as Keras writes it; the others are read as well.
@enrol("keras.src.models.functional", name="Functional")
@enrol("keras.models", name="Functional", aliases=("Model",))
class Functional(Model):
    """The model of a graph between inputs and outputs; made by `Model(inputs, outputs)`.

    Args:
        inputs: a structure of symbolic tensors.
        outputs: a structure of symbolic tensors.
        name: a name; automatic by default.
        trainable: whether training changes the weights.

    >>> import nyala
    >>> x = nyala.Input((4,))
    >>> type(nyala.Model(x, nyala.layers.Dense(2)(x))).__name__
    'Functional'
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None, trainable: bool = True,
                 **kwargs: Any):  # fmt: skip
        super().__init__(inputs, outputs, name=name, trainable=trainable, **kwargs)
