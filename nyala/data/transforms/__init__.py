"""What a pipeline does to elements. One transform a file."""

from nyala.data.transforms._assert_length import AssertLength
from nyala.data.transforms._batch import Batch
from nyala.data.transforms._bucket import Bucket
from nyala.data.transforms._cache import Cache
from nyala.data.transforms._concatenate import Concatenate
from nyala.data.transforms._enumerate import Enumerate
from nyala.data.transforms._filter import Filter
from nyala.data.transforms._flat_map import FlatMap
from nyala.data.transforms._group_by_window import GroupByWindow
from nyala.data.transforms._ignore_errors import IgnoreErrors
from nyala.data.transforms._interleave import Interleave
from nyala.data.transforms._map import Map
from nyala.data.transforms._padded_batch import PaddedBatch, Padding
from nyala.data.transforms._prefetch import Prefetch
from nyala.data.transforms._rebatch import Rebatch
from nyala.data.transforms._rejection_resample import RejectionResample
from nyala.data.transforms._repeat import Repeat
from nyala.data.transforms._scan import Scan
from nyala.data.transforms._shard import Shard
from nyala.data.transforms._shuffle import Shuffle
from nyala.data.transforms._skip import Skip
from nyala.data.transforms._take import Take
from nyala.data.transforms._take_while import TakeWhile
from nyala.data.transforms._unbatch import Unbatch
from nyala.data.transforms._unique import Unique
from nyala.data.transforms._window import Window
from nyala.data.transforms._zip import Zip

__all__ = [
    "AssertLength",
    "Batch",
    "Bucket",
    "Cache",
    "Concatenate",
    "Enumerate",
    "Filter",
    "FlatMap",
    "GroupByWindow",
    "IgnoreErrors",
    "Interleave",
    "Map",
    "PaddedBatch",
    "Padding",
    "Prefetch",
    "Rebatch",
    "RejectionResample",
    "Repeat",
    "Scan",
    "Shard",
    "Shuffle",
    "Skip",
    "Take",
    "TakeWhile",
    "Unbatch",
    "Unique",
    "Window",
    "Zip",
]
