"""`MelSpectrogram`: how loud each pitch is in sound, moment by moment."""

from __future__ import annotations

from typing import Any

import numpy as np

from nyala import ops
from nyala.core import enrol
from nyala.layers.base import Layer, positive_integer


@enrol("keras.layers")
class MelSpectrogram(Layer):
    """Turns sound into spectrograms with the pitches' distances of human hearing (mels).

    Args:
        fft_length: to which length a frame is filled with zeros for its Fourier transform.
        sequence_stride: samples from the beginning of a frame to that of the next.
        sequence_length: samples of a frame, at most `fft_length`, which is the default.
        window: `"hann"`, `"hamming"`, `sequence_length` numbers, or `None` for no weighting.
        sampling_rate: samples in a second.
        num_mel_bins: how many pitches are told apart.
        min_freq: the lowest frequency, in hertz.
        max_freq: the highest; half the sampling rate by default.
        power_to_db: whether the result is in decibels.
        top_db: by how many decibels anything may be below the loudest of the inputs.
        mag_exp: to which power magnitudes are taken: 1 for magnitudes, 2 for power.
        min_power: less counts as this, in decibels.
        ref_power: the power of 0 decibels.

    Input shape: `(batch, samples)` or `(samples,)`. Output shape: `(batch, num_mel_bins, frames)`
    or `(num_mel_bins, frames)`.

    >>> import nyala
    >>> layer = nyala.layers.MelSpectrogram(
    ...     fft_length=256, sequence_stride=128, num_mel_bins=16, sampling_rate=8000)
    >>> layer(nyala.ops.ones((2, 1024))).shape
    (2, 16, 9)

    Source: Stevens, Volkmann and Newman, "A Scale for the Measurement of the Psychological
    Magnitude Pitch", 1937; mel = 1127 · ln(1 + f / 700).
    """

    def __init__(self, fft_length: int = 2048, sequence_stride: int = 512,
                 sequence_length: int | None = None, window: Any = "hann",
                 sampling_rate: int = 16000, num_mel_bins: int = 128, min_freq: float = 20.0,
                 max_freq: float | None = None, power_to_db: bool = True, top_db: float = 80.0,
                 mag_exp: float = 2.0, min_power: float = 1e-10, ref_power: float = 1.0,
                 **kwargs: Any):  # fmt: skip
        super().__init__(**kwargs)
        self.fft_length = positive_integer(fft_length, "MelSpectrogram(fft_length=...)")
        self.sequence_stride = positive_integer(
            sequence_stride, "MelSpectrogram(sequence_stride=...)"
        )
        self.sequence_length = sequence_length or fft_length
        if self.sequence_length > fft_length:
            raise ValueError(
                f"MelSpectrogram: a frame of sequence_length={sequence_length} samples does not "
                f"fit into fft_length={fft_length}."
            )
        self.window = window
        self.sampling_rate, self.num_mel_bins = sampling_rate, num_mel_bins
        self.min_freq, self.max_freq = min_freq, max_freq or int(sampling_rate / 2)
        self.power_to_db, self.top_db, self.mag_exp = power_to_db, top_db, mag_exp
        self.min_power, self.ref_power = min_power, ref_power
        # Half precision would lose quiet sounds before the logarithm: it is for the result.
        self.autocast = False
        self.built = True

    def call(self, inputs: Any) -> Any:
        """Return the spectrograms."""
        dtype = "float64" if self.compute_dtype == "float64" else "float32"
        real, imaginary = ops.stft(
            ops.cast(inputs, dtype),
            sequence_length=self.sequence_length,
            sequence_stride=self.sequence_stride,
            fft_length=self.fft_length,
            window=self.window,
        )
        magnitude = ops.sqrt(ops.square(real) + ops.square(imaginary))
        weights = self.linear_to_mel_weight_matrix(
            self.num_mel_bins, magnitude.shape[-1], self.sampling_rate, self.min_freq,
            self.max_freq, dtype,
        )  # fmt: skip
        mels = ops.matmul(ops.power(magnitude, float(self.mag_exp)), weights)
        mels = self._decibels(mels) if self.power_to_db else mels
        return ops.cast(ops.swapaxes(mels, -1, -2), self.compute_dtype)

    def _decibels(self, power: Any) -> Any:
        reference = max(abs(self.ref_power), self.min_power)
        levels = 10.0 * ops.log10(ops.maximum(power, self.min_power))
        levels = levels - 10.0 * float(np.log10(reference))
        return ops.maximum(levels, ops.max(levels) - self.top_db)

    def linear_to_mel_weight_matrix(self, num_mel_bins: int = 20, num_spectrogram_bins: int = 129,
                                    sampling_rate: float = 8000, lower_edge_hertz: float = 125.0,
                                    upper_edge_hertz: float = 3800.0,
                                    dtype: Any = "float32") -> Any:  # fmt: skip
        """Return how much each frequency counts for each mel: overlapping triangles.

        Args:
            num_mel_bins: how many mels there are.
            num_spectrogram_bins: how many frequencies, from 0 to half the sampling rate.
            sampling_rate: samples in a second.
            lower_edge_hertz: where the first triangle begins.
            upper_edge_hertz: where the last one ends.
            dtype: of the result.

        Returns:
            A tensor of shape `(num_spectrogram_bins, num_mel_bins)`.
        """
        frequencies = np.linspace(0.0, sampling_rate / 2, num_spectrogram_bins)
        edges = np.linspace(_mel(lower_edge_hertz), _mel(upper_edge_hertz), num_mel_bins + 2)
        low, middle, high = edges[:-2], edges[1:-1], edges[2:]
        mels = _mel(frequencies)[:, None]
        rising, falling = (mels - low) / (middle - low), (high - mels) / (high - middle)
        weights = np.maximum(0.0, np.minimum(rising, falling))
        weights[0] = 0.0  # a constant is no sound
        return ops.convert_to_tensor(weights, dtype)

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        names = (
            "fft_length", "sequence_stride", "sequence_length", "window", "sampling_rate",
            "num_mel_bins", "min_freq", "max_freq", "power_to_db", "top_db", "mag_exp",
            "min_power", "ref_power",
        )  # fmt: skip
        return {**super().get_config(), **{name: getattr(self, name) for name in names}}


def _mel(hertz: Any) -> Any:
    return 1127.0 * np.log(1.0 + np.asarray(hertz) / 700.0)
