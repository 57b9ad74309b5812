"""How alike two images look."""

from __future__ import annotations

import jax.numpy as jnp

from nyala.eager import Array, op
from nyala.ops._dtypes import as_float
from nyala.ops._image_filters import gaussian, separable_filter
from nyala.ops._image_layout import as_batch


@op
def ssim(
    image1: Array,
    image2: Array,
    max_val: float = 1.0,
    filter_size: int = 11,
    filter_sigma: float = 1.5,
    k1: float = 0.01,
    k2: float = 0.03,
    data_format: str | None = None,
) -> Array:
    """Structural similarity of images.

    After Wang et al. 2004, "Image quality assessment: from error visibility to structural
    similarity".

    Args:
        image1: array of shape `(height, width, channels)` or with a batch axis in front, or
            channels first; at least `filter_size` high and wide.
        image2: array of the same shape.
        max_val: the largest value that is possible, such as 255 or 1.
        filter_size: the side of the window in which images are compared, in pixels.
        filter_sigma: the standard deviation of the Gaussian that weights it.
        k1: steadies the comparison of dark places.
        k2: steadies that of places without contrast.
        data_format: `"channels_last"`, `"channels_first"`, or `None` for the configured one.

    Returns:
        A tensor of shape `(batch,)`, or a scalar for one image, in the dtype of `image1`: 1 where
        the images are equal.

    >>> import nyala
    >>> image = nyala.ops.ones((16, 16, 3))
    >>> float(nyala.ops.image.ssim(image, image))
    1.0
    """
    if jnp.shape(image1) != jnp.shape(image2):
        raise ValueError(
            f"the images must have the same shape; got {jnp.shape(image1)} and {jnp.shape(image2)}."
        )
    dtype, single = jnp.asarray(image1).dtype, jnp.ndim(image1) == 3
    first, _ = as_batch(as_float(image1), data_format)
    second, _ = as_batch(as_float(image2), data_format)
    taps = gaussian(filter_size, filter_sigma, first.dtype)

    def local_mean(x):
        return separable_filter(x, taps, taps, "valid")

    mean1, mean2 = local_mean(first), local_mean(second)
    variances = local_mean(first**2) + local_mean(second**2) - mean1**2 - mean2**2
    covariance = local_mean(first * second) - mean1 * mean2
    c1, c2 = (k1 * max_val) ** 2, (k2 * max_val) ** 2
    similarity = ((2 * mean1 * mean2 + c1) * (2 * covariance + c2)) / (
        (mean1**2 + mean2**2 + c1) * (variances + c2)
    )
    result = jnp.mean(similarity, axis=(1, 2, 3)).astype(dtype)
    return result[0] if single else result
