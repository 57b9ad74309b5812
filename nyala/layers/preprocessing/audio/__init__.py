"""Layers that turn sound into spectrograms."""

from nyala.layers.preprocessing.audio._mel_spectrogram import MelSpectrogram
from nyala.layers.preprocessing.audio._stft_spectrogram import STFTSpectrogram

__all__ = ["MelSpectrogram", "STFTSpectrogram"]
