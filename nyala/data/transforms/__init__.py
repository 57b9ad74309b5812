"""What a pipeline does to elements. One transform a file."""

from nyala.data.transforms._batch import Batch
from nyala.data.transforms._shuffle import Shuffle

__all__ = ["Batch", "Shuffle"]
