"""Where the elements of a pipeline come from. One source a file."""

from nyala.data.sources._slices import Slices

__all__ = ["Slices"]
