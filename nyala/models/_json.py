"""Models from JSON."""

from __future__ import annotations

from typing import Any

from nyala.models._model import Model
from nyala.saving import ModelFileError, object_from_json


def model_from_json(json_string: str, custom_objects: dict | None = None) -> Model:
    """Return a model, with new weights, of the architecture that `Model.to_json` wrote.

    Args:
        json_string: JSON text; that of Keras 2 and 3 is read as well.
        custom_objects: a dict from names to your classes and functions that the text names.

    Raises:
        ModelFileError: the text is not JSON, or describes something other than a model that can be
            made (a `ValueError`).

    >>> import nyala
    >>> x = nyala.Input((4,))
    >>> text = nyala.Model(x, nyala.layers.Dense(2)(x)).to_json()
    >>> nyala.models.model_from_json(text).count_params()
    10
    """
    if not isinstance(json_string, (str, bytes)):
        raise ValueError(
            f"model_from_json expects the text that model.to_json() returns; got "
            f"{json_string!r:.80}."
        )
    model: Any = object_from_json(json_string, "the text given to model_from_json", custom_objects)
    if not isinstance(model, Model):
        raise ModelFileError(
            f"model_from_json: the text describes a {type(model).__name__}, not a model."
        )
    return model
