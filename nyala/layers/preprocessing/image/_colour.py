"""What layers share that change the colours of pixels and leave them where they are."""

from __future__ import annotations

from typing import Any

from nyala.layers.preprocessing.image._arguments import value_range_of
from nyala.layers.preprocessing.image._base import RandomImageLayer


class ColourLayer(RandomImageLayer):
    """A layer that changes colours by chance; labels, boxes and masks stay as they are.

    Subclasses implement `_draw` and `_change`.
    """

    def __init__(self, value_range: Any = (0, 255), **kwargs: Any):
        super().__init__(**kwargs)
        self.value_range = value_range_of(value_range, type(self).__name__)

    @property
    def _limits(self) -> tuple[float, float]:
        """The smallest and the largest value as floats, whatever they were given as."""
        return float(self.value_range[0]), float(self.value_range[1])

    def get_config(self) -> dict[str, Any]:
        """Return the arguments with which an equal layer can be made."""
        return {**super().get_config(), "value_range": self.value_range}
