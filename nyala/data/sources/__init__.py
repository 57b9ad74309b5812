"""Where the elements of a pipeline come from. One source a file."""

from nyala.data.sources._blocks import Blocks, stacked_strings
from nyala.data.sources._choice import Choice, Draws
from nyala.data.sources._elements import Elements
from nyala.data.sources._generator import Generator
from nyala.data.sources._random import Random
from nyala.data.sources._range import Range
from nyala.data.sources._saved import Saved, save_elements
from nyala.data.sources._slices import Slices
from nyala.data.sources._text_lines import TextLines

__all__ = [
    "Blocks",
    "Choice",
    "Draws",
    "Elements",
    "Generator",
    "Random",
    "Range",
    "Saved",
    "Slices",
    "TextLines",
    "save_elements",
    "stacked_strings",
]
