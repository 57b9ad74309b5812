"""Losses by name, and to and from configs."""

from __future__ import annotations

from typing import Any

from nyala.core import (
    deserialize_keras_object,
    resolve_identifier,
    serialize_keras_object,
)
from nyala.losses import (
    _crossentropy,
    _divergence,
    _focal,
    _hinge,
    _regression,
    _robust,
    _segmentation,
    _sequence,
    _similarity,
)
from nyala.losses._loss import Loss, LossFunctionWrapper

_CLASSES = (
    Loss,
    LossFunctionWrapper,
    _crossentropy.BinaryCrossentropy,
    _crossentropy.CategoricalCrossentropy,
    _crossentropy.SparseCategoricalCrossentropy,
    _divergence.KLDivergence,
    _divergence.Poisson,
    _focal.BinaryFocalCrossentropy,
    _focal.CategoricalFocalCrossentropy,
    _focal.CategoricalGeneralizedCrossEntropy,
    _hinge.CategoricalHinge,
    _hinge.Hinge,
    _hinge.SquaredHinge,
    _regression.MeanAbsoluteError,
    _regression.MeanAbsolutePercentageError,
    _regression.MeanSquaredError,
    _regression.MeanSquaredLogarithmicError,
    _robust.Huber,
    _robust.LogCosh,
    _segmentation.Dice,
    _segmentation.Tversky,
    _sequence.CTC,
    _similarity.Circle,
    _similarity.CosineSimilarity,
)
_FUNCTIONS = (
    _crossentropy.binary_crossentropy,
    _crossentropy.categorical_crossentropy,
    _crossentropy.sparse_categorical_crossentropy,
    _divergence.kl_divergence,
    _divergence.poisson,
    _focal.binary_focal_crossentropy,
    _focal.categorical_focal_crossentropy,
    _focal.categorical_generalized_cross_entropy,
    _hinge.categorical_hinge,
    _hinge.hinge,
    _hinge.squared_hinge,
    _regression.mean_absolute_error,
    _regression.mean_absolute_percentage_error,
    _regression.mean_squared_error,
    _regression.mean_squared_logarithmic_error,
    _robust.huber,
    _robust.log_cosh,
    _segmentation.dice,
    _segmentation.tversky,
    _sequence.ctc,
    _similarity.circle,
    _similarity.cosine_similarity,
)
# Short and older names; each also in capitals.
_SHORT = {
    "bce": _crossentropy.binary_crossentropy,
    "kld": _divergence.kl_divergence,
    "mae": _regression.mean_absolute_error,
    "mape": _regression.mean_absolute_percentage_error,
    "mse": _regression.mean_squared_error,
    "msle": _regression.mean_squared_logarithmic_error,
}
BY_NAME: dict[str, Any] = {
    **{obj.__name__: obj for obj in (*_CLASSES, *_FUNCTIONS)},
    **_SHORT,
    **{name.upper(): obj for name, obj in _SHORT.items()},
    "huber_loss": _robust.huber,
    "kullback_leibler_divergence": _divergence.kl_divergence,
    "logcosh": _robust.log_cosh,
}


def get(identifier: Any) -> Any:
    """Return the loss that `identifier` means.

    Args:
        identifier: a name of a function (`"mse"`, `"mean_squared_error"`) or class
            (`"MeanSquaredError"`), a config dict, a class, a `Loss`, a function, or `None`.

    Returns:
        A function of `(y_true, y_pred)`, a `Loss`, or `None`.

    Raises:
        ValueError: the name is unknown; the nearest ones are named.

    >>> import nyala
    >>> nyala.losses.get("mse") is nyala.losses.mean_squared_error
    True
    >>> nyala.losses.get("Huber")
    <nyala.losses.Huber name=huber_loss reduction=sum_over_batch_size>
    """
    return resolve_identifier(identifier, BY_NAME, "loss")


def serialize(loss: Any, use_legacy_format: bool = False) -> Any:
    """Return a JSON-ready config of a loss or loss function.

    Args:
        loss: a `Loss` or a function.
        use_legacy_format: whether to write `{"class_name", "config"}` and functions as their bare
            names, as Keras 2 did.

    >>> import nyala
    >>> nyala.losses.serialize(nyala.losses.Huber(delta=2.0))["config"]["delta"]
    2.0
    """
    config = serialize_keras_object(loss)
    if not use_legacy_format:
        return config
    if config["class_name"] == "function":
        return config["config"]
    return {"class_name": config["class_name"], "config": config["config"]}


def deserialize(
    name: Any, custom_objects: dict | None = None, use_legacy_format: bool = False
) -> Any:
    """Return the loss that a config or the name of a loss describes.

    Args:
        name: what `serialize` returned, or a name.
        custom_objects: names of the user's classes and functions.
        use_legacy_format: accepted for Keras 2's sake; both forms are recognized.

    Raises:
        TypeError, ValueError: unknown name or malformed config.

    >>> import nyala
    >>> config = nyala.losses.serialize(nyala.losses.Huber(delta=2.0))
    >>> nyala.losses.deserialize(config).delta
    2.0
    """
    if isinstance(name, str):
        return resolve_identifier(
            name, BY_NAME, "loss", custom_objects=custom_objects, instantiate=False
        )
    return deserialize_keras_object(name, custom_objects=custom_objects, module_objects=BY_NAME)
