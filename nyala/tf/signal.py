"""`tf.signal`: Fourier transforms, frames and windows."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from nyala import ops
from nyala.core import respelled
from nyala.eager import Array, op
from nyala.tf._absent import refuse_others

_HINTS = {
    "dct": "Use jax.scipy.fft.dct.",
    "linear_to_mel_weight_matrix": "Use nyala.layers.MelSpectrogram.",
    "mfccs_from_log_mel_spectrograms": "Use nyala.layers.MelSpectrogram.",
}


def _transform(name: str, function: Any, axes: int) -> Any:
    @op(name=f"signal_{name}")
    def run(x: Array) -> Array:
        return function(x)

    def transform(input: Any, name: str | None = None) -> Any:
        return run(ops.convert_to_tensor(input))

    transform.__name__ = transform.__qualname__ = name
    inverse = "inverse " if name.startswith("i") else ""
    transform.__doc__ = (
        f"Return the {inverse}Fourier transform of complex numbers along {axes} axes."
    )
    return transform


fft = _transform("fft", jnp.fft.fft, 1)
ifft = _transform("ifft", jnp.fft.ifft, 1)
fft2d = _transform("fft2d", jnp.fft.fft2, 2)
ifft2d = _transform("ifft2d", jnp.fft.ifft2, 2)


def rfft(input: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """Return the Fourier transform of real numbers, complex, along the last axis."""
    return _complex(ops.rfft(input, _length(fft_length)))


def irfft(input: Any, fft_length: Any = None, name: str | None = None) -> Any:
    """Return the inverse of `rfft`."""
    return ops.irfft((ops.real(input), ops.imag(input)), _length(fft_length))


def _length(fft_length: Any) -> int | None:
    return None if fft_length is None else int(np.asarray(fft_length).reshape(-1)[0])


def _complex(parts: Any) -> Any:
    return ops.view_as_complex(ops.stack(list(parts), axis=-1))


def frame(signal: Any, frame_length: int, frame_step: int, pad_end: bool = False,
          pad_value: Any = 0, axis: int = -1, name: str | None = None) -> Any:  # fmt: skip
    """Return frames cut out of a signal at equal distances, along the last axis.

    >>> import nyala
    >>> nyala.tf.signal.frame([1, 2, 3, 4], 2, 2).numpy().tolist()
    [[1, 2], [3, 4]]
    """
    signal = ops.convert_to_tensor(signal)
    if axis not in (-1, len(signal.shape) - 1):
        raise ValueError(f"tf.signal.frame: frames are cut along the last axis; got axis={axis}.")
    if pad_end:
        samples = signal.shape[-1]
        missing = max((-(-samples // frame_step) - 1) * frame_step + frame_length - samples, 0)
        border = [(0, 0)] * (len(signal.shape) - 1) + [(0, missing)]
        signal = ops.pad(signal, border, constant_values=pad_value)
    return ops.extract_sequences(signal, int(frame_length), int(frame_step))


def hann_window(window_length: int, periodic: bool = True, dtype: Any = "float32",
                name: str | None = None) -> Any:  # fmt: skip
    """Return Hann's window."""
    return _window(np.hanning, window_length, periodic, dtype)


def hamming_window(window_length: int, periodic: bool = True, dtype: Any = "float32",
                   name: str | None = None) -> Any:  # fmt: skip
    """Return Hamming's window."""
    return _window(np.hamming, window_length, periodic, dtype)


def _window(function: Any, length: int, periodic: bool, dtype: Any) -> Any:
    length = int(length)
    window = function(length + 1)[:-1] if periodic else function(length)
    return ops.convert_to_tensor(window, dtype)


def stft(
    signals: Any,
    frame_length: int,
    frame_step: int,
    fft_length: int | None = None,
    window_fn: Any = hann_window,
    pad_end: bool = False,
    name: str | None = None,
) -> Any:
    """Return the spectra of overlapping frames, complex.

    Args:
        signals: floats of shape `(..., samples)`.
        frame_length: samples of a frame.
        frame_step: samples from one frame to the next.
        fft_length: to which length a frame is filled with zeros; the next power of two by default.
        window_fn: a function of a length that returns a window, or `None`.
        pad_end: whether zeros are added so that every sample is in a frame.
        name: accepted for TensorFlow's sake.

    Returns:
        A tensor of shape `(..., frames, fft_length // 2 + 1)`.

    >>> import nyala
    >>> nyala.tf.signal.stft(nyala.tf.zeros((16,)), frame_length=8, frame_step=4).shape
    (3, 5)
    """
    frames = frame(signals, frame_length, frame_step, pad_end)
    if window_fn is not None:
        frames = frames * window_fn(frame_length)
    return rfft(frames, _power_of_two(frame_length) if fft_length is None else fft_length)


def _power_of_two(length: int) -> int:
    return 1 << (int(length) - 1).bit_length()


def inverse_stft(stfts: Any, frame_length: int, frame_step: int, fft_length: int | None = None,
                 window_fn: Any = hann_window, name: str | None = None) -> Any:  # fmt: skip
    """Return the signal of overlapping frames' spectra: frames times a window, added up.

    With `window_fn=tf.signal.inverse_stft_window_fn(frame_step)` it undoes `stft`.
    """
    length = _power_of_two(frame_length) if fft_length is None else int(fft_length)
    frames = irfft(stfts, length)[..., : int(frame_length)]
    frames = frames if window_fn is None else frames * window_fn(frame_length)
    return overlap_and_add(frames, frame_step)


def inverse_stft_window_fn(frame_step: int, forward_window_fn: Any = hann_window,
                           name: str | None = None) -> Any:  # fmt: skip
    """Return the window with which `inverse_stft` undoes `stft`."""

    def window(frame_length: int, dtype: Any = "float32") -> Any:
        forward = np.asarray(forward_window_fn(frame_length))
        power = np.zeros(frame_step * -(-frame_length // frame_step), forward.dtype)
        power[:frame_length] = forward**2
        total = np.tile(power.reshape(-1, frame_step).sum(0), len(power) // frame_step)
        return ops.convert_to_tensor(forward / total[:frame_length], dtype)

    return window


@op(name="overlap_and_add")
def _overlap_and_add(frames: Array, step: int) -> Array:
    number, length = frames.shape[-2:]
    places = (jnp.arange(number)[:, None] * step + jnp.arange(length)).reshape(-1)
    total = jnp.zeros((*frames.shape[:-2], (number - 1) * step + length), frames.dtype)
    return total.at[..., places].add(frames.reshape(*frames.shape[:-2], -1))


def overlap_and_add(signal: Any, frame_step: int, name: str | None = None) -> Any:
    """Return the signal of which frames, `frame_step` samples apart, are the summands."""
    return _overlap_and_add(ops.convert_to_tensor(signal), int(frame_step))


kaiser_window = respelled("tf.signal.kaiser_window", ops.kaiser, "window_length", "beta")

__all__ = [
    "fft", "fft2d", "frame", "hamming_window", "hann_window", "ifft", "ifft2d", "inverse_stft",
    "inverse_stft_window_fn", "irfft", "kaiser_window", "overlap_and_add", "rfft", "stft",
]  # fmt: skip

__getattr__ = refuse_others("tf.signal", __all__, _HINTS)
