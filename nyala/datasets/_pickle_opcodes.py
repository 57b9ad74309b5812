"""What a pickle is made of, checked before it is read.

The reader of pickles sets memory aside for whatever length or number stands in a file. So the file
is walked first: only the steps that plain data is written with, each within the file.
"""

from __future__ import annotations

import re

# One step after the other, all of fixed size: None, False, True, marks, numbers, tuples, lists,
# dicts, calls (of what names stand for), and notes of what will be needed again, of which no more
# than four million: their number is set aside as memory. The repetition gives nothing back (*+),
# else millions of steps would be remembered.
_FIXED = re.compile(
    rb"(?:K.|M..|J....|G.{8}|[NRbt(\]}\x89\x88)aesu\x85\x86\x87\x93\x94]"
    rb"|[qh].|[rj]..[\0-\x3f]\0)*+",
    re.DOTALL,
)
# Steps that begin with a length: how many bytes it has.
_LENGTHS = {b"U": 1, b"T": 4, b"X": 4, b"C": 1, b"B": 4, b"\x8c": 1, b"\x8a": 1}
_FRAME, _PROTOCOL, _NAME, _END, _LONG = b"\x95", b"\x80", b"c", b".", b"\x8a"
_LONGEST_NUMBER = 8


def first_unknown_step(data: bytes) -> str | None:
    r"""Return what is wrong with a pickle, `None` where it is made of plain data's steps.

    >>> import pickle
    >>> from nyala.datasets._pickle_opcodes import first_unknown_step
    >>> first_unknown_step(pickle.dumps({"a": [1, 2.5, None]}))
    >>> first_unknown_step(pickle.dumps(bytearray(9), 5))
    "the step b'\\x96' at 11 is none of plain data"

    Source: the module `pickletools` of Python describes all steps.
    """
    place = 0
    while True:
        place = _FIXED.match(data, place).end()  # type: ignore[union-attr]
        step = data[place : place + 1]
        if step == _END:
            return None
        if step == _PROTOCOL:
            place += 2
        elif step == _FRAME:
            place += 9
        elif step == _NAME:
            place = _end_of_names(data, place + 1)
        elif step in _LENGTHS:
            begin = place + 1 + _LENGTHS[step]
            length = int.from_bytes(data[place + 1 : begin], "little")
            if step == _LONG and length > _LONGEST_NUMBER:
                return f"a number at {place} has {length} bytes"
            place = begin + length
        else:
            return f"the step {step!r} at {place} is none of plain data"
        if place > len(data):
            return "it is cut off"


def _end_of_names(data: bytes, place: int) -> int:
    """Return where two lines end."""
    for _ in range(2):
        place = data.find(b"\n", place) + 1 or len(data) + 1
    return place
