"""Metrics by name, and to and from configs."""

from __future__ import annotations

from typing import Any

from nyala import losses
from nyala.core import (
    by_names,
    deserialize_keras_object,
    resolve_identifier,
    serialize_keras_object,
)
from nyala.metrics._accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
)
from nyala.metrics._auc import AUC
from nyala.metrics._correlation import ConcordanceCorrelation, PearsonCorrelation
from nyala.metrics._counts import (
    FalseNegatives,
    FalsePositives,
    Precision,
    Recall,
    TrueNegatives,
    TruePositives,
)
from nyala.metrics._f_score import F1Score, FBetaScore
from nyala.metrics._hinge import CategoricalHinge, Hinge, SquaredHinge
from nyala.metrics._iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from nyala.metrics._keras2 import MeanRelativeError, MeanTensor
from nyala.metrics._mean import Mean, MeanMetricWrapper, Sum
from nyala.metrics._metric import Metric
from nyala.metrics._operating_point import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from nyala.metrics._probabilistic import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    Poisson,
    SparseCategoricalCrossentropy,
)
from nyala.metrics._r2 import R2Score
from nyala.metrics._regression import (
    CosineSimilarity,
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    RootMeanSquaredError,
)

_SHORT = {
    "bce": BinaryCrossentropy,
    "kld": KLDivergence,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "mse": MeanSquaredError,
    "msle": MeanSquaredLogarithmicError,
    "rmse": RootMeanSquaredError,
}
BY_NAME: dict[str, Any] = {
    **by_names(
        AUC, Accuracy, BinaryAccuracy, BinaryCrossentropy, BinaryIoU, CategoricalAccuracy,
        CategoricalCrossentropy, CategoricalHinge, ConcordanceCorrelation, CosineSimilarity,
        F1Score, FBetaScore, FalseNegatives, FalsePositives, Hinge, IoU, KLDivergence,
        LogCoshError, Mean, MeanAbsoluteError, MeanAbsolutePercentageError, MeanIoU,
        MeanMetricWrapper, MeanRelativeError, MeanSquaredError, MeanSquaredLogarithmicError,
        MeanTensor, Metric, OneHotIoU, OneHotMeanIoU, PearsonCorrelation, Poisson, Precision,
        PrecisionAtRecall, R2Score, Recall, RecallAtPrecision, RootMeanSquaredError,
        SensitivityAtSpecificity, SparseCategoricalAccuracy, SparseCategoricalCrossentropy,
        SparseTopKCategoricalAccuracy, SpecificityAtSensitivity, SquaredHinge, Sum,
        TopKCategoricalAccuracy, TrueNegatives, TruePositives,
    ),
    **_SHORT,
    **{name.upper(): cls for name, cls in _SHORT.items()},
    "kullback_leibler_divergence": KLDivergence,
    "log_cosh": LogCoshError,
    "logcosh": LogCoshError,
    # Functions without a metric class of their own; training wraps them in a mean.
    "binary_focal_crossentropy": losses.binary_focal_crossentropy,
    "categorical_focal_crossentropy": losses.categorical_focal_crossentropy,
    "huber": losses.huber,
}  # fmt: skip


def get(identifier: Any) -> Any:
    """Return the metric that `identifier` means.

    Args:
        identifier: a name (`"mse"`, `"MeanSquaredError"`, `"mean_squared_error"`), a config dict,
            a class, a `Metric`, a function of `(y_true, y_pred)`, or `None`.

    Returns:
        A `Metric`, a function, or `None`. (`"accuracy"` is `Accuracy` here: exact equality. That
        `compile` takes the kind of accuracy that fits the shapes is `resolve_accuracy`.)

    Raises:
        ValueError: the name is unknown; the nearest ones are named.

    >>> import nyala
    >>> nyala.metrics.get("auc")
    <nyala.metrics.AUC name=auc>
    """
    return resolve_identifier(identifier, BY_NAME, "metric")


def serialize(metric: Any, use_legacy_format: bool = False) -> Any:
    """Return a JSON-ready config of a metric or metric function.

    Args:
        metric: a `Metric` or a function.
        use_legacy_format: whether to write `{"class_name", "config"}` and functions as their bare
            names, as Keras 2 did.

    >>> import nyala
    >>> nyala.metrics.serialize(nyala.metrics.MeanIoU(3))["config"]["num_classes"]
    3
    """
    config = serialize_keras_object(metric)
    if not use_legacy_format:
        return config
    if config["class_name"] == "function":
        return config["config"]
    return {"class_name": config["class_name"], "config": config["config"]}


def deserialize(
    config: Any, custom_objects: dict | None = None, use_legacy_format: bool = False
) -> Any:
    """Return the metric that a config or the name of a metric describes.

    Args:
        config: what `serialize` returned, or a name (then the class itself is returned).
        custom_objects: names of the user's classes and functions.
        use_legacy_format: accepted for Keras 2's sake; both forms are recognized.

    Raises:
        TypeError, ValueError: unknown name or malformed config.

    >>> import nyala
    >>> config = nyala.metrics.serialize(nyala.metrics.MeanIoU(3))
    >>> nyala.metrics.deserialize(config).num_classes
    3
    """
    if isinstance(config, str):
        return resolve_identifier(
            config, BY_NAME, "metric", custom_objects=custom_objects, instantiate=False
        )
    return deserialize_keras_object(config, custom_objects=custom_objects, module_objects=BY_NAME)
