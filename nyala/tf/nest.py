"""`tf.nest`: nested structures (see `nyala.tree`)."""

from nyala.tf._absent import refuse_others
from nyala.tree import (
    assert_same_structure,
    flatten,
    is_nested,
    map_structure,
    pack_sequence_as,
)

__all__ = ["assert_same_structure", "flatten", "is_nested", "map_structure", "pack_sequence_as"]

__getattr__ = refuse_others("tf.nest", __all__)
