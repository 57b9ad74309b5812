"""Window functions by name, symmetric or periodic, on the host."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from nyala.core import did_you_mean

# Coefficients of sums of cosines: a0 - a1 cos(t) + a2 cos(2t) - …, t from 0 to 2π (Harris 1978,
# Nuttall 1981; the flat top is that of D'Antona and Ferrero).
_COSINE_SUMS = {
    "boxcar": (1.0,),
    "hann": (0.5, 0.5),
    "hamming": (0.54, 0.46),
    "blackman": (0.42, 0.5, 0.08),
    "nuttall": (0.3635819, 0.4891775, 0.1365995, 0.0106411),
    "blackmanharris": (0.35875, 0.48829, 0.14128, 0.01168),
    "flattop": (0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368),
}
_SYNONYMS = {
    "hanning": "hann",
    "ham": "hamming",
    "rectangular": "boxcar",
    "ones": "boxcar",
    "triangle": "triang",
    "sine": "cosine",
}


def _cosine_sum(coefficients: tuple) -> Callable[[int], np.ndarray]:
    def window(n: int) -> np.ndarray:
        t = np.linspace(0.0, 2 * math.pi, n)
        return sum((-1) ** k * a * np.cos(k * t) for k, a in enumerate(coefficients))

    return window


def _bohman(n: int) -> np.ndarray:
    x = np.abs(np.linspace(-1.0, 1.0, n))
    window = (1 - x) * np.cos(math.pi * x) + np.sin(math.pi * x) / math.pi
    window[[0, -1]] = 0.0
    return window


def _barthann(n: int) -> np.ndarray:
    x = np.abs(np.linspace(-0.5, 0.5, n))
    return 0.62 - 0.48 * x + 0.38 * np.cos(2 * math.pi * x)


def _triangle(n: int) -> np.ndarray:
    reach = n / 2 if n % 2 == 0 else (n + 1) / 2
    return 1 - np.abs(np.arange(n) - (n - 1) / 2) / reach


def _parzen(n: int) -> np.ndarray:
    x = np.abs(np.arange(n) - (n - 1) / 2) / (n / 2)
    return np.where(x <= 0.5, 1 - 6 * x**2 * (1 - x), 2 * np.maximum(1 - x, 0) ** 3)


def _tukey(n: int) -> np.ndarray:
    x = np.linspace(0.0, 1.0, n)
    edge = np.minimum(np.minimum(x, 1 - x) * 4, 1.0)
    return 0.5 - 0.5 * np.cos(math.pi * edge)


WINDOWS: dict[str, Callable[[int], np.ndarray]] = {
    **{name: _cosine_sum(coefficients) for name, coefficients in _COSINE_SUMS.items()},
    "bartlett": lambda n: 1 - np.abs(np.linspace(-1.0, 1.0, n)),
    "barthann": _barthann,
    "bohman": _bohman,
    "cosine": lambda n: np.sin(math.pi * (np.arange(n) + 0.5) / n),
    "lanczos": lambda n: np.sinc(np.linspace(-1.0, 1.0, n)),
    "parzen": _parzen,
    "triang": _triangle,
    "tukey": _tukey,
}


def check_window(name: str) -> None:
    """Raise a `ValueError` unless `name` is that of a window."""
    if name not in WINDOWS and name not in _SYNONYMS:
        options = [*WINDOWS, *_SYNONYMS]
        raise ValueError(
            f"Unknown window {name!r}: expected one of {', '.join(options)}, or an array."
            f"{did_you_mean(name, options)}"
        )


def get_window(name: str, length: int, periodic: bool) -> np.ndarray:
    """Return `length` values of a window; periodic ones continue into the next frame."""
    check_window(name)
    if length == 1:
        return np.ones(1)
    window = WINDOWS[_SYNONYMS.get(name, name)]
    return window(length + 1)[:-1] if periodic else window(length)
