"""`STFTSpectrogram`: the spectra of overlapping frames of sound, as a convolution."""

from __future__ import annotations

import math
import warnings
from typing import Any

from nyala import initializers, ops
from nyala.core import enrol, epsilon, standardize_data_format
from nyala.layers.base import InputSpec, Layer, positive_integer
from nyala.layers.preprocessing.image._arguments import one_of

_MODES = ("log", "magnitude", "psd", "real", "imag", "angle", "stft")


@enrol("keras.layers")
class STFTSpectrogram(Layer):
    """Computes the spectra of overlapping frames with weights that can be trained.

    Args:
        mode: what of the spectra: `"log"` of magnitudes, `"magnitude"`, `"psd"` (power spectral
            density), the `"real"` or the `"imag"` part, the `"angle"`, or both parts (`"stft"`).
        frame_length: samples of a frame.
        frame_step: samples from the beginning of a frame to that of the next; half of
            `frame_length` by default.
        fft_length: length of the Fourier transform, at least `frame_length`; the next power of two
            by default.
        window: a window's name such as `"hann"`, `frame_length` numbers, or `None`.
        periodic: whether a named window is periodic rather than symmetric.
        scaling: of the window: `"density"`, `"spectrum"` or `None`.
        padding: `"valid"` or `"same"`.
        expand_dims: whether frequencies get an axis of their own.
        data_format: `"channels_last"` or `"channels_first"`; `config.image_data_format()` by
            default.

    Input shape: `(batch, samples, channels)`, or `(batch, channels, samples)`. Output shape, with
    `fft_length // 2 + 1` frequencies (twice as many for `"stft"`): `(batch, frames,
    frequencies * channels)`, with `expand_dims` `(batch, frames, frequencies, channels)`; or
    channels first `(batch, frequencies * channels, frames)`, with `expand_dims` `(batch, channels,
    frames, frequencies)`.

    >>> import nyala
    >>> layer = nyala.layers.STFTSpectrogram(mode="magnitude", frame_length=16)
    >>> layer(nyala.ops.ones((2, 64, 1))).shape
    (2, 7, 9)

    Source: Cheuk et al., "nnAudio: An on-the-Fly GPU Audio to Spectrogram Conversion Toolbox Using
    1D Convolutional Neural Networks", 2020.
    """

    def __init__(self, mode: str = "log", frame_length: int = 256, frame_step: int | None = None,
                 fft_length: int | None = None, window: Any = "hann", periodic: bool = False,
                 scaling: str | None = "density", padding: str = "valid",
                 expand_dims: bool = False, data_format: str | None = None,
                 **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        who = "STFTSpectrogram"
        self.mode = one_of(mode, _MODES, f"{who}(mode=...)")
        self.frame_length = positive_integer(frame_length, f"{who}(frame_length=...)")
        if frame_step is not None and not 1 <= frame_step <= frame_length:
            raise ValueError(
                f"{who}(frame_step=...) expects an integer from 1 to frame_length={frame_length}; "
                f"got {frame_step}."
            )
        if fft_length is not None and fft_length < frame_length:
            raise ValueError(
                f"{who}(fft_length=...) expects at least frame_length={frame_length}; got "
                f"{fft_length}."
            )
        if fft_length is not None and fft_length & (fft_length - 1):
            warnings.warn(
                f"{who}: fft_length={fft_length} is no power of two, which is usual.", stacklevel=2
            )
        self.frame_step, self.fft_length = frame_step, fft_length
        self._step = frame_step or frame_length // 2
        self._frequencies = (fft_length or 2 ** math.ceil(math.log2(frame_length))) // 2 + 1
        self.scaling = one_of(scaling, ("density", "spectrum", None), f"{who}(scaling=...)")
        self.padding = one_of(padding, ("valid", "same"), f"{who}(padding=...)")
        self.window, self.periodic, self.expand_dims = window, periodic, expand_dims
        initializers.STFT("real", window, scaling, periodic)  # which refuses unknown windows
        self.data_format = standardize_data_format(data_format)
        self.input_spec = InputSpec(ndim=3)

    def build(self, input_shape: Any) -> None:
        """Make the waves of which each frame is a sum."""
        shape = (self.frame_length, 1, self._frequencies)
        for side, other in (("real", "imag"), ("imag", "real")):
            if self.mode != other:
                waves = initializers.STFT(side, self.window, self.scaling, self.periodic)
                kernel = self.add_weight(name=f"{side}_kernel", shape=shape, initializer=waves)
                setattr(self, f"{side}_kernel", kernel)

    def call(self, inputs: Any) -> Any:
        """Return the spectra."""
        if not inputs.dtype.is_floating:
            raise TypeError(
                f"STFTSpectrogram {self.name!r} expects floats; got {inputs.dtype}. Cast the sound "
                "first."
            )
        if self.mode in ("real", "imag"):
            return self._arranged(self._spectra(inputs, getattr(self, f"{self.mode}_kernel")))
        real, imaginary = (
            self._spectra(inputs, kernel) for kernel in (self.real_kernel, self.imag_kernel)
        )
        if self.mode == "angle":
            return self._arranged(ops.arctan2(imaginary, real))
        if self.mode == "stft":
            return self._arranged(ops.concatenate([real, imaginary], axis=2))
        power = ops.square(real) + ops.square(imaginary)
        if self.mode == "psd":
            # All frequencies but the first and the last stand for their negative ones, too.
            twins = ops.pad(power[:, :, 1:-1], [(0, 0), (0, 0), (1, 1), (0, 0)])
            return self._arranged(power + twins)
        magnitude = self._arranged(ops.sqrt(ops.maximum(power, epsilon())))
        return magnitude if self.mode == "magnitude" else ops.log(ops.maximum(magnitude, epsilon()))

    def _spectra(self, inputs: Any, kernel: Any) -> Any:
        """Return one part of the spectra: `(batch, channels, frequencies, frames)`."""
        sound = inputs
        if self.data_format == "channels_last":
            sound = ops.transpose(sound, (0, 2, 1))
        channels, samples = sound.shape[1:]
        sound = ops.reshape(sound, (-1, samples, 1))  # each channel is a sound by itself
        spectra = ops.conv(sound, ops.cast(kernel, inputs.dtype), strides=self._step,
                           padding=self.padding, data_format="channels_last")  # fmt: skip
        frames, frequencies = spectra.shape[1:]
        spectra = ops.reshape(spectra, (-1, channels, frames, frequencies))
        return ops.transpose(spectra, (0, 1, 3, 2))

    def _arranged(self, spectra: Any) -> Any:
        """Return `(batch, channels, frequencies, frames)` in the output's order."""
        last = self.data_format == "channels_last"
        if self.expand_dims:
            return ops.transpose(spectra, (0, 3, 2, 1) if last else (0, 1, 3, 2))
        _, channels, frequencies, frames = spectra.shape
        flat = ops.reshape(spectra, (-1, channels * frequencies, frames))
        return ops.transpose(flat, (0, 2, 1)) if last else flat

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        names = ("mode", "frame_length", "frame_step", "fft_length", "window", "periodic",
                 "scaling", "padding", "data_format", "expand_dims")  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}
