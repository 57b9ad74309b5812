"""JSON of files, read within limits."""

from __future__ import annotations

import json
from typing import Any

from nyala.saving._limits import ModelFileError, limits


def read_json(text: bytes | str, what: str) -> Any:
    """Return what a JSON text holds.

    Args:
        text: the text, UTF-8 where it is bytes.
        what: names the text in errors, such as `"config.json of m.keras"`.

    Raises:
        ModelFileError: it is no JSON, or too long or too deep.
    """
    limits.check("json_bytes", len(text), f"The length of {what}")
    try:
        value = json.loads(text)
    except RecursionError:
        raise ModelFileError(
            f"{what} lies too deep in itself to be read (limit: {limits.json_depth} levels)."
        ) from None
    except ValueError as error:
        raise ModelFileError(f"{what} is not JSON: {error}.") from error
    limits.check("json_depth", _depth(value), f"The depth of {what}")
    return value


def _depth(value: Any) -> int:
    """Return how deep containers lie in each other, without recursion."""
    depth, level = 0, [value]
    while level:
        depth += 1
        nested = []
        for item in level:
            if isinstance(item, dict):
                nested += [v for v in item.values() if isinstance(v, (dict, list))]
            elif isinstance(item, list):
                nested += [v for v in item if isinstance(v, (dict, list))]
        level = nested
    return depth
