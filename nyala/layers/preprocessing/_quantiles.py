"""Quantiles of data that comes in batches, from a summary of fixed size.

Source: Greenwald and Khanna, "Space-Efficient Online Computation of Quantile Summaries", 2001, in
the simpler form that Keras uses: weighted values, merged and interpolated.
"""

from __future__ import annotations

import numpy as np


def empty_summary() -> np.ndarray:
    """Return the summary of no data: a row of values, a row of their weights."""
    return np.zeros((2, 0), "float32")


def extended(summary: np.ndarray, values: np.ndarray, epsilon: float) -> np.ndarray:
    """Return the summary with further values taken into account.

    Args:
        summary: of what came before.
        values: numbers of any shape.
        epsilon: the share of the data by which a quantile may be off.
    """
    ordered = np.sort(values, axis=None).astype("float32")
    step = max(ordered.size * epsilon, 1)
    picked = ordered[int(step - 1) :: int(step)]
    added = np.stack([picked, np.full_like(picked, step)])
    merged = np.concatenate([added, summary], axis=1)
    return _compressed(merged[:, np.argsort(merged[0])], epsilon)


def boundaries(summary: np.ndarray, bins: int) -> list[float]:
    """Return the inner boundaries of bins that hold equally many values each."""
    return _compressed(summary, 1.0 / bins)[0, :-1].tolist()


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """Return a summary of about `1 / epsilon` values, interpolated between those there are."""
    values, weights = summary
    if len(values) * epsilon < 1:
        return summary
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    reached = weights.cumsum()
    fractions = reached / reached[-1]
    at_shares = np.interp(shares, fractions, reached)
    return np.stack([np.interp(shares, fractions, values), np.diff(at_shares, prepend=0.0)]).astype(
        "float32"
    )
