"""`smart_resize`: cropping to proportions, then resizing."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.core import standardize_data_format
from nyala.data.images import plan_fit


def smart_resize(x: Any, size: Any, interpolation: str = "bilinear",
                 data_format: str | None = "channels_last", **kwargs: Any) -> Any:  # fmt: skip
    """Return an image or a batch resized without distortion: what does not fit is cut off.

    The largest part from the middle that has the proportions of `size` is resized to `size`.

    Args:
        x: of shape `(height, width, channels)` or `(batch, height, width, channels)`.
        size: the new height and width.
        interpolation: as in `ops.image.resize`.
        data_format: `"channels_last"` or `"channels_first"`.
        **kwargs: `backend_module`, accepted for Keras' sake.

    Returns:
        A NumPy array where `x` is one, else a tensor.

    Raises:
        ValueError: `x` has another number of axes, or `size` another length.

    >>> import nyala, numpy as np
    >>> nyala.preprocessing.image.smart_resize(np.ones((340, 500, 3)), (20, 20)).shape
    (20, 20, 3)
    """
    kwargs.pop("backend_module", None)
    if kwargs:
        raise TypeError(f"smart_resize got unexpected arguments: {', '.join(kwargs)}.")
    if len(size) != 2:
        raise ValueError(f"smart_resize expects size=(height, width); got {size!r}.")
    images = ops.convert_to_tensor(x)
    if len(images.shape) not in (3, 4):
        raise ValueError(
            "smart_resize expects one image or a batch, of three or four axes; got shape "
            f"{tuple(images.shape)}."
        )
    data_format = standardize_data_format(data_format)
    last = data_format == "channels_last"
    shape = images.shape[-3:-1] if last else images.shape[-2:]
    rows, columns = plan_fit((shape[0], shape[1]), tuple(size), "crop").crop
    images = images[..., rows, columns, :] if last else images[..., rows, columns]
    images = ops.image.resize(
        images, tuple(size), interpolation=interpolation, data_format=data_format
    )
    return np.array(images) if isinstance(x, np.ndarray) else images
