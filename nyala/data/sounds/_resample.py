"""Sound at another sampling rate."""

from __future__ import annotations

import math

import numpy as np


def resampled(samples: np.ndarray, rate: int, new_rate: int) -> np.ndarray:
    """Return sound as it would have been recorded at another rate.

    A low-pass filter of finite length (Kaiser's window, beta 5) keeps frequencies that the lower
    rate cannot hold from being heard as others; the sound is taken to be silent before and after.

    Args:
        samples: float array of shape `(samples, channels)`.
        rate: samples a second.
        new_rate: samples a second of the result.

    Returns:
        Array of shape `(ceil(samples * new_rate / rate), channels)`.

    >>> import numpy as np
    >>> from nyala.data.sounds import resampled
    >>> resampled(np.zeros((441, 2), "float32"), 44_100, 16_000).shape
    (160, 2)

    Source: J. O. Smith, "Digital Audio Resampling Home Page",
    https://ccrma.stanford.edu/~jos/resample/.
    """
    if rate == new_rate or not len(samples):
        return samples
    from scipy import signal  # comes with jax; here, because most users never need it

    common = math.gcd(rate, new_rate)
    result = signal.resample_poly(samples, new_rate // common, rate // common, axis=0)
    return result.astype(samples.dtype)
