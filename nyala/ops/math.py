"""`nyala.ops.math`: signals, segments and special functions."""

from nyala.ops._exponential import rsqrt
from nyala.ops._fourier import fft, fft2, ifft2, irfft, rfft
from nyala.ops._linear_algebra import cdist, logdet
from nyala.ops._reductions import logsumexp
from nyala.ops._segments import segment_max, segment_min, segment_prod, segment_sum
from nyala.ops._signal import extract_sequences, istft, stft
from nyala.ops._sorting import in_top_k, top_k
from nyala.ops._special import erf, erfc, erfinv

__all__ = [
    "cdist",
    "erf",
    "erfc",
    "erfinv",
    "extract_sequences",
    "fft",
    "fft2",
    "ifft2",
    "in_top_k",
    "irfft",
    "istft",
    "logdet",
    "logsumexp",
    "rfft",
    "rsqrt",
    "segment_max",
    "segment_min",
    "segment_prod",
    "segment_sum",
    "stft",
    "top_k",
]
