"""`Functional`: the model of a graph, as files name it."""

from __future__ import annotations

from typing import Any

from nyala.core import enrol
from nyala.models._functional_config import functional_config, functional_from_config
from nyala.models._model import Model


@enrol("keras.models", name="Functional", aliases=("Model",))
@enrol("keras.src.models.functional", name="Functional")
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

    def get_config(self) -> dict[str, Any]:
        """Return the layers and how they are connected."""
        return functional_config(self)

    @classmethod
    def from_config(cls, config: dict, custom_objects: dict | None = None) -> Functional:
        """Return a model from `get_config()`."""
        return functional_from_config(cls, config, custom_objects)
