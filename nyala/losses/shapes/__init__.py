"""How labels, predictions, weights and masks are brought to one shape (for losses and metrics)."""

from nyala.losses.shapes._pairs import (
    floating,
    misfit,
    paired,
    paired_classes,
    paired_exactly,
    same_rank,
)
from nyala.losses.shapes._weights import fit_weights, mask_weights

__all__ = [
    "fit_weights",
    "floating",
    "mask_weights",
    "misfit",
    "paired",
    "paired_classes",
    "paired_exactly",
    "same_rank",
]
