"""`LayerOfCell`: an RNN whose cell is made from the layer's own arguments."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nyala import regularizers
from nyala.layers.recurrent._rnn import RNN

_OF_EVERY_LAYER = ("name", "trainable", "dtype")


class LayerOfCell(RNN):
    """An RNN that shows its cell's arguments as its own."""

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        config = super().get_config()
        del config["cell"]
        of_cell = self.cell.get_config()
        return {
            **config,
            **{key: value for key, value in of_cell.items() if key not in _OF_EVERY_LAYER},
            "activity_regularizer": regularizers.serialize(self.activity_regularizer),
        }

    @classmethod
    def from_config(cls, config: dict) -> LayerOfCell:
        """Return a layer from `get_config()`."""
        return cls(**config)


def cell_options(kwargs: dict, name: str) -> dict[str, Any]:
    """Return a layer's options that its cell has too; take out what only the cell has."""
    options = {"name": name, "dtype": kwargs.get("dtype"),
               "trainable": kwargs.get("trainable", True)}  # fmt: skip
    if "implementation" in kwargs:
        options["implementation"] = kwargs.pop("implementation")
    return options


def check_use_cudnn(value: Any, who: str) -> Any:
    """Return `use_cudnn`; the fastest way of the platform is taken whatever it is."""
    if value not in ("auto", True, False):
        raise ValueError(f"{who}(use_cudnn=...) expects 'auto', True or False; got {value!r}.")
    return value


def shows_cell(*names: str) -> Callable[[type], type]:
    """Give a class a read-only property for each of these attributes of its cell."""

    def decorate(cls: type) -> type:
        for name in names:
            setattr(cls, name, property(lambda self, name=name: getattr(self.cell, name),
                                        doc=f"The cell's `{name}`."))  # fmt: skip
        return cls

    return decorate


COMMON = (
    "activation", "use_bias", "kernel_initializer", "recurrent_initializer", "bias_initializer",
    "kernel_regularizer", "recurrent_regularizer", "bias_regularizer", "kernel_constraint",
    "recurrent_constraint", "bias_constraint", "dropout", "recurrent_dropout",
)  # fmt: skip
