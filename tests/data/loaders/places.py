"""Every place of an iterator saved, restored in a dataset built anew, and the rest compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np


def assert_every_place_can_be_saved(build: Callable[[], Any], runs: int = 2) -> list:
    """Return the elements of the last run."""
    dataset = build()
    for _ in range(runs):
        iterator = dataset.as_numpy_iterator()
        states, elements = [json.dumps(iterator.get_state())], []
        for element in iterator:
            elements.append(_plain(element))
            states.append(json.dumps(iterator.get_state()))
        for place, state in enumerate(states):
            again = build().as_numpy_iterator()
            again.set_state(json.loads(state))
            assert [_plain(e) for e in again] == elements[place:], f"from element {place}"
    return elements


def _plain(element: Any) -> Any:
    if isinstance(element, tuple):
        return [_plain(item) for item in element]
    return np.asarray(element, object if isinstance(element, bytes) else None).tolist()
