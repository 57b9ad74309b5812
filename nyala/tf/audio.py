"""`tf.audio`: WAV files."""

from __future__ import annotations

import struct
from typing import Any, NamedTuple

import numpy as np

from nyala import ops
from nyala.data.sounds import decode_wav as _decode
from nyala.eager import Tensor
from nyala.tf._absent import refuse_others
from nyala.tf._text import one_text


class DecodeWav(NamedTuple):
    """What `decode_wav` returns."""

    audio: Tensor
    sample_rate: Tensor


def decode_wav(contents: Any, desired_channels: int = -1, desired_samples: int = -1,
               name: str | None = None) -> DecodeWav:  # fmt: skip
    """Return the samples of a WAV file, from -1 to 1, and its sampling rate.

    Args:
        contents: the file's bytes (integers of 8 to 32 bits, or floats).
        desired_channels: channels of the result: those too many are left out, those missing are
            the last one again; -1 for the file's own.
        desired_samples: samples of the result, cut off or filled up with zeros; -1 for the file's
            own.
        name: accepted for TensorFlow's sake.

    Returns:
        `(audio, sample_rate)`: float32 of shape `(samples, channels)`, and an int32.

    Raises:
        ValueError: the bytes are no whole WAV file.

    >>> import nyala.tf as tf
    >>> audio, rate = tf.audio.decode_wav(tf.audio.encode_wav([[0.0], [1.0]], 8000))
    >>> audio.numpy()[:, 0].round(3).tolist(), int(rate)
    ([0.0, 1.0], 8000)
    """
    data = one_text(contents)
    samples, rate = _decode(data.encode("latin-1") if isinstance(data, str) else data)
    if desired_channels > 0:
        samples = samples[:, np.minimum(np.arange(desired_channels), samples.shape[1] - 1)]
    if desired_samples >= 0:
        samples = samples[:desired_samples]
        samples = np.pad(samples, ((0, desired_samples - len(samples)), (0, 0)))
    return DecodeWav(ops.convert_to_tensor(samples), ops.convert_to_tensor(rate, "int32"))


def encode_wav(audio: Any, sample_rate: Any, name: str | None = None) -> Any:
    """Return the bytes of a WAV file of 16-bit integers.

    Args:
        audio: samples from -1 to 1 (what is louder is cut off), of shape `(samples, channels)`.
        sample_rate: samples a second.
        name: accepted for TensorFlow's sake.
    """
    samples = np.asarray(audio, "float32")
    if samples.ndim != 2:
        raise ValueError(
            f"tf.audio.encode_wav expects audio of shape (samples, channels); got {samples.shape}."
        )
    data = np.clip(np.round(samples * 32768), -32768, 32767).astype("<i2").tobytes()
    channels, rate = samples.shape[1], int(np.asarray(sample_rate))
    form = struct.pack("<HHIIHH", 1, channels, rate, 2 * rate * channels, 2 * channels, 16)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data)) + data
    return ops.convert_to_tensor(b"RIFF" + struct.pack("<I", len(body)) + body)


__all__ = ["decode_wav", "encode_wav"]

__getattr__ = refuse_others("tf.audio", __all__)
