"""Sounds: WAV files as arrays, at another rate where one is wanted."""

from nyala.data.sounds._resample import resampled
from nyala.data.sounds._wav import decode_wav

__all__ = ["decode_wav", "resampled"]
