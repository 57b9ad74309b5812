"""Tables from tokens to indices: layers and what they share."""

from nyala.layers.preprocessing.lookup._files import refuse_path
from nyala.layers.preprocessing.lookup._integer_lookup import IntegerLookup
from nyala.layers.preprocessing.lookup._string_lookup import StringLookup

__all__ = ["IntegerLookup", "StringLookup", "refuse_path"]
