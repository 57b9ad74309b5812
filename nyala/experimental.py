"""Keras 2's `keras.experimental`: schedules that have their place in `nyala.optimizers` since."""

from nyala.optimizers.schedules import CosineDecay, CosineDecayRestarts

__all__ = ["CosineDecay", "CosineDecayRestarts"]
