"""Signals in time and frequency: frames, short-time Fourier transforms."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala.eager import Array, Arrays, op
from nyala.ops._fourier import complex_of, parts_of


@op
def extract_sequences(x: Array, sequence_length: int, sequence_stride: int) -> Array:
    """Frames cut out of a signal at equal distances.

    Args:
        x: signals of shape `(..., samples)`.
        sequence_length: samples of a frame.
        sequence_stride: samples from the beginning of a frame to that of the next.

    Returns:
        A tensor of shape `(..., frames, sequence_length)`; samples that do not fill a frame at the
        end are left out.

    >>> import nyala
    >>> nyala.ops.extract_sequences([1, 2, 3, 4, 5], 3, 2).numpy()
    array([[1, 2, 3],
           [3, 4, 5]], dtype=int32)
    """
    x = jnp.asarray(x)
    return x[..., _frame_positions(x.shape[-1], sequence_length, sequence_stride)]


def _frame_positions(samples: int, length: int, stride: int) -> np.ndarray:
    frames = max(0, 1 + (samples - length) // stride)
    return np.arange(frames)[:, None] * stride + np.arange(length)


@op
def stft(
    x: Array,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    window: Any = "hann",
    center: bool = True,
) -> tuple:
    """Short-time Fourier transform: the spectra of overlapping frames.

    Args:
        x: float32 or float64 signals of shape `(..., samples)`.
        sequence_length: samples of a frame.
        sequence_stride: samples from one frame to the next.
        fft_length: to which length a frame is filled with zeros; at least `sequence_length`.
        window: `"hann"`, `"hamming"`, `sequence_length` numbers, or `None` for no weighting.
        center: whether the signal is mirrored at both ends so that frames are centered on samples.

    Returns:
        A pair of tensors of shape `(..., frames, fft_length // 2 + 1)`, the real and the imaginary
        parts.

    Raises:
        TypeError: another dtype.
        ValueError: an `fft_length` below `sequence_length`, or an unknown window.

    >>> import nyala
    >>> real, imag = nyala.ops.stft(nyala.ops.arange(8.0), 4, 2, 4)
    >>> real.shape
    (5, 3)
    """
    x = jnp.asarray(x)
    if x.dtype not in (jnp.float32, jnp.float64):
        raise TypeError(f"x must be float32 or float64; got {x.dtype}.")
    weights = _window(window, sequence_length, fft_length, x.dtype)
    if center:
        border = [(0, 0)] * (x.ndim - 1) + [(fft_length // 2, fft_length // 2)]
        x = jnp.pad(x, border, mode="reflect")
    frames = x[..., _frame_positions(x.shape[-1], fft_length, sequence_stride)]
    return parts_of(jnp.fft.rfft(frames * weights))


def _window(window: Any, length: int, fft_length: int, dtype: Any) -> np.ndarray:
    """Return the weights of a frame, in the middle of `fft_length` numbers."""
    if fft_length < length:
        raise ValueError(
            f"fft_length must be at least sequence_length; got {fft_length} and {length}."
        )
    if window is None:
        return np.ones(fft_length, dtype)
    angles = 2 * math.pi * np.arange(length) / length
    if isinstance(window, str):
        named = {"hann": 0.5 - 0.5 * np.cos(angles), "hamming": 0.54 - 0.46 * np.cos(angles)}
        if window not in named:
            raise ValueError(f"window must be 'hann', 'hamming' or numbers; got {window!r}.")
        weights = named[window]
    else:
        weights = np.asarray(window)
    if weights.shape != (length,):
        raise ValueError(f"window must have shape ({length},); got {weights.shape}.")
    left = (fft_length - length) // 2
    return np.pad(weights, (left, fft_length - length - left)).astype(dtype)


@op
def istft(
    x: Arrays,
    sequence_length: int,
    sequence_stride: int,
    fft_length: int,
    length: int | None = None,
    window: Any = "hann",
    center: bool = True,
) -> Array:
    """Inverse of `stft`: overlapping frames added up.

    Args:
        x: a pair of float arrays of shape `(..., frames, fft_length // 2 + 1)`, the real and the
            imaginary parts.
        sequence_length: samples of a frame.
        sequence_stride: samples from one frame to the next.
        fft_length: the length to which frames were filled.
        length: samples of the result; by default what the frames give.
        window: the window that `stft` was given.
        center: whether `stft` mirrored the ends, which are then cut off.

    Returns:
        A float tensor of shape `(..., samples)`.

    Daniel W. Griffin and Jae S. Lim, "Signal estimation from modified short-time Fourier
    transform", 1984: the sum of the weighted frames over that of the squared weights.

    >>> import nyala
    >>> spectrum = nyala.ops.stft(nyala.ops.arange(8.0), 4, 2, 4)
    >>> nyala.ops.istft(spectrum, 4, 2, 4).numpy().round(3)
    array([0., 1., 2., 3., 4., 5., 6., 7.], dtype=float32)
    """
    spectrum = complex_of(x)
    if spectrum.ndim < 2:
        raise ValueError(f"x must have at least 2 axes; got shape {spectrum.shape}.")
    weights = _window(window, sequence_length, fft_length, spectrum.real.dtype)
    frames = jnp.fft.irfft(spectrum, fft_length) * weights
    signal = _overlap_add(frames, sequence_stride)
    energy = _overlap_add(np.broadcast_to(weights**2, frames.shape[-2:]), sequence_stride)
    signal = signal / jnp.where(energy > 1e-10, energy, 1)
    start = fft_length // 2 if center else 0
    end = signal.shape[-1] - start if length is None else start + length
    return signal[..., start:end]


def _overlap_add(frames: Array, stride: int) -> Array:
    """Return the sum of frames, each put where it was cut out."""
    number, length = frames.shape[-2:]
    samples = length + stride * (number - 1)
    positions = _frame_positions(samples, length, stride)
    signal = jnp.zeros((*frames.shape[:-2], samples), frames.dtype)
    return signal.at[..., positions].add(frames)
