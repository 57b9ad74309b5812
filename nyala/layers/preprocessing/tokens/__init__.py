"""Tokens by the column: cut out of texts, counted, hashed and looked up, many at once in NumPy."""

from nyala.layers.preprocessing.tokens._counts import TokenCounts, distinct, steps_of
from nyala.layers.preprocessing.tokens._fingerprints import (
    combined,
    fingerprints64,
    keyed_hashes64,
)
from nyala.layers.preprocessing.tokens._integers import Integers
from nyala.layers.preprocessing.tokens._strings import Strings
from nyala.layers.preprocessing.tokens._tables import IntegerTable, StringTable, table_of
from nyala.layers.preprocessing.tokens._texts import check_encoding, decoded, encoded
from nyala.layers.preprocessing.tokens._tokenizer import Tokenizer

__all__ = [
    "IntegerTable",
    "Integers",
    "StringTable",
    "Strings",
    "TokenCounts",
    "Tokenizer",
    "check_encoding",
    "combined",
    "decoded",
    "distinct",
    "encoded",
    "fingerprints64",
    "keyed_hashes64",
    "steps_of",
    "table_of",
]
