"""Labels that name no class."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala.eager import Tensor, is_host_array, is_tracer


def check_labels(labels: Any, classes: int | None, ignore_class: int | None = None) -> None:
    """Raise a `ValueError` that names the first label outside `[0, classes)`.

    Only labels that lie in the host's memory already are looked at: none is computed or copied
    from a device for this, and compiled code passes.

    Args:
        labels: class numbers of any shape.
        classes: the number of classes, or `None` where it is not known.
        ignore_class: a label that is allowed besides.
    """
    array = _on_host(labels)
    if array is None or not classes or not array.size:
        return
    if ignore_class is None and array.min() >= 0 and array.max() < classes:
        return
    wrong = (array < 0) | (array >= classes)
    if ignore_class is not None:
        wrong &= array != ignore_class
    if not wrong.any():
        return
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = first[0] if len(first) == 1 else first
    raise ValueError(
        f"Label {array[first].item()} at index {place} is outside [0, {classes}), the classes that "
        f"the predictions have. Check the labels, give the last layer at least "
        f"{int(array.max()) + 1} units, or name a label to skip with ignore_class=."
        if array[first] >= 0
        else f"Label {array[first].item()} at index {place} is outside [0, {classes}): class "
        "numbers begin at 0. To skip this label pass ignore_class=."
    )


def _on_host(labels: Any) -> np.ndarray | None:
    if isinstance(labels, Tensor):
        labels = labels._data
        if labels is None or is_tracer(labels) or is_host_array(labels):
            return None
    if isinstance(labels, np.ndarray):
        array = labels
    elif isinstance(labels, (list, tuple, int)):
        try:
            array = np.asarray(labels)
        except (TypeError, ValueError):
            return None
    elif hasattr(labels, "devices") and not is_tracer(labels):
        if any(device.platform != "cpu" for device in labels.devices()):
            return None
        array = np.asarray(labels)
    else:
        return None
    return array if array.dtype.kind in "iuf" else None
