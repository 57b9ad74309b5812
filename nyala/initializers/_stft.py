"""The kernel with which a convolution computes a short-time Fourier transform."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nyala.core import enrol
from nyala.eager import Tensor
from nyala.initializers._initializer import Initializer, as_shape, on_device
from nyala.initializers._windows import check_window, get_window


@enrol("keras.initializers", aliases=("stft", "STFTInitializer"))
class STFT(Initializer):
    """Makes a 1D convolution's kernel the windowed waves of a short-time Fourier transform.

    The kernel has shape (frame length, 1 input channel, frequencies), with
    2 · (frequencies - 1) as the length of the transform.

    Args:
        side: `"real"` for the cosines or `"imag"` for the sines.
        window: a window's name such as `"hann"`, an array of the frame's length, or `None`.
        scaling: `"density"` (each window has unit energy), `"spectrum"` (unit sum) or `None`.
        periodic: whether a named window is periodic rather than symmetric.

    >>> import nyala
    >>> nyala.initializers.STFT("real")((16, 1, 9)).shape
    (16, 1, 9)
    """

    def __init__(
        self,
        side: str = "real",
        window: Any = "hann",
        scaling: str | None = "density",
        periodic: bool = False,
    ):
        if side not in ("real", "imag"):
            raise ValueError(f"STFT(side=...) expects 'real' or 'imag'; got {side!r}.")
        if scaling not in ("density", "spectrum", None):
            raise ValueError(
                f"STFT(scaling=...) expects 'density', 'spectrum' or None; got {scaling!r}."
            )
        if isinstance(window, str):
            check_window(window)
        self.side, self.window, self.scaling, self.periodic = side, window, scaling, periodic

    def __call__(self, shape: Any, dtype: Any = None) -> Tensor:
        """Return the kernel of `shape`."""
        frame_length, _, frequencies = as_shape(shape)
        time = np.arange(frame_length).reshape(-1, 1, 1)
        frequency = np.arange(frequencies) / (2 * (frequencies - 1))
        angle = -2 * math.pi * time * frequency
        kernel = np.cos(angle) if self.side == "real" else np.sin(angle)
        if self.window is not None:
            kernel = kernel * self._scaled_window(frame_length).reshape(-1, 1, 1)
        return on_device(kernel, dtype)

    def _scaled_window(self, frame_length: int) -> np.ndarray:
        if isinstance(self.window, str):
            window = get_window(self.window, frame_length, self.periodic)
        else:
            window = np.asarray(self.window, dtype="float64")
        if window.shape != (frame_length,):
            raise ValueError(
                f"STFT(window=...) must have the frame's length: expected shape "
                f"({frame_length},), got {window.shape}."
            )
        if self.scaling == "density":
            return window / np.sqrt(np.sum(window**2))
        return window / np.sum(np.abs(window)) if self.scaling == "spectrum" else window

    def get_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {
            "side": self.side,
            "window": self.window,
            "periodic": self.periodic,
            "scaling": self.scaling,
        }
